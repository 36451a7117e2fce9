// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client_options.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace work::tool {

/// Where a load runs: a broker, and a namespace in it that is its own.
struct load_place
{
    std::string url;
    std::string ns;
};

/// What each job of a load does.
struct load_job
{
    std::chrono::milliseconds sleep{0};  ///< waits, as for a database
    std::chrono::microseconds cpu{0};    ///< computes
};

/// Jobs that were stored, and then run by one pool in this thread.
struct drained
{
    std::int64_t stored = 0;
    double store_s = 0;
    std::int64_t done = 0;
    double drain_s = 0;  ///< from the first job's beginning to the last one's end
    double cpu_us = 0;   ///< of this process, a job, while they ran
};

/// A number that is unique enough in one Redis: "work-bench-123456".
std::string own_namespace(char const* what);

/// Stores so many jobs and runs them, for no longer than that in all, or until it is told to stop.
drained drain(
    load_place const& at,
    std::int64_t jobs,
    int concurrency,
    load_job const& job,
    std::chrono::milliseconds longest
);
/// How many jobs a second one pool of this concurrency runs while there are always more of them,
/// looked at for so long.
double speed(
    load_place const& at,
    int concurrency,
    load_job const& job,
    std::chrono::milliseconds lasting
);

/// SIGINT and SIGTERM end what is under way, so that what it stored is removed; the last of them.
class load_signals
{
public:
    load_signals();
    ~load_signals();
    load_signals(load_signals const&) = delete;
    load_signals& operator=(load_signals const&) = delete;
    /// 0: none came.
    static int seen() noexcept;
};

/// Removes all keys of the namespace. It looks over all keys there are, in small steps.
/// \returns how many keys there were
std::int64_t remove_namespace(load_place const& at);

}  // namespace work::tool
