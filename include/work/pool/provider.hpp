// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

namespace work::detail {

struct worker;

/// Counts what is too much for the log: one line a minute. Any thread may run a provider.
class failure_log
{
public:
    /// How many failures a line is to tell of, this one among them; 0: none is to be logged now.
    std::int64_t add(std::chrono::steady_clock::time_point now)
    {
        std::lock_guard const lock(mutex_);
        ++failures_;
        if (now < quiet_until_)
            return 0;
        quiet_until_ = now + std::chrono::minutes(1);
        return std::exchange(failures_, 0);
    }

private:
    std::mutex mutex_;
    std::int64_t failures_ = 0;  // that were not logged yet
    std::chrono::steady_clock::time_point quiet_until_{};
};

/// Makes an object of the user's for each job, before the middleware.
struct provider
{
    std::type_info const* type;
    std::function<void(worker&)> make;
    std::unique_ptr<failure_log> failures = std::make_unique<failure_log>();
};

/// A provider threw (what it threw is nested), or returned null.
class provider_failed : public std::runtime_error
{
public:
    provider_failed(std::string const& message, bool is_fatal)
        : std::runtime_error(message),
          is_fatal_(is_fatal)
    {}
    /// It threw work::fatal: the job is dead.
    bool is_fatal() const noexcept { return is_fatal_; }

private:
    bool is_fatal_;
};

}  // namespace work::detail
