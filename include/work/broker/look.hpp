// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// Asks for some jobs that are in one state, in the order of that state:
/// scheduled and retrying ones by their time; dead, completed, cancelled and set-aside ones by
/// their end, the last first; pending ones by list, and there as they will be taken; active ones by
/// claim, the oldest first; suspects by name, the group that is taken next first.
struct look_request
{
    job_state state = job_state::pending;
    std::string queue{};  ///< pending: of this queue alone; "": of all
    std::string name{};   ///< pending, suspect: of this name alone; "": of all
    /// unknown: those with this tag that have not ended, in whatever state, by when they were made.
    std::string tag{};
    std::string cursor{};  ///< of the job after which to go on; "": from the first on
    int count = 100;       ///< how many at most; 0: only `of` is asked for
    bool turned = false;   ///< states that are kept by time: the other way around
};

struct found_job
{
    std::string id;
    std::string cursor;
    std::int64_t when_ms = 0;  ///< as in `job_record`; active: when its lease ends
    claim_number claim = 0;
    std::string pool;
    std::string envelope;  ///< of a large job the head
    std::string kept;      ///< completed, cancelled: its ending
    std::string failure;   ///< retry, dead, suspect: the last one
};

struct found_jobs
{
    std::int64_t now_ms = 0;
    std::vector<found_job> jobs;
    std::int64_t scanned = 0;  ///< places that were looked at; ids that moved on are no jobs
    std::int64_t of = 0;       ///< how many there are of that state, queue and name; -1: not known
    bool more = false;
    std::string next;      ///< cursor to go on with, if there is more
    bool skipped = false;  ///< so many went meanwhile that some may have been passed over
};

namespace detail {

/// How far from where a job was in its list it is looked for.
inline constexpr std::int64_t look_window = 512;

/// A cursor in a set by score.
struct scored_cursor
{
    std::int64_t score = 0;
    std::string id;
};
/// In lists: a job beside its list (by its score), or in it (by its index).
struct listed_cursor
{
    std::string list;
    bool beside = true;
    std::int64_t at = 0;
    std::string id;
};
/// In claims or groups: so many of it were seen.
struct counted_cursor
{
    std::string name;
    std::int64_t number = 0;
    std::int64_t seen = 0;
};

/// \par Errors errc::invalid_option: it is no such cursor
WORK_DECL scored_cursor read_scored_cursor(std::string_view text);
WORK_DECL listed_cursor read_listed_cursor(std::string_view text);
WORK_DECL counted_cursor read_counted_cursor(std::string_view text);
WORK_DECL std::string to_text(scored_cursor const& cursor);
WORK_DECL std::string to_text(listed_cursor const& cursor);
WORK_DECL std::string to_text(counted_cursor const& cursor);

/// Whether the last comes first in this state.
constexpr bool last_first(job_state state) noexcept
{
    return state == job_state::dead || state == job_state::completed ||
           state == job_state::cancelled || state == job_state::set_aside;
}
/// What stands before the separator; both are taken off the text.
inline std::string_view take_part(std::string_view& text, char separator)
{
    std::size_t const end = text.find(separator);
    std::string_view const part = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return part;
}
/// Whether a list is of that queue and that name; "" of any.
WORK_DECL bool list_is_of(
    std::string_view list,
    std::string_view encoded_queue,
    std::string_view encoded_name
);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/look.ipp>
#endif
