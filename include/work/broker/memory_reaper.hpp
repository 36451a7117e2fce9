// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory_step.hpp>
#include <work/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Moves what the clock moves: jobs of lapsed leases into suspect groups, due jobs into their
/// lists.
class memory_reaper : memory_step
{
public:
    explicit memory_reaper(memory_call& call) : memory_step(call) {}

    WORK_DECL void reap_lapsed();
    WORK_DECL std::int64_t promote(scored_ids& set);

private:
    WORK_DECL void reap(claim_number claim, std::vector<std::string>& fresh);
    WORK_DECL void split(std::vector<std::string> const& suspects, int alone);
    void add_group(int alone, std::vector<std::string> ids)
    {
        if (!ids.empty())
            data_.suspects.push_back(suspect_group{alone, std::move(ids)});
    }

    std::size_t reaped_jobs_ = 0;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/broker/memory_reaper.ipp>
#endif
