// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/retry_policy.hpp>
#include <work/values/failure.hpp>

#include <algorithm>
#include <exception>
#include <utility>

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

WORK_DECL retry_decision
decide_retry(job_options const& type, stored_options const* own, failed_attempt const& attempt)
{
    bool const skip_dead = own && own->skip_dead ? *own->skip_dead : type.skip_dead;
    auto const deadline = own && own->deadline ? own->deadline : type.deadline;
    int const failures = attempt.attempts_before + 1;
    int most = max_attempts(type, own);
    if (attempt.bad_arguments)
        most = std::min(most, 5);
    auto const no_more = [skip_dead](std::string backoff_failure) {
        outcome_kind const kind = skip_dead ? outcome_kind::discard : outcome_kind::dead;
        return retry_decision{kind, 0, std::move(backoff_failure)};
    };
    if (attempt.fatal || failures >= most)
        return no_more({});
    std::string backoff_failure;
    std::chrono::milliseconds pause{0};
    try {
        pause = own && own->backoff ? own->backoff->delay(failures, attempt.random)
                                    : type.backoff.delay(failures, attempt.random);
    } catch (...) {
        exception_text const thrown = describe_exception(std::current_exception());
        backoff_failure = thrown.type + ": " + thrown.message;
        pause = backoff().delay(failures, attempt.random);
    }
    std::int64_t delay = pause.count();
    if (attempt.bad_arguments)
        delay = std::max(delay, bad_arguments_pause(failures, most));
    if (deadline && attempt.now_ms + delay > attempt.created_ms + deadline->count())
        return no_more(std::move(backoff_failure));
    return retry_decision{outcome_kind::retry, delay, std::move(backoff_failure)};
}

}  // namespace work::detail
