// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/broker_clock.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace work::web {

/// Whether the broker answers: it is asked for its time every 5 s, and each second while somebody
/// waits for another answer of it. One that has not answered for 0.75 s is away.
/// \par Thread safety none; all on the executor, which runs one thing at a time.
class broker_pulse
{
public:
    /// A server that is restarted is away for less.
    static constexpr std::int64_t patience_ms = 750;

    broker_pulse(boost::asio::any_io_executor on, std::shared_ptr<broker> to)
        : broker_(std::move(to)),
          turn_(std::move(on))
    {}

    bool away() const noexcept { return asked_ms_ != 0 && steady_ms() - asked_ms_ >= patience_ms; }
    /// Since when it is, by this machine's clock; 0: it is not.
    std::int64_t away_since_ms() const noexcept
    {
        return away() ? wall_ms() - (steady_ms() - asked_ms_) : 0;
    }
    /// When it answered last, by `steady_ms`; 0: not yet.
    std::int64_t answered_ms() const noexcept { return answered_ms_; }

    /// Somebody waits: asks now, if it did not answer within the last second.
    void hurry()
    {
        if (asked_ms_ == 0 && steady_ms() - answered_ms_ >= 1'000)
            turn_.cancel();
    }
    /// Whether it answers, or does within that time.
    task<bool> answers_within(std::chrono::milliseconds limit)
    {
        if (!away())
            co_return true;
        boost::asio::steady_timer pause(turn_.get_executor());
        std::int64_t const until = steady_ms() + limit.count();
        while (away() && steady_ms() < until && !stopped_) {
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(boost::asio::use_awaitable);
        }
        co_return !away();
    }
    void stop()
    {
        stopped_ = true;
        turn_.cancel();
    }

    /// Asks until `stop`. What it calls after an answer, at most every 5 s, does not throw.
    template <typename Chore>
    static task<void> go_on(std::shared_ptr<broker_pulse> self, Chore chore)
    {
        std::int64_t done_ms = 0;
        while (!self->stopped_) {
            bool const answered = co_await ask(self);
            if (answered && steady_ms() - done_ms >= every_ms) {
                done_ms = steady_ms();
                co_await chore();
            }
            boost::system::error_code ec;
            self->turn_.expires_after(std::chrono::milliseconds(answered ? every_ms : 100));
            if (!self->stopped_)
                co_await self->turn_.async_wait(
                    boost::asio::redirect_error(boost::asio::use_awaitable, ec)
                );
        }
    }

private:
    static constexpr std::int64_t every_ms = 5'000;

    /// One question may wait for as long as the broker is away: its answer says that it is back.
    static task<bool> ask(std::shared_ptr<broker_pulse> self)
    {
        if (self->asked_ms_ == 0)
            self->asked_ms_ = steady_ms();
        try {
            co_await self->broker_->ask_now_ms();
            self->answered_ms_ = steady_ms();
            self->asked_ms_ = 0;
        } catch (std::exception const&) {
            // It stays asked.
        }
        co_return self->asked_ms_ == 0;
    }

    std::shared_ptr<broker> broker_;
    boost::asio::steady_timer turn_;
    std::int64_t asked_ms_ = 0;  ///< the first question since it answered, by `steady_ms`; 0: none
    std::int64_t answered_ms_ = 0;
    bool stopped_ = false;
};

}  // namespace work::web
