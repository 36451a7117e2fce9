// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/time.hpp>

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace {

using work::format_rfc3339;
using work::parse_rfc3339;

TEST(time, rfc3339_reads)
{
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_rfc3339("2026-03-01T12:30:00.250Z"), 1'772'368'200'250);
    EXPECT_EQ(parse_rfc3339("2026-03-01 14:30:00.25+02:00"), 1'772'368'200'250);
    EXPECT_EQ(parse_rfc3339("2026-03-01t07:30:00.2509-05:00"), 1'772'368'200'250);
    EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00z"), 1'709'164'800'000);
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2016-12-31T23:59:59Z"));
    EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999Z"), -1);
}

TEST(time, rfc3339_refuses)
{
    for (char const* text :
         {"",
          "2026",
          "2026-03-01",
          "2026-03-01T12:30:00",
          "2026-03-01T12:30Z",
          "2026-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z",
          "2026-03-00T00:00:00Z",
          "2026-03-01T24:00:00Z",
          "2026-03-01T12:60:00Z",
          "2026-03-01T12:00:61Z",
          "2026-03-01T12:00:00.Z",
          "2026-03-01T12:00:00+0200",
          "2026-03-01T12:00:00+24:00",
          "2026-03-01T12:00:00Zx",
          " 2026-03-01T12:00:00Z",
          "20x6-03-01T12:00:00Z",
          "-026-03-01T12:00:00Z"})
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(time, rfc3339_round_trips)
{
    EXPECT_EQ(format_rfc3339(1'772'368'200'250), "2026-03-01T12:30:00.250Z");
    EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_rfc3339(INT64_MAX), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(format_rfc3339(INT64_MIN), "0000-01-01T00:00:00.000Z");
    std::mt19937_64 random(8);
    for (int i = 0; i < 20'000; ++i) {
        auto const time = static_cast<std::int64_t>(random() % 253'402'300'800'000);
        ASSERT_EQ(parse_rfc3339(format_rfc3339(time)), time);
    }
}

}  // namespace
