// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace work::detail {

inline constexpr std::size_t longest_compared = 64;

// Letters to add, drop, change, or swap with their neighbour.
inline std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::array<std::array<std::size_t, longest_compared + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        auto const& above = rows[(i - 1) % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            bool const same = a[i - 1] == b[j - 1];
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

WORK_DECL std::string_view nearest_name(
    std::string_view text,
    std::span<std::string_view const> names
)
{
    std::string_view nearest;
    std::size_t least = longest_compared;
    for (std::string_view const name : names) {
        if (text.size() > longest_compared || name.size() > longest_compared)
            continue;
        std::size_t const distance = edit_distance(text, name);
        if (distance < least && distance * 2 < std::max(text.size(), name.size())) {
            least = distance;
            nearest = name;
        }
    }
    return nearest;
}

WORK_DECL std::string did_you_mean(std::string_view text, std::span<std::string_view const> names)
{
    std::string_view const nearest = nearest_name(text, names);
    return nearest.empty() ? std::string() : " (did you mean " + log_field(nearest) + "?)";
}

}  // namespace work::detail
