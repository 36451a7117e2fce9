// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/exposition.hpp>
#include <work/web/routes/metrics_broker.ipp>
#include <work/web/routes/metrics_pools.ipp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/version.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

namespace detail_of_metrics {

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
        out.histogram(
            served_requests::bounds_ms,
            1e3,
            of.counts,
            seconds(of.sum_ms),
            "route",
            name
        );
    }
    out.family(
        "work_http_refused_total",
        "counter",
        "Requests that were refused before a route ran, and connections."
    );
    for (auto const& [reason, n] : served.refused())
        out.value(n, {{"reason", reason}});
    out.family("work_http_streams", "gauge", "Streams that are open.");
    out.value(served.streams());
}

/// What waits for a pool that nobody runs.
inline void write_without_pool(
    exposition& out,
    broker_counts const& counts,
    std::vector<pool_info> const& pools
)
{
    std::set<std::string_view> handled;
    for (pool_info const& one : pools)
        handled.insert(one.job_names.begin(), one.job_names.end());
    std::map<std::string_view, std::int64_t> waiting;
    for (queue_info const& list : counts.lists) {
        if (list.pending == 0 || handled.contains(list.name))
            continue;
        bool const room = waiting.size() < most_values || waiting.contains(list.name);
        waiting[room ? std::string_view(list.name) : "other"] += list.pending;
    }
    out.family(
        "work_jobs_without_pool",
        "gauge",
        "Pending jobs of a name that no living pool handles."
    );
    for (auto const& [name, pending] : waiting)
        out.value(pending, {{"job_name", name}});
}

/// What the whole namespace does, as it was last looked at.
inline void write_sample(exposition& out, sample const& now)
{
    write_jobs(out, *now.counts);
    write_without_pool(out, *now.counts, *now.pools);
    out.family(
        "work_schedule_lag_seconds",
        "gauge",
        "How long a job is due that no pool has made pending; 0: none is."
    );
    std::int64_t const late = now.due_ms == 0 ? 0 : now.counts->now_ms - now.due_ms;
    out.value(seconds(std::max<std::int64_t>(0, late)));
    if (now.broker)
        write_broker(out, *now.broker);
    out.family("work_sampler_age_seconds", "gauge", "Since these numbers were read.");
    out.value(seconds(steady_ms() - now.taken_ms));
}

}  // namespace detail_of_metrics

WORK_DECL task<web_response> show_metrics(service& at, web_request const&)
{
    namespace here = detail_of_metrics;
    exposition out;
    bool up = false;
    std::vector<pool_health> watched;
    std::map<std::string, run_times> ran, waited;
    for (local_pool const& pool : at.watched) {
        watched.push_back(pool.health());
        for (run_times const& one : pool.ran())
            ran[one.name].add(one);
        for (run_times const& one : pool.waited())
            waited[one.name].add(one);
    }
    if (at.options.metrics_only) {
        up = !at.core->broker->ailing() &&
             std::all_of(watched.begin(), watched.end(), [](pool_health const& one) {
                 return one.state != "running" || one.ready;
             });
        here::write_pools(out, {}, 0, watched);
    } else {
        sampler::value now = at.watch->last();
        if (!now || now->number == 0)
            now = co_await at.watch->newest();
        else
            at.watch->wake();
        bool const seen = now && now->counts;
        if (seen)
            here::write_sample(out, *now);
        here::write_pools(
            out,
            seen ? *now->pools : std::vector<pool_info>(),
            seen ? now->counts->now_ms : 0,
            watched
        );
        up = now && now->away_since_ms == 0;
    }
    here::write_run_times(
        out,
        "work_job_wait_seconds",
        "How long first attempts waited, from when they were due to their claim.",
        waited
    );
    here::write_run_times(
        out,
        "work_job_run_seconds",
        "How long attempts ran here, whatever became of them.",
        ran
    );
    out.family("work_broker_up", "gauge", "1: the broker answered the last question.");
    out.value(up ? 1 : 0);
    here::write_links(out, at.core->broker->links());
    here::write_server(out, at.served);
    out.family("work_http_parked_claims", "gauge", "Claims of workers that wait for jobs.");
    out.value(at.hall->size());
    out.family("work_build_info", "gauge", "What this program was made of.");
    out.value(1, {{"boost", BOOST_LIB_VERSION}, {"compiler", __VERSION__}});
    web_response answer(out.take());
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
}

}  // namespace work::web
