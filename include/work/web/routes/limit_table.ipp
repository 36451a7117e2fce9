// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

inline void append_limit_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter limit{"limit", "The limit's name.", true};
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
    append_pair(
        to,
        {"GET",
         "/api/v1/limits/{limit}",
         right::see,
         show_limit,
         "One of them",
         {},
         kind::none,
         {{200, "Limit"}, {404, "Problem"}, {422, "Problem"}}},
        {"/api/v1/limit", "The same of any name", limit}
    );
    append_pair(
        to,
        {"PUT",
         "/api/v1/limits/{limit}",
         right::limit,
         put_limit_there,
         "Make a limit, or change it; what runs goes on, and is counted",
         {},
         kind::limit,
         {{200, "LimitPut"},
          {201, "LimitPut"},
          {400, "Problem"},
          {409, "Problem"},
          {412, "Problem"},
          {422, "Problem"}}},
        {"/api/v1/limit", "The same for any name", limit}
    );
    append_pair(
        to,
        {"DELETE",
         "/api/v1/limits/{limit}",
         right::limit,
         delete_limit,
         "Remove a limit: nothing waits for it any more",
         {},
         kind::none,
         {{200, "LimitRemoved"}, {404, "Problem"}, {412, "Problem"}, {422, "Problem"}}},
        {"/api/v1/limit", "The same for any name", limit}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
