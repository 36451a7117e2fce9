// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// What a report says, as the exchange that it becomes.

#include <work/broker/policy.hpp>
#include <work/client/prepare.hpp>
#include <work/pool/first_wait.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/name.hpp>
#include <work/values/next_stage.hpp>
#include <work/values/progress.hpp>
#include <work/values/text.hpp>
#include <work/web/described_job.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/refused_counts.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/reported_lines.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_report {

/// For which outcome a job was counted, and where.
struct counted_outcome
{
    std::size_t outcome = 0;
    std::string list{};
    bool failed = false;
};

/// An attempt that a report ends, if the broker takes it.
struct measured_attempt
{
    std::size_t outcome = 0;  ///< which of the request's
    std::string list{};
    history_counts counts{};
};

/// One report on its way to the broker.
struct attempt
{
    known_worker worker;
    report_body said;
    bool repeated = false;
    std::map<claim_number, held_claim> held{};  ///< those that the report is about, by fence
    exchange_request request{};
    std::deque<std::string> texts{};  ///< what views of the request point into
    std::vector<bool> timed_out{};    ///< of `extend`, all ids in their order
    std::map<std::string, job_counts> counts{};
    std::vector<counted_outcome> counted{};
    std::vector<std::vector<new_job>> then{};  ///< of each outcome, what follows upon it
    web_request const* by = nullptr;           ///< the request that it is
    refused_counts::map taken_back{};          ///< of reports before
    std::vector<measured_attempt> measured{};
    std::int64_t now_ms = 0;
};

inline held_claim const* mine(attempt const& of, claim_number fence)
{
    auto const found = of.held.find(fence);
    return found != of.held.end() && found->second.pool == of.worker.pool ? &found->second
                                                                          : nullptr;
}

inline held_record const* find_job(held_claim const* claim, std::string_view id)
{
    if (claim != nullptr)
        for (held_record const& one : claim->jobs)
            if (one.id == id)
                return &one;
    return nullptr;
}

/// The jobs that follow, with ids that are the same whenever the report is repeated.
inline void read_follow_ups(service& at, web_request const& request, attempt& of)
{
    std::string const key = "then:" + of.worker.pool + ":" + std::to_string(of.said.number);
    std::size_t index = 0;
    for (reported_outcome const& one : of.said.outcomes) {
        std::vector<new_job>& jobs = of.then.emplace_back();
        for (std::string const& text : one.then) {
            described_job const described = read_described(text);
            check_queue_right(request, described);
            new_job& job = jobs.emplace_back(make_described(described, std::string()));
            detail::prepare(*at.core, job);
            if (!job.chosen_id)
                job.id = id_of_key(at, request.user.name, key, index);
            ++index;
        }
    }
}

/// What the record does not say: the arguments of a large job, of which it has but the beginning.
inline task<void> complete_record(service& at, held_record& record)
{
    if (!has_body_apart(record.envelope))
        co_return;
    std::string id = record.id;
    job_record whole = co_await at.core->broker->job(std::move(id));
    if (!whole.envelope.empty())
        record.envelope = std::move(whole.envelope);
}

/// Reads the claims, and the records of the jobs, before anything is said of them.
inline task<void> look_up(service& at, attempt& of)
{
    std::map<claim_number, held_request> asked;
    for (reported_outcome const& one : of.said.outcomes)
        asked[one.fence].ids.push_back(one.id);
    for (reported_checkin const& one : of.said.checkins)
        asked[one.fence];
    for (reported_log const& one : of.said.logs)
        asked[one.fence].ids.push_back(one.id);
    for (extended_claim const& one : of.said.extend) {
        auto& ids = asked[one.fence].ids;
        ids.insert(ids.end(), one.ids.begin(), one.ids.end());
    }
    for (claim_number const fence : of.said.close)
        asked[fence];
    std::vector<held_request> all;
    for (auto& [fence, request] : asked) {
        request.claim = fence;
        all.push_back(std::move(request));
    }
    std::vector<held_claim> found = co_await at.core->broker->held(std::move(all));
    for (held_claim& one : found)
        of.held[one.claim] = std::move(one);
    for (reported_outcome const& said : of.said.outcomes) {
        auto const claim =
            said.what == worker_outcome::next ? of.held.find(said.fence) : of.held.end();
        if (claim == of.held.end())
            continue;
        for (held_record& record : claim->second.jobs)
            if (record.id == said.id)
                co_await complete_record(at, record);
    }
}

inline std::int64_t trace_ms(service const& at, worker_job const& job)
{
    return (job.record.flags & envelope_flags::chosen_id) != 0
               ? at.core->options.id_retention.count()
               : 0;
}

inline void count(attempt& of, worker_job const& job, std::int64_t processed, std::int64_t failed)
{
    job_counts& one = of.counts[std::string(job.record.list)];
    one.processed += processed;
    one.failed += failed;
    of.counted.push_back({of.request.outcomes.size(), std::string(job.record.list), failed > 0});
}

/// Of a job of the outcome that is added next, once that is counted. A fence is the time of its
/// claim.
inline void measure(attempt& of, worker_job const& job, claim_number fence)
{
    measured_attempt one;
    one.outcome = of.request.outcomes.size();
    one.list = job.record.list;
    one.counts.ran(std::max<std::int64_t>(of.now_ms * 1'000 - fence, 0));
    if (auto const wait = detail::first_wait_us(job.record, fence))
        one.counts.waited(*wait);
    if (!of.counted.empty() && of.counted.back().outcome == one.outcome)
        ++(of.counted.back().failed ? one.counts.failed : one.counts.done);
    of.measured.push_back(std::move(one));
}

inline void complete(
    service& at,
    attempt& of,
    reported_outcome const& said,
    worker_job const& job,
    job_outcome& out
)
{
    bool const discarded = said.what == worker_outcome::discard;
    out.kind = outcome_kind::complete;
    out.number = trace_ms(at, job);
    count(of, job, 1, 0);
    std::string const name = parse_list_id(job.record.list).name;
    if (said.result.empty() && !discarded && !at.presence->is_sample(name))
        return;
    job_ending ending;
    ending.outcome = discarded ? "discarded" : "done";
    ending.at_ms = of.now_ms;
    ending.run_us = std::max<std::int64_t>(0, of.now_ms * 1000 - said.fence);
    ending.attempt = job.record.attempts + 1;
    ending.pool = of.worker.pool;
    ending.reason = detail::mended_utf8(said.message, 1024);
    out.text = of.texts.emplace_back(encode_ending(ending, said.result));
}

/// Decided as a C++ pool does.
inline void fail(
    service& at,
    attempt& of,
    reported_outcome const& said,
    worker_job const& job,
    job_outcome& out
)
{
    detail::failed_attempt last;
    last.attempts_before = job.record.attempts;
    last.created_ms = job.record.created_ms;
    last.now_ms = of.now_ms;
    last.fatal = said.fatal;
    last.counts = said.counts;
    last.snoozes = job.record.snoozes;
    last.in_ms = said.in_ms;
    last.random = at.random();
    auto const decided =
        detail::decide_retry(job.type, job.options ? &*job.options : nullptr, last);
    out.kind = decided.kind;
    out.number = decided.delay_ms;
    count(of, job, 0, 1);
    if (out.kind == outcome_kind::discard) {
        out.number = trace_ms(at, job);
        return;
    }
    work::failure why{job.record.attempts + 1, said.type, said.message, of.now_ms};
    if (auto const wait = detail::first_wait_us(job.record, said.fence))
        why.wait_ms = *wait / 1'000;
    why.run_ms = std::max<std::int64_t>(0, of.now_ms - said.fence / 1'000);
    why.pool = of.worker.pool;
    out.text = of.texts.emplace_back(encode_failure(why));
}

/// What the next stage is to be, with what the report left out taken from the job as it is.
inline void go_on(
    service& at,
    attempt& of,
    reported_outcome const& said,
    worker_job const& job,
    job_outcome& out
)
{
    list_name const was = parse_list_id(job.record.list);
    std::string text = said.stage;
    bool named = false;
    bool argued = false;
    for (json_member const& one : json_members(said.stage)) {
        named = named || one.key == "name";
        argued = argued || one.key == "args";
    }
    text.pop_back();
    if (!named) {
        text += ",\"name\":";
        detail::append_json_string(text, was.name);
    }
    if (!argued) {
        text += ",\"args\":";
        detail::append_json_string(text, job.record.args);
    }
    described_job stage = read_described(text + "}");
    // Without a word about the queue it stays where it is, or goes to that of its new name.
    if (stage.queue.empty() && !named)
        stage.queue = was.queue;
    check_queue_right(*of.by, stage);
    new_job next = make_described(stage, std::string());
    detail::prepare(*at.core, next);
    out.kind = outcome_kind::stage;
    out.number = delay_of_stage(next, of.now_ms);
    out.text = of.texts.emplace_back(next_stage_of(job.record, next));
    count(of, job, 1, 0);
}

inline job_outcome outcome_of(service& at, attempt& of, reported_outcome const& said)
{
    job_outcome out{said.fence, said.id};
    held_record const* const record = find_job(mine(of, said.fence), said.id);
    if (record == nullptr) {
        out.claim = 0;  // of no claim of this pool: the broker answers that its lease is lost
        out.kind = outcome_kind::release;
        return out;
    }
    auto const job = read_worker_job(of.worker.is, record->envelope, said.fence);
    if (!job) {
        // It is gone, or its record can't be read: what the broker finds then decides.
        out.kind =
            record->envelope.empty() ? outcome_kind::release : outcome_of_unread(record->envelope);
        return out;
    }
    switch (said.what) {
    case worker_outcome::complete:
    case worker_outcome::discard: complete(at, of, said, *job, out); break;
    case worker_outcome::fail: fail(at, of, said, *job, out); break;
    case worker_outcome::snooze:
        out.kind = outcome_kind::snooze;
        out.number = *said.in_ms;
        break;
    case worker_outcome::release: out.kind = outcome_kind::release; break;
    case worker_outcome::next: go_on(at, of, said, *job, out); break;
    }
    // One that is given back may not have run.
    if (said.what != worker_outcome::release)
        measure(of, *job, said.fence);
    return out;
}

/// Each id of `extend` is an outcome, too: of a job that has run for too long that it failed, else
/// one of no claim. So the stored codes tell a repeat which of them timed out.
inline void extend(service& at, attempt& of)
{
    for (extended_claim const& one : of.said.extend) {
        held_claim const* const claim = mine(of, one.fence);
        bool renews = false;
        for (std::string const& id : one.ids) {
            held_record const* const record = find_job(claim, id);
            auto const job = record != nullptr && !record->envelope.empty()
                                 ? read_worker_job(of.worker.is, record->envelope, one.fence)
                                 : std::nullopt;
            job_outcome out{0, id, outcome_kind::release};
            bool const late = job && of.now_ms > job->ends_ms;
            if (late) {
                out.claim = one.fence;
                reported_outcome timed_out;
                timed_out.fence = one.fence;
                timed_out.type = "timed_out";
                timed_out.message = "it ran longer than its timeout";
                fail(at, of, timed_out, *job, out);
                measure(of, *job, one.fence);
            }
            renews = renews || (job && !late);
            of.timed_out.push_back(late);
            of.request.outcomes.push_back(out);
        }
        if (renews || claim == nullptr)
            of.request.renew.push_back(claim != nullptr ? one.fence : 0);
    }
}

/// Which jobs of a claim nothing is said about, in this report or before.
inline std::vector<std::string> unspoken(attempt const& of, held_claim const& claim)
{
    std::vector<std::string> all;
    for (held_record const& job : claim.jobs) {
        bool const said = std::any_of(
            of.request.outcomes.begin(),
            of.request.outcomes.end(),
            [&](job_outcome const& one) { return one.claim == claim.claim && one.id == job.id; }
        );
        if (!job.left && !said)
            all.push_back(job.id);
    }
    return all;
}

inline bool was_suspect(worker_record const& is, claim_number fence)
{
    return std::any_of(is.claims.begin(), is.claims.end(), [&](noted_claim const& one) {
        return one.claim == fence && claim_note::read(one.note).kind != 'j';
    });
}

/// Claims of which every job was spoken about are closed, whether the report says so or not; those
/// that it wants closed must be such.
inline void close(attempt& of)
{
    for (auto const& [fence, claim] : of.held) {
        if (mine(of, fence) == nullptr)
            continue;
        std::vector<std::string> const open = unspoken(of, claim);
        auto const& wanted = of.said.close;
        if (!open.empty() && std::find(wanted.begin(), wanted.end(), fence) != wanted.end())
            throw problem(
                422,
                "invalid-option",
                "close names the fence " + std::to_string(fence) + ", of which " +
                    std::to_string(open.size()) + " job(s) have no outcome, as " +
                    detail::quote(open.front()) + ": report or release them first.",
                "close"
            );
        if (!open.empty())
            continue;
        of.request.close.emplace_back(fence, static_cast<std::int64_t>(claim.jobs.size()));
        // Behind suspects the next ones may come.
        of.request.wakes_pool = of.request.wakes_pool || was_suspect(of.worker.record, fence);
    }
}

inline void fill(service& at, attempt& of)
{
    for (std::size_t i = 0; i != of.said.outcomes.size(); ++i) {
        of.request.outcomes.push_back(outcome_of(at, of, of.said.outcomes[i]));
        if (!of.then[i].empty())
            of.request.then.push_back(follow_ups{i, of.then[i]});
    }
    extend(at, of);
    close(of);
    for (reported_checkin const& one : of.said.checkins) {
        if (find_job(mine(of, one.fence), one.id) == nullptr)
            continue;
        bool mended = false;
        std::string& text =
            of.texts.emplace_back(detail::encode_progress(one.message, one.percent, mended));
        of.request.progress.push_back(job_progress{one.fence, one.id, text});
    }
    for (reported_log const& one : of.said.logs) {
        held_record const* const record = find_job(mine(of, one.fence), one.id);
        if (record != nullptr && !one.lines.empty())
            of.request.logs.push_back(
                lines_to_keep(one, *record, time_ms(*at.core->broker), of.texts)
            );
    }
    of.request.cancels_seen = of.said.cancels_seen;
    // What reports before were counted for, though they were not taken.
    of.taken_back = at.refused.take();
    for (auto const& [list, refused] : of.taken_back) {
        of.counts[list].processed -= refused.processed;
        of.counts[list].failed -= refused.failed;
    }
    for (auto& [list, counted] : of.counts) {
        counted.list = list;
        of.request.counts.push_back(counted);
    }
}

/// The broker answers what it answered before; all that it needs is how many codes there are.
inline void fill_repeated(attempt& of)
{
    for (reported_outcome const& one : of.said.outcomes)
        of.request.outcomes.push_back(job_outcome{0, one.id, outcome_kind::release});
    for (extended_claim const& one : of.said.extend)
        for (std::string const& id : one.ids)
            of.request.outcomes.push_back(job_outcome{0, id, outcome_kind::release});
}

}  // namespace detail_of_report
}  // namespace work::web
