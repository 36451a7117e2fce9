// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_bound_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static std::vector<query_parameter> const any_queue{{"queue", "The queue.", true}};
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
    for (bool const by_query : {false, true}) {
        char const* const path = by_query ? "/api/v1/bound" : "/api/v1/bounds/{queue}";
        std::vector<query_parameter> const query =
            by_query ? any_queue : std::vector<query_parameter>();
        to.push_back(
            {"GET",
             path,
             right::see,
             show_bound,
             by_query ? "The same of any queue" : "The bound of a queue",
             query,
             kind::none,
             {{200, "Bound"}, {404, "Problem"}, {422, "Problem"}}}
        );
        to.push_back(
            {"PUT",
             path,
             right::limit,
             put_bound_there,
             by_query ? "The same for any queue"
                      : "Bound a queue, or change its bound; what waits already stays",
             query,
             kind::bound,
             {{200, "BoundPut"},
              {201, "BoundPut"},
              {400, "Problem"},
              {409, "Problem"},
              {412, "Problem"},
              {422, "Problem"}}}
        );
        to.push_back(
            {"DELETE",
             path,
             right::limit,
             delete_bound,
             by_query ? "The same for any queue"
                      : "Remove a bound: any number of jobs may wait in the queue",
             query,
             kind::none,
             {{200, "BoundRemoved"}, {404, "Problem"}, {412, "Problem"}, {422, "Problem"}}}
        );
    }
}

}  // namespace detail_of_table
}  // namespace work::web
