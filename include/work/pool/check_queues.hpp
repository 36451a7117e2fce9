// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/job_types.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>

namespace work::detail {

/// Warns of queues that may be misspelt: one that is served and that nobody knows, and jobs of
/// handled names that wait in a queue whose name is nearly one of those served.
///
/// \par Redis as `broker::counts`, once
WORK_DECL task<void> check_queues(
    work::broker& asked,
    pool_options const& options,
    job_types const& types,
    pool_log const& log
);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/check_queues.ipp>
#endif
