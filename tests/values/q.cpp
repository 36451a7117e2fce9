// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/q.hpp>

#include <cmath>
#include <gtest/gtest.h>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace {

using work::errc;

TEST(q, writes_an_object_in_order)
{
    work::q const named{{"user_id", 7}, {"email", "a@b.c"}};
    EXPECT_EQ(named.json(), R"({"user_id":7,"email":"a@b.c"})");
    EXPECT_EQ((work::q{{"a", 1}}.json()), R"({"a":1})");
    EXPECT_EQ((work::q{{"a", "b"}, {"c", "d"}}.json()), R"({"a":"b","c":"d"})");
    EXPECT_EQ((work::q{{"a", "b"}}.json()), R"({"a":"b"})");
    EXPECT_EQ(work::q{}.json(), "{}");
    EXPECT_TRUE(work::q{}.empty());
}

TEST(q, takes_values_of_any_kind)
{
    std::string const text = "t";
    work::q const named{
        {"none", nullptr},
        {"maybe", std::optional<int>()},
        {"list", std::vector{1}},
        {"mail", shapes::send_email{1, "a"}},
        {"q", work::q{{"x", true}}},
        {"raw", boost::json::value(boost::json::array())},
        {"text", text},
        {"d", 0.5},
        {std::string("view"), std::string_view("v")},
    };
    EXPECT_EQ(
        named.json(),
        R"({"none":null,"maybe":null,"list":[1],)"
        R"("mail":{"user_id":1,"address":"a"},"q":{"x":true},"raw":[],)"
        R"("text":"t","d":0.5,"view":"v"})"
    );
}

TEST(q, grows)
{
    work::q named{{"a", 1}};
    named.add("b", 2).add("c\"", "x");
    EXPECT_EQ(named.json(), R"({"a":1,"b":2,"c\"":"x"})");
    work::q const copy = named;
    EXPECT_EQ(copy.json(), named.json());
    EXPECT_EQ(work::to_json(named), named.json());
    EXPECT_EQ(work::encode_positional(named), "[" + named.json() + "]");
}

TEST(q, refuses_a_name_twice)
{
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { work::q{{"a", 1}, {"b", 2}, {"a", 3}}; }),
        "the argument \"a\" is given twice"
    );
    EXPECT_NO_THROW((work::q{{"a\n", 1}, {"a", 2}, {"\na", 3}, {"a\"b", 4}, {"b", 5}}));
}

TEST(q, refuses_what_json_cannot_say)
{
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { work::q{{"a", std::vector{HUGE_VAL}}}; }),
        "argument a[0]: expected a finite number, found infinity"
    );
    EXPECT_NE(
        error_text(errc::invalid_arguments, [] { work::q{{"\xFF", 1}}; })
            .find("expected text in UTF-8"),
        std::string::npos
    );
}

}  // namespace
