// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/claims.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace work::detail {

/// Claimed jobs that wait for a worker: the exchanger fills it, the workers empty it.
class claimed_jobs
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    bool empty() const noexcept { return jobs_.empty(); }
    std::size_t size() const noexcept { return jobs_.size(); }
    auto begin() const noexcept { return jobs_.begin(); }
    auto end() const noexcept { return jobs_.end(); }

    void push_back(held_job const& job) { jobs_.push_back(job); }
    /// Before the others, the first of them first.
    void push_front(std::vector<held_job> const& jobs)
    {
        jobs_.insert(jobs_.begin(), jobs.begin(), jobs.end());
    }

    /// The next one, which is about to start. There is one. `now` gives the time if it is needed.
    template <typename Clock>
    held_job take(Clock const& now)
    {
        held_job const job = jobs_.front();
        jobs_.pop_front();
        if (--job.of->unstarted == 0)
            all_started(*job.of, now());
        return job;
    }
    /// The last one, which is not to start. There is one.
    held_job take_back()
    {
        held_job const job = jobs_.back();
        jobs_.pop_back();
        --job.of->unstarted;
        return job;
    }
    /// Those for which `cond(job)`, in one walk.
    template <typename Condition>
    std::vector<held_job> take_if(Condition cond)
    {
        std::vector<held_job> taken;
        std::erase_if(jobs_, [&](held_job const& job) {
            if (!cond(job))
                return false;
            taken.push_back(job);
            return true;
        });
        for (held_job const& job : taken)
            --job.of->unstarted;
        return taken;
    }
    void clear() { jobs_.clear(); }

    /// How many may wait at most.
    std::int64_t limit() const noexcept { return limit_; }
    static constexpr std::int64_t no_limit = 1 << 20;

private:
    // Jobs that keep the thread are started one after the other, however many workers there are. No
    // more of them are held than can be started within 50 ms: other pools may be free.
    void all_started(claim const& c, time_point now)
    {
        constexpr std::chrono::milliseconds most(50);
        auto const took = now - c.received;
        if (took > most)
            limit_ = std::max<std::int64_t>(8, c.ready_then * most / took);
        else if (took < most / 2)
            limit_ = std::min<std::int64_t>(limit_ * 2, no_limit);
    }

    std::deque<held_job> jobs_;
    std::int64_t limit_ = no_limit;
};

}  // namespace work::detail
