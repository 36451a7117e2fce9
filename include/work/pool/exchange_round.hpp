// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/events.hpp>
#include <work/pool/claims.hpp>
#include <work/values/failure.hpp>
#include <work/values/new_job.hpp>
#include <work/values/redis_write.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::detail {

struct worker;

/// What a job that ended was counted as.
enum class counted_as : char { nothing, processed, failed };

/// What became of a job that is not on the fast path.
struct job_report
{
    claim* of = nullptr;
    std::string_view id;
    outcome_kind kind = outcome_kind::release;
    std::int64_t number = 0;
    std::string text;
    std::optional<work::failure> why{};
    std::unique_ptr<event_info> event{};  ///< for hooks, once it is stored
    /// The heartbeat may have reported it: should the job be gone, that was heard.
    bool reported_before = false;
    counted_as counted = counted_as::nothing;  ///< taken back if the report is not taken
    std::string list{};                        ///< that it was counted in
    std::vector<new_job> then{};               ///< stored with it
    std::vector<redis_write> writes{};         ///< carried out with it
    std::unique_ptr<job_report> otherwise{};   ///< where one of them would be refused
};

/// One of a worker's jobs.
struct worker_job
{
    worker* who = nullptr;
    std::uint64_t generation = 0;
};

/// Lines for a job's log.
struct round_log
{
    claim_number claim = 0;
    std::string id;
    std::vector<std::string> lines;
};

/// One exchange under way, with everything its views point into.
struct exchange_round
{
    exchange_request request;
    std::uint64_t serial = 0;  ///< no other has it
    std::size_t reports = 0;   ///< about jobs
    bool on_wake = false;      ///< it was left with the broker while the pool waited
    bool flush = false;        ///< counts and progress go along
    worker_job start;          ///< the job whose start it reports
    std::vector<claim*> reported;
    std::vector<std::vector<counted_run>> counted_of_finished;  ///< of each of `finished`
    std::vector<claim*> closed;
    std::vector<job_report> outcomes;
    std::vector<job_report> dropped;  ///< of claims that are lost: nobody hears them
    std::vector<std::string> texts;
    std::vector<round_log> logs;
    std::vector<std::string> counted;  ///< lists
    std::vector<job_cancel> cancels_seen;
    std::vector<told_order> orders_seen;
};

}  // namespace work::detail
