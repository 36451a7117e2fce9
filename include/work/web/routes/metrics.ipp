// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/version.hpp>
#include <work/web/exposition.hpp>
#include <work/web/routes/metrics_broker.ipp>
#include <work/web/routes/metrics_crons.ipp>
#include <work/web/routes/metrics_pools.ipp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/version.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
    out.value(c.waiting, {{"state", "waiting"}});
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
            {{"route", name}}
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

/// The limits for which most waits or runs by name, the others together.
inline void write_limits(exposition& out, std::vector<limit_state> const& limits)
{
    struct limit_sum
    {
        std::int64_t slots = 0, held = 0, waiting = 0;
    };
    std::vector<limit_state const*> order;
    for (limit_state const& one : limits)
        order.push_back(&one);
    std::stable_sort(order.begin(), order.end(), [](limit_state const* a, limit_state const* b) {
        return std::make_pair(a->waiting, a->held) > std::make_pair(b->waiting, b->held);
    });
    std::map<std::string, limit_sum> all;
    for (std::size_t i = 0; i != order.size(); ++i) {
        limit_sum& to = all[i < most_values ? order[i]->name : "other"];
        to.slots += order[i]->slots;
        to.held += order[i]->held;
        to.waiting += order[i]->waiting;
    }
    out.family("work_limit_slots", "gauge", "So many jobs may run under a limit at a time.");
    for (auto const& [name, sum] : all)
        out.value(sum.slots, {{"limit", name}});
    out.family("work_limit_held", "gauge", "So many do.");
    for (auto const& [name, sum] : all)
        out.value(sum.held, {{"limit", name}});
    out.family("work_limit_waiting", "gauge", "Lists that wait for a slot of it.");
    for (auto const& [name, sum] : all)
        out.value(sum.waiting, {{"limit", name}});
}

/// Queues that are bounded: 100 at most.
inline void write_bounds(exposition& out, std::vector<bound_state> const& bounds)
{
    out.family("work_queue_bound", "gauge", "So many jobs may wait in a queue.");
    for (bound_state const& one : bounds)
        out.value(one.most, {{"queue", one.queue}});
    out.family(
        "work_queue_refused_total",
        "counter",
        "Jobs that a full queue turned away, with each try of those that wait for room."
    );
    for (bound_state const& one : bounds)
        out.value(one.refused, {{"queue", one.queue}});
    out.family(
        "work_queue_dropped_total",
        "counter",
        "Jobs that were cancelled to make room for others."
    );
    for (bound_state const& one : bounds)
        out.value(one.dropped, {{"queue", one.queue}});
}

/// What the whole namespace does, as it was last looked at.
inline void write_sample(exposition& out, sample const& now)
{
    write_jobs(out, *now.counts);
    write_without_pool(out, *now.counts, *now.pools);
    if (now.limits)
        write_limits(out, *now.limits);
    if (now.bounds)
        write_bounds(out, *now.bounds);
    running_names running;
    for (pool_info const& one : *now.pools) {
        add_running(running, one.in_flight);
        if (one.in_flight.empty() && one.oldest)  // a worker over HTTP
            add_running(running, {{"", 0, "", one.oldest->since_ms, 0}});
    }
    write_oldest_running(out, running, now.counts->now_ms);
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

/// Nothing while the broker does not answer, and the other metrics all the same.
inline task<void> add_crons(service& at, exposition& out, bool up)
{
    shared_read<all_cron_figures>::value found;
    try {
        if (up)
            found = co_await at.cron_figures->read();
    } catch (std::exception const&) {
    }
    if (found)
        write_crons(out, *found);
}

}  // namespace detail_of_metrics

WORK_DECL task<web_response> show_metrics(service& at, web_request const&)
{
    namespace here = detail_of_metrics;
    exposition out;
    bool up = false;
    std::vector<pool_health> watched;
    here::times_by_list ran, waited;
    std::map<std::string, attempt_ends> ended;
    here::running_names running;
    for (local_pool const& pool : at.watched) {
        watched.push_back(pool.health());
        here::add_running(running, pool.in_flight());
        here::add_times(ran, pool.ran());
        here::add_times(waited, pool.waited());
        for (attempt_ends const& one : pool.ended())
            ended[one.name].add(one);
    }
    if (at.options.metrics_only) {
        up = !at.core->broker->ailing() &&
             std::all_of(watched.begin(), watched.end(), [](pool_health const& one) {
                 return one.state != "running" || one.ready;
             });
        here::write_pools(out, {}, 0, watched, running);
        out.family("work_in_flight", "gauge", "Jobs that are under way.");
        for (auto const& [name, one] : running)
            out.value(one.jobs, {{"job_name", name}});
        here::write_oldest_running(out, running, at.now_ms());
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
            watched,
            running
        );
        up = now && now->away_since_ms == 0;
        co_await here::add_crons(at, out, up);
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
    here::write_ends(out, ended);
    here::write_enqueued(out, *at.core->batcher);
    out.family("work_broker_up", "gauge", "1: the broker answered the last question.");
    out.value(up ? 1 : 0);
    here::write_links(out, at.core->broker->links());
    here::write_server(out, at.served);
    if (!at.options.metrics_only) {
        out.family("work_operations_running", "gauge", "Operations that this server runs.");
        out.value(at.operations->running());
    }
    out.family("work_http_parked_claims", "gauge", "Claims of workers that wait for jobs.");
    out.value(at.hall->size());
    out.family("work_build_info", "gauge", "What this program was made of.");
    out.value(
        1,
        {{"version", WORK_VERSION}, {"boost", BOOST_LIB_VERSION}, {"compiler", __VERSION__}}
    );
    web_response answer(out.take());
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
}

}  // namespace work::web
