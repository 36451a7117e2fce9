// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <chrono>

namespace work::web {

/// How much of the broker's time may go to what people start: in no second more than 200 ms.
///
/// What was not spent is saved, up to `saved_at_most`, so that what is small does not wait: a look
/// at 10 000 records, where nobody looked before it. One call may overdraw, by what a call takes:
/// 5 ms at most.
class spending
{
public:
    using clock = std::chrono::steady_clock;
    using duration = std::chrono::duration<double>;

    static constexpr duration saved_at_most = std::chrono::milliseconds(40);
    /// Of each second; while a walk through all records goes on beside it, which takes an eighth.
    static constexpr double share = 0.15;
    static constexpr duration saved_beside_a_walk = std::chrono::milliseconds(10);
    static constexpr double share_beside_a_walk = 0.05;

    /// How long the next call has to wait.
    clock::duration wait(clock::time_point now)
    {
        save(now);
        if (left_ > duration::zero())
            return clock::duration::zero();
        duration const needed = -left_ / now_share() + std::chrono::microseconds(100);
        return std::chrono::ceil<clock::duration>(needed);
    }
    void spent(duration what, clock::time_point now)
    {
        save(now);
        left_ -= what;
    }
    void walk_begins(clock::time_point now)
    {
        save(now);
        ++walks_;
        save(now);
    }
    void walk_ends(clock::time_point now)
    {
        save(now);
        --walks_;
    }

private:
    double now_share() const noexcept { return walks_ > 0 ? share_beside_a_walk : share; }
    void save(clock::time_point now)
    {
        duration const most = walks_ > 0 ? saved_beside_a_walk : saved_at_most;
        left_ = std::min<duration>(most, left_ + (now - at_) * now_share());
        at_ = now;
    }

    duration left_ = saved_at_most;
    clock::time_point at_{};
    int walks_ = 0;
};

}  // namespace work::web
