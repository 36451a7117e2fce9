// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace work::detail {

/// A stretch of time over which the clocks of a zone differ from UTC by the same seconds.
struct zone_period
{
    std::int64_t begin;   // s since 1970, UTC
    std::int64_t end;     // the first second after it
    std::int64_t offset;  // s to add to UTC
    std::int64_t before;  // the offset up to `begin`; the same where nothing changed

    friend bool operator==(zone_period const&, zone_period const&) = default;
};

// Where a zone has no first or no last period: before the year 0, and after 9999.
inline constexpr std::int64_t earliest_second = -(std::int64_t(1) << 38);
inline constexpr std::int64_t latest_second = std::int64_t(1) << 38;

/// One of the two days a year on which clocks are changed.
struct zone_change
{
    enum class by { weekday_of_month, day_without_leap, day_of_year };

    by kind = by::weekday_of_month;
    int month = 1;             // 1..12
    int week = 1;              // 1..5; 5 is the last
    int day = 0;               // weekday 0..6 from Sunday; day of the year 1..365, or 0..365
    std::int64_t time = 7200;  // s after midnight, on the clock that is changed

    /// The second of that clock, since 1970, at which it is changed in a year.
    WORK_DECL std::int64_t in_year(int year) const;
};

/// The rule for times after the last one that a zone's file lists: POSIX.1's TZ with the longer
/// times of RFC 9636.
struct zone_rule
{
    std::int64_t standard = 0;  // s to add to UTC
    std::int64_t summer = 0;
    bool changes = false;
    zone_change to_summer;
    zone_change to_standard;

    WORK_DECL zone_period at(std::int64_t second) const;
};

/// Reads `CET-1CEST,M3.5.0,M10.5.0/3` and the like; nothing when it is no such rule.
WORK_DECL std::optional<zone_rule> parse_zone_rule(std::string_view text);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/cron/zone_rule.ipp>
#endif
