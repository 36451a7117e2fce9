// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/job_stats.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace work {
namespace detail {

struct kept_stats_query
{
    std::int64_t range_ms = 0;
    history_step step = history_step::minute;
    std::string name;
    std::string queue;
};

inline task<job_stats> read_stats(
    std::shared_ptr<broker> at,
    std::shared_ptr<kept_stats_query const> asked
)
{
    history_lists const known = co_await at->histories();
    std::int64_t const length = length_ms(asked->step);
    history_request request;
    request.step = asked->step;
    request.first = (known.now_ms - asked->range_ms) / length + 1;
    request.periods = known.now_ms / length - request.first + 1;
    job_stats all;
    all.now_ms = known.now_ms;
    all.step_ms = length;
    all.from_ms = request.first * length;
    request.lists = series_of(known, asked->name, asked->queue, all.from_ms);
    std::map<std::int64_t, history_counts> periods;
    std::vector<history_cell> const cells = co_await at->read_history(std::move(request));
    for (history_cell const& cell : cells)
        periods[cell.period].add(cell.counts);
    for (auto const& [period, counts] : periods) {
        stats_point point;
        point.at_ms = period * length;
        point.done = static_cast<std::int64_t>(counts.done);
        point.failed = static_cast<std::int64_t>(counts.failed);
        point.wait = figures_of(counts.wait);
        point.run = figures_of(counts.run);
        all.points.push_back(std::move(point));
    }
    co_return all;
}

/// Those of which most was done or failed first.
inline std::vector<named_stats> sums_of(
    std::map<std::string, history_counts> const& from,
    std::size_t limit
)
{
    std::vector<named_stats> all;
    for (auto const& [name, counts] : from) {
        named_stats one;
        one.name = name;
        one.done = static_cast<std::int64_t>(counts.done);
        one.failed = static_cast<std::int64_t>(counts.failed);
        one.wait = times_of(counts.wait);
        one.run = times_of(counts.run);
        all.push_back(std::move(one));
    }
    std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
        return a.done + a.failed > b.done + b.failed;
    });
    all.resize(std::min(all.size(), limit));
    return all;
}

/// Reads lists by page, so that no answer is large.
inline task<all_named_stats> read_name_stats(
    std::shared_ptr<broker> at,
    std::int64_t range_ms,
    std::size_t limit
)
{
    constexpr std::size_t lists_at_once = 32;
    history_lists const known = co_await at->histories();
    history_step const step = sum_step_of(std::chrono::milliseconds(range_ms));
    std::int64_t const length = length_ms(step);
    std::int64_t const first = (known.now_ms - range_ms) / length;
    std::int64_t const since_day = first * length / length_ms(history_step::day);
    std::vector<std::string> lists;
    for (history_lists::entry const& one : known.lists)
        if (one.written_day >= since_day)
            lists.push_back(one.list);
    std::map<std::string, history_counts> names, queues;
    for (std::size_t from = 0; from < lists.size(); from += lists_at_once) {
        history_request request;
        request.step = step;
        request.first = first;
        request.periods = known.now_ms / length - first + 1;
        std::size_t const end = std::min(from + lists_at_once, lists.size());
        for (std::size_t i = from; i != end; ++i)
            request.lists.push_back(lists[i]);
        std::vector<history_cell> const cells = co_await at->read_history(std::move(request));
        for (history_cell const& cell : cells) {
            std::string const& list = lists[from + cell.list];
            names[name_of_series(list)].add(cell.counts);
            queues[queue_of_series(list)].add(cell.counts);
        }
    }
    all_named_stats all;
    all.now_ms = known.now_ms;
    all.names = sums_of(names, limit);
    all.queues = sums_of(queues, limit);
    co_return all;
}

}  // namespace detail

WORK_DECL task<job_stats> inspector::stats(stats_query what)
{
    auto const step = detail::step_of(what.range, what.step);
    if (!step)
        throw error(errc::invalid_option, step.error());
    if (!what.name.empty())
        validate_name("name", what.name);
    if (!what.queue.empty())
        validate_name("queue", what.queue);
    auto asked = std::make_shared<detail::kept_stats_query>();
    asked->range_ms = what.range.count();
    asked->step = *step;
    asked->name = what.name;
    asked->queue = what.queue;
    return core_->here(detail::read_stats(core_->broker, std::move(asked)));
}

WORK_DECL task<all_named_stats> inspector::name_stats(std::chrono::milliseconds range, int limit)
{
    auto const step = detail::step_of(range, std::chrono::milliseconds(0));
    if (!step)
        throw error(errc::invalid_option, step.error());
    detail::check_integer("limit", limit, 1, 1'000);
    return core_->here(
        detail::read_name_stats(core_->broker, range.count(), static_cast<std::size_t>(limit))
    );
}

}  // namespace work
