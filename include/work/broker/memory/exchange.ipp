// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/memory/claim.hpp>
#include <work/broker/memory/exchange.hpp>
#include <work/broker/memory/reap.hpp>
#include <work/broker/memory/report.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL exchange_answer memory_exchange::run()
{
    memory_call& call = *this;
    call.owner = request_.pool;
    if (call.owner.ends_with(heartbeat_suffix))
        call.owner.resize(call.owner.size() - heartbeat_suffix.size());
    call.want = std::clamp(request_.want, 0, 256);
    answer_.now_ms = now_;
    // Also where this one is refused.
    struct borrowed_notes
    {
        ~borrowed_notes() { of.notes_to = nullptr; }
        memory_data& of;
    } const borrowed{data_};
    data_.notes_to = &answer_.notes;

    memory_reports words(call);
    bool const repeated = words.answered_before();
    if (!repeated)
        words.take_reports();
    if (!repeated && (request_.chores || !request_.outcomes.empty()))
        answer_.more = data_.trim_kept(request_.limits, now_, answer_.notes);

    std::int64_t const quiet =
        data_.last_exchange > 0 ? std::max<std::int64_t>(0, now_ - data_.last_exchange) : 0;
    std::int64_t const length = data_.silent_until - data_.silent_from;
    if (!data_.leases.empty() && data_.leases.begin()->first <= now_ + 2 * quiet / 3 &&
        (quiet >= length || data_.silent_until + 2 * length / 3 < now_)) {
        data_.silent_from = data_.last_exchange;
        data_.silent_until = now_;
    }
    memory_reaper reaper(call);
    reaper.reap_lapsed();
    std::int64_t const scheduled = reaper.promote(data_.scheduled);
    std::int64_t const retry = reaper.promote(data_.retry);
    std::int64_t const due =
        scheduled == 0 || (retry != 0 && retry < scheduled) ? retry : scheduled;

    data_.wake_limits(request_.pool, now_);
    if (!answer_.repeated) {
        memory_claimer claimer(call);
        claimer.claim();
    }
    data_.wake_woken();
    if (request_.wakes_pool)
        data_.give_wakeup(owner_);
    if (request_.will_wait)
        appoint(due);
    if (request_.chores)
        do_chores();
    data_.last_exchange = now_;
    answer_rest(due);
    return std::move(answer_);
}

// One pool comes back when the first job is due, and one a little later in case it can't.
WORK_DECL void memory_exchange::appoint(std::int64_t due)
{
    memory_alarm& a = data_.alarm;
    bool const holds = a.holder == request_.pool;
    bool const backs = a.backup == request_.pool;
    if (due == 0) {
        if (holds)
            a.holder.reset();
        if (backs)
            a.backup.reset();
        return;
    }
    std::int64_t const latest = std::max(due, now_);
    bool const holder_ok =
        a.holder && a.holder_at + policy::alarm_late_ms >= now_ && a.holder_at <= latest;
    bool backup_ok = a.backup && a.backup_at + policy::alarm_late_ms >= now_ &&
                     a.backup_at <= latest + policy::alarm_backup_ms;
    if (holds || !holder_ok) {
        answer_.alarm_ms = due;
        a.holder = request_.pool;
        a.holder_at = due;
        if (backs) {
            a.backup.reset();
            backup_ok = false;
        }
        if (!backup_ok) {
            for (std::string const& pool : data_.some_pools(1, request_.pool, now_))
                data_.give_wakeup(pool);
        }
    } else if (backs || !backup_ok) {
        answer_.alarm_ms = due + policy::alarm_backup_ms;
        a.backup = request_.pool;
        a.backup_at = answer_.alarm_ms;
    }
}

WORK_DECL void memory_exchange::do_chores()
{
    answer_.forgotten = data_.pools.find(owner_) == data_.pools.end();
    if (answer_.forgotten)
        data_.absent[owner_] = now_;
    std::vector<claim_number> far;
    int looked = 0;
    for (auto at = data_.leases.rbegin();
         at != data_.leases.rend() && looked++ < policy::cut_leases;
         ++at) {
        if (at->first > now_ + 2 * data_.claims.find(at->second)->second.lease)
            far.push_back(at->second);
    }
    for (claim_number const n : far) {
        memory_claim& claim = data_.claims.find(n)->second;
        data_.leases.erase(std::pair(claim.lapses, n));
        claim.lapses = now_ + claim.lease;
        data_.leases.emplace(claim.lapses, n);
    }
    while (!data_.deaths.empty() && data_.deaths.order().begin()->first <= now_ - policy::ms_per_day
    )
        data_.deaths.pop_first();
    int traces = 0;
    for (; traces != policy::forgotten_traces && !data_.traces.empty(); ++traces) {
        if (data_.traces.order().begin()->first > now_)
            break;
        data_.traces.pop_first();
    }
    if (traces == policy::forgotten_traces)
        answer_.more = true;
    data_.forget_pools(now_);
    answer_.chores_left = data_.forget_lists(now_);
    data_.sweep_locks(now_);
    // One that is repeated says nothing anew.
    data_.sweep_needs(answer_.repeated ? record_reader() : request_.reads, now_);
    data_.trim_flows(now_);
    data_.sweep_limits(request_.pool, now_);
    data_.wake_woken();
}

WORK_DECL void memory_exchange::answer_rest(std::int64_t due)
{
    answer_.next_due_ms = due;
    if (!data_.leases.empty()) {
        auto const& [lapses, first] = *data_.leases.begin();
        std::int64_t soon = now_ + request_.lease_ms / 3;
        if (lapses < soon)
            soon = now_ + data_.claims.find(first)->second.lease / 3;
        answer_.next_lapse_ms = std::min(lapses, soon);
    }
    auto const told = data_.orders.find(owner_);
    if (told != data_.orders.end()) {
        for (auto const& [claim, what] : told->second) {
            auto const order = claim == 0 ? read_order(what) : std::nullopt;
            if (order)
                answer_.orders.push_back(*order);
            else
                answer_.cancels.push_back(read_cancel(claim, what, data_.cancel_word_of(what)));
        }
    }
    answer_.jobs.reserve(taken_.size());
    for (stored_bytes const& bytes : taken_)
        answer_.jobs.push_back(claimed_job{bytes->id, bytes->envelope});
    if (!taken_.empty())
        answer_.bytes = std::make_shared<std::vector<stored_bytes>>(std::move(taken_));
}

}  // namespace work::detail
