// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// A job of a flow, as the flow knows it.
struct flow_member
{
    std::string id;
    std::string list;
    std::vector<std::string> needs;  ///< at most `policy::shown_parents`
    /// How it ended: completed, cancelled, dead, set_aside; `unknown`: it has not, or was deleted.
    job_state ended = job_state::unknown;
    bool over = false;  ///< it has ended, or is dead

    friend bool operator==(flow_member const&, flow_member const&) = default;
};

/// A flow as a broker keeps it.
struct flow_record
{
    std::string id;
    std::string name;
    std::int64_t created_ms = 0;  ///< 0: there is none of that id, or it is kept no longer
    std::int64_t committed_ms = 0;
    std::int64_t aborted_ms = 0;
    std::int64_t jobs = 0;
    std::int64_t left = 0;  ///< those that have neither ended nor are dead
    std::vector<flow_member> members;

    friend bool operator==(flow_record const&, flow_record const&) = default;
};

/// Some flows, without their members.
struct flow_list
{
    std::int64_t of = 0;  ///< so many there are
    std::vector<flow_record> flows;
};

namespace detail {

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// From the fields of `flow:<id>`; members in the order of their ids.
WORK_DECL flow_record read_flow(std::string id, text_pairs const& fields);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/flows.ipp>
#endif
