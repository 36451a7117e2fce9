// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/failure_sink.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>

namespace work::detail {

WORK_DECL task<void> store_failure(std::shared_ptr<erased_hook> store, event_info const& what)
{
    constexpr int most = 5;
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    std::chrono::milliseconds next(100);
    for (int attempt = 1;; ++attempt) {
        std::exception_ptr failure;
        try {
            task<void> stored = (*store)(what);
            if (stored.valid())
                co_await std::move(stored);
        } catch (...) {
            failure = std::current_exception();
        }
        if (!failure)
            co_return;
        if (attempt == most)
            std::rethrow_exception(failure);
        pause.expires_after(next);
        next *= 4;
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

}  // namespace work::detail
