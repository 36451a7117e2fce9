// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_flow_routes(std::vector<route>& to)
{
    using kind = body_kind;
    std::vector<query_parameter> const holder{
        {"pool", "Who runs it, for a worker that may see no other job's arguments."},
        {"fence", "Under which it runs it."}
    };
    to.push_back(
        {"GET",
         "/api/v1/flows",
         right::see,
         list_flows,
         "Flows, those that were begun last first",
         {{"from", "After so many of them, 0 by default."},
          {"limit", "1 to 500 rows, 50 by default."}},
         kind::none,
         {{200, "Flows"}, {400, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/flows/{flow}",
         right::see,
         show_flow,
         "One of them, its jobs and in which states they are",
         {},
         kind::none,
         {{200, "Flow"}, {404, "Problem"}}}
    );
    to.push_back(
        {"POST",
         "/api/v1/flows",
         right::enqueue,
         start_flow,
         "Store jobs that need each other: whole, or not at all",
         {},
         kind::flow,
         {{201, "StoredFlow"},
          {400, "Problem"},
          {404, "Problem"},
          {409, "Problem"},
          {413, "Problem"},
          {422, "Problem"}}}
    );
    to.push_back(
        {"POST",
         "/api/v1/flows/{flow}/cancel",
         right::operate,
         cancel_flow,
         "Its jobs that may still run are not to; running ones are told",
         {},
         kind::object,
         {{200, "FlowCancelled"}, {404, "Problem"}, {422, "Problem"}}}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/given",
         right::look_up,
         show_given,
         "What those that a job needed left to it",
         holder,
         kind::none,
         {{200, "Given"}, {404, "Problem"}}},
        {"/api/v1/job/given", "The same of a job of any id", {"id", "The job's id.", true}}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
