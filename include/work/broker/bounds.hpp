// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What becomes of new jobs while a queue holds as many as it may: they are refused, with
/// errc::queue_full; their producers wait for room; or the oldest that wait in the queue are
/// cancelled to make room.
enum class when_full : char { refuse = 'r', wait = 'w', drop_oldest = 'd' };
BOOST_DESCRIBE_ENUM(when_full, refuse, wait, drop_oldest)

constexpr std::string_view to_string(when_full how) noexcept
{
    return how == when_full::refuse ? "refuse" : how == when_full::wait ? "wait" : "drop_oldest";
}

/// How many jobs may wait in a queue, as it stands.
struct bound_state
{
    std::string queue;
    std::int64_t most = 0;
    when_full full = when_full::refuse;
    std::string who{};            ///< as the one who set it is called
    std::int64_t at_ms = 0;       ///< when it was set first
    std::int64_t pending = 0;     ///< how many wait; more than `most`, if some came by themselves
    std::int64_t refused = 0;     ///< how many were turned away since, with each try of who waits
    std::int64_t dropped = 0;     ///< how many were cancelled to make room
    std::int64_t full_at_ms = 0;  ///< when it was full last; 0: never

    friend bool operator==(bound_state const&, bound_state const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    bound_state,
    (),
    (queue, most, full, who, at_ms, pending, refused, dropped, full_at_ms)
)

/// Bounds a queue, or lets any number of jobs wait in it.
struct bound_change
{
    std::string queue;
    bool remove = false;
    std::int64_t most = 0;
    when_full full = when_full::refuse;
    std::string who{};
};

/// `done`, `already` (it was so), `gone` (there is none to remove), or `full`: too many queues are
/// bounded.
enum class bound_code { done, already, gone, full };
BOOST_DESCRIBE_ENUM(bound_code, done, already, gone, full)

struct bounds_answer
{
    std::int64_t now_ms = 0;
    std::vector<bound_state> bounds{};  ///< by queue

    friend bool operator==(bounds_answer const&, bounds_answer const&) = default;
};

}  // namespace work
