// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/attempt_ends.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace work::detail {

/// Counts how attempts ended.
/// \par Thread safety one thread adds, any reads
class end_counts
{
public:
    void add(attempt_end how) noexcept
    {
        auto& count = counts_[static_cast<std::size_t>(how)];
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    attempt_ends read(std::string name) const
    {
        attempt_ends all;
        all.name = std::move(name);
        for (std::size_t i = 0; i != counts_.size(); ++i)
            all.counts[i] = counts_[i].load(std::memory_order_relaxed);
        return all;
    }

private:
    std::array<std::atomic<std::uint64_t>, attempt_ends::names.size()> counts_{};
};

}  // namespace work::detail
