// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/resp.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "support/resp_dump.hpp"

namespace {

using namespace std::string_view_literals;
using work::redis::parser;
using work::redis::reply;
using work::redis::resp_limits;
using work::testing::dump_stream;

std::string whole(std::string_view bytes, resp_limits limits = {})
{
    return dump_stream(bytes, limits, [] { return std::size_t(-1); });
}

struct row
{
    std::string_view bytes;
    std::string_view expected;
};

constexpr row corpus[] = {
    {"+OK\r\n", "simple string\"OK\"\nmore"},
    {"+\r\n", "simple string\"\"\nmore"},
    {"-ERR no\r\n", "error\"ERR no\"\nmore"},
    {":42\r\n:-1\r\n:+7\r\n", "integer 42\ninteger -1\ninteger 7\nmore"},
    {":9223372036854775807\r\n:-9223372036854775808\r\n",
     "integer 9223372036854775807\ninteger -9223372036854775808\nmore"},
    {"$5\r\nhello\r\n", "bulk string\"hello\"\nmore"},
    {"$0\r\n\r\n", "bulk string\"\"\nmore"},
    {"$4\r\n\r\n\r\n\r\n", "bulk string\"\r\n\r\n\"\nmore"},
    {"$-1\r\n*-1\r\n_\r\n", "null\nnull\nnull\nmore"},
    {"*0\r\n", "array[0:]\nmore"},
    {"*2\r\n$1\r\na\r\n:3\r\n", "array[2:bulk string\"a\",integer 3,]\nmore"},
    {"*3\r\n*1\r\n:1\r\n*0\r\n*2\r\n+a\r\n_\r\n",
     "array[3:array[1:integer 1,],array[0:],array[2:simple string\"a\",null,],]\nmore"},
    {"#t\r\n#f\r\n", "boolean 1\nboolean 0\nmore"},
    {",1.5\r\n,inf\r\n,-inf\r\n,nan\r\n,1e300\r\n,-0\r\n",
     "double\"1.5\"\ndouble\"inf\"\ndouble\"-inf\"\ndouble\"nan\"\ndouble\"1e300\"\ndouble\"-"
     "0\"\nmore"},
    {"(3492890328409238509324850943850943825024385\r\n(-1\r\n",
     "big number\"3492890328409238509324850943850943825024385\"\nbig number\"-1\"\nmore"},
    {"!21\r\nSYNTAX invalid syntax\r\n", "blob error\"SYNTAX invalid syntax\"\nmore"},
    {"=15\r\ntxt:Some string\r\n", "verbatim string\"Some string\"\nmore"},
    {"=4\r\ntxt:\r\n", "verbatim string\"\"\nmore"},
    {"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n",
     "map[4:simple string\"a\",integer 1,simple string\"b\",array[1:integer 2,],]\nmore"},
    {"%0\r\n~0\r\n", "map[0:]\nset[0:]\nmore"},
    {"~2\r\n:1\r\n:2\r\n", "set[2:integer 1,integer 2,]\nmore"},
    {">3\r\n+message\r\n+c\r\n$1\r\nx\r\n+OK\r\n",
     "push[3:simple string\"message\",simple string\"c\",bulk string\"x\",]\nsimple "
     "string\"OK\"\nmore"},
    {"|1\r\n+ttl\r\n:3600\r\n:5\r\n", "integer 5\nmore"},
    {"|0\r\n:5\r\n", "integer 5\nmore"},
    {"*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n*2\r\n:1\r\n:2\r\n:3\r\n",
     "array[3:integer 1,integer 2,integer 3,]\nmore"},
    {"|1\r\n+a\r\n|1\r\n+b\r\n:1\r\n:2\r\n*1\r\n+x\r\n", "array[1:simple string\"x\",]\nmore"},
    {"+a\r\n$3\r\nab", "simple string\"a\"\nmore"},
    {"", "more"},
    {"*2\r\n:1\r\n", "more"},
};

constexpr std::string_view malformed[] = {
    "x\r\n"sv,           "\r\n"sv,        "\0\r\n"sv,    "HTTP/1.1 400 Bad Request\r\n"sv,
    "+a\rb\r\n"sv,       ":\r\n"sv,       ":a\r\n"sv,    ":1a\r\n"sv,
    ": 1\r\n"sv,         ":+-1\r\n"sv,    ":+\r\n"sv,    ":9223372036854775808\r\n"sv,
    "$\r\n"sv,           "$-2\r\n"sv,     "$a\r\n"sv,    "$+1\r\na\r\n"sv,
    "$1\r\nabc\r\n"sv,   "$3\r\nabcde"sv, "$?\r\n"sv,    "$99999999999999999999\r\n"sv,
    "*-2\r\n"sv,         "*?\r\n"sv,      "*x\r\n"sv,    "*99999999999999999999\r\n"sv,
    "%-1\r\n"sv,         "%?\r\n"sv,      "~-1\r\n"sv,   ">-1\r\n"sv,
    "_x\r\n"sv,          "#x\r\n"sv,      "#\r\n"sv,     "#true\r\n"sv,
    ",\r\n"sv,           ",abc\r\n"sv,    ",1.5x\r\n"sv, "(\r\n"sv,
    "(-\r\n"sv,          "(1.5\r\n"sv,    "!-1\r\n"sv,   "=3\r\ntxt\r\n"sv,
    "=5\r\ntxtab\r\n"sv, ";1\r\n"sv,      ".\r\n"sv,     "*1\r\n>1\r\n:1\r\n"sv,
    "|-1\r\n"sv,         "!?\r\n"sv,
};

TEST(redis_resp, corpus_is_read)
{
    for (auto const& [bytes, expected] : corpus)
        EXPECT_EQ(whole(bytes), expected) << bytes;
}

TEST(redis_resp, corpus_split_anywhere_is_the_same)
{
    std::string all;
    std::string expected;
    for (auto const& [bytes, result] : corpus) {
        if (!result.ends_with("\nmore") || bytes.starts_with("+a\r\n$3"))
            continue;
        all += bytes;
        expected += result.substr(0, result.size() - 4);
    }
    expected += "more";
    EXPECT_EQ(whole(all), expected);
    EXPECT_EQ(dump_stream(all, {}, [] { return std::size_t(1); }), expected);
    for (std::size_t split = 1; split < all.size(); ++split) {
        bool first = true;
        EXPECT_EQ(
            dump_stream(all, {}, [&] { return std::exchange(first, false) ? split : all.size(); }),
            expected
        ) << "split at "
          << split;
    }
}

TEST(redis_resp, malformed_bytes_are_refused_however_they_come)
{
    for (auto const bytes : malformed) {
        std::string const after = "+OK\r\n" + std::string(bytes);
        EXPECT_EQ(whole(after), "simple string\"OK\"\nbad") << bytes;
        EXPECT_EQ(dump_stream(after, {}, [] { return std::size_t(1); }), "simple string\"OK\"\nbad")
            << bytes;
    }
}

TEST(redis_resp, failure_lasts_until_reset)
{
    parser under_test;
    auto const feed = [&](std::string_view bytes) {
        bytes.copy(under_test.prepare().data(), bytes.size());
        under_test.commit(bytes.size());
    };
    reply read;
    feed("x\r\n+OK\r\n");
    for (int i = 0; i < 2; ++i) {
        try {
            under_test.next(read);
            ADD_FAILURE();
        } catch (work::error const& failure) {
            EXPECT_EQ(failure.code(), work::errc::protocol);
            EXPECT_NE(std::string_view(failure.what()).find("120"), std::string_view::npos);
        }
    }
    under_test.reset();
    feed("+OK\r\n");
    ASSERT_TRUE(under_test.next(read));
    EXPECT_EQ(read.text(), "OK");
}

TEST(redis_resp, limits_hold)
{
    resp_limits limits;
    limits.bulk_bytes = 4;
    EXPECT_EQ(whole("$4\r\nabcd\r\n", limits), "bulk string\"abcd\"\nmore");
    EXPECT_EQ(whole("$5\r\n", limits), "bad");
    EXPECT_EQ(whole("!5\r\n", limits), "bad");

    limits = {};
    limits.line_bytes = 8;
    EXPECT_EQ(whole("+1234567\r\n", limits), "simple string\"1234567\"\nmore");
    EXPECT_EQ(whole("+12345678\r\n", limits), "bad");
    EXPECT_EQ(whole("+12345678", limits), "bad");

    limits = {};
    limits.elements = 4;
    EXPECT_EQ(
        whole("*3\r\n:1\r\n:1\r\n:1\r\n", limits),
        "array[3:integer 1,integer 1,integer 1,]\nmore"
    );
    EXPECT_EQ(whole("*4\r\n", limits), "bad");
    EXPECT_EQ(whole("%2\r\n", limits), "bad");
    EXPECT_EQ(whole("*1\r\n*1\r\n*1\r\n*1\r\n", limits), "bad");
    EXPECT_EQ(whole("*1000000000\r\n"), "bad");
    EXPECT_EQ(whole("%18446744073709551615\r\n"), "bad");

    limits = {};
    limits.depth = 2;
    EXPECT_EQ(whole("*1\r\n*1\r\n*0\r\n", limits), "array[1:array[1:array[0:],],]\nmore");
    EXPECT_EQ(whole("*1\r\n*1\r\n*1\r\n", limits), "bad");
    EXPECT_EQ(whole("*1\r\n|1\r\n*1\r\n", limits), "bad");

    limits = {};
    limits.reply_bytes = 20;
    EXPECT_EQ(
        whole("*2\r\n$3\r\nabc\r\n:1\r\n", limits),
        "array[2:bulk string\"abc\",integer 1,]\nmore"
    );
    EXPECT_EQ(whole("*3\r\n$3\r\nabc\r\n$3\r\nabc\r\n:1\r\n", limits), "bad");
    EXPECT_EQ(whole("$30\r\n", limits), "bad");
    // Attributes are dropped, but an endless run of them is not free.
    EXPECT_EQ(whole("|1\r\n:1\r\n:1\r\n|1\r\n:1\r\n:1\r\n:1\r\n", limits), "bad");
}

// A length is only a claim: memory is taken when the bytes come.
TEST(redis_resp, length_alone_takes_no_memory)
{
    parser under_test;
    std::string_view const header = "*1000000\r\n$67108864\r\n";
    header.copy(under_test.prepare().data(), header.size());
    under_test.commit(header.size());
    reply read;
    EXPECT_FALSE(under_test.next(read));
    EXPECT_LE(under_test.prepare().size(), 64u * 1024);
}

// 16 MiB in portions of 100 bytes: looking at all of it again each time would take minutes.
TEST(redis_resp, large_reply_in_small_portions_is_linear)
{
    std::string bytes = "*3\r\n$8388608\r\n" + std::string(8388608, 'x') + "\r\n*200000\r\n";
    for (int i = 0; i < 200000; ++i)
        bytes += "$20\r\n01234567890123456789\r\n";
    bytes += "+end\r\n";
    auto const begun = std::chrono::steady_clock::now();
    parser under_test;
    reply read;
    bool ready = false;
    for (std::size_t at = 0; at < bytes.size(); at += 100) {
        auto const portion = std::string_view(bytes).substr(at, 100);
        portion.copy(under_test.prepare().data(), portion.size());
        under_test.commit(portion.size());
        ready = under_test.next(read);
    }
    ASSERT_TRUE(ready);
    EXPECT_EQ(read[1].size(), 200000u);
    EXPECT_EQ(read[1][199999].text(), "01234567890123456789");
    EXPECT_EQ(read[2].text(), "end");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
}

TEST(redis_resp, replies_behind_each_other_come_one_by_one)
{
    parser under_test;
    std::string bytes;
    for (int i = 0; i < 10'000; ++i)
        bytes += ":" + std::to_string(i) + "\r\n$3\r\nabc\r\n";
    bytes.copy(under_test.prepare(bytes.size()).data(), bytes.size());
    under_test.commit(bytes.size());
    reply read;
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_TRUE(under_test.next(read));
        EXPECT_EQ(read.integer(), i);
        ASSERT_TRUE(under_test.next(read));
        EXPECT_EQ(read.text(), "abc");
    }
    EXPECT_FALSE(under_test.next(read));
    EXPECT_EQ(under_test.buffered(), 0u);
}

}  // namespace
