// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/config.hpp>
#include <work/values/backoff.hpp>

#include <boost/describe/enum.hpp>

#include <chrono>
#include <optional>

namespace work {

/// What becomes of a job that was running when its pool crashed.
enum class on_crash {
    /// It runs again, as if it had not been started.
    rerun,
    /// It goes to the dead set: for work that must never run twice.
    dead,
};
BOOST_DESCRIBE_ENUM(on_crash, rerun, dead)

/// How a worker pool treats the jobs of one type. An option set at enqueue goes first.
struct job_options
{
    /// 1..1000 attempts in all.
    int max_attempts = 25;
    /// How long one attempt may run; then the handler is cancelled.
    std::chrono::milliseconds timeout = std::chrono::minutes(30);
    backoff_policy backoff{};
    /// Out of attempts, the job is dropped rather than kept in the dead set.
    bool skip_dead = false;
    work::on_crash on_crash = work::on_crash::rerun;
    /// 1..1000: the share of this type's queue when others have work too.
    int weight = 1;
    /// How long the job may take in all, from enqueue, over all its attempts.
    std::optional<std::chrono::milliseconds> deadline{};

    /// Throws `errc::invalid_option` that names the field, the value and the range.
    WORK_DECL void validate() const;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/values/job_options.ipp>
#endif
