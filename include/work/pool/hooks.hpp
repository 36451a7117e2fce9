// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/events.hpp>
#include <work/pool/claims.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/provider.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/wakeable.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::detail {

/// The user's hooks, and the events that wait for them. Hooks run one after the other, each of them
/// for one event after the other, on the pool's executor, outside of what the pool is doing.
///
/// An event without a hook costs a look at `wants`. What a hook throws is logged. One that takes
/// longer than `patience` is cancelled; as long as it does not end, the others wait.
class hooks : public shared_part<hooks>
{
public:
    using clock = std::chrono::steady_clock;

    hooks(
        boost::asio::any_io_executor executor,
        work::broker& from,
        pool_log const& log,
        std::string const& pool,
        std::string const& pool_name,
        std::chrono::milliseconds patience = std::chrono::seconds(30)
    )
        : executor_(std::move(executor)),
          broker_(from),
          log_(log),
          pool_(pool),
          pool_name_(pool_name),
          patience_(patience),
          late_(executor_),
          idle_wake_(executor_)
    {}

    /// Before the pool runs.
    WORK_DECL void on(event what, erased_hook call);

    /// Thread safety: any thread, while the pool runs.
    bool wants(event what) const noexcept { return (wanted_ & bit(what)) != 0; }
    bool wants_any(std::initializer_list<event> of) const noexcept
    {
        unsigned all = 0;
        for (event const one : of)
            all |= bit(one);
        return (wanted_ & all) != 0;
    }

    /// An event of this pool, now.
    WORK_DECL event_info make(event what) const;
    /// The same, of a job that the pool holds.
    WORK_DECL event_info make(event what, held_job const& of) const;
    /// Its hooks run soon. Nothing if there are none.
    WORK_DECL void add(event_info what);
    /// The same; what became of the job is asked of the broker first. A job that is told to be
    /// cancelled may be dead, since somebody killed it.
    WORK_DECL void add_unread(event_info what);

    // What the broker did not take, since the lease was lost.
    WORK_DECL void lost(job_report& report);
    WORK_DECL void lost(claim_number claim, std::string_view id);
    // What was cancelled or killed while it ran, and does not run any more.
    WORK_DECL void ended_cancelled(job_report& report);
    /// One whose writes were refused failed, as this report says.
    WORK_DECL void refused(job_report& report, std::vector<std::string> const& notes);
    /// What the broker noted may be that it let a job die.
    WORK_DECL void noted(std::string_view note);

    bool busy() const noexcept { return busy_; }
    /// While a pool ends: until nothing waits any more, `wake`, or `by`.
    task<void> idle(clock::time_point by) { return idle_wake_.sleep_until(by); }
    /// What does not end by itself is cancelled, what waits is dropped.
    WORK_DECL void end();
    void wake() { idle_wake_.wake(); }
    /// The pool's user is gone: nothing of theirs is called any more.
    WORK_DECL void abandon();
    /// Events that were dropped, since the pool was made. Thread safety: any thread.
    std::int64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    struct hook
    {
        event of;
        erased_hook call;
        failure_log failures;
    };
    struct waiting_event
    {
        event_info info;
        bool unread = false;  ///< the broker knows more about it
        std::size_t bytes() const noexcept { return info.args.size(); }
    };

    static constexpr unsigned bit(event what) noexcept { return 1u << static_cast<unsigned>(what); }
    WORK_DECL void push(waiting_event what);
    WORK_DECL bool make_room(waiting_event const& next);
    WORK_DECL void drop(waiting_event const& what);
    WORK_DECL void go_on_soon();
    WORK_DECL void go_on();
    WORK_DECL bool run_one();
    WORK_DECL void await_one(task<void> what, hook* of);
    WORK_DECL static task<void> read(std::shared_ptr<hooks> self);
    WORK_DECL void log_failure(hook& of, std::exception_ptr failure);

    boost::asio::any_io_executor executor_;
    work::broker& broker_;
    pool_log const& log_;
    std::string const& pool_;
    std::string const& pool_name_;
    std::chrono::milliseconds const patience_;

    std::vector<std::unique_ptr<hook>> hooks_;
    unsigned wanted_ = 0;
    std::deque<waiting_event> queue_;
    std::size_t queued_bytes_ = 0;
    std::optional<waiting_event> current_;
    std::size_t next_hook_ = 0;  // of the current one
    std::uint64_t turns_ = 0;    // so often something was awaited
    bool busy_ = false;
    bool abandoned_ = false;
    boost::asio::cancellation_signal cancel_;
    boost::asio::steady_timer late_;
    wakeable idle_wake_;
    std::atomic<std::int64_t> dropped_{0};
    failure_log drops_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/hooks.ipp>
#endif
