// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/make.hpp>
#include <work/outcome.hpp>
#include <work/task.hpp>
#include <work/worker_pool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace work::tool {

/// The jobs of a shop that does not exist: what they carry, how long they take, and how they fail.
/// One of their names has no handler anywhere, and some of their jobs are for later.
///
/// \par Thread safety none
class shop
{
public:
    /// `fail`: how many of a hundred attempts fail; of some names more, of some none.
    shop(double fail, std::uint64_t seed) : fail_(fail), random_(seed) {}

    /// The next jobs that come in.
    std::vector<new_job> orders(std::size_t how_many);
    /// Registers handlers for all names but the one that nobody handles.
    void staff(worker_pool& pool);

    static bool sells(std::string_view name) noexcept;

private:
    new_job order();
    std::int64_t between(std::int64_t least, std::int64_t most);
    bool happens(double percent);
    /// Mostly short, seldom long.
    task<void> busy_for(std::int64_t least_ms, std::int64_t most_ms);

    double fail_;
    std::mt19937_64 random_;
    std::int64_t number_ = 0;
};

}  // namespace work::tool
