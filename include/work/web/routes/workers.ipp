// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/worker_registration.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct registered_answer
{
    std::string pool;
    std::int64_t lease_ms = 0;
    std::int64_t heartbeat_ms = 0;
    std::int64_t next_claim = 1;
    std::int64_t next_report = 1;
    std::string state;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(
    registered_answer,
    (),
    (pool, lease_ms, heartbeat_ms, next_claim, next_report, state, now_ms)
)

struct left_answer
{
    std::string pool;
    std::int64_t released = 0;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(left_answer, (), (pool, released, now_ms))

namespace detail_of_workers {

/// Whether the caller may have this id: it made the pool, or there is none.
inline void check_owner(
    worker_record const& record,
    std::optional<worker_registration> const& before,
    std::string const& pool,
    std::string const& user
)
{
    if (before && before->user != user)
        throw problem(
            403,
            "forbidden",
            "The pool " + detail::quote(pool) + " belongs to the token that registered it."
        );
    if (!before && record.shown)
        throw problem(
            409,
            "duplicate-id",
            "The id " + detail::quote(pool) +
                " is that of a C++ pool that runs: take host-pid-random.",
            "pool"
        );
}

/// The broker knows what a pool serves, and adds to it.
inline void check_nothing_dropped(worker_registration const& before, worker_registration const& now)
{
    std::vector<std::string> const served = now.served();
    for (worker_job_type const& one : before.job_types) {
        if (std::find(served.begin(), served.end(), served_as(one)) != served.end())
            continue;
        throw problem(
            422,
            "invalid-option",
            "job_types lacks " + detail::quote(one.name) +
                ", which this pool served: names can be added to it, and are dropped with the "
                "pool (DELETE).",
            "job_types"
        );
    }
}

/// Its jobs go back to the front of their lists: some claims, in one exchange.
inline exchange_request give_back(
    std::vector<held_claim> const& claims,
    std::size_t& at,
    std::int64_t& released,
    std::string const& pool
)
{
    exchange_request request;
    for (; at != claims.size() && request.outcomes.size() < 256; ++at) {
        held_claim const& claim = claims[at];
        if (claim.pool != pool)
            continue;
        for (held_record const& job : claim.jobs) {
            if (job.left)
                continue;
            ++released;
            request.outcomes.push_back(job_outcome{claim.claim, job.id, outcome_kind::release});
        }
        request.close.emplace_back(claim.claim, static_cast<std::int64_t>(claim.jobs.size()));
    }
    return request;
}

inline task<std::int64_t> release_all(service& at, known_worker const& worker)
{
    std::vector<held_request> noted;
    for (noted_claim const& one : worker.record.claims) {
        held_request& request = noted.emplace_back();
        request.claim = one.claim;
    }
    std::vector<held_claim> const claims = co_await at.core->broker->held(std::move(noted));
    std::string const stream = worker.pool + std::string(heartbeat_suffix);
    std::int64_t number = next_report(worker.record);
    std::int64_t released = 0;
    for (std::size_t next = 0; next != claims.size(); ++number) {
        exchange_request request = give_back(claims, next, released, worker.pool);
        request.pool = stream;
        request.number = number;
        request.lease_ms = worker.is.lease_ms;
        request.lean = true;
        request.deadline_ms = 5'000;
        if (!request.close.empty())
            co_await at.core->broker->exchange(std::move(request));
    }
    co_return released;
}

}  // namespace detail_of_workers

WORK_DECL task<web_response> register_worker(service& at, web_request const& request)
{
    std::string const pool = checked_pool(request);
    worker_registration now = read_registration(request);
    std::string id = pool;
    worker_record const record = co_await at.core->broker->worker(std::move(id));
    auto const before = known_registration(record.registered);
    detail_of_workers::check_owner(record, before, pool, request.user.name);
    if (before) {
        detail_of_workers::check_nothing_dropped(*before, now);
        now.since_ms = before->since_ms;
    } else {
        std::size_t const most = at.options.limits.pools_per_token;
        if (at.presence->pools_of(now.user) >= most)
            throw problem(
                429,
                "too-many",
                "The token of " + detail::quote(now.user) + " has " + std::to_string(most) +
                    " pools: DELETE those that ended."
            )
                .with("Retry-After", "5");
        now.since_ms = co_await at.core->broker->ask_now_ms();
    }
    worker_change change;
    change.pool = pool;
    change.registered = to_json(now);
    co_await at.core->broker->keep_worker(std::move(change));
    known_worker shown;
    shown.record = record;
    std::string_view const state = state_of(record.orders);
    held_work has = shown.has();
    co_await at.presence->show(pool, now, std::move(has), state);
    registered_answer answer;
    answer.pool = pool;
    answer.lease_ms = now.lease_ms;
    answer.heartbeat_ms = now.heartbeat_ms();
    answer.next_claim = next_claim(record);
    answer.next_report = next_report(record);
    answer.state = state;
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> leave_worker(service& at, web_request const& request)
{
    known_worker const worker = co_await find_worker(at, request, checked_pool(request));
    left_answer answer;
    answer.pool = worker.pool;
    answer.released = co_await detail_of_workers::release_all(at, worker);
    std::string pool = worker.pool;
    std::vector<std::string> served = worker.is.served();
    constexpr std::chrono::seconds deadline(5);
    co_await at.core->broker->leave(std::move(pool), std::move(served), deadline);
    pool = worker.pool;
    co_await at.core->broker->forget_worker(std::move(pool));
    at.presence->forget(worker.pool);
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
