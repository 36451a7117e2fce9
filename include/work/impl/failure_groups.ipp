// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/failure_groups.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void failure_sums::add(job_row const& row)
{
    constexpr std::size_t named = 10;
    std::string const type = row.failure ? row.failure->type : "";
    std::int64_t const at = row.failure ? row.failure->at_ms : row.when_ms;
    auto const [place, first] =
        places_.emplace(by_ == failure_key::type ? type : row.name, groups_.size());
    if (first) {
        failure_group& fresh = groups_.emplace_back();
        fresh.type = type;
        fresh.name = row.name;
        fresh.first_ms = at;
    }
    failure_group* const found = &groups_[place->second];
    // What is not the same for all of them says nothing.
    if (by_ == failure_key::type && found->name != row.name)
        found->name.clear();
    if (by_ == failure_key::name && found->type != type)
        found->type.clear();
    ++found->count;
    ++(row.state == job_state::dead ? found->dead : found->retry);
    found->first_ms = std::min(found->first_ms, at);
    if (first || at > found->last_ms) {
        found->last_ms = at;
        found->sample_id = row.id;
        found->sample_message = row.failure ? row.failure->message : "";
    }
    bool const known =
        std::find(found->names.begin(), found->names.end(), row.name) != found->names.end();
    if (!known && found->names.size() != named)
        found->names.push_back(row.name);
}

WORK_DECL std::vector<failure_group> failure_sums::largest_first() const
{
    std::vector<failure_group> sorted = groups_;
    std::stable_sort(
        sorted.begin(),
        sorted.end(),
        [](failure_group const& a, failure_group const& b) {
            return a.count != b.count ? a.count > b.count : a.last_ms > b.last_ms;
        }
    );
    return sorted;
}

}  // namespace work::detail
