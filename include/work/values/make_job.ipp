// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/make_job.hpp>

namespace work::detail {

WORK_DECL void throw_member_range(
    std::string_view job,
    std::string_view member,
    std::string const& value
)
{
    throw error(
        errc::invalid_arguments,
        std::string(job) + ": argument " + std::string(member) + ": " + value +
            " is outside the range of its type"
    );
}

}  // namespace work::detail
