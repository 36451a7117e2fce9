// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/routes/act_table.ipp>
#include <work/web/routes/bound_table.ipp>
#include <work/web/routes/cron_table.ipp>
#include <work/web/routes/flow_table.ipp>
#include <work/web/routes/job_table.ipp>
#include <work/web/routes/limit_table.ipp>
#include <work/web/routes/plain_table.ipp>
#include <work/web/routes/pool_table.ipp>
#include <work/web/routes/queue_table.ipp>
#include <work/web/routes/routes.hpp>
#include <work/web/routes/server_table.ipp>
#include <work/web/routes/worker_table.ipp>

namespace work::web {
namespace detail_of_table {

/// All routes, family by family. A path that has no parameter stands before one that matches it.
inline std::vector<route> make()
{
    std::vector<route> table;
    append_server_routes(table);
    append_stats_routes(table);
    append_queue_routes(table);
    append_pool_routes(table);
    append_job_routes(table);
    append_act_routes(table);
    append_cron_routes(table);
    append_flow_routes(table);
    append_limit_routes(table);
    append_bound_routes(table);
    append_worker_routes(table);
    append_plain_routes(table);
    return table;
}

}  // namespace detail_of_table

WORK_DECL std::vector<route> const& all_routes()
{
    static std::vector<route> const table = detail_of_table::make();
    return table;
}

}  // namespace work::web
