// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/run_task.hpp"

namespace pool_tests {

using namespace std::chrono_literals;

/// A wait that a handler can be cancelled in.
inline work::task<void> wait_for(std::chrono::milliseconds time)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

inline work::task<void> nothing(work::context&)
{
    co_return;
}

/// A pool on a memory broker of its own, or another, run step by step by the test.
struct bench
{
    static constexpr int many_threads = BOOST_ASIO_CONCURRENCY_HINT_DEFAULT;

    /// On a context for one thread there is no strand.
    explicit bench(
        work::pool_options how = work::pool_options(),
        int threads = many_threads,
        std::string const& url = "memory:"
    )
        : how_(how),
          io(threads)
    {
        client.emplace(io, url, options());
        enqueuer.emplace(*client);
        inspector.emplace(*client);
        pool.emplace(*client, how);
    }
    ~bench()
    {
        if (pool && spawned && !ended)
            stop();
    }
    bench(bench const&) = delete;
    bench& operator=(bench const&) = delete;

    work::client_options options()
    {
        work::client_options o;
        o.logger = [this](work::log_level, std::string_view line) {
            lines.emplace_back(line);
            if (on_log)
                on_log();
        };
        return o;
    }
    /// How many lines hold that text.
    std::ptrdiff_t logged(std::string_view text) const
    {
        return std::count_if(lines.begin(), lines.end(), [&](std::string const& line) {
            return line.find(text) != line.npos;
        });
    }

    template <typename T>
    T get(work::task<T> task)
    {
        return work::testing::run_task(io, std::move(task), 20s);
    }
    template <typename... Args>
    std::string enqueue(std::string_view name, Args const&... args)
    {
        return get(enqueuer->enqueue(name, args...)).id();
    }
    template <typename... Args>
    std::string enqueue_with(work::enqueue_options o, std::string_view name, Args const&... args)
    {
        return get(enqueuer->enqueue_with(o, name, args...)).id();
    }

    void start() { run(pool->run()); }
    void run(work::task<void> task)
    {
        spawned = true;
        ended = false;
        boost::asio::co_spawn(io, std::move(task), [this](std::exception_ptr e) {
            ended = true;
            failure = e;
        });
    }
    /// Runs until it is so; false when it takes too long.
    template <typename Condition>
    bool until(Condition const& is_so, std::chrono::milliseconds patience = 20s)
    {
        io.restart();
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        return is_so();
    }
    void stop()
    {
        pool->stop();
        EXPECT_TRUE(until([&] { return ended; }));
    }
    /// Runs everything that is there, and stops.
    void drain()
    {
        run(pool->run_until_empty());
        EXPECT_TRUE(until([&] { return ended; }));
        if (failure)
            std::rethrow_exception(failure);
    }
    work::job_record job(std::string const& id) { return get(client->broker()->job(id)); }
    work::broker_counts counts() { return get(inspector->counts()); }
    std::string error_of(std::exception_ptr e) const
    {
        try {
            if (e)
                std::rethrow_exception(e);
        } catch (std::exception const& x) {
            return x.what();
        }
        return {};
    }

    work::pool_options how_;
    std::vector<std::string> lines;  ///< what was logged
    std::function<void()> on_log;    ///< called for each line
    boost::asio::io_context io;
    std::optional<work::client> client;
    std::optional<work::enqueuer> enqueuer;
    std::optional<work::inspector> inspector;
    std::optional<work::worker_pool> pool;
    bool spawned = false;
    bool ended = false;
    std::exception_ptr failure;
};

inline work::job_options at_once(int max_attempts = 3)
{
    work::job_options o;
    o.max_attempts = max_attempts;
    o.backoff = work::backoff::fixed(1ms);
    return o;
}

}  // namespace pool_tests
