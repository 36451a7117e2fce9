// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
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
    if (args_version != 0)
        detail::check_integer("args_version", args_version, 1, most_args_version);
    if (upcast && args_version < 2)
        throw error(
            errc::invalid_option,
            "upcast is given, but args_version is " + std::to_string(args_version) +
                ", so nothing is older; set args_version to the version that upcast makes"
        );
    detail::check_integer("weight", weight, 1, 1000);
    if (max_concurrency)
        detail::check_integer("max_concurrency", *max_concurrency, 1, 1'000'000'000);
    if (deadline)
        detail::check_duration("deadline", *deadline, milliseconds(1), longest_option);
}

}  // namespace work
