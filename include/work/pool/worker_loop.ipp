// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/retry_policy.hpp>
#include <work/pool/worker_set.hpp>
#include <work/strand.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// From a claimed job to what became of it.

struct park_worker
{
    template <typename Handler>
    void operator()(Handler handler, worker_set* set, worker* s) const
    {
        s->park(std::move(handler));
        set->parked_.push_back(s);
    }
};

struct await_start
{
    template <typename Handler>
    void operator()(Handler handler, starts* reported, worker_listener* listener, worker* s) const
    {
        s->park(std::move(handler));
        reported->report(*s);
        listener->work_to_exchange();
    }
};

// The rest of the coroutine runs within this call, up to its next wait: then it is known that the
// handler which began in it has waited.
struct go_on_inside
{
    template <typename Handler>
    void operator()(Handler handler, worker_set* set) const
    {
        auto const alive = set->self();
        worker_set::resuming const inside(*set);
        std::move(handler)();
    }
};

// A resumed worker runs right here until its handler waits for something, so jobs that never wait
// need no more than one worker.
WORK_DECL void worker_set::dispatch()
{
    // A completion handler of somebody's own may throw through here.
    struct lowered
    {
        bool& flag;
        ~lowered() { flag = false; }
    };
    if (std::exchange(dispatching_, true))
        return;
    lowered const at_the_end{dispatching_};
    while ((claimed_.size() > starting_ && !life_.ending()) || starts_.startable()) {
        if (std::exchange(turn_over_, false)) {
            dispatch_soon();
            break;
        }
        if (resume_startable())
            continue;
        if (!parked_.empty()) {
            worker* const s = parked_.back();
            parked_.pop_back();
            resuming const inside(*this);
            s->unpark()();
        } else if (workers_.size() - ended_.size() <
                       static_cast<std::size_t>(options_.concurrency) &&
                   starting_ < 32) {
            spawn_worker();
        } else {
            break;
        }
    }
}

WORK_DECL void worker_set::dispatch_soon()
{
    if (std::exchange(dispatch_posted_, true))
        return;
    boost::asio::post(executor_, [self = self()] {
        self->dispatch_posted_ = false;
        self->dispatch();
    });
}

// The handler runs here up to its first wait.
WORK_DECL bool worker_set::resume_startable()
{
    if (!starts_.startable())
        return false;
    {
        resuming const inside(*this);
        starts_.next().unpark()();
    }
    starts_.ran();
    if (starts_.waiting())
        listener_.work_to_exchange();
    return true;
}

WORK_DECL void worker_set::spawn_worker()
{
    worker& s = ended_.empty() ? workers_.emplace_back(tools_, *this) : *ended_.back();
    if (ended_.empty())
        listener_.worker_made(s);
    else
        ended_.pop_back();
    ++starting_;
    boost::asio::co_spawn(
        executor_,
        work_loop(self(), s),
        boost::asio::bind_cancellation_slot(
            s.cancel.slot(),
            [weak = weak_self(), &s](std::exception_ptr failure) {
                auto const self = weak.lock();
                if (!self)
                    return;
                self->ended_.push_back(&s);
                if (failure)
                    self->log_(
                        log_level::error,
                        "a worker ended: " + describe_exception(std::move(failure)).message
                    );
            }
        )
    );
}

WORK_DECL task<void> worker_set::work_loop(std::shared_ptr<worker_set> self, worker& s)
{
    namespace this_coro = boost::asio::this_coro;
    --self->starting_;
    s.interrupted = true;
    // Handlers that never wait must not keep the loop from everybody else: after a few milliseconds
    // the worker lets others go first, the exchange above all.
    int in_a_row = 0;
    bool turn_over = false;
    worker::clock::time_point turn{};
    for (;;) {
        // What the last handler left behind.
        co_await this_coro::throw_if_cancelled(true);
        if (s.interrupted || s.replaced_state()) {
            own_cancellation filter{std::make_shared<char>()};
            s.own_state = filter.alive;
            co_await this_coro::reset_cancellation_state(std::move(filter));
            auto const state = co_await this_coro::cancellation_state;
            s.listens = state.slot();
            s.interrupted = false;
        }
        if (self->resuming_ == 0 && !self->claimed_.empty() && !turn_over)
            co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
                go_on_inside(),
                boost::asio::use_awaitable,
                self.get()
            );
        if ((turn_over && !self->life_.stopped()) || !self->take(s)) {
            if (self->life_.stopped())
                co_return;
            if (std::exchange(turn_over, false)) {
                if (self->dispatching_)
                    self->turn_over_ = true;
                else
                    self->dispatch_soon();
            }
            in_a_row = 0;
            co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
                park_worker(),
                boost::asio::use_awaitable,
                self.get(),
                &s
            );
            continue;
        }
        if (s.held.list->type->options.on_crash == on_crash::dead) {
            co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
                await_start(),
                boost::asio::use_awaitable,
                &self->starts_,
                &self->listener_,
                &s
            );
            if (!self->may_start(s))
                continue;
        }
        if (in_a_row == 0)
            turn = s.started;
        if (!self->claimed_.empty() && !self->dispatching_ && self->starting_ == 0)
            self->dispatch_soon();
        bool threw = true;
        std::unique_ptr<caught_failure> failure;
        try {
            co_await self->invoke(s);
            threw = false;
        } catch (std::exception const& thrown) {
            failure = catch_failure(&thrown);
        } catch (...) {
            failure = catch_failure(nullptr);
        }
        if (threw)
            self->finish(s, failure ? failure.get() : &undescribed_failure());
        else
            self->finish(s, nullptr);
        turn_over = ++in_a_row >= 256 || s.started - turn > std::chrono::milliseconds(2);
    }
}

// The next job that is still to be run; sets the worker up for it.
WORK_DECL bool worker_set::take(worker& s)
{
    while (!claimed_.empty() && !life_.ending()) {
        held_job const job = claimed_.take(worker::clock::now);
        if (job.of->lost) {
            if (hooks_.wants(event::lease_lost))
                hooks_.add(hooks_.make(event::lease_lost, job));
            drop(job);
            continue;
        }
        std::unique_ptr<stored_options> own;
        if (!job.record.options.empty()) {
            auto read = decode_options(job.record.options);
            if (!read) {
                attempts_.set_aside(
                    job,
                    "the options of job " + std::string(job.id) +
                        " can't be read, it is set aside: " + read.error()
                );
                drop(job);
                continue;
            }
            own = std::make_unique<stored_options>(std::move(*read));
        }
        job_options const& type = job.list->type->options;
        auto timeout = own && own->timeout ? *own->timeout : type.timeout;
        if (attempts_.expired(job, own.get()) ||
            attempts_.misses_deadline(job, own.get(), timeout)) {
            drop(job);
            continue;
        }
        attempts_.starts(job);
        int const most = max_attempts(type, own.get());
        s.begin(job, std::move(own), most);
        s.timeout = timeout;
        s.deadline = s.started + timeout;
        // Of what waits for the broker to hear that it starts, the time begins later.
        if (type.on_crash != on_crash::dead)
            deadlines_.arm(s);
        count_running(1);
        if (life_.ending())
            s.tell(stop_reason::shutting_down);
        if (job.of->suspects)
            listener_.job_starts();
        return true;
    }
    return false;
}

// The broker answered to the report of its start, or will not.
WORK_DECL bool worker_set::may_start(worker& s)
{
    claim& c = *s.held.of;
    if (s.start_code == static_cast<char>(outcome_code::lease_lost) && !c.lost)
        listener_.lease_lost(c.number);
    bool const gone = s.start_code == static_cast<char>(outcome_code::gone);
    bool const cancelled = s.start_code == static_cast<char>(outcome_code::cancelled) ||
                           s.stopping() == stop_reason::cancelled;
    bool const heard = s.start_code == static_cast<char>(outcome_code::ok);
    if (heard && !gone && !cancelled && !life_.ending() && !c.lost) {
        {
            worker_lock const guard(s);
            s.started = worker::clock::now();
        }
        s.deadline = s.started + s.timeout;
        deadlines_.arm(s);
        return true;
    }
    {
        worker_lock const guard(s);
        s.running = false;
    }
    count_running(-1);
    if (!c.lost && gone)
        ledger_.settled(c);
    else if (!c.lost && cancelled)
        attempts_.cancelled(s.held);
    else if (!c.lost && !life_.stopped())
        ledger_.report(job_report{&c, s.held.id, outcome_kind::release, 0, {}, {}});
    s.end();
    ledger_.release(c);
    listener_.job_ended();
    return false;
}

WORK_DECL task<void> worker_set::invoke(worker& s)
{
    if (!options_.handler_executor) {
        first_run_.store(&s, std::memory_order_release);
        return call_handler(s);
    }
    return run_on(options_.handler_executor, call_elsewhere(s), self());
}

// Nothing of it runs before it is where it is to run.
WORK_DECL task<void> worker_set::call_elsewhere(worker& s)
{
    co_await call_handler(s);
}

WORK_DECL task<void> worker_set::call_handler(worker& s)
{
    for (provider const& from : types_.providers()) {
        try {
            from.make(s);
        } catch (...) {
            provider_threw(from, s);
            throw;
        }
    }
    return next(s.held.list->type->calls, 0, s.job())();
}

// At most a line a minute: what a provider needs may be away for all jobs at once.
WORK_DECL void worker_set::provider_threw(provider const& from, worker const& s) const
{
    std::int64_t const failures = from.failures->add(worker::clock::now());
    if (failures == 0)
        return;
    std::string text = "job " + std::string(s.held.id) + " (" + s.held.list->type->name +
                       ") did not start: " + describe_exception(std::current_exception()).message;
    if (failures > 1)
        text += "; so did " + std::to_string(failures - 1) + " more since the last such line";
    log_(log_level::warning, text);
}

WORK_DECL void worker_set::finish(worker& s, caught_failure const* failure)
{
    bool given_up = false;
    {
        worker_lock const guard(s);
        s.running = false;
        given_up = s.given_up;
    }
    if (first_run_.load(std::memory_order_relaxed) == &s)
        first_run_.store(nullptr, std::memory_order_release);
    deadlines_.disarm(s, life_.ending());
    count_running(-1);
    ++finished_;
    claim& c = *s.held.of;
    // Given up by the heartbeat, which is about to say whether the broker heard it.
    bool const unreported = given_up && !s.reported && !c.lost;
    if (unreported)
        ended_unreported_.push_back(ended_unreported{&s, s.generation, s.held});
    else if (!given_up && !c.lost) {
        if (!s.log.empty())
            logs_of_ended_.push_back(round_log{c.number, std::string(s.held.id), std::move(s.log)});
        attempts_.ended(s, failure);
    }
    if (given_up)
        attempts_.ended_late(s);
    else if (c.lost)
        attempts_.ended_lost(s);
    s.end();
    if (!unreported)
        ledger_.release(c);
    listener_.job_ended();
}

// A job that won't be run. What there was to say was said.
WORK_DECL void worker_set::drop(held_job const& job)
{
    ledger_.release(*job.of);
    listener_.work_to_exchange();
}

}  // namespace work::detail
