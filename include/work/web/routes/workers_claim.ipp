// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/given_out.ipp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/routes/worker_bodies.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_claim {

/// How long a pool that is to be quiet, or to stop, waits for an answer that brings nothing.
inline constexpr std::chrono::milliseconds quiet_for(5'000);

/// Of a suspect group that this pool runs, until it would have done by now what it did before.
struct suspects_held
{
    bool any = false;
    bool isolated = false;
    std::int64_t until_ms = 0;  ///< then others may come, if it still runs
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
    all.orders = answer.orders;
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
        if (claims[i].pool.empty() || notes[i].until_ms <= at.now_ms()) {
            over.closed.push_back(claims[i].claim);
            continue;
        }
        held.any = true;
        held.isolated = held.isolated || notes[i].kind == 'i';
        held.until_ms = std::max(held.until_ms, notes[i].until_ms);
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
    if (request.chores)
        request.reads = this_reader;
    request.deadline_ms = 5'000;
    if (at.presence->must_say(of.worker.pool, of.worker.record.registered))
        for (std::string const& one : of.registered)
            request.serves.push_back(served_list{one, 0});
    return request;
}

/// One exchange; nothing: a later one of the pool came before it.
inline task<std::optional<claimed>> ask(service& at, attempt& of)
{
    suspects_held const held = co_await look_for_suspects(at, of);
    exchange_request request = request_of(at, of, held);
    bool const says = !request.serves.empty();
    std::optional<claimed> got;
    exchange_answer answer;
    bool full = false;
    try {
        exchange_request sent = request;
        answer = co_await at.core->broker->exchange(std::move(sent));
    } catch (error const& failure) {
        full = failure.code() == errc::full;
        if (!full && !is_stale(failure))
            throw;
        if (!full)
            co_return got;
    }
    if (full) {
        // What drains a broker that is out of memory must go on.
        request.lean = true;
        answer = co_await at.core->broker->exchange(std::move(request));
    }
    at.hall->lapses_at(answer.next_lapse_ms);
    if (says && !answer.repeated && !answer.forgotten)
        at.presence->said(of.worker.pool, of.worker.record.registered);
    got = from_answer(answer, of.worker.is);
    if (held.any && (got->alarm_ms == 0 || held.until_ms < got->alarm_ms))
        got->alarm_ms = held.until_ms;
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
    try {
        co_await at.core->broker->keep_worker(std::move(change));
    } catch (error const&) {
        // Without the note DELETE does not give these jobs back; their lease does.
    }
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
                      ",\"jobs\":[" + jobs + "]" + orders_json(from.cancels, from.orders);
    if (!from.orders.empty())
        out += ",\"next_ms\":" + std::to_string(quiet_for.count());
    out += "}";
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
        std::string_view const state = state_of(worker.record.orders);
        return presence->show(worker.pool, worker.is, worker.has(), state);
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
    bool last = of.wish.wait_ms == 0, parked = false;
    while (true) {
        std::optional<claimed> got;
        if (std::exchange(answered, false))
            got = co_await repeat(at, of, stored);
        else if (of.i < tries)
            got = co_await ask(at, of);
        else
            throw stale_number("claim", of.wish.number, of.wish.number + 1);
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
        // Who waits when it is told hears of it at once. Who asks on is answered a little later, so
        // that nobody asks in a hot loop.
        bool const told = !got->orders.empty();
        if (last || gone || at.hall->stopping() || (told && parked))
            co_return answer(at, of, *got, "");
        if (told)
            of.until = std::min(of.until, std::chrono::steady_clock::now() + quiet_for);
        of.worker.record.orders = got->orders;
        co_await park(at, of, *got, caller);
        parked = true;
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
    one.registered = one.worker.is.served();
    detail_of_claim::set_fetch_order(one, request.user);
    if (!at.traffic.begin_claim(one.worker.pool, one.wish.number))
        throw problem(
            409,
            "in-flight",
            "Another claim of the pool " + detail::quote(one.worker.pool) +
                " is under way here: one at a time."
        );
    traffic_guard const ends(at.traffic, one.worker.pool, &worker_traffic::end_claim);
    std::string_view const state = state_of(one.worker.record.orders);
    held_work has = one.worker.has();
    co_await at.presence->show(one.worker.pool, one.worker.is, std::move(has), state);
    co_return co_await detail_of_claim::run(at, one, request.caller);
}

}  // namespace work::web
