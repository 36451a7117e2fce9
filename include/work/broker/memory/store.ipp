// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/store.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <map>

namespace work {

WORK_DECL memory_store::memory_store(std::string name, clock now_us)
    : name_(std::move(name)),
      now_us_(now_us ? std::move(now_us) : clock([] {
          return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::system_clock::now().time_since_epoch()
          )
                                               .count());
      }))
{}

// A waiter's timer belongs to its executor, so the news are posted there.
WORK_DECL void memory_store::deliver_wakeups()
{
    for (std::string const& wakeup : state_.wakeups_given()) {
        auto const found = std::find_if(waiters_.begin(), waiters_.end(), [&](auto const& waiter) {
            return waiter->keys.find(wakeup) != waiter->keys.end();
        });
        if (found == waiters_.end() || !state_.take_wakeup(wakeup))
            continue;
        auto const waiter = *found;
        waiters_.erase(found);
        waiter->woken = true;
        waiter->of = wakeup;
        boost::asio::post(waiter->sleep.get_executor(), [waiter] {
            waiter->sleep.expires_at(std::chrono::steady_clock::time_point::min());
        });
    }
}

WORK_DECL bool memory_store::take_wakeup_or_wait(
    std::shared_ptr<detail::memory_waiter> const& waiter
)
{
    std::lock_guard const lock(mutex_);
    for (std::string const& key : waiter->keys) {
        if (state_.take_wakeup(key)) {
            waiter->of = key;
            return true;
        }
    }
    waiters_.push_back(waiter);
    return false;
}

WORK_DECL bool memory_store::end_wait(std::shared_ptr<detail::memory_waiter> const& waiter)
{
    std::lock_guard const lock(mutex_);
    waiters_.remove(waiter);
    return waiter->woken;
}

WORK_DECL void memory_store::publish(std::string_view channel, std::string text)
{
    std::lock_guard const lock(mutex_);
    tell(channel, std::move(text));
}

WORK_DECL void memory_store::tell(std::string_view channel, std::string text)
{
    auto const shared = std::make_shared<std::string const>(std::move(text));
    for (auto const& listener : listeners_) {
        if (listener->channel != channel)
            continue;
        boost::asio::post(listener->sleep.get_executor(), [listener, shared] {
            if (!listener->ended)
                listener->receive(*shared);
        });
    }
}

WORK_DECL void memory_store::subscribe(std::shared_ptr<detail::memory_listener> listener)
{
    std::lock_guard const lock(mutex_);
    listeners_.push_back(std::move(listener));
}

WORK_DECL void memory_store::unsubscribe(std::shared_ptr<detail::memory_listener> const& listener)
{
    std::lock_guard const lock(mutex_);
    listener->ended = true;
    std::erase(listeners_, listener);
}

WORK_DECL std::shared_ptr<memory_store> shared_memory(std::string_view name)
{
    if (name.empty())
        return std::make_shared<memory_store>();
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<memory_store>, std::less<>> stores;
    std::lock_guard const lock(mutex);
    std::erase_if(stores, [](auto const& s) { return s.second.expired(); });
    auto const found = stores.find(name);
    std::shared_ptr<memory_store> store = found == stores.end() ? nullptr : found->second.lock();
    if (!store) {
        store = std::make_shared<memory_store>(std::string(name));
        stores.insert_or_assign(std::string(name), store);
    }
    return store;
}

}  // namespace work
