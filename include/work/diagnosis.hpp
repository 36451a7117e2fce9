// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_info.hpp>
#include <work/broker/crons.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/values/pool_info.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What came of one check.
struct finding
{
    std::string check;     ///< one of `doctor_checks`
    std::string level;     ///< `ok`; `unseen`: it could not be looked at; `warning`; `problem`
    std::string sentence;  ///< for people, without an end; where something is to be done, what
    std::string runbook;   ///< where to read on, below docs/

    friend bool operator==(finding const&, finding const&) = default;
};
BOOST_DESCRIBE_STRUCT(finding, (), (check, level, sentence, runbook))

/// What is looked at, in the order of the findings. Each has its place in docs/operations.md.
inline constexpr std::array<std::string_view, 18> doctor_checks{
    "server",       ///< reached, new enough, evicts nothing, rights
    "broker",       ///< the verdict of `broker_info`
    "persistence",  ///< what is acknowledged is written somewhere
    "memory",       ///< a limit is set
    "clock",        ///< of the broker and of this machine
    "pools",        ///< somebody lives
    "names",        ///< somebody handles what waits
    "paused",       ///< nothing waits for a pause that was forgotten
    "waiting",      ///< nothing waits for long
    "schedule",     ///< what is due is pending
    "crons",        ///< somebody fires cron entries
    "limits",       ///< slots are held by jobs that run, and none was forgotten at 0
    "suspects",
    "set_aside",
    "unsupported",  ///< no job waits for a newer program
    "histories",    ///< there is room for those of all lists
    "restored",     ///< the store did not go back in time
    "strays",       ///< every job is in a list, a claim or a set
};

struct doctor_options
{
    /// Looks through all jobs for strays: O(jobs), in short reads.
    bool strays = true;
    /// And puts them back; slots of limits that no job holds are free again.
    bool repair = false;
    /// Who wants it: a repair stands in the audit. "": it does not.
    std::string by{};
};

/// What is wrong with a broker and its jobs.
struct diagnosis
{
    std::int64_t now_ms = 0;
    std::string server;  ///< what is wrong with it, "" if nothing is
    std::int64_t pools = 0;
    std::int64_t waiting = 0;
    std::int64_t suspect = 0;
    std::int64_t set_aside = 0;
    std::int64_t forgotten = 0;
    std::vector<std::string> strays;
    std::int64_t taken_back = 0;
    std::vector<finding> findings;  ///< one a check at least, in their order

    /// The worst of them: "ok", "unseen", "warning", "problem".
    WORK_DECL std::string_view worst() const;

    friend bool operator==(diagnosis const&, diagnosis const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    diagnosis,
    (),
    (now_ms, server, pools, waiting, suspect, set_aside, forgotten, strays, taken_back, findings)
)

/// What a doctor looked at.
struct doctor_sight
{
    std::string server_fault;
    broker_info broker;
    broker_counts counts;
    std::vector<pool_info> pools;
    bool histories_full = false;  ///< some lists are counted together
    std::int64_t due_ms = 0;  ///< when the first scheduled or retrying job is due; 0: there is none
    due_crons crons;
    std::vector<limit_state> limits;
    limit_leaks leaks;
    std::int64_t here_ms = 0;  ///< this machine's clock, when the broker's was `counts.now_ms`
    bool looked_for_strays = false;
    bool repaired = false;
    std::vector<std::string> strays;
    std::int64_t taken_back = 0;
};

/// What is said of strays that were put back.
WORK_DECL std::string repaired_sentence(std::int64_t strays, std::int64_t taken_back);

/// The findings from that alone.
WORK_DECL diagnosis diagnose(doctor_sight seen);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/diagnosis.ipp>
#endif
