// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/pool/run_clock.hpp>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using work::run_times;
using work::detail::run_clock;

TEST(run_clock, puts_a_time_into_the_bucket_that_ends_with_it_or_behind_it)
{
    run_clock ran;
    for (auto const time : {-5us, 0us, 1'000us, 1'001us, 5'000us})
        ran.add(time);
    ran.add(1'800s);
    ran.add(1'800s + 1us);
    ran.add(90h);
    run_times const all = ran.read("mail");
    EXPECT_EQ(all.name, "mail");
    EXPECT_EQ(all.counts[0], 3u) << "to 1 ms";
    EXPECT_EQ(all.counts[1], 2u) << "to 5 ms";
    EXPECT_EQ(all.counts[run_times::bounds_ms.size() - 1], 1u);
    EXPECT_EQ(all.counts[run_times::bounds_ms.size()], 2u) << "beyond 30 min";
    EXPECT_EQ(all.total(), 8u);
    EXPECT_EQ(all.sum_us, 7'001 + 2 * 1'800'000'000ll + 1 + 324'000'000'000ll);
}

TEST(run_times, of_several_pools_are_added_up)
{
    run_clock one, other;
    one.add(2ms);
    other.add(3ms);
    other.add(2s);
    run_times sum = one.read("mail");
    sum.add(other.read("mail"));
    EXPECT_EQ(sum.counts[1], 2u);
    EXPECT_EQ(sum.total(), 3u);
    EXPECT_EQ(sum.sum_us, 2'005'000);
}

}  // namespace
