// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/middleware.hpp>
#include <work/pool/end_counts.hpp>
#include <work/pool/queue_clocks.hpp>
#include <work/values/job_options.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace work::detail {

/// A job name's handler and options, as one pool registered them.
struct job_type
{
    std::string name;
    job_options options;
    chain calls;
    /// Its own backoff function threw, and that was logged.
    mutable std::atomic<bool> backoff_blamed{false};
    queue_clocks clocks;
    end_counts ends;
    std::int64_t sample_second = 0;  ///< of completed jobs kept so that people see success
    int sampled = 0;
};

/// What a pool claims from: a list, or `*` and a job name: that name in any queue.
struct pool_queue
{
    std::string what;
    job_type* type = nullptr;
    int weight = 1;
    std::int64_t rank = 0;
    std::int64_t length = -1;  ///< as last heard; -1: not known
};

/// A list the pool met jobs of, and what it counted in it.
struct met_list
{
    std::string list;
    std::string queue;
    job_type* type = nullptr;
    queue_clock* clock = nullptr;  ///< of its type and queue
    std::int64_t processed = 0;
    std::int64_t failed = 0;
    bool counted = false;  ///< is among what is to be reported
    bool in_use = false;
    bool measured = false;     ///< there is something in `history`
    history_counts history{};  ///< that was not written
};

}  // namespace work::detail
