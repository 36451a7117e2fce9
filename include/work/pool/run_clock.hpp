// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/run_times.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace work::detail {

/// Counts how long attempts ran, or jobs waited.
/// \par Thread safety one thread adds, any reads
class run_clock
{
public:
    void add(std::chrono::steady_clock::duration took) noexcept
    {
        std::int64_t const us = std::max<std::int64_t>(
            0,
            std::chrono::duration_cast<std::chrono::microseconds>(took).count()
        );
        auto const end = run_times::bounds_ms.end();
        auto const of = std::lower_bound(run_times::bounds_ms.begin(), end, (us + 999) / 1'000);
        auto& count = counts_[static_cast<std::size_t>(of - run_times::bounds_ms.begin())];
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        sum_us_.store(sum_us_.load(std::memory_order_relaxed) + us, std::memory_order_relaxed);
    }
    run_times read(std::string name) const
    {
        run_times all;
        all.name = std::move(name);
        for (std::size_t i = 0; i != counts_.size(); ++i)
            all.counts[i] = counts_[i].load(std::memory_order_relaxed);
        all.sum_us = sum_us_.load(std::memory_order_relaxed);
        return all;
    }

private:
    std::array<std::atomic<std::uint64_t>, run_times::bounds_ms.size() + 1> counts_{};
    std::atomic<std::int64_t> sum_us_{0};
};

}  // namespace work::detail
