// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// Queues, and the pauses of queues and names.
inline void append_queue_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter queue{"queue", "The queue's name.", true};
    static constexpr query_parameter name{"name", "The jobs' name.", true};
    std::vector<route_answer> const paused{{200, "Paused"}, {422, "Problem"}};
    to.push_back(
        {"GET",
         "/api/v1/queues",
         right::see,
         list_queues,
         "Queues and their lists",
         {{"q", "Part of a queue's name."},
          {"sort", "name (the default), pending, oldest or rate. Only name can be paged."},
          {"paused", "true: those that are paused; false: the others."},
          {"limit", "1 to 500 rows, 50 by default."},
          {"cursor", "next of the answer before."}},
         kind::none,
         {{200, "Queues"}, {400, "Problem"}}}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/queues/{queue}",
         right::see,
         show_queue,
         "One queue",
         {},
         kind::none,
         {{200, "Queue"}, {404, "Problem"}}},
        {"/api/v1/queue", "One queue of any name", queue}
    );
    append_pair(
        to,
        {"DELETE",
         "/api/v1/queues/{queue}",
         right::destroy,
         remove_queue,
         "Forget a queue that is empty and for which no pool has handlers",
         {},
         kind::none,
         {{204, ""},
          {403, "Problem"},
          {404, "Problem"},
          {409, "Problem"},
          {422, "Problem"},
          {429, "Problem"}}},
        {"/api/v1/queue", "The same for any queue", queue}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/queues/{queue}/pause",
         right::operate,
         pause_queue,
         "Its jobs wait until it goes on; running ones go on",
         {},
         kind::object,
         paused},
        {"/api/v1/queue/pause", "The same for any queue", queue}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/queues/{queue}/resume",
         right::operate,
         resume_queue,
         "What was paused goes on",
         {},
         kind::object,
         paused},
        {"/api/v1/queue/resume", "The same for any queue", queue}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/names/{name}/pause",
         right::operate,
         pause_name,
         "Jobs of a name wait, in all queues",
         {},
         kind::object,
         paused},
        {"/api/v1/name/pause", "The same for any name", name}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/names/{name}/resume",
         right::operate,
         resume_name,
         "They go on",
         {},
         kind::object,
         paused},
        {"/api/v1/name/resume", "The same for any name", name}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
