// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>

namespace work {

/// A job that somebody wants to see the state of. Times are the broker's, in ms since 1970.
struct tracked_job
{
    std::string id;
    std::string name;
    std::string queue;  ///< when it was tracked
    /// Where it is; of one of which nothing is kept any more, as what it ended.
    /// `unknown`: it was deleted, or nobody was told of its end.
    job_state state = job_state::unknown;
    bool there = false;         ///< something is kept of it
    std::int64_t ended_ms = 0;  ///< when it ended or was dead last, since it is tracked; 0: not
    std::int64_t since_ms = 0;  ///< when it was tracked
    std::string by;             ///< by whom; "": nobody said

    friend bool operator==(tracked_job const&, tracked_job const&) = default;
};
BOOST_DESCRIBE_STRUCT(tracked_job, (), (id, name, queue, state, there, ended_ms, since_ms, by))

}  // namespace work
