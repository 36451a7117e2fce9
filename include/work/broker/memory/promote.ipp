// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/reap.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/policy.hpp>

#include <string>
#include <vector>

namespace work::detail {

// Moves what is due into its list. Returns when the next is due, 0: none.
WORK_DECL std::int64_t memory_reaper::promote(scored_ids& set)
{
    if (set.empty())
        return 0;
    int moved = 0;
    std::size_t seen = 0;
    std::vector<std::string> timers;
    while (!set.empty() && set.order().begin()->first <= now_ && moved < policy::moved_jobs &&
           seen < policy::step_bytes) {
        std::string const id = set.pop_first();
        ++moved;
        if (data_.fire(id, now_))
            continue;
        if (is_timer(id)) {
            timers.push_back(id);
            continue;
        }
        memory_job const* const job = data_.find_job(id);
        if (job == nullptr) {
            answer_.notes.push_back("lost by the store: " + id);
            continue;
        }
        seen += job->bytes->envelope.size();
        auto const header = read_header(job->bytes->envelope);
        if (!header) {
            data_.put_aside(id, now_, answer_.notes);
            continue;
        }
        data_.enter(id, *header, list_end::back, now_);
    }
    for (std::string const& timer : timers)
        data_.fire_timer(timer, now_);
    if (set.empty())
        return 0;
    std::int64_t const due = set.order().begin()->first;
    if (due <= now_)
        answer_.more = true;
    return due;
}

}  // namespace work::detail
