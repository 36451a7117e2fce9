// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/task.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "journal.hpp"

namespace promises {

/// What a worker process of `produce=<kind>` stores until it is killed.
struct producing
{
    std::string kind;
    std::uint32_t seed = 0;
    std::int64_t keys = 0;   ///< of `unique`
    std::int64_t first = 0;  ///< index of the first job of `flows`
};

/// unique: sleep jobs, each with one of so many keys, which is its index. The journal has 'e' for
///         one that was stored, 'k' for one whose key was taken, 'x' where nobody knows.
/// flows:  flows of step jobs, of which each needs up to three before it; their indexes go on from
///         `first`. The journal has 'f' before one is started, with its id, how many jobs it has
///         (as an index), and the first one's index (as a fence); and 'F' when it is stored.
/// Whom each job of the next flow needs: always the same with the same seed.
std::vector<std::vector<std::int64_t>> draw_flow(std::mt19937& chance);

work::task<void> produce(work::client& to, journal& out, producing what);

}  // namespace promises
