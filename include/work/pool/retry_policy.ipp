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

// A quarter of its age, since programs are replaced within minutes; spread, so that many that came
// together don't come again together.
inline std::int64_t newer_arguments_pause(failed_attempt const& attempt)
{
    std::int64_t const age = attempt.now_ms - std::max(attempt.created_ms, attempt.due_ms);
    std::int64_t const pause = std::clamp<std::int64_t>(age / 4, 5'000, 300'000);
    return pause + static_cast<std::int64_t>(attempt.random % 256) * pause / 1024;
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
    bool const counts =
        !attempt.newer_arguments &&
        (attempt.counts || (type.max_snoozes && attempt.snoozes >= *type.max_snoozes));
    if (attempt.fatal || (counts && failures >= most))
        return no_more({});
    std::string backoff_failure;
    std::chrono::milliseconds pause{0};
    if (attempt.newer_arguments)
        pause = std::chrono::milliseconds(newer_arguments_pause(attempt));
    else if (attempt.in_ms)
        pause = std::chrono::milliseconds(*attempt.in_ms);
    else
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
    outcome_kind const again = counts ? outcome_kind::retry : outcome_kind::uncounted;
    return retry_decision{again, delay, std::move(backoff_failure)};
}

}  // namespace work::detail
