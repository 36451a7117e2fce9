// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/reap.hpp>
#include <work/broker/policy.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

inline std::string crash_text(
    int attempt,
    char const* type,
    std::string const& message,
    std::int64_t now
)
{
    return "{\"attempt\":" + std::to_string(attempt) + ",\"type\":\"" + type + "\",\"message\":\"" +
           message + "\",\"at_ms\":" + std::to_string(now) + "}";
}

inline std::string solo_text(
    envelope_header const& header,
    std::int64_t deaths,
    char const* type,
    std::int64_t now
)
{
    return crash_text(
        header.attempts + 1,
        type,
        "the worker process died " + std::to_string(deaths) +
            " time(s) while only this job was suspect",
        now
    );
}

template <typename Value>
Value& value_of(std::vector<std::pair<std::string, Value>>& pairs, std::string_view key)
{
    auto const found = std::find_if(pairs.begin(), pairs.end(), [&](auto const& pair) {
        return pair.first == key;
    });
    if (found != pairs.end())
        return found->second;
    return pairs.emplace_back(key, Value()).second;
}

WORK_DECL void memory_reaper::reap_lapsed()
{
    auto const lapsed = [&](std::pair<std::int64_t, claim_number> const& lease) {
        return lease.first <= now_;
    };
    std::vector<claim_number> numbers;
    for (auto const& lease : data_.leases) {
        if (!lapsed(lease) || numbers.size() == policy::ended_claims)
            break;
        numbers.push_back(lease.second);
    }
    if (numbers.empty())
        return;
    // First which of them lapsed, then where their jobs go.
    lapsed_claims claims;
    std::size_t seen = 0;
    std::int64_t seen_bytes = 0;
    for (claim_number const n : numbers) {
        if (seen >= policy::ended_jobs || seen_bytes >= policy::step_bytes)
            break;
        auto const found = data_.claims.find(n);
        data_.leases.erase(std::pair(found->second.lapses, n));
        if (extended(found->second)) {
            found->second.lapses = data_.silent_until + found->second.lease;
            data_.leases.emplace(found->second.lapses, n);
            continue;
        }
        memory_claim claim = std::move(found->second);
        data_.claims.erase(found);
        for (std::string const& id : claim.ids)
            data_.free_slot(n, claim.limits, id);
        switch (claim.kind) {
        case claim_kind::fallen:
        case claim_kind::fallen_isolated:
        case claim_kind::fallen_rest: seen += settle_fallen(n, claim); break;
        case claim_kind::verdict:
            ++seen;
            verdicts_.push_back(std::move(claim));
            break;
        default:
            seen += claim.ids.size() - claim.left.size();
            seen_bytes += claim.size;
            claims.emplace_back(n, std::move(claim));
        }
    }
    for (auto const& [n, claim] : claims)
        reap(n, claim);
    note_deaths();
    if (!died_.empty() || !verdicts_.empty())
        look_for_vanished();
    for (memory_claim const& verdict : verdicts_)
        settle_third_crash(verdict);
    hasten();
    deliver();
    if (!data_.leases.empty() && lapsed(*data_.leases.begin()))
        answer_.more = true;
}

// Its pool could not renew it: nobody could reach the broker.
WORK_DECL bool memory_reaper::extended(memory_claim const& claim) const
{
    switch (claim.kind) {
    case claim_kind::jobs:
    case claim_kind::suspects:
    case claim_kind::isolated: break;
    default: return false;
    }
    std::int64_t const from = data_.silent_from, until = data_.silent_until;
    return 2 * (until - from) > claim.lease && claim.lapses > from &&
           claim.lapses <= until + claim.lease / 3 && until + claim.lease > now_;
}

// Whether another process died within one lease of it, and not of a suspect known to do so.
WORK_DECL bool memory_reaper::storm(
    std::int64_t at,
    std::int64_t lease,
    std::string_view process,
    std::string_view id
) const
{
    auto death = data_.deaths.order().lower_bound({at - lease, {}});
    for (; death != data_.deaths.order().end() && death->first <= at + lease; ++death) {
        std::string_view const who = death->second;
        if (who != process && !(who.starts_with('=') && who.substr(1) == id))
            return true;
    }
    return false;
}

// Of some pools, who misses a heartbeat, and is not known to have died of something. A status is
// shown for 15 s at least, and a heartbeat comes each 5 s or a third of that time.
WORK_DECL void memory_reaper::look_for_vanished()
{
    constexpr std::int64_t shown = policy::status_shown_ms, heartbeat = policy::heartbeat_ms;
    for (std::string const& pool : data_.draw_pools(policy::drawn_pools)) {
        auto const status = data_.status.find(pool);
        std::int64_t left = status == data_.status.end() ? 0 : status->second.expires - now_;
        if (left <= 0) {
            left = 0;
            data_.drop_pool(pool, now_);
        }
        std::string_view const process = process_of(pool);
        if (left < shown - heartbeat - policy::heartbeat_late_ms &&
            !data_.known_deaths.find(process) && !data_.vanished.find(process))
            data_.vanished.put(process, now_ + left + heartbeat - shown);
    }
    while (data_.vanished.size() > policy::deaths_kept)
        data_.vanished.pop_first();
}

WORK_DECL bool memory_reaper::some_vanished(std::int64_t at, std::int64_t lease) const
{
    auto const first = data_.vanished.order().lower_bound({at - 3 * lease, {}});
    return first != data_.vanished.order().end() && first->first <= at + lease;
}

// The job, if its record can be read; else it is put aside.
WORK_DECL memory_job* memory_reaper::readable(std::string_view id)
{
    memory_job* const job = data_.find_job(id);
    if (job == nullptr)
        return nullptr;
    job->claim = 0;
    if (read_header(job->bytes->envelope))
        return job;
    data_.put_aside(id, now_, answer_.notes);
    return nullptr;
}

WORK_DECL claim_number memory_reaper::keep_claim(memory_claim claim)
{
    data_.fence = std::max(data_.fence + 1, us_);
    data_.fence += data_.fence % 2;
    for (std::string const& id : claim.ids)
        data_.find_job(id)->claim = data_.fence;
    data_.leases.emplace(claim.lapses, data_.fence);
    data_.claims.emplace(data_.fence, std::move(claim));
    return data_.fence;
}

// All claims of a process that died have lapsed.
WORK_DECL std::size_t memory_reaper::settle_fallen(claim_number n, memory_claim const& claim)
{
    // The last group that was taken is the likeliest, and split by itself.
    std::vector<suspect> members, trial;
    claim_number tried = 0;
    for (auto at = claim.fallen.rbegin(); at != claim.fallen.rend(); ++at) {
        if (claim.left.find(at->job.second) != claim.left.end())
            continue;
        tried = tried == 0 ? at->group : tried;
        (at->group != 0 && at->group == tried ? trial : members).push_back(at->job);
        if (memory_job* const job = data_.find_job(at->job.second))
            job->claim = 0;
    }
    if (members.size() + trial.size() == 1 && claim.kind != claim_kind::fallen_rest) {
        solo(members.empty() ? trial[0] : members[0], claim);
    } else {
        if (trial.size() == 1)
            to_be_alone(trial[0].second);
        for (auto const* const part : {&members, &trial}) {
            if (!part->empty())
                suspect_groups(
                    *part,
                    std::min<std::size_t>(policy::suspect_groups, (part->size() + 7) / 8)
                );
        }
        data_.deaths.put(process_of(claim.pool), claim.size);
    }
    auto const known = data_.fallen.find(process_of(claim.pool));
    if (known != data_.fallen.end() && known->second == n)
        data_.fallen.erase(known);
    return claim.fallen.size();
}

// The group that was taken last is one job, and others ran beside it.
WORK_DECL void memory_reaper::to_be_alone(std::string_view id)
{
    memory_job* const job = readable(id);
    if (job == nullptr)
        return;
    crash_state crashes = read_crashes(job->bytes->envelope);
    crashes.alone = now_;
    data_.rewrite(*job, with_crashes(job->bytes->envelope, crashes));
}

// A process died, and this was the only suspect.
WORK_DECL void memory_reaper::solo(suspect const& who, memory_claim const& claim)
{
    std::string_view const process = process_of(claim.pool);
    std::string const& id = who.second;
    memory_job* const job = readable(id);
    if (job == nullptr)
        return;
    stored_bytes const bytes = job->bytes;
    auto const header = read_header(bytes->envelope);
    crash_state crashes = read_crashes(bytes->envelope);
    if (crashes.pending > 0 && !storm(crashes.pending, claim.lease, process, id))
        ++crashes.counted;
    bool const last = claim.kind == claim_kind::fallen_isolated && crashes.counted >= 2;
    std::int64_t const deaths = crashes.counted + 1;
    crashes.counted = std::min<std::int64_t>(crashes.counted, 2);
    crashes.pending = claim.size;
    crashes.alone = now_;
    crashes.solo_crashes =
        std::min<std::int64_t>(crashes.solo_crashes + 1, policy::max_solo_crashes);
    if (crashes.solo_crashes < 4)  // what kills whenever it runs is no sign of a storm
        data_.deaths.put("=" + id, claim.size);
    else
        data_.deaths.remove("=" + id);
    std::string const marked = with_crashes(bytes->envelope, crashes);
    if (last) {
        data_.rewrite(*job, marked);
        memory_claim verdict;
        verdict.pool = claim.pool;
        verdict.kind = claim_kind::verdict;
        verdict.lease = claim.lease;
        verdict.lapses = now_ + claim.lease;
        verdict.ids = {id};
        keep_claim(std::move(verdict));
        return;
    }
    data_.rewrite(*job, with_failures(marked, header->attempts));
    data_.add_failure(id, solo_text(*header, deaths, "crash", now_));
    suspect_groups({who}, 1);
}

WORK_DECL void memory_reaper::bury_crashed(
    std::string const& id,
    envelope_header const& header,
    std::string text
)
{
    data_.bury(id, header.attempts, std::move(text), now_);
    answer_.notes.push_back(std::string(dead_by_crash_note) + id);
}

// It died alone for the third time, and by now it is known who else died then.
WORK_DECL void memory_reaper::settle_third_crash(memory_claim const& claim)
{
    std::string const& id = claim.ids.front();
    memory_job* const job = claim.left.empty() ? readable(id) : nullptr;
    if (job == nullptr)
        return;
    stored_bytes const bytes = job->bytes;
    auto const header = read_header(bytes->envelope);
    crash_state crashes = read_crashes(bytes->envelope);
    std::int64_t const deaths = crashes.counted + 1;
    if (!storm(crashes.pending, claim.lease, process_of(claim.pool), id) &&
        !some_vanished(crashes.pending, claim.lease)) {
        data_.deaths.remove("=" + id);
        bury_crashed(id, *header, solo_text(*header, deaths, "crash_loop", now_));
        return;
    }
    data_.add_failure(id, solo_text(*header, deaths, "crash", now_));
    crashes.pending = 0;
    crashes.alone = now_;
    data_.rewrite(*job, with_failures(with_crashes(bytes->envelope, crashes), header->attempts));
    suspect_groups({{std::string(header->list), id}}, 1);
}

WORK_DECL void memory_reaper::reap(claim_number n, memory_claim const& claim)
{
    std::int64_t const died = claim.lapses - 2 * claim.lease / 3;
    std::int64_t const took = std::max<std::int64_t>(0, died - n / 1000);
    std::size_t held = 0;
    for (std::string const& id : claim.ids) {
        if (claim.left.find(id) != claim.left.end())
            continue;
        ++held;
        memory_job* const job = readable(id);
        if (job == nullptr)
            continue;
        stored_bytes const bytes = job->bytes;
        auto const header = read_header(bytes->envelope);
        if (data_.end_cancelled(id, *header, now_)) {
            if (data_.dead.find(id))
                answer_.notes.push_back(std::string(dead_by_crash_note) + id);
            continue;
        }
        if (std::binary_search(
                claim.dead_on_crash.begin(),
                claim.dead_on_crash.end(),
                header->list
            )) {
            if (claim.started.find(id) == claim.started.end())
                to_front(id, *header);
            else
                bury_crashed(
                    id,
                    *header,
                    crash_text(
                        header->attempts + 1,
                        "crash",
                        "the worker process died while the job ran; its type says "
                        "dead on crash",
                        now_
                    )
                );
            continue;
        }
        crash_state crashes = read_crashes(bytes->envelope);
        bool const first = !crashes.any;
        if (first || took > crashes.longest) {
            crashes.longest = took;
            data_.rewrite(*job, with_crashes(bytes->envelope, crashes));
        }
        if (claim.kind == claim_kind::jobs && first)
            to_front(id, *header);
        else
            fall(claim, {claim.kind == claim_kind::jobs ? 0 : n, suspect(header->list, id)});
    }
    if (held > 0) {
        std::int64_t& when = value_of(died_, process_of(claim.pool));
        when = std::max(when, died);
    }
    ++value_of(told_, claim.pool);
}

WORK_DECL void memory_reaper::to_front(std::string_view id, envelope_header const& header)
{
    if (header.priority != 0)
        data_.enter(id, header, list_end::front, now_);
    else
        value_of(fronts_, header.list).emplace_back(id);
}

// Gathers the suspects of a process until all of its claims lapsed: those of one pool are renewed
// within a third of their lease.
WORK_DECL void memory_reaper::fall(memory_claim const& claim, fallen_job job)
{
    auto const process = process_of(claim.pool);
    auto known = data_.fallen.find(process);
    bool const full = known != data_.fallen.end() &&
                      data_.claims.find(known->second)->second.fallen.size() >= policy::fallen_jobs;
    if (known == data_.fallen.end() || full) {
        memory_claim fallen;
        fallen.pool = claim.pool;
        fallen.kind = full                                 ? claim_kind::fallen_rest
                      : claim.kind == claim_kind::isolated ? claim_kind::fallen_isolated
                                                           : claim_kind::fallen;
        fallen.lease = claim.lease;
        fallen.size = std::max<std::int64_t>(0, claim.lapses - 2 * claim.lease / 3);
        fallen.lapses = claim.lapses + 2 * claim.lease / 5;
        data_.fallen.insert_or_assign(std::string(process), keep_claim(std::move(fallen)));
        known = data_.fallen.find(process);
        new_fallen_.push_back({known->second, full});
    }
    memory_claim& fallen = data_.claims.find(known->second)->second;
    if (fallen.kind == claim_kind::fallen_isolated && !fallen.fallen.empty())
        fallen.kind = claim_kind::fallen;
    memory_job& record = *data_.find_job(job.job.second);
    record.claim = known->second;
    for (auto& [number, pending] : new_fallen_) {
        if (number == known->second)
            pending = pending || read_crashes(record.bytes->envelope).pending > 0;
    }
    fallen.ids.push_back(job.job.second);
    fallen.fallen.push_back(std::move(job));
}

// A process none of whose claims can lapse while its suspects are gathered is settled at once. Not
// one with a death that may come to count: it is not known yet which others died then.
WORK_DECL void memory_reaper::hasten()
{
    for (std::size_t i = 0; i != std::min<std::size_t>(new_fallen_.size(), 8); ++i) {
        auto const [n, pending] = new_fallen_[i];
        memory_claim& fallen = data_.claims.find(n)->second;
        bool alone = !pending;
        std::size_t looked = 0;
        for (auto const& [lapses, other] : data_.leases) {
            if (!alone || lapses > fallen.lapses)
                break;
            ++looked;
            alone = other == n || (looked <= 64 && process_of(data_.claims.find(other)->second.pool
                                                   ) != process_of(fallen.pool));
        }
        if (!alone)
            continue;
        data_.leases.erase({fallen.lapses, n});
        fallen.lapses = now_;
        data_.leases.emplace(now_, n);
    }
}

WORK_DECL void memory_reaper::note_deaths()
{
    // Of a process that ran suspects it is known later what it died of.
    for (auto const& [process, when] : died_) {
        if (data_.fallen.find(process) != data_.fallen.end())
            data_.deaths.remove(process);
        else
            data_.deaths.put(process, when);
        data_.known_deaths.put(process, now_);
        data_.vanished.remove(process);
    }
    if (died_.empty())
        return;
    for (scored_ids* const kept : {&data_.deaths, &data_.known_deaths}) {
        while (kept->size() > policy::deaths_kept)
            kept->pop_first();
    }
}

WORK_DECL void memory_reaper::deliver()
{
    for (auto const& [name, ids] : fronts_)
        data_.enter_front(name, ids, now_);
    for (auto const& [pool, claims] : told_)
        answer_.notes.push_back("lapsed: " + std::to_string(claims) + " claim(s) of " + pool);
    if (!made_suspect_)
        return;
    for (std::string const& pool : data_.some_pools(8, request_.pool, now_))
        data_.give_wakeup(pool);
}

}  // namespace work::detail
