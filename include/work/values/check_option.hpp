// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace work::detail {

/// Each throws `errc::invalid_option` naming the field, the value and the range.
WORK_DECL void check_integer(
    std::string const& field,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high
);
WORK_DECL void check_number(std::string const& field, double value, double low, double high);
WORK_DECL void check_duration(
    std::string const& field,
    std::chrono::milliseconds value,
    std::chrono::milliseconds low,
    std::chrono::milliseconds high
);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/check_option.ipp>
#endif
