// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool_options.hpp>
#include <work/values/random_bits.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace work::detail {

/// In which order, and how many each, a pool claims from its lists. Pure but for its own state:
/// the turn of round robin, and the random numbers of the weights.
class fetch_order
{
public:
    explicit fetch_order(queue_order order, std::uint64_t seed) : order_(order), random_(seed) {}

    /// Lists that are known to be empty come last. `want` > 0.
    WORK_DECL void fill(
        std::vector<pool_queue*> const& lists,
        int want,
        std::vector<wanted_list>& out
    );

    /// How many lists one claim names; beyond it the broker finds the ready ones itself.
    static constexpr std::size_t most_lists = 16;
    /// How many of them get a share, and of more than `most_lists` how many are named.
    static constexpr std::size_t few_lists = 4;

private:
    WORK_DECL void share(std::size_t lists, int want);

    queue_order order_;
    random_bits random_;
    std::uint64_t turn_ = 0;
    std::vector<pool_queue*> sorted_;
    std::vector<std::pair<pool_queue*, int>> shares_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/fetch_order.ipp>
#endif
