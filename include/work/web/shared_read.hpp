// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace work::web {

/// Something of the broker's that many ask for: it is read at most once a second, or in the time
/// that it is fresh for, however many do, and those who come while it is being read get the same.
/// Thread safety: none; all on the executor, which runs one thing at a time.
template <typename T>
class shared_read : public std::enable_shared_from_this<shared_read<T>>
{
public:
    using value = std::shared_ptr<T const>;

    shared_read(
        boost::asio::any_io_executor on,
        std::function<task<T>()> fetch,
        std::int64_t fresh_ms = 1'000
    )
        : shared_read(std::move(on), std::move(fetch), [fresh_ms](T const&) { return fresh_ms; })
    {}
    /// For how long it is fresh depends on what was read: what costs more is read less often.
    shared_read(
        boost::asio::any_io_executor on,
        std::function<task<T>()> fetch,
        std::function<std::int64_t(T const&)> fresh_ms
    )
        : executor_(std::move(on)),
          fetch_(std::move(fetch)),
          fresh_ms_(std::move(fresh_ms))
    {}

    /// No older than that. Errors: those of the fetch, which is tried again by the next call.
    task<value> read() { return read(fresh_ms_); }
    /// For somebody to whom what was read is fresh for another time.
    task<value> read(std::function<std::int64_t(T const&)> fresh_ms)
    {
        auto const self = this->shared_from_this();
        if (value_ && steady_ms() - at_ms_ < fresh_ms(*value_))
            co_return value_;
        // What needs no wait has ended by now, and is under way no more.
        auto const round = under_way_ ? under_way_ : start();
        if (!round->ended) {
            boost::system::error_code ended;
            co_await round->end.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ended)
            );
            if (!round->ended)
                throw boost::system::system_error(boost::asio::error::operation_aborted, "read");
        }
        if (round->failure)
            std::rethrow_exception(round->failure);
        co_return round->result;
    }

    /// What was read last, however old; nothing: not yet, or it is outdated.
    value const& last() const noexcept { return value_; }
    /// What was read is so no more: the next call reads, whatever is under way.
    void outdated()
    {
        value_.reset();
        under_way_.reset();
    }

private:
    struct flight
    {
        explicit flight(boost::asio::any_io_executor const& on)
            : end(on, boost::asio::steady_timer::time_point::max())
        {}
        boost::asio::steady_timer end;
        bool ended = false;
        std::exception_ptr failure;
        value result;
    };

    std::shared_ptr<flight> start()
    {
        auto const begun = std::make_shared<flight>(executor_);
        under_way_ = begun;
        boost::asio::co_spawn(executor_, run(this->shared_from_this(), begun), rethrow);
        return begun;
    }
    static task<void> run(std::shared_ptr<shared_read> self, std::shared_ptr<flight> to)
    {
        try {
            T got = co_await self->fetch_();
            to->result = std::make_shared<T const>(std::move(got));
        } catch (...) {
            to->failure = std::current_exception();
        }
        to->ended = true;
        // Of one that was outdated meanwhile those that wait for it hear, and nobody later.
        if (self->under_way_ == to) {
            self->under_way_.reset();
            if (to->result) {
                self->value_ = to->result;
                self->at_ms_ = steady_ms();
            }
        }
        to->end.cancel();
    }

    boost::asio::any_io_executor executor_;
    std::function<task<T>()> fetch_;
    std::function<std::int64_t(T const&)> fresh_ms_;
    value value_;
    std::int64_t at_ms_ = 0;
    std::shared_ptr<flight> under_way_;
};

}  // namespace work::web
