// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// All of the front room. See README.md for a first program.

#include <work/blocking_enqueuer.hpp>
#include <work/bounds.hpp>
#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/commit.hpp>
#include <work/context.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/events.hpp>
#include <work/failure_file.hpp>
#include <work/failure_sink.hpp>
#include <work/flow.hpp>
#include <work/inspector.hpp>
#include <work/job.hpp>
#include <work/job_handle.hpp>
#include <work/limits.hpp>
#include <work/log.hpp>
#include <work/middleware.hpp>
#include <work/outcome.hpp>
#include <work/pool_options.hpp>
#include <work/q.hpp>
#include <work/task.hpp>
#include <work/worker_pool.hpp>
