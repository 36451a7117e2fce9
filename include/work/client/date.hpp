// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/values/new_job.hpp>

namespace work::detail {

/// When it is sent: one that was made before the broker was first heard has the time of this
/// machine. It gets the broker's as soon as that is known; till then the broker stamps it, which
/// costs it a few commands.
WORK_DECL void date(broker const& by, new_job& job);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/date.ipp>
#endif
