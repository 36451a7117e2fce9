// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/problem.hpp>
#include <work/web/queue_rows.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace work::web {

struct stats_answer
{
    std::int64_t now_ms = 0, pending = 0, active = 0, suspect = 0, scheduled = 0, retry = 0;
    std::int64_t dead = 0, set_aside = 0, waiting = 0, processed = 0, failed = 0;
    std::int64_t processed_today = 0, failed_today = 0, forgotten = 0, queues = 0;
};
BOOST_DESCRIBE_STRUCT(
    stats_answer,
    (),
    (now_ms,
     pending,
     active,
     suspect,
     scheduled,
     retry,
     dead,
     set_aside,
     waiting,
     processed,
     failed,
     processed_today,
     failed_today,
     forgotten,
     queues)
)

inline stats_answer stats_of(broker_counts const& c)
{
    std::set<std::string_view> queues;
    for (queue_info const& one : c.lists)
        queues.insert(one.queue);
    stats_answer answer;
    answer.now_ms = c.now_ms;
    answer.pending = c.pending;
    answer.active = c.active;
    answer.suspect = c.suspect;
    answer.scheduled = c.scheduled;
    answer.retry = c.retry;
    answer.dead = c.dead;
    answer.set_aside = c.set_aside;
    answer.waiting = c.waiting;
    answer.processed = c.processed;
    answer.failed = c.failed;
    answer.processed_today = c.processed_today;
    answer.failed_today = c.failed_today;
    answer.forgotten = c.forgotten;
    answer.queues = static_cast<std::int64_t>(queues.size());
    return answer;
}

struct pools_answer
{
    std::vector<pool_info> pools;
    std::int64_t of = 0;
    std::vector<gone_pool> gone;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(pools_answer, (), (pools, of, gone, now_ms))

namespace detail_of_queues {

/// A cursor is the last name, and a few digits that bind it to its filter.
inline std::string write_cursor(std::string_view part, std::string_view last)
{
    return hex(sha256(part)).substr(0, 8) + percent_encode(last);
}

inline std::string read_cursor(std::string_view part, std::string_view cursor)
{
    std::string last;
    if (cursor.size() < 9 || cursor.size() > 512 ||
        cursor.substr(0, 8) != hex(sha256(part)).substr(0, 8) ||
        !percent_decode(cursor.substr(8), last))
        throw problem(
            400,
            "bad-cursor",
            "The cursor is none, or of a request with another q: begin without one.",
            "cursor"
        );
    return last;
}

inline void sort_rows(std::vector<queue_row>& all, std::string_view by)
{
    if (by == "pending")
        std::stable_sort(all.begin(), all.end(), [](queue_row const& a, queue_row const& b) {
            return a.pending > b.pending;
        });
    else if (by == "oldest")
        std::stable_sort(all.begin(), all.end(), [](queue_row const& a, queue_row const& b) {
            return (a.oldest_ms == 0 ? INT64_MAX : a.oldest_ms) <
                   (b.oldest_ms == 0 ? INT64_MAX : b.oldest_ms);
        });
    else if (by == "rate")
        std::stable_sort(all.begin(), all.end(), [](queue_row const& a, queue_row const& b) {
            return a.rate.value_or(0) > b.rate.value_or(0);
        });
    else if (!by.empty() && by != "name")
        throw problem(
            400,
            "bad-parameter",
            "sort is " + detail::quote(by) + ", it must be name, pending, oldest or rate.",
            "sort"
        );
}

/// Looks at the first 1 000 of each of these states: 1 to 3 ms of Redis, in short reads.
inline task<queue_places> look_for(inspector look, std::string queue)
{
    constexpr std::int64_t most = 1'000;
    struct place
    {
        job_state state;
        queue_place queue_places::* to;
    };
    queue_places all;
    for (place const one :
         {place{job_state::waiting, &queue_places::waiting},
          place{job_state::scheduled, &queue_places::scheduled},
          place{job_state::retry, &queue_places::retry},
          place{job_state::dead, &queue_places::dead}}) {
        job_filter filter;
        filter.states = job_states{one.state};
        filter.queue = queue;
        job_count const found = co_await look.count(filter, most);
        (all.*one.to) = queue_place{found.matched, found.scanned, found.of};
    }
    co_return all;
}

/// What was seen within the last 5 s, or is now.
inline shared_read<queue_places>& places_of(service& at, std::string const& queue)
{
    constexpr std::size_t most_queues = 64;
    auto& found = at.places[queue];
    if (!found) {
        found = std::make_shared<shared_read<queue_places>>(
            at.core->executor,
            [face = at.look, queue] { return look_for(face, queue); },
            5'000
        );
        for (auto one = at.places.begin(); at.places.size() > most_queues;)
            one = one->first == queue ? std::next(one) : at.places.erase(one);
    }
    return *found;
}

/// Those that the query's `name`, `host` and `state` ask for.
inline void keep_asked(std::vector<pool_info>& pools, web_request const& request)
{
    auto const other = [&](std::string_view wanted, std::string const& is) {
        std::string_view const asked = request.asked(wanted);
        return !asked.empty() && asked != is;
    };
    std::erase_if(pools, [&](pool_info const& one) {
        return other("name", one.name) || other("host", one.host) || other("state", one.state);
    });
}

}  // namespace detail_of_queues

WORK_DECL task<web_response> list_queues(service& at, web_request const& request)
{
    std::string_view const part = request.asked("q");
    std::string_view const by = request.asked("sort");
    std::string_view const cursor = request.asked("cursor");
    auto const limit = static_cast<std::size_t>(asked_number(request, "limit", 50, 1, 500));
    std::string filter(part);
    if (!request.asked("paused").empty())
        filter.append("\n").append(request.asked("paused"));
    std::string const after = cursor.empty() ? "" : detail_of_queues::read_cursor(filter, cursor);
    if (!after.empty() && !by.empty() && by != "name")
        throw problem(400, "bad-cursor", "Only rows sorted by name can be paged.", "cursor");
    auto const counts = co_await at.counts->read();
    auto const bounds = co_await at.all_bounds->read();
    queues_answer answer;
    answer.now_ms = counts->now_ms;
    auto all = detail_of_queues::rows(*counts, part);
    detail_of_queues::add_bounds(all, *bounds, part);
    answer.of = static_cast<std::int64_t>(all.size());
    answer.paused = detail_of_queues::paused_now(*counts);
    std::string_view const paused = request.asked("paused");
    if (!paused.empty() && paused != "true" && paused != "false")
        throw problem(
            400,
            "bad-parameter",
            "paused is " + detail::quote(paused) + ", it must be true or false.",
            "paused"
        );
    if (by == "rate")
        at.watch->wake();
    auto const rates = at.watch->rates_until(*counts);
    for (auto& [name, row] : all)
        if (auto const found = rates.find(name); found != rates.end())
            row.rate = found->second;
    for (auto& [name, row] : all)
        if ((paused.empty() || row.paused.has_value() == (paused == "true")) &&
            (after.empty() || name > after))
            answer.queues.push_back(std::move(row));
    detail_of_queues::sort_rows(answer.queues, by);
    if (answer.queues.size() > limit) {
        answer.queues.resize(limit);
        if (by.empty() || by == "name")
            answer.next = detail_of_queues::write_cursor(filter, answer.queues.back().queue);
    }
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> show_queue(service& at, web_request const& request)
{
    std::string const name(request.parameter("queue"));
    auto const counts = co_await at.counts->read();
    auto const bounds = co_await at.all_bounds->read();
    auto all = detail_of_queues::rows(*counts, name);
    detail_of_queues::add_bounds(all, *bounds, name);
    auto const found = all.find(name);
    bool const known = found != all.end();
    queue_row row;
    row.queue = name;
    if (known)
        row = found->second;
    // Of a name that can't be there are no jobs.
    bool const could_be = name_fault(name) == nullptr;
    queue_places places;
    if (could_be) {
        auto const seen = co_await detail_of_queues::places_of(at, name).read();
        places = *seen;
    }
    std::int64_t const elsewhere =
        places.waiting.count + places.scheduled.count + places.retry.count + places.dead.count;
    if (!known && elsewhere == 0)
        throw problem(404, "no-such-queue", "No job was ever stored in this queue.");
    web_response answer(to_json(row));
    answer.body.back() = ',';
    answer.body += to_json(places).substr(1);
    co_return answer;
}

WORK_DECL task<web_response> list_pools(service& at, web_request const& request)
{
    auto const pools = co_await at.pools->read();
    pools_answer answer;
    answer.pools = *pools;
    answer.of = static_cast<std::int64_t>(pools->size());
    answer.now_ms = at.now_ms();
    answer.gone = at.gone->at(answer.now_ms);
    for (gone_pool& one : answer.gone)
        one.pool = detail::sanitized_utf8(one.pool, 512);
    detail_of_queues::keep_asked(answer.pools, request);
    for (pool_info& one : answer.pools)
        one.pool = detail::sanitized_utf8(one.pool, 512);
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> show_pool(service& at, web_request const& request)
{
    std::string_view const id = request.parameter("pool");
    auto const pools = co_await at.pools->read();
    for (pool_info const& one : *pools)
        if (one.pool == id)
            co_return web_response(to_json(one));
    throw problem(
        404,
        "no-such-pool",
        "No worker pool of this id showed a sign of life in the last 15 s."
    );
}

}  // namespace work::web
