// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>

#include <work/impl/inspector.ipp>
#include <work/impl/repair_run.hpp>

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
    std::shared_ptr<client_core> core,
    doctor_options const& how,
    std::shared_ptr<doctor_sight> seen
)
{
    std::shared_ptr<broker> const at = core->broker;
    seen->looked_for_strays = true;
    seen->repaired = how.repair;
    seen->strays = co_await at->strays();
    if (!how.repair || seen->strays.empty())
        co_return;
    std::vector<std::string> ids = seen->strays;
    std::vector<admin_code> const codes = co_await at->take_back(std::move(ids));
    seen->taken_back = std::count(codes.begin(), codes.end(), admin_code::done);
    audit_entry entry;
    entry.by = how.by;
    entry.action = repair_action;
    entry.what = "jobs that are in no place: " + list_ids(seen->strays);
    entry.asked = static_cast<std::int64_t>(seen->strays.size());
    entry.done = seen->taken_back;
    co_await tell_audit(std::move(core), std::move(entry));
}

inline task<void> look_at_limits(
    std::shared_ptr<client_core> core,
    doctor_options const& how,
    std::shared_ptr<doctor_sight> seen
)
{
    limits_answer answer = co_await core->broker->limits(limit_query());
    seen->limits = std::move(answer.limits);
    seen->leaks = co_await core->broker->look_for_leaks(how.repair);
    if (!how.repair || seen->leaks.none())
        co_return;
    std::vector<std::string> ids = seen->leaks.lists;
    for (limit_leaks::holder const& one : seen->leaks.holders)
        ids.push_back(one.id);
    audit_entry entry;
    entry.by = how.by;
    entry.action = repair_action;
    entry.what = "what limits kept: " + list_ids(ids);
    entry.asked = entry.done = static_cast<std::int64_t>(ids.size());
    co_await tell_audit(std::move(core), std::move(entry));
}

inline task<diagnosis> examine(std::shared_ptr<client_core> core, doctor_options how)
{
    std::shared_ptr<broker> const at = core->broker;
    auto const seen = std::make_shared<doctor_sight>();
    try {
        co_await at->check();
    } catch (error const& fault) {
        seen->server_fault = fault.what();
    }
    seen->broker = co_await at->info(false);
    // Who can't be reached tells nothing more.
    if (seen->broker.verdict != "away") {
        std::int64_t const ahead_ms = wall_ms() - seen->broker.now_ms;
        seen->counts = co_await at->counts();
        // They may have been made before.
        seen->here_ms = seen->counts.now_ms + ahead_ms;
        seen->pools = co_await look_up_pools(at);
        seen->due_ms = co_await first_due(at);
        seen->crons = co_await at->ask_due_crons(256);
        seen->repaired = how.repair;
        co_await look_at_limits(core, how, seen);
        history_lists const histories = co_await at->histories();
        std::int64_t const today = histories.now_ms / length_ms(history_step::day);
        for (history_lists::entry const& one : histories.lists)
            seen->histories_full = seen->histories_full ||
                                   (one.list == history_of_others && one.written_day >= today - 1);
        if (how.strays || how.repair)
            co_await look_for_strays(std::move(core), how, seen);
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
    return core_->here(detail::examine(core_, std::move(how)));
}

WORK_DECL task<operation_info> inspector::repair(operation_options how)
{
    if (char const* const fault = how.id.empty() ? nullptr : id_fault(how.id))
        throw error(errc::invalid_option, "id " + detail::quote(how.id) + ": " + fault);
    operation_info begun;
    begun.id = how.id.empty() ? core_->next_id(time_ms(*core_->broker)).str() : std::string(how.id);
    begun.action = detail::repair_action;
    begun.reason = how.reason;
    begun.by = how.by;
    auto run = std::make_shared<detail::repair_run>(core_, std::move(begun), how.watch);
    return core_->here(detail::repair_run::run(std::move(run)));
}

}  // namespace work
