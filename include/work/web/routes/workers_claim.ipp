// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/failure.hpp>
#include <work/values/job_ending.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
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
    std::deque<std::string> texts{};  ///< what views point into
    std::vector<std::string> served{};
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
    std::int64_t alarm_ms = 0;  ///< when the pool is expected back
};

/// Of a suspect group that this pool runs, or ran a while ago.
struct suspects_held
{
    bool any = false;
    bool isolated = false;
};

inline std::vector<worker_job_type const*> chosen_types(
    worker_registration const& is,
    std::vector<std::string> const& names
)
{
    std::vector<worker_job_type const*> all;
    for (worker_job_type const& one : is.job_types)
        if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end())
            all.push_back(&one);
    for (std::string const& name : names) {
        bool const known = std::any_of(all.begin(), all.end(), [&](worker_job_type const* one) {
            return one->name == name;
        });
        if (!known)
            throw problem(
                422,
                "invalid-option",
                "names has " + detail::quote(name) + ", which this pool did not register.",
                "names"
            );
    }
    return all;
}

/// From which lists, each of them first in its turn.
inline void set_fetch_order(attempt& of, web_user const& user)
{
    auto types = chosen_types(of.worker.is, of.wish.names);
    auto const first =
        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(of.wish.number) % types.size());
    std::rotate(types.begin(), types.begin() + first, types.end());
    for (worker_job_type const* const one : types) {
        std::string const& used = one->queue.empty() ? one->name : one->queue;
        if (!user.may_use(used) || (user.bound && one->queue.empty()))
            throw problem(
                403,
                "forbidden",
                detail::quote(user.name) + " may no more use the queue " + detail::quote(used) +
                    ", which the pool serves."
            );
        of.served.push_back(of.texts.emplace_back(served_as(*one)));
        of.fetch_order.push_back(wanted_list{of.texts.back(), of.wish.want, one->dead_on_crash});
    }
}

/// Where claim n stands. True: it has an answer, in `found`.
inline bool resume(attempt& of, stored_number& found)
{
    of.i = 0;
    for (stored_number const& one : of.worker.record.fetches) {
        if (one.number % policy::stored_answers != 0)
            continue;
        std::int64_t const number = one.number / policy::stored_answers / tries;
        if (number > of.wish.number)
            throw stale_number("claim", of.wish.number, next_claim(of.worker.record));
        if (number < of.wish.number)
            continue;
        of.i = one.number / policy::stored_answers % tries + 1;
        found = one;
        return one.claim != 0;
    }
    return false;
}

inline claimed from_answer(exchange_answer const& answer, worker_registration const& is)
{
    claimed all;
    all.fence = answer.claim;
    all.repeated = answer.repeated;
    all.suspects = answer.suspects;
    all.until_ms = answer.now_ms + is.lease_ms;
    for (claimed_job const& job : answer.jobs)
        all.jobs.emplace_back(job.id, job.envelope);
    all.cancels = answer.cancels;
    all.alarm_ms = answer.alarm_ms;
    return all;
}

inline task<suspects_held> look_for_suspects(service& at, attempt& of)
{
    suspects_held held;
    std::vector<held_request> asked;
    std::vector<claim_note> notes;
    for (noted_claim const& one : of.worker.record.claims) {
        claim_note const note = claim_note::read(one.note);
        if (note.kind == 'j')
            continue;
        held_request& request = asked.emplace_back();
        request.claim = one.claim;
        notes.push_back(note);
    }
    if (asked.empty())
        co_return held;
    std::vector<held_claim> const claims = co_await at.core->broker->held(std::move(asked));
    worker_change over;
    for (std::size_t i = 0; i != claims.size(); ++i) {
        bool const quarantined = notes[i].until_ms > at.now_ms();
        if (claims[i].pool.empty() && !quarantined) {
            over.closed.push_back(claims[i].claim);
            continue;
        }
        held.any = true;
        held.isolated = held.isolated || (notes[i].kind == 'i' && !claims[i].pool.empty());
    }
    if (!over.closed.empty()) {
        over.pool = of.worker.pool;
        co_await at.core->broker->keep_worker(std::move(over));
    }
    co_return held;
}

inline exchange_request request_of(service& at, attempt const& of, suspects_held const& held)
{
    worker_registration const& is = of.worker.is;
    exchange_request request;
    request.pool = of.worker.pool;
    request.number = exchange_number(of.wish.number, of.i);
    request.lease_ms = is.lease_ms;
    request.want = held.isolated ? 0 : of.wish.want;
    request.max_bytes = of.wish.max_bytes;
    request.fetch_order = of.fetch_order;
    request.take_suspects = !held.any;
    request.runs_suspects = held.any;
    request.joins_suspects = at.now_ms() - is.since_ms > is.lease_ms * 3 / 2;
    request.will_wait = of.wish.wait_ms > 0;
    request.chores = at.hall->take_chores();
    request.deadline_ms = 5'000;
    if (at.presence->must_say(of.worker.pool, of.worker.record.registered))
        for (std::size_t i = 0; i != of.served.size(); ++i)
            request.serves.push_back(served_list{of.served[i], 0});
    return request;
}

/// One exchange; nothing: a later one of the pool came before it.
inline task<std::optional<claimed>> ask(service& at, attempt& of)
{
    suspects_held const held = co_await look_for_suspects(at, of);
    exchange_request request = request_of(at, of, held);
    bool const says = !request.serves.empty() && of.wish.names.empty();
    std::optional<claimed> got;
    exchange_answer answer;
    try {
        answer = co_await at.core->broker->exchange(std::move(request));
    } catch (error const& failure) {
        if (!is_stale(failure))
            throw;
        co_return got;
    }
    at.hall->lapses_at(answer.next_lapse_ms);
    if (says && !answer.repeated && !answer.forgotten)
        at.presence->said(of.worker.pool, of.worker.record.registered);
    got = from_answer(answer, of.worker.is);
    if (answer.claim == 0)
        co_return got;
    claim_note note;
    note.jobs = static_cast<int>(answer.jobs.size());
    note.kind = !answer.suspects ? 'j' : answer.isolate ? 'i' : 's';
    note.until_ms = answer.suspects ? answer.now_ms + answer.quarantine_ms : 0;
    worker_change change;
    change.pool = of.worker.pool;
    noted_claim& opened = change.opened.emplace_back();
    opened.claim = answer.claim;
    opened.note = note.text();
    co_await at.core->broker->keep_worker(std::move(change));
    co_return got;
}

/// What was answered to this claim before. A repeat renews the lease at most once in a heartbeat,
/// and after three of them no more: what is repeated for ever keeps no job from others.
inline task<std::optional<claimed>> repeat(service& at, attempt& of, stored_number stored)
{
    std::optional<claimed> got;
    std::vector<held_request> asked(1);
    asked[0].claim = stored.claim;
    asked[0].all = true;
    std::vector<held_claim> const held = co_await at.core->broker->held(std::move(asked));
    held_claim const& claim = held.front();
    if (claim.pool != of.worker.pool)
        co_return got;
    std::int64_t const now = at.now_ms();
    std::int64_t const heartbeat = of.worker.is.heartbeat_ms();
    bool const renews = now - (claim.until_ms - of.worker.is.lease_ms) >= heartbeat &&
                        now - stored.claim / 1000 <= 3 * heartbeat;
    if (renews) {
        std::int64_t const next = std::exchange(of.i, of.i - 1);
        got = co_await ask(at, of);
        of.i = next;
        if (got && got->fence == 0)
            got.reset();
        co_return got;
    }
    claimed& all = got.emplace();
    all.fence = stored.claim;
    all.repeated = true;
    all.suspects = claim.suspects;
    all.until_ms = claim.until_ms;
    for (held_record const& job : claim.jobs)
        if (!job.left && !job.envelope.empty())
            all.jobs.emplace_back(job.id, job.envelope);
    co_return got;
}

/// Why a job is not to be given out, and what becomes of it: nothing for one that is.
inline std::optional<job_outcome> refused(
    attempt& of,
    claimed const& from,
    std::string_view id,
    std::optional<worker_job> const& job,
    std::int64_t now
)
{
    job_outcome out{from.fence, id};
    if (!job) {
        out.kind = outcome_kind::set_aside;
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
    if (out.kind == outcome_kind::dead)
        out.text = of.texts.emplace_back(encode_failure(why));
    return out;
}

inline void append_job(
    std::string& out,
    attempt const& of,
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
    out += "],\"args\":";
    detail::append_json_string(out, job.record.args.empty() ? "[]" : job.record.args);
    out += "}";
    static_cast<void>(of);
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
        auto const end = refused(of, from, id, job, now);
        if (!end) {
            jobs += jobs.empty() ? "" : ",";
            append_job(jobs, of, from, id, *job);
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

inline web_response answer(
    service& at,
    attempt const& of,
    claimed const& from,
    std::string const& jobs
)
{
    std::string out = "{\"now_ms\":" + std::to_string(at.now_ms()) +
                      ",\"number\":" + std::to_string(of.wish.number) +
                      ",\"repeated\":" + (from.repeated && !jobs.empty() ? "true" : "false") +
                      ",\"jobs\":[" + jobs + "]" + orders_json(from.cancels) + "}";
    return web_response(std::move(out));
}

/// Sleeps until a wakeup comes, the pool is expected, or the claim's time is over.
inline task<void> park(
    service& at,
    attempt& of,
    claimed const& last,
    std::shared_ptr<web_caller> const& caller
)
{
    if (at.hall->size() >= at.options.limits.parked_claims)
        throw problem(
            429,
            "too-many",
            "There are " + std::to_string(at.options.limits.parked_claims) +
                " claims that wait for jobs: ask again without wait_ms, or later."
        )
            .with("Retry-After", "2");
    auto const who = std::make_shared<parked_claim>(at.core->executor, of.worker.pool, of.served);
    who->show = [presence = at.presence, worker = of.worker] {
        return presence->show(worker.pool, worker.is, worker.busy());
    };
    if (caller) {
        who->gone = caller->gone;
        caller->when_gone = [who] { who->hang_up(); };
    }
    auto until = of.until;
    if (last.alarm_ms != 0)
        until = std::min(
            until,
            std::chrono::steady_clock::now() +
                std::chrono::milliseconds(std::max<std::int64_t>(0, last.alarm_ms - at.now_ms()))
        );
    auto const hall = at.hall;
    co_await claim_hall::park(hall, who, until);
    if (caller)
        caller->when_gone = nullptr;
}

inline task<web_response> run(service& at, attempt& of, std::shared_ptr<web_caller> caller)
{
    stored_number stored;
    bool answered = resume(of, stored);
    bool last = of.wish.wait_ms == 0;
    while (true) {
        std::optional<claimed> got;
        if (std::exchange(answered, false))
            got = co_await repeat(at, of, stored);
        else if (of.i < tries)
            got = co_await ask(at, of);
        if (got && got->fence != 0) {
            std::string const jobs = co_await give_out(at, of, *got);
            ++of.i;
            if (!jobs.empty())
                co_return answer(at, of, *got, jobs);
            continue;
        }
        if (!got) {
            // Somebody else goes on with this claim, or its jobs are no longer held.
            std::string pool = of.worker.pool;
            of.worker.record = co_await at.core->broker->worker(std::move(pool));
            std::int64_t const before = of.i;
            answered = resume(of, stored) && of.i > before;
            of.i = std::max(of.i, before);
            continue;
        }
        ++of.i;
        if (got->repeated)
            continue;
        bool const gone = caller && caller->gone;
        if (last || gone || at.hall->stopping() || of.i >= tries)
            co_return answer(at, of, *got, "");
        co_await park(at, of, *got, caller);
        last = at.hall->stopping() || std::chrono::steady_clock::now() >= of.until;
    }
}

}  // namespace detail_of_claim

WORK_DECL task<web_response> claim_jobs(service& at, web_request const& request)
{
    claim_body wish = read_claim(request);
    detail_of_claim::attempt one(co_await find_worker(at, request, checked_pool(request)));
    one.wish = std::move(wish);
    one.until = std::chrono::steady_clock::now() + std::chrono::milliseconds(one.wish.wait_ms);
    detail_of_claim::set_fetch_order(one, request.user);
    if (!at.traffic.begin_claim(one.worker.pool, one.wish.number))
        throw problem(
            409,
            "in-flight",
            "Another claim of the pool " + detail::quote(one.worker.pool) +
                " is under way here: one at a time."
        );
    traffic_guard const ends(at.traffic, one.worker.pool, &worker_traffic::end_claim);
    co_await at.presence->show(one.worker.pool, one.worker.is, one.worker.busy());
    co_return co_await detail_of_claim::run(at, one, request.caller);
}

}  // namespace work::web
