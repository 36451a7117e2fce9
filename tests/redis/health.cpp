// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/redis/health.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using work::redis::health;

struct redis_health : testing::Test
{
    std::vector<std::string> lines;
    health of{"redis://h:1", [this](bool over, std::string const& line) {
                  lines.push_back((over ? "over: " : "") + line);
              }};
    health::clock::time_point const start = health::clock::now();
    int first = 0;
    int second = 0;
};

TEST_F(redis_health, trouble_that_lasts_is_told_once_then_every_minute_then_when_it_is_over)
{
    auto now = start;
    int failures = 0;
    for (; now < start + 150s; now += 100ms, ++failures)
        of.failed(&first, "commands", "can't be reached: refused", now);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(
        lines[0],
        "the Redis server redis://h:1, connection commands: can't be reached: "
        "refused"
    );
    EXPECT_EQ(
        lines[1],
        "the Redis server redis://h:1, connection commands, for 60 s and 606 "
        "attempts: can't be reached: refused"
    );
    EXPECT_EQ(of.trouble(), "connection commands: can't be reached: refused");
    of.well(&first, now);
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(
        lines[3],
        "over: the Redis server redis://h:1 can be used again after 150 s and " +
            std::to_string(failures) + " attempts"
    );
    EXPECT_EQ(of.trouble(), "");
    of.well(&first, now);
    EXPECT_EQ(lines.size(), 4u);
}

TEST_F(redis_health, trouble_that_passes_is_not_told)
{
    of.failed(&first, "commands", "x", start);
    of.failed(&first, "commands", "x", start + 499ms);
    of.well(&first, start + 501ms);
    of.failed(&first, "commands", "x", start + 600ms);
    of.well(&first, start + 700ms);
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(of.trouble(), "");
}

TEST_F(redis_health, attempt_that_hangs_is_told_when_it_is_looked_at)
{
    of.failed(&first, "commands", "", start);
    of.look(start + 400ms);
    EXPECT_TRUE(lines.empty());
    of.look(start + 510ms);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("has not answered yet"), std::string::npos);
}

// One server that is away is one trouble, however many connections it has.
TEST_F(redis_health, connections_share_their_lines)
{
    of.failed(&first, "wait", "x", start);
    of.failed(&second, "wait", "x", start + 1ms);
    int third = 0;
    of.failed(&third, "commands", "y", start + 600ms);
    of.failed(&second, "wait", "x", start + 700ms);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], "the Redis server redis://h:1, connections commands, wait (2): y");
    of.well(&first, start + 1s);
    of.well(&third, start + 1s);
    EXPECT_EQ(of.trouble(), "connection wait: x");
    of.gone(&second);
    EXPECT_EQ(of.trouble(), "");
    EXPECT_EQ(lines.size(), 1u) << "what is closed does not work again";
}

// An attempt that was given up, since nobody needed it, does not make the next one an old trouble.
TEST_F(redis_health, trouble_that_was_not_told_is_forgotten_after_a_rest)
{
    of.failed(&first, "commands", "x", start);
    of.failed(&first, "commands", "", start + 1h);
    of.failed(&first, "commands", "x", start + 1h);
    EXPECT_TRUE(lines.empty());
    of.failed(&first, "commands", "x", start + 1h + 600ms);
    EXPECT_EQ(lines.size(), 1u);
}

// Calls that are refused one by one, with nobody waiting in between, are one trouble as well.
TEST_F(redis_health, attempts_with_rests_between_are_one_trouble)
{
    for (int i = 0; i < 10; ++i)
        of.failed(&first, "commands", "x", start + i * 2s);
    EXPECT_EQ(lines.size(), 1u);
}

}  // namespace
