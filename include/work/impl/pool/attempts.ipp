// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/handler.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/duration.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL retry_decision pool_core::next_step_of(
    job_type const& type,
    stored_options const* own,
    failed_attempt const& attempt
) const
{
    retry_decision v = decide_retry(type.options, own, attempt);
    if (!v.backoff_failure.empty() && !type.backoff_blamed.exchange(true))
        log(log_level::error,
            "the backoff function of " + type.name +
                " threw, the default is used: " + v.backoff_failure);
    return v;
}

// Should even that throw, the worker is free again and the job is left to its lease.
WORK_DECL void pool_core::decide_or_leave(worker& s, std::exception_ptr failure)
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
    retry_decision const v = next_step_of(*job.list->type, own, attempt);
    count_failed(*job.list);
    work::failure why{
        job.record.attempts + 1,
        "deadline",
        job.list->type->name + " was not done within its deadline",
        now
    };
    report(job_report{job.of, job.id, v.kind, v.delay_ms, {}, std::move(why)});
    drop_ready(job);
}

WORK_DECL void pool_core::decide(worker& s, std::exception_ptr failure)
{
    claim& c = *s.held.of;
    auto const stopping = s.stopping();
    // What a handler returns counts if it was not reached by the stop, or says so expressly.
    bool const express = !failure && s.ended.is_express();
    bool const told = stopping && s.reached() && !express;
    if (told && *stopping == stop_reason::cancelled) {
        // The broker dropped it already.
        --c.open;
        touched(c);
        return;
    }
    if (told && *stopping == stop_reason::shutting_down) {
        report(job_report{&c, s.held.id, outcome_kind::release, 0, {}, {}});
        return;
    }
    if (told && *stopping == stop_reason::timed_out) {
        fail(
            s,
            work::failure{
                s.job().attempt(),
                "timed_out",
                s.held.list->type->name + " ran longer than its timeout (" +
                    format_duration(s.timeout) + ") and was cancelled",
                now_ms()
            },
            false
        );
        return;
    }
    if (failure) {
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
            is_fatal = !fault.is_json() ||
                       s.held.list->type->options.on_bad_arguments == on_bad_arguments::dead;
            unfit = !is_fatal;
        } catch (...) {
        }
        if (!s.misuse_of_go().empty()) {
            text = {"handler_run_again", s.misuse_of_go()};
            warn_once("again\n" + s.held.list->type->name, text.message);
            is_fatal = true;
            unfit = false;
        }
        fail(
            s,
            work::failure{
                s.job().attempt(),
                std::move(text.type),
                std::move(text.message),
                now_ms()
            },
            is_fatal,
            unfit
        );
        return;
    }
    if (!s.handler_reached()) {
        job_type const& type = *s.held.list->type;
        std::string text = "middleware " + std::to_string(s.layers_entered()) + " of " +
                           std::to_string(type.calls.layers.size()) + " around " + type.name +
                           " returned without co_await go(), so the handler did not run; go.skip() "
                           "says that this is meant";
        warn_once("not run\n" + type.name, text);
        fail(
            s,
            work::failure{s.job().attempt(), "handler_not_run", std::move(text), now_ms()},
            false
        );
        return;
    }
    switch (s.ended.what()) {
    case outcome::kind::done: complete(s, "done", {}); break;
    case outcome::kind::discard: complete(s, "discarded", s.ended.reason()); break;
    case outcome::kind::snooze:
        if (auto const most = s.held.list->type->options.max_snoozes;
            most && s.held.record.snoozes >= *most) {
            fail(
                s,
                work::failure{
                    s.job().attempt(),
                    "too_many_snoozes",
                    s.held.list->type->name + " snoozed " + std::to_string(*most) +
                        " times, the most that its max_snoozes allows",
                    now_ms()
                },
                false
            );
            break;
        }
        report(job_report{&c, s.held.id, outcome_kind::snooze, s.ended.delay().count(), {}, {}});
        break;
    }
}

WORK_DECL void pool_core::complete(worker& s, std::string_view how, std::string_view detail)
{
    claim& c = *s.held.of;
    job_type& list = *s.held.list->type;
    count_processed(*s.held.list);
    bool const chosen = s.held.record.flags & envelope_flags::chosen_id;
    bool const traces = s.held.record.flags & (envelope_flags::chosen_id | envelope_flags::failed |
                                               envelope_flags::body_apart);
    bool const keep = how != "done" || !s.result.empty() || !s.result_fault.empty();
    if (!s.result_fault.empty())
        warn_once(
            "result\n" + list.name,
            "the result of job " + std::string(s.held.id) + " (" + list.name +
                ") is not kept: " + s.result_fault
        );
    std::int64_t const second =
        std::chrono::duration_cast<std::chrono::seconds>(s.started.time_since_epoch()).count();
    if (second != list.sample_second) {
        list.sample_second = second;
        list.sampled = 0;
    }
    bool const sample = list.sampled < 10;
    if (!traces && !keep && !sample) {
        report_finished(c, s.held.id);
        return;
    }
    job_report what{
        &c,
        s.held.id,
        outcome_kind::complete,
        chosen ? client_->options.id_retention.count() : 0,
        {},
        {}
    };
    if (keep || sample) {
        ++list.sampled;
        auto const ran =
            std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - s.started);
        std::string& text = what.text;
        text = "{\"outcome\":\"";
        text += how;
        text += "\",\"at_ms\":" + std::to_string(now_ms()) +
                ",\"run_us\":" + std::to_string(ran.count()) +
                ",\"attempt\":" + std::to_string(s.job().attempt()) + ",\"pool\":\"" + id_ + '"';
        if (!detail.empty()) {
            text += ",\"reason\":";
            append_json(text, mended_utf8(detail, max_failure_message));
        }
        if (!s.result_fault.empty()) {
            text += ",\"result_fault\":";
            append_json(text, mended_utf8(s.result_fault, lean_failure_message));
        }
        if (!s.result.empty())
            text += ",\"result\":" + s.result;
        text += '}';
    }
    report(std::move(what));
}

WORK_DECL void pool_core::fail(worker& s, work::failure why, bool is_fatal, bool bad_arguments)
{
    failed_attempt attempt;
    attempt.attempts_before = s.held.record.attempts;
    attempt.created_ms = s.held.record.created_ms;
    attempt.now_ms = why.at_ms;
    attempt.fatal = is_fatal;
    attempt.bad_arguments = bad_arguments;
    attempt.random = random();
    retry_decision const v = next_step_of(*s.held.list->type, s.options.get(), attempt);
    count_failed(*s.held.list);
    job_report what{s.held.of, s.held.id, v.kind, v.delay_ms, {}, std::move(why)};
    if (v.kind == outcome_kind::discard)
        what.number = s.held.record.flags & envelope_flags::chosen_id
                          ? client_->options.id_retention.count()
                          : 0;
    s.reported = true;
    report(std::move(what));
}
}  // namespace work::detail
