// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/deadlines.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void deadlines::arm(worker& s)
{
    {
        worker_lock const guard(s);
        s.give_up_at = s.deadline + grace_;
    }
    set_.insert(set_.end(), s);
    if (s.deadline < armed_)
        wait();
}

// One that is not armed, as it is still to start, will not.
WORK_DECL void deadlines::hurry(worker& s)
{
    if (!s.deadline_hook::is_linked() || std::exchange(s.overdue, true))
        return;
    set_.erase(set_.iterator_to(s));
    s.deadline = clock::now() + grace_;
    set_.insert(s);
    if (s.deadline < armed_)
        wait();
}

WORK_DECL void deadlines::disarm(worker& s, bool last)
{
    if (s.deadline_hook::is_linked())
        set_.erase(set_.iterator_to(s));
    // The timer is left alone: it finds out by itself, and arming it costs more than a look.
    if (last && set_.empty() && armed_ != clock::time_point::max())
        cancel_timer();
}

WORK_DECL void deadlines::cancel_timer()
{
    armed_ = clock::time_point::max();
    timer_.cancel();
}

WORK_DECL void deadlines::wait()
{
    if (set_.empty()) {
        armed_ = clock::time_point::max();
        return;
    }
    // 10 ms apart at least, so that deadlines that lie close together share a wake-up.
    armed_ = std::max(set_.begin()->deadline, clock::now() + std::chrono::milliseconds(10));
    timer_.expires_at(armed_);
    timer_.async_wait([weak = weak_self()](boost::system::error_code failure) {
        auto const self = weak.lock();
        if (self && !failure)
            self->passed();
    });
}

WORK_DECL void deadlines::passed()
{
    clock::time_point const now = clock::now();
    while (!set_.empty() && set_.begin()->deadline <= now) {
        worker& s = *set_.begin();
        set_.erase(set_.begin());
        if (!s.overdue) {
            s.overdue = true;
            s.deadline = now + grace_;
            set_.insert(s);
            listener_.timed_out(s);
            continue;
        }
        // It did not end although its awaits were cancelled: the job moves on without it, and its
        // worker stays taken until the frame is gone.
        bool mine = false;
        {
            worker_lock const guard(s);
            mine = s.running && !s.given_up;
            s.given_up = s.given_up || mine;
        }
        if (mine && !s.held.of->lost)
            listener_.overstayed(s);
    }
    wait();
    listener_.deadlines_passed();
}

}  // namespace work::detail
