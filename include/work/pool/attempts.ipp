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

WORK_DECL void attempts::ended(worker& s, std::exception_ptr failure)
{
    queues_.count_ran(*s.held.list, std::chrono::steady_clock::now() - s.started);
    try {
        decide(s, std::move(failure));
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

WORK_DECL void attempts::overstayed(worker& s)
{
    std::string const& type = s.held.list->type->name;
    log_(
        log_level::error,
        "job " + std::string(s.held.id) + " (" + type +
            ") did not end after its timeout; it is given up, its worker stays taken until the "
            "handler returns"
    );
    fail(
        s,
        "timed_out",
        type + " ran longer than its timeout (" + format_duration(s.timeout) +
            ") and did not end when it was cancelled"
    );
}

WORK_DECL void attempts::decide(worker& s, std::exception_ptr failure)
{
    claim& c = *s.held.of;
    job_type const& type = *s.held.list->type;
    auto const stopping = s.stopping();
    // What a handler returns counts if it was not reached by the stop, or says so expressly.
    bool const express = !failure && s.ended.is_express();
    bool const told = stopping && s.reached() && !express;
    if (told && *stopping == stop_reason::cancelled) {
        cancelled(s.held);
    } else if (told && *stopping == stop_reason::shutting_down) {
        ledger_.report(job_report{&c, s.held.id, outcome_kind::release, 0, {}, {}});
    } else if (told && *stopping == stop_reason::timed_out) {
        fail(
            s,
            "timed_out",
            type.name + " ran longer than its timeout (" + format_duration(s.timeout) +
                ") and was cancelled"
        );
    } else if (failure) {
        threw(s, std::move(failure));
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
        ledger_.report(
            job_report{&c, s.held.id, outcome_kind::snooze, s.ended.delay().count(), {}, {}}
        );
    }
}

WORK_DECL void attempts::threw(worker& s, std::exception_ptr failure)
{
    job_type const& type = *s.held.list->type;
    exception_text text = describe_exception(failure);
    bool is_fatal = false;
    bool unfit = false;
    try {
        std::rethrow_exception(failure);
    } catch (provider_failed const& fault) {
        text.type = "provider_failed";
        is_fatal = fault.is_fatal();
    } catch (work::fatal const&) {
        is_fatal = true;
    } catch (bad_arguments const& fault) {
        text.type = "bad_arguments";
        is_fatal = !fault.is_json() || type.options.on_bad_arguments == on_bad_arguments::dead;
        unfit = !is_fatal;
    } catch (...) {
    }
    if (!s.misuse_of_go().empty()) {
        text = {"handler_run_again", s.misuse_of_go()};
        log_.once("again\n" + type.name, text.message);
        is_fatal = true;
        unfit = false;
    }
    fail(s, std::move(text.type), std::move(text.message), is_fatal, unfit);
}

// What can't be enqueued fails the attempt. False: it did.
WORK_DECL bool attempts::prepare(worker& s, std::vector<new_job>& jobs)
{
    try {
        for (new_job& job : jobs)
            prepare_job_(job);
        return true;
    } catch (error const& fault) {
        fail(s, "bad_follow_up", fault.what());
        return false;
    }
}

WORK_DECL void attempts::go_on(worker& s)
{
    std::vector<new_job> then = s.ended.follow_ups();
    std::string envelope;
    std::int64_t delay_ms = 0;
    if (new_job const* const stage = s.ended.stage()) {
        std::vector<new_job> checked{*stage};
        if (!prepare(s, checked))
            return;
        delay_ms = delay_of_stage(*stage, time_ms(clock_));
        envelope = next_stage_of(s.held.record, checked.front());
    } else {
        envelope = next_stage_of(s.held.record, s.ended.reason());
    }
    if (!prepare(s, then))
        return;
    queues_.count_processed(*s.held.list);
    job_report what{s.held.of, s.held.id, outcome_kind::stage, delay_ms, std::move(envelope)};
    what.counted = counted_as::processed;
    what.list = s.held.list->list;
    what.then = std::move(then);
    ledger_.report(std::move(what));
}

WORK_DECL void attempts::complete(worker& s, std::string_view how, std::string_view detail)
{
    claim& c = *s.held.of;
    job_type& type = *s.held.list->type;
    std::vector<new_job> then = s.ended.follow_ups();
    if (!then.empty() && !prepare(s, then))
        return;
    queues_.count_processed(*s.held.list);
    bool const traced = s.held.record.flags & (envelope_flags::chosen_id | envelope_flags::failed |
                                               envelope_flags::body_apart);
    // What it logged is to be forgotten, or kept.
    bool const traces = traced || s.logged > 0;
    bool const keep = how != "done" || !s.result.empty() || !s.result_fault.empty();
    if (!s.result_fault.empty())
        log_.once(
            "result\n" + type.name,
            "the result of job " + std::string(s.held.id) + " (" + type.name +
                ") is not kept: " + s.result_fault
        );
    std::int64_t const second =
        std::chrono::duration_cast<std::chrono::seconds>(s.started.time_since_epoch()).count();
    if (second != type.sample_second) {
        type.sample_second = second;
        type.sampled = 0;
    }
    bool const sample = type.sampled < 10;
    if (!traces && !keep && !sample && then.empty()) {
        ledger_.report_finished(c, s.held.id, s.held.record.list);
        return;
    }
    job_report what{&c, s.held.id, outcome_kind::complete, trace_ms(s.held), {}, {}};
    what.counted = counted_as::processed;
    what.list = s.held.list->list;
    what.then = std::move(then);
    if (keep || sample) {
        ++type.sampled;
        what.text = completed_record(s, how, detail);
    }
    ledger_.report(std::move(what));
}

WORK_DECL std::string attempts::completed_record(
    worker& s,
    std::string_view how,
    std::string_view detail
) const
{
    auto const ran = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - s.started
    );
    job_ending ending;
    ending.outcome = how;
    ending.at_ms = time_ms(clock_);
    ending.run_us = ran.count();
    ending.attempt = s.job().attempt();
    ending.pool = pool_;
    ending.reason = detail;
    ending.result_fault = s.result_fault;
    return encode_ending(ending, s.result);
}

WORK_DECL void attempts::fail(
    worker& s,
    std::string type,
    std::string message,
    bool is_fatal,
    bool bad_arguments
)
{
    work::failure why{s.job().attempt(), std::move(type), std::move(message), time_ms(clock_)};
    failed_attempt attempt;
    attempt.attempts_before = s.held.record.attempts;
    attempt.created_ms = s.held.record.created_ms;
    attempt.now_ms = why.at_ms;
    attempt.fatal = is_fatal;
    attempt.bad_arguments = bad_arguments;
    attempt.random = random_();
    retry_decision const v = next_step(*s.held.list->type, s.options.get(), attempt);
    queues_.count_failed(*s.held.list);
    auto told = event_of(s.held, v, why, s.job().max_attempts());
    if (told)
        told->duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::steady_clock::now() - s.started
        )
                                .count();
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
    s.reported = true;
    ledger_.report(std::move(what));
}

// ---- for hooks

WORK_DECL std::unique_ptr<event_info> attempts::event_of(
    held_job const& job,
    retry_decision const& next,
    work::failure const& why,
    int max_attempts
) const
{
    event const what = next.kind == outcome_kind::retry ? event::retry : event::dead;
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
        return nullptr;
    }
    queues_.count_failed(*held.list);
    auto const why = decode_failure(job.failure);
    return why ? event_of(held, job.what, *why, job.max_attempts) : nullptr;
}

}  // namespace work::detail
