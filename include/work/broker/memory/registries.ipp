// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL bool memory_data::gives_jobs(std::string_view pool) const
{
    auto const told = orders.find(pool);
    return told == orders.end() ||
           std::none_of(told->second.begin(), told->second.end(), [](auto const& one) {
               auto const order = one.first == 0 ? read_order(one.second) : std::nullopt;
               return order && order->order != pool_order::resume;
           });
}

// Which pools and lists there are, and how they are forgotten: `scripts/parts/registries.lua`.

// Some pools, other ones each time.
WORK_DECL std::vector<std::string> memory_data::draw_pools(std::size_t size)
{
    std::vector<std::string> drawn;
    auto at = pools.upper_bound(last_asked_pool);
    while (drawn.size() < std::min(size, pools.size())) {
        if (at == pools.end())
            at = pools.begin();
        drawn.push_back(*at++);
    }
    if (!drawn.empty())
        last_asked_pool = drawn.back();
    return drawn;
}

WORK_DECL void memory_data::drop_pool(std::string const& pool, std::int64_t now)
{
    pools.erase(pool);
    absent[pool] = now;
    if (alarm.holder == pool)
        alarm.holder.reset();
    if (alarm.backup == pool)
        alarm.backup.reset();
}

// Those that live; the others are dropped.
WORK_DECL std::vector<std::string> memory_data::living_of(
    std::vector<std::string> const& drawn,
    std::int64_t now
)
{
    std::vector<std::string> living;
    for (std::string const& pool : drawn) {
        if (is_shown(pool, now))
            living.push_back(pool);
        else
            drop_pool(pool, now);
    }
    return living;
}

WORK_DECL std::vector<std::string> memory_data::some_pools(
    std::size_t count,
    std::string_view except,
    std::int64_t now
)
{
    std::vector<std::string> found;
    bool gone = true;
    for (std::size_t size = 8; gone && found.size() < count; size = 256) {
        auto const drawn = draw_pools(size);
        auto const living = living_of(drawn, now);
        gone = living.size() < drawn.size();
        for (std::string const& pool : living) {
            if (found.size() < count && pool != except &&
                std::find(found.begin(), found.end(), pool) == found.end())
                found.push_back(pool);
        }
    }
    return found;
}

WORK_DECL void memory_data::forget_pools(std::int64_t now)
{
    living_of(draw_pools(policy::forgotten_pools), now);
    std::vector<std::pair<std::int64_t, std::string>> old;
    for (auto const& [pool, since] : absent) {
        if (since <= now - policy::ms_per_hour)
            old.emplace_back(since, pool);
    }
    std::sort(old.begin(), old.end());
    old.resize(std::min<std::size_t>(old.size(), policy::forgotten_pools));
    for (auto const& [since, pool] : old) {
        if (is_shown(pool, now)) {
            absent[pool] = now;
        } else {
            forget_pool(pool);
            absent.erase(pool);
        }
    }
}

WORK_DECL void memory_data::forget_pool(std::string_view pool)
{
    auto const erase = [](auto& map, std::string_view key) {
        auto const found = map.find(key);
        if (found != map.end())
            map.erase(found);
    };
    erase(pools_by_name, pool);
    erase(pools_by_name, std::string(pool).append(heartbeat_suffix));
    erase(served, pool);
    erase(wakeups, pool);
    erase(orders, pool);
    erase(pools, pool);
}

WORK_DECL bool memory_data::forget_lists(std::int64_t now)
{
    std::vector<std::pair<std::int64_t, std::string>> idle;
    for (auto const& [list, used] : lists) {
        if (used < now - policy::ms_per_day)
            idle.emplace_back(used, list);
    }
    for (auto const& [list, said] : listened) {
        if (said < now - policy::ms_per_day)
            idle.emplace_back(said, "!" + list);
    }
    std::sort(idle.begin(), idle.end());
    bool const more = idle.size() >= policy::forgotten_lists;
    idle.resize(std::min<std::size_t>(idle.size(), policy::forgotten_lists));
    for (auto const& [used, entry] : idle) {
        if (entry.starts_with('!')) {
            listened.erase(entry.substr(1));
            wakeups.erase(entry.substr(1));
        } else {
            forget_list(entry, now);
        }
    }
    return more;
}

WORK_DECL bool memory_data::forget_list(std::string const& list, std::int64_t now)
{
    memory_list const* const found = find_list(list);
    if (found != nullptr && found->length() > 0) {
        lists[list] = now;
        return false;
    }
    auto const counted = stats.find(list);
    if (counted != stats.end()) {
        memory_stats const numbers = counted->second;
        stats.erase(counted);
        memory_stats& sum = stats["*"];
        sum.processed += numbers.processed;
        sum.failed += numbers.failed;
    }
    if (memory_bound* const bound = bound_of(list))
        bound->lists.erase(list);
    attach_limits(list, "", now);
    lists.erase(list);
    wakeups.erase(list);
    std::string const name(list_job_name(list));
    if (ready.find(name) == ready.end() && ready.find("*" + name) == ready.end())
        wakeups.erase("*" + name);
    return true;
}

}  // namespace work::detail
