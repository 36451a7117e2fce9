// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/redis/command.hpp>
#include <work/redis/resp.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace {

using namespace std::string_view_literals;
using work::redis::command;

TEST(redis_command, push_encodes_with_lengths)
{
    command one("SET", "key", "value");
    EXPECT_EQ(one.bytes(), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
    EXPECT_EQ(one.replies(), 1u);
    one.push("PING");
    EXPECT_EQ(one.bytes(), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n*1\r\n$4\r\nPING\r\n");
    EXPECT_EQ(one.replies(), 2u);
}

TEST(redis_command, integers_are_written_in_decimal)
{
    EXPECT_EQ(
        command("X", 0, -7, 42u).bytes(),
        "*4\r\n$1\r\nX\r\n$1\r\n0\r\n$2\r\n-7\r\n$2\r\n42\r\n"
    );
    EXPECT_EQ(
        command("X", std::numeric_limits<std::int64_t>::min()).bytes(),
        "*2\r\n$1\r\nX\r\n$20\r\n-9223372036854775808\r\n"
    );
    EXPECT_EQ(
        command("X", std::numeric_limits<std::uint64_t>::max()).bytes(),
        "*2\r\n$1\r\nX\r\n$20\r\n18446744073709551615\r\n"
    );
    EXPECT_EQ(command("X", std::int8_t(-128)).bytes(), "*2\r\n$1\r\nX\r\n$4\r\n-128\r\n");
}

TEST(redis_command, arguments_are_binary_safe)
{
    std::string const raw("a\r\n\0b", 5);
    EXPECT_EQ(command("X", raw, "").bytes(), "*3\r\n$1\r\nX\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"sv);
}

TEST(redis_command, incremental_form_is_the_same)
{
    command whole("LPUSH", "k", "a", 1);
    command parts;
    EXPECT_TRUE(parts.complete());
    parts.begin(4).arg("LPUSH").arg(std::string("k"));
    EXPECT_FALSE(parts.complete());
    parts.arg(std::string_view("a")).arg(1);
    EXPECT_TRUE(parts.complete());
    EXPECT_EQ(parts.bytes(), whole.bytes());
    EXPECT_EQ(parts.replies(), 1u);
}

TEST(redis_command, clear_keeps_the_memory)
{
    command some("X", std::string(1000, 'x'));
    auto const* const before = some.bytes().data();
    some.clear();
    EXPECT_TRUE(some.empty());
    EXPECT_TRUE(some.bytes().empty());
    some.push("Y", std::string(900, 'y'));
    EXPECT_EQ(some.bytes().data(), before);
    EXPECT_EQ(some.replies(), 1u);
}

// What is written reads back as what was given.
TEST(redis_command, parser_reads_what_was_written)
{
    command some;
    some.begin(300).arg("RPUSH");
    for (int i = 1; i < 300; ++i)
        some.arg(std::string(static_cast<std::size_t>(i), 'x'));
    work::redis::parser parser;
    auto const room = parser.prepare(some.bytes().size());
    some.bytes().copy(room.data(), room.size());
    parser.commit(some.bytes().size());
    work::redis::reply read;
    ASSERT_TRUE(parser.next(read));
    ASSERT_EQ(read.size(), 300u);
    EXPECT_EQ(read[0].text(), "RPUSH");
    EXPECT_EQ(read[299].text(), std::string(299, 'x'));
    EXPECT_EQ(parser.buffered(), 0u);
}

}  // namespace
