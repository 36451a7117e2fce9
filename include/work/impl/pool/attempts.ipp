// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/verdict.hpp>

#include <utility>

namespace work::detail {

WORK_DECL verdict pool_core::judge_attempt(
    job_type const& type,
    stored_options const* own,
    failed_attempt const& attempt
) const
{
    verdict v = judge(type.options, own, attempt);
    if (!v.backoff_failure.empty() && !type.backoff_blamed.exchange(true))
        log(log_level::error,
            "the backoff function of " + type.name + " threw, the default is used: " +
                v.backoff_failure);
    return v;
}

// Should even that throw, the slot is free again and the job is left to its lease.
WORK_DECL void pool_core::decide_or_leave(slot& s, std::exception_ptr failure)
{
    try {
        decide(s, std::move(failure));
    } catch (...) {
        log(log_level::error,
            "what became of job " + std::string(s.held.id) + " can't be told, it is left to its " +
                "lease: " + describe_exception(std::current_exception()).message);
    }
}

// It comes too late to run at all.
WORK_DECL void pool_core::miss_deadline(
    held_job const& job,
    stored_options const* own,
    std::int64_t now
)
{
    failed_attempt attempt;
    attempt.attempts_before = job.record.attempts;
    attempt.created_ms = job.record.created_ms;
    attempt.now_ms = now;
    attempt.fatal = true;
    verdict const v = judge_attempt(*job.list->type, own, attempt);
    count_failed(*job.list);
    work::failure why{
        job.record.attempts + 1,
        "deadline",
        job.list->type->name + " was not done within its deadline",
        now
    };
    say(said{job.of, job.id, v.kind, v.delay_ms, {}, std::move(why)});
    drop_ready(job);
}

}  // namespace work::detail
