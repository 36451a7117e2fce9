// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/values/duration.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL void pool_core::arm_deadline(worker& s)
{
    {
        worker_lock const guard(s);
        s.give_up_at =
            s.deadline + std::min<clock::duration>(options_.grace, std::chrono::seconds(5));
    }
    deadlines_.insert(deadlines_.end(), s);
    if (s.deadline < deadline_armed_)
        wait_for_deadline();
}

WORK_DECL void pool_core::disarm_deadline(worker& s)
{
    if (s.deadline_hook::is_linked())
        deadlines_.erase(deadlines_.iterator_to(s));
    // The timer is left alone: it finds out by itself, and arming it costs more than a look.
    if (deadlines_.empty() && deadline_armed_ != clock::time_point::max() && stop_requested_) {
        deadline_armed_ = clock::time_point::max();
        deadline_timer_.cancel();
    }
}

WORK_DECL void pool_core::wait_for_deadline()
{
    if (deadlines_.empty()) {
        deadline_armed_ = clock::time_point::max();
        return;
    }
    // 10 ms apart at least, so that deadlines that lie close together share a wake-up.
    deadline_armed_ =
        std::max(deadlines_.begin()->deadline, clock::now() + std::chrono::milliseconds(10));
    deadline_timer_.expires_at(deadline_armed_);
    deadline_timer_.async_wait([self = weak_from_this()](boost::system::error_code failure) {
        auto const core = self.lock();
        if (core && !failure)
            core->deadlines_passed();
    });
}

WORK_DECL void pool_core::deadlines_passed()
{
    clock::time_point const now = clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->deadline <= now) {
        worker& s = *deadlines_.begin();
        deadlines_.erase(deadlines_.begin());
        if (!s.overdue) {
            s.overdue = true;
            s.deadline = now + std::min<clock::duration>(options_.grace, std::chrono::seconds(5));
            deadlines_.insert(s);
            interrupt(s, stop_reason::timed_out);
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
        if (!mine || s.held.of->lost)
            continue;
        log(log_level::error,
            "job " + std::string(s.held.id) + " (" + s.held.list->type->name +
                ") did not end after its timeout; it is given up, its worker "
                "stays taken until the handler returns");
        fail(
            s,
            work::failure{
                s.job().attempt(),
                "timed_out",
                s.held.list->type->name + " ran longer than its timeout (" +
                    format_duration(s.timeout) + ") and did not end when it was cancelled",
                now_ms()
            },
            false
        );
    }
    wait_for_deadline();
    kick();
}

}  // namespace work::detail
