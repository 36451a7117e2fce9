// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/time.hpp>

#include <chrono>
#include <cstdio>

namespace work {
namespace detail {

/// Takes exactly `width` digits off the front; -1 when they aren't there.
inline int take_digits(std::string_view& text, std::size_t width) noexcept
{
    if (text.size() < width)
        return -1;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

inline bool take_char(std::string_view& text, std::string_view any_of) noexcept
{
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

WORK_DECL std::optional<std::int64_t> parse_rfc3339(std::string_view text, std::int64_t& ns)
{
    using namespace std::chrono;

    int const y = take_digits(text, 4);
    if (y < 0 || !take_char(text, "-"))
        return std::nullopt;
    int const mo = take_digits(text, 2);
    if (mo < 1 || !take_char(text, "-"))
        return std::nullopt;
    int const d = take_digits(text, 2);
    year_month_day const date(
        year(y),
        month(static_cast<unsigned>(mo)),
        day(static_cast<unsigned>(d < 0 ? 0 : d))
    );
    if (!date.ok() || !take_char(text, "Tt "))
        return std::nullopt;

    int const h = take_digits(text, 2);
    if (h < 0 || h > 23 || !take_char(text, ":"))
        return std::nullopt;
    int const mi = take_digits(text, 2);
    if (mi < 0 || mi > 59 || !take_char(text, ":"))
        return std::nullopt;
    int const s = take_digits(text, 2);
    if (s < 0 || s > 60)
        return std::nullopt;

    int fraction = 0;  // ns
    if (take_char(text, ".")) {
        int digits = 0;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
            if (digits++ < 9)
                fraction = fraction * 10 + (text.front() - '0');
            text.remove_prefix(1);
        }
        if (digits == 0)
            return std::nullopt;
        for (; digits < 9; ++digits)
            fraction *= 10;
    }
    int const ms = fraction / 1'000'000;
    ns = fraction % 1'000'000;

    int offset_minutes = 0;
    if (!take_char(text, "Zz")) {
        if (text.empty())
            return std::nullopt;
        char const sign = text.front();
        if (!take_char(text, "+-"))
            return std::nullopt;
        int const oh = take_digits(text, 2);
        if (oh < 0 || oh > 23 || !take_char(text, ":"))
            return std::nullopt;
        int const om = take_digits(text, 2);
        if (om < 0 || om > 59)
            return std::nullopt;
        offset_minutes = (oh * 60 + om) * (sign == '-' ? -1 : 1);
    }
    if (!text.empty())
        return std::nullopt;

    milliseconds const time = sys_days(date).time_since_epoch() + hours(h) + minutes(mi) +
                              seconds(s == 60 ? 59 : s) + milliseconds(ms) -
                              minutes(offset_minutes);
    return time.count();
}

}  // namespace detail

WORK_DECL std::optional<std::int64_t> parse_rfc3339(std::string_view text)
{
    std::int64_t ns = 0;
    return detail::parse_rfc3339(text, ns);
}

WORK_DECL std::string format_rfc3339(std::int64_t time_ms)
{
    using namespace std::chrono;
    // Years 0000 to 9999 are what the format can say.
    constexpr std::int64_t first = -62'167'219'200'000;
    constexpr std::int64_t last = 253'402'300'799'999;
    sys_time<milliseconds> const time(milliseconds(
        time_ms < first  ? first
        : time_ms > last ? last
                         : time_ms
    ));
    auto const midnight = floor<days>(time);
    year_month_day const date(midnight);
    hh_mm_ss const clock(time - midnight);
    char text[64];
    int const size = std::snprintf(
        text,
        sizeof text,
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace work
