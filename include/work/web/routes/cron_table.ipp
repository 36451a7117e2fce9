// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_cron_routes(std::vector<route>& to)
{
    using kind = body_kind;
    std::vector<route_answer> const acted{{200, "CronActed"}, {404, "Problem"}, {422, "Problem"}};
    to.push_back(
        {"GET",
         "/api/v1/crons",
         right::see,
         list_crons,
         "All cron entries, and when they are due",
         {},
         kind::none,
         {{200, "Crons"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/crons/{cron}",
         right::see,
         show_cron,
         "One of them, and the last times that it fired",
         {},
         kind::none,
         {{200, "Cron"}, {404, "Problem"}, {422, "Problem"}}}
    );
    to.push_back(
        {"PUT",
         "/api/v1/crons/{cron}",
         right::schedule,
         put_cron,
         "Make an entry, or change it; the same again changes nothing",
         {},
         kind::cron,
         {{200, "CronPut"}, {201, "CronPut"}, {400, "Problem"}, {412, "Problem"}, {422, "Problem"}}}
    );
    to.push_back(
        {"DELETE",
         "/api/v1/crons/{cron}",
         right::schedule,
         delete_cron,
         "Delete an entry and its history; jobs that it enqueued stay",
         {},
         kind::none,
         {{200, "CronActed"}, {404, "Problem"}, {412, "Problem"}, {422, "Problem"}}}
    );
    to.push_back(
        {"POST",
         "/api/v1/crons/{cron}/pause",
         right::operate,
         pause_cron,
         "It is not due until it is resumed",
         {},
         kind::object,
         acted}
    );
    to.push_back(
        {"POST",
         "/api/v1/crons/{cron}/resume",
         right::operate,
         resume_cron,
         "It is due from now on; what it missed is not made up for",
         {},
         kind::object,
         acted}
    );
    to.push_back(
        {"POST",
         "/api/v1/crons/{cron}/trigger",
         right::operate,
         run_cron,
         "Enqueue its job now, also while it is paused",
         {},
         kind::object,
         {{201, "CronRun"}, {404, "Problem"}, {422, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/cron/next",
         right::know,
         show_cron_times,
         "When a spec would be due, and what it says in words",
         {{"spec", "As \"0 3 * * *\".", true},
          {"zone", "A name of the time zone database, UTC by default."},
          {"count", "1 to 100 times, 5 by default."}},
         kind::none,
         {{200, "CronTimes"}, {400, "Problem"}, {422, "Problem"}}}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
