// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace work::redis {

/// Bounds of the pauses between attempts.
struct backoff_limits
{
    std::chrono::milliseconds least{50};
    std::chrono::milliseconds most{2'000};
};

/// Pauses with full jitter: a random time between `least` and a ceiling that doubles with each
/// attempt up to `most`, so that many clients don't come back in step.
class backoff
{
public:
    explicit backoff(
        backoff_limits limits = backoff_limits(),
        std::uint32_t seed = std::random_device()()
    )
        : limits_(limits),
          random_(seed)
    {}

    /// The pause before attempt number `attempt` (from 1).
    std::chrono::milliseconds pause(unsigned attempt)
    {
        auto const doublings = std::clamp(attempt, 1u, 20u);
        auto const ceiling = std::clamp(
            limits_.least * (std::chrono::milliseconds::rep{1} << doublings),
            limits_.least,
            std::max(limits_.least, limits_.most)
        );
        std::uniform_int_distribution<std::int64_t> pick(limits_.least.count(), ceiling.count());
        return std::chrono::milliseconds(pick(random_));
    }

private:
    backoff_limits limits_;
    std::minstd_rand random_;
};

}  // namespace work::redis
