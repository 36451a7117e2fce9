// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bench {

/// The two-field job of DESIGN.md 7: about 130 bytes as stored.
struct send_email
{
    std::int64_t user_id = 0;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

/// The same mail for the same number, everywhere.
inline send_email mail(long i)
{
    return {i, "user" + std::to_string(10'000 + i % 90'000) + "@example.com"};
}

inline std::vector<send_email> mails(long from, long to)
{
    std::vector<send_email> some;
    some.reserve(static_cast<std::size_t>(to - from));
    for (long i = from; i < to; ++i)
        some.push_back(mail(i));
    return some;
}

/// A namespace nobody else uses.
inline std::string own_namespace(std::string const& what, long run = 0)
{
    return "bench-" + what + "-" + std::to_string(::getpid()) + "-" + std::to_string(run);
}

/// Runs one coroutine to its end on an io_context.
inline void run(boost::asio::io_context& io, work::task<void> what)
{
    boost::asio::co_spawn(io, std::move(what), work::rethrow);
    io.restart();
    io.run();
}

inline work::task<void> pause(std::chrono::nanoseconds length)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, length);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Enqueues `jobs` mails in bulk, 5 000 a call.
inline work::task<void> preload(work::client& client, long jobs)
{
    work::enqueuer enqueuer{client};
    for (long at = 0; at < jobs; at += 5'000) {
        std::vector<send_email> const some = mails(at, std::min(jobs, at + 5'000));
        co_await enqueuer.enqueue_bulk(some);
    }
}

}  // namespace bench
