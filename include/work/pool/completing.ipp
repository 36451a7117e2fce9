// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/attempts.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/next_stage.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

// How attempts that succeeded are reported, with what happens then.

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

// What its `commit` holds happens with what it returned. False: it failed.
WORK_DECL bool attempts::take_committed(worker& s)
{
    outcome const* const more = s.committed();
    if (more == nullptr)
        return true;
    try {
        for (new_job const& job : more->follow_ups())
            s.ended.then(job);
        for (redis_write const& one : more->writes())
            s.ended.write(one);
        return true;
    } catch (error const& fault) {
        fail(s, "bad_follow_up", fault.what());
        return false;
    }
}

// Should Redis refuse one of its writes, the attempt has failed.
WORK_DECL void attempts::add_writes(worker& s, job_report& what)
{
    what.writes = s.ended.writes();
    if (!what.writes.empty())
        what.otherwise = std::make_unique<job_report>(
            failed_report(s, "write_refused", std::string(refused_write_mark), {})
        );
}

WORK_DECL void attempts::go_on(worker& s)
{
    if (!take_committed(s))
        return;
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
    count_end(s.held, attempt_end::next);
    job_report what{s.held.of, s.held.id, outcome_kind::stage, delay_ms, std::move(envelope)};
    what.counted = counted_as::processed;
    what.list = s.held.list->list;
    what.then = std::move(then);
    add_writes(s, what);
    ledger_.report(std::move(what));
}

WORK_DECL void attempts::complete(worker& s, std::string_view how, std::string_view detail)
{
    claim& c = *s.held.of;
    job_type& type = *s.held.list->type;
    if (!take_committed(s))
        return;
    std::vector<new_job> then = s.ended.follow_ups();
    if (!then.empty() && !prepare(s, then))
        return;
    queues_.count_processed(*s.held.list);
    count_end(s.held, how == "discarded" ? attempt_end::discarded : attempt_end::completed);
    unsigned const flags = s.held.record.flags;
    bool const holds =
        flags & (envelope_flags::body_apart | envelope_flags::holds | envelope_flags::followed);
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
    if (!holds && !keep && !sample && then.empty() && s.ended.writes().empty()) {
        finished_apart what{s.held.id};
        if (flags & envelope_flags::chosen_id)
            what.known_ms = trace_ms(s.held);
        // What it logged is to be forgotten.
        what.forgets = (flags & envelope_flags::failed) || s.logged > 0;
        ledger_.report_finished(c, what, s.held.record.list);
        return;
    }
    job_report what{&c, s.held.id, outcome_kind::complete, trace_ms(s.held), {}, {}};
    what.counted = counted_as::processed;
    what.list = s.held.list->list;
    what.then = std::move(then);
    add_writes(s, what);
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

}  // namespace work::detail
