// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/pool.hpp>
#include <work/values/pool_info.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// How a run is ended from outside.

WORK_DECL void pool::stop()
{
    if (stop_asked_.exchange(true))
        return;
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->request_stop();
    });
}

WORK_DECL void pool::quiet()
{
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->become_quiet();
    });
}

WORK_DECL void pool::resume()
{
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->claim_again();
    });
}

WORK_DECL void pool::become_quiet()
{
    if (!life_.to(phase::quiet))
        return;
    log_(log_level::info, "quiet: claims nothing any more");
    if (hooks_.wants(event::quieted))
        hooks_.add(hooks_.make(event::quieted));
    // What was left with the broker would bring another job.
    waiter_.interrupt();
    exchanger_.wake();
}

WORK_DECL void pool::claim_again()
{
    if (life_.now() != phase::quiet || !life_.to(phase::running))
        return;
    log_(log_level::info, "goes on: claims jobs again");
    state_.want_now(claim_reason::started);
    exchanger_.wake();
    waiter_.wake();
}

// What was told while it ends is done with.
WORK_DECL void pool::ordered(std::vector<told_order> const& orders)
{
    for (told_order const& told : orders) {
        ledger_.order_seen(told);
        switch (told.order) {
        case pool_order::quiet: become_quiet(); break;
        case pool_order::resume: claim_again(); break;
        case pool_order::stop: told_to_stop(told.grace_ms); break;
        }
    }
    exchanger_.wake();
}

// A grace that was told counts from now. While the pool stops it may only become shorter.
WORK_DECL void pool::told_to_stop(std::int64_t grace_ms)
{
    bool const stops = life_.ending();
    std::chrono::milliseconds const grace =
        grace_ms < 0 ? options_.grace : std::chrono::milliseconds(grace_ms);
    if (!stops)
        log_(
            log_level::info,
            "told to stop" + (grace_ms < 0 ? "" : ", within " + std::to_string(grace_ms) + " ms")
        );
    if (!stops)
        run_.grace = grace;
    else if (grace_ms >= 0 && clock::now() + grace < run_.stop_at + run_.grace)
        run_.grace = clock::now() - run_.stop_at + grace;
    request_stop();
    if (stops && !life_.stopped()) {
        heartbeat_->stop_requested(run_.stop_at + run_.grace - clock::now());
        run_.stop_wake.wake();
    }
}

WORK_DECL void pool::run_cancelled()
{
    if (life_.stopped())
        return;
    if (++run_.cancellations == 1 && !life_.ending())
        log_(log_level::info, "run() was cancelled: the pool stops");
    request_stop();
    run_.stop_wake.wake();
    hooks_.wake();
}

WORK_DECL void pool::request_stop()
{
    if (!life_.to(phase::stopping))
        return;
    stop_asked_ = true;
    run_.stop_at = clock::now();
    heartbeat_->stop_requested(run_.grace);
    workers_.begin_stop();
    exchanger_.begin_stop();
    waiter_.end();
    run_.stop_wake.wake();
    run_.empty_wake.wake();
    run_.history_wake.wake();
    exchanger_.wake();
}

// Grace, then cancellation, then what is still to be reported. All that comes after the grace
// shares one budget, whether the broker answers or not. A second cancellation of `run()` ends the
// grace.
WORK_DECL task<void> pool::stop_in_order()
{
    using std::chrono::milliseconds;
    // The heartbeat ends a blocked process a little later.
    constexpr milliseconds closing_budget(800);
    run_.greets.emit(boost::asio::cancellation_type::terminal);
    while (running() > 0 && clock::now() < run_.stop_at + run_.grace && run_.cancellations < 2)
        co_await run_.stop_wake.sleep_until(run_.stop_at + run_.grace);
    run_.close_by = clock::now() + closing_budget;
    if (running() > 0) {
        log_(
            log_level::info,
            std::string(run_.cancellations < 2 ? "the grace is over: " : "cancelled twice: ") +
                std::to_string(running()) + " job(s) are cancelled"
        );
        workers_.interrupt_all();
        clock::time_point const frames_gone = run_.close_by - milliseconds(350);
        while (running() > 0 && clock::now() < frames_gone)
            co_await run_.stop_wake.sleep_until(frames_gone);
    }
    clock::time_point const reported_by = run_.close_by - milliseconds(150);
    clock::time_point const answered_by = reported_by - milliseconds(250);
    while (!all_reported() && clock::now() < reported_by) {
        if (clock::now() > answered_by)
            workers_.release_unstarted();
        exchanger_.wake();
        co_await run_.stop_wake.sleep_until(std::min(reported_by, clock::now() + milliseconds(20)));
    }
    bool const done = all_reported();
    log_what_is_left();
    close_roles();
    run_.cancel_roles();
    co_await roles_end(clock::now() + milliseconds(50));
    // A broker that took no last report would not take a farewell either.
    if (done) {
        spawn_role(take_leave(shared_from_this()), run_.leaves);
        co_await roles_end(run_.close_by);
        run_.leaves.emit(boost::asio::cancellation_type::terminal);
        co_await roles_end(clock::now() + milliseconds(50));
    }
    heartbeat_->stop();
    workers_.end();
    if (hooks_.wants(event::stopped))
        hooks_.add(hooks_.make(event::stopped));
    if (hooks_.busy())
        co_await drain_hooks();
}

// Hooks have what is left of the grace, and a second at least; with a second cancellation no more.
WORK_DECL task<void> pool::drain_hooks()
{
    clock::time_point const by =
        std::max(run_.stop_at + run_.grace, clock::now() + std::chrono::seconds(1));
    while (hooks_.busy() && clock::now() < by && run_.cancellations < 2)
        co_await hooks_.idle(by);
    hooks_.end();
    // One that was cancelled may still tidy up.
    clock::time_point const gone = clock::now() + std::chrono::milliseconds(50);
    while (hooks_.busy() && clock::now() < gone)
        co_await hooks_.idle(gone);
}

// Nothing is sent any more.
WORK_DECL void pool::close_roles()
{
    life_.to(phase::stopped);
    exchanger_.wake_all();
    waiter_.end();
    waiter_.leave_station();
    run_.empty_wake.wake();
    run_.history_wake.wake();
}

WORK_DECL task<void> pool::roles_end(clock::time_point by)
{
    while (run_.roles > 0 && clock::now() < by)
        co_await run_.stop_wake.sleep_until(by);
}

WORK_DECL bool pool::all_reported() const noexcept
{
    return !exchanger_.in_flight() && !exchanger_.load().claim_on_wake && ledger_.all_reported() &&
           !queues_.counts_waiting();
}

WORK_DECL void pool::log_what_is_left()
{
    std::size_t const unreported = ledger_.unconfirmed();
    bool const unanswered = exchanger_.in_flight() || exchanger_.load().claim_on_wake;
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
        if (!exchanger_.problem().empty())
            line += " (" + exchanger_.problem() + ")";
    }
    log_(log_level::warning, line);
}

WORK_DECL task<void> pool::take_leave(std::shared_ptr<pool> self)
{
    std::string problem;
    // What was measured last, in half of the time that is left.
    auto const half = std::chrono::duration_cast<std::chrono::milliseconds>(
        (self->run_.close_by - clock::now()) / 2
    );
    if (!self->run_.client_gone)
        co_await write_history(self, half);
    try {
        std::vector<std::string> served = self->queues_.ids();
        auto const left = std::max(
            std::chrono::milliseconds(20),
            std::chrono::duration_cast<std::chrono::milliseconds>(
                self->run_.close_by - clock::now()
            )
        );
        if (self->run_.client_gone)
            co_await self->heartbeat_->leave_for_pool(std::move(served), left);
        else
            co_await self->broker_->leave(self->id_, std::move(served), left);
    } catch (std::exception const& e) {
        problem = e.what();
    }
    if (!problem.empty()) {
        self->log_(log_level::warning, "leaving the broker failed: " + problem);
        co_return;
    }
    if (self->run_.client_gone)
        co_return;
    finished_event said;
    said.pool = self->id_;
    said.processed = self->processed();
    said.failed = self->failed();
    std::string text = encode_event(said);
    try {
        std::string channel = "pools";
        co_await self->broker_->publish(std::move(channel), std::move(text));
    } catch (std::exception const&) {
        // Nobody can hear it then.
    }
}

WORK_DECL void pool::left_in_parent()
{
    close_roles();
    run_.stop_wake.wake();
}

// The worker_pool object is gone: ends what has no owner any more, without asking the broker.
WORK_DECL void pool::abandon()
{
    abandoned_ = true;
    if (!life_.stopped()) {
        close_roles();
        run_.cancel_roles();
        for (auto* role : {&run_.greets, &run_.leaves})
            role->emit(boost::asio::cancellation_type::terminal);
        run_.stop_wake.wake();
    }
    if (mark_.surely_elsewhere())
        static_cast<void>(heartbeat_.release());  // its thread is not here
    if (heartbeat_)
        heartbeat_->stop();
    workers_.abandon();
    hooks_.abandon();
}

}  // namespace work::detail
