// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/memory/memory_broker.ipp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace work {

WORK_DECL task<void> memory_broker::publish(std::string channel, std::string text)
{
    check_open();
    store_->publish(channel, std::move(text));
    co_await detail::take_turns();
}

WORK_DECL task<void> memory_broker::subscribe(
    std::string channel,
    std::function<void(std::string_view)> receive,
    std::function<void()> listening
)
{
    check_open();
    auto const listener = std::make_shared<detail::memory_listener>(
        executor_,
        std::move(channel),
        std::move(receive)
    );
    detail::listed_listener const in_list(listeners_, store_, listener);
    store_->subscribe(listener);
    if (listening)
        listening();
    listener->sleep.expires_at(std::chrono::steady_clock::time_point::max());
    boost::system::error_code ended;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ended);
    co_await listener->sleep.async_wait(token);
}

WORK_DECL void memory_broker::end_subscriptions()
{
    for (auto const& listener : *listeners_)
        listener->sleep.expires_at(std::chrono::steady_clock::time_point::min());
}

WORK_DECL void memory_broker::end_subscription(std::string_view channel)
{
    for (auto const& listener : *listeners_)
        if (listener->channel == channel)
            listener->sleep.expires_at(std::chrono::steady_clock::time_point::min());
}

}  // namespace work
