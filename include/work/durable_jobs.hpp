// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_handle.hpp>
#include <work/values/durability.hpp>

#include <vector>

namespace work {

/// Jobs that are stored, however safe: a handle for each, in their order.
struct durable_jobs : safety
{
    std::vector<job_handle> jobs;
};

}  // namespace work
