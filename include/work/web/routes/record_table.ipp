// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// Changes of jobs, of one and of many; what people did, and what failed.
inline void append_record_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static std::vector<route_answer> const edited{
        {200, "Job"},
        {404, "Problem"},
        {409, "Problem"},
        {412, "Problem"},
        {422, "Problem"},
        {428, "Problem"}
    };
    to.push_back(
        {"PATCH",
         "/api/v1/jobs/{id}",
         right::destroy,
         edit_job,
         "Change a job that waits, or is dead: as it was seen, If-Match is needed",
         {},
         kind::object,
         edited}
    );
    to.push_back(
        {"PATCH",
         "/api/v1/job",
         right::destroy,
         edit_job,
         "The same for any id",
         {{"id", "The job's id.", true}},
         kind::object,
         edited}
    );
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
    to.push_back(
        {"GET",
         "/api/v1/audit",
         right::see,
         list_audit,
         "Who did what, newest first",
         {{"limit", "1 to 500 lines, 50 by default."},
          {"from", "0 to 10000: next of the answer before."}},
         kind::none,
         {{200, "Audit"}, {400, "Problem"}}}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
