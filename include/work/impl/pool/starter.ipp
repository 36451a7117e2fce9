// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/values/name.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void pool_core::spawn_role(task<void> role, boost::asio::cancellation_signal& cancel)
{
    ++roles_;
    boost::asio::co_spawn(
        executor_,
        std::move(role),
        boost::asio::bind_cancellation_slot(
            cancel.slot(),
            [self = shared_from_this()](std::exception_ptr failure) {
                --self->roles_;
                self->stop_wake_.wake();
                if (!failure || self->closed_)
                    return;
                // Without one of its roles the pool is none; `run()` throws it.
                self->role_failure_ = std::move(failure);
                self->request_stop();
            }
        )
    );
}

WORK_DECL void pool_core::start_roles(bool until_empty)
{
    for (std::size_t parity = 0; parity != 2; ++parity)
        spawn_role(exchange_loop(shared_from_this(), parity), exchanger_cancel_[parity]);
    spawn_role(wait_loop(shared_from_this()), waiter_cancel_);
    if (until_empty)
        spawn_role(empty_loop(shared_from_this()), empty_cancel_);
}

// All that can throw, functions of the user's that are copied included, before anything runs.
WORK_DECL void pool_core::prepare_run(bool until_empty)
{
    check_layers();
    for (auto const& [name, type] : types_) {
        type->calls.layers = layers_;
        for (auto const& [whose, layer] : own_layers_) {
            if (whose == name)
                type->calls.layers.push_back(layer);
        }
    }
    serve_all();
    all_dead_on_crash_ = std::all_of(types_.begin(), types_.end(), [](auto const& type) {
        return type.second->options.on_crash == on_crash::dead;
    });
    heartbeat_ =
        std::make_unique<heartbeat>(*this, *broker_, options_, with_signals_, heartbeat_number_);
    for (worker& s : workers_)
        heartbeat_->add(s);
    stop_requested_ = quiet_ = client_gone_ = false;
    role_failure_ = nullptr;
    problem_.clear();
    reports_lost_ = 0;
    until_empty_ = until_empty;
    cancellations_ = 0;
    state_ = "running";
    hungry_ = true;
    chores_left_ = false;
    surplus_ = asked_ = 0;
    rate_ = 0;
    rate_since_ = started_ = clock::now();
    tick_at_ = alarm_at_ = clock::time_point::max();
}

WORK_DECL task<void> pool_core::run(bool until_empty)
{
    auto const self = shared_from_this();
    if (mark_.surely_elsewhere())
        throw error(
            errc::forked,
            "this process is a child of the one that made the worker_pool; make client and pool "
            "in the child, after fork()"
        );
    if (abandoned_)
        throw error(errc::closed, "the worker_pool was destroyed before it ran");
    if (!closed_ || roles_ > 0)
        throw error(errc::invalid_option, "the pool is running already; one run at a time");
    if (types_.empty())
        throw error(errc::no_handler, "the pool has no handler; call pool.handle<Job>(...) first");
    if (client_->closed)
        throw error(errc::closed, "the client was closed before the pool ran; make a new one");
    if (stop_flag_.exchange(false))
        co_return;  // stopped before it ran
    prepare_run(until_empty);
    closed_ = false;
    heartbeat_->start();
    client_->tell_when_closed(weak_from_this());
    spawn_role(greet(self), greet_cancel_);
    while (!stop_requested_)
        co_await stop_wake_.sleep_until(clock::time_point::max());
    if (mark_.elsewhere())
        throw error(errc::forked, "the pool runs on in the parent of this process, and not here");
    co_await stop_in_order();
    stop_flag_ = false;
    if (role_failure_)
        std::rethrow_exception(std::exchange(role_failure_, nullptr));
    if (client_gone_)
        throw error(
            errc::closed,
            "the client was closed while the pool ran; the pool stopped, make a new client and pool"
        );
}

// This is a child of the process that runs the pool.
WORK_DECL void pool_core::left_in_parent()
{
    closed_ = stop_requested_ = true;
    stop_wake_.wake();
    waiter_wake_.wake();
    empty_wake_.wake();
    for (wakeable& w : exchanger_wake_)
        w.wake();
}

// The broker's clock first: a first claim that knows it reads deadlines rightly.
WORK_DECL task<void> pool_core::greet(std::shared_ptr<pool_core> self)
{
    if (self->broker_->now_ms() == 0) {
        try {
            co_await self->broker_->ask_now_ms();
        } catch (std::exception const& e) {
            if (!self->stop_requested_ && !self->ailing())
                self->log(
                    log_level::warning,
                    std::string("the broker does not answer yet: ") + e.what()
                );
        }
    }
    if (!self->stop_requested_)
        self->start_roles(self->until_empty_);
    co_await self->check_names();
}

}  // namespace work::detail
