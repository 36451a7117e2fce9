// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/flow_info.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace work::detail {

WORK_DECL flow_info info_of(flow_record const& flow)
{
    flow_info info;
    info.id = flow.id;
    if (flow.created_ms == 0)
        return info;
    info.name = flow.name;
    info.state = flow.aborted_ms != 0     ? flow_state::aborted
                 : flow.committed_ms == 0 ? flow_state::storing
                 : flow.left > 0          ? flow_state::running
                                          : flow_state::ended;
    info.created_ms = flow.created_ms;
    info.committed_ms = flow.committed_ms;
    info.jobs = flow.jobs;
    info.left = flow.left;
    return info;
}

WORK_DECL std::vector<flow_member> in_order(std::vector<flow_member> members)
{
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i != members.size(); ++i)
        places.emplace(members[i].id, i);
    std::vector<std::size_t> needs(members.size());
    std::vector<std::vector<std::size_t>> needed_by(members.size());
    for (std::size_t i = 0; i != members.size(); ++i)
        for (std::string const& other : members[i].needs)
            if (auto const found = places.find(other); found != places.end()) {
                ++needs[i];
                needed_by[found->second].push_back(i);
            }
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i != members.size(); ++i)
        if (needs[i] == 0)
            ready.insert(i);
    std::vector<flow_member> ordered;
    ordered.reserve(members.size());
    std::vector<bool> taken(members.size());
    while (!ready.empty()) {
        std::size_t const i = *ready.begin();
        ready.erase(ready.begin());
        taken[i] = true;
        for (std::size_t const other : needed_by[i])
            if (--needs[other] == 0)
                ready.insert(other);
        ordered.push_back(members[i]);
    }
    // No flow has a circle, unless somebody wrote one by hand.
    for (std::size_t i = 0; i != members.size(); ++i)
        if (!taken[i])
            ordered.push_back(members[i]);
    return ordered;
}

}  // namespace work::detail
