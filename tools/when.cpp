// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "when.hpp"

#include <work/error.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>

#include <ctime>
#include <optional>
#include <string>

namespace work::tool {
namespace {

/// Two digits, or -1.
int two_digits(std::string_view text)
{
    bool const are =
        text.size() == 2 && text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return are ? (text[0] - '0') * 10 + (text[1] - '0') : -1;
}

/// `18:00` or `18:00:30` into the broken-down time.
bool read_clock(std::string_view text, std::tm& into)
{
    bool const seconds = text.size() == 8 && text[5] == ':';
    if ((text.size() != 5 && !seconds) || text[2] != ':')
        return false;
    into.tm_hour = two_digits(text.substr(0, 2));
    into.tm_min = two_digits(text.substr(3, 2));
    into.tm_sec = seconds ? two_digits(text.substr(6, 2)) : 0;
    return into.tm_hour >= 0 && into.tm_hour < 24 && into.tm_min >= 0 && into.tm_min < 60 &&
           into.tm_sec >= 0 && into.tm_sec < 60;
}

/// `2026-11-22` into the broken-down time.
bool read_day(std::string_view text, std::tm& into)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int const high = two_digits(text.substr(0, 2));
    int const low = two_digits(text.substr(2, 2));
    into.tm_year = high * 100 + low - 1900;
    into.tm_mon = two_digits(text.substr(5, 2)) - 1;
    into.tm_mday = two_digits(text.substr(8, 2));
    return high >= 0 && low >= 0 && into.tm_mon >= 0 && into.tm_mon < 12 && into.tm_mday >= 1 &&
           into.tm_mday <= 31;
}

/// By the clock of this machine, whether summer time is on or not.
std::int64_t local_ms(std::tm of)
{
    of.tm_isdst = -1;
    return static_cast<std::int64_t>(std::mktime(&of)) * 1000;
}

std::optional<std::int64_t> next_at(std::string_view clock)
{
    std::time_t const now = std::time(nullptr);
    std::tm day{};
    ::localtime_r(&now, &day);
    if (!read_clock(clock, day))
        return std::nullopt;
    if (local_ms(day) <= static_cast<std::int64_t>(now) * 1000)
        ++day.tm_mday;
    return local_ms(day);
}

std::optional<std::int64_t> local_time(std::string_view text)
{
    std::tm day{};
    bool const parts = text.size() > 11 && (text[10] == ' ' || text[10] == 'T');
    if (!parts || !read_day(text.substr(0, 10), day) || !read_clock(text.substr(11), day))
        return std::nullopt;
    return local_ms(day);
}

}  // namespace

std::int64_t read_when(std::string_view option, std::string_view text)
{
    auto found = parse_rfc3339(text);
    if (!found)
        found = local_time(text);
    if (!found)
        found = next_at(text);
    if (!found)
        throw error(
            errc::invalid_option,
            std::string(option) + ": the time " + detail::quote(text) +
                " can't be read: write 18:00, \"2026-11-22 18:00\" or 2026-11-22T18:00:00Z"
        );
    return *found;
}

std::chrono::milliseconds read_lasting(std::string_view option, std::string_view text)
{
    auto const lasting = parse_duration(text);
    if (!lasting)
        throw error(errc::invalid_option, std::string(option) + ": " + lasting.error());
    return *lasting;
}

}  // namespace work::tool
