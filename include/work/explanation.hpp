// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/limits.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/job_info.hpp>
#include <work/values/pool_info.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// All that can hold a job, or has become of it.
inline constexpr std::array<std::string_view, 21> job_gates{
    "unknown",       // there is no such job
    "ended",         // it completed or was cancelled
    "dead",          //
    "set_aside",     // its record can't be read
    "scheduled",     // for a time
    "retry",         // for the time of its next attempt
    "waiting",       // for jobs that it needs
    "reader",        // for a program that can read its record
    "flow",          // for its flow, which is not stored whole
    "cancelling",    // it runs, and was told to end
    "active",        // it runs
    "lease_ended",   // its pool does not answer any more
    "suspect",       // its pool died
    "queue_paused",  //
    "name_paused",   //
    "limit",         // that has no slot free
    "no_pool",       // has a handler for it
    "pools_quiet",   // all that have one claim nothing
    "pools_busy",    // likewise
    "position",      // others go before it
    "next",          // nothing holds it
};

/// One thing that decides when a job runs, or what became of it.
struct job_reason
{
    std::string gate;  ///< its kind, a word for programs: one of `job_gates`
    /// For people, without an end. It says what to do where something is to be done.
    std::string sentence;
    std::int64_t since_ms = 0;  ///< 0: not known
    std::int64_t until_ms = 0;  ///< 0: not known, or until somebody does something
    /// The numbers of the sentence, for programs: `ahead`, `pools`, `workers`, `busy`, `attempt`,
    /// `failed_attempts`, `needs`, `slots`, `held`; absent: it has none.
    std::map<std::string, std::int64_t> values{};

    friend bool operator==(job_reason const&, job_reason const&) = default;
};
BOOST_DESCRIBE_STRUCT(job_reason, (), (gate, sentence, since_ms, until_ms, values))

/// Why a job does not run now. Times are the broker's, in ms since 1970.
///
///     work::explanation const why = co_await inspector.explain(id);
///     std::puts(why.text().c_str());
struct explanation
{
    std::string id;
    job_state state = job_state::unknown;
    std::int64_t now_ms = 0;
    std::string name;
    std::string queue;
    /// The one that matters first: as long as it holds, those behind it don't matter. Never empty.
    std::vector<job_reason> reasons;
    /// Running pools with a handler for its name, by id. Which queues they serve they don't say.
    std::vector<std::string> runnable_by;
    /// Pending: so many jobs of its list are taken before it, `places_looked_at` when it is that
    /// many or more; −1: not known, since it is elsewhere, or moved meanwhile.
    std::int64_t ahead = -1;

    /// How far into its list it looks for a job.
    static constexpr std::int64_t places_looked_at = 1000;

    /// The first reason's sentence.
    WORK_DECL std::string text() const;

    friend bool operator==(explanation const&, explanation const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    explanation,
    (),
    (id, state, now_ms, name, queue, reasons, runnable_by, ahead)
)

/// What a job, its pauses, the pools and its place in its list tell together.
WORK_DECL explanation explain_job(
    job_info const& job,
    std::vector<pause_info> const& paused,
    std::vector<pool_info> const& pools,
    std::int64_t ahead,
    std::vector<limit_state> const& limits = {}
);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/explanation.ipp>
#endif
