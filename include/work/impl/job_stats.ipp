// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/error.hpp>
#include <work/job_stats.hpp>
#include <work/values/duration.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <cmath>
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
WORK_DECL std::string name_of_series(std::string_view series)
{
    if (series != history_of_others) {
        try {
            return decode_name(list_job_name(series.starts_with('*') ? series.substr(1) : series));
        } catch (error const&) {
        }
    }
    return "other";
}

WORK_DECL std::string queue_of_series(std::string_view series)
{
    if (series != history_of_others && !series.starts_with('*')) {
        try {
            return parse_list_id(series).queue;
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

}  // namespace detail
}  // namespace work
