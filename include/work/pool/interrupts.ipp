// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/interrupts.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace work::detail {

WORK_DECL void interrupts::add(worker& s, stop_reason why)
{
    if (!s.busy)
        return;
    s.tell(why);
    if (std::exchange(s.interrupt_queued, true))
        return;
    queue_.push_back(worker_job{&s, s.generation});
    if (armed_ && pause_ == duration::zero())
        return;
    pause_ = duration::zero();
    deliver_in(pause_);
}

WORK_DECL void interrupts::emit(worker& s)
{
    s.interrupt_queued = false;
    s.interrupted = true;
    s.cancel.emit(boost::asio::cancellation_type::all);
}

// A few at a time: the loop has others to serve beside thousands that end.
WORK_DECL void interrupts::deliver()
{
    constexpr std::size_t at_once = 128;
    std::size_t delivered = 0;
    std::size_t left = queue_.size();
    for (; left > 0 && delivered != at_once; --left) {
        worker_job const next = queue_.front();
        queue_.pop_front();
        if (!is_due(next))
            continue;
        if (!next.who->hears_cancellation()) {
            queue_.push_back(next);
            continue;
        }
        ++delivered;
        emit(*next.who);
    }
    if (queue_.empty())
        return;
    if (left > 0)
        pause_ = duration::zero();
    else
        pause_ = std::clamp<duration>(
            pause_ * 2,
            std::chrono::milliseconds(1),
            std::chrono::milliseconds(50)
        );
    deliver_in(pause_);
}

WORK_DECL void interrupts::deliver_in(duration pause)
{
    armed_ = true;
    timer_.expires_after(pause);
    timer_.async_wait([weak = weak_self()](boost::system::error_code failure) {
        auto const self = weak.lock();
        if (!self || failure)
            return;
        self->armed_ = false;
        self->deliver();
    });
}

WORK_DECL void interrupts::end()
{
    timer_.cancel();
    armed_ = false;
    for (worker_job const& next : std::exchange(queue_, {})) {
        if (is_due(next))
            emit(*next.who);
    }
}

}  // namespace work::detail
