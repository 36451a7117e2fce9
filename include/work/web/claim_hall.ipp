// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/web/claim_hall.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace work::web {
namespace detail_of_hall {

inline constexpr std::chrono::seconds look_every{5};
inline constexpr std::chrono::seconds chores_every{5};
/// One wait; then it begins with the claims that are parked by then.
inline constexpr std::chrono::seconds one_wait{30};

}  // namespace detail_of_hall

WORK_DECL claim_hall::claim_hall(
    boost::asio::any_io_executor on,
    std::shared_ptr<broker> to,
    std::string id
)
    : executor_(on),
      broker_(std::move(to)),
      id_(std::move(id)),
      turn_(std::move(on))
{}

WORK_DECL task<void> claim_hall::park(
    std::shared_ptr<claim_hall> self,
    std::shared_ptr<parked_claim> who,
    clock::time_point until
)
{
    who->woken = who->failed = false;
    if (self->stopping_ || who->gone)
        co_return;
    self->seats_.push_back(who);
    // However the coroutine ends.
    std::shared_ptr<void> const leaves(nullptr, [self, who](std::nullptr_t) {
        self->seats_.remove(who);
    });
    // Begun by somebody else the wait does not hear of what this one serves.
    if (self->waiting_ && !self->covers(*who))
        self->begin_anew();
    self->start_loops();
    while (!who->woken && !who->failed && !who->gone && !self->stopping_ && clock::now() < until)
        co_await who->sleep.sleep_until(until);
    if (who->failed)
        throw error(errc::unavailable, "nobody waits for wakeups");
}

WORK_DECL void claim_hall::lapses_at(std::int64_t at_ms)
{
    if (at_ms == 0)
        return;
    lapse_ = std::min(lapse_, clock::now() + std::chrono::milliseconds(at_ms - time_ms(*broker_)));
    turn_.wake();
}

WORK_DECL bool claim_hall::take_chores()
{
    clock::time_point const now = clock::now();
    if (now < chores_)
        return false;
    chores_ = now + detail_of_hall::chores_every;
    return true;
}

WORK_DECL void claim_hall::stop()
{
    stopping_ = true;
    wake_all(false);
    turn_.wake();
    if (waiting_)
        begin_anew();
}

WORK_DECL void claim_hall::start_loops()
{
    auto const self = shared_from_this();
    // What they throw is a fault of the broker's, which whoever parks next meets again.
    if (!std::exchange(wait_loop_, true))
        boost::asio::co_spawn(executor_, wait_for_all(self), [self](std::exception_ptr) {
            self->wait_loop_ = false;
        });
    if (!std::exchange(look_loop_, true))
        boost::asio::co_spawn(executor_, look_for_all(self), [self](std::exception_ptr) {
            self->look_loop_ = false;
        });
}

WORK_DECL task<void> claim_hall::wait_for_all(std::shared_ptr<claim_hall> self)
{
    while (!self->seats_.empty() && !self->stopping_) {
        std::vector<std::string> wanted = self->keys();
        std::string id = self->id_;
        exchange_request const none;
        wait_answer got;
        bool failed = false;
        self->waiting_ = true;
        ++self->waits_;
        try {
            got = co_await self->broker_
                      ->wait(std::move(id), std::move(wanted), detail_of_hall::one_wait, none);
        } catch (std::exception const&) {
            failed = true;
        }
        self->waiting_ = false;
        self->waited_for_.clear();
        if (failed || (got.woken && got.of.empty()))
            self->wake_all(failed);
        else if (got.woken && got.of != self->id_)
            self->hand_on(got.of);
    }
}

WORK_DECL std::vector<std::string> claim_hall::keys()
{
    pools_.clear();
    for (seat const& one : seats_) {
        waited_for_.insert(one->serves.begin(), one->serves.end());
        waited_for_.insert(one->pool);
        pools_.insert(one->pool);
    }
    std::vector<std::string> all(waited_for_.begin(), waited_for_.end());
    // The first of the keys that hold wakeups is taken: each is to be the first in its turn.
    auto const first = static_cast<std::ptrdiff_t>(rotation_++ % all.size());
    std::rotate(all.begin(), all.begin() + first, all.end());
    return all;
}

WORK_DECL bool claim_hall::covers(parked_claim const& who) const
{
    return waited_for_.contains(who.pool) && std::includes(
                                                 waited_for_.begin(),
                                                 waited_for_.end(),
                                                 who.serves.begin(),
                                                 who.serves.end()
                                             );
}

WORK_DECL void claim_hall::begin_anew()
{
    if (std::exchange(anew_, waits_) != waits_)
        boost::asio::co_spawn(executor_, ask_anew(shared_from_this()), [](std::exception_ptr) {});
}

WORK_DECL task<void> claim_hall::ask_anew(std::shared_ptr<claim_hall> self)
{
    std::string id = self->id_;
    co_await self->broker_->wait_anew(std::move(id));
}

WORK_DECL parked_claim* claim_hall::first_for(std::string_view what) const
{
    for (seat const& one : seats_) {
        bool const serves = what.empty() || one->pool == what || one->serves.contains(what);
        if (serves && !one->woken && !one->gone)
            return one.get();
    }
    return nullptr;
}

WORK_DECL void claim_hall::hand_on(std::string_view what)
{
    if (parked_claim* const to = first_for(what)) {
        to->woken = true;
        to->sleep.wake();
        return;
    }
    // Whom it was for is here no more; somebody may wait for it elsewhere.
    boost::asio::co_spawn(
        executor_,
        pass_on(shared_from_this(), std::string(what), pools_.contains(what)),
        [](std::exception_ptr) {}
    );
}

// An exchange that wants nothing of a list that holds jobs gives the wakeup again. One of a pool is
// given as it was: the pool waits at another server, or is about to.
WORK_DECL task<void> claim_hall::pass_on(
    std::shared_ptr<claim_hall> self,
    std::string what,
    bool of_pool
)
{
    if (of_pool) {
        co_await self->broker_->wait_anew(std::move(what));
        co_return;
    }
    exchange_request request;
    request.pool = self->id_;
    request.number = ++self->number_;
    request.fetch_order.push_back(wanted_list{what, 0, false});
    request.chores = true;  // so that what is stored of this stream is forgotten one day
    request.deadline_ms = 5'000;
    exchange_answer const answer = co_await self->broker_->exchange(std::move(request));
    self->lapses_at(answer.next_lapse_ms);
}

WORK_DECL void claim_hall::wake_all(bool failed)
{
    for (seat const& one : seats_) {
        (failed ? one->failed : one->woken) = true;
        one->sleep.wake();
    }
}

WORK_DECL task<void> claim_hall::look_for_all(std::shared_ptr<claim_hall> self)
{
    clock::time_point next = clock::now() + detail_of_hall::look_every;
    while (!self->seats_.empty() && !self->stopping_) {
        co_await self->turn_.sleep_until(std::min(next, self->lapse_));
        clock::time_point const now = clock::now();
        if (now >= self->lapse_) {
            // The exchange of whoever looks gives the jobs of the lease back.
            self->lapse_ = clock::time_point::max();
            if (parked_claim* const one = self->first_for({})) {
                one->woken = true;
                one->sleep.wake();
            }
        }
        if (now < next)
            continue;
        next = now + detail_of_hall::look_every;
        bool failed = false;
        try {
            co_await look(self);
        } catch (error const&) {
            failed = true;
        }
        // The broker is away, also where the connection that waits has not noticed yet.
        if (failed)
            self->wake_all(true);
    }
}

WORK_DECL task<void> claim_hall::look(std::shared_ptr<claim_hall> self)
{
    std::vector<seat> const here(self->seats_.begin(), self->seats_.end());
    std::set<std::string> all;
    for (seat const& one : here) {
        if (one->show)
            co_await one->show();
        all.insert(one->serves.begin(), one->serves.end());
    }
    if (all.empty())
        co_return;
    std::vector<std::string> served(all.begin(), all.end());
    exchange_answer const answer = co_await self->broker_->peek_at(std::move(served), true);
    self->lapses_at(answer.next_lapse_ms);
    for (list_left const& list : answer.left) {
        if (parked_claim* const one = self->first_for(list.list)) {
            one->woken = true;
            one->sleep.wake();
        }
    }
    if (answer.next_due_ms != 0 && answer.next_due_ms <= answer.now_ms) {
        if (parked_claim* const one = self->first_for({})) {
            one->woken = true;
            one->sleep.wake();
        }
    }
}

}  // namespace work::web
