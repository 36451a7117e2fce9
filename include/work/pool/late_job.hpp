// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/pool/retry_policy.hpp>

#include <cstdint>
#include <string>

namespace work::detail {

struct worker;

/// A job that is past its timeout while the pool's thread is blocked.
struct late_job
{
    worker* who = nullptr;
    std::uint64_t generation = 0;
    claim_number claim = 0;
    std::string id;
    std::string name;
    retry_decision what;
    std::string failure;
    int max_attempts = 0;
    outcome_code code = outcome_code::ok;  ///< the broker's answer, once it is known
};

}  // namespace work::detail
