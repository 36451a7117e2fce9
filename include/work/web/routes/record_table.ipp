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
        std::vector<query_parameter> by_path, by_query{{"id", "The job's id.", true}};
        if (one.waits) {
            answers.insert(answers.end(), {{204, ""}, {429, "Problem"}});
            by_path = {{"wait_ms", "0 (the default) to 55000."}};
            by_query.insert(by_query.begin(), by_path.front());
        }
        auto const add = [&](std::string_view path,
                             std::string_view about,
                             std::vector<query_parameter> const& query) {
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
        add(one.path, one.about, by_path);
        add(one.query_path, "The same of a job of any id", by_query);
    }
}

/// Jobs that people want to see the state of.
inline void append_tracked_routes(std::vector<route>& to)
{
    to.push_back(
        {"GET",
         "/api/v1/tracked",
         right::see,
         list_tracked,
         "Jobs that are tracked, the last one first, and their states",
         {{"limit", "1 to 500 rows, 50 by default."}, {"cursor", "next of the page before."}},
         body_kind::none,
         {{200, "Tracked"}, {400, "Problem"}}}
    );
    struct row
    {
        std::string_view method;
        task<web_response> (*run)(service&, web_request const&);
        std::string_view about;
        body_kind body;
    };
    static constexpr row rows[] = {
        {"POST", track_job, "Track a job, at most 1000 in all", body_kind::object},
        {"DELETE", untrack_job, "Track it no more", body_kind::none}
    };
    for (row const& one : rows) {
        std::vector<route_answer> answers{{200, "Acted"}, {404, "Problem"}};
        if (one.body == body_kind::object)
            answers.push_back({409, "Problem"});
        auto const add = [&](std::string_view path,
                             std::string_view about,
                             std::vector<query_parameter> const& query) {
            to.push_back(
                {one.method, path, right::operate, one.run, about, query, one.body, answers}
            );
        };
        add("/api/v1/jobs/{id}/track", one.about, {});
        add("/api/v1/job/track", "The same for any id", {{"id", "The job's id.", true}});
    }
}

/// Changes of jobs, of one and of many; what people did, and what failed.
inline void append_record_routes(std::vector<route>& to)
{
    using kind = body_kind;
    to.push_back(
        {"GET",
         "/api/v1/stats/queues",
         right::see,
         list_queue_stats,
         "What was done and how long jobs waited and ran, by queue",
         {{"range", "Until now: 15m to 90d, 1h by default."},
          {"limit", "1 to 500 queues, 50 by default: those of which most was done or failed."}},
         kind::none,
         {{200, "QueueHistories"}, {400, "Problem"}}}
    );
    append_job_files(to);
    append_tracked_routes(to);
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
    static std::vector<route_answer> const removed{
        {204, ""},
        {403, "Problem"},
        {404, "Problem"},
        {409, "Problem"},
        {422, "Problem"},
        {429, "Problem"}
    };
    to.push_back(
        {"DELETE",
         "/api/v1/queues/{queue}",
         right::destroy,
         remove_queue,
         "Forget a queue that is empty and for which no pool has handlers",
         {},
         kind::none,
         removed}
    );
    to.push_back(
        {"DELETE",
         "/api/v1/queue",
         right::destroy,
         remove_queue,
         "The same for any queue",
         {{"queue", "Its name.", true}},
         kind::none,
         removed}
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
