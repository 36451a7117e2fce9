// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>

#include <work/impl/inspector.ipp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work {
namespace detail {

inline task<std::int64_t> first_due(std::shared_ptr<broker> at)
{
    // Of a pool that serves nothing only the times are told.
    exchange_answer const seen = co_await at->peek("-", true);
    co_return seen.next_due_ms;
}

inline task<void> look_for_strays(
    std::shared_ptr<broker> at,
    bool repair,
    std::shared_ptr<doctor_sight> seen
)
{
    seen->looked_for_strays = true;
    seen->repaired = repair;
    seen->strays = co_await at->strays();
    if (!repair || seen->strays.empty())
        co_return;
    std::vector<std::string> ids = seen->strays;
    std::vector<admin_code> const codes = co_await at->take_back(std::move(ids));
    seen->taken_back = std::count(codes.begin(), codes.end(), admin_code::done);
}

inline task<diagnosis> examine(std::shared_ptr<broker> at, doctor_options how)
{
    auto const seen = std::make_shared<doctor_sight>();
    try {
        co_await at->check();
    } catch (error const& fault) {
        seen->server_fault = fault.what();
    }
    seen->broker = co_await at->info(false);
    // Who can't be reached tells nothing more.
    if (seen->broker.verdict != "away") {
        seen->counts = co_await at->counts();
        seen->here_ms = wall_ms();
        seen->pools = co_await look_up_pools(at);
        seen->due_ms = co_await first_due(at);
        history_lists const histories = co_await at->histories();
        std::int64_t const today = histories.now_ms / length_ms(history_step::day);
        for (history_lists::entry const& one : histories.lists)
            seen->histories_full = seen->histories_full ||
                                   (one.list == history_of_others && one.written_day >= today - 1);
        if (how.strays || how.repair)
            co_await look_for_strays(at, how.repair, seen);
    }
    co_return diagnose(std::move(*seen));
}

}  // namespace detail

WORK_DECL task<broker_info> inspector::broker(bool clients)
{
    return core_->here(core_->broker->info(clients));
}

WORK_DECL task<std::int64_t> inspector::first_due_ms()
{
    return core_->here(detail::first_due(core_->broker));
}

WORK_DECL task<diagnosis> inspector::doctor(doctor_options how)
{
    return core_->here(detail::examine(core_->broker, how));
}

}  // namespace work
