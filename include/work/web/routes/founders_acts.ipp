// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/carry_out.hpp>
#include <work/web/routes/may_act.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// What gocraft/work's web UI does to dead jobs: see `founders.ipp`.

namespace work::web {
namespace detail_of_founders {

/// Dead jobs, but for those that died since.
inline admin_options dead_since(std::int64_t seen_ms, std::string_view by)
{
    admin_options how;
    how.only = job_states{job_state::dead};
    how.seen_ms = seen_ms;
    how.by = by;
    return how;
}

/// `died_at` and the id, as they stand in /dead_jobs.
inline task<web_response> act_on_one(service& at, web_request const& request, admin_action action)
{
    if (!request.body.empty())
        check_object(request.body);
    std::int64_t const died_at =
        asked_number(request.parameter("died_at"), "died_at", 0, 0, 9'999'999'999);
    std::string const id(request.parameter("id"));
    std::vector<std::string> ids{id};
    // One that died again since is another failure than the one that was seen.
    admin_options const how = dead_since(died_at * 1'000 + 999, request.user.name);
    auto const results = co_await carry_out(at, action, std::move(ids), how);
    admin_result const& result = results.at(0);
    if (result.code == admin_code::gone)
        throw problem(404, "no-such-job", "No job has the id " + detail::quote(id) + ".");
    if (result.code != admin_code::done && result.code != admin_code::already) {
        std::string const word(to_string(result.state));
        throw problem(
            409,
            "moved-on",
            "Job " + detail::quote(id) + " is " + word + ", or died again since."
        )
            .member("state", "\"" + word + "\"");
    }
    co_return web_response("{\"status\":\"ok\"}");
}

struct all_body
{
    std::int64_t expected = -1;
};
BOOST_DESCRIBE_STRUCT(all_body, (), (expected))

inline all_body read_all(web_request const& request)
{
    check_object(request.body);
    args_parser parser;
    all_body said;
    try {
        said = decode<all_body>(parser.parse(request.body, "body"), "body", "member");
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    if (said.expected < 0)
        throw problem(
            422,
            "invalid-option",
            "expected is missing: how many dead jobs you saw, as {\"expected\": 17}.",
            "expected"
        );
    return said;
}

/// In parts, of what was dead when it was asked for.
inline task<web_response> act_on_all(service& at, web_request const& request, admin_action action)
{
    constexpr std::int64_t most_of_an_operator = 1'000;
    all_body const said = read_all(request);
    broker_counts const counts = co_await at.look.counts();
    if (counts.dead > said.expected + std::max<std::int64_t>(10, said.expected / 10))
        throw problem(
            409,
            "count-moved",
            "There are " + std::to_string(counts.dead) + " dead jobs by now, not " +
                std::to_string(said.expected) + ": look again."
        )
            .member("matched", std::to_string(counts.dead));
    if (counts.dead > most_of_an_operator && !request.user.may(right::destroy))
        throw problem(
            403,
            "forbidden",
            "More than 1 000 jobs at once are for admins; there are " +
                std::to_string(counts.dead) + "."
        );
    std::int64_t done = 0;
    job_filter filter;
    filter.states = job_states{job_state::dead};
    filter.until_ms = counts.now_ms + 1;  // the bound itself is not of it
    std::string cursor;
    do {
        page part;
        part.cursor = cursor;
        part.limit = 256;
        part.scan = 256;
        job_page const found = co_await at.look.find(filter, part);
        cursor = found.next;
        std::vector<std::string> ids;
        for (job_row const& row : found.jobs)
            ids.push_back(row.id);
        if (ids.empty())
            continue;
        admin_options const how = dead_since(counts.now_ms, request.user.name);
        auto const results = co_await carry_out(at, action, std::move(ids), how);
        done += std::count_if(results.begin(), results.end(), [](admin_result const& one) {
            return one.code == admin_code::done;
        });
    } while (!cursor.empty());
    co_return web_response("{\"status\":\"ok\",\"done\":" + std::to_string(done) + "}");
}

}  // namespace detail_of_founders

WORK_DECL task<web_response> retry_dead_job(service& at, web_request const& request)
{
    return detail_of_founders::act_on_one(at, request, admin_action::requeue);
}

WORK_DECL task<web_response> delete_dead_job(service& at, web_request const& request)
{
    check_may_act(at, request, admin_action::remove);
    return detail_of_founders::act_on_one(at, request, admin_action::remove);
}

WORK_DECL task<web_response> retry_all_dead_jobs(service& at, web_request const& request)
{
    return detail_of_founders::act_on_all(at, request, admin_action::requeue);
}

WORK_DECL task<web_response> delete_all_dead_jobs(service& at, web_request const& request)
{
    check_may_act(at, request, admin_action::remove);
    return detail_of_founders::act_on_all(at, request, admin_action::remove);
}

}  // namespace work::web
