// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client/client_core.hpp>
#include <work/values/new_job.hpp>

namespace work::detail {

/// Checks what only a client can, and gives the job its id and its time. From any thread.
/// Errors: errc::invalid_name, errc::invalid_option, errc::payload_too_large.
WORK_DECL void prepare(client_core& core, new_job& job);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/prepare.ipp>
#endif
