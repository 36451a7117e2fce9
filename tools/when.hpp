// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace work::tool {

/// A time as people write it, in ms since 1970: `2026-11-22T18:00:00Z`, with any zone;
/// `2026-11-22 18:00` and `18:00` by the clock of this machine, the latter the next one that comes.
/// Errors: errc::invalid_option that names the option
std::int64_t read_when(std::string_view option, std::string_view text);

/// How long: `250ms`, `1h30m`.
/// Errors: errc::invalid_option that names the option
std::chrono::milliseconds read_lasting(std::string_view option, std::string_view text);

}  // namespace work::tool
