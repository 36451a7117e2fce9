// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// When a job is due: one rule for delays and for times.

#include <work/broker/broker.hpp>

#include "bench.hpp"

namespace pool_tests {
namespace {

using std::chrono::system_clock;
using testing::HasSubstr;

struct nap
{
    int n = 0;
};
BOOST_DESCRIBE_STRUCT(nap, (), (n))

std::string refusal(work::enqueuer& to, std::chrono::milliseconds delay)
{
    try {
        (void)to.enqueue_in(delay, nap{});
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        return e.what();
    }
    return {};
}

std::string refusal_at(work::enqueuer& to, system_clock::time_point time)
{
    try {
        (void)to.enqueue_at(time, nap{});
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        return e.what();
    }
    return {};
}

TEST(due, the_past_is_now_for_delays_and_times)
{
    bench b;
    int runs = 0;
    b.pool->handle<nap>([&](work::context&, nap) -> work::task<void> {
        ++runs;
        co_return;
    });
    nap const job;
    for (auto const delay : {0ms, -1ms, -1'000'000ms, std::chrono::milliseconds::min()})
        b.get(b.enqueuer->enqueue_in(delay, job));
    for (auto const time :
         {system_clock::time_point(),
          system_clock::time_point::min(),
          system_clock::now() - 1h,
          system_clock::now() - 24h * 365 * 60})
        b.get(b.enqueuer->enqueue_at(time, job));
    b.start();
    EXPECT_TRUE(b.until([&] { return runs == 8; }));
    b.stop();
    EXPECT_EQ(b.counts().scheduled, 0);
}

TEST(due, more_than_ten_years_ahead_is_refused_with_the_date)
{
    bench b;
    auto const year = std::chrono::hours(24 * 365);
    EXPECT_EQ(refusal(*b.enqueuer, 10 * year), "");
    EXPECT_EQ(refusal_at(*b.enqueuer, system_clock::now() + 10 * year - 1min), "");
    EXPECT_THAT(refusal(*b.enqueuer, 10 * year + 1ms), HasSubstr("nap can't be due at 20"));
    EXPECT_THAT(refusal(*b.enqueuer, 148 * year), HasSubstr("more than 10 years away"));
    EXPECT_THAT(refusal(*b.enqueuer, std::chrono::milliseconds::max()), HasSubstr("at 9999-12-31"));
    EXPECT_EQ(
        refusal_at(
            *b.enqueuer,
            system_clock::time_point(std::chrono::sys_days(std::chrono::year(2174) / 3 / 1))
        ),
        "nap can't be due at 2174-03-01T00:00:00.000Z, which is more than 10 years away"
    );
    EXPECT_THAT(refusal_at(*b.enqueuer, system_clock::time_point::max()), HasSubstr("at 2262-"));
    EXPECT_EQ(b.counts().scheduled + b.counts().pending, 0);
}

TEST(due, a_snooze_follows_the_same_rule)
{
    EXPECT_EQ(work::snooze(-5s).delay(), 1ms);
    EXPECT_EQ(work::snooze(0ms).delay(), 1ms);
    EXPECT_EQ(work::snooze(24h * 3000).delay(), 24h * 3000);
    EXPECT_THROW(work::snooze(24h * 3651), work::error);
}

}  // namespace
}  // namespace pool_tests
