// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace work {

/// How long something took lately; 0 where `samples` is.
struct latency_figures
{
    std::int64_t samples = 0;
    std::int64_t p50_us = 0;
    std::int64_t p99_us = 0;

    friend bool operator==(latency_figures const&, latency_figures const&) = default;
};
BOOST_DESCRIBE_STRUCT(latency_figures, (), (samples, p50_us, p99_us))

/// Durations of one thing: the last ones as they were, all of them as a histogram.
/// \par Thread safety none
class latency
{
public:
    /// The upper ends of the buckets; the last bucket has none.
    static constexpr std::array<std::int64_t, 13> bounds_us{
        100,
        250,
        500,
        1'000,
        2'500,
        5'000,
        10'000,
        25'000,
        50'000,
        100'000,
        250'000,
        1'000'000,
        5'000'000
    };
    /// So many are the last ones.
    static constexpr std::size_t recent_samples = 128;

    void add(std::chrono::steady_clock::duration took) noexcept
    {
        std::int64_t const us = std::max<std::int64_t>(
            0,
            std::chrono::duration_cast<std::chrono::microseconds>(took).count()
        );
        std::size_t bucket = 0;
        while (bucket != bounds_us.size() && us > bounds_us[bucket])
            ++bucket;
        ++counts_[bucket];
        sum_us_ += us;
        recent_[static_cast<std::size_t>(total_++ % recent_samples)] = us;
    }

    /// Each bucket's own, since the beginning.
    std::array<std::uint64_t, bounds_us.size() + 1> const& counts() const noexcept
    {
        return counts_;
    }
    std::int64_t sum_us() const noexcept { return sum_us_; }
    std::uint64_t total() const noexcept { return total_; }

    /// Of the last ones.
    latency_figures recent() const
    {
        auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(total_, recent_samples));
        if (size == 0)
            return {};
        std::vector<std::int64_t> sorted(recent_.begin(), recent_.begin() + diff(size));
        std::sort(sorted.begin(), sorted.end());
        return {diff(size), sorted[(size - 1) / 2], sorted[(size - 1) * 99 / 100]};
    }

private:
    static std::ptrdiff_t diff(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

    std::array<std::uint64_t, bounds_us.size() + 1> counts_{};
    std::array<std::int64_t, recent_samples> recent_{};
    std::uint64_t total_ = 0;
    std::int64_t sum_us_ = 0;
};

}  // namespace work
