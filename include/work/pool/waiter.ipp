// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/waiter.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

/// After so many wakeups that brought nothing, within a second of each other, each further one is
/// followed by a rest.
inline constexpr int vain_wakeups_free = 4;
inline constexpr std::chrono::milliseconds vain_wakeups_rest(20);

/// One that is full and has heard nothing for so long waits to be told. Short jobs end before.
inline constexpr std::chrono::milliseconds silence_of_full(30);

// What is left with the broker: a claim of one lone job, wherever it comes. It wants two, so that
// the one it brings is known to be all there was. Room for it is looked at when it comes.
WORK_DECL void waiter::build_claim(exchange_round& round)
{
    exchange_request& r = round.request;
    r.pool = state_.pool();
    r.lease_ms = options_.lease.count();
    // Who is given the job may be gone: it is his for good when he says that he has it.
    r.provisional = true;
    bool const ran_out = ran_out_at_ == ledger_.added();
    if (!station_.alone() || ran_out || !quiet_service_ || !queues_.name_for_wake(r))
        return;
    round.on_wake = true;
    r.number = exchanger_.next_number_on_wake();
    r.want = 2;
}

// The answer of a claim that stood when the connection was lost, or when the pool stops: what it
// brought, or that it will bring nothing.
WORK_DECL task<void> waiter::settle(exchange_round& round)
{
    exchange_request& r = round.request;
    r.want = 0;
    r.fetch_order.clear();
    r.lean = true;
    while (!life_.stopped()) {
        std::string problem;
        try {
            exchange_answer answer = co_await exchanger_.send(r);
            take(round, std::move(answer));
            co_return;
        } catch (std::exception const& e) {
            problem = e.what();
        }
        if (life_.stopped())
            co_return;
        log_(log_level::error, "what a claim on wake brought is not known: " + problem);
        if (life_.ending())
            co_return;
        co_await pause(std::chrono::milliseconds(500));
    }
}

// A claim that the heartbeat settled meanwhile is not ours any more.
WORK_DECL void waiter::take(exchange_round& round, exchange_answer answer)
{
    if (renewals_->end_claim_on_wake())
        exchanger_.apply(round, std::move(answer));
    exchanger_.apply_early_cancels();
}

WORK_DECL task<void> waiter::pause(std::chrono::milliseconds time)
{
    clock::time_point const until = clock::now() + time;
    while (!life_.ending() && clock::now() < until)
        co_await wake_.sleep_until(until);
}

// False: it failed, and nothing is known.
WORK_DECL task<bool> waiter::wait_once(
    wait_answer& got,
    exchange_round const& round,
    bool for_orders
)
{
    try {
        auto at = station_.shared_from_this();
        got = co_await station::wait(std::move(at), *this, round.request, for_orders);
    } catch (std::exception const&) {
        co_return false;
    }
    co_return true;
}

WORK_DECL void waiter::wake()
{
    // There is room for a job: it is to be woken by those, too.
    if (for_orders_ && state_.can_wait(exchanger_.load())) {
        for_orders_ = false;
        interrupt();
    }
    wake_.wake();
}

WORK_DECL task<void> waiter::wait_for_orders()
{
    exchange_round const round;
    wait_answer got;
    for_orders_ = true;
    bool const known = co_await wait_once(got, round, true);
    for_orders_ = false;
    listener_.wait_ended();
    if (life_.ending())
        co_return;
    if (!known || got.failed)
        co_await pause(std::chrono::milliseconds(500));
    else if (got.woken)
        wakeup_came();
}

WORK_DECL void waiter::wakeup_came()
{
    state_.woken(exchanger_.load());
    exchanger_.wake();
}

WORK_DECL void waiter::jobs_seen()
{
    state_.want_now(claim_reason::looked);
    exchanger_.wake();
}

WORK_DECL task<void> waiter::loop(std::shared_ptr<waiter> self)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto pause = std::chrono::milliseconds(50);
    while (!self->life_.ending()) {
        if (!self->state_.can_wait(self->exchanger_.load())) {
            clock::time_point const silent = self->exchanger_.answered_at() + silence_of_full;
            self->watches_ = self->state_.hears_nothing(self->exchanger_.load());
            if (!self->watches_)
                co_await self->wake_.sleep_until(clock::time_point::max());
            else if (clock::now() < silent)
                co_await self->wake_.sleep_until(silent);
            else
                co_await self->wait_for_orders();
            self->watches_ = false;
            continue;
        }
        if (self->vain_wakeups_ > vain_wakeups_free &&
            self->added_at_wakeup_ == self->ledger_.added()) {
            // Somebody enqueues what is paused, or others are always faster. The wakeup keeps.
            self->vain_wakeups_ = vain_wakeups_free;
            co_await self->pause(vain_wakeups_rest);
            continue;
        }
        exchange_round round;
        self->build_claim(round);
        if (round.on_wake)
            self->renewals_->begin_claim_on_wake(round.request.number);
        self->exchanger_.leave_claim(round.on_wake);
        clock::time_point const begun = clock::now();
        wait_answer got;
        bool const known = co_await self->wait_once(got, round, false);
        // Where wakeups come faster, a batch is worth more than the journey of a lone job.
        self->quiet_service_ = clock::now() - begun >= std::chrono::milliseconds(1);
        bool const failed = !known || got.failed;
        bool const nothing = !failed && !got.woken && !got.claimed && !got.unsure;
        bool const ran_out = self->ran_out_at_ == self->ledger_.added();
        self->ran_out_at_.reset();
        if (nothing && (round.on_wake || ran_out))
            self->ran_out_at_ = self->ledger_.added();
        if (got.claimed)
            self->take(round, std::move(*got.claimed));
        else if (round.on_wake && (!known || got.unsure) && !self->life_.stopped())
            co_await self->settle(round);
        self->exchanger_.leave_claim(false);
        self->renewals_->end_claim_on_wake();
        self->listener_.wait_ended();
        if (self->life_.ending())
            break;
        if (failed) {
            // Wakeups may have been lost: look as soon as the broker can be reached, which the
            // exchange finds out.
            self->state_.want(claim_reason::unreachable);
            self->exchanger_.wake();
            co_await self->pause(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(2000));
            continue;
        }
        pause = std::chrono::milliseconds(50);
        if (!got.woken)
            continue;
        bool const vain = self->added_at_wakeup_ == self->ledger_.added() &&
                          clock::now() - self->wakeup_at_ < std::chrono::seconds(1);
        self->vain_wakeups_ = vain ? self->vain_wakeups_ + 1 : 0;
        self->added_at_wakeup_ = self->ledger_.added();
        self->wakeup_at_ = clock::now();
        self->wakeup_came();
    }
}

}  // namespace work::detail
