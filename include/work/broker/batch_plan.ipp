// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/batch_plan.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace work::detail {

/// What is due so long after it was made is not due when it is stored, whatever the clocks say.
inline constexpr std::int64_t surely_later_ms = 3'600'000;

inline std::int64_t created_of(new_job const& job)
{
    std::int64_t created = 0;
    if (job.envelope.size() > 23)
        std::from_chars(job.envelope.data() + 10, job.envelope.data() + 23, created);
    return created;
}

// As it would be told if no other job was in the batch.
inline told_as own_kind(new_job const& job)
{
    if (job.plain())
        return told_as::plain;
    bool const later = job.delay_ms > 0 || job.at_ms > 0;
    if (job.stamp || job.large() || job.holds() || job.links != nullptr ||
        (job.chosen_id && (later || job.priority != 0)))
        return told_as::alone;
    if (job.at_ms > 0 && job.at_ms < created_of(job) + surely_later_ms)
        return told_as::alone;
    if (later)
        return told_as::due;
    return job.chosen_id ? told_as::chosen : told_as::priority;
}

/// Lists of some jobs of a batch.
class some_lists
{
public:
    void add(std::string_view list)
    {
        if (lists_.empty() || lists_.back() != list)
            lists_.push_back(list);
    }
    void sort() { std::sort(lists_.begin(), lists_.end()); }
    bool has(std::string_view list) const
    {
        return !lists_.empty() && std::binary_search(lists_.begin(), lists_.end(), list);
    }

private:
    std::vector<std::string_view> lists_;
};

WORK_DECL batch_plan::batch_plan(std::vector<new_job> const& jobs)
    : jobs_(&jobs),
      kinds_(jobs.size(), told_as::plain)
{
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        kinds_[i] = own_kind(jobs[i]);
        all_plain_ = all_plain_ && kinds_[i] == told_as::plain;
    }
    if (all_plain_)
        return;
    some_lists alone;
    for (std::size_t i = 0; i != jobs.size(); ++i)
        if (kinds_[i] == told_as::alone)
            alone.add(jobs[i].list);
    alone.sort();
    auto const is_alone = [&](new_job const& job) { return alone.has(job.list); };
    // One that goes alone would be overtaken by another of its id.
    bool chosen_alone = false;
    for (std::size_t i = 0; i != jobs.size(); ++i)
        chosen_alone = chosen_alone ||
                       (jobs[i].chosen_id && (kinds_[i] == told_as::alone || is_alone(jobs[i])));
    some_lists chosen;
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        if (kinds_[i] == told_as::chosen) {
            if (chosen_alone)
                kinds_[i] = told_as::alone;
            (chosen_alone ? alone : chosen).add(jobs[i].list);
        }
    }
    alone.sort();
    chosen.sort();
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        if (kinds_[i] == told_as::plain && is_alone(jobs[i]))
            kinds_[i] = told_as::alone;
        else if (kinds_[i] == told_as::plain && chosen.has(jobs[i].list))
            kinds_[i] = told_as::chosen;
    }
}

WORK_DECL std::vector<std::size_t> batch_plan::all(told_as kind) const
{
    std::vector<std::size_t> indexes;
    if (all_plain_ && kind != told_as::plain)
        return indexes;
    if (kind == told_as::plain)
        indexes.reserve(kinds_.size());
    for (std::size_t i = 0; i != kinds_.size(); ++i)
        if (kinds_[i] == kind)
            indexes.push_back(i);
    return indexes;
}

WORK_DECL std::vector<std::size_t> batch_plan::coded() const
{
    std::vector<std::size_t> indexes = all(told_as::chosen);
    std::vector<std::size_t> const alone = all(told_as::alone);
    indexes.insert(indexes.end(), alone.begin(), alone.end());
    return indexes;
}

WORK_DECL std::vector<std::vector<std::size_t>> batch_plan::plain_by_list() const
{
    std::vector<new_job> const& jobs = *jobs_;
    std::vector<std::vector<std::size_t>> lists;
    std::unordered_map<std::string_view, std::size_t> known;
    for (std::size_t i = 0; i != kinds_.size(); ++i) {
        if (kinds_[i] != told_as::plain)
            continue;
        if (lists.empty() || jobs[lists.back().front()].list != jobs[i].list) {
            auto const [place, fresh] = known.emplace(jobs[i].list, lists.size());
            if (!fresh) {
                lists[place->second].push_back(i);
                continue;
            }
            lists.emplace_back();
        }
        lists.back().push_back(i);
    }
    return lists;
}

WORK_DECL std::vector<std::vector<std::size_t>> batch_plan::priorities_by_place() const
{
    std::vector<new_job> const& jobs = *jobs_;
    std::map<std::pair<std::string_view, std::array<char, 2>>, std::vector<std::size_t>> places;
    for (std::size_t const i : all(told_as::priority))
        places[{jobs[i].list, id_segment(jobs[i].id)}].push_back(i);
    std::vector<std::vector<std::size_t>> groups;
    for (auto& [place, indexes] : places)
        groups.push_back(std::move(indexes));
    return groups;
}

}  // namespace work::detail
