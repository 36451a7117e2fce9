// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>

namespace work {

/// How much is kept for people to look at. What is above goes, the oldest first.
struct retention_limits
{
    std::int64_t completed_per_list = 1'000;
    std::int64_t completed_bytes = 16 << 20;  ///< of a namespace; each has its arguments' first KiB
    std::int64_t completed_ms = 86'400'000;
    std::int64_t dead = 10'000;
    std::int64_t dead_bytes = 256 << 20;
    std::int64_t set_aside = 1'000;
    std::int64_t set_aside_bytes = 64 << 20;

    friend bool operator==(retention_limits const&, retention_limits const&) = default;
};

}  // namespace work
