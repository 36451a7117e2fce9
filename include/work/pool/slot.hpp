// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/outcome.hpp>
#include <work/pool/claims.hpp>
#include <work/values/stored_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace work::detail {

class pool_core;

/// One worker: a slot for one running job, its cancellation and its deadline.
///
/// The fields under `lock` are also read by the lease keeper's thread, which gives a job up whose
/// own loop is blocked.
struct slot : boost::intrusive::set_base_hook<>
{
    using clock = std::chrono::steady_clock;

    slot(pool_core& pool, checkin_port& port) : core(&pool) { context_.port_ = &port; }

    context& job() noexcept { return context_; }
    static slot& of(context& job) noexcept { return *job.slot_; }
    bool told() const noexcept { return context_.told_; }
    std::optional<stop_reason> stopping() const noexcept { return context_.stopping_; }
    void tell(stop_reason why) noexcept
    {
        if (!context_.stopping_ || why == stop_reason::lease_lost || why == stop_reason::cancelled)
            context_.stopping_ = why;
    }
    /// Fills the context for a job. `options` may be null.
    WORK_DECL void begin(
        held_job const& next,
        std::unique_ptr<stored_options> own,
        int max_attempts
    );
    WORK_DECL void end();
    template <typename T>
    void provide(std::shared_ptr<T> object)
    {
        context_.user_.push_back(context::user_entry{&typeid(T), std::move(object)});
    }

    /// What resumes the worker that has nothing to do.
    using resumption = boost::asio::any_completion_handler<void()>;
    // Swapped, since assignment recurses for ever in Boost 1.81.
    void park(resumption resume) { parked_.swap(resume); }
    resumption unpark()
    {
        resumption resume;
        resume.swap(parked_);
        return resume;
    }

    pool_core* core;
    boost::asio::cancellation_signal cancel;

    held_job held;
    std::uint64_t generation = 0;  ///< grows with each job
    bool busy = false;
    bool interrupted = false;  ///< cancellation was emitted to its awaits
    bool overdue = false;      ///< its timeout passed; next it is given up
    bool said = false;         ///< the broker was told, or is to be told nothing
    clock::time_point started;
    clock::time_point deadline = clock::time_point::max();
    std::chrono::milliseconds timeout{0};
    std::unique_ptr<stored_options> options;
    outcome ended;       ///< of handlers that return one
    std::string result;  ///< JSON, of handlers that return a value
    std::string result_fault;  ///< why there is none
    std::string progress;
    bool progress_dirty = false;
    clock::time_point progress_sent{};

    // Shared with the keeper.
    std::atomic_flag lock = ATOMIC_FLAG_INIT;
    bool running = false;
    bool given_up = false;
    clock::time_point give_up_at = clock::time_point::max();

private:
    context context_;
    resumption parked_;
};

/// The deadline first; equal ones in any order.
struct by_deadline
{
    bool operator()(slot const& a, slot const& b) const noexcept { return a.deadline < b.deadline; }
};

class slot_lock
{
public:
    explicit slot_lock(slot& s) noexcept : slot_(s)
    {
        while (slot_.lock.test_and_set(std::memory_order_acquire)) {
        }
    }
    ~slot_lock() { slot_.lock.clear(std::memory_order_release); }
    slot_lock(slot_lock const&) = delete;
    slot_lock& operator=(slot_lock const&) = delete;

private:
    slot& slot_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/pool/slot.ipp>
#endif
