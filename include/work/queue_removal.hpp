// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace work {

/// What became of a queue that somebody wants forgotten.
struct queue_removal
{
    /// done; gone: no job was ever stored there, or it was forgotten; active: it is in use, and
    /// stays
    admin_code code = admin_code::gone;
    std::int64_t lists = 0;  ///< one for each job name that was in it
    std::int64_t jobs = 0;   ///< in use: so many are there
    bool whole = true;  ///< false: there may be more, as not all that wait for a time were seen
    std::vector<std::string> pools{};  ///< in use: alive ones with handlers for its jobs
    std::int64_t now_ms = 0;

    friend bool operator==(queue_removal const&, queue_removal const&) = default;
};
BOOST_DESCRIBE_STRUCT(queue_removal, (), (code, lists, jobs, whole, pools, now_ms))

}  // namespace work
