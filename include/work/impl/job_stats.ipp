// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/job_stats.hpp>
#include <work/values/check_option.hpp>
#include <work/values/duration.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

namespace work {
namespace detail {

inline std::string steps_text()
{
    std::string all;
    for (history_step const one : history_steps) {
        if (!all.empty())
            all += one == history_steps.back() ? " or " : ", ";
        all += to_text(one);
    }
    return all;
}

WORK_DECL parsed<history_step> step_of(
    std::chrono::milliseconds range,
    std::chrono::milliseconds step
)
{
    using result = parsed<history_step>;
    if (range < shortest_stats || range > longest_stats)
        return result::failed(
            "range is " + format_duration(range) + ", it must be " +
            format_duration(shortest_stats) + " to 90d: that long histories are kept"
        );
    for (history_step const one : history_steps) {
        bool const long_enough = kept_ms(one) >= range.count();
        if (step.count() == 0 && long_enough)
            return one;
        if (step.count() == 0 || length_ms(one) != step.count())
            continue;
        if (!long_enough)
            return result::failed(
                "step is " + std::string(to_text(one)) + ", of which " +
                format_duration(std::chrono::milliseconds(kept_ms(one))) +
                " are kept: a range of " + format_duration(range) + " needs a longer one, or none"
            );
        if (length_ms(one) > range.count())
            return result::failed(
                "step is " + std::string(to_text(one)) + ", longer than the range of " +
                format_duration(range) + ": ask for a shorter one, or none"
            );
        return one;
    }
    return result::failed("step is " + format_duration(step) + ", it must be " + steps_text());
}

WORK_DECL history_step sum_step_of(std::chrono::milliseconds range)
{
    if (range <= std::chrono::minutes(30))
        return history_step::minute;
    if (range <= std::chrono::hours(6))
        return history_step::ten_minutes;
    return range <= std::chrono::hours(48) ? history_step::hour : history_step::day;
}

inline std::uint64_t total_of(history_counts::histogram const& of)
{
    std::uint64_t all = 0;
    for (std::uint64_t const n : of)
        all += n;
    return all;
}

WORK_DECL std::int64_t percentile_ms(history_counts::histogram const& of, double share)
{
    std::uint64_t const all = total_of(of);
    if (all == 0)
        return 0;
    double const rank = std::max(1.0, std::ceil(share * static_cast<double>(all)));
    double before = 0;
    for (std::size_t k = 0; k != of.size(); ++k) {
        auto const here = static_cast<double>(of[k]);
        if (before + here < rank) {
            before += here;
            continue;
        }
        double const low = k == 0 ? 0 : std::ldexp(1.0, static_cast<int>(k) - 1);
        double const high = std::ldexp(1.0, static_cast<int>(k));
        return static_cast<std::int64_t>(std::ceil(low + (high - low) * (rank - before) / here));
    }
    return std::int64_t{1} << (of.size() - 1);
}

WORK_DECL std::optional<time_figures> figures_of(history_counts::histogram const& of)
{
    std::uint64_t const all = total_of(of);
    if (all == 0)
        return std::nullopt;
    return time_figures{
        static_cast<std::int64_t>(all),
        percentile_ms(of, 0.50),
        percentile_ms(of, 0.95),
        percentile_ms(of, 0.99)
    };
}

WORK_DECL named_times times_of(history_counts::histogram const& of)
{
    time_figures const figures = figures_of(of).value_or(time_figures());
    named_times all{figures.count, figures.p50_ms, figures.p95_ms, figures.p99_ms, {}};
    for (std::uint64_t const n : of)
        all.buckets.push_back(static_cast<std::int64_t>(n));
    return all;
}

// As people know it. What somebody wrote by hand counts as one of the others.
inline std::string name_of_series(std::string_view series)
{
    if (series != history_of_others) {
        try {
            return decode_name(list_job_name(series.starts_with('*') ? series.substr(1) : series));
        } catch (error const&) {
        }
    }
    return "other";
}

WORK_DECL std::vector<std::string> series_of(
    history_lists const& known,
    std::string_view name,
    std::string_view queue,
    std::int64_t since_ms
)
{
    if (name.empty() && queue.empty())
        return {std::string(history_of_all)};
    std::string const of_name = name.empty() ? "" : encode_name(name);
    std::string const of_queue = queue.empty() ? "" : encode_name(queue);
    std::int64_t const since_day = since_ms / length_ms(history_step::day);
    std::vector<std::string> all;
    for (history_lists::entry const& one : known.lists) {
        std::string_view const list = one.list;
        if (one.written_day < since_day || list == history_of_others)
            continue;
        // Lists of a name that are put together have no queue.
        bool const together = list.starts_with('*');
        if (together ? of_queue.empty() && list.substr(1) == of_name
                     : list_is_of(list, of_queue, of_name))
            all.push_back(one.list);
    }
    return all;
}

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
    std::map<std::string, history_counts> names;
    for (std::size_t from = 0; from < lists.size(); from += lists_at_once) {
        history_request request;
        request.step = step;
        request.first = first;
        request.periods = known.now_ms / length - first + 1;
        std::size_t const end = std::min(from + lists_at_once, lists.size());
        for (std::size_t i = from; i != end; ++i)
            request.lists.push_back(lists[i]);
        std::vector<history_cell> const cells = co_await at->read_history(std::move(request));
        for (history_cell const& cell : cells)
            names[name_of_series(lists[from + cell.list])].add(cell.counts);
    }
    all_named_stats all;
    all.now_ms = known.now_ms;
    for (auto const& [name, counts] : names) {
        named_stats one;
        one.name = name;
        one.done = static_cast<std::int64_t>(counts.done);
        one.failed = static_cast<std::int64_t>(counts.failed);
        one.wait = times_of(counts.wait);
        one.run = times_of(counts.run);
        all.names.push_back(std::move(one));
    }
    std::stable_sort(all.names.begin(), all.names.end(), [](auto const& a, auto const& b) {
        return a.done + a.failed > b.done + b.failed;
    });
    all.names.resize(std::min(all.names.size(), limit));
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
