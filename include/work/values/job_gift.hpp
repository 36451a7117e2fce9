// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/describe/class.hpp>

#include <string>
#include <string_view>

namespace work {

/// What one that a job needed left to it.
struct job_gift
{
    std::string from;  ///< the name that it was to be found by, or its id
    std::string
        state;  ///< in which it ended: "completed", "cancelled", "dead", "gone", "set_aside"
    std::string result;  ///< JSON text; "" when there is none
    std::string reason;  ///< of one that did not complete, where something is known

    friend bool operator==(job_gift const&, job_gift const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_gift, (), (from, state, result, reason))

namespace detail {

/// From what the broker has: state, newline, ending or failure.
WORK_DECL job_gift read_gift(std::string from, std::string_view text);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/job_gift.ipp>
#endif
