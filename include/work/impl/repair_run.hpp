// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/leave_room.hpp>
#include <work/error.hpp>

#include <work/impl/kept_operation.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Looks through all jobs for those that are in no place, and puts them back, some at a time; then
/// frees slots of limits that no job holds. It may be stopped behind the look, and between parts.
class repair_run : private kept_operation
{
public:
    repair_run(std::shared_ptr<client_core> core, operation_info begun, operation_watch* watch)
        : kept_operation(std::move(core), std::move(begun), watch),
          turn_(core_->executor)
    {}

    static task<operation_info> run(std::shared_ptr<repair_run> self)
    {
        std::string trouble;
        try {
            co_await self->begin();
            std::vector<std::string> const strays = co_await look(self);
            if (self->now_.is_open())
                co_await self->put_back(strays);
            if (self->now_.is_open())
                co_await self->core_->broker->look_for_leaks(true);
        } catch (error const& fault) {
            trouble = fault.what();
        }
        co_await self->end(std::move(trouble));
        co_return self->now_;
    }

private:
    static constexpr std::size_t at_once = 16;

    /// It is kept while the look goes on: one that is silent is taken for interrupted.
    static task<std::vector<std::string>> look(std::shared_ptr<repair_run> self)
    {
        self->looking_ = self->keeping_ = true;
        boost::asio::co_spawn(self->core_->executor, keep_on(self), [self](std::exception_ptr) {
            self->keeping_ = false;
            self->turn_.cancel();
        });
        std::vector<std::string> found;
        std::exception_ptr failure;
        try {
            found = co_await self->core_->broker->strays();
        } catch (...) {
            failure = std::current_exception();
        }
        self->looking_ = false;
        self->turn_.cancel();
        while (self->keeping_)
            co_await self->sleep(std::chrono::milliseconds(100));
        if (failure)
            std::rethrow_exception(failure);
        self->now_.matched = static_cast<std::int64_t>(found.size());
        co_return found;
    }

    static task<void> keep_on(std::shared_ptr<repair_run> self)
    {
        while (self->looking_) {
            co_await self->sleep(std::chrono::seconds(2));
            if (self->looking_)
                co_await self->keep();
        }
    }

    task<void> sleep(std::chrono::milliseconds time)
    {
        boost::system::error_code ignored;
        turn_.expires_after(time);
        co_await turn_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    task<void> put_back(std::vector<std::string> const& strays)
    {
        co_await start_acting();
        now_.of = static_cast<std::int64_t>(strays.size());
        for (std::size_t at = 0; at < strays.size(); at += at_once) {
            auto const from = std::chrono::steady_clock::now();
            auto const first = strays.begin() + static_cast<std::ptrdiff_t>(at);
            std::size_t const count = std::min(at_once, strays.size() - at);
            std::vector<std::string> some(first, first + static_cast<std::ptrdiff_t>(count));
            std::vector<admin_code> const codes =
                co_await core_->broker->take_back(std::move(some));
            for (admin_code const code : codes)
                ++tally(code);
            now_.scanned += static_cast<std::int64_t>(count);
            co_await keep();
            if (!now_.is_open())
                co_return;
            co_await leave_room(from);
        }
    }

    boost::asio::steady_timer turn_;
    bool looking_ = false;
    bool keeping_ = false;
};

}  // namespace work::detail
