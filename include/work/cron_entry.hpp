// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/job_info.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace work {

/// What becomes of the times at which a cron entry was due while nobody fired it. Of times that
/// are due together the last one is not missed, unless it is more than a minute ago.
enum class missed {
    skip,  ///< nothing
    one,   ///< the last one fires, however long ago it was
    all,   ///< up to `cron_options::most_missed` of the last ones fire, with a job each
};
BOOST_DESCRIBE_ENUM(missed, skip, one, all)

/// What becomes of a time at which the job of the one before is not done yet.
enum class overlap {
    allow,  ///< it fires
    skip,   ///< nothing is enqueued; the history says so
};
BOOST_DESCRIBE_ENUM(overlap, allow, skip)

/// How a cron entry is due. Trivially destructible, since g++ 12 destroys other aggregates inside
/// a co_await twice.
struct cron_options
{
    /// A name of the time zone database.
    std::string_view zone = "UTC";
    work::missed missed = work::missed::one;
    /// 1..256, of `missed::all`.
    int most_missed = 24;
    work::overlap overlap = work::overlap::allow;
    /// A new entry is paused at once.
    bool paused = false;
    /// Who wants it: then it is in the audit.
    std::string_view by{};
};
static_assert(std::is_trivially_destructible_v<cron_options>);

/// A cron entry. Times are the broker's, in ms since 1970.
struct cron_entry
{
    std::string name;
    std::string spec;
    std::string words;  ///< "at 03:00 on Monday"
    std::string zone;
    work::missed missed = work::missed::one;
    int most_missed = 24;
    work::overlap overlap = work::overlap::allow;
    bool paused = false;
    std::int64_t paused_ms = 0;            ///< since when it is
    std::int64_t next_ms = 0;              ///< 0: it is paused, or never due again
    std::vector<std::int64_t> upcoming{};  ///< its next 5 times, also while it is paused
    std::int64_t fired_ms = 0;             ///< when it fired last; 0: never
    std::string last_job;                  ///< the newest job that it enqueued
    std::int64_t revision = 0;             ///< another one with each change
    std::string job;                       ///< the name of its jobs
    std::string queue;
    json_text options{"{}"};  ///< of its jobs
    std::string args;         ///< as stored, so that no number is changed
    /// Why it can't be used here: it can't be read, or its zone is not known. "" where it can.
    std::string fault;

    friend bool operator==(cron_entry const&, cron_entry const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    cron_entry,
    (),
    (name,
     spec,
     words,
     zone,
     missed,
     most_missed,
     overlap,
     paused,
     paused_ms,
     next_ms,
     upcoming,
     fired_ms,
     last_job,
     revision,
     job,
     queue,
     options,
     args,
     fault)
)

enum class cron_end {
    fired,
    known,       ///< its jobs, or others of their unique key, were there before
    overlapped,  ///< the job before was not done: nothing was enqueued
};
BOOST_DESCRIBE_ENUM(cron_end, fired, known, overlapped)

/// One time that an entry fired.
struct cron_fired
{
    std::int64_t at_ms = 0;   ///< when it did
    std::int64_t due_ms = 0;  ///< when it was due; 0: somebody wanted it to run
    cron_end end = cron_end::fired;
    std::string job;          ///< the last of its jobs; "" where none was enqueued
    std::int64_t jobs = 0;    ///< how many it enqueued
    std::int64_t missed = 0;  ///< times that were passed over; −1: more than 10 000
    std::string by;           ///< who wanted it to run

    friend bool operator==(cron_fired const&, cron_fired const&) = default;
};
BOOST_DESCRIBE_STRUCT(cron_fired, (), (at_ms, due_ms, end, job, jobs, missed, by))

enum class cron_put { created, changed, unchanged };
BOOST_DESCRIBE_ENUM(cron_put, created, changed, unchanged)

}  // namespace work
