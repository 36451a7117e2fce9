// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/memory/memory_broker.ipp>
#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <utility>

namespace work {

WORK_DECL track_answer memory_state::track(track_request const& request)
{
    track_answer answer;
    std::vector<std::string> added;
    for (tracked_note const& one : request.add) {
        bool const is_new = data_.tracked.emplace(one.id, one.text).second;
        answer.changed.push_back(is_new);
        if (is_new)
            added.push_back(one.id);
    }
    for (std::string const& id : request.remove) {
        answer.changed.push_back(data_.tracked.erase(id) != 0);
        data_.tracked_ends.erase(id);
    }
    bool const many = static_cast<std::int64_t>(data_.tracked.size()) > policy::most_tracked;
    answer.full = many && !request.add.empty();
    if (answer.full)
        for (std::string const& id : added)
            data_.tracked.erase(id);
    for (auto const& [id, text] : data_.tracked) {
        auto const end = data_.tracked_ends.find(id);
        std::string how = end == data_.tracked_ends.end() ? std::string() : end->second;
        answer.all.push_back(tracked_note{id, text, std::move(how)});
    }
    return answer;
}

WORK_DECL task<track_answer> memory_broker::track(track_request request)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.track(request); });
    co_await detail::take_turns();
    co_return answer;
}

}  // namespace work
