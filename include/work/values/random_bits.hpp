// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>

namespace work::detail {

/// Random numbers of eight bytes of state, for what nobody has to be unable to guess: splitmix64
/// (Steele, Lea and Flood 2014).
class random_bits
{
public:
    explicit random_bits(std::uint64_t seed = 0) noexcept : state_(seed) {}

    std::uint64_t operator()() noexcept
    {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

}  // namespace work::detail
