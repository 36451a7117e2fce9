// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory_claimer.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void memory_claimer::claim()
{
    int alone = 0;
    if (want_ > 0 && request_.take_suspects)
        answer_.suspects = pop_suspects(alone);
    if (!answer_.suspects && (want_ > 0 || !request_.plan.empty())) {
        text_set seen;
        for (wanted_list const& w : request_.plan) {
            if (want_ > 0 && (full() || w.take == 0))
                continue;
            seen.emplace(w.list);
            claim_from(w.list, w.take);
        }
        if (request_.discover)
            claim_discovered(seen);
    }
    if (!taken_.empty())
        store_claim(alone);
    data_.pools_by_name[std::string(request_.pool)].answer(request_.number) =
        stored_exchange{request_.number, answer_.finished, answer_.outcomes, answer_.started,
                        answer_.claim,   answer_.suspects, answer_.lost};
}

WORK_DECL void memory_claimer::claim_from(std::string_view list, std::int64_t at_most)
{
    std::size_t const before = taken_.size();
    pop(list, at_most);
    if (taken_.size() > before && dead_on_crash(list))
        dead_lists_.emplace(list);
}

WORK_DECL void memory_claimer::claim_discovered(text_set const& seen)
{
    auto const served = data_.serves.find(request_.pool);
    if (served == data_.serves.end())
        return;
    std::vector<std::pair<std::int64_t, std::string>> found;
    auto const consider = [&](std::string const& list, std::int64_t rank) {
        if (seen.find(list) == seen.end())
            found.emplace_back(rank, list);
    };
    if (data_.ready.size() <= served->second.size()) {
        for (std::string const& list : data_.ready) {
            auto const rank = served->second.find(list);
            if (rank != served->second.end())
                consider(list, rank->second);
        }
    } else {
        for (auto const& [list, rank] : served->second) {
            if (data_.ready.find(list) != data_.ready.end())
                consider(list, rank);
        }
    }
    std::sort(found.begin(), found.end());
    for (auto const& [rank, list] : found) {
        if (full())
            answer_.left.push_back(list_left{list, 1});
        else
            claim_from(list, want_);
    }
}

WORK_DECL bool memory_claimer::take(memory_job& job)
{
    std::int64_t const bytes = stored_bytes_of(job.bytes->envelope);
    if (bytes > max_carried_bytes) {
        std::string const id = job.bytes->id;
        data_.put_aside(id, answer_.notes, "record of " + std::to_string(bytes) + " bytes");
        return false;
    }
    bytes_ += bytes;
    taken_.push_back(data_.whole_bytes(job));
    return true;
}

WORK_DECL bool memory_claimer::pop_ghost(memory_list& list, std::string_view id)
{
    auto const ghost = list.ghosts.find(id);
    if (ghost == list.ghosts.end())
        return false;
    if (--ghost->second == 0)
        list.ghosts.erase(ghost);
    --list.ghost_total;
    return true;
}

WORK_DECL void memory_claimer::pop(std::string_view name, std::int64_t at_most)
{
    auto const promoted = promoted_.find(name);
    if (promoted != promoted_.end())
        promoted_.erase(promoted);
    auto room = static_cast<std::size_t>(
        std::min(at_most, want_ - static_cast<std::int64_t>(taken_.size())));
    memory_list* const list = data_.find_list(name);
    std::size_t looked = 0;
    while (list != nullptr && room > 0 && !full() && looked < 1024) {
        std::size_t const asked = room;
        std::size_t const listed = std::min(asked, list->ids.size());
        std::size_t const beside = std::min(asked, list->ahead.size());
        bool const ghostly = list->ghost_total > 0;
        std::size_t used = 0, used_beside = 0;
        while (room > 0 && !full()) {
            memory_job* job = nullptr;
            if (used < listed) {
                std::string const& id = list->ids.front();
                job = data_.find_job(id);
                bool const ghost = (ghostly || job == nullptr) && pop_ghost(*list, id);
                if (ghost || job == nullptr) {
                    if (!ghost && !ghostly)
                        answer_.notes.push_back("lost by the store: " + id);
                    list->ids.pop_front();
                    ++used;
                    continue;
                }
            }
            bool ahead = used_beside < beside && (job != nullptr || listed < asked);
            if (ahead && job != nullptr) {
                auto const header = read_header(job->bytes->envelope);
                ahead = !header || header->created >= list->ahead.order().begin()->first;
            }
            if (ahead) {
                memory_job* const first = data_.find_job(list->ahead.pop_first());
                ++used_beside;
                if (first != nullptr && take(*first))
                    --room;
            } else if (job != nullptr) {
                if (take(*job))
                    --room;
                list->ids.pop_front();
                ++used;
            } else {
                break;
            }
        }
        if (used + used_beside == 0)
            break;
        looked += used;
    }
    std::int64_t const length = list == nullptr ? 0 : list->length();
    if (length == 0) {
        data_.unready_if_empty(name);
        return;
    }
    answer_.left.push_back(list_left{std::string(name), length});
    data_.hint(name);
}

// A suspect group, or what this pool serves and has room for of it.
WORK_DECL bool memory_claimer::pop_suspects(int& alone)
{
    auto const served = data_.serves.find(request_.pool);
    auto& groups = data_.suspects;
    while (!groups.empty()) {
        std::size_t const size = groups.size();
        std::size_t index =
            size > 64 ? static_cast<std::size_t>(us_) % (size - 63) : std::size_t{0};
        std::size_t const end = std::min(index + 64, size);
        bool emptied = false;
        for (; index != end && !emptied; ++index) {
            std::vector<std::string> rest;
            for (std::string const& id : groups[index].ids) {
                memory_job* const job = data_.find_job(id);
                if (job == nullptr)
                    continue;
                auto const header = read_header(job->bytes->envelope);
                if (!header) {
                    data_.put_aside(id, answer_.notes);
                } else if (!full() && served != data_.serves.end() &&
                           served->second.find(header->list) != served->second.end()) {
                    take(*job);
                    if (dead_on_crash(header->list))
                        dead_lists_.emplace(header->list);
                } else {
                    rest.push_back(id);
                }
            }
            int const deaths = groups[index].alone;
            emptied = rest.empty();
            if (emptied)
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(index));
            else
                groups[index].ids = std::move(rest);
            if (!taken_.empty()) {
                alone = deaths;
                return true;
            }
        }
        if (!emptied)
            return false;
    }
    return false;
}

WORK_DECL void memory_claimer::store_claim(int alone)
{
    data_.fence = std::max(data_.fence + 1, us_);
    memory_claim claim;
    claim.pool = request_.pool;
    claim.lapses = now_ + request_.lease_ms;
    claim.suspects = answer_.suspects;
    claim.alone = alone;
    claim.dead_on_crash.assign(dead_lists_.begin(), dead_lists_.end());
    std::sort(claim.dead_on_crash.begin(), claim.dead_on_crash.end());
    claim.ids.reserve(taken_.size());
    for (stored_bytes const& bytes : taken_) {
        claim.ids.push_back(bytes->id);
        data_.find_job(bytes->id)->claim = data_.fence;
    }
    data_.leases.emplace(claim.lapses, data_.fence);
    data_.claims.emplace(data_.fence, std::move(claim));
    answer_.claim = data_.fence;
}

}  // namespace work::detail
