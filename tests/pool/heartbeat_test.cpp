// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/memory/memory_broker.hpp>

#include <atomic>
#include <optional>
#include <utility>

#include "bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

class status : public testing::TestWithParam<int>
{};

// By the broker's clock, which stands still but for what the test adds.
TEST_P(status, is_shown_for_three_heartbeats_and_at_least_15_s)
{
    std::chrono::seconds const heartbeat(GetParam());
    std::atomic<std::int64_t> us = 1'000'000'000'000'000;
    boost::asio::io_context io;
    auto const store = std::make_shared<work::memory_store>("", [&us] { return us.load(); });
    auto const broker = std::make_shared<work::memory_broker>(io.get_executor(), store);
    work::client client(io.get_executor(), broker, {.logger = {}});
    work::inspector inspector(client);
    work::pool_options how;
    how.heartbeat = heartbeat;
    work::worker_pool pool(client, how);
    pool.handle("a", nothing);
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    auto const shown = [&] {
        io.restart();
        return !work::testing::run_task(io, inspector.pools(), 20s).empty();
    };
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (!shown() && std::chrono::steady_clock::now() < until)
        io.run_one_for(1ms);
    auto const lives = std::max<std::chrono::seconds>(3 * heartbeat, 15s);
    us += std::chrono::microseconds(lives - 500ms).count();
    EXPECT_TRUE(shown());
    // Another beat may have come meanwhile, but none of these is due in real time.
    if (heartbeat > 20s) {
        us += 1'000'000;
        EXPECT_FALSE(shown());
    }
    pool.stop();
    io.restart();
    while (!ended && std::chrono::steady_clock::now() < until)
        io.run_one_for(1ms);
}

// Of the pools that the inspector lists.
work::pool_info listed(bench& b)
{
    for (work::pool_info& one : b.get(b.inspector->pools()))
        if (one.pool == b.pool->id())
            return std::move(one);
    return {};
}

TEST(heartbeat, says_what_runs_by_name_and_since_when)
{
    for (std::string const kind : {"memory", "redis"}) {
        std::optional<work::testing::redis_server> server;
        std::string const url = kind == "redis" ? server.emplace().url() : "memory:";
        work::pool_options how;
        how.heartbeat = 100ms;
        bench b(how, bench::many_threads, url);
        bool go_on = false;
        auto const waits = [&](work::context&) -> work::task<void> {
            while (!go_on)
                co_await wait_for(1ms);
        };
        b.pool->handle("slow", waits);
        b.pool->handle("slower", waits);
        b.start();
        EXPECT_TRUE(b.until([&] { return listed(b).state == "running"; })) << kind;
        EXPECT_EQ(listed(b).in_flight.size(), 0u);
        EXPECT_EQ(listed(b).oldest, std::nullopt);
        EXPECT_EQ(b.pool->in_flight().size(), 0u);
        std::string const first = b.enqueue("slower");
        ASSERT_TRUE(b.until([&] { return b.pool->running() == 1; })) << kind;
        b.until([] { return false; }, 20ms);
        for (int i = 0; i != 3; ++i)
            b.enqueue("slow");
        ASSERT_TRUE(b.until([&] { return listed(b).in_flight.size() == 2; })) << kind;
        ASSERT_TRUE(b.until([&] { return listed(b).in_flight.at(0).jobs == 3; })) << kind;
        work::pool_info const seen = listed(b);
        EXPECT_EQ(seen.in_flight.at(0).name, "slow");
        EXPECT_EQ(seen.in_flight.at(1).jobs, 1);
        EXPECT_EQ(seen.in_flight.at(1).oldest, first);
        EXPECT_EQ(seen.in_flight.at(1).stalled, 0);
        ASSERT_TRUE(seen.oldest);
        EXPECT_EQ(seen.oldest->id, first);
        EXPECT_EQ(seen.oldest->name, "slower");
        std::int64_t const now = b.counts().now_ms;
        EXPECT_GE(now - seen.oldest->since_ms, 20);
        EXPECT_LT(now - seen.oldest->since_ms, 20'000);
        EXPECT_GT(seen.in_flight.at(0).since_ms, seen.oldest->since_ms);
        EXPECT_EQ(b.pool->in_flight().size(), 2u) << "the pool itself says so at once";
        go_on = true;
        EXPECT_TRUE(b.until([&] { return listed(b).in_flight.empty(); })) << kind;
        EXPECT_EQ(listed(b).oldest, std::nullopt);
        b.stop();
        EXPECT_EQ(b.pool->in_flight().size(), 0u);
    }
}

TEST(heartbeat, counts_jobs_that_do_not_end_after_their_timeout)
{
    work::pool_options how;
    how.heartbeat = 100ms;
    how.grace = 50ms;
    bench b(how);
    bool go_on = false;
    b.pool->handle(
        "deaf",
        [&](work::context&) -> work::task<void> {
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::disable_cancellation()
            );
            while (!go_on)
                co_await wait_for(1ms);
        },
        {.max_attempts = 1, .timeout = 20ms}
    );
    b.start();
    b.enqueue("deaf");
    ASSERT_TRUE(b.until([&] { return listed(b).stalled == 1; }));
    EXPECT_EQ(listed(b).in_flight.at(0).stalled, 1);
    EXPECT_TRUE(b.until([&] { return b.counts().dead == 1; }))
        << "the job went on without its worker";
    go_on = true;
    EXPECT_TRUE(b.until([&] { return listed(b).stalled == 0; }));
    b.stop();
}

// What the only pool shows of its thread, seen from within the handler that keeps it.
std::optional<work::blocked_thread> shown_meanwhile(std::string const& url)
{
    boost::asio::io_context io{1};
    work::client client(io, url, {.logger = {}});
    work::inspector inspector(client);
    auto const until = std::chrono::steady_clock::now() + 20s;
    std::optional<work::blocked_thread> shown;
    while (!shown && std::chrono::steady_clock::now() < until) {
        io.restart();
        for (work::pool_info const& one : work::testing::run_task(io, inspector.pools(), 20s))
            shown = one.blocked;
    }
    return shown;
}

struct blocking_bench : bench
{
    explicit blocking_bench(std::string const& url) : bench(options(), many_threads, url)
    {
        pool->handle("waiter", [this](work::context&) -> work::task<void> {
            while (!shown)
                co_await wait_for(1ms);
        });
        pool->handle("quick", [](work::context&) { return wait_for(1ms); });
        pool->handle("blocker", [this, url](work::context&) -> work::task<void> {
            shown = shown_meanwhile(url);
            co_return;
        });
        pool->handle("late", [this, url](work::context&) -> work::task<void> {
            co_await wait_for(50ms);
            shown = shown_meanwhile(url);
        });
    }
    static work::pool_options options()
    {
        work::pool_options how;
        how.heartbeat = 100ms;
        how.concurrency = 2;
        return how;
    }

    std::optional<work::blocked_thread> shown;
};

TEST(heartbeat, names_the_job_that_keeps_the_thread)
{
    work::testing::redis_server server;
    blocking_bench b(server.url());
    b.enqueue("waiter");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->running() == 1; }));
    // Its heartbeat has begun, which the thread that is kept begins.
    ASSERT_TRUE(b.until([&] { return listed(b).busy == 1; }));
    // One worker is left: what it ran before has waited, and it goes on with the next by itself.
    b.enqueue("quick");
    std::string const id = b.enqueue("blocker");
    ASSERT_TRUE(b.until([&] { return b.shown.has_value(); }));
    EXPECT_EQ(b.shown->job, id);
    EXPECT_EQ(b.shown->name, "blocker");
    EXPECT_EQ(b.shown->jobs, 1);
    EXPECT_GE(b.shown->blocked_ms, 2'000);
    EXPECT_GT(b.shown->since_ms, 0);
    EXPECT_EQ(b.logged("ms, in job " + id + " (blocker); leases are kept"), 1);
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 3; }));
    EXPECT_TRUE(b.until([&] { return !listed(b).blocked; })) << "it is over";
    b.stop();
}

TEST(heartbeat, says_of_how_many_jobs_one_keeps_the_thread)
{
    work::testing::redis_server server;
    blocking_bench b(server.url());
    b.enqueue("waiter");
    b.start();
    ASSERT_TRUE(b.until([&] { return listed(b).busy == 1; }));
    b.enqueue("late");
    ASSERT_TRUE(b.until([&] { return b.shown.has_value(); }));
    EXPECT_EQ(b.shown->job, "");
    EXPECT_EQ(b.shown->jobs, 2);
    EXPECT_EQ(b.shown->name, "");
    EXPECT_EQ(b.logged("in one of 2 jobs that had waited for something before"), 1);
    b.stop();
}

TEST(heartbeat, names_the_only_job_that_runs_also_when_it_has_waited)
{
    work::testing::redis_server server;
    blocking_bench b(server.url());
    std::string const id = b.enqueue("late");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.shown.has_value(); }));
    EXPECT_EQ(b.shown->job, id);
    EXPECT_EQ(b.shown->jobs, 1);
    b.stop();
}

INSTANTIATE_TEST_SUITE_P(, status, testing::Values(5, 16, 30, 60));

}  // namespace
}  // namespace pool_tests
