// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/worker_watch.hpp>

namespace work::detail {

WORK_DECL std::vector<worker_watch::found> worker_watch::give_up(
    std::chrono::steady_clock::time_point before
)
{
    std::vector<found> all;
    std::lock_guard const lock(mutex_);
    for (worker* s : workers_) {
        worker_lock const guard(*s);
        if (!s->running || s->given_up || s->give_up_at >= before)
            continue;
        found& late = all.emplace_back();
        late.job.who = s;
        late.job.generation = s->generation;
        late.job.id = s->held.id;
        late.job.claim = s->held.of->number;
        late.type = s->held.list->type;
        late.job.name = late.type->name;
        late.attempt.attempts_before = s->held.record.attempts;
        late.attempt.created_ms = s->held.record.created_ms;
        late.timeout = s->timeout;
        if (s->options)
            late.own = *s->options;
        s->given_up = true;
    }
    return all;
}

}  // namespace work::detail
