// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/verdict.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL int max_attempts(job_options const& type, stored_options const* own) noexcept
{
    return own && own->max_attempts ? *own->max_attempts : type.max_attempts;
}

// Of at most five attempts over at least ten minutes, each pause is twice the one before.
inline std::int64_t bad_arguments_pause(int failures, int most)
{
    constexpr std::int64_t in_all = 10 * 60 * 1000;
    std::int64_t const pauses = (std::int64_t(1) << (most - 1)) - 1;
    return (in_all * (std::int64_t(1) << (failures - 1)) + pauses - 1) / pauses;
}

WORK_DECL verdict judge(job_options const& type, stored_options const* own,
                        failed_attempt const& attempt)
{
    bool const skip_dead = own && own->skip_dead ? *own->skip_dead : type.skip_dead;
    auto const deadline = own && own->deadline ? own->deadline : type.deadline;
    int const failures = attempt.attempts_before + 1;
    int most = max_attempts(type, own);
    if (attempt.bad_arguments)
        most = std::min(most, 5);
    bool const last = attempt.fatal || failures >= most;
    std::int64_t delay = (own && own->backoff
                                    ? own->backoff->delay(failures, attempt.random)
                                    : type.backoff.delay(failures, attempt.random))
                                   .count();
    if (attempt.bad_arguments && !last)
        delay = std::max(delay, bad_arguments_pause(failures, most));
    bool const late =
        deadline && attempt.now_ms + delay > attempt.created_ms + deadline->count();
    if (last || late)
        return verdict{skip_dead ? outcome_kind::discard : outcome_kind::dead, 0};
    return verdict{outcome_kind::retry, delay};
}

}  // namespace work::detail
