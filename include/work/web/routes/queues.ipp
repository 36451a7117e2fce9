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
    std::int64_t dead = 0, set_aside = 0, processed = 0, failed = 0;
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
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(pools_answer, (), (pools, of, now_ms))

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
    else if (!by.empty() && by != "name")
        throw problem(
            400,
            "bad-parameter",
            "sort is " + detail::quote(by) + ", it must be name, pending or oldest.",
            "sort"
        );
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
    queues_answer answer;
    answer.now_ms = counts->now_ms;
    auto all = detail_of_queues::rows(*counts, part);
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
    auto const all = detail_of_queues::rows(*counts, name);
    auto const found = all.find(name);
    if (found == all.end())
        throw problem(404, "no-such-queue", "No job was ever stored in this queue.");
    co_return web_response(to_json(found->second));
}

WORK_DECL task<web_response> list_pools(service& at, web_request const& request)
{
    auto const pools = co_await at.pools->read();
    pools_answer answer;
    answer.pools = *pools;
    answer.of = static_cast<std::int64_t>(pools->size());
    answer.now_ms = at.now_ms();
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
