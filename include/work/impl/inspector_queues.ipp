// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>
#include <work/values/name.hpp>

#include <work/impl/inspector_acts.ipp>
#include <work/impl/job_search.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace work {
namespace detail {

/// Who has handlers for some of the names, by their ids.
inline std::vector<std::string> pools_with(
    std::vector<pool_info> const& pools,
    std::set<std::string> const& names
)
{
    std::vector<std::string> found;
    for (pool_info const& one : pools)
        if (std::any_of(one.job_names.begin(), one.job_names.end(), [&](std::string const& name) {
                return names.contains(name);
            }))
            found.push_back(one.pool);
    return found;
}

/// Forgets lists in steps; those that got a job meanwhile stay.
inline task<std::size_t> forget_in_steps(std::shared_ptr<broker> at, std::vector<std::string> lists)
{
    std::size_t held = 0;
    for (std::size_t from = 0; from < lists.size(); from += policy::forgotten_lists) {
        std::size_t const end = std::min<std::size_t>(from + policy::forgotten_lists, lists.size());
        std::vector<std::string> some(
            lists.begin() + static_cast<std::ptrdiff_t>(from),
            lists.begin() + static_cast<std::ptrdiff_t>(end)
        );
        std::vector<std::string> const stay = co_await at->forget_lists(std::move(some));
        held += stay.size();
    }
    co_return held;
}

inline task<queue_removal> remove_queue(
    std::shared_ptr<client_core> core,
    inspector look,
    std::string queue,
    std::string by
)
{
    std::shared_ptr<broker> const at = core->broker;
    broker_counts const counts = co_await at->counts();
    queue_removal result;
    result.now_ms = counts.now_ms;
    std::vector<std::string> lists;
    std::set<std::string> names;
    for (queue_info const& one : counts.lists) {
        if (one.queue != queue)
            continue;
        lists.push_back(one.list);
        names.insert(one.name);
        result.jobs += one.pending + one.active;
    }
    bool const paused =
        std::any_of(counts.paused.begin(), counts.paused.end(), [&](pause_info const& one) {
            return one.kind == pause_kind::queue && one.name == queue;
        });
    job_filter filter;
    filter.queue = queue;
    filter.states = {job_state::scheduled, job_state::retry, job_state::dead, job_state::suspect};
    job_count const others = co_await look.count(filter, 1'000'000);
    result.jobs += others.matched;
    result.whole = others.whole;
    std::vector<pool_info> const alive = co_await look.pools();
    result.pools = pools_with(alive, names);
    result.lists = static_cast<std::int64_t>(lists.size());
    if (result.jobs > 0 || !result.whole || !result.pools.empty()) {
        result.code = admin_code::active;
        co_return result;
    }
    if (lists.empty() && !paused)
        co_return result;
    if (paused) {
        pause_request request;
        request.kind = pause_kind::queue;
        request.name = queue;
        request.pause = false;
        co_await at->pause(std::move(request));
    }
    std::size_t const held = co_await forget_in_steps(at, std::move(lists));
    result.code = held == 0 ? admin_code::done : admin_code::active;
    result.jobs = static_cast<std::int64_t>(held);
    audit_entry entry;
    entry.by = std::move(by);
    entry.action = "delete";
    entry.what = "queue " + queue;
    entry.asked = 1;
    entry.done = held == 0 ? 1 : 0;
    co_await tell_audit(core, std::move(entry));
    co_return result;
}

}  // namespace detail

WORK_DECL task<queue_removal> inspector::remove_queue(std::string queue, std::string_view by)
{
    validate_name("queue", queue);
    return core_->here(detail::remove_queue(core_, *this, std::move(queue), std::string(by)));
}

}  // namespace work
