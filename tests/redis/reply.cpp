// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/resp.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <string_view>
#include <utility>

namespace {

using work::redis::kind;
using work::redis::reply;

reply parse(std::string_view bytes)
{
    work::redis::parser parser;
    bytes.copy(parser.prepare(bytes.size()).data(), bytes.size());
    parser.commit(bytes.size());
    reply result;
    EXPECT_TRUE(parser.next(result)) << bytes;
    return result;
}

template <typename Call>
work::errc code_of(Call call)
{
    try {
        call();
    } catch (work::error const& failure) {
        return static_cast<work::errc>(failure.code().value());
    }
    return {};
}

TEST(redis_reply, default_is_null)
{
    reply const none;
    EXPECT_TRUE(none.is_null());
    EXPECT_EQ(none.size(), 0u);
    EXPECT_TRUE(none.begin() == none.end());
}

TEST(redis_reply, text_stays_valid_when_moved)
{
    reply first = parse("*2\r\n$1\r\na\r\n$3\r\nbcd\r\n");
    auto const text = first[1].text();
    reply second = std::move(first);
    reply third;
    third = std::move(second);
    EXPECT_EQ(text, "bcd");
    EXPECT_EQ(third[1].text().data(), text.data());
    EXPECT_TRUE(first.is_null() || first.size() == 0);  // NOLINT: it may be looked at
}

TEST(redis_reply, integer_is_read_from_all_that_hold_one)
{
    EXPECT_EQ(parse(":7\r\n").integer(), 7);
    EXPECT_EQ(parse("#t\r\n").integer(), 1);
    EXPECT_EQ(parse("$2\r\n-7\r\n").integer(), -7);
    EXPECT_EQ(parse("+12\r\n").integer(), 12);
    for (auto const* bytes :
         {"$1\r\nx\r\n", "$0\r\n\r\n", "$2\r\n1x\r\n", "_\r\n", "*0\r\n", "-12\r\n"})
        EXPECT_EQ(code_of([&] { parse(bytes).integer(); }), work::errc::protocol) << bytes;
}

TEST(redis_reply, number_is_read_from_all_that_hold_one)
{
    EXPECT_EQ(parse(",1.5\r\n").number(), 1.5);
    EXPECT_EQ(parse(",+1.5\r\n").number(), 1.5);
    EXPECT_EQ(parse(":3\r\n").number(), 3.0);
    EXPECT_EQ(parse("$4\r\n2.25\r\n").number(), 2.25);
    EXPECT_TRUE(std::isinf(parse(",-inf\r\n").number()));
    EXPECT_EQ(code_of([] { parse("+x\r\n").number(); }), work::errc::protocol);
    EXPECT_EQ(code_of([] { parse("_\r\n").number(); }), work::errc::protocol);
}

TEST(redis_reply, text_of_what_has_none_is_refused)
{
    for (auto const* bytes : {":1\r\n", "_\r\n", "#t\r\n", "*0\r\n", "%0\r\n"})
        EXPECT_EQ(code_of([&] { (void)parse(bytes).text(); }), work::errc::protocol) << bytes;
}

TEST(redis_reply, element_that_is_not_there_is_refused)
{
    EXPECT_EQ(code_of([] { parse("*1\r\n:1\r\n")[1]; }), work::errc::protocol);
    EXPECT_EQ(code_of([] { parse(":1\r\n")[0]; }), work::errc::protocol);
    EXPECT_EQ(code_of([] { parse("_\r\n")[0]; }), work::errc::protocol);
}

TEST(redis_reply, elements_behind_nested_ones_are_found)
{
    reply const read = parse("*3\r\n*2\r\n:1\r\n*1\r\n:2\r\n:3\r\n*0\r\n");
    EXPECT_EQ(read[0][1][0].integer(), 2);
    EXPECT_EQ(read[1].integer(), 3);
    EXPECT_TRUE(read[2].empty());
    EXPECT_EQ(std::distance(read.begin(), read.end()), 3);
}

TEST(redis_reply, find_reads_maps_of_both_protocols)
{
    for (auto const* bytes :
         {"%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n",
          "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n"}) {
        reply const read = parse(bytes);
        ASSERT_TRUE(read.find("b"));
        EXPECT_EQ((*read.find("b"))[0].integer(), 2);
        EXPECT_FALSE(read.find("c"));
    }
    EXPECT_FALSE(parse(":1\r\n").find("a"));
    EXPECT_FALSE(parse("*1\r\n$1\r\na\r\n").find("a"));
}

TEST(redis_reply, errors_of_both_kinds_are_errors)
{
    EXPECT_TRUE(parse("-ERR x\r\n").is_error());
    EXPECT_TRUE(parse("!3\r\nERR\r\n").is_error());
    EXPECT_FALSE(parse("+ERR\r\n").is_error());
    EXPECT_EQ(parse("-ERR x\r\n").text(), "ERR x");
}

}  // namespace
