// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/fields.hpp>

#include <bit>

namespace work::detail {

inline constexpr std::int64_t seconds_a_day = 86'400;

WORK_DECL std::uint32_t cron_fields::days_in(int year, unsigned month) const
{
    namespace time = std::chrono;
    auto const first_day = time::year(year) / time::month(month) / 1;
    unsigned const size =
        static_cast<unsigned>((first_day.year() / first_day.month() / time::last).day());
    unsigned const first_weekday = time::weekday(time::sys_days(first_day)).c_encoding();
    std::uint32_t const all = static_cast<std::uint32_t>(((std::uint64_t(2) << size) - 1) & ~1ULL);
    auto const weekday_of = [&](unsigned day) { return (first_weekday + day - 1) % 7; };

    std::uint32_t by_day = days & all;
    if (last_day)
        by_day |= std::uint32_t(1) << size;
    // The nearest to a Saturday is Friday, to a Sunday is Monday, but never in another month.
    std::uint32_t wanted = nearest & all;
    if (last_workday) {
        unsigned const weekday = weekday_of(size);
        by_day |= std::uint32_t(1) << (size - (weekday == 6 ? 1 : weekday == 0 ? 2 : 0));
    }
    for (; wanted != 0; wanted &= wanted - 1) {
        auto day = static_cast<unsigned>(std::countr_zero(wanted));
        unsigned const weekday = weekday_of(day);
        if (weekday == 6)
            day = day == 1 ? 3 : day - 1;
        else if (weekday == 0)
            day = day == size ? day - 2 : day + 1;
        by_day |= std::uint32_t(1) << day;
    }

    std::uint32_t by_weekday = 0;
    for (unsigned weekday = 0; weekday < 7; ++weekday) {
        unsigned const first = 1 + (weekday + 7 - first_weekday) % 7;
        std::uint32_t const bit = std::uint32_t(1) << weekday;
        if ((weekdays & bit) != 0)
            by_weekday |= (std::uint32_t(0x10204081) << first) & all;
        if ((last & bit) != 0)
            by_weekday |= std::uint32_t(1) << (first + 28 <= size ? first + 28 : first + 21);
        for (unsigned n = 0; n < nth.size(); ++n)
            if ((nth[n] & bit) != 0)
                by_weekday |=
                    static_cast<std::uint32_t>((std::uint64_t(1) << (first + 7 * n)) & all);
    }

    // Vixie's rule: either is enough, unless one of them begins with *.
    return any_day || any_weekday ? by_day & by_weekday : by_day | by_weekday;
}

WORK_DECL std::optional<std::int64_t> cron_fields::time_from(std::int64_t second) const
{
    auto const first = [](std::uint64_t bits, std::int64_t from) {
        return from > 63 ? 64 : std::countr_zero(bits & (~0ULL << from));
    };
    std::int64_t const hour = second / 3600;
    std::int64_t const minute = second / 60 % 60;
    if (hour < 24 && (hours >> hour & 1) != 0) {
        if ((minutes >> minute & 1) != 0)
            if (int const s = first(seconds, second % 60); s < 60)
                return hour * 3600 + minute * 60 + s;
        if (int const m = first(minutes, minute + 1); m < 60)
            return hour * 3600 + m * 60 + first(seconds, 0);
    }
    if (int const h = first(hours, hour + 1); h < 24)
        return h * 3600 + first(minutes, 0) * 60 + first(seconds, 0);
    return std::nullopt;
}

WORK_DECL std::optional<std::int64_t> cron_fields::first_from(std::int64_t second) const
{
    namespace time = std::chrono;
    time::sys_days const today(time::floor<time::days>(time::seconds(second)));
    time::year_month_day const date(today);
    int year = static_cast<int>(date.year());
    unsigned month = static_cast<unsigned>(date.month());
    unsigned const day = static_cast<unsigned>(date.day());

    std::uint32_t left = 0;
    if ((months >> month & 1) != 0) {
        left = days_in(year, month) & (~std::uint32_t(0) << day);
        if ((left >> day & 1) != 0) {
            std::int64_t const midnight = today.time_since_epoch().count() * seconds_a_day;
            if (auto const at = time_from(second - midnight))
                return midnight + *at;
            left &= left - 1;
        }
    }
    for (int const end = year + 401; left == 0;) {
        if (month++ == 12) {
            month = 1;
            if (++year == end)
                return std::nullopt;
        }
        if ((months >> month & 1) != 0)
            left = days_in(year, month);
    }
    auto const found = time::year(year) / time::month(month) /
                       time::day(static_cast<unsigned>(std::countr_zero(left)));
    return time::sys_days(found).time_since_epoch().count() * seconds_a_day + *time_from(0);
}

}  // namespace work::detail
