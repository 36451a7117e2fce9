// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/verdict.hpp>

namespace work::detail {

WORK_DECL int max_attempts(job_options const& type, stored_options const* own) noexcept
{
    return own && own->max_attempts ? *own->max_attempts : type.max_attempts;
}

WORK_DECL verdict judge(job_options const& type, stored_options const* own,
                        failed_attempt const& attempt)
{
    bool const skip_dead = own && own->skip_dead ? *own->skip_dead : type.skip_dead;
    auto const deadline = own && own->deadline ? own->deadline : type.deadline;
    int const failures = attempt.attempts_before + 1;
    std::int64_t const delay = (own && own->backoff
                                    ? own->backoff->delay(failures, attempt.random)
                                    : type.backoff.delay(failures, attempt.random))
                                   .count();
    bool const late =
        deadline && attempt.now_ms + delay > attempt.created_ms + deadline->count();
    if (attempt.fatal || late || failures >= max_attempts(type, own))
        return verdict{skip_dead ? outcome_kind::discard : outcome_kind::dead, 0};
    return verdict{outcome_kind::retry, delay};
}

}  // namespace work::detail
