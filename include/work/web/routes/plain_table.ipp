// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {

inline void append_plain_routes(std::vector<route>& to)
{
    using kind = body_kind;
    std::vector<query_parameter> const pages{{"page", "1 to 50, of 20 rows."}};
    std::vector<route_answer> const
        page{{200, "Page|Listing"}, {400, "Problem"}, {403, "Problem"}, {406, "Problem"}};
    std::vector<route_answer> const
        acted{{200, "Status"}, {400, "Problem"}, {404, "Problem"}, {409, "Problem"}};
    std::vector<route_answer> const
        acted_on_all{{200, "Status"}, {403, "Problem"}, {409, "Problem"}, {422, "Problem"}};
    query_parameter const requeued{"requeued", "Told by the form: so many were."};
    query_parameter const left{"left", "And so many were not."};
    to.insert(
        to.end(),
        {{"GET",
          "/",
          right::know,
          show_plain,
          "A page for people; as JSON what /api/v1/ gives",
          {requeued, left},
          kind::none,
          {{200, "Page|Root"}, {403, "Problem"}, {406, "Problem"}}},
         {"GET",
          "/plain.css",
          right::know,
          show_style,
          "Its style",
          {},
          kind::none,
          {{200, "Style"}}},
         {"POST",
          "/plain/requeue",
          right::operate,
          requeue_ticked,
          "The form of that page: dead jobs, at most 50",
          {},
          kind::form,
          {{303, ""}, {400, "Problem"}, {422, "Problem"}}},
         {"GET",
          "/worker_pools",
          right::see,
          list_worker_pools,
          "Worker pools, as gocraft/work gives them",
          {},
          kind::none,
          page},
         {"GET",
          "/busy_workers",
          right::see,
          list_busy_workers,
          "Jobs that run, as gocraft/work gives them",
          pages,
          kind::none,
          page},
         {"GET",
          "/queues",
          right::see,
          list_job_queues,
          "Job names, as gocraft/work gives queues",
          {},
          kind::none,
          page},
         {"GET", "/jobs", right::see, list_pending, "Pending jobs", pages, kind::none, page},
         {"GET",
          "/scheduled_jobs",
          right::see,
          list_scheduled,
          "Scheduled jobs, as gocraft/work gives them",
          pages,
          kind::none,
          page},
         {"GET",
          "/retry_jobs",
          right::see,
          list_retry,
          "Retrying jobs, as gocraft/work gives them",
          pages,
          kind::none,
          page},
         {"GET",
          "/dead_jobs",
          right::see,
          list_dead,
          "Dead jobs, as gocraft/work gives them",
          pages,
          kind::none,
          page},
         {"POST",
          "/retry_dead_job/{died_at}/{id}",
          right::operate,
          retry_dead_job,
          "A dead job starts over",
          {},
          kind::object,
          acted},
         {"POST",
          "/delete_dead_job/{died_at}/{id}",
          right::destroy,
          delete_dead_job,
          "The record of a dead job goes",
          {},
          kind::object,
          acted},
         {"POST",
          "/retry_all_dead_jobs",
          right::operate,
          retry_all_dead_jobs,
          "All dead jobs start over; expected says how many were seen",
          {},
          kind::object,
          acted_on_all},
         {"POST",
          "/delete_all_dead_jobs",
          right::destroy,
          delete_all_dead_jobs,
          "The records of all dead jobs go; expected says how many were seen",
          {},
          kind::object,
          acted_on_all}}
    );
}

}  // namespace work::web
