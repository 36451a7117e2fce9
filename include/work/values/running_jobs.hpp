// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace work {

/// The jobs of one name that a worker pool runs.
struct running_jobs
{
    std::string name;           ///< "": those of all names beyond the first `most_names`
    std::int64_t jobs = 0;      ///< so many run
    std::string oldest;         ///< the id of the one that runs for longest
    std::int64_t since_ms = 0;  ///< when that one started, by the broker's clock
    /// Of them, so many that ran into their timeout, were told so, and did not end in the time
    /// that they had for it: the job was given up, and keeps its worker from others.
    std::int64_t stalled = 0;

    /// A pool tells of so many names by themselves: those with most jobs.
    static constexpr std::size_t most_names = 32;

    friend bool operator==(running_jobs const&, running_jobs const&) = default;
};
BOOST_DESCRIBE_STRUCT(running_jobs, (), (name, jobs, oldest, since_ms, stalled))

}  // namespace work
