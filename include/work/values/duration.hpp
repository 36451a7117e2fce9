// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace work {

/// Reads a duration as people write it: "250ms", "5m", "1h30m", "1.5h", "2d", "1w". Units go from
/// large to small, each at most once: w d h m s ms. "0" needs no unit.
WORK_DECL parsed<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Writes a duration so that people like it and `parse_duration` reads it back: "1h30m", "0s".
/// A negative one begins with '-', which is for people alone.
WORK_DECL std::string format_duration(std::chrono::milliseconds duration);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/duration.ipp>
#endif
