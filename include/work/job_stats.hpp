// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Which histories are asked for. The texts are copied by the call.
struct stats_query
{
    std::chrono::milliseconds range{std::chrono::hours(1)};  ///< until now: 15 min to 90 days
    std::chrono::milliseconds step{0};  ///< 1 min, 10 min, 1 h, 1 d; 0: the shortest that is kept
    std::string_view name{};            ///< of this job name alone
    std::string_view queue{};           ///< of this queue alone
};

/// How long something took, from a histogram: within its bucket, each of which is twice as long as
/// the one before, a percentile is guessed evenly.
struct time_figures
{
    std::int64_t count = 0;
    std::int64_t p50_ms = 0;
    std::int64_t p95_ms = 0;
    std::int64_t p99_ms = 0;

    friend bool operator==(time_figures const&, time_figures const&) = default;
};
BOOST_DESCRIBE_STRUCT(time_figures, (), (count, p50_ms, p95_ms, p99_ms))

/// One period. What did not happen in it is absent.
struct stats_point
{
    std::int64_t at_ms = 0;  ///< its begin
    std::int64_t done = 0;
    std::int64_t failed = 0;  ///< attempts
    std::optional<time_figures>
        wait;                         ///< of first attempts, from when they were due to their claim
    std::optional<time_figures> run;  ///< of attempts, whatever became of them

    friend bool operator==(stats_point const&, stats_point const&) = default;
};
BOOST_DESCRIBE_STRUCT(stats_point, (), (at_ms, done, failed, wait, run))

struct job_stats
{
    std::int64_t now_ms = 0;
    std::int64_t from_ms = 0;
    std::int64_t step_ms = 0;
    std::vector<stats_point> points;  ///< of periods in which anything was counted
};
BOOST_DESCRIBE_STRUCT(job_stats, (), (now_ms, from_ms, step_ms, points))

struct named_times
{
    std::int64_t count = 0;
    std::int64_t p50_ms = 0;
    std::int64_t p95_ms = 0;
    std::int64_t p99_ms = 0;
    std::vector<std::int64_t> buckets;  ///< 24; bucket k ends with 2^k ms, the last has no end
};
BOOST_DESCRIBE_STRUCT(named_times, (), (count, p50_ms, p95_ms, p99_ms, buckets))

struct named_stats
{
    std::string name;
    std::int64_t done = 0;
    std::int64_t failed = 0;
    named_times wait;
    named_times run;
};
BOOST_DESCRIBE_STRUCT(named_stats, (), (name, done, failed, wait, run))

struct all_named_stats
{
    std::int64_t now_ms = 0;
    std::vector<named_stats> names;  ///< those of which most was done or failed first
    /// The same by queue, whose names these are; in no JSON of this.
    std::vector<named_stats> queues;
};
BOOST_DESCRIBE_STRUCT(all_named_stats, (), (now_ms, names))

inline constexpr std::chrono::milliseconds shortest_stats{900'000};
inline constexpr std::chrono::milliseconds longest_stats{7'776'000'000};

namespace detail {

/// The step of a query. Errors: why there is none, and what there is.
WORK_DECL parsed<history_step> step_of(
    std::chrono::milliseconds range,
    std::chrono::milliseconds step
);
/// The steps by which names are summed up over a range: few periods, of which the first may have
/// begun before it.
WORK_DECL history_step sum_step_of(std::chrono::milliseconds range);
/// 0 of none; `share` is 0 to 1.
WORK_DECL std::int64_t percentile_ms(history_counts::histogram const& of, double share);
WORK_DECL std::optional<time_figures> figures_of(history_counts::histogram const& of);
WORK_DECL named_times times_of(history_counts::histogram const& of);
/// The job name of a series; that of all for which there is no room is "other".
WORK_DECL std::string name_of_series(std::string_view series);
/// Its queue; "other" also of what is kept by name alone.
WORK_DECL std::string queue_of_series(std::string_view series);
/// Of those lists the ones that a query asks for; `{all` stands for no name and no queue.
WORK_DECL std::vector<std::string> series_of(
    history_lists const& known,
    std::string_view name,
    std::string_view queue,
    std::int64_t since_ms
);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/job_stats.ipp>
#endif
