// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "overview.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "times.hpp"

namespace work::tool {
namespace {

// Names that running pools have handlers for. Quiet and stopping ones take nothing more.
std::map<std::string, std::int64_t, std::less<>> served_names(std::vector<pool_info> const& pools)
{
    std::map<std::string, std::int64_t, std::less<>> served;
    for (pool_info const& pool : pools) {
        if (pool.state != "running")
            continue;
        for (std::string const& name : pool.job_names)
            ++served[name];
    }
    return served;
}

template <typename Row>
void sort_rows(std::vector<Row>& rows, order by, auto pending, auto oldest)
{
    if (by == order::pending)
        std::stable_sort(rows.begin(), rows.end(), [&](Row const& a, Row const& b) {
            return pending(a) > pending(b);
        });
    else if (by == order::oldest)
        std::stable_sort(rows.begin(), rows.end(), [&](Row const& a, Row const& b) {
            auto const time = [&](Row const& r) { return oldest(r) == 0 ? INT64_MAX : oldest(r); };
            return time(a) < time(b);
        });
}

}  // namespace

task<overview> look_over(access& at)
{
    overview seen;
    seen.counts = co_await at.counts();
    seen.pools = co_await at.pools();
    co_return seen;
}

task<timed_jobs> count_timed(access& at, std::string queue)
{
    constexpr int looked_at = 10'000;
    timed_jobs all;
    struct place
    {
        job_state state;
        timed_jobs::count timed_jobs::* to;
    };
    for (place const one :
         {place{job_state::waiting, &timed_jobs::waiting},
          place{job_state::scheduled, &timed_jobs::scheduled},
          place{job_state::retry, &timed_jobs::retry},
          place{job_state::dead, &timed_jobs::dead}}) {
        job_filter filter;
        filter.states = job_states{one.state};
        filter.queue = queue;
        std::string cursor;
        page how;
        how.limit = 500;
        how.scan = 1'000;
        std::int64_t scanned = 0;
        do {
            how.cursor = cursor;
            job_page const found = co_await at.find(filter, how);
            (all.*one.to).jobs += static_cast<std::int64_t>(found.jobs.size());
            scanned += found.scanned;
            (all.*one.to).of = found.of;
            cursor = found.next;
        } while (!cursor.empty() && scanned < looked_at);
        (all.*one.to).whole = cursor.empty();
        (all.*one.to).scanned = scanned;
    }
    co_return all;
}

std::vector<queue_view> queue_views(overview const& seen)
{
    auto const served = served_names(seen.pools);
    auto rows = web::detail_of_queues::rows(seen.counts, "");
    web::detail_of_queues::add_bounds(rows, seen.bounds, "");
    // Jobs that wait for others or for a time are in no list before they are pending.
    for (auto const& [queue, timed] : seen.timed)
        if (timed.any())
            rows[queue].queue = queue;
    std::map<std::string, std::vector<pause_info>> pauses;
    for (pause_info const& one : seen.counts.paused) {
        std::string const name = detail::sanitized_utf8(one.name, 512);
        if (one.kind == pause_kind::queue) {
            web::queue_row& row = rows[name];  // it may be paused before it has jobs
            row.queue = name;
            row.paused = one;
            pauses[name].push_back(one);
            continue;
        }
        for (auto const& [queue, row] : rows)
            for (web::list_row const& list : row.lists)
                if (list.name == name && list.pending + list.active > 0)
                    pauses[queue].push_back(one);
    }
    std::vector<queue_view> views;
    views.reserve(rows.size());
    for (auto& [name, row] : rows) {
        queue_view view;
        bool held = !row.lists.empty();
        bool unserved = false;
        for (web::list_row const& list : row.lists) {
            held = held && (list.paused || list.pending == 0);
            unserved =
                unserved || (list.pending > 0 && !list.paused && !served.contains(list.name));
        }
        bool const paused = row.paused || (held && row.pending > 0);
        view.state = paused ? "paused" : unserved ? "NO POOL" : "ok";
        if (auto const found = pauses.find(name); found != pauses.end())
            view.pauses = std::move(found->second);
        view.row = std::move(row);
        views.push_back(std::move(view));
    }
    return views;
}

std::string name_view::state() const
{
    return paused ? "paused" : pending > 0 && pools == 0 ? "NO POOL" : "ok";
}

std::vector<name_view> name_views(overview const& seen)
{
    std::map<std::string, name_view> all;
    for (queue_info const& list : seen.counts.lists) {
        std::string const name = detail::sanitized_utf8(list.name, 512);
        auto const [at, first] = all.try_emplace(name);
        name_view& view = at->second;
        view.name = name;
        view.pending += list.pending;
        view.active += list.active;
        view.processed += list.processed;
        view.failed += list.failed;
        if (list.oldest_ms != 0 && (view.oldest_ms == 0 || list.oldest_ms < view.oldest_ms))
            view.oldest_ms = list.oldest_ms;
        view.paused = (first || view.paused) && list.paused;
    }
    for (auto const& [name, pools] : served_names(seen.pools)) {
        name_view& view = all[detail::sanitized_utf8(name, 512)];
        view.name = detail::sanitized_utf8(name, 512);
        view.pools = pools;
    }
    for (pause_info const& one : seen.counts.paused) {
        if (one.kind != pause_kind::name)
            continue;
        name_view& view = all[detail::sanitized_utf8(one.name, 512)];
        view.name = detail::sanitized_utf8(one.name, 512);
        view.paused = true;
    }
    std::vector<name_view> views;
    views.reserve(all.size());
    for (auto& [name, view] : all)
        views.push_back(std::move(view));
    return views;
}

void add_speeds(std::vector<queue_view>& queues, overview const& before, overview const& now)
{
    double const seconds = static_cast<double>(now.counts.now_ms - before.counts.now_ms) / 1000;
    if (seconds <= 0)
        return;
    auto const earlier = web::detail_of_queues::rows(before.counts, "");
    for (queue_view& view : queues) {
        auto const found = earlier.find(view.row.queue);
        auto const per_second = [&](std::int64_t count, std::int64_t was) {
            return static_cast<double>(std::max<std::int64_t>(count - was, 0)) / seconds;
        };
        bool const known = found != earlier.end();
        view.speed = rates{
            per_second(view.row.processed, known ? found->second.processed : 0),
            per_second(view.row.failed, known ? found->second.failed : 0)
        };
    }
}

order order_named(std::string_view word)
{
    if (word == "pending")
        return order::pending;
    if (word == "oldest")
        return order::oldest;
    if (word == "name")
        return order::name;
    throw error(
        errc::invalid_option,
        "--sort " + detail::quote(word) + ": no order; there are pending, oldest, name"
    );
}

void sort(std::vector<queue_view>& queues, order by)
{
    sort_rows(
        queues,
        by,
        [](queue_view const& v) { return v.row.pending; },
        [](queue_view const& v) { return v.row.oldest_ms; }
    );
}

void sort(std::vector<name_view>& names, order by)
{
    sort_rows(
        names,
        by,
        [](name_view const& v) { return v.pending; },
        [](name_view const& v) { return v.oldest_ms; }
    );
}

std::string words_of(pause_info const& pause, std::int64_t now_ms)
{
    std::string words =
        pause.kind == pause_kind::name ? detail::quote(pause.name) + " paused " : "";
    if (!pause.by.empty())
        words += "by " + pause.by + " ";
    words += ago(pause.since_ms, now_ms);
    if (!pause.reason.empty())
        words += ": \"" + pause.reason + "\"";
    return words + "; resumes " +
           (pause.until_ms == 0 ? "with work resume" : from_then_on(pause.until_ms, now_ms));
}

}  // namespace work::tool
