// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

namespace work::detail {

[[noreturn]] inline void throw_outside(
    std::string const& field,
    std::string const& value,
    std::string const& low,
    std::string const& high
)
{
    throw error(
        errc::invalid_option,
        field + " is " + value + ", which is outside " + low + ".." + high
    );
}

WORK_DECL void check_integer(
    std::string const& field,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high
)
{
    if (value < low || value > high)
        throw_outside(field, std::to_string(value), std::to_string(low), std::to_string(high));
}

WORK_DECL void check_number(std::string const& field, double value, double low, double high)
{
    auto const text = [](double number) {
        std::string out;
        append_double(out, number);
        if (out.size() > 2 && out.ends_with(".0"))
            out.resize(out.size() - 2);
        return out;
    };
    if (!(value >= low && value <= high))
        throw_outside(field, text(value), text(low), text(high));
}

WORK_DECL void check_duration(
    std::string const& field,
    std::chrono::milliseconds value,
    std::chrono::milliseconds low,
    std::chrono::milliseconds high
)
{
    if (value < low || value > high)
        throw_outside(field, format_duration(value), format_duration(low), format_duration(high));
}

}  // namespace work::detail
