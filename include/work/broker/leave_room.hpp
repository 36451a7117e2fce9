// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace work::detail {

/// What people start goes in parts, and leaves the broker to others for as long as each took, or so
/// many times as long; at most a quarter of a second.
inline task<void> leave_room(std::chrono::steady_clock::time_point from, int times = 1)
{
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    std::chrono::steady_clock::duration const most = std::chrono::milliseconds(250);
    pause.expires_after(std::min(times * (std::chrono::steady_clock::now() - from), most));
    co_await pause.async_wait(boost::asio::use_awaitable);
}

}  // namespace work::detail
