// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/values/name.hpp>

#include <boost/core/demangle.hpp>

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
      interrupt_timer_(executor_),
      deadline_timer_(executor_),
      fetch_order_(options_.order, random_),
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

inline void refuse_while_running(char const* function)
{
    throw error(
        errc::invalid_option,
        std::string(function) + ": the pool is running; call it before the pool runs"
    );
}

WORK_DECL void pool_core::add_layer(middleware layer)
{
    if (!closed_)
        refuse_while_running("use");
    layers_.push_back(std::move(layer));
}

WORK_DECL void pool_core::add_layer(std::string name, middleware layer)
{
    validate_name("job name", name);
    if (!closed_)
        refuse_while_running("use");
    own_layers_.emplace_back(std::move(name), std::move(layer));
}

WORK_DECL void pool_core::add_provider(
    std::type_info const& type,
    std::function<void(worker&)> make
)
{
    if (!closed_)
        refuse_while_running("provide");
    for (provider const& other : providers_)
        if (*other.type == type)
            throw error(
                errc::invalid_option,
                "provide<" + boost::core::demangle(type.name()) +
                    ">: this pool provides one already, and no job would see the second"
            );
    providers_.push_back(provider{&type, std::move(make)});
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

WORK_DECL args_parser& pool_core::parser()
{
    if (!options_.handler_executor)
        return parser_;
    static thread_local args_parser of_this_thread;
    return of_this_thread;
}

WORK_DECL std::vector<std::string> pool_core::job_names() const
{
    std::vector<std::string> names;
    for (auto const& [name, type] : types_)
        names.push_back(name);
    return names;
}

// The worker_pool object is gone: ends what has no owner any more, without asking the broker.
WORK_DECL void pool_core::abandon()
{
    let_go();
    if (!closed_) {
        closed_ = true;
        stop_requested_ = true;
        broker_->wake();
        for (wakeable& w : exchanger_wake_)
            w.wake();
        for (auto& c : exchanger_cancel_)
            c.emit(boost::asio::cancellation_type::terminal);
        for (auto* c : {&waiter_cancel_, &greet_cancel_, &leave_cancel_})
            c->emit(boost::asio::cancellation_type::terminal);
        waiter_wake_.wake();
        empty_wake_.wake();
        stop_wake_.wake();
    }
    if (mark_.surely_elsewhere())
        static_cast<void>(heartbeat_.release());  // its thread is not here
    if (heartbeat_)
        heartbeat_->stop();
    deadline_timer_.cancel();
    interrupt_timer_.cancel();
    // Nothing of the pool's user may be called any more.
    ready_.clear();
    parked_.clear();
    starts_.clear();
    startable_.clear();
    for (worker& s : workers_)
        s.unpark();
}

WORK_DECL void pool_core::dump_running() const
{
    clock::time_point const now = clock::now();
    std::string text = std::to_string(running()) + " job(s) running, " +
                       std::to_string(ready_.size()) + " waiting for a worker";
    int shown = 0;
    for (worker const& s : workers_) {
        if (!s.busy || ++shown > 100)
            continue;
        auto const ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - s.started);
        text += "; " + s.held.list->type->name + " " + std::string(s.held.id) + " for " +
                std::to_string(ran.count()) + " ms";
    }
    log(log_level::info, text);
}

}  // namespace work::detail
