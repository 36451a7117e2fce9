// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A client that is closed under a running pool ends it, and what it held is not lost.

#include <work/broker/broker.hpp>

#include "bench.hpp"

namespace pool_tests {
namespace {

/// How the client ends.
enum class way { closed, destroyed, its_broker_closed };

/// A pool on a shared store, and a second client that outlives the first.
struct shared_bench
{
    explicit shared_bench(std::string const& store, std::chrono::milliseconds grace)
    {
        std::string const url = "memory:" + store;
        first.emplace(io, url, options());
        second.emplace(io, url, options());
        enqueuer.emplace(*second);
        inspector.emplace(*second);
        work::pool_options how;
        how.grace = grace;
        how.concurrency = 2;
        pool.emplace(*first, how);
    }
    work::client_options options()
    {
        work::client_options o;
        o.logger = [this](work::log_level, std::string_view line) { lines.emplace_back(line); };
        return o;
    }
    template <typename T>
    T get(work::task<T> task)
    {
        return work::testing::run_task(io, std::move(task), 20s);
    }
    void start()
    {
        boost::asio::co_spawn(io, pool->run(), [this](std::exception_ptr e) {
            ended = true;
            failure = e;
        });
    }
    template <typename Condition>
    bool until(Condition const& is_so, std::chrono::milliseconds patience = 20s)
    {
        io.restart();
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        return is_so();
    }
    void end_client(way how)
    {
        if (how == way::closed)
            first->close();
        else if (how == way::destroyed)
            first.reset();
        else
            first->broker()->close();
    }
    boost::system::error_code code() const
    {
        try {
            if (failure)
                std::rethrow_exception(failure);
        } catch (boost::system::system_error const& e) {
            return e.code();
        }
        return {};
    }

    std::vector<std::string> lines;
    boost::asio::io_context io;
    std::optional<work::client> first;
    std::optional<work::client> second;
    std::optional<work::enqueuer> enqueuer;
    std::optional<work::inspector> inspector;
    std::optional<work::worker_pool> pool;
    bool ended = false;
    std::exception_ptr failure;
};

class closed_client : public testing::TestWithParam<way>
{
protected:
    std::string store() const
    {
        return "closed" + std::to_string(static_cast<int>(GetParam())) +
               testing::UnitTest::GetInstance()->current_test_info()->name();
    }
};

TEST_P(closed_client, ends_an_idle_pool)
{
    shared_bench b(store(), 10s);
    b.pool->handle("a", nothing);
    b.start();
    b.until([] { return false; }, 20ms);
    b.end_client(GetParam());
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.code(), work::errc::closed);
    EXPECT_TRUE(b.get(b.inspector->pools()).empty());
}

TEST_P(closed_client, lets_jobs_end_within_the_grace_and_releases_the_others)
{
    // The end of the broker alone shows when it is used next.
    shared_bench b(store(), 2s);
    int started = 0;
    bool finish = false;
    b.pool->handle("ends", [&](work::context&) -> work::task<void> {
        ++started;
        while (!finish)
            co_await wait_for(1ms);
    });
    b.pool->handle("stays", [&](work::context&) -> work::task<void> {
        ++started;
        co_await wait_for(1h);
    });
    std::string const ends = b.get(b.enqueuer->enqueue("ends")).id();
    std::string const stays = b.get(b.enqueuer->enqueue("stays")).id();
    b.start();
    ASSERT_TRUE(b.until([&] { return started == 2; }));
    std::string const waits = b.get(b.enqueuer->enqueue("stays")).id();
    b.until([] { return false; }, 20ms);
    b.end_client(GetParam());
    b.until([] { return false; }, 20ms);
    finish = true;
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.code(), work::errc::closed);
    EXPECT_EQ(b.get(b.inspector->job(ends)).state, work::job_state::completed);
    EXPECT_EQ(b.get(b.inspector->job(stays)).state, work::job_state::pending);
    EXPECT_EQ(b.get(b.inspector->job(waits)).state, work::job_state::pending);
    EXPECT_EQ(b.get(b.inspector->counts()).active, 0);
}

TEST_P(closed_client, refuses_to_run_a_pool)
{
    shared_bench b(store(), 10s);
    b.pool->handle("a", nothing);
    b.end_client(GetParam());
    b.start();
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.code(), work::errc::closed);
}

TEST_P(closed_client, at_any_step_ends_the_pool_and_loses_nothing)
{
    for (int steps = 0; steps < 120; steps = steps < 40 ? steps + 1 : steps + 7) {
        shared_bench b(store() + std::to_string(steps), 5ms);
        b.pool->handle("waits", [&](work::context&) -> work::task<void> { co_await wait_for(1h); });
        b.pool->handle("ends", nothing);
        for (int i = 0; i != 5; ++i) {
            b.get(b.enqueuer->enqueue("waits"));
            b.get(b.enqueuer->enqueue("ends"));
        }
        b.start();
        b.io.restart();
        for (int i = 0; i != steps; ++i)
            b.io.run_one_for(1ms);
        b.end_client(GetParam());
        ASSERT_TRUE(b.until([&] { return b.ended; })) << steps;
        EXPECT_EQ(b.code(), work::errc::closed) << steps;
        work::broker_counts const c = b.get(b.inspector->counts());
        EXPECT_EQ(c.active, 0) << steps;
        EXPECT_EQ(c.pending + c.processed, 10) << steps;
        b.first.reset();
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    closed_client,
    testing::Values(way::closed, way::destroyed, way::its_broker_closed),
    [](auto const& how) {
        return how.param == way::closed      ? "closed"
               : how.param == way::destroyed ? "destroyed"
                                             : "its_broker_closed";
    }
);

}  // namespace
}  // namespace pool_tests
