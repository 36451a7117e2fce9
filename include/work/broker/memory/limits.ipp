// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <limits>
#include <utility>

// As `scripts/parts/limits.lua`.
namespace work::detail {

inline std::string joined_names(std::vector<std::string> const& names)
{
    std::string text;
    for (std::string const& one : names)
        text.append(text.empty() ? "" : " ").append(one);
    return text;
}

WORK_DECL std::string memory_data::limits_for(std::string_view list) const
{
    std::string_view const name = list_job_name(list);
    std::string_view const queue = list_queue(list);
    std::vector<std::string> all;
    for (std::string const& target : {"queue:" + std::string(queue), "name:" + std::string(name)}) {
        auto const found = limited.find(target);
        if (found == limited.end())
            continue;
        for (std::string& one : split_names(found->second))
            if (std::find(all.begin(), all.end(), one) == all.end())
                all.push_back(std::move(one));
    }
    return joined_names(all);
}

WORK_DECL bool memory_data::is_parked(std::string_view list) const
{
    auto const found = limited_lists.find(list);
    return found != limited_lists.end() && !found->second.parked.empty();
}

WORK_DECL void memory_data::touch_limit(std::string const& name)
{
    if (std::find(touched_limits.begin(), touched_limits.end(), name) == touched_limits.end())
        touched_limits.push_back(name);
}

// How many more may run; of a limit that is gone as many as you like.
WORK_DECL std::int64_t memory_data::limit_room(std::string const& name) const
{
    auto const found = job_limits.find(name);
    return found == job_limits.end()
               ? std::numeric_limits<std::int64_t>::max()
               : found->second.slots - static_cast<std::int64_t>(found->second.held.size());
}

// How many of k jobs may run, by all of these limits; and the one that lets fewest.
WORK_DECL std::pair<std::int64_t, std::string> memory_data::admit(
    std::vector<std::string> const& names,
    std::int64_t k
) const
{
    std::pair<std::int64_t, std::string> least(k, "");
    for (std::string const& name : names) {
        std::int64_t const room = limit_room(name);
        if (room < least.first)
            least = {room, name};
    }
    least.first = std::max<std::int64_t>(least.first, 0);
    return least;
}

// Until its claim has a number, it is 0.
WORK_DECL void memory_data::charge(std::vector<std::string> const& names, std::string const& id)
{
    for (std::string const& name : names) {
        auto const limit = job_limits.find(name);
        if (limit != job_limits.end())
            limit->second.held[id] = 0;
    }
}

WORK_DECL void memory_data::free_slot(
    claim_number n,
    std::set<std::string> const& names,
    std::string_view id
)
{
    for (std::string const& name : names) {
        auto const limit = job_limits.find(name);
        if (limit == job_limits.end())
            continue;
        auto const held = limit->second.held.find(id);
        if (held == limit->second.held.end() || held->second != n)
            continue;
        limit->second.held.erase(held);
        touch_limit(name);
    }
}

WORK_DECL void memory_data::park(
    std::string const& list,
    std::string const& name,
    std::int64_t now_us
)
{
    limited_lists[list].parked = name;
    scored_ids& waits = job_limits.find(name)->second.waits;
    if (!waits.find("{" + list))
        waits.put("{" + list, now_us);
}

WORK_DECL void memory_data::unpark(std::string const& list)
{
    auto const found = limited_lists.find(list);
    if (found == limited_lists.end())
        return;
    auto const limit = job_limits.find(found->second.parked);
    found->second.parked.clear();
    if (limit != job_limits.end())
        limit->second.waits.remove("{" + list);
}

WORK_DECL void memory_data::park_suspects(std::string const& name, std::int64_t now_us)
{
    scored_ids& waits = job_limits.find(name)->second.waits;
    if (!waits.find(refused_suspects))
        waits.put(refused_suspects, now_us);
}

// A list that has its limits anew is looked at as one that got its first job.
WORK_DECL bool memory_data::look_again(std::string const& list, std::int64_t now)
{
    memory_list const* const held = find_list(list);
    if (held == nullptr || held->length() == 0)
        return false;
    made_ready(list, now);
    woken.insert(list);
    if ((held->ghost_total > 0 || !held->ahead.empty()) && !is_parked(list) &&
        paused_lists.find(list) == paused_lists.end())
        mark_mixed(list);
    return true;
}

WORK_DECL void memory_data::wake_for_suspects(std::string_view pool, std::int64_t now)
{
    for (std::string const& other : some_pools(8, pool, now))
        give_wakeup(other);
}

// As many of those who wait as there is room for; those first that this pool serves.
WORK_DECL void memory_data::wake_limits(std::string_view pool, std::int64_t now)
{
    std::vector<std::string> all = std::exchange(touched_limits, {});
    std::sort(all.begin(), all.end());
    for (std::string const& name : all) {
        auto const found = job_limits.find(name);
        std::int64_t room = limit_room(name);
        if (found == job_limits.end() || room <= 0)
            continue;
        scored_ids& waits = found->second.waits;
        auto most = static_cast<std::size_t>(
            std::min(std::max(room, policy::seen_waiters), policy::woken_waiters)
        );
        most = std::min(most, waits.size());
        std::vector<std::string> waiters;
        for (auto at = waits.order().begin(); waiters.size() != most; ++at)
            waiters.push_back(at->second);
        if (!pool.empty() && static_cast<std::int64_t>(waiters.size()) > room)
            std::stable_partition(waiters.begin(), waiters.end(), [&](std::string const& one) {
                return serves(pool, std::string_view(one).substr(1));
            });
        for (std::string const& one : waiters) {
            if (room <= 0)
                break;
            if (one == refused_suspects) {
                waits.remove(one);
                wake_for_suspects(pool, now);
                --room;
                continue;
            }
            std::string const list = one.substr(1);
            unpark(list);
            room -= look_again(list, now);
        }
    }
}

// A list is to have these limits, "" for none.
WORK_DECL void memory_data::attach_limits(
    std::string const& list,
    std::string names,
    std::int64_t now
)
{
    auto const has = limited_lists.find(list);
    if ((has == limited_lists.end() ? std::string() : has->second.names) == names)
        return;
    if (has != limited_lists.end() && !has->second.parked.empty())
        unpark(list);
    if (names.empty())
        limited_lists.erase(list);
    else
        limited_lists[list].names = std::move(names);
    look_again(list, now);
}

// All lists hear of it, then what runs holds slots. Redis does it in steps.
WORK_DECL void memory_data::settle_limits(std::int64_t now)
{
    settle(now);
    for (auto& [number, claim] : claims) {
        if (claim.kind != claim_kind::jobs && claim.kind != claim_kind::suspects &&
            claim.kind != claim_kind::isolated)
            continue;
        for (std::string const& id : claim.ids) {
            memory_job const* const job =
                claim.left.find(id) == claim.left.end() ? find_job(id) : nullptr;
            auto const header = job == nullptr ? std::nullopt : read_header(job->bytes->envelope);
            auto const list = header ? limited_lists.find(header->list) : limited_lists.end();
            if (list == limited_lists.end())
                continue;
            for (std::string const& name : split_names(list->second.names)) {
                job_limits.find(name)->second.held[id] = number;
                claim.limits.insert(name);
            }
        }
    }
}

WORK_DECL void memory_data::target_limit(
    std::string const& name,
    std::string_view targets,
    bool added
)
{
    for (std::string const& target : split_names(targets)) {
        auto const found = limited.find(target);
        std::vector<std::string> names =
            found == limited.end() ? std::vector<std::string>() : split_names(found->second);
        std::erase(names, name);
        if (added)
            names.push_back(name);
        if (names.empty())
            limited.erase(target);
        else
            limited[target] = joined_names(names);
    }
}

WORK_DECL limit_code memory_data::set_limit(
    std::string const& name,
    memory_limit const& wanted,
    bool with_scope,
    std::int64_t now
)
{
    auto const before = job_limits.find(name);
    bool const was = before != job_limits.end();
    if (wanted.by == "pool" && was && before->second.by == "hand")
        return limit_code::already;
    if (!was && static_cast<std::int64_t>(job_limits.size()) >= policy::most_limits)
        return limit_code::full;
    std::string const old_scope = was ? before->second.scope : "";
    std::string const scope = with_scope ? wanted.scope : old_scope;
    if (was && before->second.slots == wanted.slots && old_scope == scope &&
        before->second.by == wanted.by && (before->second.who == wanted.who || wanted.by == "pool"))
        return limit_code::already;
    std::vector<std::string> const had = split_names(old_scope);
    for (std::string const& target : split_names(scope)) {
        auto const found = limited.find(target);
        bool const is_new = std::find(had.begin(), had.end(), target) == had.end();
        if (is_new && found != limited.end() &&
            static_cast<std::int64_t>(split_names(found->second).size()) >= policy::limits_of_one)
            return limit_code::full;
    }
    memory_limit& limit = job_limits[name];
    limit.slots = wanted.slots;
    limit.by = wanted.by;
    limit.who = wanted.who;
    limit.scope = scope;
    limit.at_ms = now;
    touch_limit(name);
    if (old_scope == scope)
        return limit_code::done;
    target_limit(name, old_scope, false);
    target_limit(name, scope, true);
    settle_limits(now);
    return limit_code::done;
}

WORK_DECL limit_code memory_data::remove_limit(std::string const& name, std::int64_t now)
{
    auto const found = job_limits.find(name);
    if (found == job_limits.end())
        return limit_code::gone;
    target_limit(name, std::string(found->second.scope), false);
    bool const refused = found->second.waits.find(refused_suspects).has_value();
    job_limits.erase(found);
    if (refused)
        wake_for_suspects({}, now);
    settle_limits(now);
    return limit_code::done;
}

// Chores: who was not woken, of some limits.
WORK_DECL void memory_data::sweep_limits(std::string_view pool, std::int64_t now)
{
    for (auto const& [name, limit] : job_limits) {
        if (static_cast<std::int64_t>(touched_limits.size()) == policy::swept_limits)
            break;
        touch_limit(name);
    }
    wake_limits(pool, now);
    wake_woken();
}

}  // namespace work::detail
