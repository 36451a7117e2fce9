// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <exception>

namespace work {

/// What every coroutine of the library and every handler returns.
template <typename T = void>
using task = boost::asio::awaitable<T>;

/// A completion token for `co_spawn` that lets an exception out of the coroutine leave
/// `io_context::run()`, instead of vanishing as with `boost::asio::detached`.
struct rethrow_t
{
    void operator()(std::exception_ptr failure) const
    {
        if (failure)
            std::rethrow_exception(failure);
    }
    template <typename T>
    void operator()(std::exception_ptr failure, T&&) const
    {
        (*this)(failure);
    }
};
inline constexpr rethrow_t rethrow{};

}  // namespace work
