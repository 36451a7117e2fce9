// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/bound_check.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>
#include <work/values/job_ending.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// As `scripts/parts/bounds.lua`.
namespace work::detail {

WORK_DECL memory_bound* memory_data::bound_of(std::string_view list)
{
    auto const found = bounds.find(list_queue(list));
    return found == bounds.end() ? nullptr : &found->second;
}

WORK_DECL std::int64_t memory_data::waiting_in(memory_bound const& bound) const
{
    std::int64_t sum = 0;
    for (std::string const& list : bound.lists) {
        auto const found = lists_of_jobs.find(list);
        sum += found == lists_of_jobs.end() ? 0 : found->second.pending();
    }
    return sum;
}

WORK_DECL std::optional<enqueued> bound_check::refuse(std::string_view list)
{
    memory_bound* const bound = data_.bound_of(list);
    if (bound == nullptr)
        return std::nullopt;
    auto at = std::find_if(seen_.begin(), seen_.end(), [&](seen const& one) {
        return one.bound == bound;
    });
    if (at == seen_.end())
        at = seen_.insert(at, seen{bound, data_.waiting_in(*bound)});
    if (bound->full == when_full::drop_oldest || at->waiting < bound->most) {
        ++at->waiting;
        return std::nullopt;
    }
    ++at->refused;
    return enqueued{
        bound->full == when_full::wait ? enqueue_code::no_room : enqueue_code::refused,
        std::to_string(bound->most)
    };
}

WORK_DECL void bound_check::settle(std::int64_t now)
{
    for (seen const& one : seen_) {
        bool const drops =
            one.bound->full == when_full::drop_oldest && one.waiting > one.bound->most;
        one.bound->refused += one.refused;
        if (drops)
            data_.make_room(*one.bound, one.waiting - one.bound->most, now);
        if (drops || one.refused > 0)
            one.bound->full_at_ms = now;
    }
}

WORK_DECL void memory_data::drop_for_room(
    std::string const& id,
    std::int64_t most,
    std::int64_t now
)
{
    std::shared_ptr<job_bytes const> const bytes = find_job(id)->bytes;
    auto const header = read_header(bytes->envelope);
    if (!header) {
        put_aside(id, now, notes());
        return;
    }
    job_ending why;
    why.outcome = "cancelled";
    why.at_ms = now;
    why.reason = "the oldest of a full queue: at most " + std::to_string(most) + " may wait";
    why.by = "bound";
    std::string const ending = encode_ending(why);
    std::string const list(header->list);
    finish(id, finish_as::cancelled, ending);
    keep(id, list, ending, bytes->envelope, policy::kept_cancelled, now);
}

WORK_DECL memory_job* memory_data::front_of(memory_list& list)
{
    while (!list.ids.empty()) {
        std::string const& id = list.ids.front();
        memory_job* const job = find_job(id);
        bool const ghost = list.take_ghost(id);
        if (job != nullptr && !ghost)
            return job;
        if (!ghost)
            notes().push_back("lost by the store: " + id);
        list.ids.pop_front();
    }
    return nullptr;
}

// The oldest of a queue; those with priorities last, the least urgent first.
WORK_DECL void memory_data::make_room(memory_bound& bound, std::int64_t excess, std::int64_t now)
{
    std::vector<std::pair<memory_list*, memory_job*>> fronts;
    for (std::string const& name : bound.lists) {
        memory_list* const list = find_list(name);
        if (list != nullptr)
            fronts.emplace_back(list, front_of(*list));
    }
    auto const made = [](memory_job const& job) {
        auto const header = read_header(job.bytes->envelope);
        return header ? header->created : 0;
    };
    std::int64_t dropped = 0;
    std::int64_t const most = std::min(excess, policy::dropped_jobs);
    while (dropped < most) {
        auto oldest = fronts.end();
        for (auto at = fronts.begin(); at != fronts.end(); ++at) {
            if (at->second != nullptr &&
                (oldest == fronts.end() || made(*at->second) < made(*oldest->second)))
                oldest = at;
        }
        if (oldest == fronts.end())
            break;
        std::string const id = std::move(oldest->first->ids.front());
        oldest->first->ids.pop_front();
        drop_for_room(id, bound.most, now);
        ++dropped;
        oldest->second = front_of(*oldest->first);
    }
    for (std::string const& name : bound.lists) {
        memory_list* const list = find_list(name);
        while (list != nullptr && dropped < most && !list->ahead.empty()) {
            std::string const id = list->ahead.order().rbegin()->second;
            list->ahead.remove(id);
            if (find_job(id) != nullptr)
                drop_for_room(id, bound.most, now);
            ++dropped;
        }
        if (list == nullptr || list->length() == 0) {
            woken.erase(name);
            unready_if_empty(name);
        }
    }
    bound.dropped += dropped;
}

}  // namespace work::detail
