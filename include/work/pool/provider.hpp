// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <typeinfo>

namespace work::detail {

struct slot;

/// Makes an object of the user's for each job, before the middleware.
struct provider
{
    std::type_info const* type;
    std::function<void(slot&)> make;
    std::int64_t failures = 0;  ///< that were not logged yet
    std::chrono::steady_clock::time_point quiet_until{};
};

/// A provider threw (what it threw is nested), or returned null.
class provider_failed : public std::runtime_error
{
public:
    provider_failed(std::string const& message, bool is_fatal)
        : std::runtime_error(message), is_fatal_(is_fatal)
    {
    }
    /// It threw work::fatal: the job is dead.
    bool is_fatal() const noexcept { return is_fatal_; }

private:
    bool is_fatal_;
};

}  // namespace work::detail
