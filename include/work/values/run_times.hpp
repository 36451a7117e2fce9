// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace work {

/// How long the attempts of one job name ran in one queue, since the worker pool was made, whatever
/// became of them, or how long its jobs waited: a histogram.
struct run_times
{
    /// The upper ends of the buckets; the last bucket has none.
    static constexpr std::array<std::int64_t, 16> bounds_ms{
        1,
        5,
        10,
        25,
        50,
        100,
        250,
        500,
        1'000,
        2'500,
        5'000,
        10'000,
        30'000,
        60'000,
        300'000,
        1'800'000
    };

    std::string name;
    std::string queue{};
    std::array<std::uint64_t, bounds_ms.size() + 1> counts{};  ///< each bucket's own
    std::int64_t sum_us = 0;

    void add(run_times const& other)
    {
        for (std::size_t i = 0; i != counts.size(); ++i)
            counts[i] += other.counts[i];
        sum_us += other.sum_us;
    }
    std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (std::uint64_t const n : counts)
            sum += n;
        return sum;
    }
};

}  // namespace work
