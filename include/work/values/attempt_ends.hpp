// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace work {

/// How an attempt ended, as its worker pool has it. Of `lost` nobody hears: its lease had ended.
enum class attempt_end {
    completed,
    discarded,
    next,
    retry,
    dead,
    cancelled,
    snoozed,
    released,
    lost
};

/// How many attempts of one job name ended so, since the worker pool was made.
struct attempt_ends
{
    static constexpr std::array<std::string_view, 9> names{
        "completed",
        "discarded",
        "next",
        "retry",
        "dead",
        "cancelled",
        "snoozed",
        "released",
        "lost"
    };

    std::string name;
    std::array<std::uint64_t, names.size()> counts{};

    void add(attempt_ends const& other)
    {
        for (std::size_t i = 0; i != counts.size(); ++i)
            counts[i] += other.counts[i];
    }
};

}  // namespace work
