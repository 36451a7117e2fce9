// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/check_option.hpp>
#include <work/values/job_options.hpp>
#include <work/values/options.hpp>

namespace work {

WORK_DECL void job_options::validate() const
{
    using std::chrono::milliseconds;
    detail::check_integer("max_attempts", max_attempts, 1, most_attempts);
    detail::check_duration("timeout", timeout, milliseconds(1), longest_option);
    if (max_snoozes)
        detail::check_integer("max_snoozes", *max_snoozes, 1, 1'000'000);
    backoff.validate();
    detail::check_integer("weight", weight, 1, 1000);
    if (deadline)
        detail::check_duration("deadline", *deadline, milliseconds(1), longest_option);
}

}  // namespace work
