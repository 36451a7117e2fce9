// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <string>

namespace work {
namespace detail {

inline std::vector<stored_number> stored_numbers(memory_data const& data, std::string_view stream)
{
    std::vector<stored_number> all;
    auto const found = data.pools_by_name.find(stream);
    if (found == data.pools_by_name.end())
        return all;
    for (auto const& answer : found->second.answers)
        if (answer)
            all.push_back(stored_number{answer->number, answer->claim});
    return all;
}

}  // namespace detail

WORK_DECL worker_record memory_state::worker(std::string_view pool, std::int64_t us)
{
    worker_record record;
    auto const found = data_.workers.find(pool);
    if (found != data_.workers.end()) {
        found->second.expires = us / 1000 + policy::worker_kept_ms;
        record.registered = found->second.registered;
        for (auto const& [claim, note] : found->second.claims)
            record.claims.push_back(noted_claim{claim, note});
    }
    record.fetches = detail::stored_numbers(data_, pool);
    record.reports = detail::stored_numbers(data_, std::string(pool).append(heartbeat_suffix));
    record.shown = data_.is_shown(pool, us / 1000);
    if (auto const told = data_.orders.find(pool); told != data_.orders.end())
        for (auto const& [claim, what] : told->second)
            if (auto const order = claim == 0 ? read_order(what) : std::nullopt)
                record.orders.push_back(*order);
    return record;
}

WORK_DECL void memory_state::keep_worker(worker_change const& change, std::int64_t us)
{
    detail::memory_worker& worker = data_.workers[change.pool];
    worker.expires = us / 1000 + policy::worker_kept_ms;
    data_.first_expiry = std::min(data_.first_expiry, worker.expires);
    if (!change.registered.empty())
        worker.registered = change.registered;
    for (noted_claim const& one : change.opened)
        worker.claims[one.claim] = one.note;
    for (claim_number const claim : change.closed)
        worker.claims.erase(claim);
}

WORK_DECL void memory_state::forget_worker(std::string_view pool)
{
    auto const found = data_.workers.find(pool);
    if (found != data_.workers.end())
        data_.workers.erase(found);
}

WORK_DECL std::vector<held_claim> memory_state::held(std::vector<held_request> const& claims) const
{
    std::vector<held_claim> all;
    for (held_request const& request : claims) {
        held_claim& one = all.emplace_back();
        one.claim = request.claim;
        auto const found = data_.claims.find(request.claim);
        if (found == data_.claims.end())
            continue;
        detail::memory_claim const& claim = found->second;
        using detail::claim_kind;
        if (claim.kind != claim_kind::jobs && claim.kind != claim_kind::suspects &&
            claim.kind != claim_kind::isolated)
            continue;  // what is left of a process that died
        one.pool = claim.pool;
        one.until_ms = claim.lapses;
        one.lease_ms = claim.lease;
        one.suspects = claim.kind != detail::claim_kind::jobs;
        for (std::string const& id : claim.ids) {
            held_record& record = one.jobs.emplace_back();
            record.id = id;
            record.left = claim.left.find(id) != claim.left.end();
            bool const wanted =
                !record.left &&
                (request.all ||
                 std::find(request.ids.begin(), request.ids.end(), id) != request.ids.end());
            auto const job = data_.jobs.find(id);
            if (wanted && job != data_.jobs.end())
                record.envelope = data_.whole_bytes(job->second)->envelope;
        }
    }
    return all;
}

}  // namespace work
