// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/claim.hpp>
#include <work/broker/policy.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void memory_claimer::claim()
{
    bool const gives = data_.gives_jobs(owner_);
    if (gives && want_ > 0 && request_.take_suspects)
        pop_suspects();
    if (gives && !answer_.suspects && (want_ > 0 || !request_.fetch_order.empty())) {
        for (wanted_list const& w : request_.fetch_order) {
            if ((want_ > 0 && (full() || w.take == 0)) || drained_.find(w.list) != drained_.end())
                continue;
            claim_from(w.list, w.take);
        }
        if (request_.discover)
            claim_discovered();
    }
    if (!taken_.empty())
        store_claim();
    for (std::string const& list : back_)
        data_.look_again(list, now_);
    data_.wake_limits(request_.pool, now_);
    data_.pools_by_name[std::string(request_.pool)].answer(request_.number) = stored_exchange{
        request_.number,
        answer_.finished,
        answer_.outcomes,
        answer_.started,
        answer_.claim,
        answer_.isolate    ? 2
        : answer_.suspects ? 1
                           : 0,
        answer_.lost
    };
}

// What a fetch order names: a list, or `*` and a name: that name in all queues. Of those half is
// for the name's own queue, half for the others, so that neither waits for ever.
WORK_DECL void memory_claimer::claim_from(std::string_view served, std::int64_t at_most)
{
    seen_.emplace(served);
    std::int64_t left = 0;
    if (!served.starts_with('*')) {
        left = pop(served, at_most);
    } else {
        std::string const name(served.substr(1));
        if (data_.queues.find(name) == data_.queues.end()) {
            left = pop(name, at_most);
        } else {
            std::int64_t const k = std::min(at_most, room());
            std::int64_t const until = room() - k;
            left = pop(name, (k + request_.number % 2) / 2);
            std::int64_t const waiting = pop_queues(name, room() - until);
            if (left > 0)
                left = pop(name, room() - until);
            left += waiting;
        }
    }
    if (left == 0) {
        drained_.emplace(served);
        return;
    }
    answer_.left.push_back(list_left{std::string(served), left});
    data_.give_wakeup(served);
}

// Jobs of a name in other queues than its own; returns how many of those hold jobs then. Whose
// turn it is goes by the number of the exchange.
WORK_DECL std::int64_t memory_claimer::pop_queues(std::string const& name, std::int64_t at_most)
{
    std::vector<std::string> drawn;
    std::int64_t k = std::min(at_most, room());
    {
        auto const& queues = data_.queues.find(name)->second;
        auto const size = static_cast<std::int64_t>(queues.size());
        if (k <= 0 || full())
            return size;
        auto next = std::next(queues.begin(), request_.number % size);
        for (std::int64_t i = std::min({k, size, policy::drawn_lists}); i > 0; --i) {
            drawn.push_back(*next);
            if (++next == queues.end())
                next = queues.begin();
        }
    }
    auto const count = static_cast<std::int64_t>(drawn.size());
    std::int64_t part = (k + count - 1) / count;
    for (int round = 0; round != 2; ++round) {
        std::vector<std::string> rest;
        for (std::string const& list : drawn) {
            if (k <= 0 || full())
                break;
            std::int64_t const before = room();
            if (pop(list, std::min(part, k)) > 0)
                rest.push_back(list);
            k -= before - room();
        }
        drawn = std::move(rest);
        part = k;
    }
    auto const queues = data_.queues.find(name);
    return queues == data_.queues.end() ? 0 : static_cast<std::int64_t>(queues->second.size());
}

WORK_DECL void memory_claimer::claim_discovered()
{
    auto const served = data_.served.find(request_.pool);
    if (served == data_.served.end())
        return;
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (auto const& [what, rank] : served->second) {
        if (data_.ready.find(what) != data_.ready.end())
            found.emplace_back(rank, what);
    }
    std::sort(found.begin(), found.end());
    for (auto const& [rank, what] : found) {
        std::string entry = what;
        if (!entry.starts_with('*') && served->second.find("*" + what) != served->second.end())
            entry.insert(0, 1, '*');
        if (seen_.find(entry) != seen_.end())
            continue;
        if (full()) {
            seen_.insert(entry);
            answer_.left.push_back(list_left{entry, 1});
        } else {
            claim_from(entry, want_);
        }
    }
}

WORK_DECL bool memory_claimer::take(memory_job& job)
{
    std::int64_t const bytes = stored_bytes_of(job.bytes->envelope);
    if (bytes > max_carried_bytes) {
        std::string const id = job.bytes->id;
        data_.put_aside(id, now_, answer_.notes, "record of " + std::to_string(bytes) + " bytes");
        return false;
    }
    if (data_.until_claim)
        data_.release_lock(job.bytes->id, job.bytes->envelope, lock_release::claimed);
    bytes_ += bytes;
    stored_ += static_cast<std::int64_t>(job.bytes->envelope.size());
    taken_.push_back(data_.whole_bytes(job));
    return true;
}

// Returns how many jobs the list holds then: none while it is paused.
WORK_DECL std::int64_t memory_claimer::pop(std::string_view name, std::int64_t at_most)
{
    if (data_.paused_lists.find(name) != data_.paused_lists.end() && data_.is_paused(name, now_)) {
        return refuse(name);
    }
    std::size_t const before = taken_.size();
    auto room = static_cast<std::size_t>(
        std::max<std::int64_t>(0, std::min(at_most, want_ - static_cast<std::int64_t>(before)))
    );
    auto const limited = data_.limited_lists.find(name);
    std::string const parked = limited == data_.limited_lists.end() ? "" : limited->second.parked;
    // With the chores what waits at a limit is looked at, should nobody have woken it.
    if (!parked.empty() && !request_.chores)
        return refuse(name);
    std::vector<std::string> limits;
    memory_list* const list = data_.find_list(name);
    bool const holds = list != nullptr && list->length() > 0;
    if (limited != data_.limited_lists.end() && room > 0 && holds)
        limits = split_names(limited->second.names);
    if (!limits.empty()) {
        auto const [most, by] = data_.admit(limits, static_cast<std::int64_t>(room));
        room = static_cast<std::size_t>(most);
        if (!parked.empty() && (room > 0 || parked != by))
            data_.unpark(std::string(name));
        if (room == 0) {
            data_.park(std::string(name), by, us_);
            for (std::string const& one : limits)
                data_.touch_limit(one);
            return refuse(name);
        }
    }
    std::size_t looked = 0;
    while (list != nullptr && room > 0 && !full() && looked < policy::looked_at_jobs) {
        std::size_t const asked = room;
        std::size_t const listed = std::min(asked, list->ids.size());
        std::size_t const beside = std::min(asked, list->ahead.size());
        bool const ghostly = list->ghost_total > 0;
        std::size_t used = 0, used_beside = 0;
        while (room > 0 && !full()) {
            memory_job* job = nullptr;
            if (used < listed) {
                std::string const& id = list->ids.front();
                job = data_.find_job(id);
                bool const ghost = (ghostly || job == nullptr) && list->take_ghost(id);
                if (ghost || job == nullptr) {
                    if (!ghost && !ghostly)
                        answer_.notes.push_back("lost by the store: " + id);
                    list->ids.pop_front();
                    ++used;
                    continue;
                }
            }
            bool ahead = used_beside < beside && (job != nullptr || listed < asked);
            if (ahead && job != nullptr) {
                auto const header = read_header(job->bytes->envelope);
                ahead = !header || header->created >= list->ahead.order().begin()->first;
            }
            if (ahead) {
                memory_job* const first = data_.find_job(list->ahead.pop_first());
                ++used_beside;
                if (first != nullptr && take(*first))
                    --room;
            } else if (job != nullptr) {
                if (take(*job))
                    --room;
                list->ids.pop_front();
                ++used;
            } else {
                break;
            }
        }
        if (used + used_beside == 0)
            break;
        looked += used;
    }
    if (taken_.size() > before && dead_on_crash(name))
        dead_lists_.emplace(name);
    std::int64_t length = list == nullptr ? 0 : list->length();
    for (std::size_t i = before; i != taken_.size(); ++i)
        data_.charge(limits, taken_[i]->id);
    if (!limits.empty()) {
        auto const full = std::find_if(limits.begin(), limits.end(), [&](std::string const& one) {
            return data_.limit_room(one) <= 0;
        });
        bool const waits = length > 0 && full != limits.end();
        if (waits)
            data_.park(std::string(name), *full, us_);
        if (waits || length == 0) {
            for (std::string const& one : limits)
                data_.touch_limit(one);
        } else if (!parked.empty()) {
            back_.emplace(name);
        }
        if (waits) {
            back_.erase(std::string(name));
            return refuse(name);
        }
    }
    if (length == 0) {
        back_.erase(std::string(name));
        auto const woken = data_.woken.find(name);
        if (woken != data_.woken.end())
            data_.woken.erase(woken);
        data_.unready_if_empty(name);
        drained_.emplace(name);
    }
    return length;
}

// Nothing is taken from it now.
WORK_DECL std::int64_t memory_claimer::refuse(std::string_view list)
{
    data_.woken.erase(std::string(list));
    data_.unready(list);
    drained_.emplace(list);
    return 0;
}

// Whether a limit has no room for a suspect of this list. It passes there as others do.
WORK_DECL bool memory_claimer::is_refused(std::string_view list)
{
    auto const found = data_.limited_lists.find(list);
    if (found == data_.limited_lists.end())
        return false;
    auto const [most, by] = data_.admit(split_names(found->second.names), 1);
    if (most == 0)
        data_.park_suspects(by, us_);
    return most == 0;
}

// Groups with jobs of names that this pool serves, the one to be taken first in front.
WORK_DECL std::vector<std::int64_t> memory_claimer::suspect_groups() const
{
    auto const served = data_.served.find(request_.pool);
    if (served == data_.served.end() || data_.suspects.empty())
        return {};
    std::vector<std::pair<std::int64_t, std::string_view>> order;
    for (auto const& [list, rank] : served->second)
        order.emplace_back(rank, list);
    std::sort(order.begin(), order.end());
    auto const us = static_cast<std::size_t>(us_);
    constexpr std::size_t most = policy::looked_at_served;
    constexpr std::size_t newest = policy::newest_groups, others = policy::other_groups;
    std::size_t const start = order.size() > most ? us % (order.size() - most + 1) : 0;
    std::set<std::int64_t, std::greater<>> found;
    for (std::size_t i = start; i != std::min(start + most, order.size()); ++i) {
        std::string_view name = list_job_name(order[i].second);
        name.remove_prefix(name.rfind('*') + 1);
        auto const groups = data_.groups_by_name.find(name);
        if (groups == data_.groups_by_name.end())
            continue;
        std::size_t const length = groups->second.size();
        std::size_t const other =
            newest + (length > newest + others ? us % (length - newest - others + 1) : 0);
        std::size_t place = 0;
        for (auto at = groups->second.rbegin(); at != groups->second.rend(); ++at, ++place) {
            if (place < newest || (place >= other && place < other + others))
                found.insert(*at);
        }
    }
    return {found.begin(), found.end()};
}

// What was tried last when others ran, too, is tried next where none does; after the longest
// quarantine anywhere.
WORK_DECL bool memory_claimer::wants_to_be_alone(suspect_group const& group)
{
    if (!request_.runs_suspects || group.size() != 1 || group[0].second.size() != 1)
        return false;
    memory_job const* const job = data_.find_job(group[0].second[0]);
    std::int64_t const since = job == nullptr ? 0 : read_crashes(job->bytes->envelope).alone;
    return since > 0 && now_ < since + policy::max_quarantine_ms;
}

// A storm leaves hundreds of suspects in small groups; one after the other they would keep what did
// kill waiting. Not while processes die: to hurry through a storm runs it out of jobs, and what
// dies without jobs is not seen, so the last of them would be counted as if they died alone.
WORK_DECL bool memory_claimer::joins_groups() const
{
    if (!request_.joins_suspects ||
        (!data_.deaths.empty() &&
         data_.deaths.order().rbegin()->first >= now_ - 3 * request_.lease_ms / 2))
        return false;
    std::set<std::string_view> names;
    for (auto const& [list, rank] : data_.served.find(request_.pool)->second) {
        std::string_view name = list_job_name(list);
        name.remove_prefix(name.rfind('*') + 1);
        names.insert(name);
    }
    std::int64_t waiting = 0;
    for (std::string_view const name : names) {
        auto const found = data_.suspects.find(name);
        waiting += found == data_.suspects.end() ? 0 : found->second;
    }
    return waiting >= policy::joined_jobs;
}

// Not what was split just now, or it would never be split to the end, nor what is near a verdict.
WORK_DECL bool memory_claimer::may_be_joined(std::int64_t number, suspect_group const& group)
{
    if (data_.last_group - number < 8)
        return false;
    for (auto const& [list, ids] : group) {
        for (std::string const& id : ids) {
            memory_job const* const job = data_.find_job(id);
            if (job == nullptr)
                continue;
            crash_state const crashes = read_crashes(job->bytes->envelope);
            if (crashes.solo_crashes > 0 || crashes.alone > 0)
                return false;
        }
    }
    return true;
}

// A suspect group, or what this pool serves and has room for of it; or several that are one now.
WORK_DECL void memory_claimer::pop_suspects()
{
    std::vector<std::int64_t> const groups = suspect_groups();
    bool const joins = !groups.empty() && joins_groups();
    std::int64_t longest = 0, counted = 0;
    std::int64_t tried = 0;
    for (std::size_t looked = 0;
         looked != std::min<std::size_t>(groups.size(), policy::passed_groups);
         ++looked) {
        if (tried == policy::tried_groups)
            break;
        suspect_group after;
        bool changed = false;
        suspect_group const& group = data_.groups.find(groups[looked])->second;
        std::size_t size = 0;
        bool open = false;
        for (auto const& [list, ids] : group) {
            size += ids.size();
            open = open || !(data_.is_paused(list, now_) || is_refused(list));
        }
        // Groups of lists that are all paused, or at their limits, are passed over: they must not
        // hide others.
        tried += open;
        bool const joined = open && joins && may_be_joined(groups[looked], group);
        if (!open || wants_to_be_alone(group) ||
            (!taken_.empty() && (!joined || taken_.size() + size > policy::joined_jobs)))
            continue;
        for (auto const& [list, ids] : group) {
            std::vector<std::string> rest;
            bool const stays = !data_.serves(request_.pool, list) || data_.is_paused(list, now_) ||
                               is_refused(list);
            for (std::string const& id : ids) {
                if (stays || full() || is_refused(list)) {
                    rest.push_back(id);
                    continue;
                }
                changed = true;
                memory_job* const job = data_.find_job(id);
                if (job == nullptr)
                    continue;
                if (!read_header(job->bytes->envelope)) {
                    data_.put_aside(id, now_, answer_.notes);
                    continue;
                }
                crash_state const crashes = read_crashes(job->bytes->envelope);
                if (!take(*job))
                    continue;
                auto const limited = data_.limited_lists.find(list);
                if (limited != data_.limited_lists.end())
                    data_.charge(split_names(limited->second.names), id);
                longest = std::max(longest, crashes.longest);
                counted = std::max(counted, crashes.counted + (crashes.pending > 0));
                if (dead_on_crash(list))
                    dead_lists_.emplace(list);
            }
            if (!rest.empty())
                after.emplace_back(list, std::move(rest));
        }
        if (changed)
            data_.store_group(groups[looked], std::move(after));
        if (!taken_.empty() && (!joined || full()))
            break;
    }
    if (taken_.empty())
        return;
    answer_.suspects = true;
    answer_.isolate = taken_.size() == 1 && counted >= 2;
    answer_.quarantine_ms = quarantine_of(longest, request_.lease_ms);
}

WORK_DECL void memory_claimer::store_claim()
{
    data_.fence = std::max(data_.fence + 1, us_);
    // Even: its jobs are in the index from id to claim.
    if ((data_.fence % 2 == 0) != (taken_.size() <= policy::indexed_jobs))
        ++data_.fence;
    memory_claim claim;
    claim.pool = request_.pool;
    claim.lapses = now_ + request_.lease_ms;
    claim.kind = answer_.isolate    ? claim_kind::isolated
                 : answer_.suspects ? claim_kind::suspects
                                    : claim_kind::jobs;
    claim.lease = request_.lease_ms;
    claim.size = stored_;
    claim.dead_on_crash.assign(dead_lists_.begin(), dead_lists_.end());
    std::sort(claim.dead_on_crash.begin(), claim.dead_on_crash.end());
    claim.ids.reserve(taken_.size());
    for (stored_bytes const& bytes : taken_) {
        claim.ids.push_back(bytes->id);
        data_.find_job(bytes->id)->claim = data_.fence;
    }
    for (auto& [name, limit] : data_.job_limits) {
        for (std::string const& id : claim.ids) {
            auto const held = limit.held.find(id);
            if (held == limit.held.end() || held->second != 0)
                continue;
            held->second = data_.fence;
            claim.limits.insert(name);
        }
    }
    data_.leases.emplace(claim.lapses, data_.fence);
    data_.claims.emplace(data_.fence, std::move(claim));
    answer_.claim = data_.fence;
}

}  // namespace work::detail
