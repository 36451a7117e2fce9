// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/values/job_options.hpp>
#include <work/values/stored_options.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace work::detail {

/// What is known about a job that failed.
struct failed_attempt
{
    int attempts_before = 0;  ///< failed attempts before this one
    std::int64_t created_ms = 0;
    std::int64_t now_ms = 0;
    bool fatal = false;
    bool bad_arguments = false;  ///< they don't fit this version of the handler
    /// They are for a handler that this program does not have yet: it comes again until there is
    /// one, or its deadline has passed, and costs no attempt.
    bool newer_arguments = false;
    std::int64_t due_ms = 0;  ///< of one that was enqueued for later
    /// It is no fault of the job's, and costs no attempt: unless `max_snoozes` are used up.
    bool counts = true;
    std::int64_t snoozes = 0;             ///< how often it came again before, at no cost
    std::optional<std::int64_t> in_ms{};  ///< again then, whatever the backoff says
    std::uint64_t random = 0;
};

struct retry_decision
{
    outcome_kind kind = outcome_kind::retry;  ///< or uncounted, dead, discard
    std::int64_t delay_ms = 0;
    /// What the type's own backoff function threw: the default was used instead. Else empty.
    std::string backoff_failure{};
};

/// Another attempt, and when; or the dead set; or nothing more. Calls the type's own backoff
/// function.
WORK_DECL retry_decision
decide_retry(job_options const& type, stored_options const* own, failed_attempt const& attempt);

/// After this outcome of a failed attempt another one follows.
constexpr bool runs_again(outcome_kind kind) noexcept
{
    return kind == outcome_kind::retry || kind == outcome_kind::uncounted;
}

WORK_DECL int max_attempts(job_options const& type, stored_options const* own) noexcept;

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/retry_policy.ipp>
#endif
