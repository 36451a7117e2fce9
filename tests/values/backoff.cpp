// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/backoff.hpp>

#include <gtest/gtest.h>
#include <limits>

#include "values/error_text.hpp"

namespace {

using work::backoff;
using work::backoff_policy;
using namespace std::chrono_literals;

constexpr std::uint64_t lowest = 0;
constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

TEST(backoff, polynomial_is_that_of_sidekiq)
{
    backoff const shape = backoff::polynomial();
    EXPECT_EQ(shape.delay(1, lowest), 16s);
    EXPECT_EQ(shape.delay(2, lowest), 31s);
    EXPECT_EQ(shape.delay(10, lowest), 10015s);
    EXPECT_GT(shape.delay(1, highest), 75s);
    EXPECT_LE(shape.delay(1, highest), 76s);
    EXPECT_EQ(shape.delay(100, highest), 7 * 24h);
    EXPECT_EQ(shape.delay(std::numeric_limits<int>::max(), highest), 7 * 24h);
}

TEST(backoff, failures_below_one_count_as_one)
{
    EXPECT_EQ(backoff::polynomial().delay(0, lowest), 16s);
    EXPECT_EQ(backoff::polynomial().delay(-5, lowest), 16s);
}

TEST(backoff, fixed_is_always_the_same)
{
    for (int failures : {1, 2, 1000})
        EXPECT_EQ(backoff::fixed(1500ms).delay(failures, highest), 1500ms);
    EXPECT_EQ(backoff::fixed(0ms).delay(1, highest), 0ms);
}

TEST(backoff, exponential_grows_to_its_cap)
{
    backoff const shape = backoff::exponential(100ms, 3, 10s);
    EXPECT_EQ(shape.delay(1, lowest), 100ms);
    EXPECT_EQ(shape.delay(2, lowest), 300ms);
    EXPECT_EQ(shape.delay(4, lowest), 2700ms);
    EXPECT_EQ(shape.delay(6, lowest), 10s);
    EXPECT_EQ(shape.delay(100'000, lowest), 10s);
    EXPECT_GT(shape.delay(100, highest), 10'990ms);
    EXPECT_LE(shape.delay(100, highest), 11s);
    EXPECT_EQ(backoff::exponential(0ms).delay(100'000, lowest), 0ms);
}

TEST(backoff, delays_grow_with_every_failure)
{
    for (auto const& shape : {backoff::polynomial(), backoff::exponential(1s)})
        for (int failures = 1; failures < 30; ++failures)
            EXPECT_LE(shape.delay(failures, lowest), shape.delay(failures + 1, lowest));
}

TEST(backoff_policy, own_function_is_kept_within_a_year)
{
    EXPECT_EQ(backoff_policy([](int failures) { return failures * 2s; }).delay(3, 0), 6s);
    EXPECT_EQ(backoff_policy([](int) { return -1s; }).delay(1, 0), 0ms);
    EXPECT_EQ(backoff_policy([](int) { return 9000 * 24h; }).delay(1, 0), 365 * 24h);
    EXPECT_TRUE(backoff_policy([](int) { return 1s; }).is_own());
}

TEST(backoff_policy, default_is_polynomial)
{
    EXPECT_EQ(backoff_policy().delay(1, lowest), 16s);
    EXPECT_EQ(backoff_policy(backoff::fixed(2s)).delay(1, highest), 2s);
}

}  // namespace
