// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/route_pair.hpp>
#include <work/web/routes/routes.hpp>

#include <vector>

namespace work::web {
namespace detail_of_table {

/// Worker pools, as people see and order them.
inline void append_pool_routes(std::vector<route>& to)
{
    using kind = body_kind;
    static constexpr query_parameter pool{"pool", "The pool's id.", true};
    std::vector<route_answer> const ordered{{200, "Ordered"}, {404, "Problem"}, {422, "Problem"}};
    to.push_back(
        {"GET",
         "/api/v1/pools",
         right::see,
         list_pools,
         "The worker pools that showed a sign of life in the last 15 s",
         {{"name", "Of this name."}, {"host", "On this host."}, {"state", "In this state."}},
         kind::none,
         {{200, "Pools"}}}
    );
    append_pair(
        to,
        {"GET",
         "/api/v1/pools/{pool}",
         right::see,
         show_pool,
         "One worker pool",
         {},
         kind::none,
         {{200, "Pool"}, {404, "Problem"}}},
        {"/api/v1/pool", "One worker pool of any id", pool}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/pools/{pool}/quiet",
         right::operate,
         quiet_pool,
         "It claims no more jobs; those that run go on",
         {},
         kind::object,
         ordered},
        {"/api/v1/pool/quiet", "The same of any id", pool}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/pools/{pool}/resume",
         right::operate,
         resume_pool,
         "It claims jobs again",
         {},
         kind::object,
         ordered},
        {"/api/v1/pool/resume", "The same of any id", pool}
    );
    append_pair(
        to,
        {"POST",
         "/api/v1/pools/{pool}/stop",
         right::destroy,
         stop_pool,
         "It ends, as on SIGTERM",
         {},
         kind::object,
         ordered},
        {"/api/v1/pool/stop", "The same of any id", pool}
    );
}

}  // namespace detail_of_table
}  // namespace work::web
