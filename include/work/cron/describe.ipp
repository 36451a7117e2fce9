// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/describe.hpp>
#include <work/values/duration.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

inline constexpr std::string_view cron_weekdays[] =
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
inline constexpr std::string_view cron_months[] = {
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
};
inline constexpr std::string_view cron_ordinals[] = {"first", "second", "third", "fourth", "fifth"};

inline std::string ordinal(int n)
{
    bool const teen = n % 100 >= 11 && n % 100 <= 13;
    char const* const end = teen          ? "th"
                            : n % 10 == 1 ? "st"
                            : n % 10 == 2 ? "nd"
                            : n % 10 == 3 ? "rd"
                                          : "th";
    return std::to_string(n) + end;
}

/// "a", "a and b", "a, b and c"; other words may stand for "and".
inline std::string joined(std::vector<std::string> const& parts, std::string_view last = " and ")
{
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0)
            text += i + 1 == parts.size() ? last : std::string_view(", ");
        text += parts[i];
    }
    return text;
}

/// The values low..high, as far as their bits are set.
struct cron_set
{
    std::uint64_t bits;
    int low;
    int high;

    bool has(int value) const { return (bits >> value & 1) != 0; }
    int size() const { return std::popcount(bits); }
    bool full() const { return size() == high - low + 1; }
    int first() const { return std::countr_zero(bits); }

    /// n where the values are every n-th from the first to the end, and three or more; else 0.
    int step() const
    {
        int const from = first();
        int next = from + 1;
        while (next <= high && !has(next))
            ++next;
        int const step = next - from;
        if (size() < 3 || step < 2 || size() != (high - from) / step + 1)
            return 0;
        for (int value = from; value <= high; value += step)
            if (!has(value))
                return 0;
        return step;
    }

    /// Values as `name` says them; three and more in a row as "a to b".
    template <typename Name>
    std::vector<std::string> named(Name name) const
    {
        std::vector<std::string> parts;
        for (int value = low; value <= high; ++value) {
            if (!has(value))
                continue;
            int end = value;
            while (end < high && has(end + 1))
                ++end;
            if (end < value + 2) {
                parts.push_back(name(value));
                continue;
            }
            parts.push_back(name(value) + " to " + name(end));
            value = end;
        }
        return parts;
    }
    std::string numbers() const
    {
        return joined(named([](int value) { return std::to_string(value); }));
    }
};

/// "every minute", "every 15 minutes", "every 7th minute from minute 0 on", "at minute 5".
inline std::string every_unit(cron_set const& set, std::string const& unit)
{
    if (set.full())
        return "every " + unit;
    if (int const step = set.step(); step != 0) {
        if (set.first() == 0 && (set.high + 1) % step == 0)
            return "every " + std::to_string(step) + " " + unit + "s";
        return "every " + ordinal(step) + " " + unit + " from " + unit + " " +
               std::to_string(set.first()) + " on";
    }
    return "at " + unit + (set.size() == 1 ? " " : "s ") + set.numbers();
}

inline std::string clock_text(int hour, int minute)
{
    char text[16];
    std::snprintf(text, sizeof text, "%02d:%02d", hour, minute);
    return text;
}

/// "at 03:00 and 15:00" where that is short.
inline std::string clock_times(cron_fields const& fields)
{
    std::vector<std::string> times;
    for (int hour = 0; hour < 24; ++hour)
        for (int minute = 0; minute < 60; ++minute) {
            if ((fields.hours >> hour & 1) == 0 || (fields.minutes >> minute & 1) == 0)
                continue;
            std::string text = clock_text(hour, minute);
            if (int const second = std::countr_zero(fields.seconds); second != 0)
                text += (second < 10 ? ":0" : ":") + std::to_string(second);
            times.push_back(std::move(text));
        }
    return "at " + joined(times);
}

inline std::string hours_text(cron_set const& hours)
{
    if (int const step = hours.step(); step != 0) {
        if (hours.first() == 0 && 24 % step == 0)
            return "every " + ordinal(step) + " hour";
        return "every " + ordinal(step) + " hour from " + std::to_string(hours.first()) + " on";
    }
    return std::string(hours.size() == 1 ? "hour " : "hours ") + hours.numbers();
}

inline std::string time_text(cron_fields const& fields)
{
    cron_set const seconds{fields.seconds, 0, 59};
    cron_set const minutes{fields.minutes, 0, 59};
    cron_set const hours{fields.hours, 0, 23};
    if (seconds.size() == 1 && minutes.size() * hours.size() <= 4)
        return clock_times(fields);

    bool const at_full_minute = seconds.size() == 1 && seconds.has(0);
    if (at_full_minute && minutes.size() == 1 && minutes.has(0)) {
        if (hours.full())
            return "every hour";
        if (hours.step() != 0 && hours.first() == 0 && 24 % hours.step() == 0)
            return "every " + std::to_string(hours.step()) + " hours";
    }

    // "every 10 seconds of minute 5 of hours 9 to 17"; what repeats needs no "of every".
    auto const repeats = [](cron_set const& set) { return set.full() || set.step() != 0; };
    std::string text;
    auto const of = [&](std::string part) {
        if (!text.empty() && part.starts_with("at "))
            part.erase(0, 3);
        text += (text.empty() ? "" : " of ") + part;
    };
    if (!at_full_minute)
        of(every_unit(seconds, "second"));
    bool repeated = !at_full_minute && repeats(seconds);
    if (!minutes.full() || !repeated) {
        of(every_unit(minutes, "minute"));
        repeated = repeats(minutes);
    }
    if (!hours.full())
        of(hours_text(hours));
    else if (!repeated)
        of("every hour");
    return text;
}

inline std::string month_days_text(cron_fields const& fields)
{
    std::vector<std::string> parts;
    cron_set const days{fields.days, 1, 31};
    if (int const step = days.full() ? 0 : days.step(); step != 0) {
        parts.push_back(
            "every " + ordinal(step) + " day of the month from day " +
            std::to_string(days.first()) + " on"
        );
    } else if (days.size() != 0) {
        parts.push_back((days.size() == 1 ? "day " : "days ") + days.numbers() + " of the month");
    }
    for (int day = 1; day <= 31; ++day)
        if ((fields.nearest >> day & 1) != 0)
            parts.push_back("the weekday nearest to day " + std::to_string(day) + " of the month");
    if (fields.last_day)
        parts.push_back("the last day of the month");
    if (fields.last_workday)
        parts.push_back("the last weekday of the month");
    return joined(parts, " and on ");
}

inline std::string weekdays_text(cron_fields const& fields)
{
    auto const name = [](int day) { return std::string(cron_weekdays[day]); };
    std::vector<std::string> parts;
    // Sunday goes last where Saturday is there too: "Friday to Sunday".
    std::uint64_t bits = fields.weekdays;
    bool const sunday_last = (bits & 0x41) == 0x41 && bits != 0x7f;
    if (sunday_last)
        bits = (bits & ~1ULL) | 0x80;
    cron_set const days{bits, 0, 7};
    if (bits != 0)
        parts.push_back(joined(days.named([&](int day) { return name(day % 7); })));
    for (int n = 0; n < 5; ++n)
        for (int day = 0; day < 7; ++day)
            if ((fields.nth[static_cast<std::size_t>(n)] >> day & 1) != 0)
                parts.push_back(
                    "the " + std::string(cron_ordinals[n]) + " " + name(day) + " of the month"
                );
    for (int day = 0; day < 7; ++day)
        if ((fields.last >> day & 1) != 0)
            parts.push_back("the last " + name(day) + " of the month");
    return joined(parts, " and on ");
}

WORK_DECL std::string describe_cron(cron_fields const& fields)
{
    if (fields.every.count() != 0)
        return "every " + format_duration(fields.every);
    std::string text = time_text(fields);
    bool const all_days = cron_set{fields.days, 1, 31}.full();
    bool const all_weekdays = fields.weekdays == 0x7f;
    bool const both = fields.any_day || fields.any_weekday;
    if (both && !all_days && !all_weekdays)
        text += " on " + month_days_text(fields) + ", if it is " + weekdays_text(fields);
    else if (both && !all_days)
        text += " on " + month_days_text(fields);
    else if (both && !all_weekdays)
        text += " on " + weekdays_text(fields);
    else if (!all_days && !all_weekdays)
        text += " on " + month_days_text(fields) + ", and on " + weekdays_text(fields);
    if (cron_set const months{fields.months, 1, 12}; !months.full()) {
        auto const name = [](int month) { return std::string(cron_months[month - 1]); };
        text += " in " + joined(months.named(name));
    }
    return text;
}

}  // namespace work::detail
