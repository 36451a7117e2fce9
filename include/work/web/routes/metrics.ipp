// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/exposition.hpp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/version.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

namespace detail_of_metrics {

/// A label has so many values at most; what is beyond is summed under "other".
inline constexpr std::size_t most_values = 200;

inline double seconds(std::int64_t ms)
{
    return static_cast<double>(ms) / 1'000;
}

struct queue_sum
{
    std::int64_t pending = 0, active = 0, oldest_ms = 0, paused = 0;
};

inline void add(queue_sum& to, queue_row const& row)
{
    to.pending += row.pending;
    to.active += row.active;
    to.paused += row.paused ? 1 : 0;
    if (row.oldest_ms != 0)
        to.oldest_ms = to.oldest_ms == 0 ? row.oldest_ms : std::min(to.oldest_ms, row.oldest_ms);
}

/// The queues with most to do by name, the others together.
inline std::map<std::string, queue_sum> queues(broker_counts const& counts)
{
    auto const rows = detail_of_queues::rows(counts, "");
    std::vector<queue_row const*> order;
    for (auto const& [name, row] : rows)
        order.push_back(&row);
    std::stable_sort(order.begin(), order.end(), [](queue_row const* a, queue_row const* b) {
        return a->pending + a->active > b->pending + b->active;
    });
    std::map<std::string, queue_sum> all;
    for (std::size_t i = 0; i != order.size(); ++i)
        add(all[i < most_values ? order[i]->queue : "other"], *order[i]);
    return all;
}

struct list_sum
{
    std::int64_t active = 0, processed = 0, failed = 0;
};

/// The lists that had most to do, by queue and job name, the others together.
inline std::map<std::pair<std::string, std::string>, list_sum> lists(broker_counts const& counts)
{
    std::vector<queue_info const*> order;
    for (queue_info const& one : counts.lists)
        order.push_back(&one);
    std::stable_sort(order.begin(), order.end(), [](queue_info const* a, queue_info const* b) {
        return a->processed > b->processed;
    });
    std::map<std::pair<std::string, std::string>, list_sum> all;
    for (std::size_t i = 0; i != order.size(); ++i) {
        queue_info const& one = *order[i];
        list_sum& to = i < most_values ? all[{one.queue, one.name}] : all[{"other", "other"}];
        to.active += one.active;
        to.processed += one.processed;
        to.failed += one.failed;
    }
    return all;
}

inline void write_jobs(exposition& out, broker_counts const& c)
{
    out.family("work_jobs", "gauge", "Jobs by state; pending and active ones by queue.");
    auto const by_queue = queues(c);
    for (auto const& [name, sum] : by_queue) {
        out.value(sum.pending, {{"queue", name}, {"state", "pending"}});
        out.value(sum.active, {{"queue", name}, {"state", "active"}});
    }
    out.value(c.scheduled, {{"state", "scheduled"}});
    out.value(c.retry, {{"state", "retry"}});
    out.value(c.dead, {{"state", "dead"}});
    out.value(c.suspect, {{"state", "suspect"}});
    out.value(c.set_aside, {{"state", "set_aside"}});
    out.family(
        "work_queue_oldest_seconds",
        "gauge",
        "Since the job at the front of a queue was created; 0: nothing waits there."
    );
    for (auto const& [name, sum] : by_queue)
        out.value(
            sum.oldest_ms == 0 ? 0.0 : std::max(0.0, seconds(c.now_ms - sum.oldest_ms)),
            {{"queue", name}}
        );
    out.family("work_queue_paused", "gauge", "1: the queue is paused; of others, how many are.");
    for (auto const& [name, sum] : by_queue)
        out.value(sum.paused, {{"queue", name}});
    auto const by_list = lists(c);
    out.family("work_jobs_finished_total", "counter", "Jobs that returned, attempts that failed.");
    for (auto const& [names, sum] : by_list) {
        out.value(
            sum.processed,
            {{"queue", names.first}, {"job_name", names.second}, {"outcome", "completed"}}
        );
        out.value(
            sum.failed,
            {{"queue", names.first}, {"job_name", names.second}, {"outcome", "failed"}}
        );
    }
    std::map<std::string_view, std::int64_t> by_name;
    for (auto const& [names, sum] : by_list)
        by_name[names.second] += sum.active;
    out.family("work_in_flight", "gauge", "Jobs that are under way.");
    for (auto const& [name, active] : by_name)
        out.value(active, {{"job_name", name}});
    out.family(
        "work_jobs_forgotten_total",
        "counter",
        "Jobs given back since the store had forgotten what was said about them."
    );
    out.value(c.forgotten);
}

/// By name, not by id: each start of a process has another.
inline void write_pools(exposition& out, std::vector<pool_info> const& pools, std::int64_t now_ms)
{
    struct sum
    {
        std::int64_t pools = 0, workers = 0, busy = 0, rss_kb = 0, oldest_word_ms = 0, trouble = 0;
        std::int64_t dropped = 0;
    };
    std::map<std::string_view, sum> by_name;
    for (pool_info const& one : pools) {
        auto found = by_name.find(one.name);
        if (found == by_name.end() && by_name.size() >= most_values)
            found = by_name.try_emplace("other").first;
        sum& to = found == by_name.end() ? by_name[one.name] : found->second;
        ++to.pools;
        to.workers += one.concurrency;
        to.busy += one.busy;
        to.rss_kb += one.rss_kb;
        to.oldest_word_ms = std::max(to.oldest_word_ms, now_ms - one.heartbeat_at_ms);
        to.trouble += one.trouble.empty() ? 0 : 1;
        to.dropped += one.events_dropped;
    }
    auto const each = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        for (auto const& [pool, of] : by_name)
            out.value(value(of), {{"pool_name", pool}});
    };
    each("work_pools", "Worker pools that live.", [](sum const& s) { return s.pools; });
    each("work_pool_workers", "Jobs that they can run at once.", [](sum const& s) {
        return s.workers;
    });
    each("work_pool_busy", "Jobs that they run.", [](sum const& s) { return s.busy; });
    each("work_pool_troubled", "Pools whose connections have trouble.", [](sum const& s) {
        return s.trouble;
    });
    each(
        "work_pool_events_dropped",
        "Events that they dropped, since their hooks did not keep up.",
        [](sum const& s) { return s.dropped; }
    );
    each("work_pool_memory_bytes", "Resident memory of their processes.", [](sum const& s) {
        return s.rss_kb * 1'024;
    });
    each(
        "work_pool_last_heartbeat_seconds",
        "Since the heartbeat of the pool that was silent longest.",
        [](sum const& s) { return seconds(std::max<std::int64_t>(0, s.oldest_word_ms)); }
    );
}

inline void write_server(exposition& out, served_requests const& served)
{
    out.family("work_http_requests_total", "counter", "Requests answered.");
    for (auto const& [key, n] : served.answers())
        out.value(
            n,
            {{"route", key.first.empty() ? "none" : key.first},
             {"status", std::to_string(key.second)}}
        );
    out.family(
        "work_http_request_seconds",
        "histogram",
        "From a request's head to the end of its answer."
    );
    for (auto const& [path, of] : served.by_route()) {
        std::string_view const name = path.empty() ? "none" : path;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i != of.counts.size(); ++i) {
            sum += of.counts[i];
            std::string const end =
                i == served_requests::bounds_ms.size()
                    ? "+Inf"
                    : exposition::digits(seconds(served_requests::bounds_ms[i]));
            out.part("_bucket", sum, {{"route", name}, {"le", end}});
        }
        out.part("_sum", seconds(of.sum_ms), {{"route", name}});
        out.part("_count", sum, {{"route", name}});
    }
    out.family("work_http_streams", "gauge", "Streams that are open.");
    out.value(served.streams());
}

}  // namespace detail_of_metrics

WORK_DECL task<web_response> show_metrics(service& at, web_request const&)
{
    namespace here = detail_of_metrics;
    sampler::value now = at.watch->last();
    if (!now || now->number == 0)
        now = co_await at.watch->newest();
    else
        at.watch->wake();
    exposition out;
    if (now && now->counts) {
        here::write_jobs(out, *now->counts);
        here::write_pools(out, *now->pools, now->counts->now_ms);
        out.family("work_sampler_age_seconds", "gauge", "Since these numbers were read.");
        out.value(here::seconds(steady_ms() - now->taken_ms));
    }
    out.family("work_broker_up", "gauge", "1: the broker answered the last question.");
    out.value(now && now->away_since_ms == 0 ? 1 : 0);
    here::write_server(out, at.served);
    out.family("work_build_info", "gauge", "What this program was made of.");
    out.value(1, {{"boost", BOOST_LIB_VERSION}, {"compiler", __VERSION__}});
    web_response answer(out.take());
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
}

}  // namespace work::web
