// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/encode.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace {

using work::errc;
using work::to_json;
using namespace std::chrono_literals;

template <typename T>
std::string fault(T const& value)
{
    return error_text(errc::invalid_arguments, [&] { (void)to_json(value); });
}

TEST(encode, scalars)
{
    EXPECT_EQ(to_json(true), "true");
    EXPECT_EQ(to_json(std::int8_t{-128}), "-128");
    EXPECT_EQ(to_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(to_json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(to_json(0.1), "0.1");
    EXPECT_EQ(to_json(0.1f), "0.1");
    EXPECT_EQ(to_json(3.0), "3.0");
    EXPECT_EQ(to_json(-0.0), "-0.0");
    EXPECT_EQ(to_json(nullptr), "null");
    EXPECT_EQ(to_json("text"), "\"text\"");
    EXPECT_EQ(to_json(static_cast<char const*>(nullptr)), "null");
    EXPECT_EQ(to_json(std::string_view("a\0b", 3)), "\"a\\u0000b\"");
    EXPECT_EQ(to_json(shapes::colour::green), "\"green\"");
    EXPECT_EQ(to_json(shapes::plain::one), "1");
}

TEST(encode, standard_types)
{
    EXPECT_EQ(to_json(std::optional<int>()), "null");
    EXPECT_EQ(to_json(std::optional<int>(7)), "7");
    EXPECT_EQ(to_json(std::vector<int>()), "[]");
    EXPECT_EQ(to_json(std::vector<bool>{true, false}), "[true,false]");
    EXPECT_EQ(to_json(std::map<std::string, int>()), "{}");
    EXPECT_EQ(to_json(std::map<std::string, int>{{"a\"", 1}, {"b", 2}}), R"({"a\"":1,"b":2})");
    EXPECT_EQ(to_json(std::array<int, 2>{1, 2}), "[1,2]");
    EXPECT_EQ(to_json(std::pair(1, "x")), R"([1,"x"])");
    EXPECT_EQ(to_json(std::tuple<>()), "[]");
    EXPECT_EQ(to_json(std::variant<int, std::string>("x")), "\"x\"");
    EXPECT_EQ(to_json(std::set<int>{2, 1}), "[1,2]");
    EXPECT_EQ(to_json(5min), "300000");
    EXPECT_EQ(to_json(2000us), "2");
    EXPECT_EQ(to_json(std::chrono::duration<double>(0.0005)), "0.5");
    EXPECT_EQ(to_json(std::chrono::sys_time<std::chrono::seconds>(7s)), "7000");
    EXPECT_EQ(to_json(std::chrono::system_clock::time_point(2000us)), "2");
    EXPECT_EQ(
        to_json(std::chrono::system_clock::time_point(-1us)),
        R"("1969-12-31T23:59:59.999999000Z")"
    );
}

TEST(encode, described_structs)
{
    EXPECT_EQ(
        to_json(shapes::send_email{42, "ada@example.com"}),
        R"({"user_id":42,"address":"ada@example.com"})"
    );
    EXPECT_EQ(to_json(shapes::derived()), R"({"in_base":1,"in_derived":2})");
    EXPECT_EQ(to_json(shapes::empty()), "{}");
    shapes::order order;
    order.address.lines = {{1, "a"}};
    order.address.by_name["x"] = {2, "b"};
    EXPECT_EQ(
        to_json(order),
        R"({"address":{"lines":[{"zip":1,"street":"a"}],)"
        R"("by_name":{"x":{"zip":2,"street":"b"}}},"total":1.5})"
    );
}

TEST(encode, raw_json_as_it_is)
{
    boost::json::value const raw = {
        {"a", {1, -1, 0.5, nullptr, true, "x\n"}},
        {"u", std::numeric_limits<std::uint64_t>::max()},
        {"d", 5.0},
        {"e", boost::json::object()},
    };
    EXPECT_EQ(
        to_json(raw),
        R"({"a":[1,-1,0.5,null,true,"x\n"],"u":18446744073709551615,"d":5.0,"e":{}})"
    );
    EXPECT_EQ(to_json(raw.at("a").as_array()), R"([1,-1,0.5,null,true,"x\n"])");
    EXPECT_EQ(to_json(raw.at("e").as_object()), "{}");
}

TEST(encode, positional)
{
    EXPECT_EQ(work::encode_positional(), "[]");
    EXPECT_EQ(
        work::encode_positional(7, "cat.png", std::optional<int>(), shapes::empty()),
        R"([7,"cat.png",null,{}])"
    );
    std::string out = "x";
    work::append_positional(out, 1);
    EXPECT_EQ(out, "x[1]");
}

TEST(encode, not_a_number_names_the_path)
{
    EXPECT_EQ(fault(std::nan("")), "arguments: expected a finite number, found NaN");
    shapes::order order;
    order.total = HUGE_VAL;
    EXPECT_EQ(fault(order), "order: argument total: expected a finite number, found infinity");
    EXPECT_EQ(
        fault(std::map<std::string, std::vector<float>>{{"a b", {1, -HUGE_VALF}}}),
        "argument [\"a b\"][1]: expected a finite number, found -infinity"
    );
    EXPECT_EQ(
        error_text(
            errc::invalid_arguments,
            [] { (void)work::encode_positional(1, std::vector{HUGE_VAL}); }
        ),
        "argument 2[0]: expected a finite number, found infinity"
    );
}

TEST(encode, invalid_text_names_the_path)
{
    EXPECT_EQ(
        fault(shapes::send_email{1, "a\xFF"}),
        "send_email: argument address: expected text in UTF-8, found \"a\\xff\", invalid at "
        "byte 1"
    );
    EXPECT_NE(
        fault(std::map<std::string, int>{{"\xC3", 1}}).find("expected text in UTF-8"),
        std::string::npos
    );
}

TEST(encode, other_faults_name_the_path)
{
    EXPECT_EQ(
        fault(static_cast<shapes::colour>(7)),
        "arguments: expected a named enumerator, found 7"
    );
    EXPECT_EQ(
        fault(std::vector{1500us}),
        "argument [0]: expected a whole number of milliseconds, found a finer duration"
    );
}

boost::json::value nest(boost::json::value inner)
{
    boost::json::array outer;
    outer.push_back(std::move(inner));
    return outer;
}

TEST(encode, nesting_up_to_512_levels)
{
    boost::json::value deep = boost::json::array();
    for (std::size_t i = 1; i < work::max_args_depth; ++i)
        deep = nest(std::move(deep));
    EXPECT_EQ(to_json(deep).size(), 2 * work::max_args_depth);
    deep = nest(std::move(deep));
    auto const text = fault(deep);
    EXPECT_NE(text.find("expected nesting of at most 512 levels, found more"), std::string::npos);
    EXPECT_LT(text.size(), 200u);

    shapes::tree tree;
    for (std::size_t i = 0; i < 300; ++i) {
        shapes::tree parent;
        parent.children.push_back(std::move(tree));
        tree = std::move(parent);
    }
    EXPECT_NE(fault(tree).find("nesting"), std::string::npos);
}

}  // namespace
