// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <string_view>
#include <thread>

namespace {

// While a handler blocks the pool's thread, the keeper's thread reads the slots, gives up what is
// past its timeout, and shows the status.
TEST(worker_pool, keeper_gives_up_a_job_that_blocks_the_pools_thread)
{
    boost::asio::io_context io;
    work::client_options how;
    std::atomic<bool> given_up{false};
    how.logger = [&](work::log_level, std::string_view line) {
        if (line.find("it is given up") == line.npos)
            return;
        given_up = true;
        given_up.notify_all();
    };
    work::client client{io, "memory:", how};
    work::enqueuer enqueuer{client};
    work::inspector inspector{client};
    work::pool_options options;
    options.lease = std::chrono::milliseconds(600);
    options.grace = std::chrono::milliseconds(100);
    options.heartbeat = std::chrono::milliseconds(100);
    work::worker_pool pool{client, options};
    work::job_options once;
    once.timeout = std::chrono::milliseconds(100);
    once.max_attempts = 1;
    std::atomic<int> slept{0};
    std::atomic<int> quick{0};
    pool.handle(
        "block",
        [&](work::context&) -> work::task<void> {
            given_up.wait(false);
            ++slept;
            co_return;
        },
        once
    );
    pool.handle("quick", [&](work::context&) -> work::task<void> {
        ++quick;
        co_return;
    });
    work::broker_counts counts;
    auto const all = [&]() -> work::task<void> {
        co_await enqueuer.enqueue("block");
        for (int i = 0; i < 50; ++i)
            co_await enqueuer.enqueue("quick");
        co_await pool.run_until_empty();
        counts = co_await inspector.counts();
    };
    boost::asio::co_spawn(io, all(), work::rethrow);
    io.run();
    EXPECT_EQ(slept, 1);
    EXPECT_EQ(quick, 50);
    EXPECT_EQ(counts.dead, 1);
}

// `stop` and `quiet` may come from any thread, at any moment.
TEST(worker_pool, stopped_and_quieted_by_other_threads)
{
    for (int round = 0; round < 20; ++round) {
        boost::asio::io_context io;
        work::client client{io, "memory:"};
        work::enqueuer enqueuer{client};
        work::worker_pool pool{client, {.concurrency = 8}};
        std::atomic<int> ran{0};
        pool.handle("a", [&](work::context&) -> work::task<void> {
            ++ran;
            ran.notify_all();
            co_return;
        });
        auto const fill = [&]() -> work::task<void> {
            for (int i = 0; i < 200; ++i)
                co_await enqueuer.enqueue("a");
        };
        boost::asio::co_spawn(io, fill(), work::rethrow);
        boost::asio::co_spawn(io, pool.run(), work::rethrow);
        std::thread other([&] {
            for (int now = ran; now < round * 5; now = ran)
                ran.wait(now);
            if (round % 2 == 1)
                pool.quiet();
            pool.stop();
        });
        io.run();
        other.join();
        EXPECT_LE(ran, 200);
    }
}

}  // namespace
