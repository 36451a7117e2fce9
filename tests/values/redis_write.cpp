// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/values/redis_write.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "values/error_text.hpp"

namespace {

using work::redis_write;
using words = std::vector<std::string>;

TEST(redis_write, takes_text_and_numbers)
{
    std::string const key = "paid";
    EXPECT_EQ(
        redis_write("hincrby", key, "2026-11", -12).words(),
        (words{"HINCRBY", "paid", "2026-11", "-12"})
    );
    EXPECT_EQ(redis_write("ZADD", "z", 1.5, "m").words(), (words{"ZADD", "z", "1.5", "m"}));
    EXPECT_EQ(redis_write("set", "k", "", "px", 5).words(), (words{"SET", "k", "", "PX", "5"}));
    EXPECT_EQ(redis_write("del", std::string_view("k")).words(), (words{"DEL", "k"}));
    EXPECT_EQ(redis_write("SADD", "k", "a", "b").bytes(), 7u);
}

// What is wrong is said by name, and no command goes to Redis that it would not know.
TEST(redis_write, says_what_is_wrong_with_it)
{
    auto const fault = [](auto const&... all) {
        return error_text(work::errc::invalid_option, [&] { redis_write one(all...); });
    };
    std::string const a = "a write with ";
    EXPECT_EQ(
        fault("FLUSHALL", "x"),
        a + "FLUSHALL: only these can be foreseen, and so may happen with the end of an attempt: "
            "SET, DEL, EXPIRE, PEXPIRE, INCRBY, HSET, HDEL, HINCRBY, SADD, SREM, ZADD, ZREM, "
            "LPUSH, "
            "RPUSH, XADD"
    );
    EXPECT_EQ(fault("SET", "", "x"), a + "SET: its key is empty");
    EXPECT_EQ(fault("SET", "k"), a + "SET: it takes: key value [EX seconds | PX milliseconds]");
    EXPECT_EQ(
        fault("SET", "k", "v", "NX", "1"),
        a + "SET: it takes: key value [EX seconds | PX milliseconds]"
    );
    EXPECT_EQ(
        fault("SET", "k", "v", "EX", 0),
        a + "SET: the time is \"0\", and has to be a whole number from 1 to 1000000000"
    );
    EXPECT_EQ(
        fault("HSET", "k", "f", "v", "g"),
        a + "HSET: it takes: key field value [field value ...]"
    );
    EXPECT_EQ(
        fault("INCRBY", "k", "1.5"),
        a + "INCRBY: the number is \"1.5\", and has to be a whole number from -9007199254740991 to "
            "9007199254740991"
    );
    EXPECT_EQ(
        fault("HINCRBY", "k", "f", std::numeric_limits<std::int64_t>::max()),
        a + "HINCRBY: the number is \"9223372036854775807\", and has to be a whole number from "
            "-9007199254740991 to 9007199254740991"
    );
    EXPECT_EQ(
        fault("ZADD", "k", std::numeric_limits<double>::infinity(), "m"),
        a + "ZADD: the score is \"inf\", and has to be a finite number"
    );
    EXPECT_EQ(fault("XADD", "k", "1-1", "f", "v"), a + "XADD: the id has to be *, the next one");
    EXPECT_EQ(
        fault("XADD", "k", "MAXLEN", "~", 10, "*", "f"),
        a + "XADD: its fields are no pairs of field and value"
    );
    EXPECT_EQ(
        fault("SET", "k", std::string(70'000, 'x')),
        a + "SET: it has 70004 bytes; at most 65536"
    );
    EXPECT_EQ(fault("a\x1b[1m", "x").substr(0, 30).find('\x1b'), std::string::npos);
}

}  // namespace
