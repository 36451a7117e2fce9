// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/station.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace work::detail {

WORK_DECL station::station(
    boost::asio::any_io_executor executor,
    std::shared_ptr<work::broker> to,
    std::string id
)
    : executor_(std::move(executor)),
      broker_(std::move(to)),
      id_(std::move(id)),
      board_(std::make_shared<status_board>(id_))
{}

WORK_DECL void station::enter(
    station_guest& guest,
    std::string_view pool,
    std::vector<std::string> served
)
{
    exit(guest);
    auto const in = std::make_shared<seat>(guest, pool, executor_);
    in->served.insert(served.begin(), served.end());
    seats_.push_back(in);
}

WORK_DECL void station::end_wait(station_guest const& guest)
{
    seat_ptr const out = find(guest);
    if (!out)
        return;
    out->ended = true;
    out->sleep.wake();
    if (out->direct)
        broker_->wake();
}

WORK_DECL void station::interrupt(station_guest const& guest)
{
    seat_ptr const in = find(guest);
    if (!in)
        return;
    if (in->direct)
        boost::asio::co_spawn(
            executor_,
            ask_anew(shared_from_this(), in->pool),
            [](std::exception_ptr) {}
        );
    if (std::exchange(in->waits, false))
        in->sleep.wake();
}

WORK_DECL void station::exit(station_guest const& guest)
{
    seat_ptr const out = find(guest);
    if (!out)
        return;
    end_wait(guest);
    std::erase(seats_, out);
    if (!waiting_)
        return;
    // What the wait takes from here on nobody would look at. The wakeup that ends it goes before
    // the farewell of the pool, which gives back what was taken.
    if (seats_.empty())
        broker_->wake();
    else
        begin_anew();
}

WORK_DECL void station::forget(station_guest const& guest)
{
    std::erase(seats_, find(guest));
}

WORK_DECL station::seat_ptr station::find(station_guest const& guest) const
{
    for (seat_ptr const& one : seats_) {
        if (one->guest == &guest)
            return one;
    }
    return nullptr;
}

WORK_DECL task<wait_answer> station::wait(
    std::shared_ptr<station> self,
    station_guest const& guest,
    exchange_request const& on_wake,
    bool for_orders
)
{
    wait_answer answer;
    seat_ptr const mine = self->find(guest);
    if (!mine || mine->ended)
        co_return answer;
    mine->for_orders = for_orders;
    if (self->alone()) {
        constexpr std::chrono::milliseconds at_most(30'000);
        std::string pool = mine->pool;
        std::vector<std::string> served;
        if (!for_orders)
            served.assign(mine->served.begin(), mine->served.end());
        mine->direct = true;
        std::exception_ptr failure;
        try {
            answer =
                co_await self->broker_->wait(std::move(pool), std::move(served), at_most, on_wake);
        } catch (...) {
            failure = std::current_exception();
        }
        mine->direct = false;
        if (failure)
            std::rethrow_exception(failure);
        co_return answer;
    }
    mine->waits = true;
    mine->failed = mine->woken = false;
    mine->woken_at = clock::time_point();
    bool const covered =
        for_orders ||
        std::all_of(mine->served.begin(), mine->served.end(), [&](std::string const& what) {
            return self->waited_for_.contains(what);
        });
    if (self->waiting_ && !(covered && self->waited_for_.contains(mine->pool)))
        self->begin_anew();
    if (!std::exchange(self->looping_, true))
        boost::asio::co_spawn(self->executor_, wait_for_all(self), [self](std::exception_ptr e) {
            if (e)
                self->looping_ = false;
        });
    co_await mine->sleep.sleep_until(clock::time_point::max());
    mine->waits = false;
    if (mine->failed)
        throw error(errc::unavailable, "nobody waits for wakeups");
    answer.woken = mine->woken;
    co_return answer;
}

// One wait after the other, while somebody is in one.
WORK_DECL task<void> station::wait_for_all(std::shared_ptr<station> self)
{
    while (self->anybody_waits()) {
        constexpr std::chrono::milliseconds at_most(30'000);
        std::vector<std::string> keys = self->choose_keys();
        std::string id = self->id_;
        exchange_request const none;
        wait_answer got;
        bool failed = false;
        self->waiting_ = true;
        ++self->waits_;
        try {
            got = co_await self->broker_->wait(std::move(id), std::move(keys), at_most, none);
        } catch (std::exception const&) {
            failed = true;
        }
        self->waiting_ = false;
        self->waited_for_.clear();
        if (failed)
            self->wake_all(true);
        else if (got.woken && got.of.empty())
            self->wake_all(false);
        else if (got.woken)
            self->hand_on(got.of);
        // Who is alone now waits by itself.
        if (self->alone())
            self->end_waits();
    }
    self->looping_ = false;
}

WORK_DECL bool station::anybody_waits() const
{
    return std::any_of(seats_.begin(), seats_.end(), [](seat_ptr const& one) {
        return one->waits && !one->woken && !one->ended;
    });
}

WORK_DECL void station::end_waits()
{
    for (seat_ptr const& one : seats_) {
        if (std::exchange(one->waits, false))
            one->sleep.wake();
    }
}

// Of those that wait, and of those that are expected back at once: most jobs are short.
WORK_DECL std::vector<std::string> station::choose_keys()
{
    clock::time_point const now = clock::now();
    for (seat_ptr const& one : seats_) {
        if (one->ended || (!one->waits && now - one->woken_at > back_soon))
            continue;
        if (!one->for_orders)
            waited_for_.insert(one->served.begin(), one->served.end());
        waited_for_.insert(one->pool);
    }
    std::vector<std::string> keys(waited_for_.begin(), waited_for_.end());
    // The first of the keys that hold wakeups is taken: each is to be the first in its turn.
    auto const first = static_cast<std::ptrdiff_t>(turn_ % keys.size());
    std::rotate(keys.begin(), keys.begin() + first, keys.end());
    return keys;
}

WORK_DECL void station::hand_on(std::string_view what)
{
    seat_ptr busy;
    ++turn_;
    for (std::size_t i = 0; i != seats_.size(); ++i) {
        seat_ptr const& one = seats_[(turn_ + i) % seats_.size()];
        if (one->takes(what)) {
            wake(*one);
            return;
        }
        if (!one->serves(what))
            continue;
        if (!busy || busy->ended)
            busy = one;
    }
    if (!busy)
        return;
    // It has room for the job when it comes to look, or gives the wakeup to others. Its lists are
    // waited for again when it waits.
    for (seat_ptr const& one : seats_) {
        if (one->serves(what))
            one->woken_at = clock::time_point();
    }
    busy->guest->wakeup_came();
}

WORK_DECL void station::wake(seat& whom)
{
    whom.woken = true;
    whom.woken_at = clock::now();
    whom.sleep.wake();
}

WORK_DECL void station::wake_all(bool failed)
{
    for (seat_ptr const& one : seats_) {
        if (!one->waits || one->woken)
            continue;
        wake(*one);
        one->failed = failed;
        one->waits = !failed;
    }
}

WORK_DECL void station::begin_anew()
{
    if (std::exchange(anew_, waits_) != waits_)
        boost::asio::co_spawn(executor_, ask_anew(shared_from_this(), id_), [](std::exception_ptr) {
        });
}

WORK_DECL task<void> station::ask_anew(std::shared_ptr<station> self, std::string id)
{
    bool asked = false;
    try {
        co_await self->broker_->wait_anew(std::move(id));
        asked = true;
    } catch (std::exception const&) {
        // Then the hard way.
    }
    if (!asked)
        self->broker_->wake();
}

WORK_DECL task<std::optional<exchange_answer>> station::look(
    std::shared_ptr<station> self,
    station_guest const& guest,
    bool also_due,
    clock::duration period
)
{
    std::optional<exchange_answer> seen;
    seat_ptr const mine = self->find(guest);
    if (!mine)
        co_return seen;
    if (self->alone()) {
        std::string pool = mine->pool;
        exchange_answer answer = co_await self->broker_->peek(std::move(pool), also_due);
        seen = std::move(answer);
        co_return seen;
    }
    clock::time_point const now = clock::now();
    if (now < self->looked_at_ + period)
        co_return seen;
    self->looked_at_ = now;
    std::set<std::string, std::less<>> all;
    for (seat_ptr const& one : self->seats_)
        all.insert(one->served.begin(), one->served.end());
    std::vector<std::string> served(all.begin(), all.end());
    bool const due = ++self->looks_ % 3 == 0;
    exchange_answer answer = co_await self->broker_->peek_at(std::move(served), due);
    answer.more = false;
    bool unheard = false;
    for (seat_ptr const& one : self->seats_) {
        bool const holds =
            std::any_of(answer.left.begin(), answer.left.end(), [&](list_left const& list) {
                return one->served.contains(list.list);
            });
        if (one == mine)
            answer.more = holds;
        else if (holds && one->waits && !one->woken && !one->for_orders) {
            unheard = true;
            one->guest->jobs_seen();
        }
    }
    // The second time in a row: the connection that waits is in doubt.
    self->unheard_ = unheard ? self->unheard_ + 1 : 0;
    if (self->unheard_ > 1)
        self->doubt();
    seen = std::move(answer);
    co_return seen;
}

}  // namespace work::detail
