// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/connection_core.hpp>
#include <work/redis/handshake.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace work::redis::detail {

/// Tries to connect until it succeeds, nobody waits any more, or the connection is closed.
WORK_DECL task<void> connection_core::connect_loop(hold self)
{
    // An attempt that hangs is a trouble as well.
    self->in_trouble({});
    while (!self->closed_ && !self->connected_ && self->waiting() > 0) {
        self->interrupted_ = false;
        if (self->failures_ > 0 && clock::now() < self->next_attempt_) {
            boost::system::error_code ignored;
            self->pause_.expires_at(self->next_attempt_);
            auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
            co_await self->pause_.async_wait(token);
            continue;
        }
        std::exception_ptr refused;
        try {
            co_await self->connect_once();
        } catch (error const& failure) {
            if (failure.code() != errc::unavailable)
                refused = std::current_exception();
            self->why_ = failure.what();
        }
        if (self->connected_ || self->closed_ || self->interrupted_)
            continue;
        ++self->stats_.failures;
        ++self->failures_;
        std::string const about = "the Redis server " + describe(self->server_) + ' ';
        std::string_view why = self->why_;
        if (why.starts_with(about))
            why.remove_prefix(about.size());
        self->in_trouble(why);
        self->next_attempt_ = clock::now() + self->pauses_.pause(self->failures_);
        if (refused)
            self->fail_waiting(refused);
    }
}

WORK_DECL task<void> connection_core::connect_once()
{
    incoming_.reset();
    link_ = options_.make_transport(executor_);
    co_await establish(*link_, incoming_, server_);
    if (closed_ || interrupted_) {
        link_->close();
        co_return;
    }
    connected_ = true;
    progress_ = clock::now();
    if (!refusing_)
        recovered();
    fruitful_ = failing_ = retiring_ = probing_ = false;
    stream_ = written_ = 0;
    ++stats_.connections;
    linked_at_ = clock::now();
}

}  // namespace work::redis::detail
