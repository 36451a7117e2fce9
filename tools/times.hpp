// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace work::tool {

/// How times are shown.
enum class times {
    relative,  ///< "3m20s ago"
    utc,       ///< "2026-11-22 03:37:41 UTC"
    local,     ///< "2026-11-22 04:37:41 CET", by the clock of this machine
};

/// Of the whole program, said once by its options.
void show_times(times how) noexcept;
times times_shown() noexcept;

/// A time with its zone: in UTC, unless those of this machine are shown.
std::string moment(std::int64_t time_ms, bool with_ms = false);
/// How wide a column of times is: so wide, unless they are shown whole.
std::size_t width_of_times(std::size_t relative) noexcept;

// As `age`, with " ago", and as `until`: or the time itself.
std::string since(std::int64_t time_ms, std::int64_t now_ms);
std::string ago(std::int64_t time_ms, std::int64_t now_ms);
std::string from_then_on(std::int64_t time_ms, std::int64_t now_ms);

}  // namespace work::tool
