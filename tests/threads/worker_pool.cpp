// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace {

// While a handler blocks the pool's thread, the heartbeat's thread reads the slots, gives up what
// is past its timeout, and shows the status.
TEST(worker_pool, heartbeat_gives_up_a_job_that_blocks_the_pools_thread)
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
    options.lease = std::chrono::seconds(5);
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

// Last words go over the heartbeat's connection, and answers come back from its thread.
TEST(worker_pool, of_a_closed_client_ends_through_its_heartbeat)
{
    for (int round = 0; round < 20; ++round) {
        boost::asio::io_context io;
        std::string const url = "memory:closed" + std::to_string(round);
        work::client other{io, url};
        std::optional<work::client> client(std::in_place, io, url);
        work::enqueuer enqueuer{other};
        work::inspector inspector{other};
        work::pool_options options;
        options.grace = std::chrono::milliseconds(5);
        options.lease = std::chrono::milliseconds(500);
        work::worker_pool pool{*client, options};
        int running = 0;
        pool.handle("a", [&](work::context&) -> work::task<void> {
            if (++running == 10 + 4 * round)
                client.reset();
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(std::chrono::milliseconds(running % 7));
            co_await timer.async_wait(boost::asio::use_awaitable);
        });
        bool closed = false;
        work::broker_counts counts;
        auto const all = [&]() -> work::task<void> {
            for (int i = 0; i < 100; ++i)
                co_await enqueuer.enqueue("a");
            try {
                co_await pool.run();
            } catch (work::error const& e) {
                closed = e.code() == work::errc::closed;
            }
            counts = co_await inspector.counts();
        };
        boost::asio::co_spawn(io, all(), work::rethrow);
        io.run();
        EXPECT_TRUE(closed);
        EXPECT_EQ(counts.active, 0);
        EXPECT_EQ(counts.pending + counts.processed, 100);
    }
}

// The heartbeat asks the pool's thread for a sign of life; the answer may come when it is gone.
TEST(worker_pool, run_again_and_again_while_its_heartbeat_asks_for_a_sign_of_life)
{
    boost::asio::io_context io;
    work::client client{io, "memory:", {.logger = {}}};
    work::enqueuer enqueuer{client};
    work::pool_options options;
    options.lease = std::chrono::milliseconds(500);
    work::worker_pool pool{client, options};
    int ran = 0;
    pool.handle("block", [&](work::context&) -> work::task<void> {
        boost::asio::io_context elsewhere;
        boost::asio::steady_timer timer(elsewhere, std::chrono::milliseconds(180));
        timer.wait();
        ++ran;
        co_return;
    });
    auto const all = [&]() -> work::task<void> {
        for (int i = 0; i < 6; ++i) {
            co_await enqueuer.enqueue("block");
            co_await pool.run_until_empty();
        }
    };
    boost::asio::co_spawn(io, all(), work::rethrow);
    io.run();
    EXPECT_EQ(ran, 6);
}

}  // namespace
