// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Who waits for a result gets it: it was there, comes later, its push is cut, its pool dies; and a
// waiter that dies leaves nothing behind.

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "killing.hpp"
#include "scene.hpp"
#include "support/proxy.hpp"

namespace promises {
namespace {

/// A program that waits for results, behind a proxy.
struct waiter
{
    explicit waiter(scene const& of, double cuts = 0, std::uint32_t seed = 7)
        : between(of.server.port(), cuts, seed)
    {
        client.emplace(io, between.url(), scene::quiet_options());
        enqueuer.emplace(*client);
    }

    /// Stores so many jobs `step(index, us)`, and awaits them all. Others are stored first, and
    /// awaited some time later.
    void call(std::int64_t from, std::int64_t to, std::int64_t us)
    {
        for (std::int64_t i = from; i != to; ++i) {
            ++waiting;
            boost::asio::co_spawn(
                io,
                one(i, us),
                [this, i](std::exception_ptr failed, std::string result) {
                    --waiting;
                    try {
                        if (failed)
                            std::rethrow_exception(failed);
                        if (result != "r" + std::to_string(i))
                            faults.push_back(std::to_string(i) + " gave " + result);
                    } catch (std::exception const& e) {
                        faults.push_back(std::to_string(i) + ": " + e.what());
                    }
                }
            );
        }
    }
    work::task<std::string> one(std::int64_t i, std::int64_t us)
    {
        work::new_job job = work::make("step", i, us).with({.id = "job-" + std::to_string(i)});
        if (i % 3 == 0)
            co_return co_await enqueuer->call<std::string>(std::move(job), 60s);
        work::job_handle const stored = co_await enqueuer->enqueue(std::move(job));
        if (i % 3 == 1) {  // it may have ended by then
            boost::asio::steady_timer later(io, std::chrono::milliseconds(i % 7 * 100));
            co_await later.async_wait(boost::asio::use_awaitable);
        }
        co_return co_await stored.result<std::string>(60s);
    }
    /// Runs while somebody waits, calling `meanwhile` all the time; false: for too long.
    bool run(std::chrono::seconds at_most, std::function<void()> const& meanwhile = [] {})
    {
        auto const until = std::chrono::steady_clock::now() + at_most;
        io.restart();
        while (waiting > 0 && std::chrono::steady_clock::now() < until) {
            io.run_for(20ms);
            meanwhile();
        }
        return waiting == 0;
    }

    work::testing::proxy between;
    boost::asio::io_context io{1};
    std::optional<work::client> client;
    std::optional<work::enqueuer> enqueuer;
    std::int64_t waiting = 0;
    std::vector<std::string> faults;
};

class awaited : public testing::Test
{
protected:
    std::map<std::string, std::string> options() const
    {
        auto all = s.worker_options();
        all["concurrency"] = "100";
        all["lease"] = "1000";
        return all;
    }

    scene s;
};

TEST_F(awaited, results_come_though_pools_die_and_connections_are_cut)
{
    fleet pools(s.server.directory(), options());
    for (int i = 0; i != 3; ++i)
        pools.start();
    waiter w(s, 0.02);
    std::int64_t const jobs = long_run() ? 20'000 : 600;
    killing storm(s, pools, 500ms);
    // Some at a time, so that each kill and each cut meets some that are under way.
    std::int64_t next = 0;
    w.call(0, 1, 1'000);
    bool const all = w.run(long_run() ? 500s : 60s, [&] {
        if (next == 0)
            next = 1;
        if (w.waiting < 100 && next < jobs) {
            w.call(next, std::min(next + 50, jobs), 50'000);
            next = std::min(next + 50, jobs);
        }
        storm.go_on();
    });
    EXPECT_TRUE(all) << w.waiting << " wait for good";
    EXPECT_EQ(next, jobs);
    EXPECT_THAT(w.faults, testing::IsEmpty());
    happened(storm.kills() > 2, "pools were killed meanwhile");
    happened(w.between.cuts() > 0, "connections were cut");
    std::cout << "[ figures  ] " << jobs << " results, " << storm.kills() << " kills, "
              << w.between.cuts() << " connections cut\n";
    ASSERT_TRUE(s.drained(20s));
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST_F(awaited, results_come_though_the_connection_of_the_push_is_silent)
{
    fleet pools(s.server.directory(), options());
    pools.start();
    waiter w(s);
    w.call(0, 30, 1'500'000);
    auto const begun = std::chrono::steady_clock::now();
    bool stalled = false;
    bool const all = w.run(30s, [&] {
        if (stalled || std::chrono::steady_clock::now() < begun + 800ms)
            return;
        // All connections that there are, the one of the push among them.
        w.between.stall("");
        stalled = true;
    });
    EXPECT_TRUE(all) << w.waiting << " wait for good";
    EXPECT_TRUE(stalled);
    EXPECT_THAT(w.faults, testing::IsEmpty());
    std::cout << "[ figures  ] the last result came "
              << std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - begun
                 )
                     .count()
              << " ms after its job was stored, which takes 1500 ms\n";
}

TEST_F(awaited, a_result_comes_from_another_pool_when_the_first_one_died)
{
    fleet pools(s.server.directory(), options());
    ::pid_t const first = pools.start();
    waiter w(s);
    w.call(0, 6, 600'000);
    bool killed = false;
    std::int64_t killed_at = 0;
    EXPECT_TRUE(w.run(30s, [&] {
        if (killed || s.journal_entries().size() < 6)
            return;
        pools.kill(first);
        pools.start();
        killed = true;
        killed_at = steady_us();
    }));
    EXPECT_TRUE(killed);
    EXPECT_THAT(w.faults, testing::IsEmpty());
    std::cout << "[ figures  ] the last result came " << (steady_us() - killed_at) / 1000
              << " ms after the kill, with a lease of 1000 ms and jobs of 600\n";
}

TEST_F(awaited, a_waiter_that_dies_leaves_nothing_and_keeps_nobody_from_the_result)
{
    auto w = std::make_unique<waiter>(s);
    w->call(0, 30, 1'000);
    ASSERT_FALSE(w->run(1s)) << "nobody serves them yet";
    // Its process is gone from one moment to the next.
    w->between.stall("");
    auto gone = std::make_unique<waiter>(s);
    std::swap(w, gone);
    w->call(0, 30, 1'000);  // the same jobs, by their ids
    ASSERT_FALSE(w->run(1s));
    fleet pools(s.server.directory(), options());
    pools.start();
    EXPECT_TRUE(w->run(30s));
    EXPECT_THAT(w->faults, testing::IsEmpty());
    ASSERT_TRUE(s.drained(20s));
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    EXPECT_EQ(gone->waiting, 30);
}

}  // namespace
}  // namespace promises
