// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <cstdint>
#include <limits>

namespace work {
namespace detail {

struct duration_unit
{
    std::string_view name;
    std::int64_t ms;
};

// From large to small.
inline constexpr duration_unit duration_units[] = {
    {"w", 604'800'000},
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
};

}  // namespace detail

WORK_DECL parsed<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    using result = parsed<std::chrono::milliseconds>;
    std::string_view const whole = text;
    auto const failed = [&](std::string why) {
        return result::failed(
            "the duration " + detail::quote(whole) + " can't be read: " + why +
            "; write it like 250ms, 5m, 1h30m or 2d"
        );
    };
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

    if (text == "0")
        return std::chrono::milliseconds(0);
    if (text.empty())
        return failed("it is empty");
    std::int64_t total = 0;
    std::size_t units_used = 0;
    while (!text.empty()) {
        std::int64_t number = 0;
        std::int64_t fraction = 0;
        std::int64_t scale = 1;
        std::size_t digits = 0;
        for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
            if (number > (most - 9) / 10)
                return failed("it is too long");
            number = number * 10 + (text.front() - '0');
        }
        if (digits == 0)
            return failed("a number is missing");
        if (!text.empty() && text.front() == '.') {
            text.remove_prefix(1);
            std::size_t decimals = 0;
            for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++decimals) {
                if (scale >= 1'000'000'000)
                    return failed("it has more than 9 decimals");
                fraction = fraction * 10 + (text.front() - '0');
                scale *= 10;
            }
            if (decimals == 0)
                return failed("a decimal is missing");
        }
        std::size_t length = 0;
        while (length < text.size() && !is_digit(text[length]) && text[length] != ' ')
            ++length;
        std::string_view const name = text.substr(0, length);
        std::size_t unit = 0;
        while (unit < std::size(detail::duration_units) && detail::duration_units[unit].name != name
        )
            ++unit;
        if (name.empty())
            return failed("a unit is missing (w, d, h, m, s or ms)");
        if (unit == std::size(detail::duration_units))
            return failed(detail::quote(name) + " is no unit (w, d, h, m, s or ms)");
        if (unit < units_used)
            return failed("units go from large to small, each once");
        units_used = unit + 1;
        std::int64_t const size = detail::duration_units[unit].ms;
        if (number > (most - total) / size)
            return failed("it is too long");
        total += number * size;
        std::int64_t const part = fraction * size;
        if (part % scale != 0)
            return failed("it is finer than a millisecond");
        if (part / scale > most - total)
            return failed("it is too long");
        total += part / scale;
        text.remove_prefix(length);
        while (text.size() > 1 && text.front() == ' ')
            text.remove_prefix(1);
    }
    return std::chrono::milliseconds(total);
}

WORK_DECL std::string format_duration(std::chrono::milliseconds duration)
{
    std::string out;
    auto left = static_cast<std::uint64_t>(duration.count());
    if (duration.count() < 0) {
        out = "-";
        left = 0 - left;
    }
    if (left == 0)
        return "0s";
    for (auto const& unit : detail::duration_units) {
        if (unit.name == "w")
            continue;
        auto const size = static_cast<std::uint64_t>(unit.ms);
        if (left >= size) {
            out += std::to_string(left / size);
            out += unit.name;
            left %= size;
        }
    }
    return out;
}

}  // namespace work
