// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/build_config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {
namespace detail {

/// One `wait` under way. `woken` is guarded by the store's mutex; the timer
/// is touched on its executor only.
struct memory_waiter
{
    explicit memory_waiter(boost::asio::any_io_executor executor) : sleep(std::move(executor)) {}

    boost::asio::steady_timer sleep;
    std::string pool;
    text_set keys;
    bool woken = false;
    std::string of;  // what woke it
};

/// One subscription under way, likewise.
struct memory_listener
{
    memory_listener(
        boost::asio::any_io_executor executor,
        std::string name,
        std::function<void(std::string_view)> handler
    )
        : sleep(std::move(executor)),
          channel(std::move(name)),
          receive(std::move(handler))
    {}

    boost::asio::steady_timer sleep;
    std::string const channel;
    std::function<void(std::string_view)> const receive;
    bool ended = false;
};

}  // namespace detail

/// A `memory_state` that brokers share: behind a mutex, with a clock, and with those who wait for
/// something to happen in it.
///
/// \par Thread safety all functions may be called from any thread.
class memory_store
{
public:
    using clock = std::function<std::int64_t()>;  ///< µs since 1970

    WORK_DECL explicit memory_store(std::string name = {}, clock now_us = {});

    /// Calls `transition(state, now in µs)` while nobody else does, and wakes whom it gave wakeups.
    template <typename Transition>
    auto apply(Transition&& transition)
    {
        std::lock_guard const lock(mutex_);
        auto const wakeups = [this] {
            deliver_wakeups();
            for (auto& [channel, text] : state_.take_messages())
                tell(channel, std::move(text));
        };
        struct at_end
        {
            decltype(wakeups) const& deliver;
            ~at_end() { deliver(); }
        } const deliver{wakeups};
        std::int64_t const now = now_us_();
        state_.let_expire(now);
        return std::forward<Transition>(transition)(state_, now);
    }

    /// What handlers wrote with the ends of their attempts (`commit::redis`), for tests: each key,
    /// with text, or an object of a hash or a sorted set, or an array.
    boost::json::object written()
    {
        return apply([](memory_state& state, std::int64_t now) { return state.written(now); });
    }

    std::int64_t now_us() const { return now_us_(); }
    std::string const& name() const noexcept { return name_; }

    /// Takes a wakeup that is there (true), or lets the waiter be woken by the next one.
    WORK_DECL bool take_wakeup_or_wait(std::shared_ptr<detail::memory_waiter> const& waiter);
    /// Returns whether a wakeup came.
    WORK_DECL bool end_wait(std::shared_ptr<detail::memory_waiter> const& waiter);

    WORK_DECL void publish(std::string_view channel, std::string text);
    WORK_DECL void subscribe(std::shared_ptr<detail::memory_listener> listener);
    WORK_DECL void unsubscribe(std::shared_ptr<detail::memory_listener> const& listener);

private:
    WORK_DECL void deliver_wakeups();
    WORK_DECL void tell(std::string_view channel, std::string text);

    std::string const name_;
    clock const now_us_;
    std::mutex mutex_;
    memory_state state_;
    std::list<std::shared_ptr<detail::memory_waiter>> waiters_;  // who waits longest is first
    std::vector<std::shared_ptr<detail::memory_listener>> listeners_;
};

/// The store of that name, which all of the process share while one of them uses it; an empty name
/// gives a new one each time.
WORK_DECL std::shared_ptr<memory_store> shared_memory(std::string_view name);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/store.ipp>
#endif
