// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/describe.hpp>
#include <work/cron/parse.hpp>
#include <work/cron/schedule.hpp>
#include <work/error.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace work {
namespace detail {

// No zone is further from UTC, or was changed by more at once.
inline constexpr std::int64_t farthest_offset = 26 * 3600;
inline constexpr std::int64_t cron_cycle = 146'097LL * 86'400;      // 400 years
inline constexpr std::int64_t cron_first_second = -62'135'596'800;  // the year 1
inline constexpr std::int64_t cron_end_second = 253'402'300'800;    // the year 10000

/// The first second from which on the clocks of a period show times that they did not show before.
/// That is `second` itself but after they were put back.
inline std::int64_t first_showing(
    time_zone const& zone,
    zone_period const& period,
    std::int64_t second
)
{
    for (zone_period before = period;
         before.begin > earliest_second && before.begin > second - 2 * farthest_offset;) {
        before = zone.at(before.begin - 1);
        std::int64_t const shown = second + period.offset - before.offset;
        if (before.begin <= shown && shown < before.end)
            return before.end + before.offset - period.offset;
    }
    return second;
}

inline std::optional<std::int64_t> next_second(
    cron_fields const& fields,
    time_zone const& zone,
    std::int64_t second
)
{
    std::int64_t const end = std::min(second + cron_cycle, cron_end_second);
    while (second < end) {
        zone_period const period = zone.at(second);
        std::int64_t const shown = second + period.offset;
        auto const local = fields.first_from(shown);
        if (!fields.wildcard && second == period.begin && period.before < period.offset) {
            // Clocks were put forward: what they left out is due now.
            auto const left_out = fields.first_from(second + period.before);
            if (left_out && *left_out < shown)
                return second;
        }
        if (!local)
            return std::nullopt;
        if (std::int64_t const at = *local - period.offset; at < period.end) {
            if (fields.wildcard)
                return at;
            std::int64_t const fresh = first_showing(zone, period, at);
            if (fresh == at)
                return at;
            second = std::min(fresh, period.end);
            continue;
        }
        // Nothing is due from `shown` to `local`. Clocks show no other times meanwhile, unless they
        // are soon put back to before `shown`.
        second = period.end;
        if (period.end - farthest_offset >= shown)
            second = std::max(second, *local - farthest_offset);
    }
    return std::nullopt;
}

}  // namespace detail

WORK_DECL cron_schedule::cron_schedule(std::string_view spec)
{
    auto read = parse(spec);
    if (!read)
        throw error(errc::invalid_option, read.error());
    *this = std::move(*read);
}

WORK_DECL parsed<cron_schedule> cron_schedule::parse(std::string_view spec)
{
    std::string_view const text = detail::trimmed(spec);
    auto const fields = detail::parse_cron_fields(text);
    if (!fields)
        return parsed<cron_schedule>::failed(fields.error());
    return cron_schedule(text, *fields);
}

WORK_DECL std::string cron_schedule::describe() const
{
    return detail::describe_cron(fields_);
}

WORK_DECL std::optional<cron_time> cron_schedule::next_ms(cron_time after, time_zone const& zone)
    const
{
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    cron_time const end{seconds(detail::cron_end_second)};
    cron_time const from = std::max(after, cron_time(seconds(detail::cron_first_second)));
    cron_time found = end;
    if (from >= end)
        return std::nullopt;
    if (std::int64_t const every = fields_.every.count(); every != 0) {
        std::int64_t const ms = from.time_since_epoch().count();
        std::int64_t const into = (ms % every + every) % every;
        found = from + milliseconds(every - into);
    } else {
        auto const second = std::chrono::floor<seconds>(from).time_since_epoch().count() + 1;
        if (auto const due = detail::next_second(fields_, zone, second))
            found = cron_time(seconds(*due));
    }
    if (found >= end)
        return std::nullopt;
    return found;
}

}  // namespace work
