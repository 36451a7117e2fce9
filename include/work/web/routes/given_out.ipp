// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/worker_bodies.hpp>
#include <work/web/service.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_claim {

/// The exchanges of claim n have the numbers `stored_answers * (n * tries + i)`: always the same
/// place among the stored answers, so that there is one answer, and a later exchange makes every
/// earlier one stale inside the broker, whichever server sent it.
inline constexpr std::int64_t tries = 1'000'000;

inline std::int64_t exchange_number(std::int64_t claim, std::int64_t i)
{
    return policy::stored_answers * (claim * tries + i);
}

/// A claim on its way to an answer.
struct attempt
{
    explicit attempt(known_worker of) : worker(std::move(of)) {}

    known_worker worker;
    claim_body wish{};
    std::int64_t i = 0;  ///< the exchange that comes next
    std::vector<wanted_list> fetch_order{};
    std::deque<std::string> texts{};        ///< what views point into
    std::vector<std::string> served{};      ///< what is asked for
    std::vector<std::string> registered{};  ///< all that the pool serves
    std::chrono::steady_clock::time_point until{};
};

/// What is to be answered.
struct claimed
{
    claim_number fence = 0;
    bool repeated = false;
    bool suspects = false;
    std::int64_t until_ms = 0;
    std::vector<std::pair<std::string, std::string>> jobs{};  ///< id, envelope
    std::vector<job_cancel> cancels{};
    std::vector<told_order> orders{};  ///< nothing is given while it is to be quiet, or to stop
    std::int64_t alarm_ms = 0;         ///< when the pool is expected back
};

/// Why a job is not to be given out, and what becomes of it: nothing for one that is.
inline std::optional<job_outcome> refused(
    attempt& of,
    claimed const& from,
    std::string_view id,
    std::string_view envelope,
    std::optional<worker_job> const& job,
    std::int64_t now
)
{
    job_outcome out{from.fence, id};
    if (!job) {
        out.kind = outcome_of_unread(envelope);
        return out;
    }
    if (detail::cancel_of(envelope)) {
        out.kind = outcome_kind::cancelled;
        return out;
    }
    auto const expires = job->options ? job->options->expires_in : std::nullopt;
    if (expires && now > job->record.created_ms + expires->count()) {
        job_ending ending;
        ending.outcome = "expired";
        ending.at_ms = now;
        out.kind = outcome_kind::complete;
        out.text = of.texts.emplace_back(encode_ending(ending));
        return out;
    }
    auto const deadline =
        job->options && job->options->deadline ? job->options->deadline : job->type.deadline;
    if (!deadline || now < job->record.created_ms + deadline->count())
        return std::nullopt;
    detail::failed_attempt last;
    last.attempts_before = job->record.attempts;
    last.created_ms = job->record.created_ms;
    last.now_ms = now;
    last.fatal = true;
    auto const decided =
        detail::decide_retry(job->type, job->options ? &*job->options : nullptr, last);
    out.kind = decided.kind;
    work::failure
        why{job->record.attempts + 1, "deadline", "it was not done within its deadline", now};
    why.pool = of.worker.pool;
    if (out.kind == outcome_kind::dead)
        out.text = of.texts.emplace_back(encode_failure(why));
    return out;
}

inline void append_job(
    std::string& out,
    claimed const& from,
    std::string_view id,
    worker_job const& job
)
{
    list_name const names = parse_list_id(job.record.list);
    stored_options const none;
    stored_options const& own = job.options ? *job.options : none;
    out += "{\"id\":";
    detail::append_json_string(out, id);
    out += ",\"fence\":" + std::to_string(from.fence) + ",\"name\":";
    detail::append_json_string(out, names.name);
    out += ",\"queue\":";
    detail::append_json_string(out, names.queue);
    out += ",\"attempt\":" + std::to_string(job.record.attempts + 1) + ",\"max_attempts\":" +
           std::to_string(detail::max_attempts(job.type, job.options ? &*job.options : nullptr)) +
           ",\"created_ms\":" + std::to_string(job.record.created_ms) +
           ",\"lease_until_ms\":" + std::to_string(from.until_ms) +
           ",\"ends_ms\":" + std::to_string(job.ends_ms) +
           ",\"priority\":" + std::to_string(own.priority) +
           ",\"trial\":" + (from.suspects ? "true" : "false") + ",\"headers\":{";
    for (auto const& [name, value] : own.headers) {
        out += out.back() == '{' ? "" : ",";
        detail::append_json_string(out, name);
        out += ':';
        detail::append_json_string(out, value);
    }
    out += "},\"tags\":[";
    for (std::string const& tag : own.tags) {
        out += out.back() == '[' ? "" : ",";
        detail::append_json_string(out, tag);
    }
    out += "],\"args_version\":" + std::to_string(own.args_version) + ",\"args\":";
    detail::append_json_string(out, job.record.args.empty() ? "[]" : job.record.args);
    out += "}";
}

/// The jobs as JSON. Those that are not to run end here, by an exchange that has its own place
/// among the stored answers, and the claim's number: whoever repeats it changes nothing.
inline task<std::string> give_out(service& at, attempt& of, claimed const& from)
{
    std::string jobs;
    exchange_request over;
    std::int64_t const now = at.now_ms();
    std::vector<job_counts> failed;
    std::deque<std::string> lists;
    for (auto const& [id, envelope] : from.jobs) {
        auto const job = read_worker_job(of.worker.is, envelope, from.fence);
        auto const end = refused(of, from, id, envelope, job, now);
        if (!end) {
            jobs += jobs.empty() ? "" : ",";
            append_job(jobs, from, id, *job);
            continue;
        }
        over.outcomes.push_back(*end);
        if (end->kind == outcome_kind::dead || end->kind == outcome_kind::discard)
            failed.push_back(job_counts{lists.emplace_back(job->record.list), 0, 1});
    }
    if (over.outcomes.empty())
        co_return jobs;
    for (job_counts const& one : failed) {
        auto const known =
            std::find_if(over.counts.begin(), over.counts.end(), [&](job_counts const& other) {
                return other.list == one.list;
            });
        if (known == over.counts.end())
            over.counts.push_back(one);
        else
            known->failed += one.failed;
    }
    over.pool = of.worker.pool;
    over.number = exchange_number(of.wish.number, of.i) + 1;
    over.lease_ms = of.worker.is.lease_ms;
    over.lean = true;
    over.deadline_ms = 5'000;
    if (jobs.empty())
        over.close.emplace_back(from.fence, static_cast<std::int64_t>(from.jobs.size()));
    try {
        co_await at.core->broker->exchange(std::move(over));
    } catch (error const& failure) {
        if (!is_stale(failure))
            throw;
    }
    co_return jobs;
}

}  // namespace detail_of_claim
}  // namespace work::web
