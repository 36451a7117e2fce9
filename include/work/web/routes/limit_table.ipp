// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_limit_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static std::vector<query_parameter> const any_limit{{"limit", "The limit's name.", true}};
    to.push_back(
        {"GET",
         "/api/v1/limits",
         right::see,
         list_limits,
         "All limits by name, and what holds their slots",
         {{"q", "Limits whose names hold this."},
          {"limit", "1 to 500 rows, 50 by default."},
          {"cursor", "`next` of the page before."}},
         kind::none,
         {{200, "Limits"}, {400, "Problem"}}}
    );
    for (bool const by_query : {false, true}) {
        char const* const path = by_query ? "/api/v1/limit" : "/api/v1/limits/{limit}";
        std::vector<query_parameter> const query =
            by_query ? any_limit : std::vector<query_parameter>();
        to.push_back(
            {"GET",
             path,
             right::see,
             show_limit,
             by_query ? "The same of any name" : "One of them",
             query,
             kind::none,
             {{200, "Limit"}, {404, "Problem"}, {422, "Problem"}}}
        );
        to.push_back(
            {"PUT",
             path,
             right::limit,
             put_limit_there,
             by_query ? "The same for any name"
                      : "Make a limit, or change it; what runs goes on, and is counted",
             query,
             kind::limit,
             {{200, "LimitPut"},
              {201, "LimitPut"},
              {400, "Problem"},
              {409, "Problem"},
              {412, "Problem"},
              {422, "Problem"}}}
        );
        to.push_back(
            {"DELETE",
             path,
             right::limit,
             delete_limit,
             by_query ? "The same for any name" : "Remove a limit: nothing waits for it any more",
             query,
             kind::none,
             {{200, "LimitRemoved"}, {404, "Problem"}, {412, "Problem"}, {422, "Problem"}}}
        );
    }
}

}  // namespace detail_of_table
}  // namespace work::web
