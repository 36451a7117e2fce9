// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// The server itself, its broker, and what people did.
inline void append_server_routes(std::vector<route>& to)
{
    using kind = body_kind;
    to.push_back(
        {"GET",
         "/healthz/live",
         right::health,
         show_live,
         "The server's loop turns, and those of the pools that it watches",
         {},
         kind::none,
         {{200, "Health"}, {503, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/healthz/ready",
         right::health,
         show_ready,
         "The broker answered the server, or the pools that it watches, within the last 15 s",
         {},
         kind::none,
         {{200, "Health"}, {503, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/",
         right::know,
         show_root,
         "This server, and what its caller may do",
         {},
         kind::none,
         {{200, "Root"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/openapi.json",
         right::know,
         show_openapi,
         "This document",
         {},
         kind::none,
         {{200, "OpenAPI"}}}
    );
    to.push_back(
        {"GET",
         "/metrics",
         right::health,
         show_metrics,
         "What Prometheus reads",
         {},
         kind::none,
         {{200, "Text"}},
         false,
         true}
    );
    to.push_back(
        {"GET",
         "/api/v1/snapshot",
         right::see,
         show_snapshot,
         "Totals, rates, the busiest queues, pools: at most two seconds old",
         {},
         kind::none,
         {{200, "Snapshot"}, {503, "Problem"}},
         false,
         true}
    );
    to.push_back(
        {"GET",
         "/api/v1/events",
         right::see,
         stream_events,
         "The snapshot once a second, and jobs when they change, as server-sent events",
         {{"topics",
           "Some of snapshot (the default), operations, pools, tracked and job:ID, with commas "
           "between them."}},
         kind::none,
         {{200, "Events"}, {400, "Problem"}, {429, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/broker",
         right::see,
         show_broker,
         "How the broker does: fine, contention, overload or away, with its figures",
         {},
         kind::none,
         {{200, "Broker"}},
         false,
         true}
    );
    to.push_back(
        {"GET",
         "/api/v1/doctor",
         right::operate,
         show_doctor,
         "What is wrong, check by check, and what to do about it",
         {{"strays", "true: looks through all jobs for some that are in no place. One at a time."}},
         kind::none,
         {{200, "Diagnosis"}, {400, "Problem"}, {429, "Problem"}},
         false,
         true}
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

/// What was done, and how long it took.
inline void append_stats_routes(std::vector<route>& to)
{
    using kind = body_kind;
    to.push_back(
        {"GET",
         "/api/v1/stats",
         right::see,
         show_stats,
         "How much there is, by state; with one of its parameters, period by period what was done "
         "and how long jobs waited and ran",
         {{"range", "Until now: 15m to 90d, 1h by default."},
          {"step", "1m, 10m, 1h or 1d; by default the shortest that is kept so long."},
          {"name", "Of jobs of this name."},
          {"queue", "Of jobs of this queue."}},
         kind::none,
         {{200, "TotalsOrHistory"}, {400, "Problem"}, {422, "Problem"}}}
    );
    to.push_back(
        {"GET",
         "/api/v1/stats/names",
         right::see,
         list_name_stats,
         "What was done and how long jobs waited and ran, by name",
         {{"range", "Until now: 15m to 90d, 1h by default."},
          {"limit", "1 to 500 names, 50 by default: those of which most was done or failed."}},
         kind::none,
         {{200, "NameHistories"}, {400, "Problem"}}}
    );
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
}

}  // namespace detail_of_table
}  // namespace work::web
