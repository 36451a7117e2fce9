// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/fetch_order.hpp>

#include <algorithm>
#include <cmath>

namespace work::detail {

WORK_DECL void fetch_order::fill(
    std::vector<pool_queue*> const& lists,
    int want,
    std::vector<wanted_list>& out
)
{
    auto const add = [&](pool_queue const& s, int take) {
        out.push_back(wanted_list{s.what, take, s.type->options.on_crash == on_crash::dead});
    };
    if (lists.size() == 1) {
        add(*lists.front(), want);
        return;
    }
    sorted_.assign(lists.begin(), lists.end());
    if (order_ == queue_order::strict) {
        std::stable_sort(sorted_.begin(), sorted_.end(), [](pool_queue* a, pool_queue* b) {
            return a->rank < b->rank;
        });
    } else if (order_ == queue_order::round_robin || sorted_.size() > most_lists) {
        // Of many lists shares are drawn by weight; for what is left over any order will do.
        std::uint64_t const turn = order_ == queue_order::round_robin ? turn_++ : random_();
        std::rotate(
            sorted_.begin(),
            sorted_.begin() + static_cast<std::ptrdiff_t>(turn % sorted_.size()),
            sorted_.end()
        );
    } else {
        // The order of exponential delays with the weights as rates: each is first with the
        // probability its weight has in the sum.
        std::vector<std::pair<double, pool_queue*>> delays;
        delays.reserve(sorted_.size());
        for (pool_queue* s : sorted_) {
            double const uniform = (static_cast<double>(random_() >> 11) + 1) * 0x1.0p-53;
            delays.emplace_back(-std::log(uniform) / s->weight, s);
        }
        std::sort(delays.begin(), delays.end());
        std::transform(delays.begin(), delays.end(), sorted_.begin(), [](auto const& d) {
            return d.second;
        });
    }
    if (order_ == queue_order::strict) {
        sorted_.resize(std::min(sorted_.size(), most_lists));
        for (pool_queue* s : sorted_)
            add(*s, want);
        return;
    }
    auto const empty = std::stable_partition(sorted_.begin(), sorted_.end(), [](pool_queue* s) {
        return s->length != 0;
    });
    // Some lists get a share each; then comes whatever room is left, for all of them.
    share(static_cast<std::size_t>(empty - sorted_.begin()), want);
    for (auto const& [s, jobs] : shares_)
        add(*s, jobs);
    // A claim from each of few lists costs the broker less than one from each of many.
    if (sorted_.size() > most_lists)
        sorted_.resize(few_lists);
    for (pool_queue* s : sorted_)
        add(*s, want);
}

// How many of `want` jobs from which of the first `lists` of the sorted ones. Exact for few lists;
// of many some are drawn, so that the shares are right in the long run.
WORK_DECL void fetch_order::share(std::size_t lists, int want)
{
    shares_.clear();
    auto const weight = [&](pool_queue const* s) -> std::uint64_t {
        return order_ == queue_order::weighted ? static_cast<std::uint64_t>(s->weight) : 1;
    };
    std::uint64_t total = 0;
    for (std::size_t i = 0; i != lists; ++i)
        total += weight(sorted_[i]);
    if (order_ == queue_order::weighted && lists > few_lists) {
        for (std::size_t draw = 0; draw != few_lists; ++draw) {
            auto const part = static_cast<int>(draw);
            constexpr auto parts = static_cast<int>(few_lists);
            int const jobs = want * (part + 1) / parts - want * part / parts;
            std::uint64_t at = random_() % total;
            std::size_t i = 0;
            while (at >= weight(sorted_[i]))
                at -= weight(sorted_[i++]);
            auto const known = std::find_if(shares_.begin(), shares_.end(), [&](auto const& s) {
                return s.first == sorted_[i];
            });
            if (known != shares_.end())
                known->second += jobs;
            else if (jobs > 0)
                shares_.emplace_back(sorted_[i], jobs);
        }
        return;
    }
    std::size_t const some = std::min(lists, few_lists);
    total = 0;
    for (std::size_t i = 0; i != some; ++i)
        total += weight(sorted_[i]);
    std::uint64_t left = static_cast<std::uint64_t>(want);
    for (std::size_t i = 0; i != some; ++i) {
        // Rounded at random, so that it is exact on average.
        std::uint64_t const jobs = (left * weight(sorted_[i]) + random_() % total) / total;
        total -= weight(sorted_[i]);
        left -= jobs;
        if (jobs > 0)
            shares_.emplace_back(sorted_[i], static_cast<int>(jobs));
    }
}

}  // namespace work::detail
