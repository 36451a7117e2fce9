// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/log.hpp>

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// A pool's lines in the log.
///
/// \par Thread safety any thread
class pool_log
{
public:
    pool_log(logger to, std::string const& pool) : to_(std::move(to)), begin_("pool " + pool + ": ")
    {}

    void operator()(log_level level, std::string const& line) const { to_(level, begin_ + line); }

    /// What the broker noted: what it reaped, and what it found broken.
    void notes(std::vector<std::string> const& notes) const
    {
        for (std::string const& note : notes)
            (*this)(note.starts_with("lapsed") ? log_level::info : log_level::warning, note);
    }

    /// A warning, once for each key; up to 1024 of them are remembered.
    void once(std::string key, std::string const& line)
    {
        constexpr std::size_t most = 1024;
        {
            std::lock_guard const lock(mutex_);
            if (warned_.size() >= most || !warned_.insert(std::move(key)).second)
                return;
        }
        (*this)(log_level::warning, line);
    }

private:
    logger const to_;
    std::string const begin_;
    std::mutex mutex_;
    std::set<std::string, std::less<>> warned_;
};

}  // namespace work::detail
