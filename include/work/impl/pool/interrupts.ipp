// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <algorithm>

namespace work::detail {

// How handlers are cancelled. A cancellation is emitted only while the handler stands in an await
// that listens; else it is tried again. So a handler that returned normally and never stood in such
// an await was certainly not reached by it, and its job is done.

WORK_DECL void pool_core::interrupt(worker& s, stop_reason why)
{
    if (!s.busy)
        return;
    s.tell(why);
    if (std::exchange(s.interrupt_queued, true))
        return;
    interrupts_.push_back(queued_interrupt{&s, s.generation});
    if (interrupt_armed_ && interrupt_pause_ == clock::duration::zero())
        return;
    interrupt_pause_ = clock::duration::zero();
    // Never from here: a handler that ends at once would end amid what its caller walks through.
    deliver_interrupts_in(clock::duration::zero());
}

// A few at a time: the loop has others to serve beside thousands that end.
WORK_DECL void pool_core::deliver_interrupts()
{
    constexpr std::size_t at_once = 128;
    std::size_t delivered = 0;
    std::size_t left = interrupts_.size();
    for (; left > 0 && delivered != at_once; --left) {
        queued_interrupt const next = interrupts_.front();
        interrupts_.pop_front();
        worker& s = *next.who;
        if (!s.busy || s.generation != next.generation || !s.interrupt_queued)
            continue;
        if (!s.hears_cancellation()) {
            interrupts_.push_back(next);
            continue;
        }
        ++delivered;
        s.interrupt_queued = false;
        s.interrupted = true;
        s.cancel.emit(boost::asio::cancellation_type::all);
    }
    if (interrupts_.empty())
        return;
    if (left > 0)
        interrupt_pause_ = clock::duration::zero();
    else
        interrupt_pause_ = std::clamp<clock::duration>(
            interrupt_pause_ * 2,
            std::chrono::milliseconds(1),
            std::chrono::milliseconds(50)
        );
    deliver_interrupts_in(interrupt_pause_);
}

WORK_DECL void pool_core::deliver_interrupts_in(clock::duration pause)
{
    interrupt_armed_ = true;
    interrupt_timer_.expires_after(pause);
    interrupt_timer_.async_wait([self = weak_from_this()](boost::system::error_code failure) {
        auto const core = self.lock();
        if (!core || failure)
            return;
        core->interrupt_armed_ = false;
        core->deliver_interrupts();
    });
}

// Nothing that handlers do counts any more.
WORK_DECL void pool_core::end_interrupts()
{
    interrupt_timer_.cancel();
    interrupt_armed_ = false;
    for (queued_interrupt const& next : std::exchange(interrupts_, {})) {
        worker& s = *next.who;
        if (!s.busy || s.generation != next.generation || !s.interrupt_queued)
            continue;
        s.interrupt_queued = false;
        s.interrupted = true;
        s.cancel.emit(boost::asio::cancellation_type::all);
    }
}

}  // namespace work::detail
