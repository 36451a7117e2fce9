// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace work {

/// How a worker pool of this process does, as it sees it itself: for probes and metrics.
struct pool_health
{
    std::string pool;   ///< its id
    std::string name;   ///< `pool_options::name`
    std::string state;  ///< "running", "quiet", "stopping", "stopped"
    /// It runs, and its fetch loop had an answer of the broker's within `ready_within`; where all
    /// workers are busy, and so nothing is fetched, its lease was renewed in time.
    bool ready = false;
    int concurrency = 0;
    int busy = 0;
    std::int64_t processed = 0;        ///< jobs that returned
    std::int64_t failed = 0;           ///< attempts that failed
    std::int64_t leases_lost = 0;      ///< claims whose leases ended before their jobs did
    std::int64_t unfinished = 0;       ///< jobs that ran in those: they run elsewhere, too
    std::int64_t unheard = 0;          ///< jobs that ended here, and that the broker heard too late
    std::int64_t exchange_age_ms = 0;  ///< since the fetch loop's last answer; −1: it had none yet
    /// How long its thread took to come to something new, or has not come to it, as last measured
    /// while jobs run: a handler that blocks shows here.
    std::int64_t loop_lag_ms = 0;

    static constexpr std::chrono::seconds ready_within{15};

    friend bool operator==(pool_health const&, pool_health const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    pool_health,
    (),
    (pool,
     name,
     state,
     ready,
     concurrency,
     busy,
     processed,
     failed,
     leases_lost,
     unfinished,
     unheard,
     exchange_age_ms,
     loop_lag_ms)
)

}  // namespace work
