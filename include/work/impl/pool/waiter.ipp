// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>

#include <boost/asio/this_coro.hpp>

namespace work::detail {

WORK_DECL bool pool_core::can_wait() const noexcept
{
    return !stop_requested_ && !quiet_ && !hungry_ && surplus_ == 0 && asked_ == 0 &&
           capacity() > 0;
}

WORK_DECL std::vector<std::string> pool_core::served_ids() const
{
    std::vector<std::string> ids;
    ids.reserve(served_.size());
    for (auto const& s : served_)
        ids.push_back(s->what);
    return ids;
}

// What is left with the broker: a claim of one lone job, wherever it comes. It wants two, so that
// the one it brings is known to be all there was. Room for it is looked at when it comes. Not where
// a job is dead when its process dies: one that vanished while it waited may be given a job for a
// lease.
WORK_DECL void pool_core::build_claim_on_wake(exchange_round& round)
{
    exchange_request& r = round.request;
    r.pool = id_;
    r.lease_ms = options_.lease.count();
    // Who is given the job may be gone: it is his for good when he says that he has it.
    r.provisional = true;
    if (claim_ran_out_ || !quiet_service_ || served_lists_.size() > fetch_order::most_lists)
        return;
    for (served const* s : served_lists_) {
        if (s->type->options.on_crash == on_crash::dead)
            return;
    }
    round.on_wake = true;
    r.number = next_number(2);
    r.want = 2;
    for (served* s : served_lists_)
        r.fetch_order.push_back(wanted_list{s->what, 1, false});
}

// The answer of a claim that stood when the connection was lost, or when the pool stops: what it
// brought, or that it will bring nothing.
WORK_DECL task<void> pool_core::settle(std::shared_ptr<pool_core> self, exchange_round round)
{
    exchange_request& r = round.request;
    r.want = 0;
    r.fetch_order.clear();
    r.lean = true;
    while (!self->closed_) {
        std::string problem;
        try {
            exchange_answer answer = co_await self->send(r);
            self->take_claim_on_wake(round, std::move(answer));
            co_return;
        } catch (std::exception const& e) {
            problem = e.what();
        }
        if (self->closed_)
            co_return;
        self->log(log_level::error, "what a claim on wake brought is not known: " + problem);
        if (self->stop_requested_)
            co_return;
        co_await self->pause_waiting(std::chrono::milliseconds(500));
    }
}

// A claim that the heartbeat settled meanwhile is not ours any more.
WORK_DECL void pool_core::take_claim_on_wake(exchange_round& round, exchange_answer answer)
{
    if (heartbeat_->end_claim_on_wake())
        apply(round, std::move(answer));
    jobs_cancelled(std::exchange(early_cancels_, {}));
}

WORK_DECL task<void> pool_core::pause_waiting(std::chrono::milliseconds time)
{
    clock::time_point const until = clock::now() + time;
    while (!stop_requested_ && !closed_ && clock::now() < until)
        co_await waiter_wake_.sleep_until(until);
}

// Sleeps on the broker's wakeups while there is room for jobs and none are known to be there. A
// wakeup taken is followed by an exchange, which gives it to somebody else if jobs are left over;
// but for the wakeup of a lone job, which the claim on wake brings at once.
WORK_DECL task<void> pool_core::wait_loop(std::shared_ptr<pool_core> self)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto pause = std::chrono::milliseconds(50);
    while (!self->stop_requested_ && !self->closed_) {
        if (!self->can_wait()) {
            co_await self->waiter_wake_.sleep_until(clock::time_point::max());
            continue;
        }
        exchange_round round;
        self->build_claim_on_wake(round);
        self->claim_on_wake_ = round.on_wake;
        if (round.on_wake) {
            self->heartbeat_->begin_claim_on_wake(round.request.number);
            self->look_sooner();
        }
        clock::time_point const begun = clock::now();
        wait_answer got;
        bool failed = false;
        try {
            std::vector<std::string> served = self->served_ids();
            got = co_await self->broker_->wait(
                self->id_,
                std::move(served),
                std::chrono::milliseconds(30'000),
                round.request
            );
        } catch (std::exception const&) {
            failed = true;
        }
        // Where wakeups come faster, a batch is worth more than the journey of a lone job.
        self->quiet_service_ = clock::now() - begun >= std::chrono::milliseconds(1);
        bool const unsure = got.unsure || failed;
        failed = failed || got.failed;
        bool const ran_out = !failed && !got.woken && !got.claimed && !got.unsure;
        self->claim_ran_out_ = ran_out && (round.on_wake || self->claim_ran_out_);
        if (got.claimed)
            self->take_claim_on_wake(round, std::move(*got.claimed));
        else if (round.on_wake && unsure && !self->closed_)
            co_await settle(self, std::move(round));
        self->claim_on_wake_ = false;
        self->heartbeat_->end_claim_on_wake();
        self->early_cancels_.clear();
        self->stop_wake_.wake();
        if (self->stop_requested_ || self->closed_)
            break;
        if (failed) {
            // Wakeups may have been lost: look as soon as the broker can be reached, which the
            // exchange finds out.
            self->hungry_ = true;
            self->kick();
            co_await self->pause_waiting(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(2000));
            continue;
        }
        pause = std::chrono::milliseconds(50);
        if (!got.woken)
            continue;
        self->just_woken_ = true;
        self->hungry_ = true;
        self->look_now_ = true;
        if (self->capacity() <= 0)
            self->pass_wakeup_on_ = true;
        self->kick();
    }
}

}  // namespace work::detail
