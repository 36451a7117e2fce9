// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs whose type is dead after a crash: the broker hears of each before its first line.

#include <work/broker/memory/memory_broker.hpp>

#include "bench.hpp"

namespace pool_tests {
namespace {

work::job_options never_twice()
{
    work::job_options o;
    o.on_crash = work::on_crash::dead;
    return o;
}

TEST(start, is_reported_and_jobs_run_as_others_do)
{
    work::pool_options how;
    how.concurrency = 20;
    bench b(how);
    int quick = 0;
    int slow = 0;
    int running = 0;
    int most = 0;
    b.pool->handle(
        "quick",
        [&](work::context&) -> work::task<void> {
            ++quick;
            co_return;
        },
        never_twice()
    );
    b.pool->handle(
        "slow",
        [&](work::context&) -> work::task<void> {
            most = std::max(most, ++running);
            co_await wait_for(5ms);
            --running;
            ++slow;
        },
        never_twice()
    );
    b.pool->handle("other", nothing);
    for (int i = 0; i != 300; ++i) {
        b.enqueue("quick");
        b.enqueue("slow");
        b.enqueue("other");
    }
    b.drain();
    EXPECT_EQ(quick, 300);
    EXPECT_EQ(slow, 300);
    EXPECT_GT(most, 1);
    EXPECT_EQ(b.counts().processed, 900);
    EXPECT_EQ(b.counts().active, 0);
}

// A timeout begins with the handler, not with the report.
TEST(start, is_where_the_timeout_begins)
{
    bench b;
    work::job_options type = never_twice();
    type.timeout = 30ms;
    b.pool->handle("job", [&](work::context&) -> work::task<void> { co_await wait_for(1h); }, type);
    std::string const id = b.enqueue("job");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 1; }));
    b.stop();
    EXPECT_EQ(b.job(id).state, work::job_state::retry);
}

TEST(start, stopped_at_any_step_loses_nothing_and_buries_nothing)
{
    for (int steps = 0; steps < 150; steps = steps < 60 ? steps + 1 : steps + 7) {
        work::pool_options how;
        how.grace = 5ms;
        bench b(how);
        int started = 0;
        b.pool->handle(
            "job",
            [&](work::context&) -> work::task<void> {
                ++started;
                co_await wait_for(1h);
            },
            never_twice()
        );
        for (int i = 0; i != 12; ++i)
            b.enqueue("job");
        b.start();
        b.io.restart();
        for (int i = 0; i != steps; ++i)
            b.io.run_one_for(1ms);
        b.stop();
        work::broker_counts const c = b.counts();
        EXPECT_EQ(c.pending, 12) << steps << " steps, " << started << " started";
        EXPECT_EQ(c.active + c.dead + c.failed, 0) << steps;
        EXPECT_EQ(b.pool->running(), 0) << steps;
    }
}

TEST(start, cancelled_before_it_is_none)
{
    for (int steps = 0; steps < 60; ++steps) {
        bench b;
        int ends = 0;
        b.pool->handle(
            "job",
            [&](work::context&) -> work::task<void> {
                try {
                    co_await wait_for(1h);
                } catch (...) {
                    ++ends;
                    throw;
                }
            },
            never_twice()
        );
        std::string const id = b.enqueue("job");
        b.start();
        b.io.restart();
        for (int i = 0; i != steps; ++i)
            b.io.run_one_for(1ms);
        EXPECT_EQ(b.get(b.inspector->cancel({id})).at(0).code, work::admin_code::done);
        ASSERT_TRUE(b.until([&] { return b.pool->running() == 0; })) << steps;
        b.stop();
        EXPECT_EQ(b.job(id).state, work::job_state::cancelled) << steps;
        EXPECT_EQ(b.pool->failed(), 0) << steps;
        EXPECT_EQ(b.counts().active, 0) << steps;
    }
}

}  // namespace
}  // namespace pool_tests
