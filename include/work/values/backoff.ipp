// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/backoff.hpp>
#include <work/values/check_option.hpp>

#include <algorithm>
#include <cmath>

namespace work {
namespace detail {

inline constexpr std::chrono::milliseconds longest_delay{std::chrono::hours(24 * 365)};

/// A random number of [0, 1) from 53 of its bits.
inline double unit_interval(std::uint64_t random) noexcept
{
    return static_cast<double>(random >> 11) * 0x1.0p-53;
}

}  // namespace detail

WORK_DECL std::chrono::milliseconds backoff::delay(int failures, std::uint64_t random) const
{
    double const n = std::max(failures, 1);
    double const chance = detail::unit_interval(random);
    double ms = 0;
    switch (kind) {
    case shape::polynomial: ms = 1000 * (n * n * n * n + 15 + 30 * chance * (n + 1)); break;
    case shape::fixed: ms = static_cast<double>(base.count()); break;
    case shape::exponential:
        ms = static_cast<double>(base.count()) * std::min(std::pow(factor, n - 1), 1e18);
        break;
    }
    double const most = static_cast<double>(cap.count());
    ms = std::min(ms, most);  // before the jitter, or capped delays would all be the same
    ms += ms * jitter * chance;
    ms = std::clamp(ms, 0.0, static_cast<double>(detail::longest_delay.count()));
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

WORK_DECL void backoff::validate(char const* what) const
{
    std::string const name(what);
    detail::check_duration(
        name + ".base",
        base,
        std::chrono::milliseconds(0),
        detail::longest_delay
    );
    detail::check_duration(name + ".cap", cap, std::chrono::milliseconds(0), detail::longest_delay);
    detail::check_number(name + ".factor", factor, 1, 1000);
    detail::check_number(name + ".jitter", jitter, 0, 1);
}

WORK_DECL std::chrono::milliseconds backoff_policy::delay(int failures, std::uint64_t random) const
{
    if (!own_)
        return shape_.delay(failures, random);
    return std::clamp(own_(failures), std::chrono::milliseconds(0), detail::longest_delay);
}

WORK_DECL void backoff_policy::validate(char const* what) const
{
    if (!own_)
        shape_.validate(what);
}

}  // namespace work
