// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/redis/backoff.hpp>

#include <gtest/gtest.h>
#include <set>

namespace {

using namespace std::chrono_literals;

TEST(redis_backoff, pauses_grow_within_bounds_and_vary)
{
    work::redis::backoff under_test;
    std::set<std::chrono::milliseconds> seen;
    for (unsigned attempt = 0; attempt < 200; ++attempt) {
        auto const pause = under_test.pause(attempt);
        EXPECT_GE(pause, 50ms);
        EXPECT_LE(pause, attempt <= 1 ? 100ms : 2'000ms) << attempt;
        seen.insert(pause);
    }
    EXPECT_GT(seen.size(), 50u);
    EXPECT_GT(*seen.rbegin(), 1'000ms);
}

TEST(redis_backoff, odd_bounds_are_borne)
{
    work::redis::backoff none({0ms, 0ms});
    EXPECT_EQ(none.pause(5), 0ms);
    work::redis::backoff crossed({10ms, 5ms});
    EXPECT_EQ(crossed.pause(5), 10ms);
}

}  // namespace
