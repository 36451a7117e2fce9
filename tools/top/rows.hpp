// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <vector>

#include "top/state.hpp"

namespace work::tool::top {

// What the pages list, as they list it: what is filtered out is not among it.
std::vector<queue_view> listed_queues(state const& s);
std::vector<name_view> listed_names(state const& s);
std::vector<pool_info> listed_pools(state const& s);
/// Of the pages busy and dead; none while they are looked for.
std::vector<job_row> listed_jobs(state const& s);

/// What names each row of the page: a queue, a name, the id of a pool, or of a job.
std::vector<std::string> row_keys(state const& s);

}  // namespace work::tool::top
