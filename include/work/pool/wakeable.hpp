// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace work::detail {

/// A sleep that can be ended early. One sleeper at a time; a wake-up that comes while nobody sleeps
/// ends the next sleep at once, so none is lost.
class wakeable
{
public:
    using clock = std::chrono::steady_clock;

    explicit wakeable(boost::asio::any_io_executor executor) : timer_(std::move(executor)) {}

    bool sleeping() const noexcept { return sleeping_; }

    void wake()
    {
        woken_ = true;
        if (sleeping_)
            timer_.cancel();
    }

    task<void> sleep_until(clock::time_point time)
    {
        if (!woken_) {
            sleeping_ = true;
            timer_.expires_at(time);
            boost::system::error_code ignored;
            co_await timer_.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored)
            );
            sleeping_ = false;
        }
        woken_ = false;
    }

private:
    boost::asio::steady_timer timer_;
    bool sleeping_ = false;
    bool woken_ = false;
};

}  // namespace work::detail
