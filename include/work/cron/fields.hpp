// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace work::detail {

/// What a cron spec says, as sets of bits.
struct cron_fields
{
    std::uint64_t seconds = 0;           // bits 0..59
    std::uint64_t minutes = 0;           // bits 0..59
    std::uint32_t hours = 0;             // bits 0..23
    std::uint32_t days = 0;              // of the month, bits 1..31
    std::uint32_t nearest = 0;           // 15W: the weekday nearest to a day, bits 1..31
    std::uint32_t months = 0;            // bits 1..12
    std::uint32_t weekdays = 0;          // bits 0..6, from Sunday
    std::uint32_t last = 0;              // 5L: the last of a weekday, bits 0..6
    std::array<std::uint32_t, 5> nth{};  // MON#2: the 1st to 5th of a weekday, bits 0..6 each
    bool last_day = false;               // L
    bool last_workday = false;           // LW
    bool any_day = false;                // days of the month begin with * or ?
    bool any_weekday = false;            // weekdays do
    bool wildcard = false;               // seconds, minutes or hours begin with *
    bool has_seconds = false;            // 6 fields
    std::chrono::milliseconds every{0};  // @every; then nothing else is set

    /// The days of a month on which it runs, bits 1..31.
    WORK_DECL std::uint32_t days_in(int year, unsigned month) const;

    /// The first second of the day, from `second` on, at which it runs; nothing when none is left.
    WORK_DECL std::optional<std::int64_t> time_from(std::int64_t second) const;

    /// The first time of a calendar without zones, from `second` since 1970 on, at which it runs;
    /// nothing when none is within 400 years, after which the calendar repeats. Not for @every.
    WORK_DECL std::optional<std::int64_t> first_from(std::int64_t second) const;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/cron/fields.ipp>
#endif
