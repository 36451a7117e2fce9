// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/first_wait.hpp>
#include <work/pool/worker_watch.hpp>

#include <unordered_map>
#include <utility>

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
        late.ran = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - s->started
        );
        if (auto const wait = first_wait_us(s->held.record, late.job.claim))
            late.wait_ms = *wait / 1'000;
        if (s->options)
            late.own = *s->options;
        s->given_up = true;
    }
    return all;
}

WORK_DECL std::vector<running_jobs> worker_watch::running(std::int64_t now_ms)
{
    using clock = std::chrono::steady_clock;
    struct of_type
    {
        running_jobs sum;
        clock::time_point first = clock::time_point::max();
    };
    std::unordered_map<job_type const*, of_type> all;
    clock::time_point const now = clock::now();
    {
        std::lock_guard const lock(mutex_);
        for (worker* s : workers_) {
            worker_lock const guard(*s);
            if (!s->running)
                continue;
            of_type& to = all[s->held.list->type];
            ++to.sum.jobs;
            to.sum.stalled += s->given_up || s->give_up_at < now;
            if (s->started >= to.first)
                continue;
            to.first = s->started;
            to.sum.oldest = s->held.id;
        }
    }
    std::vector<running_jobs> names;
    for (auto& [type, of] : all) {
        auto const ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - of.first);
        of.sum.name = type->name;
        of.sum.since_ms = now_ms - ran.count();
        names.push_back(std::move(of.sum));
    }
    return names;
}

WORK_DECL std::optional<blocked_thread> worker_watch::blocked(
    worker const* first,
    std::int64_t now_ms
)
{
    using clock = std::chrono::steady_clock;
    clock::time_point const now = clock::now();
    blocked_thread by;
    bool same_name = true;
    std::lock_guard const lock(mutex_);
    for (worker* s : workers_) {
        worker_lock const guard(*s);
        if (!s->running || (first && s != first))
            continue;
        std::string_view const name = s->held.list->type->name;
        same_name = same_name && (by.jobs == 0 || by.name == name);
        by.name = same_name ? std::string(name) : std::string();
        by.job = s->held.id;
        by.since_ms =
            now_ms -
            std::chrono::duration_cast<std::chrono::milliseconds>(now - s->started).count();
        ++by.jobs;
    }
    if (by.jobs == 0)
        return {};
    if (by.jobs > 1) {
        by.job.clear();
        by.since_ms = 0;
    }
    return by;
}

}  // namespace work::detail
