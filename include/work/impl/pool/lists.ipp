// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// Which lists the pool serves, and whether anything waits elsewhere for someone to come.

WORK_DECL task<void> pool_core::look_around()
{
    tick_at_ = clock::now() + look_period();
    // Once in a while an idle pool does its part of the housekeeping.
    bool const chores = clock::now() >= chores_at_ + (chores_left_ ? std::chrono::seconds(0)
                                                                   : std::chrono::seconds(300));
    if (!claims_.empty() || chores || clock::now() >= announce_at_) {
        look_now_ = true;
        co_return;
    }
    // What is due has its alarms; it is looked at every third time in case both holders are gone.
    bool const also_due = ++looks_ % 3 == 0;
    exchange_answer seen;
    try {
        std::string me = id_;
        seen = co_await broker_->peek(std::move(me), also_due);
    } catch (std::exception const&) {
        // It can't be reached, so look for work as soon as it can; and what waits may wait on a
        // connection that died as well.
        look_now_ = true;
        hungry_ = true;
        if (!stop_requested_)
            broker_->wake();
        co_return;
    }
    std::int64_t const now = now_ms();
    bool const overdue = seen.next_due_ms != 0 && seen.next_due_ms + 1000 < now;
    bool const unheard = seen.more && can_wait();
    if (seen.next_lapse_ms == 0 && !overdue && !unheard)
        co_return;
    // Jobs are there, and whoever waits heard of none: the second time the connection is in doubt.
    if (!unheard)
        unheard_ = 0;
    else if (++unheard_ > 1)
        broker_->wake();
    look_now_ = true;
    hungry_ = true;
}

WORK_DECL void pool_core::look_sooner()
{
    tick_at_ = std::min(tick_at_, clock::now() + look_period());
    if (exchanger_wake_[0].sleeping() && next_timer() < timers_set_)
        exchanger_wake_[0].wake();
}

// A pool that is restricted to some queues serves their lists, which are known. Any other serves
// names, in whatever queue, and meets the lists as their jobs come.
WORK_DECL void pool_core::serve_all()
{
    for (auto const& [name, type] : types_) {
        if (options_.queues.empty())
            serve(*type, "*" + list_id({}, name), type->options.weight, 0);
        for (std::size_t i = 0; i != options_.queues.size(); ++i) {
            queue_share const& q = options_.queues[i];
            std::string_view const queue =
                q.queue == name ? std::string_view() : std::string_view(q.queue);
            serve(*type, list_id(queue, name), q.weight, static_cast<std::int64_t>(i));
        }
    }
    announce();
}

WORK_DECL void pool_core::serve(job_type& type, std::string what, int weight, std::int64_t rank)
{
    if (served_by_id_.contains(what))
        return;
    auto s = std::make_unique<served>();
    s->what = std::move(what);
    s->type = &type;
    s->weight = weight;
    s->rank = options_.order == queue_order::weighted ? 1000 - weight : rank;
    served_lists_.push_back(s.get());
    served_by_id_.emplace(s->what, s.get());
    served_.push_back(std::move(s));
}

// The broker is told what the pool serves: at first, when it forgot, and now and then, since lists
// that nobody speaks of for a day are forgotten.
WORK_DECL void pool_core::announce()
{
    announced_ = 0;
    announce_at_ = clock::now() + std::chrono::hours(6);
}

WORK_DECL void pool_core::forgotten()
{
    if (closed_)
        return;
    announce();
    hungry_ = true;
    look_now_ = true;
    kick();
}

// Nothing for a list of a name without a handler, or that does not say what it is.
WORK_DECL met_list* pool_core::list_of(std::string_view list)
{
    auto const found = lists_.find(list);
    if (found != lists_.end())
        return found->second.get();
    list_name parts;
    try {
        parts = parse_list_id(list);
    } catch (work::error const&) {
        return nullptr;
    }
    auto const type = types_.find(parts.name);
    if (type == types_.end())
        return nullptr;
    auto met = std::make_unique<met_list>();
    met->list = list;
    met->queue = parts.queue;
    met->type = type->second.get();
    met_list* const made = met.get();
    lists_.emplace(made->list, std::move(met));
    return made;
}

// Queues may come and go: a list is remembered while a job of it is held, or counts are to be said.
WORK_DECL void pool_core::forget_unused_lists()
{
    if (lists_.size() <= most_lists_)
        return;
    auto const use = [](met_list* list) {
        if (list)
            list->in_use = true;
    };
    for (held_job const& job : ready_)
        use(job.list);
    for (worker const& s : workers_)
        use(s.held.list);
    for (ended_unreported const& ended : ended_unreported_)
        use(ended.held.list);
    std::erase_if(lists_, [](auto const& entry) {
        met_list& list = *entry.second;
        bool const used = std::exchange(list.in_use, false);
        return !used && list.processed == 0 && list.failed == 0;
    });
    most_lists_ = std::max<std::size_t>(1024, 2 * lists_.size());
}

}  // namespace work::detail
