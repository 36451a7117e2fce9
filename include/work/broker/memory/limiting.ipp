// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/limits.hpp>
#include <work/broker/memory/state.hpp>

#include <algorithm>

namespace work {

WORK_DECL limit_code memory_state::change_limit(limit_change const& change, std::int64_t us)
{
    data_.begin();
    std::int64_t const now = us / 1000;
    std::string const name = detail::limit_key(change.name);
    detail::memory_limit wanted;
    wanted.slots = change.slots;
    wanted.by = "hand";
    wanted.who = change.who;
    if (change.scope)
        wanted.scope = detail::scope_text(*change.scope);
    limit_code const code = change.remove
                                ? data_.remove_limit(name, now)
                                : data_.set_limit(name, wanted, change.scope.has_value(), now);
    data_.wake_limits({}, now);
    data_.wake_woken();
    return code;
}

WORK_DECL limits_answer memory_state::limits(limit_query const& query, std::int64_t us) const
{
    limits_answer answer;
    answer.now_ms = us / 1000;
    auto const list = data_.limited_lists.find(query.list);
    std::vector<std::string> asked;
    if (!query.list.empty() && list == data_.limited_lists.end())
        return answer;
    if (list != data_.limited_lists.end()) {
        asked = detail::split_names(list->second.names);
        if (!list->second.parked.empty())
            answer.waits_at = detail::limit_name(list->second.parked);
    } else if (!query.name.empty()) {
        asked.push_back(detail::limit_key(query.name));
    } else {
        for (auto const& [name, limit] : data_.job_limits)
            asked.push_back(name);
    }
    for (std::string const& name : asked) {
        auto const found = data_.job_limits.find(name);
        if (found == data_.job_limits.end())
            continue;
        detail::memory_limit const& limit = found->second;
        limit_state one = detail::make_limit(name, limit.slots, limit.by, limit.scope);
        one.who = limit.who;
        one.at_ms = limit.at_ms;
        one.held = static_cast<std::int64_t>(limit.held.size());
        one.waiting = static_cast<std::int64_t>(limit.waits.size());
        for (auto const& [id, claim] : limit.held)
            if (one.holders.size() < limit_shown)
                one.holders.push_back(id);
        std::size_t seen = 0;
        for (auto const& [at, waiter] : limit.waits.order())
            if (seen++ < limit_shown && waiter != detail::refused_suspects)
                one.waiters.push_back(waiter.substr(1));
        answer.limits.push_back(std::move(one));
    }
    detail::sort_limits(answer.limits);
    return answer;
}

WORK_DECL limit_leaks memory_state::look_for_leaks(bool mend, std::int64_t us)
{
    data_.begin();
    std::int64_t const now = us / 1000;
    limit_leaks leaks;
    auto const runs = [&](std::string const& id, claim_number n) {
        auto const claim = data_.claims.find(n);
        return claim != data_.claims.end() && data_.find_job(id) != nullptr &&
               claim->second.left.find(id) == claim->second.left.end() &&
               std::find(claim->second.ids.begin(), claim->second.ids.end(), id) !=
                   claim->second.ids.end();
    };
    for (auto& [name, limit] : data_.job_limits) {
        for (auto const& [id, claim] : limit.held)
            if (!runs(id, claim))
                leaks.holders.push_back({detail::limit_name(name), id});
        if (!mend)
            continue;
        if (std::erase_if(limit.held, [&](auto const& one) {
                return !runs(one.first, one.second);
            }) != 0)
            data_.touch_limit(name);
    }
    for (auto const& [list, of] : data_.limited_lists) {
        if (of.parked.empty())
            continue;
        auto const limit = data_.job_limits.find(of.parked);
        if (limit == data_.job_limits.end() || !limit->second.waits.find("{" + list))
            leaks.lists.push_back(list);
    }
    if (!mend)
        return leaks;
    for (std::string const& list : leaks.lists) {
        data_.unpark(list);
        data_.look_again(list, now);
    }
    data_.wake_limits({}, now);
    data_.wake_woken();
    return leaks;
}

}  // namespace work
