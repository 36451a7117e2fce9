// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

struct verb_route
{
    std::string_view path;
    std::string_view query_path;
    task<web_response> (*run)(service&, web_request const&);
    std::string_view about;
};

/// A report of one job has a route for each thing that may become of it.
inline constexpr verb_route verb_routes[] = {
    {"/api/v1/jobs/{id}/complete", "/api/v1/job/complete", complete_job, "A worker has done a job"},
    {"/api/v1/jobs/{id}/fail", "/api/v1/job/fail", fail_job, "A worker's attempt failed"},
    {"/api/v1/jobs/{id}/snooze",
     "/api/v1/job/snooze",
     snooze_job,
     "A job is to come again later, which costs no attempt"},
    {"/api/v1/jobs/{id}/discard",
     "/api/v1/job/discard",
     discard_job,
     "A job is to be dropped, and why"},
    {"/api/v1/jobs/{id}/release",
     "/api/v1/job/release",
     release_job,
     "A worker gives a job back, to the front of its list"},
    {"/api/v1/jobs/{id}/next",
     "/api/v1/job/next",
     go_on_with_job,
     "A job goes on to its next stage, under the same id"},
    {"/api/v1/jobs/{id}/extend",
     "/api/v1/job/extend",
     extend_job,
     "A worker still runs a job: its claim's lease begins anew"},
    {"/api/v1/jobs/{id}/checkin",
     "/api/v1/job/checkin",
     check_in_job,
     "How far a job is; its lease is not extended"},
    {"/api/v1/jobs/{id}/logs", "/api/v1/job/logs", add_job_logs, "Lines for a job's log"},
};

inline std::vector<route_answer> worker_answers(std::string_view schema)
{
    return {{200, schema}, {403, "Problem"}, {404, "Problem"}, {409, "Problem"}, {422, "Problem"}};
}

inline void append_worker_routes(std::vector<route>& to)
{
    using kind = body_kind;
    to.push_back(
        {"PUT",
         "/api/v1/pools/{pool}",
         right::run,
         register_worker,
         "A worker pool that speaks through servers comes, or says what else it runs",
         {},
         kind::registration,
         worker_answers("Registered")}
    );
    to.push_back(
        {"DELETE",
         "/api/v1/pools/{pool}",
         right::run,
         leave_worker,
         "It leaves: its jobs go back to the front of their lists at once",
         {},
         kind::none,
         worker_answers("Left")}
    );
    to.push_back(
        {"POST",
         "/api/v1/pools/{pool}/claim",
         right::run,
         claim_jobs,
         "Jobs to run, under a lease; waits for them up to wait_ms",
         {},
         kind::claim,
         worker_answers("Claimed"),
         true}
    );
    to.push_back(
        {"POST",
         "/api/v1/pools/{pool}/report",
         right::run,
         report_jobs,
         "What became of jobs, which of them still run, and how far they are",
         {},
         kind::report,
         worker_answers("Reported")}
    );
    for (verb_route const& one : verb_routes)
        append_pair(
            to,
            {"POST",
             one.path,
             right::run,
             one.run,
             one.about,
             {},
             kind::verb,
             worker_answers("Reported")},
            {one.query_path, "The same for any id", {"id", "The job's id.", true}}
        );
}

}  // namespace detail_of_table
}  // namespace work::web
