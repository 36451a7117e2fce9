// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/handler.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/duration.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

struct park_worker
{
    template <typename Handler>
    void operator()(Handler handler, pool_core* core, worker* s) const
    {
        s->park(std::move(handler));
        core->parked_.push_back(s);
    }
};

struct await_start
{
    template <typename Handler>
    void operator()(Handler handler, pool_core* core, worker* s) const
    {
        s->park(std::move(handler));
        core->report_start(*s);
    }
};

// Starts jobs while there are jobs and workers. A resumed worker runs right here until its handler
// waits for something, so jobs that never wait need no more than one worker.
WORK_DECL void pool_core::dispatch()
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
    while (ready_.size() > starting_ || !startable_.empty()) {
        if (std::exchange(turn_over_, false)) {
            dispatch_soon();
            break;
        }
        if (resume_startable())
            continue;
        if (!parked_.empty()) {
            worker* const s = parked_.back();
            parked_.pop_back();
            s->unpark()();
        } else if (workers_.size() < static_cast<std::size_t>(options_.concurrency) &&
                   starting_ < 32) {
            spawn_worker();
        } else {
            break;
        }
    }
}

WORK_DECL void pool_core::dispatch_soon()
{
    if (std::exchange(dispatch_posted_, true))
        return;
    boost::asio::post(executor_, [self = shared_from_this()] {
        self->dispatch_posted_ = false;
        self->dispatch();
    });
}

WORK_DECL void pool_core::spawn_worker()
{
    worker& s = workers_.emplace_back(*this, *this);
    heartbeat_->add(s);
    ++starting_;
    boost::asio::co_spawn(
        executor_,
        work_loop(shared_from_this(), s),
        boost::asio::bind_cancellation_slot(
            s.cancel.slot(),
            [self = weak_from_this()](std::exception_ptr failure) {
                auto const core = self.lock();
                if (core && failure)
                    core->log(
                        log_level::error,
                        "a worker ended: " + describe_exception(std::move(failure)).message
                    );
            }
        )
    );
}

WORK_DECL task<void> pool_core::work_loop(std::shared_ptr<pool_core> self, worker& s)
{
    namespace this_coro = boost::asio::this_coro;
    --self->starting_;
    s.interrupted = true;
    // Handlers that never wait must not keep the loop from everybody else: after a few milliseconds
    // the worker lets others go first, the exchange above all.
    int in_a_row = 0;
    bool turn_over = false;
    clock::time_point turn{};
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
        if ((turn_over && !self->closed_) || !self->take(s)) {
            if (self->closed_)
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
                self.get(),
                &s
            );
            if (!self->may_start(s))
                continue;
        }
        if (in_a_row == 0)
            turn = s.started;
        if (!self->ready_.empty() && !self->dispatching_ && self->starting_ == 0)
            self->dispatch_soon();
        std::exception_ptr failure;
        try {
            co_await self->invoke(s);
        } catch (...) {
            failure = std::current_exception();
        }
        self->finish(s, std::move(failure));
        turn_over = ++in_a_row >= 256 || s.started - turn > std::chrono::milliseconds(2);
    }
}

// The next job that is still to be run; sets the worker up for it.
WORK_DECL bool pool_core::take(worker& s)
{
    while (!ready_.empty()) {
        held_job const job = ready_.front();
        ready_.pop_front();
        if (--job.of->unstarted == 0)
            all_started(*job.of);
        if (job.of->lost) {
            drop_ready(job);
            continue;
        }
        std::unique_ptr<stored_options> own;
        if (!job.record.options.empty()) {
            auto read = decode_options(job.record.options);
            if (!read) {
                log(log_level::error,
                    "the options of job " + std::string(job.id) +
                        " can't be read, it is set aside: " + read.error());
                report(job_report{job.of, job.id, outcome_kind::set_aside, 0, {}, {}});
                drop_ready(job);
                continue;
            }
            own = std::make_unique<stored_options>(std::move(*read));
        }
        job_options const& type = job.list->type->options;
        auto const deadline = own && own->deadline ? own->deadline : type.deadline;
        std::int64_t const now = own || deadline ? now_ms() : 0;
        if (own && own->expires_in && now > job.record.created_ms + own->expires_in->count()) {
            std::string kept = "{\"outcome\":\"expired\",\"at_ms\":" + std::to_string(now) + "}";
            bool const chosen = job.record.flags & envelope_flags::chosen_id;
            report(job_report{
                job.of,
                job.id,
                outcome_kind::complete,
                chosen ? client_->options.id_retention.count() : 0,
                std::move(kept),
                {}
            });
            drop_ready(job);
            continue;
        }
        std::chrono::milliseconds timeout = own && own->timeout ? *own->timeout : type.timeout;
        if (deadline) {
            std::chrono::milliseconds const left(job.record.created_ms + deadline->count() - now);
            if (left <= std::chrono::milliseconds(0)) {
                miss_deadline(job, own.get(), now);
                continue;
            }
            timeout = std::min(timeout, left);
        }
        int const most = max_attempts(type, own.get());
        s.begin(job, std::move(own), most);
        s.timeout = timeout;
        s.deadline = s.started + timeout;
        // Of what waits for the broker to hear that it starts, the time begins later.
        if (type.on_crash != on_crash::dead)
            arm_deadline(s);
        running_.store(running_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        if (stop_requested_)
            s.tell(stop_reason::shutting_down);
        check_quarantine();
        return true;
    }
    return false;
}

// Jobs that keep the thread are started one after the other, however many workers there are. No
// more of them are held than can be started within 50 ms: other pools may be free.
WORK_DECL void pool_core::all_started(claim const& c)
{
    constexpr std::chrono::milliseconds most(50);
    auto const took = clock::now() - c.received;
    if (took > most)
        most_unstarted_ = std::max<std::int64_t>(8, c.ready_then * most / took);
    else if (took < most / 2)
        most_unstarted_ = std::min<std::int64_t>(most_unstarted_ * 2, unlimited_unstarted);
}

// A job that won't be run. What there was to say was said.
WORK_DECL void pool_core::drop_ready(held_job const& job)
{
    release_holder(*job.of);
    kick();
}

WORK_DECL void pool_core::finish(worker& s, std::exception_ptr failure)
{
    bool given_up = false;
    {
        worker_lock const guard(s);
        s.running = false;
        given_up = s.given_up;
    }
    disarm_deadline(s);
    running_.store(running_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    ++finished_since_;
    claim& c = *s.held.of;
    // Given up by the heartbeat, which is about to say whether the broker heard it.
    bool const unreported = given_up && !s.reported && !c.lost;
    if (unreported)
        ended_unreported_.push_back(ended_unreported{&s, s.generation, s.held});
    else if (!given_up && !c.lost)
        decide_or_leave(s, std::move(failure));
    s.end();
    if (!unreported)
        release_holder(c);
    kick();
    if (stop_requested_ || until_empty_)
        became_idle();
}

WORK_DECL void pool_core::warn_once(std::string key, std::string const& line)
{
    {
        std::lock_guard const lock(warned_mutex_);
        if (warned_.size() >= 1024 || !warned_.insert(std::move(key)).second)
            return;
    }
    log(log_level::warning, line);
}

WORK_DECL void pool_core::checked_in(worker& who, std::string message, double percent)
{
    if (options_.handler_executor) {
        boost::asio::post(
            executor_,
            [self = shared_from_this(),
             s = &who,
             generation = who.generation,
             message = std::move(message),
             percent] {
                if (s->busy && s->generation == generation)
                    self->show_progress(*s, message, percent);
            }
        );
        return;
    }
    show_progress(who, message, percent);
}

WORK_DECL void pool_core::show_progress(worker& who, std::string const& message, double percent)
{
    if (who.reported || who.held.of->lost)
        return;
    bool mended = false;
    who.progress = encode_progress(message, percent, mended);
    if (mended)
        warn_once(
            "checkin\n" + who.held.list->type->name,
            "a check-in of job " + std::string(who.held.id) + " (" + who.held.list->type->name +
                ") had " + std::to_string(message.size()) +
                " bytes; it must be valid UTF-8 and is shown up to " +
                std::to_string(max_progress) + " bytes, so it was mended or cut"
        );
    who.progress_dirty = true;
    if (!std::exchange(who.progress_listed, true))
        progress_.push_back(&who);
    kick();
}

}  // namespace work::detail
