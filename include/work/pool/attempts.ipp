// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/attempts.hpp>
#include <work/pool/first_wait.hpp>
#include <work/pool/handler.hpp>
#include <work/values/duration.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/next_stage.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL retry_decision attempts::next_step(
    job_type const& type,
    stored_options const* own,
    failed_attempt const& attempt
) const
{
    retry_decision v = decide_retry(type.options, own, attempt);
    if (!v.backoff_failure.empty() && !type.backoff_blamed.exchange(true))
        log_(
            log_level::error,
            "the backoff function of " + type.name +
                " threw, the default is used: " + v.backoff_failure
        );
    return v;
}

inline std::unique_ptr<caught_failure> describe_failure(std::exception const* thrown)
{
    auto failure = std::make_unique<caught_failure>();
    failure->text = describe_caught(thrown);
    if (auto const* const from = dynamic_cast<provider_failed const*>(thrown)) {
        failure->text.type = "provider_failed";
        failure->is_fatal = from->is_fatal();
    } else if (auto const* const arguments = dynamic_cast<bad_arguments const*>(thrown)) {
        failure->text.type = arguments->type();
        failure->is_misfit = true;
        failure->is_fatal = !arguments->may_fit();
    } else if (dynamic_cast<newer_arguments const*>(thrown)) {
        failure->text.type = "newer_arguments";
        failure->is_newer = true;
    } else if (thrown) {
        failure->is_fatal = dynamic_cast<fatal const*>(thrown) != nullptr;
        if (auto const* const free = dynamic_cast<uncounted const*>(thrown)) {
            failure->counts = false;
            failure->again_in = free->delay();
        }
    } else {
        // One that derives from std::exception by two ways is not caught as it.
        try {
            throw;
        } catch (fatal const&) {
            failure->is_fatal = true;
        } catch (uncounted const& free) {
            failure->counts = false;
            failure->again_in = free.delay();
        } catch (...) {
        }
    }
    return failure;
}

WORK_DECL std::unique_ptr<caught_failure> catch_failure(std::exception const* thrown) noexcept
{
    try {
        return describe_failure(thrown);
    } catch (...) {
        return nullptr;
    }
}

WORK_DECL caught_failure const& undescribed_failure() noexcept
{
    static caught_failure const failure{{"unknown", "out of memory"}};
    return failure;
}

// ---- before it runs

WORK_DECL void attempts::set_aside(held_job const& job, std::string const& why)
{
    log_(log_level::error, why);
    ledger_.report(job_report{job.of, job.id, outcome_kind::set_aside, 0, {}, {}});
}

WORK_DECL bool attempts::expired(held_job const& job, stored_options const* own)
{
    if (!own || !own->expires_in)
        return false;
    std::int64_t const now = time_ms(clock_);
    if (now <= job.record.created_ms + own->expires_in->count())
        return false;
    job_ending ending;
    ending.outcome = "expired";
    ending.at_ms = now;
    std::string kept = encode_ending(ending);
    ledger_.report(
        job_report{job.of, job.id, outcome_kind::complete, trace_ms(job), std::move(kept), {}}
    );
    return true;
}

WORK_DECL bool attempts::misses_deadline(
    held_job const& job,
    stored_options const* own,
    std::chrono::milliseconds& timeout
)
{
    job_type const& type = *job.list->type;
    auto const deadline = own && own->deadline ? own->deadline : type.options.deadline;
    if (!deadline)
        return false;
    std::int64_t const now = time_ms(clock_);
    std::chrono::milliseconds const left(job.record.created_ms + deadline->count() - now);
    if (left > std::chrono::milliseconds(0)) {
        timeout = std::min(timeout, left);
        return false;
    }
    failed_attempt attempt;
    attempt.attempts_before = job.record.attempts;
    attempt.created_ms = job.record.created_ms;
    attempt.now_ms = now;
    attempt.fatal = true;
    retry_decision const v = next_step(type, own, attempt);
    queues_.count_failed(*job.list);
    work::failure why{
        job.record.attempts + 1,
        "deadline",
        type.name + " was not done within its deadline",
        now
    };
    say_where(why, job);
    auto told = event_of(job, v, why, max_attempts(type.options, own));
    job_report what{job.of, job.id, v.kind, v.delay_ms, {}, std::move(why), std::move(told)};
    what.counted = counted_as::failed;
    what.list = job.list->list;
    ledger_.report(std::move(what));
    return true;
}

WORK_DECL void attempts::starts(held_job const& job)
{
    if (job.of->suspects)
        return;
    if (auto const wait = first_wait_us(job.record, job.of->number))
        queues_.count_waited(*job.list, std::chrono::microseconds(*wait));
}

// ---- after it ran

WORK_DECL void attempts::ended(worker& s, caught_failure const* failure)
{
    queues_.count_ran(*s.held.list, std::chrono::steady_clock::now() - s.started);
    try {
        decide(s, failure);
    } catch (...) {
        log_(
            log_level::error,
            "what became of job " + std::string(s.held.id) + " can't be told, it is left to its " +
                "lease: " + describe_exception(std::current_exception()).message
        );
    }
}

WORK_DECL void attempts::cancelled(held_job const& held)
{
    job_report what{held.of, held.id, outcome_kind::cancelled, 0, {}, {}};
    if (hooks_.wants_any({event::cancelled, event::dead}))
        what.event = std::make_unique<event_info>(hooks_.make(event::cancelled, held));
    ledger_.report(std::move(what));
}

WORK_DECL void attempts::ended_late(worker& s)
{
    queues_.count_ran(*s.held.list, std::chrono::steady_clock::now() - s.started);
}

WORK_DECL void attempts::ended_lost(worker& s)
{
    count_end(s.held, attempt_end::lost);
}

WORK_DECL void attempts::overstayed(worker& s)
{
    std::string const& type = s.held.list->type->name;
    log_(
        log_level::error,
        "job " + std::string(s.held.id) + " (" + type + ") did not end after " +
            (s.told_cancelled ? "it was cancelled" : "its timeout") +
            "; it is given up, its worker stays taken until the handler returns"
    );
    if (s.told_cancelled) {
        count_end(s.held, attempt_end::cancelled);
        s.reported = true;
        cancelled(s.held);
        return;
    }
    fail(
        s,
        "timed_out",
        type + " ran longer than its timeout (" + format_duration(s.timeout) +
            ") and did not end when it was cancelled"
    );
}

WORK_DECL void attempts::decide(worker& s, caught_failure const* failure)
{
    claim& c = *s.held.of;
    job_type const& type = *s.held.list->type;
    auto const stopping = s.stopping();
    // What a handler returns counts if it was not reached by the stop, or says so expressly.
    bool const express = !failure && s.ended.is_express();
    bool const told = stopping && s.reached() && !express;
    if (told && *stopping == stop_reason::cancelled) {
        count_end(s.held, attempt_end::cancelled);
        cancelled(s.held);
    } else if (told && *stopping == stop_reason::shutting_down) {
        count_end(s.held, attempt_end::released);
        ledger_.report(job_report{&c, s.held.id, outcome_kind::release, 0, {}, {}});
    } else if (told && *stopping == stop_reason::timed_out) {
        fail(
            s,
            "timed_out",
            type.name + " ran longer than its timeout (" + format_duration(s.timeout) +
                ") and was cancelled"
        );
    } else if (failure) {
        threw(s, *failure);
    } else if (!s.handler_reached()) {
        std::string text = "middleware " + std::to_string(s.layers_entered()) + " of " +
                           std::to_string(type.calls.layers.size()) + " around " + type.name +
                           " returned without co_await go(), so the handler did not run; go.skip() "
                           "says that this is meant";
        log_.once("not run\n" + type.name, text);
        fail(s, "handler_not_run", std::move(text));
    } else if (s.ended.what() == outcome::kind::done) {
        complete(s, "done", {});
    } else if (s.ended.what() == outcome::kind::discard) {
        complete(s, "discarded", s.ended.reason());
    } else if (s.ended.what() == outcome::kind::next_stage) {
        go_on(s);
    } else if (auto const most = type.options.max_snoozes; most && s.held.record.snoozes >= *most) {
        fail(
            s,
            "too_many_snoozes",
            type.name + " snoozed " + std::to_string(*most) +
                " times, the most that its max_snoozes allows"
        );
    } else {
        count_end(s.held, attempt_end::snoozed);
        ledger_.report(
            job_report{&c, s.held.id, outcome_kind::snooze, s.ended.delay().count(), {}, {}}
        );
    }
}

WORK_DECL void attempts::threw(worker& s, caught_failure const& failure)
{
    job_type const& type = *s.held.list->type;
    exception_text text = failure.text;
    bool const dead_of_it =
        failure.is_misfit && type.options.on_bad_arguments == on_bad_arguments::dead;
    failed_attempt how;
    how.fatal = failure.is_fatal || dead_of_it;
    how.bad_arguments = failure.is_misfit && !how.fatal;
    how.counts = failure.counts;
    if (failure.again_in)
        how.in_ms = failure.again_in->count();
    if (failure.is_newer) {
        how.newer_arguments = true;
        log_.once("newer\n" + type.name, text.message);
    }
    if (!s.misuse_of_go().empty()) {
        text = {"handler_run_again", s.misuse_of_go()};
        log_.once("again\n" + type.name, text.message);
        how = {};
        how.fatal = true;
    }
    fail(s, std::move(text.type), std::move(text.message), how);
}

WORK_DECL void attempts::fail(worker& s, std::string type, std::string message, failed_attempt how)
{
    job_report what = failed_report(s, std::move(type), std::move(message), how);
    queues_.count_failed(*s.held.list);
    count_end(s.held, runs_again(what.kind) ? attempt_end::retry : attempt_end::dead);
    s.reported = true;
    ledger_.report(std::move(what));
}

// Counts nothing yet.
WORK_DECL job_report
attempts::failed_report(worker& s, std::string type, std::string message, failed_attempt how)
{
    work::failure why{s.job().attempt(), std::move(type), std::move(message), time_ms(clock_)};
    say_where(why, s.held);
    why.run_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - s.started
    )
                     .count();
    how.attempts_before = s.held.record.attempts;
    how.created_ms = s.held.record.created_ms;
    how.due_ms = s.held.record.due_ms;
    how.snoozes = s.held.record.snoozes;
    how.now_ms = why.at_ms;
    how.random = random_();
    retry_decision const v = next_step(*s.held.list->type, s.options.get(), how);
    auto told = event_of(s.held, v, why, s.job().max_attempts());
    if (told)
        told->duration_ms = *why.run_ms;
    job_report what{
        s.held.of,
        s.held.id,
        v.kind,
        v.delay_ms,
        {},
        std::move(why),
        std::move(told),
        s.reported_before,
        counted_as::failed,
        s.held.list->list
    };
    if (v.kind == outcome_kind::discard)
        what.number = trace_ms(s.held);
    return what;
}

WORK_DECL void attempts::say_where(work::failure& why, held_job const& job) const
{
    why.pool = pool_;
    if (auto const wait = first_wait_us(job.record, job.of->number))
        why.wait_ms = *wait / 1'000;
}

// ---- for hooks

WORK_DECL std::unique_ptr<event_info> attempts::event_of(
    held_job const& job,
    retry_decision const& next,
    work::failure const& why,
    int max_attempts
) const
{
    event const what = runs_again(next.kind) ? event::retry : event::dead;
    if (!hooks_.wants_any({what, event::lease_lost}))
        return nullptr;
    auto told = std::make_unique<event_info>(hooks_.make(what, job));
    told->at_ms = why.at_ms;
    told->attempt = why.attempt;
    told->max_attempts = max_attempts;
    if (what == event::retry)
        told->next_at_ms = why.at_ms + next.delay_ms;
    if (next.kind == outcome_kind::discard)
        told->reason = "its record was dropped, since its type says skip_dead";
    told->failure = why;
    told->failure->type = sanitized_utf8(why.type, max_failure_type);
    told->failure->message = mended_utf8(why.message, max_failure_message);
    if (hooks_.wants(what))
        told->args = job.record.args;
    return told;
}

WORK_DECL std::unique_ptr<event_info> attempts::given_up(held_job const& held, late_job const& job)
{
    if (job.code == outcome_code::cancelled) {
        hooks_.add_unread(hooks_.make(event::cancelled, held));
        count_end(held, attempt_end::cancelled);
        return nullptr;
    }
    queues_.count_failed(*held.list);
    count_end(held, job.what.kind == outcome_kind::retry ? attempt_end::retry : attempt_end::dead);
    auto const why = decode_failure(job.failure);
    return why ? event_of(held, job.what, *why, job.max_attempts) : nullptr;
}

}  // namespace work::detail
