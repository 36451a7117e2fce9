// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/duration.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace {

using std::chrono::milliseconds;
using work::format_duration;
using work::parse_duration;
using namespace std::chrono_literals;

TEST(duration, parse_what_people_write)
{
    EXPECT_EQ(*parse_duration("0"), 0ms);
    EXPECT_EQ(*parse_duration("250ms"), 250ms);
    EXPECT_EQ(*parse_duration("5m"), 5min);
    EXPECT_EQ(*parse_duration("1h30m"), 90min);
    EXPECT_EQ(*parse_duration("1h 30m"), 90min);
    EXPECT_EQ(*parse_duration("1.5h"), 90min);
    EXPECT_EQ(*parse_duration("0.25s"), 250ms);
    EXPECT_EQ(*parse_duration("2d"), 48h);
    EXPECT_EQ(*parse_duration("1w2d3h4m5s6ms"), (9 * 24h + 3h + 4min + 5s + 6ms));
}

TEST(duration, parse_faults_say_why)
{
    auto const fault = [](std::string_view text) {
        auto const read = parse_duration(text);
        return read ? std::string("none") : read.error();
    };
    std::string const wakeup = "; write it like 250ms, 5m, 1h30m or 2d";
    EXPECT_EQ(fault(""), "the duration \"\" can't be read: it is empty" + wakeup);
    EXPECT_EQ(
        fault("5"),
        "the duration \"5\" can't be read: a unit is missing (w, d, h, m, s or ms)" + wakeup
    );
    EXPECT_EQ(
        fault("5 m"),
        "the duration \"5 m\" can't be read: a unit is missing (w, d, h, m, s or ms)" + wakeup
    );
    EXPECT_EQ(
        fault("5y"),
        "the duration \"5y\" can't be read: \"y\" is no unit (w, d, h, m, s or ms)" + wakeup
    );
    EXPECT_EQ(fault("-5m"), "the duration \"-5m\" can't be read: a number is missing" + wakeup);
    EXPECT_EQ(
        fault("1m1h"),
        "the duration \"1m1h\" can't be read: units go from large to small, each once" + wakeup
    );
    EXPECT_NE(fault("1m1m").find("each once"), std::string::npos);
    EXPECT_EQ(
        fault("0.5ms"),
        "the duration \"0.5ms\" can't be read: it is finer than a millisecond" + wakeup
    );
    for (char const* text :
         {"m", "1.m", ".5m", "1m ", " 1m", "1M", "1e3s", "1h30", "1.0000000000s"})
        EXPECT_NE(fault(text), "none") << text;
    for (char const* text :
         {"99999999999999999999s",
          "9223372036854775808ms",
          "15250284453w",
          "9223372036854775807ms1ms",
          "9223372036854775s808ms"})
        EXPECT_NE(fault(text), "none") << text;
    EXPECT_EQ(
        parse_duration("9223372036854775s807ms")->count(),
        std::numeric_limits<std::int64_t>::max()
    );
}

TEST(duration, format_for_people)
{
    EXPECT_EQ(format_duration(0ms), "0s");
    EXPECT_EQ(format_duration(250ms), "250ms");
    EXPECT_EQ(format_duration(90min), "1h30m");
    EXPECT_EQ(format_duration(48h), "2d");
    EXPECT_EQ(format_duration(24h + 1h + 1min + 1s + 1ms), "1d1h1m1s1ms");
    EXPECT_EQ(format_duration(-5min), "-5m");
    EXPECT_EQ(format_duration(milliseconds::min()).front(), '-');
}

TEST(duration, format_reads_back)
{
    std::mt19937_64 random(7);
    for (int i = 0; i < 20'000; ++i) {
        milliseconds const value(static_cast<std::int64_t>(random() >> (1 + random() % 63)));
        auto const read = parse_duration(format_duration(value));
        ASSERT_TRUE(read) << read.error();
        ASSERT_EQ(*read, value);
    }
    EXPECT_EQ(*parse_duration(format_duration(milliseconds::max())), milliseconds::max());
}

}  // namespace
