// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>
#include <work/values/nearest.hpp>

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "values/error_text.hpp"

namespace {

struct line
{
    std::string street;
    int zip = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (street, zip))

struct charge
{
    int amount = 0;
    std::string note;
    std::vector<line> lines;
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount, note, lines))

struct strict_charge
{
    int amount = 0;
    std::optional<std::string> note;

    static constexpr bool strict_members = true;
};
BOOST_DESCRIBE_STRUCT(strict_charge, (), (amount, note))

struct sure_charge
{
    int amount = 0;
    std::optional<std::string> note;

    static constexpr std::array<std::string_view, 2> required_members{"amount", "note"};
};
BOOST_DESCRIBE_STRUCT(sure_charge, (), (amount, note))

struct nothing
{};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct collector final : work::detail::ignored_members
{
    void ignored(work::detail::json_path const& member, std::string_view nearest) override
    {
        text += work::detail::describe_path(member) + "=" + std::string(nearest) + ";";
    }
    std::string text;
};

// What was ignored, or why it was refused.
template <typename... T>
std::string read(std::string_view json, std::vector<std::string_view> const& names = {})
{
    work::args_parser parser;
    collector ignored;
    try {
        (void)work::decode_arguments<T...>(parser.parse(json), names, "charge", &ignored);
    } catch (work::error const& e) {
        return e.what();
    }
    return ignored.text;
}

TEST(member_rules, an_unknown_member_is_told_with_its_path_and_the_nearest_name)
{
    EXPECT_EQ(read<charge>(R"({"amount":5,"note":"a"})"), "");
    EXPECT_EQ(read<charge>(R"({"amount":5,"nota":"a"})"), "charge: argument nota=note;");
    EXPECT_EQ(read<charge>(R"({"amount":5,"zz":1})"), "charge: argument zz=;");
    EXPECT_EQ(
        read<charge>(R"({"zz":1,"amount":5,"lines":[{"zip":1},{"zop":1,"zip":2}]})"),
        "charge: argument lines[1].zop=zip;charge: argument zz=;"
    );
}

TEST(member_rules, an_object_none_of_whose_members_is_known_is_refused)
{
    EXPECT_EQ(
        read<charge>(R"({"amonut":5})"),
        "charge: arguments: expected at least one of amount, note, lines, found only "
        "\"amonut\" (did you mean amount?)"
    );
    EXPECT_EQ(
        read<charge>(R"({"amount":5,"lines":[{"x":1,"y":2}]})"),
        "charge: argument lines[0]: expected at least one of street, zip, found only \"x\" "
        "and the like"
    );
    EXPECT_EQ(read<charge>("{}"), "");
    EXPECT_EQ(read<nothing>(R"({"x":1})"), "charge: argument x=;");
}

TEST(member_rules, a_strict_struct_takes_all_its_members_and_no_others)
{
    EXPECT_EQ(read<strict_charge>(R"({"amount":5})"), "");
    EXPECT_EQ(read<strict_charge>(R"({"amount":5,"note":null})"), "");
    EXPECT_EQ(
        read<strict_charge>(R"({"amount":5,"nota":"x"})"),
        "charge: argument nota: expected no such member (did you mean note?), found string "
        "\"x\""
    );
    EXPECT_EQ(
        read<strict_charge>(R"({"amonut":5})"),
        "charge: argument amount: expected this member, found nothing of that name, but "
        "\"amonut\""
    );
    EXPECT_EQ(
        read<strict_charge>("{}"),
        "charge: argument amount: expected this member, found nothing of that name"
    );
    EXPECT_EQ(read<strict_charge>("[]"), "charge: arguments: expected 1 to 2, found 0");
}

TEST(member_rules, required_members_must_be_there_even_optionals)
{
    EXPECT_EQ(read<sure_charge>(R"({"amount":5,"note":null,"more":1})"), "charge: argument more=;");
    EXPECT_EQ(
        read<sure_charge>(R"({"amount":5})"),
        "charge: argument note: expected this member, found nothing of that name"
    );
}

TEST(member_rules, names_of_a_handler_are_checked_likewise)
{
    std::vector<std::string_view> const names{"id", "file"};
    using optional = std::optional<int>;
    EXPECT_EQ(
        (read<int, std::string>(R"({"id":1,"file":"a","fill":2})", names)),
        "charge: argument fill=file;"
    );
    EXPECT_EQ(
        (read<optional, optional>(R"({"di":1})", names)),
        "charge: arguments: expected at least one of id, file, found only \"di\""
    );
    EXPECT_EQ((read<optional, optional>("{}", names)), "");
}

TEST(nearest_name, is_near_by_fewer_than_half_of_the_letters)
{
    std::vector<std::string_view> const names{"amount", "address", "id"};
    using work::detail::nearest_name;
    EXPECT_EQ(nearest_name("amonut", names), "amount");
    EXPECT_EQ(nearest_name("Amount", names), "amount");
    EXPECT_EQ(nearest_name("adress", names), "address");
    EXPECT_EQ(nearest_name("user_id", names), "");
    EXPECT_EQ(nearest_name("", names), "");
    EXPECT_EQ(nearest_name(std::string(1 << 20, 'a'), names), "");
}

}  // namespace
