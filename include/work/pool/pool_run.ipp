// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/check_queues.hpp>
#include <work/pool/pool.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace work::detail {

// A run: how it begins, and how it ends by itself.

WORK_DECL void pool::refuse_to_run() const
{
    if (mark_.surely_elsewhere())
        throw error(
            errc::forked,
            "this process is a child of the one that made the worker_pool; make client and pool "
            "in the child, after fork()"
        );
    if (abandoned_)
        throw error(errc::closed, "the worker_pool was destroyed before it ran");
    if (!life_.stopped() || run_.roles > 0)
        throw error(errc::invalid_option, "the pool is running already; one run at a time");
    if (types_.empty())
        throw error(errc::no_handler, "the pool has no handler; call pool.handle<Job>(...) first");
}

WORK_DECL task<void> pool::run(bool until_empty)
{
    auto const self = shared_from_this();
    refuse_to_run();
    if (stop_asked_.exchange(false))
        co_return;  // stopped before it ran
    begin_run(until_empty);
    heartbeat_->start();
    spawn_role(greet(self), run_.greets);
    while (!life_.ending())
        co_await run_.stop_wake.sleep_until(clock::time_point::max());
    if (mark_.elsewhere())
        throw error(errc::forked, "the pool runs on in the parent of this process, and not here");
    co_await stop_in_order();
    stop_asked_ = false;
    if (run_.role_failure)
        std::rethrow_exception(std::exchange(run_.role_failure, nullptr));
    if (run_.client_gone)
        throw error(
            errc::closed,
            "the client was closed while the pool ran; the pool stopped, make a new client and pool"
        );
}

// All that can throw, functions of the user's that are copied included, before anything runs.
WORK_DECL void pool::begin_run(bool until_empty)
{
    types_.build_chains();
    clock::time_point const now = clock::now();
    queues_.serve_all(now);
    heartbeat_ = std::make_unique<heartbeat>(
        *this,
        id_,
        executor_,
        *broker_,
        options_,
        log_,
        with_signals_,
        heartbeat_number_,
        station_->board(),
        watch_
    );
    // They must not point to the heartbeat of the run before.
    exchanger_.begin_run(*heartbeat_, until_empty);
    waiter_.begin_run(*heartbeat_);
    workers_.belongs_to(weak_from_this());
    exchanger_.belongs_to(weak_from_this());
    waiter_.belongs_to(weak_from_this());
    hooks_.belongs_to(weak_from_this());
    ledger_.begin_run();
    state_.begin_run(now, workers_.finished(), !types_.all_dead_on_crash());
    run_.begin(until_empty, options_.grace);
    started_ = now;
    life_.to(phase::running);
    if (hooks_.wants(event::started))
        hooks_.add(hooks_.make(event::started));
}

// The broker's clock first: a first claim that knows it reads deadlines rightly.
WORK_DECL task<void> pool::greet(std::shared_ptr<pool> self)
{
    if (self->broker_->now_ms() == 0) {
        try {
            co_await self->broker_->ask_now_ms();
        } catch (std::exception const& e) {
            if (!self->life_.ending() && !self->broker_->ailing())
                self->log_(
                    log_level::warning,
                    std::string("the broker does not answer yet: ") + e.what()
                );
        }
    }
    if (!self->life_.ending())
        self->start_roles();
    co_await check_queues(*self->broker_, self->options_, self->types_, self->log_);
}

WORK_DECL void pool::start_roles()
{
    auto const self = shared_from_this();
    for (std::size_t stream = 0; stream != exchanger::steady_streams; ++stream)
        begin_stream(stream);
    spawn_role(waiter::loop(std::shared_ptr<waiter>(self, &waiter_)), run_.waits);
    spawn_role(history_loop(self), run_.histories);
    for (std::size_t i = 0; i != duties_.size(); ++i)
        spawn_role(duties_[i](), run_.duties[i]);
    if (run_.until_empty)
        spawn_role(empty_loop(self), run_.empties);
}

// Later, since the request of who found that it pays is not sent yet.
WORK_DECL void pool::needs_stream(std::size_t stream)
{
    boost::asio::post(executor_, [self = shared_from_this(), stream] {
        if (!self->life_.ending())
            self->begin_stream(stream);
    });
}

WORK_DECL void pool::begin_stream(std::size_t stream)
{
    spawn_role(
        exchanger::loop(std::shared_ptr<exchanger>(shared_from_this(), &exchanger_), stream),
        run_.exchanges[stream]
    );
}

WORK_DECL void pool::spawn_role(task<void> role, boost::asio::cancellation_signal& cancel)
{
    ++run_.roles;
    boost::asio::co_spawn(
        executor_,
        std::move(role),
        boost::asio::bind_cancellation_slot(
            cancel.slot(),
            [self = shared_from_this()](std::exception_ptr failure) {
                --self->run_.roles;
                self->run_.stop_wake.wake();
                if (!failure || self->life_.stopped())
                    return;
                // Without one of its roles the pool is none; `run()` throws it.
                self->run_.role_failure = std::move(failure);
                self->request_stop();
            }
        )
    );
}

WORK_DECL bool pool::nothing_here() const noexcept
{
    pool_load const load = exchanger_.load();
    return load.idle() && !exchanger_.in_flight() && !state_.reports_wait(load);
}

WORK_DECL void pool::became_idle()
{
    if (workers_.running() > 0 || !claimed_.empty())
        return;
    if (life_.ending())
        run_.stop_wake.wake();
    else if (run_.until_empty && nothing_here())
        run_.empty_wake.wake();
}

// With each heartbeat what was measured since the last one; of a pool that is idle, nothing.
WORK_DECL task<void> pool::history_loop(std::shared_ptr<pool> self)
{
    while (!self->life_.ending()) {
        co_await self->run_.history_wake.sleep_until(clock::now() + self->options_.heartbeat);
        if (!self->life_.ending())
            co_await write_history(self, std::chrono::milliseconds(3'000));
    }
}

WORK_DECL task<void> pool::write_history(
    std::shared_ptr<pool> self,
    std::chrono::milliseconds deadline
)
{
    self->history_.add(self->queues_.take_history(), time_ms(*self->broker_));
    co_await self->history_.write(deadline);
}

// Stops the pool once nothing is pending or active of what it serves, here or elsewhere.
WORK_DECL task<void> pool::empty_loop(std::shared_ptr<pool> self)
{
    while (!self->life_.ending()) {
        if (!self->nothing_here()) {
            co_await self->run_.empty_wake.sleep_until(
                clock::now() + std::chrono::milliseconds(100)
            );
            continue;
        }
        outstanding_jobs left;
        bool known = false;
        try {
            std::vector<std::string> served = self->queues_.ids();
            left = co_await self->broker_->outstanding(std::move(served));
            known = true;
        } catch (std::exception const& e) {
            if (!self->broker_->ailing())
                self->log_(
                    log_level::warning,
                    std::string("can't tell whether the queues are empty: ") + e.what()
                );
        }
        if (self->life_.ending())
            break;
        if (known && left.pending == 0 && left.active == 0 && self->exchanger_.load().idle()) {
            self->request_stop();
            break;
        }
        if (known && left.pending > 0) {
            self->state_.want(claim_reason::outstanding);
            self->exchanger_.wake();
        }
        co_await self->run_.empty_wake.sleep_until(clock::now() + std::chrono::milliseconds(50));
    }
}

}  // namespace work::detail
