// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/memory/memory_broker.ipp>

#include <utility>

namespace work {

WORK_DECL task<std::vector<job_state>> memory_broker::states(std::vector<std::string> ids)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.states(ids); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<detail::text_pairs> memory_broker::given(std::string id)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.given(id); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<flow_record> memory_broker::flow(std::string id)
{
    auto answer = apply([&](memory_state& state, std::int64_t) { return state.flow(id); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<flow_list> memory_broker::flows(std::int64_t from, int count)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t) { return state.flows(from, count); });
    co_await detail::take_turns();
    co_return answer;
}

}  // namespace work
