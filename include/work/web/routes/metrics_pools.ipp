// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/enqueue_batcher.hpp>
#include <work/values/attempt_ends.hpp>
#include <work/values/pool_health.hpp>
#include <work/values/pool_info.hpp>
#include <work/values/run_times.hpp>
#include <work/web/exposition.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace work::web::detail_of_metrics {

/// A label has so many values at most; what is beyond is summed under "other".
inline constexpr std::size_t most_values = 200;

inline double seconds(std::int64_t ms)
{
    return static_cast<double>(ms) / 1'000;
}

/// Pools that have the same name.
struct pools_sum
{
    std::int64_t pools = 0, workers = 0, busy = 0, rss_kb = 0, heartbeat_ms = 0, trouble = 0;
    std::int64_t exchange_ms = 0, lag_ms = 0, dropped = 0, stalled = 0;
};

/// By name, not by id: each start of a process has another.
inline std::map<std::string_view, pools_sum> by_name(
    std::vector<pool_info> const& pools,
    std::int64_t now_ms
)
{
    std::map<std::string_view, pools_sum> all;
    for (pool_info const& one : pools) {
        // An empty label is none to Prometheus.
        std::string_view const name = one.name.empty() ? "unnamed" : std::string_view(one.name);
        auto found = all.find(name);
        if (found == all.end() && all.size() >= most_values)
            found = all.try_emplace("other").first;
        pools_sum& to = found == all.end() ? all[name] : found->second;
        ++to.pools;
        to.workers += one.concurrency;
        to.busy += one.busy;
        to.rss_kb += one.rss_kb;
        to.heartbeat_ms = std::max(to.heartbeat_ms, now_ms - one.heartbeat_at_ms);
        // One that is quiet, or stops, fetches nothing.
        if (one.state == "running")
            to.exchange_ms = std::max(to.exchange_ms, one.exchange_age_ms);
        to.lag_ms = std::max(to.lag_ms, one.loop_lag_ms);
        to.trouble += one.trouble.empty() ? 0 : 1;
        to.dropped += one.events_dropped;
        to.stalled += one.stalled;
    }
    return all;
}

/// What runs, by job name.
using running_names = std::map<std::string, running_jobs>;

inline void add_running(running_names& to, std::vector<running_jobs> const& from)
{
    for (running_jobs const& one : from) {
        bool const room = to.size() < most_values || to.contains(one.name);
        running_jobs& sum = to[one.name.empty() || !room ? "other" : one.name];
        sum.jobs += one.jobs;
        sum.stalled += one.stalled;
        if (one.since_ms != 0 && (sum.since_ms == 0 || one.since_ms < sum.since_ms))
            sum.since_ms = one.since_ms;
    }
}

inline void write_oldest_running(exposition& out, running_names const& running, std::int64_t now_ms)
{
    out.family(
        "work_oldest_running_seconds",
        "gauge",
        "How long the job has run that runs for longest."
    );
    for (auto const& [name, one] : running)
        if (one.since_ms != 0)
            out.value(
                seconds(std::max<std::int64_t>(0, now_ms - one.since_ms)),
                {{"job_name", name}}
            );
}

inline pools_sum sum_of(std::vector<pool_health> const& watched, running_names const& running)
{
    pools_sum all;
    for (auto const& [name, one] : running)
        all.stalled += one.stalled;
    for (pool_health const& one : watched) {
        ++all.pools;
        all.workers += one.concurrency;
        all.busy += one.busy;
        if (one.state == "running")
            all.exchange_ms = std::max(all.exchange_ms, one.exchange_age_ms);
        all.lag_ms = std::max(all.lag_ms, one.loop_lag_ms);
    }
    return all;
}

/// By queue and job name.
using times_by_list = std::map<std::pair<std::string, std::string>, run_times>;

inline void add_times(times_by_list& to, std::vector<run_times> const& from)
{
    for (run_times const& one : from)
        to[{one.queue, one.name}].add(one);
}

/// Of the pools of this process: the first `most_values` of them, and the others together.
inline void write_run_times(
    exposition& out,
    std::string_view family,
    std::string_view help,
    times_by_list const& ran
)
{
    if (ran.empty())
        return;
    out.family(family, "histogram", help);
    std::size_t shown = 0;
    run_times others;
    auto const write = [&](run_times const& one, std::string_view queue, std::string_view name) {
        double const sum = static_cast<double>(one.sum_us) / 1e6;
        out.histogram(
            run_times::bounds_ms,
            1e3,
            one.counts,
            sum,
            {{"queue", queue}, {"job_name", name}}
        );
    };
    for (auto const& [list, one] : ran) {
        if (++shown <= most_values)
            write(one, list.first, list.second);
        else
            others.add(one);
    }
    if (others.total() != 0)
        write(others, "other", "other");
}

/// How the attempts of the pools of this process ended: what never happened is not written.
inline void write_ends(exposition& out, std::map<std::string, attempt_ends> const& ended)
{
    if (ended.empty())
        return;
    out.family("work_attempts_total", "counter", "Attempts that ended here, by how.");
    std::size_t shown = 0;
    attempt_ends others;
    auto const write = [&](attempt_ends const& one, std::string_view name) {
        for (std::size_t i = 0; i != one.counts.size(); ++i)
            if (one.counts[i] != 0)
                out.value(one.counts[i], {{"job_name", name}, {"outcome", attempt_ends::names[i]}});
    };
    for (auto const& [name, one] : ended) {
        if (++shown <= most_values)
            write(one, name);
        else
            others.add(one);
    }
    write(others, "other");
}

/// What this process enqueued.
inline void write_enqueued(exposition& out, work::detail::enqueue_batcher const& by)
{
    out.family("work_jobs_enqueued_total", "counter", "Jobs that this process sent to be stored.");
    out.value(by.stored(), {{"outcome", "stored"}});
    out.value(by.duplicates(), {{"outcome", "duplicate"}});
    out.value(by.unanswered(), {{"outcome", "failed"}});
}

/// Those of this process together, without a label: Prometheus tells processes apart. Those of the
/// namespace by their names.
inline void write_pools(
    exposition& out,
    std::vector<pool_info> const& pools,
    std::int64_t now_ms,
    std::vector<pool_health> const& watched,
    running_names const& running
)
{
    auto const named = by_name(pools, now_ms);
    pools_sum const here = sum_of(watched, running);
    auto const both = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        if (!watched.empty())
            out.value(value(here));
        for (auto const& [pool, of] : named)
            out.value(value(of), {{"pool_name", pool}});
    };
    auto const shown = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        for (auto const& [pool, of] : named)
            out.value(value(of), {{"pool_name", pool}});
    };
    both("work_pools", "Worker pools that live.", [](pools_sum const& s) { return s.pools; });
    both("work_pool_workers", "Jobs that they can run at once.", [](pools_sum const& s) {
        return s.workers;
    });
    both("work_pool_busy", "Jobs that they run.", [](pools_sum const& s) { return s.busy; });
    both(
        "work_pool_last_exchange_seconds",
        "Since the last answer to the fetch loop of the one that had none for longest.",
        [](pools_sum const& s) { return seconds(std::max<std::int64_t>(0, s.exchange_ms)); }
    );
    both(
        "work_pool_loop_lag_seconds",
        "How long the most blocked thread took to come to something new.",
        [](pools_sum const& s) { return seconds(s.lag_ms); }
    );
    both(
        "work_pool_stalled",
        "Jobs that do not end, although they were given up or should have been.",
        [](pools_sum const& s) { return s.stalled; }
    );
    if (!pools.empty() || watched.empty()) {
        shown(
            "work_pool_troubled",
            "Pools whose connections have trouble.",
            [](pools_sum const& s) { return s.trouble; }
        );
        shown(
            "work_pool_events_dropped",
            "Events that they dropped, since their hooks did not keep up.",
            [](pools_sum const& s) { return s.dropped; }
        );
        shown("work_pool_memory_bytes", "Resident memory of their processes.", [](auto const& s) {
            return s.rss_kb * 1'024;
        });
        shown(
            "work_pool_last_heartbeat_seconds",
            "Since the heartbeat of the pool that was silent longest.",
            [](pools_sum const& s) { return seconds(std::max<std::int64_t>(0, s.heartbeat_ms)); }
        );
    }
    if (watched.empty())
        return;
    std::int64_t ready = 0, processed = 0, failed = 0, lost = 0, unfinished = 0, unheard = 0;
    for (pool_health const& one : watched) {
        ready += one.ready ? 1 : 0;
        processed += one.processed;
        failed += one.failed;
        lost += one.leases_lost;
        unfinished += one.unfinished;
        unheard += one.unheard;
    }
    out.family("work_pools_ready", "gauge", "Pools of this process that are ready.");
    out.value(ready);
    out.family("work_pool_jobs_total", "counter", "Jobs that returned here, attempts that failed.");
    out.value(processed, {{"outcome", "completed"}});
    out.value(failed, {{"outcome", "failed"}});
    out.family(
        "work_leases_lost_total",
        "counter",
        "Claims of this process whose leases ended before their jobs did."
    );
    out.value(lost);
    out.family(
        "work_duplicates_total",
        "counter",
        "Jobs that ran here, or a while, and may run again elsewhere: their leases ended."
    );
    out.value(unfinished, {{"cause", "unfinished"}});
    out.value(unheard, {{"cause", "unheard"}});
}

}  // namespace work::web::detail_of_metrics
