// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/args_version.hpp>
#include <work/values/backoff.hpp>

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
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

/// What becomes of a job whose arguments don't fit its handler.
enum class on_bad_arguments {
    /// It is tried again, at most 5 times over at least 10 minutes: a new producer may have met an
    /// old worker. Then it is dead.
    retry,
    /// It is dead at once.
    dead,
};
BOOST_DESCRIBE_ENUM(on_bad_arguments, retry, dead)

/// How a worker pool treats the jobs of one type. An option set at enqueue goes first.
struct job_options
{
    /// 1..1000 attempts in all.
    int max_attempts = 25;
    /// How long one attempt may run; then the handler is cancelled.
    std::chrono::milliseconds timeout = std::chrono::minutes(30);
    backoff_policy backoff{};
    /// How often a job may snooze; then a snooze is a failed attempt of type `too_many_snoozes`.
    /// 1..1 000 000; unset: as often as it likes.
    std::optional<int> max_snoozes{};
    /// Out of attempts, the job is dropped rather than kept in the dead set.
    bool skip_dead = false;
    work::on_crash on_crash = work::on_crash::rerun;
    /// The failure's type is `bad_arguments`, `no_upcast` or `upcast_failed`. What is no JSON array
    /// or object is dead at once whatever this says.
    work::on_bad_arguments on_bad_arguments = work::on_bad_arguments::retry;
    /// 1..1000: the share of this type's queue when others have work too.
    int weight = 1;
    /// So many jobs of this type may run at a time in all pools, 1..1 000 000 000; unset: as many
    /// as have a worker. How many run in one pool is its `pool_options::concurrency`. It is kept by
    /// the broker as the limit `name:<job name>` until it is removed there (see `limits`), and what
    /// was set there by hand goes first. Pools of a namespace should agree.
    std::optional<std::int64_t> max_concurrency{};
    /// Which version of its arguments the handler takes, 1..1 000 000; 0: 1. A job says of which
    /// its own are, 1 when it says nothing. Those of an older version go through `upcast`, and fail
    /// as `no_upcast` where there is none; those of a newer one are left to a newer program, and
    /// cost no attempt. A described job says both itself: `static constexpr int args_version`,
    /// `static void upcast(int from, boost::json::value& arguments)`.
    int args_version = 0;
    upcast_function upcast{};
    /// How long the job may take in all, from enqueue, over all its attempts.
    std::optional<std::chrono::milliseconds> deadline{};

    /// Throws `errc::invalid_option` that names the field, the value and the range.
    WORK_DECL void validate() const;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/job_options.ipp>
#endif
