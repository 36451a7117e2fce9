// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/new_job.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// A cron entry as a broker keeps it. What is due when, and what of it, is in a text that the
/// broker does not read: it knows no time zones.
struct cron_record
{
    std::string name;
    /// Of its text, and whether it is paused. Raised by each change, and never used again.
    std::int64_t revision = 0;
    std::int64_t next_ms = 0;    ///< when it is due; 0: it is paused
    std::int64_t paused_ms = 0;  ///< since when it is paused; 0: it is not
    std::int64_t fired_ms = 0;   ///< when it fired last; 0: never
    std::string last_job{};      ///< the newest job that it enqueued
    std::string text{};

    friend bool operator==(cron_record const&, cron_record const&) = default;
};

enum class cron_code : char {
    done = 'm',
    known = 'p',       ///< fired, and its jobs, or others of their keys, were there before
    overlapped = 'o',  ///< its last job is live still, so that nothing was enqueued
    moved_on = 'v',    ///< it is not as it was seen: nothing was changed
    too_many = 'f',    ///< there are as many entries as there may be
};

struct cron_answer
{
    std::int64_t now_ms = 0;
    cron_code code = cron_code::done;
    /// As it is now; nothing: there is none of that name.
    std::optional<cron_record> record{};

    friend bool operator==(cron_answer const&, cron_answer const&) = default;
};

/// Makes, changes or removes an entry that is as it was seen.
struct cron_change
{
    std::string name;
    // As it was seen; 0 and 0: there was none.
    std::int64_t seen_revision = 0;
    std::int64_t seen_next_ms = 0;
    bool remove = false;  ///< what follows does not count then
    std::int64_t next_ms = 0;
    std::int64_t paused_ms = 0;  ///< −1: now
    std::string text{};
};

/// Enqueues the jobs of an entry and puts it due again, if it is as it was seen: whoever else saw
/// the same finds that it moved on. The jobs have ids of their own, which are the same whoever
/// fires.
struct cron_fire
{
    std::string name;
    std::int64_t seen_revision = 0;
    std::int64_t seen_next_ms = 0;
    std::int64_t next_ms = 0;  ///< from now on; 0: it is paused and stays so
    bool unless_live = false;  ///< nothing is enqueued while its last job is live
    std::string job{};         ///< the last of its jobs; empty: none
    std::string text{};        ///< the end of the JSON that is kept of it: `,"due_ms":…}`
    std::vector<new_job> jobs{};
};

/// What is due now.
struct due_crons
{
    std::int64_t now_ms = 0;
    std::int64_t next_ms = 0;  ///< when the first of the others is due; 0: there are none
    std::vector<cron_record> due{};

    friend bool operator==(due_crons const&, due_crons const&) = default;
};

/// One entry, and the last times that it fired, newest first: JSON.
struct cron_details
{
    std::int64_t now_ms = 0;
    std::optional<cron_record> record{};
    std::vector<std::string> fires{};

    friend bool operator==(cron_details const&, cron_details const&) = default;
};

namespace detail {

/// What is kept of an entry under its name.
WORK_DECL std::string cron_value(cron_record const& record);
/// One that somebody wrote by hand is as if it had neither a revision nor a time.
WORK_DECL cron_record read_cron(std::string_view name, std::string_view value);
/// What is kept of a fire.
WORK_DECL std::string cron_fire_value(std::int64_t now_ms, cron_code code, std::string_view text);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/crons.ipp>
#endif
