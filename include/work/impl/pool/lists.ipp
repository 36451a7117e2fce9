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
    if (!claims_.empty()) {
        look_now_ = true;
        co_return;
    }
    // What is due has its alarms; it is looked at every other time in case both holders are gone.
    bool const also_due = std::exchange(looked_at_due_, !looked_at_due_);
    exchange_answer seen;
    try {
        seen = co_await broker_->peek(also_due);
    } catch (std::exception const&) {
        // It can't be reached, so look for work as soon as it can.
        look_now_ = true;
        hungry_ = true;
        co_return;
    }
    std::int64_t const now = now_ms();
    bool const overdue = seen.next_due_ms != 0 && seen.next_due_ms + 1000 < now;
    if (seen.next_lapse_ms == 0 && !overdue)
        co_return;
    look_now_ = true;
    hungry_ = true;
}

WORK_DECL task<void> pool_core::learn_lists()
{
    lists_stale_ = false;
    std::vector<std::string> lists;
    try {
        lists = co_await broker_->lists();
    } catch (std::exception const& e) {
        log(log_level::warning, std::string("the lists can't be read: ") + e.what());
        lists_stale_ = true;
        tick_at_ = std::min(tick_at_, clock::now() + std::chrono::milliseconds(500));
        co_return;
    }
    for (std::string const& list : lists)
        serve(list);
}

// Adds a list to what is served, if a handler of its name is registered and its queue is wanted.
WORK_DECL void pool_core::serve(std::string_view list)
{
    if (served_by_id_.contains(list))
        return;
    list_name parts;
    try {
        parts = parse_list_id(list);
    } catch (work::error const&) {
        return;
    }
    auto const type = types_.find(parts.name);
    if (type == types_.end())
        return;
    auto s = std::make_unique<served>();
    s->list = list;
    s->queue = parts.queue;
    s->type = type->second.get();
    s->weight = type->second->options.weight;
    if (!options_.queues.empty()) {
        auto const wanted =
            std::find_if(options_.queues.begin(), options_.queues.end(),
                         [&](queue_share const& q) { return q.queue == parts.queue; });
        if (wanted == options_.queues.end())
            return;
        s->weight = wanted->weight;
        s->rank = wanted - options_.queues.begin();
    }
    if (options_.order == queue_order::weighted)
        s->rank = 1000 - s->weight;
    served_lists_.push_back(s.get());
    served_by_id_.emplace(s->list, s.get());
    serves_new_.push_back(served_list{s->list, s->rank});
    served_.push_back(std::move(s));
    hungry_ = true;
    kick();
}

}  // namespace work::detail
