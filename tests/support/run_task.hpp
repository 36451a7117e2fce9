// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace work::testing {

inline constexpr std::chrono::seconds default_patience{60};

/// A coroutine test did not end in time.
struct test_timeout : std::runtime_error
{
    test_timeout()
        : std::runtime_error("the coroutine under test did not end within its time: it hangs")
    {}
};

/// Runs the context until the task has ended, and returns what it returned or throws what it threw.
/// Throws `test_timeout` instead of hanging.
template <typename T>
T run_task(
    boost::asio::io_context& io,
    task<T> under_test,
    std::chrono::steady_clock::duration patience = default_patience
)
{
    struct outcome
    {
        bool ended = false;
        std::exception_ptr failure;
    } result;
    auto const until = std::chrono::steady_clock::now() + patience;
    auto const run = [&] {
        io.restart();
        while (!result.ended && io.run_one_until(until) != 0) {
        }
        if (!result.ended)
            throw test_timeout();
        if (result.failure)
            std::rethrow_exception(result.failure);
    };
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(io, std::move(under_test), [&result](std::exception_ptr failure) {
            result.ended = true;
            result.failure = failure;
        });
        run();
    } else {
        std::optional<T> value;
        boost::asio::co_spawn(
            io,
            std::move(under_test),
            [&result, &value](std::exception_ptr failure, T got) {
                result.ended = true;
                result.failure = failure;
                value.emplace(std::move(got));
            }
        );
        run();
        return std::move(*value);
    }
}

/// Runs the context until it has nothing left to do; false if that takes too long.
inline bool run_dry(
    boost::asio::io_context& io,
    std::chrono::steady_clock::duration patience = default_patience
)
{
    io.restart();
    io.run_for(patience);
    return io.stopped();
}

}  // namespace work::testing
