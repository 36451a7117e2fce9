// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_stats.hpp>
#include <work/values/duration.hpp>
#include <work/values/encode.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {
namespace detail_of_stats {

inline std::chrono::milliseconds asked_duration(
    web_request const& request,
    std::string_view name,
    std::chrono::milliseconds usual
)
{
    std::string_view const text = request.asked(name);
    if (text.empty())
        return usual;
    auto const time = parse_duration(text);
    if (!time || time->count() == 0)
        throw problem(
            400,
            "bad-parameter",
            std::string(name) + " is " + detail::quote(text) +
                ", it must be a time as 15m, 1h or 7d" + (time ? "." : ": " + time.error() + "."),
            std::string(name)
        );
    return *time;
}

/// Refuses what is not kept, and names the parameter.
inline history_step checked_step(std::chrono::milliseconds range, std::chrono::milliseconds step)
{
    auto const found = detail::step_of(range, step);
    if (!found) {
        std::string const why = found.error();
        throw problem(400, "bad-parameter", why + ".", why.substr(0, why.find(' ')));
    }
    return *found;
}

/// Of a range that was asked for lately, what was read then: with 500 lists an hour costs Redis
/// 2 ms, a day 7 ms, 90 days 22 ms, and pools write every few seconds.
inline shared_read<all_named_stats>& names_of(service& at, std::chrono::milliseconds range)
{
    constexpr std::size_t most_ranges = 8;
    auto& found = at.names[range];
    if (!found) {
        found = std::make_shared<shared_read<all_named_stats>>(
            at.core->executor,
            [face = at.look, range]() mutable { return face.name_stats(range, 1'000); },
            range <= std::chrono::hours(1) ? 2'000 : 10'000
        );
        for (auto one = at.names.begin(); at.names.size() > most_ranges;)
            one = one->first == range ? std::next(one) : at.names.erase(one);
    }
    return *found;
}

}  // namespace detail_of_stats

// Totals, as long as nothing of a history is asked for.
WORK_DECL task<web_response> show_stats(service& at, web_request const& request)
{
    stats_query what;
    what.name = request.asked("name");
    what.queue = request.asked("queue");
    bool const history = !request.asked("range").empty() || !request.asked("step").empty() ||
                         !what.name.empty() || !what.queue.empty();
    if (!history) {
        auto const counts = co_await at.counts->read();
        co_return web_response(to_json(stats_of(*counts)));
    }
    what.range = detail_of_stats::asked_duration(request, "range", what.range);
    what.step = detail_of_stats::asked_duration(request, "step", what.step);
    detail_of_stats::checked_step(what.range, what.step);
    if (!what.name.empty())
        validate_name("name", what.name);
    if (!what.queue.empty())
        validate_name("queue", what.queue);
    job_stats const found = co_await at.look.stats(what);
    co_return web_response(to_json(found));
}

WORK_DECL task<web_response> list_name_stats(service& at, web_request const& request)
{
    auto const range =
        detail_of_stats::asked_duration(request, "range", std::chrono::milliseconds(3'600'000));
    detail_of_stats::checked_step(range, std::chrono::milliseconds(0));
    auto const limit = static_cast<std::size_t>(asked_number(request, "limit", 50, 1, 500));
    auto const read = co_await detail_of_stats::names_of(at, range).read();
    all_named_stats found = *read;
    found.names.resize(std::min(found.names.size(), limit));
    co_return web_response(to_json(found));
}

/// What `GET /api/v1/stats/queues` gives.
struct queue_stats
{
    std::string queue;
    std::int64_t done = 0, failed = 0;
    named_times wait, run;
};
BOOST_DESCRIBE_STRUCT(queue_stats, (), (queue, done, failed, wait, run))

struct all_queue_stats
{
    std::int64_t now_ms = 0;
    std::vector<queue_stats> queues;
};
BOOST_DESCRIBE_STRUCT(all_queue_stats, (), (now_ms, queues))

WORK_DECL task<web_response> list_queue_stats(service& at, web_request const& request)
{
    auto const range =
        detail_of_stats::asked_duration(request, "range", std::chrono::milliseconds(3'600'000));
    detail_of_stats::checked_step(range, std::chrono::milliseconds(0));
    auto const limit = static_cast<std::size_t>(asked_number(request, "limit", 50, 1, 500));
    auto const read = co_await detail_of_stats::names_of(at, range).read();
    all_queue_stats answer;
    answer.now_ms = read->now_ms;
    for (named_stats const& one : read->queues)
        if (answer.queues.size() < limit)
            answer.queues.push_back({one.name, one.done, one.failed, one.wait, one.run});
    co_return web_response(to_json(answer));
}

}  // namespace work::web
