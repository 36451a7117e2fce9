// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/pause.hpp>

#include <string>
#include <vector>

namespace work::detail {

WORK_DECL bool memory_data::is_paused(std::string_view list, std::int64_t now) const
{
    std::string_view const name = list_job_name(list);
    std::string_view const queue = list_queue(list);
    for (std::string const& key : {"queue:" + std::string(queue), "name:" + std::string(name)}) {
        auto const found = settings.find(key);
        std::int64_t const until = found == settings.end() ? -1 : paused_until(found->second);
        if (until == 0 || until > now)
            return true;
    }
    return false;
}

// Brings all lists in line with what is paused. Redis does it in steps.
WORK_DECL void memory_data::settle(std::int64_t now)
{
    text_set all = paused_lists;
    for (auto const& [list, used] : lists)
        all.insert(list);
    for (auto const& [list, has] : limited_lists)
        all.insert(list);
    for (std::string const& list : all) {
        if (memory_bound* const bound = bound_of(list))
            bound->lists.insert(list);
        attach_limits(list, limits_for(list), now);
        bool const was = paused_lists.find(list) != paused_lists.end();
        bool const is = is_paused(list, now);
        if (is && !was) {
            paused_lists.insert(list);
            unready(list);
        } else if (was && !is) {
            open(list, now);
        }
    }
}

WORK_DECL void memory_data::open(std::string const& list, std::int64_t now)
{
    paused_lists.erase(list);
    memory_list const* const held = find_list(list);
    if (held == nullptr)
        return;
    made_ready(list, now);
    woken.insert(list);
    if (!is_parked(list) && (held->ghost_total > 0 || !held->ahead.empty()))
        mark_mixed(list);
}

WORK_DECL bool memory_data::fire(std::string_view timer, std::int64_t now)
{
    if (!timer.starts_with(resume_timer))
        return false;
    auto const found = settings.find(timer.substr(resume_timer.size()));
    std::int64_t const until = found == settings.end() ? 0 : paused_until(found->second);
    if (until > 0 && until <= now) {
        settings.erase(found);
        settle(now);
    }
    return true;
}

}  // namespace work::detail
