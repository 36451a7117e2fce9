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
    if (until_empty_ && in_flight_ == 0 && !reports_waiting())
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
    stop_at_ = clock::now();
    state_ = "stopping";
    heartbeat_->stop_requested();
    release_unstarted();
    give_starts_back();
    for (worker& s : workers_) {
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
        report(job_report{job.of, job.id, outcome_kind::release, 0, {}, {}});
    drop_ready(job);
}

// The last one first, so that they keep their order.
WORK_DECL void pool_core::release_unstarted()
{
    while (!ready_.empty())
        release_last();
}

WORK_DECL void pool_core::run_cancelled()
{
    if (closed_)
        return;
    if (++cancellations_ == 1 && !stop_requested_)
        log(log_level::info, "run() was cancelled: the pool stops");
    request_stop();
    stop_wake_.wake();
}

WORK_DECL void pool_core::client_closed()
{
    if (closed_ || std::exchange(client_gone_, true))
        return;
    log(log_level::error, "the client was closed while the pool runs: the pool stops");
    request_stop();
}

// Runs after stop was asked for: grace, then cancellation, then what is still to be reported. All
// that comes after the grace shares one budget, whether the broker answers or not. A second
// cancellation of `run()` ends the grace.
WORK_DECL task<void> pool_core::stop_in_order()
{
    using std::chrono::milliseconds;
    greet_cancel_.emit(boost::asio::cancellation_type::terminal);
    clock::time_point const grace_ends = stop_at_ + options_.grace;
    while (running() > 0 && clock::now() < grace_ends && cancellations_ < 2)
        co_await stop_wake_.sleep_until(grace_ends);
    close_by_ = clock::now() + closing_budget;
    if (running() > 0) {
        log(log_level::info,
            std::string(cancellations_ < 2 ? "the grace is over: " : "cancelled twice: ") +
                std::to_string(running()) + " job(s) are cancelled");
        for (worker& s : workers_)
            interrupt(s, stop_reason::shutting_down);
        clock::time_point const frames_gone = close_by_ - milliseconds(350);
        while (running() > 0 && clock::now() < frames_gone)
            co_await stop_wake_.sleep_until(frames_gone);
    }
    clock::time_point const said_by = close_by_ - milliseconds(150);
    while (!all_reported() && clock::now() < said_by) {
        kick();
        co_await stop_wake_.sleep_until(std::min(said_by, clock::now() + milliseconds(20)));
    }
    bool const done = all_reported();
    log_what_is_left();
    closed_ = true;
    for (wakeable& w : exchanger_wake_)
        w.wake();
    waiter_wake_.wake();
    empty_wake_.wake();
    for (auto* c : {&exchanger_cancel_[0], &exchanger_cancel_[1], &waiter_cancel_, &empty_cancel_})
        c->emit(boost::asio::cancellation_type::terminal);
    co_await roles_end(clock::now() + milliseconds(50));
    // A broker that took no last word would not take a farewell either.
    if (done) {
        spawn_role(take_leave(shared_from_this()), leave_cancel_);
        co_await roles_end(close_by_);
        leave_cancel_.emit(boost::asio::cancellation_type::terminal);
        co_await roles_end(clock::now() + milliseconds(50));
    }
    heartbeat_->stop();
    end_interrupts();
    deadline_timer_.cancel();
    deadline_armed_ = clock::time_point::max();
    for (worker* s : std::exchange(parked_, {}))
        s->unpark()();
    state_ = "stopped";
}

WORK_DECL task<void> pool_core::roles_end(clock::time_point by)
{
    while (roles_ > 0 && clock::now() < by)
        co_await stop_wake_.sleep_until(by);
}

WORK_DECL std::size_t pool_core::unconfirmed() const noexcept
{
    std::size_t reports = reports_lost_ + reports_in_flight_ + outcomes_.size();
    for (claim const* c : dirty_)
        reports += c->finished.size();
    return reports;
}

WORK_DECL bool pool_core::all_reported() const noexcept
{
    return in_flight_ == 0 && !claim_on_wake_ && dirty_.empty() && outcomes_.empty() &&
           cancels_seen_.empty() && closable_.empty() && counted_.empty();
}

WORK_DECL void pool_core::log_what_is_left()
{
    std::size_t const unreported = unconfirmed();
    bool const unanswered = in_flight_ > 0 || claim_on_wake_;
    if (running() == 0 && unreported == 0 && !unanswered)
        return;
    std::string line = "left to the lease of " + std::to_string(options_.lease.count()) + " ms: ";
    if (running() > 0)
        line += std::to_string(running()) + " job(s) that did not end when they were cancelled" +
                (unanswered || unreported > 0 ? ", " : "");
    if (unanswered || unreported > 0) {
        line += std::to_string(unreported) +
                " job(s) that ended, and any that unanswered requests claimed: the broker gave no "
                "answer";
        line += problem_.empty() ? "" : " (" + problem_ + ")";
    }
    log(log_level::warning, line);
}

WORK_DECL task<void> pool_core::take_leave(std::shared_ptr<pool_core> self)
{
    std::string problem;
    try {
        std::vector<std::string> served = self->served_ids();
        auto const left = std::max(
            std::chrono::milliseconds(20),
            std::chrono::duration_cast<std::chrono::milliseconds>(self->close_by_ - clock::now())
        );
        if (self->client_gone_)
            co_await self->heartbeat_->leave_for_pool(std::move(served), left);
        else
            co_await self->broker_->leave(self->id_, std::move(served), left);
    } catch (std::exception const& e) {
        problem = e.what();
    }
    if (!problem.empty()) {
        self->log(log_level::warning, "leaving the broker failed: " + problem);
        co_return;
    }
    if (self->client_gone_)
        co_return;
    std::string text = "{\"event\":\"finished\",\"pool\":\"" + self->id_ +
                       "\",\"processed\":" + std::to_string(self->processed()) +
                       ",\"failed\":" + std::to_string(self->failed()) + "}";
    try {
        std::string channel = "pools";
        co_await self->broker_->publish(std::move(channel), std::move(text));
    } catch (std::exception const&) {
        // Nobody can hear it then.
    }
}

// Stops the pool once nothing is pending or active of what it serves, here or elsewhere.
WORK_DECL task<void> pool_core::empty_loop(std::shared_ptr<pool_core> self)
{
    while (!self->stop_requested_) {
        bool const quiet_here = self->idle() && self->in_flight_ == 0 && !self->reports_waiting();
        if (!quiet_here) {
            co_await self->empty_wake_.sleep_until(clock::now() + std::chrono::milliseconds(100));
            continue;
        }
        outstanding_jobs left;
        bool known = false;
        try {
            std::vector<std::string> served = self->served_ids();
            left = co_await self->broker_->outstanding(std::move(served));
            known = true;
        } catch (std::exception const& e) {
            if (!self->ailing())
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
