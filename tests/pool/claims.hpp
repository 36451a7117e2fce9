// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>

#include <cstdint>

namespace pool_tests {

/// The answer that brought a claim of so many jobs, whose records are empty.
inline work::exchange_answer claimed(std::uint64_t number, int jobs)
{
    work::exchange_answer answer;
    answer.claim = static_cast<work::claim_number>(number);
    answer.jobs.resize(static_cast<std::size_t>(jobs));
    return answer;
}

}  // namespace pool_tests
