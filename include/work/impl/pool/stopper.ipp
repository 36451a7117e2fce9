// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL bool pool_core::idle() const noexcept
{
    return running_.load(std::memory_order_relaxed) == 0 && ready_.empty();
}

WORK_DECL void pool_core::became_idle()
{
    if (!idle())
        return;
    if (stop_requested_)
        stop_wake_.wake();
    if (until_empty_ && in_flight_ == 0 && !words_waiting())
        empty_wake_.wake();
}

WORK_DECL void pool_core::stop()
{
    if (stop_flag_.exchange(true))
        return;
    boost::asio::post(executor_, [self = shared_from_this()] { self->request_stop(); });
}

WORK_DECL void pool_core::quiet()
{
    boost::asio::post(executor_, [self = shared_from_this()] {
        if (self->quiet_ || self->closed_)
            return;
        self->quiet_ = true;
        self->state_ = "quiet";
        self->log(log_level::info, "quiet: claims nothing any more");
    });
}

WORK_DECL void pool_core::request_stop()
{
    stop_flag_ = true;
    if (closed_ || std::exchange(stop_requested_, true))
        return;
    state_ = "stopping";
    keeper_->stop_requested();
    release_unstarted();
    for (slot& s : slots_) {
        if (s.busy)
            s.tell(stop_reason::shutting_down);
    }
    broker_->wake();
    waiter_wake_.wake();
    stop_wake_.wake();
    empty_wake_.wake();
    kick();
}

// Back to the front of its list.
WORK_DECL void pool_core::release_last()
{
    held_job const job = ready_.back();
    ready_.pop_back();
    --job.of->unstarted;
    if (!job.of->lost)
        say(said{job.of, job.id, outcome_kind::release, 0, {}, {}});
    drop_ready(job);
}

// The last one first, so that they keep their order.
WORK_DECL void pool_core::release_unstarted()
{
    while (!ready_.empty())
        release_last();
}

// Runs after stop was asked for: grace, then cancellation, then what is still to be said.
WORK_DECL task<void> pool_core::stop_in_order()
{
    clock::time_point const grace_ends = clock::now() + options_.grace;
    while (running() > 0 && clock::now() < grace_ends)
        co_await stop_wake_.sleep_until(grace_ends);
    if (running() > 0) {
        log(log_level::info,
            "the grace is over: " + std::to_string(running()) + " job(s) are cancelled");
        for (slot& s : slots_)
            interrupt(s, stop_reason::shutting_down);
        clock::time_point const frames_gone = clock::now() + std::chrono::milliseconds(400);
        while (running() > 0 && clock::now() < frames_gone)
            co_await stop_wake_.sleep_until(frames_gone);
    }
    if (running() > 0)
        log(log_level::warning,
            std::to_string(running()) +
                " job(s) did not end when they were cancelled; they are left to "
                "their leases");
    clock::time_point const said_by = clock::now() + std::chrono::milliseconds(300);
    while ((in_flight_ > 0 || standing_ || words_waiting() || !closable_.empty()) &&
           clock::now() < said_by) {
        kick();
        co_await stop_wake_.sleep_until(
            std::min(said_by, clock::now() + std::chrono::milliseconds(20))
        );
    }
    closed_ = true;
    for (wakeable& w : exchanger_wake_)
        w.wake();
    waiter_wake_.wake();
    empty_wake_.wake();
    if (in_flight_ > 0) {
        for (auto& c : exchanger_cancel_)
            c.emit(boost::asio::cancellation_type::terminal);
    }
    if (standing_)
        waiter_cancel_.emit(boost::asio::cancellation_type::terminal);
    clock::time_point const roles_gone = clock::now() + std::chrono::milliseconds(100);
    while (roles_ > 0 && clock::now() < roles_gone)
        co_await stop_wake_.sleep_until(roles_gone);
    try {
        std::vector<std::string> lists = list_ids();
        co_await broker_->leave(id_, std::move(lists), std::chrono::milliseconds(300));
    } catch (std::exception const& e) {
        log(log_level::warning, std::string("leaving the broker failed: ") + e.what());
    }
    keeper_->stop();
    deadline_timer_.cancel();
    deadline_armed_ = clock::time_point::max();
    for (slot* s : std::exchange(parked_, {}))
        s->unpark()();
    state_ = "stopped";
}

// Stops the pool once nothing is pending or active in the lists it serves, here or elsewhere.
WORK_DECL task<void> pool_core::empty_loop(std::shared_ptr<pool_core> self)
{
    while (!self->stop_requested_) {
        bool const quiet_here = self->idle() && self->in_flight_ == 0 && !self->words_waiting() &&
                                self->lists_version_ >= 0 && !self->lists_stale_;
        if (!quiet_here) {
            co_await self->empty_wake_.sleep_until(clock::now() + std::chrono::milliseconds(100));
            continue;
        }
        outstanding_jobs left;
        bool known = false;
        try {
            std::vector<std::string> lists = self->list_ids();
            left = co_await self->broker_->outstanding(std::move(lists));
            known = true;
        } catch (std::exception const& e) {
            self->log(
                log_level::warning,
                std::string("can't tell whether the queues are empty: ") + e.what()
            );
        }
        if (self->stop_requested_)
            break;
        if (known && left.pending == 0 && left.active == 0 && self->idle()) {
            self->stop_flag_ = true;
            self->request_stop();
            break;
        }
        if (known && left.pending > 0) {
            self->hungry_ = true;
            self->kick();
        }
        co_await self->empty_wake_.sleep_until(clock::now() + std::chrono::milliseconds(50));
    }
}

}  // namespace work::detail
