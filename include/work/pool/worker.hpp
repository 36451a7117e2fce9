// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/outcome.hpp>
#include <work/pool/claims.hpp>
#include <work/pool/pool_log.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/stored_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// What handlers use of the pool they run in.
struct handler_tools
{
    handler_tools(pool_log& to, bool apart) : log(to), on_many_threads(apart) {}

    /// For this thread, until it suspends.
    args_parser& parser()
    {
        if (!on_many_threads)
            return own_parser;
        static thread_local args_parser of_this_thread;
        return of_this_thread;
    }

    pool_log& log;
    bool on_many_threads;
    args_parser own_parser{};
};

/// One worker: what runs one job at a time, its cancellation and its deadline.
///
/// The fields under `lock` are also read by the heartbeat's thread, which gives a job up whose
/// own loop is blocked.
struct worker : boost::intrusive::set_base_hook<>, running_job
{
    using clock = std::chrono::steady_clock;

    worker(handler_tools& of_pool, checkin_port& port) : tools(of_pool) { context_.port_ = &port; }

    context& job() noexcept { return context_; }
    static worker& of(context& job) noexcept { return *job.worker_; }
    /// The handler knows that it should stop: it was told, or an await of its was cancelled.
    bool reached() const noexcept
    {
        return interrupted || context_.told_.load(std::memory_order_relaxed);
    }
    bool handler_reached() const noexcept { return context_.reached_; }
    std::string const& misuse_of_go() const noexcept { return context_.misuse_; }
    int layers_entered() const noexcept { return context_.layers_; }
    /// What the handler's `commit` holds; null: it made none.
    outcome const* committed() const noexcept { return context_.committed_.get(); }
    std::optional<stop_reason> stopping() const noexcept { return context_.stop_reason_now(); }
    void tell(stop_reason why) noexcept
    {
        if (!stopping() || why == stop_reason::lease_lost || why == stop_reason::cancelled)
            context_.stopping_.store(static_cast<int>(why), std::memory_order_relaxed);
    }
    /// What who cancelled the job said.
    WORK_DECL void tell_why(std::string const& why);
    WORK_DECL std::string why();
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

    handler_tools& tools;
    boost::asio::cancellation_signal cancel;
    /// Where the await that the handler stands in listens for cancellation, as long as the
    /// handler did not replace the worker's own cancellation state.
    boost::asio::cancellation_slot listens;
    std::weak_ptr<void> own_state;
    bool replaced_state() const noexcept { return own_state.expired(); }
    /// Would a cancellation now end an await? Unknown is taken for yes.
    bool hears_cancellation() const noexcept { return replaced_state() || listens.has_handler(); }

    held_job held;
    std::uint64_t generation = 0;  ///< grows with each job
    bool busy = false;
    static constexpr char no_answer = '?';
    char start_code = no_answer;    ///< what the broker answered to the report of its start
    bool interrupted = false;       ///< cancellation was delivered to its awaits
    bool interrupt_queued = false;  ///< cancellation is to be delivered
    bool overdue = false;           ///< its timeout passed; next it is given up
    bool told_cancelled = false;    ///< it was told that it is cancelled
    bool reported = false;          ///< the broker was told, or is to be told nothing
    bool reported_before = false;   ///< the heartbeat may have told it
    clock::time_point deadline = clock::time_point::max();
    std::chrono::milliseconds timeout{0};
    std::unique_ptr<stored_options> options;
    outcome ended;             ///< of handlers that return one
    std::string result;        ///< JSON, of handlers that return a value
    std::string result_fault;  ///< why there is none
    std::string progress;
    std::vector<std::string> log;  ///< lines that were not sent
    std::int64_t logged = 0;       ///< so many lines in all
    bool progress_dirty = false;
    bool progress_listed = false;  ///< is in the exchanger's list, dirty or not
    clock::time_point progress_sent{};

    using deadline_hook = boost::intrusive::set_base_hook<>;

    // Shared with the heartbeat.
    std::atomic_flag lock = ATOMIC_FLAG_INIT;
    bool running = false;
    clock::time_point started;  ///< while it runs, changed under the lock alone
    bool given_up = false;
    clock::time_point give_up_at = clock::time_point::max();
    std::string cancel_reason;

private:
    context context_;
    resumption parked_;
};

/// The worker's own cancellation filter. Lives as long as no handler replaces it, so that whoever
/// watches `alive` knows.
struct own_cancellation
{
    std::shared_ptr<void> alive;

    using type = boost::asio::cancellation_type_t;

    type operator()(type emitted) const noexcept
    {
        return boost::asio::enable_total_cancellation()(emitted);
    }
};

/// The deadline first; equal ones in any order.
struct by_deadline
{
    bool operator()(worker const& a, worker const& b) const noexcept
    {
        return a.deadline < b.deadline;
    }
};

class worker_lock
{
public:
    explicit worker_lock(worker& s) noexcept : worker_(s)
    {
        while (worker_.lock.test_and_set(std::memory_order_acquire)) {
        }
    }
    ~worker_lock() { worker_.lock.clear(std::memory_order_release); }
    worker_lock(worker_lock const&) = delete;
    worker_lock& operator=(worker_lock const&) = delete;

private:
    worker& worker_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/worker.ipp>
#endif
