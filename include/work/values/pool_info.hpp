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
     language)
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
