// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/q.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>

#include <array>
#include <gtest/gtest.h>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace {

using shapes::send_email;
using work::errc;

constexpr std::array<std::string_view, 2> names{"user_id", "email"};

template <typename... P>
std::tuple<P...> read(std::string_view text, std::span<std::string_view const> with = {})
{
    work::args_parser parser;
    return work::decode_arguments<P...>(parser.parse(text), with, "job");
}

template <typename... P>
std::string fault(std::string_view text, std::span<std::string_view const> with = {})
{
    return error_text(errc::invalid_arguments, [&] { (void)read<P...>(text, with); });
}

send_email job(std::string_view text)
{
    work::args_parser parser;
    return work::decode_job<send_email>(parser.parse(text));
}

std::string job_fault(std::string_view text)
{
    return error_text(errc::invalid_arguments, [&] { (void)job(text); });
}

TEST(arguments, struct_by_name_and_by_position)
{
    send_email const ada{42, "ada"};
    EXPECT_EQ(job(R"({"user_id":42,"address":"ada"})"), ada);
    EXPECT_EQ(job(R"([42,"ada"])"), ada);
    EXPECT_EQ(job(work::encode_positional(42, "ada")), ada);
    EXPECT_EQ(job(work::to_json(ada)), ada);
    EXPECT_EQ(job(work::q{{"address", "ada"}, {"user_id", 42}}.json()), ada);
}

TEST(arguments, struct_as_the_only_positional_argument)
{
    EXPECT_EQ(job(work::encode_positional(send_email{42, "ada"})), (send_email{42, "ada"}));
    // The first member of an order is an object itself, so this is its first member.
    auto const [order] = read<shapes::order>(R"([{"lines":[{"zip":5}]},2.5])");
    EXPECT_EQ(order.address.lines.at(0).zip, 5);
    EXPECT_EQ(order.total, 2.5);
}

TEST(arguments, struct_errors_name_job_and_member)
{
    EXPECT_EQ(
        job_fault(R"({"user_id":"x"})"),
        "send_email: argument user_id: expected an integer, found string \"x\""
    );
    EXPECT_EQ(
        job_fault(R"(["x","ada"])"),
        "send_email: argument user_id: expected an integer, found string \"x\""
    );
    EXPECT_EQ(job_fault("[1]"), "send_email: arguments: expected 2, found 1");
    EXPECT_EQ(job_fault("[1,\"a\",3]"), "send_email: arguments: expected 2, found 3");
    EXPECT_EQ(
        job_fault("7"),
        "send_email: arguments: expected an object or an array, found integer 7"
    );
    EXPECT_EQ(job_fault("[{}]"), "nothing was thrown");
}

TEST(arguments, struct_of_a_nested_value_has_its_path)
{
    EXPECT_EQ(
        fault<shapes::order>(R"({"address":{"lines":[{"zip":1000}]}})"),
        "job: argument address.lines[0].zip: expected an integer -128..127, found integer "
        "1000"
    );
}

TEST(arguments, pack_by_position)
{
    EXPECT_EQ(
        (read<std::int64_t, std::string>(R"([7,"cat.png"])")),
        (std::tuple(std::int64_t{7}, std::string("cat.png")))
    );
    EXPECT_EQ(
        (read<shapes::line, int>(R"([{"zip":1},2])")),
        (std::tuple(shapes::line{1, "unknown"}, 2))
    );
    EXPECT_EQ(read<>("[]"), std::tuple());
    EXPECT_EQ(read<>(""), std::tuple());
    EXPECT_EQ(read<>("null"), std::tuple());
    EXPECT_EQ(read<>("{}"), std::tuple());
    EXPECT_EQ(read<int>("[7]"), std::tuple(7));
    EXPECT_EQ((read<std::vector<int>>("[[7,8]]")), (std::tuple(std::vector{7, 8})));
}

TEST(arguments, pack_trailing_optionals_may_be_absent)
{
    using optional = std::optional<int>;
    EXPECT_EQ((read<int, optional, optional>("[1]")), (std::tuple(1, optional(), optional())));
    EXPECT_EQ((read<int, optional, optional>("[1,2]")), (std::tuple(1, optional(2), optional())));
    EXPECT_EQ((fault<int, optional, int>("[1,null]")), "job: arguments: expected 3, found 2");
    EXPECT_EQ((fault<int, optional>("[]")), "job: arguments: expected 1 to 2, found 0");
    EXPECT_EQ((fault<int, optional>("[1,2,3]")), "job: arguments: expected 1 to 2, found 3");
}

TEST(arguments, pack_errors_name_the_position)
{
    EXPECT_EQ(
        (fault<int, std::string>(R"(["x","y"])")),
        "job: argument 1: expected an integer -2147483648..2147483647, found string \"x\""
    );
    EXPECT_EQ(
        (fault<int, std::vector<shapes::line>>(R"([1,[{},{"zip":"x"}]])")),
        "job: argument 2[1].zip: expected an integer -128..127, found string \"x\""
    );
    EXPECT_EQ(
        (fault<int, int>("7")),
        "job: arguments: expected an array or an object, found integer 7"
    );
    EXPECT_EQ(
        (fault<int, int>("{}")),
        "job: arguments: expected 2 by position (an array), found an object; give the "
        "handler its parameters' names"
    );
}

TEST(arguments, pack_by_name)
{
    using pair = std::tuple<std::int64_t, std::string>;
    EXPECT_EQ(
        (read<std::int64_t, std::string>(R"({"email":"a@b.c","x":0,"user_id":7})", names)),
        (pair(7, "a@b.c"))
    );
    EXPECT_EQ((read<std::int64_t, std::string>(R"([7,"a@b.c"])", names)), (pair(7, "a@b.c")));
    EXPECT_EQ(
        (fault<std::int64_t, std::string>(R"({"user_id":7})", names)),
        "job: argument email: expected a string, found nothing of that name"
    );
    EXPECT_EQ(
        (fault<std::int64_t, std::string>(R"({"user_id":7,"email":null})", names)),
        "job: argument email: expected a string, found null"
    );
    EXPECT_EQ(
        (fault<std::int64_t, std::string>(R"(["x",1])", names)),
        "job: argument user_id: expected an integer, found string \"x\""
    );
    auto const [id, absent] = read<std::int64_t, std::optional<int>>(R"({"user_id":7})", names);
    EXPECT_EQ(id, 7);
    EXPECT_FALSE(absent.has_value());
    EXPECT_EQ((fault<int>("{}", names)), "job: arguments: expected 1 parameter names, found 2");
}

TEST(arguments, one_parameter_that_is_made_of_an_object_takes_the_whole)
{
    auto const [map] = read<std::map<std::string, int>>(R"({"a":1})");
    EXPECT_EQ(map.at("a"), 1);
    auto const [raw] = read<boost::json::value>(R"({"a":1})");
    EXPECT_EQ(work::to_json(raw), R"({"a":1})");
    auto const [first] = read<boost::json::value>("[7]");
    EXPECT_EQ(first.as_int64(), 7);
    constexpr std::array<std::string_view, 1> one{"mail"};
    auto const [mail] = read<send_email>(R"({"mail":{"user_id":1}})", one);
    EXPECT_EQ(mail.user_id, 1);
}

}  // namespace
