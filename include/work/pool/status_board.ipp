// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/status_board.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// Longer than a few beats that are late or lost.
inline std::chrono::milliseconds shown_after(std::chrono::milliseconds heartbeat)
{
    return std::max(heartbeat * 3, std::chrono::milliseconds(15'000));
}

WORK_DECL void status_board::add(
    heartbeat_port& pool,
    std::string const& id,
    std::chrono::milliseconds heartbeat
)
{
    std::lock_guard const lock(mutex_);
    // Of a run before, the store may still have that it showed its status here.
    bool const before = std::erase(left_, id) > 0;
    pools_.push_back(shown_pool{&pool, id, heartbeat, before, false, false});
}

WORK_DECL void status_board::remove(heartbeat_port const& pool)
{
    std::lock_guard const lock(mutex_);
    auto const at = std::find_if(pools_.begin(), pools_.end(), [&](shown_pool const& one) {
        return one.pool == &pool;
    });
    if (at == pools_.end())
        return;
    if (at->joined)
        left_.push_back(at->id);
    pools_.erase(at);
    fresh_ = fresh_ || pools_.empty();
}

WORK_DECL void status_board::tell_again(heartbeat_port const& pool)
{
    std::lock_guard const lock(mutex_);
    if (shown_pool* const one = find(pool))
        one->told = false;
}

WORK_DECL status_board::shown_pool* status_board::find(heartbeat_port const& pool)
{
    for (shown_pool& one : pools_) {
        if (one.pool == &pool)
            return &one;
    }
    return nullptr;
}

WORK_DECL task<std::chrono::milliseconds> status_board::show(
    std::shared_ptr<status_board> self,
    heartbeat_port& pool,
    lease_port& port
)
{
    clock::time_point const began = clock::now();
    turn mine = self->take_turn(pool, began);
    bool ok = false;
    bool known = false;
    if (mine.alone) {
        pool_status& one = mine.shows->pools.front();
        try {
            known =
                co_await port.heartbeat(std::move(one.pool), std::move(one.status), mine.shown_for);
            ok = true;
        } catch (std::exception const&) {
            // It comes again.
        }
        co_return self->shown_alone(pool, ok, known);
    }
    if (!mine.shows)
        co_return mine.pause;
    under_way ends(*self);
    try {
        shared_status what = *mine.shows;
        known = co_await port.heartbeat_together(std::move(what), mine.shown_for);
        ok = true;
    } catch (std::exception const&) {
        // Whoever comes next tries it.
    }
    if (!ok)
        co_return pause_after_failure;
    ends.done();
    self->shown(*mine.shows, known, began);
    co_return mine.pause;
}

WORK_DECL status_board::turn status_board::take_turn(heartbeat_port& pool, clock::time_point now)
{
    std::lock_guard const lock(mutex_);
    turn t;
    shown_pool* const me = find(pool);
    if (!me) {
        t.pause = pause_after_failure;
        return t;
    }
    bool const company =
        pools_.size() > 1 || !left_.empty() ||
        std::any_of(pools_.begin(), pools_.end(), [](shown_pool const& one) { return one.joined; });
    if (!company) {
        t.alone = true;
        t.shown_for = shown_after(me->heartbeat);
        t.shows.emplace().pools.push_back(pool_status{me->id, pool.status()});
        return t;
    }
    std::chrono::milliseconds period = me->heartbeat;
    std::chrono::milliseconds longest = me->heartbeat;
    bool news = false;
    for (shown_pool const& one : pools_) {
        period = std::min(period, one.heartbeat);
        longest = std::max(longest, one.heartbeat);
        news = news || !one.told;
    }
    clock::time_point const due =
        fresh_ || news ? not_before_ : std::max(not_before_, began_ + period);
    if (under_way_ || now < due) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(due - now);
        t.pause = std::max(left, std::chrono::milliseconds(0)) + std::chrono::milliseconds(20);
        return t;
    }
    under_way_ = true;
    t.pause = period;
    t.shown_for = shown_after(longest);
    shared_status& all = t.shows.emplace();
    all.home = home_;
    all.left = left_;
    for (shown_pool& one : pools_) {
        unsure_ = unsure_ || std::exchange(one.unsure, false);
        one.joined = true;
        if (!one.told)
            all.joined.push_back(one.id);
        all.pools.push_back(pool_status{one.id, one.pool->status()});
    }
    return t;
}

WORK_DECL void status_board::shown(shared_status const& what, bool known, clock::time_point began)
{
    std::lock_guard const lock(mutex_);
    under_way_ = false;
    began_ = began;
    for (std::string const& id : what.left)
        std::erase(left_, id);
    bool const lost = !known && !fresh_;
    bool const forgotten = std::exchange(unsure_, false) || lost;
    fresh_ = pools_.empty();
    for (shown_pool& one : pools_) {
        bool const shown =
            std::any_of(what.pools.begin(), what.pools.end(), [&](pool_status const& status) {
                return status.pool == one.id;
            });
        if (!shown)
            continue;
        bool const joined =
            std::find(what.joined.begin(), what.joined.end(), one.id) != what.joined.end();
        one.told = !lost && (one.told || joined);
        // Who exchanged before its status was shown may have been taken for gone.
        if (forgotten || joined)
            one.pool->deliver({.forgotten = true});
    }
}

WORK_DECL void status_board::failed()
{
    std::lock_guard const lock(mutex_);
    under_way_ = false;
    unsure_ = true;
    not_before_ = clock::now() + pause_after_failure;
}

WORK_DECL std::chrono::milliseconds status_board::shown_alone(
    heartbeat_port const& pool,
    bool ok,
    bool known
)
{
    std::lock_guard const lock(mutex_);
    shown_pool* const me = find(pool);
    if (!me)
        return pause_after_failure;
    if (!ok) {
        me->unsure = true;
        return pause_after_failure;
    }
    if (std::exchange(me->unsure, false) || !known)
        me->pool->deliver({.forgotten = true});
    return me->heartbeat;
}

}  // namespace work::detail
