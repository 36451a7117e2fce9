// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// What jobs hold, as files, and waits for their ends.
inline void append_job_files(std::vector<route>& to)
{
    struct row
    {
        std::string_view path, query_path;
        task<web_response> (*run)(service&, web_request const&);
        std::string_view about, schema;
        bool waits = false;
    };
    static constexpr row rows[] = {
        {"/api/v1/jobs/{id}/args",
         "/api/v1/job/args",
         download_args,
         "The arguments of a job, byte for byte, as a file",
         "Bytes"},
        {"/api/v1/jobs/{id}/result",
         "/api/v1/job/result",
         download_result,
         "Its result likewise",
         "Bytes"},
        {"/api/v1/jobs/{id}/wait",
         "/api/v1/job/wait",
         wait_for_job,
         "Waits until a job has ended, and says how",
         "Waited",
         true}
    };
    for (row const& one : rows) {
        std::vector<route_answer> answers{{200, one.schema}, {403, "Problem"}, {404, "Problem"}};
        std::vector<query_parameter> query;
        if (one.waits) {
            answers.insert(answers.end(), {{204, ""}, {429, "Problem"}});
            query.push_back({"wait_ms", "0 (the default) to 55000."});
        }
        auto const add = [&](std::string_view path, std::string_view about) {
            to.push_back(
                {"GET",
                 path,
                 right::look_up,
                 one.run,
                 about,
                 query,
                 body_kind::none,
                 answers,
                 one.waits}
            );
        };
        add(one.path, one.about);
        query.push_back({"id", "The job's id.", true});
        add(one.query_path, "The same of a job of any id");
    }
}

/// Changes of jobs, of one and of many; what people did, and what failed.
inline void append_record_routes(std::vector<route>& to)
{
    using kind = body_kind;
    append_job_files(to);
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
