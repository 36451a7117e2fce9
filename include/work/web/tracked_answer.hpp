// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/inspector.hpp>
#include <work/task.hpp>
#include <work/tracked_job.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// All jobs that are tracked, the last one first, and when they were read.
struct tracked_answer
{
    std::vector<tracked_job> tracked;
    std::int64_t now_ms = 0;
};

/// What is told of all of them, with a page of them and with what becomes of some.
struct tracked_sum
{
    std::int64_t of = 0;                         ///< how many there are
    std::map<std::string, std::int64_t> states;  ///< how many in each
    std::int64_t pace_ms = 0;                    ///< so long apart they are read
    std::int64_t now_ms = 0;                     ///< when they were
};
BOOST_DESCRIBE_STRUCT(tracked_sum, (), (of, states, pace_ms, now_ms))

inline task<tracked_answer> look_at_tracked(inspector look, std::shared_ptr<broker> at)
{
    tracked_answer out;
    out.tracked = co_await look.tracked();
    out.now_ms = time_ms(*at);
    co_return out;
}

/// A tracked job takes Redis 12 us, so that up to 170 of them are read once a second, and 1 000 of
/// them every 6 s: 2 ms of each second.
inline std::int64_t pace_of_tracked(tracked_answer const& last)
{
    return std::max<std::int64_t>(1'000, static_cast<std::int64_t>(last.tracked.size()) * 6);
}

inline tracked_sum sum_of(tracked_answer const& all)
{
    tracked_sum sum;
    sum.of = static_cast<std::int64_t>(all.tracked.size());
    for (tracked_job const& one : all.tracked)
        ++sum.states[std::string(to_string(one.state))];
    sum.pace_ms = pace_of_tracked(all);
    sum.now_ms = all.now_ms;
    return sum;
}

}  // namespace work::web
