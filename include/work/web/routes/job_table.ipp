// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// What jobs hold, as files, and waits for their ends.
inline void append_job_files(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter id{"id", "The job's id.", true};
    std::vector<route_answer> const file{{200, "Bytes"}, {403, "Problem"}, {404, "Problem"}};
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/args",
         right::look_up,
         download_args,
         "The arguments of a job, byte for byte, as a file",
         {},
         kind::none,
         file},
        {"/api/v1/job/args", "The same of a job of any id", id}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/result",
         right::look_up,
         download_result,
         "Its result likewise",
         {},
         kind::none,
         file},
        {"/api/v1/job/result", "The same of a job of any id", id}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/wait",
         right::look_up,
         wait_for_job,
         "Waits until a job has ended, and says how",
         {{"wait_ms", "0 (the default) to 55000."}},
         kind::none,
         {{200, "Waited"}, {403, "Problem"}, {404, "Problem"}, {204, ""}, {429, "Problem"}},
         true},
        {"/api/v1/job/wait", "The same of a job of any id", id}
    );
}

/// Jobs: those that there are, one of them, and new ones.
inline void append_job_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter id{"id", "The job's id.", true};
    std::vector<query_parameter> const jobs{
        {"state", "Some states, with commas between them; all by default."},
        {"queue", "Of this queue."},
        {"name", "Of this name."},
        {"pool", "Run by this pool."},
        {"tag", "With this tag."},
        {"failure", "Whose last failure is of this type."},
        {"message", "With this text in the message of the last failure."},
        {"args", "With this text in the arguments."},
        {"since_ms", "In their state since then, or later."},
        {"until_ms", "In their state since before that."},
        {"min_attempt", "That failed so often."},
        {"order", "oldest or newest first, of states that are kept by time."},
        {"limit", "1 to 500 rows, 50 by default."},
        {"scan", "1 to 10000 jobs that are looked at for them, 1000 by default."},
        {"cursor", "next of the answer before."}
    };
    std::vector<query_parameter> const durable{
        {"durable", "So many replicas of the Redis server are to have them: 1 to 1000."},
        {"durable_aof", "true: its append-only file on disk is to have them, too (Redis 7.2)."},
        {"durable_ms", "So long that is waited for, 1 to 10000; 1000 by default."}
    };
    to.push_back(
        {"GET",
         "/api/v1/jobs",
         right::see,
         list_jobs,
         "Jobs by state and filter",
         jobs,
         kind::none,
         {{200, "Jobs"}, {400, "Problem"}}}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}",
         right::look_up,
         show_job,
         "One job",
         {},
         kind::none,
         {{200, "Job"}, {304, ""}, {404, "Problem"}}},
        {"/api/v1/job", "One job of any id", id}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/explain",
         right::look_up,
         explain_one,
         "Why a job does not run now, or what became of it",
         {},
         kind::none,
         {{200, "Explanation"}, {404, "Problem"}}},
        {"/api/v1/job/explain", "The same of a job of any id", id}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/jobs/{id}/logs",
         right::look_up,
         show_logs,
         "What is kept of a job's log",
         {},
         kind::none,
         {{200, "JobLog"}, {404, "Problem"}}},
        {"/api/v1/job/logs", "The same of a job of any id", id}
    );
    append_job_files(to);
    to.push_back(
        {"POST",
         "/api/v1/jobs",
         right::enqueue,
         enqueue_job,
         "Store a job",
         durable,
         kind::job,
         {{201, "Stored"}, {200, "Stored"}, {400, "Problem"}, {422, "Problem"}, {429, "Problem"}}}
    );
    to.push_back(
        {"POST",
         "/api/v1/jobs/bulk",
         right::enqueue,
         enqueue_jobs,
         "Store up to 1000 jobs",
         durable,
         kind::jobs,
         {{200, "StoredMany"}, {400, "Problem"}, {422, "Problem"}, {429, "Problem"}}}
    );
    append_pair(
        to,
        {"PATCH",
         "/api/v1/jobs/{id}",
         right::destroy,
         edit_job,
         "Change a job that waits, or is dead: as it was seen, If-Match is needed",
         {},
         kind::object,
         {{200, "Job"},
          {404, "Problem"},
          {409, "Problem"},
          {412, "Problem"},
          {422, "Problem"},
          {428, "Problem"}}},
        {"/api/v1/job", "The same for any id", id}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
