// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Something that a person did to a job, and that changed it.
struct past_action
{
    std::string action;  ///< `requeue`, `cancel`, `kill`, `move`, `edit`
    std::string what;    ///< move: where to, "" the queue of its name; edit: what was changed
    std::string by;
    std::string reason;
    std::string was;  ///< the state in which the job was found
    std::int64_t at_ms = 0;

    friend bool operator==(past_action const&, past_action const&) = default;
};
BOOST_DESCRIBE_STRUCT(past_action, (), (action, what, by, reason, was, at_ms))

namespace detail {

/// How a job's history stands among the lines of its log: its lines alone begin with this.
inline constexpr std::string_view history_line = "{\"action\":\"";

/// A line without its end, which says in which state the job was found, and when; "" where nobody
/// did it. What is no valid UTF-8 is replaced, what is long is cut.
WORK_DECL std::string history_note(past_action const& what);
/// The whole line.
WORK_DECL std::string end_note(std::string_view note, std::string_view was, std::int64_t at_ms);
/// Those of its lines that are none of a log; those that can't be read are left out.
WORK_DECL std::vector<past_action> read_history(std::vector<std::string> const& lines);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/past_action.ipp>
#endif
