// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>
#include <work/values/running_jobs.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// The job that a pool runs for longest.
struct oldest_job
{
    std::string id;             ///< "": not known, of a worker that speaks through a server
    std::string name;           ///< likewise
    std::int64_t since_ms = 0;  ///< when it started, by the broker's clock

    friend bool operator==(oldest_job const&, oldest_job const&) = default;
};
BOOST_DESCRIBE_STRUCT(oldest_job, (), (id, name, since_ms))

/// A handler keeps its pool's thread, so that nothing else of the pool goes on.
struct blocked_thread
{
    std::int64_t blocked_ms = 0;  ///< so long when it was told
    /// The job whose handler runs on the thread. "": one of `jobs` that had waited for something
    /// and went on since; which of them is not known.
    std::string job;
    std::string name;           ///< of that job; without it of all of them, if they have the same
    std::int64_t since_ms = 0;  ///< when that job started, by the broker's clock; 0: not known
    std::int64_t jobs = 0;      ///< it is one of so many

    friend bool operator==(blocked_thread const&, blocked_thread const&) = default;
};
BOOST_DESCRIBE_STRUCT(blocked_thread, (), (blocked_ms, job, name, since_ms, jobs))

/// "in job ID (NAME)", or as much as is known.
WORK_DECL std::string describe(blocked_thread const& what);

/// A worker pool, as its last heartbeat showed it. Times are the broker's, in ms since 1970.
struct pool_info
{
    std::string pool;  ///< its id
    std::string name;  ///< `pool_options::name`
    std::string host;
    std::int64_t pid = 0;
    std::string state;  ///< "running", "quiet", "stopping", …
    std::int64_t started_at_ms = 0;
    std::int64_t heartbeat_at_ms = 0;
    int concurrency = 0;
    int busy = 0;  ///< jobs that ran
    std::int64_t lease_ms = 0;
    std::int64_t rss_kb = 0;          ///< resident memory of its process, KiB
    std::int64_t round_trip_us = 0;   ///< of its last exchange
    std::string trouble;              ///< what is wrong with its connections; "" if nothing is
    std::int64_t events_dropped = 0;  ///< since its hooks did not keep up
    std::vector<std::string> job_names;
    std::int64_t exchange_age_ms = 0;  ///< since the last answer to its fetch loop
    std::int64_t loop_lag_ms = 0;      ///< as `pool_health` has it
    std::string language;  ///< of a worker that speaks through a server; "": it is a C++ pool
    /// What ran, by job name, most first, at most `running_jobs::most_names` and the rest of them
    /// in sum; of a worker that speaks through a server it is not known.
    std::vector<running_jobs> in_flight;
    std::optional<oldest_job> oldest;       ///< nothing: none ran
    std::int64_t stalled = 0;               ///< jobs, as `running_jobs` has it
    std::optional<blocked_thread> blocked;  ///< nothing: its thread comes round

    /// Fills `in_flight`, `oldest` and `stalled`.
    WORK_DECL void runs(std::vector<running_jobs> now);

    friend bool operator==(pool_info const&, pool_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    pool_info,
    (),
    (pool,
     name,
     host,
     pid,
     state,
     started_at_ms,
     heartbeat_at_ms,
     concurrency,
     busy,
     lease_ms,
     rss_kb,
     round_trip_us,
     trouble,
     events_dropped,
     job_names,
     exchange_age_ms,
     loop_lag_ms,
     language,
     in_flight,
     oldest,
     stalled,
     blocked)
)

/// One line of JSON, as a heartbeat shows it. What is no valid UTF-8 is replaced.
WORK_DECL std::string encode_pool_info(pool_info what);
WORK_DECL parsed<pool_info> decode_pool_info(std::string_view text);

/// What a pool publishes on the channel "pools" when it has ended.
struct finished_event
{
    std::string event = "finished";
    std::string pool;
    std::int64_t processed = 0;
    std::int64_t failed = 0;

    friend bool operator==(finished_event const&, finished_event const&) = default;
};
BOOST_DESCRIBE_STRUCT(finished_event, (), (event, pool, processed, failed))

WORK_DECL std::string encode_event(finished_event const& what);
/// Another event is refused by its name.
WORK_DECL parsed<finished_event> decode_finished_event(std::string_view text);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/pool_info.ipp>
#endif
