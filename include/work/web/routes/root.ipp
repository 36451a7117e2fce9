// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/web/openapi.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <map>
#include <string>
#include <vector>

namespace work::web {

/// What `GET /api/v1/` answers.
struct root_answer
{
    int api = 1;
    std::string work = "0.1";
    std::string ns;
    std::int64_t now_ms = 0;
    std::string user;
    std::vector<std::string> roles;
    std::vector<std::string> rights;
    bool read_only = false;
    std::string environment;
    std::string trace_url;
    std::vector<std::string> features{
        "stats",   "snapshot",      "events", "metrics",   "broker",   "doctor",
        "queues",  "pools",         "jobs",   "explain",   "failures", "operations",
        "audit",   "enqueue",       "bulk",   "pause",     "orders",   "logs",
        "workers", "then",          "stages", "histories", "unique",   "crons",
        "flows",   "free_failures", "limits", "tracked",   "bounds"
    };
    std::map<std::string, std::int64_t> limits;
};
BOOST_DESCRIBE_STRUCT(
    root_answer,
    (),
    (api, work, ns, now_ms, user, roles, rights, read_only, environment, trace_url, features, limits
    )
)

WORK_DECL task<web_response> show_root(service& at, web_request const& request)
{
    root_answer answer;
    answer.ns = at.core->options.ns;
    answer.now_ms = at.now_ms();
    answer.user = request.user.name;
    answer.roles = request.user.roles;
    for (std::size_t i = 0; i != right_names.size(); ++i)
        if (request.user.may(static_cast<right>(i)))
            answer.rights.emplace_back(right_names[i]);
    answer.read_only = at.options.read_only;
    answer.environment = at.options.environment;
    answer.trace_url = at.options.trace_url;
    web_limits const& limits = at.options.limits;
    answer.limits["body_bytes"] = static_cast<std::int64_t>(limits.body_bytes);
    answer.limits["bulk_bytes"] = static_cast<std::int64_t>(limits.bulk_bytes);
    answer.limits["bulk_jobs"] = static_cast<std::int64_t>(limits.bulk_jobs);
    answer.limits["report_bytes"] = static_cast<std::int64_t>(limits.report_bytes);
    answer.limits["args_bytes"] = static_cast<std::int64_t>(at.core->options.max_payload);
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> show_openapi(service&, web_request const&)
{
    co_return web_response(openapi_document());
}

WORK_DECL task<web_response> show_live(service& at, web_request const&)
{
    for (auto const& pool : at.watched)
        if (pool.health().loop_lag_ms > 10'000)
            throw problem(
                503,
                "loop-blocked",
                "A worker pool of this process has had its thread blocked for more than 10 s."
            );
    co_return web_response("{\"status\":\"live\"}");
}

WORK_DECL task<web_response> show_ready(service& at, web_request const&)
{
    for (auto const& pool : at.watched)
        if (!pool.health().ready)
            throw problem(
                503,
                "pool-not-ready",
                "A worker pool of this process does not run, or has fetched nothing within the "
                "last 15 s."
            )
                .with("Retry-After", "5");
    if (!at.watched.empty())
        co_return web_response("{\"status\":\"ready\"}");
    if (at.pulse->answered_ms() == 0 || steady_ms() - at.pulse->answered_ms() > 15'000)
        throw problem(
            503,
            "broker-unavailable",
            "The broker has not answered the server within the last 15 s."
        )
            .with("Retry-After", "5");
    co_return web_response("{\"status\":\"ready\"}");
}

}  // namespace work::web
