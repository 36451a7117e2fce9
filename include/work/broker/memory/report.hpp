// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/step.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <string_view>

namespace work::detail {

/// What a pool says about its jobs, taken once: `scripts/parts/report.lua`.
class memory_reports : memory_step
{
public:
    explicit memory_reports(memory_call& call) : memory_step(call) {}

    /// Answers as before when the number was heard before. Throws errc::protocol when it is stale.
    WORK_DECL bool answered_before();
    WORK_DECL void take_reports();

private:
    WORK_DECL void renew(claim_number number, memory_claim& claim);
    WORK_DECL void repeat(stored_exchange const& before);
    WORK_DECL outcome_code hear(finished_jobs const& finished);
    WORK_DECL outcome_code hear(job_outcome const& outcome);
    WORK_DECL outcome_code hear(job_outcome const& outcome, outcome_writes const& writes);
    WORK_DECL outcome_code may_speak(claim_number claim, std::string_view id);
    WORK_DECL void log(job_log_lines const& more);
    WORK_DECL void drop(job_outcome const& outcome, finish_as end);
    WORK_DECL void take_back_forgotten(claim_number number, memory_claim const& claim);
    WORK_DECL void count();
    WORK_DECL void give_back(claim_number claim, suspect member);

    std::vector<std::pair<claim_number, std::vector<suspect>>> given_back_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/report.ipp>
#endif
