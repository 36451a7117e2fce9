// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/queue_set.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void queue_set::serve_all(time_point now)
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
    announce(now);
}

WORK_DECL void queue_set::serve(job_type& type, std::string what, int weight, std::int64_t rank)
{
    if (by_id_.contains(what))
        return;
    auto q = std::make_unique<pool_queue>();
    q->what = std::move(what);
    q->type = &type;
    q->weight = weight;
    q->rank = options_.order == queue_order::weighted ? 1000 - weight : rank;
    in_order_.push_back(q.get());
    by_id_.emplace(q->what, q.get());
    queues_.push_back(std::move(q));
}

WORK_DECL std::vector<std::string> queue_set::ids() const
{
    std::vector<std::string> ids;
    ids.reserve(queues_.size());
    for (auto const& q : queues_)
        ids.push_back(q->what);
    return ids;
}

WORK_DECL void queue_set::announce(time_point now)
{
    announced_ = 0;
    announce_at_ = now + std::chrono::hours(6);
}

WORK_DECL void queue_set::take_announcements(exchange_request& request, time_point now)
{
    if (announce_due(now))
        announce(now);
    for (; unannounced() && request.serves.size() < most_announced; ++announced_) {
        pool_queue const& queue = *in_order_[announced_];
        request.serves.push_back(served_list{queue.what, queue.rank});
        if (!queue.type->options.max_concurrency)
            continue;
        std::string_view name = queue.what;
        name.remove_prefix(name.rfind(name.starts_with('*') ? '*' : ':') + 1);
        request.max_concurrency.push_back(pool_limit{name, *queue.type->options.max_concurrency});
    }
}

WORK_DECL void queue_set::order_fetch(exchange_request& request)
{
    request.discover = should_discover(request.want);
    request.serves_many = in_order_.size() > 1'000 && options_.order != queue_order::strict;
    fetch_order_.fill(in_order_, request.want, request.fetch_order);
    for (pool_queue const* q : in_order_) {
        if (q->type->options.on_crash == on_crash::dead)
            request.fetch_order.push_back(wanted_list{q->what, 0, true});
    }
}

// With many lists only a few are named, which may turn out empty: then the broker looks for ready
// ones itself. Not while enough are known to hold jobs, since that look costs it each of them.
WORK_DECL bool queue_set::should_discover(int want) const
{
    if (in_order_.size() <= fetch_order::most_lists)
        return false;
    if (options_.order == queue_order::strict)
        return true;
    std::int64_t known = 0;
    std::size_t lists = 0;
    for (pool_queue const* q : in_order_) {
        known += std::max<std::int64_t>(q->length, 0);
        lists += q->length > 0;
    }
    return lists <= fetch_order::few_lists || known < want;
}

WORK_DECL void queue_set::name_all(exchange_request& request, std::size_t most) const
{
    for (pool_queue const* q : in_order_) {
        if (request.fetch_order.size() < most)
            request.fetch_order.push_back(wanted_list{q->what, 0, false});
    }
}

// Not where a job is dead when its process dies: one that vanished while it waited may be given a
// job for a lease.
WORK_DECL bool queue_set::name_for_wake(exchange_request& request) const
{
    if (in_order_.size() > fetch_order::most_lists)
        return false;
    for (pool_queue const* q : in_order_) {
        if (q->type->options.on_crash == on_crash::dead)
            return false;
    }
    for (pool_queue const* q : in_order_)
        request.fetch_order.push_back(wanted_list{q->what, 1, false});
    return true;
}

WORK_DECL std::int64_t queue_set::learn(
    exchange_request const& request,
    exchange_answer const& answer
)
{
    // A claim that is full did not look at the rest of its lists.
    std::int64_t bytes = 0;
    for (claimed_job const& job : answer.jobs)
        bytes += static_cast<std::int64_t>(job.envelope.size());
    bool const looked_at_all = static_cast<int>(answer.jobs.size()) < request.want &&
                               bytes < request.max_bytes && !answer.suspects;
    for (wanted_list const& w : request.fetch_order) {
        auto const found = by_id_.find(w.list);
        if (found != by_id_.end())
            found->second->length = looked_at_all ? 0 : -1;
    }
    std::int64_t left_over = 0;
    for (list_left const& l : answer.left) {
        left_over += l.length;
        auto const found = by_id_.find(l.list);
        if (found != by_id_.end())
            found->second->length = l.length;
    }
    return left_over;
}

WORK_DECL met_list* queue_set::find(std::string_view list)
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
    job_type* const type = types_.find(parts.name);
    if (!type)
        return nullptr;
    auto met = std::make_unique<met_list>();
    met->list = list;
    met->queue = parts.queue;
    met->type = type;
    met_list* const made = met.get();
    lists_.emplace(made->list, std::move(met));
    return made;
}

WORK_DECL void queue_set::forget_unused()
{
    std::erase_if(lists_, [](auto const& entry) {
        met_list& list = *entry.second;
        bool const used = std::exchange(list.in_use, false);
        return !used && !list.measured && !list.counted;
    });
    most_lists_ = std::max<std::size_t>(1024, 2 * lists_.size());
}

WORK_DECL void queue_set::count_processed(met_list& list)
{
    count(list, list.processed);
    ++measure(list).done;
    processed_.store(processed() + 1, std::memory_order_relaxed);
}

WORK_DECL void queue_set::count_failed(met_list& list)
{
    count(list, list.failed);
    ++measure(list).failed;
    failed_.store(failed() + 1, std::memory_order_relaxed);
}

WORK_DECL void queue_set::take_back(std::string_view list, counted_as as, std::int64_t jobs)
{
    met_list* const from = as == counted_as::nothing ? nullptr : find(list);
    if (from == nullptr)
        return;
    count(*from, as == counted_as::failed ? from->failed : from->processed, -jobs);
    // What is written already is taken from what comes.
    history_counts& history = measure(*from);
    (as == counted_as::failed ? history.failed : history.done) -= static_cast<std::uint64_t>(jobs);
}

WORK_DECL void queue_set::take_back(job_report const& refused)
{
    take_back(refused.list, refused.counted);
}

WORK_DECL void queue_set::failed_after_all(job_report const& report)
{
    take_back(report);
    take_back(report.list, counted_as::failed, -1);
    processed_.store(processed() - 1, std::memory_order_relaxed);
    failed_.store(failed() + 1, std::memory_order_relaxed);
}

inline queue_clock& clock_of(met_list& list)
{
    if (list.clock == nullptr)
        list.clock = &list.type->clocks.of(list.queue);
    return *list.clock;
}

WORK_DECL void queue_set::count_waited(met_list& list, std::chrono::microseconds wait)
{
    clock_of(list).waited.add(wait);
    measure(list).waited(wait.count());
}

WORK_DECL void queue_set::count_ran(met_list& list, std::chrono::steady_clock::duration run)
{
    clock_of(list).ran.add(run);
    measure(list).ran(std::chrono::duration_cast<std::chrono::microseconds>(run).count());
}

WORK_DECL std::vector<history_row> queue_set::take_history()
{
    std::vector<history_row> rows;
    rows.reserve(measured_.size());
    for (met_list* const list : measured_) {
        list->measured = false;
        history_row row{list->list, std::exchange(list->history, {})};
        for (auto const count : {&history_counts::done, &history_counts::failed})
            if (static_cast<std::int64_t>(row.counts.*count) < 0)
                std::swap(row.counts.*count, list->history.*count);
        if (row.counts != history_counts())
            rows.push_back(std::move(row));
    }
    measured_.clear();
    return rows;
}

WORK_DECL bool queue_set::take_counts(exchange_round& round)
{
    exchange_request& r = round.request;
    if (counts_due_ == 0)
        counts_due_ = counted_.size();
    for (; counts_due_ > 0 && r.counts.size() < most_counts; --counts_due_) {
        met_list& list = *counted_.front();
        counted_.pop_front();
        list.counted = false;
        std::int64_t const processed = std::exchange(list.processed, 0);
        std::int64_t const failed = std::exchange(list.failed, 0);
        // What was taken back at once.
        if (processed == 0 && failed == 0)
            continue;
        round.counted.push_back(list.list);
        r.counts.push_back(job_counts{{}, processed, failed});
    }
    for (std::size_t i = 0; i != r.counts.size(); ++i)
        r.counts[i].list = round.counted[i];
    return counts_due_ > 0;
}

}  // namespace work::detail
