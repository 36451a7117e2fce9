// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// Jobs that people want to see the state of.
inline void append_tracked_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter id{"id", "The job's id.", true};
    to.push_back(
        {"GET",
         "/api/v1/tracked",
         right::see,
         list_tracked,
         "Jobs that are tracked, the last one first, and their states",
         {{"limit", "1 to 500 rows, 50 by default."}, {"cursor", "next of the page before."}},
         kind::none,
         {{200, "Tracked"}, {400, "Problem"}}}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/track",
         right::operate,
         track_job,
         "Track a job, at most 1000 in all",
         {},
         kind::object,
         {{200, "Acted"}, {404, "Problem"}, {409, "Problem"}}},
        {"/api/v1/job/track", "The same for any id", id}
    );
    append_pair(
        to,
        {"DELETE",
         "/api/v1/jobs/{id}/track",
         right::operate,
         untrack_job,
         "Track it no more",
         {},
         kind::none,
         {{200, "Acted"}, {404, "Problem"}}},
        {"/api/v1/job/track", "The same for any id", id}
    );
}

/// What is done to jobs: to one, to some, and to all of a filter as an operation.
inline void append_act_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter id{"id", "The job's id.", true};
    std::vector<route_answer> const
        acted{{200, "Acted"}, {404, "Problem"}, {409, "Problem"}, {412, "Problem"}};
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/cancel",
         right::operate,
         cancel_job,
         "A job that may still run is not to; a running one is told",
         {},
         kind::object,
         acted},
        {"/api/v1/job/cancel", "The same for any id", id}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/requeue",
         right::operate,
         requeue_job,
         "Make a dead, retrying, scheduled or set-aside job pending now",
         {},
         kind::object,
         acted},
        {"/api/v1/job/requeue", "The same for any id", id}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/kill",
         right::operate,
         kill_job,
         "Make a job dead without another attempt; a running one is told",
         {},
         kind::object,
         acted},
        {"/api/v1/job/kill", "The same for any id", id}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/delete",
         right::destroy,
         delete_job,
         "Drop the record of a job that will not run",
         {},
         kind::object,
         acted},
        {"/api/v1/job/delete", "The same for any id", id}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/jobs/{id}/move",
         right::operate,
         move_job,
         "Move a job to another queue",
         {},
         kind::object,
         acted},
        {"/api/v1/job/move", "The same for any id", id}
    );
    to.push_back(
        {"POST",
         "/api/v1/jobs/actions",
         right::operate,
         act_on_jobs,
         "Act on up to 256 jobs; what became of each is in the answer",
         {},
         kind::object,
         {{200, "ActedMany"}, {400, "Problem"}, {403, "Problem"}, {422, "Problem"}}}
    );
    append_tracked_routes(to);
    to.push_back(
        {"POST",
         "/api/v1/operations",
         right::operate,
         start_operation,
         "Act on all jobs of a filter, in parts; with dry_run count them",
         {},
         kind::operation,
         {{200, "Count"},
          {202, "Operation"},
          {400, "Problem"},
          {403, "Problem"},
          {409, "Problem"},
          {422, "Problem"},
          {429, "Problem"}}}
    );
    to.push_back(
        {"POST",
         "/api/v1/doctor/repair",
         right::destroy,
         start_repair,
         "Jobs that are in no place go back to their lists, as an operation",
         {},
         kind::object,
         {{202, "Operation"}, {422, "Problem"}, {429, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/operations",
         right::see,
         list_operations,
         "Those of the last day, newest first",
         {},
         kind::none,
         {{200, "Operations"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/operations/{operation}",
         right::see,
         show_operation,
         "How one stands",
         {},
         kind::none,
         {{200, "Operation"}, {404, "Problem"}}}
    );
    to.push_back(
        {"DELETE",
         "/api/v1/operations/{operation}",
         right::operate,
         stop_operation,
         "One stops behind what is under way",
         {},
         kind::none,
         {{200, "Stopped"}, {404, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/failures",
         right::see,
         list_failures,
         "Failures put together, by type or by name",
         {{"by", "type (the default) or name."},
          {"state", "retry or dead; both by default."},
          {"queue", "Of this queue."},
          {"name", "Of this name."},
          {"scan", "1 to 10000 jobs that are looked at, 10000 by default."},
          {"limit", "1 to 500 groups, 200 by default."}},
         kind::none,
         {{200, "Failures"}, {400, "Problem"}, {422, "Problem"}}}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
