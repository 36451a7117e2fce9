// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_bound_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter queue{"queue", "The queue.", true};
    to.push_back(
        {"GET",
         "/api/v1/bounds",
         right::see,
         list_bounds,
         "How many jobs may wait in queues that are bounded, and how many do, by queue",
         {},
         kind::none,
         {{200, "Bounds"}}}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/bounds/{queue}",
         right::see,
         show_bound,
         "The bound of a queue",
         {},
         kind::none,
         {{200, "Bound"}, {404, "Problem"}, {422, "Problem"}}},
        {"/api/v1/bound", "The same of any queue", queue}
    );
    append_pair(
        to,
        {"PUT",
         "/api/v1/bounds/{queue}",
         right::limit,
         put_bound_there,
         "Bound a queue, or change its bound; what waits already stays",
         {},
         kind::bound,
         {{200, "BoundPut"},
          {201, "BoundPut"},
          {400, "Problem"},
          {409, "Problem"},
          {412, "Problem"},
          {422, "Problem"}}},
        {"/api/v1/bound", "The same for any queue", queue}
    );
    append_pair(
        to,
        {"DELETE",
         "/api/v1/bounds/{queue}",
         right::limit,
         delete_bound,
         "Remove a bound: any number of jobs may wait in the queue",
         {},
         kind::none,
         {{200, "BoundRemoved"}, {404, "Problem"}, {412, "Problem"}, {422, "Problem"}}},
        {"/api/v1/bound", "The same for any queue", queue}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
