// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/web/request.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// The body of a claim.
struct claim_body
{
    std::int64_t number = 0;
    int want = 1;
    std::int64_t wait_ms = 0;
    std::int64_t max_bytes = 1 << 20;
    std::vector<std::string> names{};  ///< of those that were registered; empty: all
};

/// What a worker says became of a job.
enum class worker_outcome { complete, fail, snooze, discard, release, next };

struct reported_outcome
{
    std::string id{};
    claim_number fence = 0;
    worker_outcome what = worker_outcome::complete;
    std::string result{};   ///< complete: JSON text, "": none
    std::string type{};     ///< fail
    std::string message{};  ///< fail; of discard why
    bool fatal = false;
    bool counts = true;                   ///< fail: costs an attempt
    std::optional<std::int64_t> in_ms{};  ///< snooze; of fail, where it says so itself
    std::vector<std::string> then{};      ///< jobs that follow, each as JSON
    std::string stage{};  ///< next: an object with what the job is to be, of what changes
};

struct extended_claim
{
    claim_number fence = 0;
    std::vector<std::string> ids{};
};

struct reported_checkin
{
    std::string id{};
    claim_number fence = 0;
    std::string message{};
    double percent = -1;  ///< below 0: not said
};

struct reported_log
{
    std::string id{};
    claim_number fence = 0;
    std::vector<std::string> lines{};
};

/// The body of a report.
struct report_body
{
    std::int64_t number = 0;
    std::vector<reported_outcome> outcomes{};
    std::vector<extended_claim> extend{};
    std::vector<reported_checkin> checkins{};
    std::vector<reported_log> logs{};
    std::vector<claim_number> close{};
    std::vector<job_cancel> cancels_seen{};
};

/// What one of the routes for a single job reports.
enum class worker_verb { complete, fail, snooze, discard, release, next, extend, checkin, logs };

struct verb_body
{
    std::string pool{};
    report_body report{};
};

/// \par Errors `problem` 400 bad-json, bad-parameter; 422 invalid-option
WORK_DECL claim_body read_claim(web_request const& request);
WORK_DECL report_body read_report(web_request const& request);
WORK_DECL verb_body read_verb(web_request const& request, worker_verb verb);

inline constexpr std::int64_t max_claim_number = 500'000'000;
inline constexpr std::int64_t max_report_number = 500'000'000'000'000;
inline constexpr std::size_t max_report_outcomes = 256;
inline constexpr std::size_t max_report_rows = 1'024;
inline constexpr std::size_t max_report_then = 256;  ///< jobs that follow, of all outcomes
inline constexpr std::size_t max_claim_names = 1'000;
inline constexpr std::int64_t max_claim_wait_ms = 55'000;

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/routes/worker_bodies.ipp>
#endif
