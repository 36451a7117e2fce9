// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory_reaper.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void memory_reaper::reap_lapsed()
{
    auto const lapsed = [&] {
        return !data_.leases.empty() && data_.leases.begin()->first <= now_;
    };
    if (!lapsed() || data_.grace > now_)
        return;
    std::vector<std::string> fresh;
    int reaped = 0;
    do {
        reap(data_.leases.begin()->second, fresh);
        ++reaped;
    } while (lapsed() && reaped < 64 && reaped_jobs_ < 512);
    for (std::size_t from = 0; from < fresh.size(); from += 256) {
        auto const begin = fresh.begin() + static_cast<std::ptrdiff_t>(from);
        auto const size = std::min<std::size_t>(256, fresh.size() - from);
        add_group(0, {begin, begin + static_cast<std::ptrdiff_t>(size)});
    }
    if (!fresh.empty()) {
        for (std::string const& pool : data_.some_pools(8, request_.pool, now_))
            data_.hint(pool);
    }
    if (lapsed())
        answer_.more = true;
}

inline std::string crash_text(int attempt, char const* type, std::string const& message,
                              std::int64_t now)
{
    return "{\"attempt\":" + std::to_string(attempt) + ",\"type\":\"" + type +
           "\",\"message\":\"" + message + "\",\"at_ms\":" + std::to_string(now) + "}";
}

WORK_DECL void memory_reaper::reap(claim_number n, std::vector<std::string>& fresh)
{
    auto const found = data_.claims.find(n);
    memory_claim const claim = std::move(found->second);
    data_.leases.erase(std::pair(claim.lapses, n));
    data_.claims.erase(found);
    std::vector<std::string> suspects, unstarted;
    for (std::string const& id : claim.ids) {
        memory_job* const job = data_.find_job(id);
        if (claim.left.find(id) != claim.left.end() || job == nullptr)
            continue;
        job->claim = 0;
        stored_bytes const bytes = job->bytes;
        auto const header = read_header(bytes->envelope);
        if (!header) {
            data_.put_aside(id, now_, answer_.notes);
            continue;
        }
        ++reaped_jobs_;
        if (!std::binary_search(claim.dead_on_crash.begin(), claim.dead_on_crash.end(),
                                header->list))
            (claim.suspects ? suspects : fresh).push_back(id);
        else if (claim.started.find(id) == claim.started.end())
            unstarted.push_back(id);
        else
            data_.bury(id, header->attempts,
                       crash_text(header->attempts + 1, "crash",
                                  "the worker process died while the job ran; its type says dead "
                                  "on crash",
                                  now_),
                       now_);
    }
    for (auto id = unstarted.rbegin(); id != unstarted.rend(); ++id) {
        stored_bytes const bytes = data_.find_job(*id)->bytes;
        data_.make_pending(*id, *read_header(bytes->envelope), true, now_);
    }
    split(suspects, claim.alone);
    answer_.notes.push_back("lapsed: " + std::to_string(n) + " of " + claim.pool);
}

// A crash counts against a job only when no other could have done it.
WORK_DECL void memory_reaper::split(std::vector<std::string> const& suspects, int alone)
{
    if (suspects.size() == 1) {
        memory_job& job = *data_.find_job(suspects[0]);
        stored_bytes const bytes = job.bytes;
        auto const header = read_header(bytes->envelope);
        int const deaths = alone + 1;
        std::string const text =
            crash_text(header->attempts + 1, deaths >= 3 ? "crash_loop" : "crash",
                       "the worker process died " + std::to_string(deaths) +
                           " time(s) while only this job was suspect",
                       now_);
        if (deaths >= 3) {
            data_.bury(suspects[0], header->attempts, text, now_);
            return;
        }
        data_.rewrite(job, with_failures(bytes->envelope, header->attempts));
        data_.add_failure(suspects[0], text);
        add_group(deaths, suspects);
        return;
    }
    std::size_t const size = (suspects.size() + 7) / 8;
    for (std::size_t from = 0; from < suspects.size(); from += size) {
        auto const begin = suspects.begin() + static_cast<std::ptrdiff_t>(from);
        auto const count = std::min(size, suspects.size() - from);
        add_group(0, {begin, begin + static_cast<std::ptrdiff_t>(count)});
    }
}

// Moves what is due into its list. Returns when the next is due, 0: none.
WORK_DECL std::int64_t memory_reaper::promote(scored_ids& set)
{
    if (set.empty())
        return 0;
    int moved = 0;
    std::size_t seen = 0;
    while (!set.empty() && set.order().begin()->first <= now_ && moved < 256 && seen < (1u << 20)) {
        std::string const id = set.pop_first();
        ++moved;
        memory_job const* const job = data_.find_job(id);
        if (job == nullptr) {
            answer_.notes.push_back("lost by the store: " + id);
            continue;
        }
        seen += job->bytes->envelope.size();
        auto const header = read_header(job->bytes->envelope);
        if (!header) {
            data_.put_aside(id, now_, answer_.notes);
            continue;
        }
        data_.make_pending(id, *header, false, now_);
    }
    if (set.empty())
        return 0;
    std::int64_t const due = set.order().begin()->first;
    if (due <= now_)
        answer_.more = true;
    return due;
}

}  // namespace work::detail
