// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/values/name.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <random>
#include <utility>

namespace work::detail {

WORK_DECL pool_core::pool_core(std::shared_ptr<client_core> client, pool_options options)
    : client_(std::move(client)),
      broker_(client_->broker),
      executor_(client_->executor),
      options_(std::move(options)),
      id_(client_->next_id(wall_ms()).str()),
      random_(std::random_device()()),
      deadline_timer_(executor_),
      plan_(options_.order, random_),
      exchanger_wake_{wakeable(executor_), wakeable(executor_)},
      waiter_wake_(executor_),
      stop_wake_(executor_),
      empty_wake_(executor_)
{
    options_.validate();
}

WORK_DECL pool_core::~pool_core()
{
    deadlines_.clear();
}

WORK_DECL job_type& pool_core::add_type(std::string name, job_options options)
{
    validate_name("job name", name);
    options.validate();
    if (!closed_)
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): the pool is running; register handlers before it runs"
        );
    auto& place = types_[name];
    if (place)
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): this pool has a handler of that name already"
        );
    place = std::make_unique<job_type>();
    place->name = std::move(name);
    place->options = std::move(options);
    return *place;
}

WORK_DECL void pool_core::add_layer(middleware layer)
{
    layers_.push_back(std::move(layer));
}

WORK_DECL void pool_core::add_layer(std::string name, middleware layer)
{
    own_layers_.emplace_back(std::move(name), std::move(layer));
}

WORK_DECL void pool_core::add_provider(std::function<void(slot&)> provider)
{
    providers_.push_back(std::move(provider));
}

WORK_DECL void pool_core::with_signals()
{
    with_signals_ = true;
}

WORK_DECL std::int64_t pool_core::now_ms() const noexcept
{
    std::int64_t const now = broker_->now_ms();
    return now != 0 ? now : wall_ms();
}

WORK_DECL std::int64_t pool_core::started_ms() const noexcept
{
    using std::chrono::milliseconds;
    return now_ms() - std::chrono::duration_cast<milliseconds>(clock::now() - started_).count();
}

WORK_DECL std::uint64_t pool_core::random() noexcept
{
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
}

WORK_DECL std::vector<std::string> pool_core::job_names() const
{
    std::vector<std::string> names;
    for (auto const& [name, type] : types_)
        names.push_back(name);
    return names;
}

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
                if (failure)
                    std::rethrow_exception(failure);
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

WORK_DECL task<void> pool_core::run(bool until_empty)
{
    auto const self = shared_from_this();
    if (abandoned_)
        throw error(errc::closed, "the worker_pool was destroyed before it ran");
    if (!closed_)
        throw error(errc::invalid_option, "the pool is running already; one run at a time");
    if (types_.empty())
        throw error(errc::no_handler, "the pool has no handler; call pool.handle<Job>(...) first");
    if (stop_flag_.exchange(false))
        co_return;  // stopped before it ran
    closed_ = stop_requested_ = quiet_ = false;
    until_empty_ = until_empty;
    state_ = "running";
    hungry_ = true;
    lists_version_ = -1;
    surplus_ = asked_ = 0;
    rate_ = 0;
    rate_since_ = clock::now();
    tick_at_ = alarm_at_ = clock::time_point::max();
    for (auto const& [name, type] : types_) {
        type->calls.layers = layers_;
        for (auto const& [whose, layer] : own_layers_) {
            if (whose == name)
                type->calls.layers.push_back(layer);
        }
    }
    // Handlers that an earlier run left behind still point to what was served then.
    serves_new_.clear();
    for (auto const& s : served_)
        serves_new_.push_back(served_list{s->list, s->rank});
    for (auto const& [name, type] : types_) {
        if (options_.queues.empty())
            serve(list_id({}, name));
        for (queue_share const& q : options_.queues)
            serve(list_id(q.queue == name ? std::string_view() : std::string_view(q.queue), name));
    }
    started_ = clock::now();
    keeper_ = std::make_unique<lease_keeper>(*this, *broker_, options_, with_signals_);
    for (slot& s : slots_)
        keeper_->add(s);
    keeper_->start();
    if (broker_->now_ms() == 0) {
        try {
            co_await broker_->ask_now_ms();
        } catch (std::exception const& e) {
            log(log_level::warning, std::string("the broker does not answer yet: ") + e.what());
        }
    }
    start_roles(until_empty);
    while (!stop_requested_)
        co_await stop_wake_.sleep_until(clock::time_point::max());
    co_await stop_in_order();
    while (roles_ > 0)
        co_await stop_wake_.sleep_until(clock::now() + std::chrono::milliseconds(50));
    stop_flag_ = false;
    std::string text = "{\"event\":\"finished\",\"pool\":\"" + id_ +
                       "\",\"processed\":" + std::to_string(processed_) +
                       ",\"failed\":" + std::to_string(failed_) + "}";
    try {
        std::string channel = "pools";
        co_await broker_->publish(std::move(channel), std::move(text));
    } catch (std::exception const&) {
        // Nobody can hear it then.
    }
}

// The worker_pool object is gone: ends what has no owner any more, without asking the broker.
WORK_DECL void pool_core::abandon()
{
    abandoned_ = true;
    if (!closed_) {
        closed_ = true;
        stop_requested_ = true;
        broker_->wake();
        for (wakeable& w : exchanger_wake_)
            w.wake();
        for (auto& c : exchanger_cancel_)
            c.emit(boost::asio::cancellation_type::terminal);
        waiter_cancel_.emit(boost::asio::cancellation_type::terminal);
        waiter_wake_.wake();
        empty_wake_.wake();
        stop_wake_.wake();
    }
    if (keeper_)
        keeper_->stop();
    deadline_timer_.cancel();
    // Nothing of the pool's user may be called any more.
    ready_.clear();
    auto const parked = std::exchange(parked_, {});
    for (slot* s : parked)
        s->unpark();
}

WORK_DECL void pool_core::dump_running() const
{
    clock::time_point const now = clock::now();
    std::string text = std::to_string(running()) + " job(s) running, " +
                       std::to_string(ready_.size()) + " waiting for a worker";
    int shown = 0;
    for (slot const& s : slots_) {
        if (!s.busy || ++shown > 100)
            continue;
        auto const ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - s.started);
        text += "; " + s.held.list->type->name + " " + std::string(s.held.id) + " for " +
                std::to_string(ran.count()) + " ms";
    }
    log(log_level::info, text);
}

}  // namespace work::detail
