// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/plan.hpp>

#include <algorithm>
#include <cmath>

namespace work::detail {

WORK_DECL std::uint64_t claim_plan::random() noexcept
{
    random_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = random_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

WORK_DECL void claim_plan::fill(std::vector<served*> const& lists, int want,
                                std::vector<wanted_list>& out)
{
    auto const add = [&](served const& s, int take) {
        out.push_back(wanted_list{s.list, take, s.type->options.on_crash == on_crash::dead});
    };
    if (lists.size() == 1) {
        add(*lists.front(), want);
        return;
    }
    sorted_.assign(lists.begin(), lists.end());
    if (order_ == queue_order::strict) {
        std::stable_sort(sorted_.begin(), sorted_.end(),
                         [](served* a, served* b) { return a->rank < b->rank; });
    } else if (order_ == queue_order::round_robin) {
        std::rotate(sorted_.begin(),
                    sorted_.begin() + static_cast<std::ptrdiff_t>(turn_++ % sorted_.size()),
                    sorted_.end());
    } else {
        // The order of exponential delays with the weights as rates: each is first with the
        // probability its weight has in the sum.
        std::vector<std::pair<double, served*>> delays;
        delays.reserve(sorted_.size());
        for (served* s : sorted_) {
            double const uniform = (static_cast<double>(random() >> 11) + 1) * 0x1.0p-53;
            delays.emplace_back(-std::log(uniform) / s->weight, s);
        }
        std::sort(delays.begin(), delays.end());
        std::transform(delays.begin(), delays.end(), sorted_.begin(),
                       [](auto const& d) { return d.second; });
    }
    if (order_ != queue_order::strict)
        std::stable_partition(sorted_.begin(), sorted_.end(),
                              [](served* s) { return s->length != 0; });
    // Of very many lists a few give the same shares in the long run, and a claim from each of few
    // lists costs the broker less than one from each of many.
    if (sorted_.size() > most_lists)
        sorted_.resize(order_ == queue_order::strict ? most_lists : few_lists);
    if (order_ == queue_order::strict) {
        for (served* s : sorted_)
            add(*s, want);
        return;
    }
    // Each its share first, rounded at random so that it is exact on average; then whatever room is
    // left, of all of them.
    std::int64_t total = 0;
    for (served* s : sorted_) {
        if (s->length != 0)
            total += order_ == queue_order::weighted ? s->weight : 1;
    }
    std::int64_t left = want;
    for (served* s : sorted_) {
        if (s->length == 0)
            break;
        std::int64_t const weight = order_ == queue_order::weighted ? s->weight : 1;
        auto const chance = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(total));
        std::int64_t const share = (left * weight + chance) / total;
        total -= weight;
        left -= share;
        if (share > 0)
            add(*s, static_cast<int>(share));
    }
    for (served* s : sorted_)
        add(*s, want);
}

}  // namespace work::detail
