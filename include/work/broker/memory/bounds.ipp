// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <string>

namespace work {

WORK_DECL bound_code memory_state::change_bound(bound_change const& change, std::int64_t us)
{
    std::int64_t const now = us / 1000;
    data_.begin(now);
    std::string const queue = encode_name(change.queue);
    auto const found = data_.bounds.find(queue);
    bool const was = found != data_.bounds.end();
    if (change.remove) {
        if (!was)
            return bound_code::gone;
        data_.bounds.erase(found);
        return bound_code::done;
    }
    if (!was && static_cast<std::int64_t>(data_.bounds.size()) >= policy::most_bounds)
        return bound_code::full;
    if (was && found->second.most == change.most && found->second.full == change.full)
        return bound_code::already;
    detail::memory_bound& bound = data_.bounds[queue];
    bound.most = change.most;
    bound.full = change.full;
    bound.who = change.who;
    bound.at_ms = now;
    if (!was)
        data_.settle(now);
    data_.wake_woken();
    return bound_code::done;
}

WORK_DECL bounds_answer memory_state::bounds(std::string_view queue, std::int64_t us) const
{
    bounds_answer answer;
    answer.now_ms = us / 1000;
    for (auto const& [name, bound] : data_.bounds) {
        bound_state one;
        one.queue = decode_name(name);
        if (!queue.empty() && one.queue != queue)
            continue;
        one.most = bound.most;
        one.full = bound.full;
        one.who = bound.who;
        one.at_ms = bound.at_ms;
        one.pending = data_.waiting_in(bound);
        one.refused = bound.refused;
        one.dropped = bound.dropped;
        one.full_at_ms = bound.full_at_ms;
        answer.bounds.push_back(std::move(one));
    }
    std::sort(answer.bounds.begin(), answer.bounds.end(), [](auto const& a, auto const& b) {
        return a.queue < b.queue;
    });
    return answer;
}

}  // namespace work
