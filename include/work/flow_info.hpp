// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/flows.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

enum class flow_state {
    unknown,  ///< there is none of that id, or it is kept no longer
    storing,  ///< not all of it is stored yet: nothing runs
    running,
    ended,   ///< each of its jobs has ended, or is dead
    aborted  ///< it was not stored whole: nothing of it ran
};
BOOST_DESCRIBE_ENUM(flow_state, unknown, storing, running, ended, aborted)

constexpr std::string_view to_string(flow_state state) noexcept
{
    switch (state) {
    case flow_state::unknown: break;
    case flow_state::storing: return "storing";
    case flow_state::running: return "running";
    case flow_state::ended: return "ended";
    case flow_state::aborted: return "aborted";
    }
    return "unknown";
}

/// A flow, as `flow::start` stored it. Times are the broker's, in ms since 1970.
struct flow_info
{
    std::string id;
    std::string name;  ///< for people; may be ""
    flow_state state = flow_state::unknown;
    std::int64_t created_ms = 0;
    std::int64_t committed_ms = 0;  ///< when all of it was stored; 0: it is not
    std::int64_t jobs = 0;
    std::int64_t left = 0;  ///< those that have neither ended nor are dead

    friend bool operator==(flow_info const&, flow_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(flow_info, (), (id, name, state, created_ms, committed_ms, jobs, left))

struct flow_page
{
    std::int64_t of = 0;  ///< so many there are
    std::vector<flow_info> flows;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(flow_page, (), (of, flows, now_ms))

struct flow_job_info
{
    std::string id;
    std::string name;
    std::string queue;
    /// `unknown`: it is gone, since it was deleted, or ended and was not kept.
    job_state state = job_state::unknown;
    std::vector<std::string> needs;  ///< at most `policy::shown_parents`

    friend bool operator==(flow_job_info const&, flow_job_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(flow_job_info, (), (id, name, queue, state, needs))

/// How many of its jobs are in which state.
struct flow_counts
{
    std::int64_t waiting = 0, scheduled = 0, pending = 0, suspect = 0, active = 0, retry = 0;
    std::int64_t dead = 0, completed = 0, cancelled = 0, set_aside = 0, unknown = 0;

    friend bool operator==(flow_counts const&, flow_counts const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    flow_counts,
    (),
    (waiting,
     scheduled,
     pending,
     suspect,
     active,
     retry,
     dead,
     completed,
     cancelled,
     set_aside,
     unknown)
)

/// A flow with its jobs: each behind those of them that it needs.
struct flow_details
{
    flow_info flow;
    flow_counts counts;
    std::vector<flow_job_info> jobs;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(flow_details, (), (flow, counts, jobs, now_ms))

/// What became of `inspector::cancel_flow`.
struct flow_cancel
{
    std::string id;
    /// `gone`: there is no such flow; `already`: there was nothing that may still run.
    admin_code code = admin_code::done;
    std::int64_t asked = 0;  ///< so many might still have run
    std::int64_t done = 0;   ///< of them were cancelled, or told to end
    std::int64_t now_ms = 0;

    friend bool operator==(flow_cancel const&, flow_cancel const&) = default;
};
BOOST_DESCRIBE_STRUCT(flow_cancel, (), (id, code, asked, done, now_ms))

namespace detail {

WORK_DECL flow_info info_of(flow_record const& flow);
/// The members, each behind those that it needs; among those by their ids.
WORK_DECL std::vector<flow_member> in_order(std::vector<flow_member> members);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/flow_info.ipp>
#endif
