// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/records.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace work::detail {

struct memory_data;

/// Asks, for the jobs of one batch, whether there is room in their queues: as `scripts/parts/
/// bounds.lua`.
class bound_check
{
public:
    explicit bound_check(memory_data& data) : data_(data) {}

    /// One job more is to wait in this list. What it is told, if it may not.
    WORK_DECL std::optional<enqueued> refuse(std::string_view list);
    /// Behind the batch: whoever is too many goes, and what was refused is counted.
    WORK_DECL void settle(std::int64_t now);

private:
    struct seen
    {
        memory_bound* bound;
        std::int64_t waiting;
        std::int64_t refused = 0;
    };

    memory_data& data_;
    std::vector<seen> seen_;
};

}  // namespace work::detail
