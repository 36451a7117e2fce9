// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/values/text.hpp>
#include <work/web/routes/known_worker.hpp>
#include <work/web/routes/worker_bodies.hpp>
#include <work/web/service.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace work::web {

inline int known_worker::busy() const noexcept
{
    int all = 0;
    for (noted_claim const& one : record.claims)
        all += claim_note::read(one.note).jobs;
    return all;
}

// A fence is its claim's time in us.
inline std::int64_t known_worker::since_ms() const noexcept
{
    std::int64_t first = 0;
    for (noted_claim const& one : record.claims)
        if (claim_note::read(one.note).jobs > 0 && (first == 0 || one.claim / 1'000 < first))
            first = one.claim / 1'000;
    return first;
}

inline held_work known_worker::has() const
{
    held_work all{busy(), since_ms()};
    for (noted_claim const& one : record.claims)
        if (claim_note::read(one.note).jobs > 0)
            all.claims.push_back(one.claim);
    return all;
}

WORK_DECL std::string claim_note::text() const
{
    return std::to_string(jobs) + " " + kind + " " + std::to_string(until_ms);
}

WORK_DECL claim_note claim_note::read(std::string_view text)
{
    claim_note all;
    long long until = 0;
    std::sscanf(std::string(text).c_str(), "%d %c %lld", &all.jobs, &all.kind, &until);
    all.until_ms = until;
    return all;
}

WORK_DECL task<known_worker> find_worker(service& at, web_request const& request, std::string pool)
{
    known_worker one;
    one.pool = pool;
    one.record = co_await at.core->broker->worker(std::move(pool));
    auto known = known_registration(one.record.registered);
    if (!known)
        throw problem(
            404,
            "no-such-pool",
            "No pool " + detail::quote(one.pool) +
                " is registered here: PUT /api/v1/pools/{pool} does so, again after an hour "
                "without a word."
        );
    one.is = std::move(*known);
    if (one.is.user != request.user.name)
        throw problem(
            403,
            "forbidden",
            "The pool " + detail::quote(one.pool) + " belongs to the token that registered it."
        );
    co_return one;
}

WORK_DECL std::int64_t next_claim(worker_record const& of)
{
    std::int64_t last = 0;
    for (stored_number const& one : of.fetches)
        if (one.number % policy::stored_answers == 0)
            last = one.number / policy::stored_answers / 1'000'000;
    return last + 1;
}

WORK_DECL std::int64_t next_report(worker_record const& of)
{
    std::int64_t last = 0;
    for (stored_number const& one : of.reports)
        last = std::max(last, one.number);
    return last + 1;
}

WORK_DECL bool is_stale(error const& failure)
{
    return std::string_view(failure.what()).find("STALE the exchange") != std::string_view::npos;
}

WORK_DECL problem stale_number(std::string_view what, std::int64_t number, std::int64_t next)
{
    return problem(
               409,
               "stale-number",
               "The " + std::string(what) + " " + std::to_string(number) +
                   " came after a later one, and its answer is kept no more: go on with " +
                   std::to_string(next) + ".",
               "number"
    )
        .member("next", std::to_string(next));
}

WORK_DECL std::optional<worker_job> read_worker_job(
    worker_registration const& by,
    std::string_view envelope,
    claim_number fence
)
{
    auto const record = decode_envelope(envelope);
    if (!record || record->cut_from > 0)
        return std::nullopt;
    worker_job job;
    job.record = *record;
    if (!record->options.empty()) {
        auto own = decode_options(record->options);
        if (!own)
            return std::nullopt;
        job.options = std::move(*own);
    }
    if (worker_job_type const* const type = by.find(record->list)) {
        job.type = options_of(*type);
        if (type->dead_on_crash)
            job.type.on_crash = on_crash::dead;
    }
    auto const timeout =
        job.options && job.options->timeout ? *job.options->timeout : job.type.timeout;
    auto const deadline =
        job.options && job.options->deadline ? job.options->deadline : job.type.deadline;
    // A fence is the time of its claim, in µs.
    job.ends_ms = fence / 1000 + timeout.count();
    if (deadline)
        job.ends_ms = std::min(job.ends_ms, record->created_ms + deadline->count());
    return job;
}

WORK_DECL std::string_view state_of(std::vector<told_order> const& orders) noexcept
{
    auto const has = [&](pool_order one) {
        return std::any_of(orders.begin(), orders.end(), [&](told_order const& told) {
            return told.order == one;
        });
    };
    return has(pool_order::stop) ? "stopping" : has(pool_order::quiet) ? "quiet" : "running";
}

WORK_DECL std::string orders_json(
    std::vector<job_cancel> const& cancels,
    std::vector<told_order> const& orders
)
{
    std::string out = ",\"cancels\":[";
    for (job_cancel const& one : cancels) {
        out += out.back() == '[' ? "{\"id\":" : ",{\"id\":";
        detail::append_json_string(out, one.id);
        out += ",\"fence\":" + std::to_string(one.claim) + ",\"reason\":";
        detail::append_json_string(out, one.reason);
        out += ",\"by\":";
        detail::append_json_string(out, one.by);
        out += "}";
    }
    out.append("],\"state\":\"").append(state_of(orders)) += '"';
    for (told_order const& one : orders)
        if (one.order == pool_order::stop && one.grace_ms >= 0)
            out += ",\"grace_ms\":" + std::to_string(one.grace_ms);
    return out;
}

}  // namespace work::web
