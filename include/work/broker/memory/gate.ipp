// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/pause.hpp>

#include <string>
#include <vector>

namespace work::detail {

WORK_DECL bool memory_data::is_paused(std::string_view list, std::int64_t now) const
{
    for (auto const& [key, value] : settings) {
        std::int64_t const until = paused_until(value);
        if (is_of(list, key) && (until == 0 || until > now))
            return true;
    }
    return false;
}

WORK_DECL void memory_data::pause_lists(std::string_view key)
{
    for (auto const& [list, used] : lists) {
        if (!is_of(list, key))
            continue;
        paused_lists.insert(list);
        unready(list);
    }
}

WORK_DECL void memory_data::resume_paused(std::string key, std::int64_t now)
{
    settings.erase(key);
    scheduled.remove(std::string(resume_timer) + key);
    std::vector<std::string> const all(paused_lists.begin(), paused_lists.end());
    for (std::string const& list : all) {
        if (!is_of(list, key) || is_paused(list, now))
            continue;
        paused_lists.erase(list);
        memory_list const* const held = find_list(list);
        if (held == nullptr)
            continue;
        made_ready(list, now);
        woken.insert(list);
        if (held->ghost_total > 0 || !held->ahead.empty())
            mark_mixed(list);
    }
}

WORK_DECL bool memory_data::fire(std::string_view timer, std::int64_t now)
{
    if (!timer.starts_with(resume_timer))
        return false;
    std::string const key(timer.substr(resume_timer.size()));
    auto const found = settings.find(key);
    std::int64_t const until = found == settings.end() ? 0 : paused_until(found->second);
    if (until > 0 && until <= now)
        resume_paused(key, now);
    return true;
}

}  // namespace work::detail
