// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/memory/memory_broker.ipp>

namespace work {

WORK_DECL task<limit_code> memory_broker::change_limit(limit_change change)
{
    auto const code =
        apply([&](memory_state& state, std::int64_t us) { return state.change_limit(change, us); });
    co_await detail::take_turns();
    co_return code;
}

WORK_DECL task<limits_answer> memory_broker::limits(limit_query query)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.limits(query, us); });
    co_await detail::take_turns();
    co_return answer;
}

WORK_DECL task<limit_leaks> memory_broker::look_for_leaks(bool mend)
{
    auto leaks =
        apply([&](memory_state& state, std::int64_t us) { return state.look_for_leaks(mend, us); });
    co_await detail::take_turns();
    co_return leaks;
}

WORK_DECL task<bound_code> memory_broker::change_bound(bound_change change)
{
    auto const code =
        apply([&](memory_state& state, std::int64_t us) { return state.change_bound(change, us); });
    co_await detail::take_turns();
    co_return code;
}

WORK_DECL task<bounds_answer> memory_broker::bounds(std::string queue)
{
    auto answer =
        apply([&](memory_state& state, std::int64_t us) { return state.bounds(queue, us); });
    co_await detail::take_turns();
    co_return answer;
}

}  // namespace work
