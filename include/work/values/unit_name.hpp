// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <ratio>
#include <string_view>

namespace work::detail {

/// The name of a duration's unit in text, as far as it has one: "s" of std::ratio<1>.
template <typename Period>
constexpr std::string_view unit_name()
{
    if constexpr (std::ratio_equal_v<Period, std::ratio<604'800>>)
        return "w";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<86'400>>)
        return "d";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<3600>>)
        return "h";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<60>>)
        return "m";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<1>>)
        return "s";
    else if constexpr (std::ratio_equal_v<Period, std::milli>)
        return "ms";
    else if constexpr (std::ratio_equal_v<Period, std::micro>)
        return "us";
    else if constexpr (std::ratio_equal_v<Period, std::nano>)
        return "ns";
    else
        return {};
}

}  // namespace work::detail
