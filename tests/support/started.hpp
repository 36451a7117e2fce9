// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/task.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace work::testing {

/// A task that was started, to be looked at from outside while the test turns the context.
template <typename T>
class started
{
public:
    started(boost::asio::io_context& io, task<T> what) : state_(std::make_shared<state>())
    {
        boost::asio::co_spawn(
            io,
            std::move(what),
            boost::asio::bind_cancellation_slot(
                state_->signal.slot(),
                [kept = state_](std::exception_ptr failure, T value) {
                    kept->ended = true;
                    kept->failure = failure;
                    kept->value.emplace(std::move(value));
                }
            )
        );
    }

    bool ended() const { return state_->ended; }
    bool failed() const { return state_->failure != nullptr; }
    void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal)
    {
        state_->signal.emit(type);
    }
    /// What it returned, or throws what it threw.
    T& value()
    {
        if (state_->failure)
            std::rethrow_exception(state_->failure);
        return *state_->value;
    }
    /// What it failed with; no error if it didn't.
    boost::system::error_code code() const
    {
        try {
            if (state_->failure)
                std::rethrow_exception(state_->failure);
        } catch (boost::system::system_error const& failure) {
            return failure.code();
        }
        return {};
    }
    std::string message() const
    {
        try {
            if (state_->failure)
                std::rethrow_exception(state_->failure);
        } catch (std::exception const& failure) {
            return failure.what();
        }
        return {};
    }

private:
    struct state
    {
        bool ended = false;
        std::exception_ptr failure;
        std::optional<T> value;
        boost::asio::cancellation_signal signal;
    };
    std::shared_ptr<state> state_;
};

/// Runs the context until the condition holds; false if it doesn't within the time, or if there is
/// nothing left to run.
template <typename Condition>
bool run_until(
    boost::asio::io_context& io,
    Condition condition,
    std::chrono::steady_clock::duration patience = std::chrono::seconds(60)
)
{
    auto const until = std::chrono::steady_clock::now() + patience;
    io.restart();
    while (!condition())
        if (io.run_one_until(until) == 0)
            return condition();
    return true;
}

}  // namespace work::testing
