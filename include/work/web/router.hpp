// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/web/request.hpp>
#include <work/web/response.hpp>
#include <work/web/roles.hpp>

#include <string_view>
#include <vector>

namespace work::web {

struct service;

/// What a request to a route carries.
enum class body_kind {
    none,
    object,
    job,
    jobs,
    operation,
    registration,
    claim,
    report,
    verb,
    cron,
    flow,
    limit,
    bound,
    form
};

/// A parameter of a query. One that is required stands for a part of the path.
struct query_parameter
{
    std::string_view name;
    std::string_view about;
    bool required = false;
};

/// One answer of a route: its status, and the name of its schema, "" where there is no body.
struct route_answer
{
    int status;
    std::string_view schema;
};

/// One method of one resource. The router, the table of rights and the OpenAPI document all read
/// the same table.
struct route
{
    std::string_view method;
    std::string_view path;  ///< {name} is a parameter
    right needs;
    task<web_response> (*run)(service&, web_request const&);
    std::string_view about;
    std::vector<query_parameter> query{};
    body_kind body = body_kind::none;
    std::vector<route_answer> answers{};
    bool waits = false;       ///< it may take long: it hears when its caller hangs up
    bool tells_away = false;  ///< while the broker is away it says so itself

    bool changes() const noexcept { return method != "GET"; }
};

/// Schemas of answers that are no JSON are named after what they are.
inline std::string_view media_of(std::string_view schema)
{
    return schema == "Problem"  ? "application/problem+json"
           : schema == "Text"   ? "text/plain"
           : schema == "Page"   ? "text/html"
           : schema == "Style"  ? "text/css"
           : schema == "Script" ? "text/javascript"
           : schema == "Events" ? "text/event-stream"
                                : "application/json";
}

WORK_DECL std::vector<route> const& all_routes();

/// The route for a request, whose `parameters` it fills in. HEAD is served by GET's.
/// Errors: `problem` 404 no-route; 405 method, with Allow
WORK_DECL route const& find_route(web_request& request);

/// Refuses parameters that the route does not know, that are given twice, or are missing, and fills
/// in those that stand for a part of the path.
/// Errors: `problem` 400 unknown-parameter, bad-parameter
WORK_DECL void check_query(route const& of, web_request& request);

/// Refuses a request that takes nothing that the route gives. A problem is sent to everybody.
/// Errors: `problem` 406 not-acceptable
WORK_DECL void check_accept(route const& of, web_request const& request);

/// Errors: `problem` 403 forbidden, read-only
WORK_DECL void check_rights(route const& of, web_request const& request, bool read_only);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/router.ipp>
#endif
