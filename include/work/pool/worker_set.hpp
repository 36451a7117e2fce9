// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/flows.hpp>
#include <work/build_config.hpp>
#include <work/context.hpp>
#include <work/pool/attempts.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/claimed_jobs.hpp>
#include <work/pool/deadlines.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/hooks.hpp>
#include <work/pool/interrupts.hpp>
#include <work/pool/job_types.hpp>
#include <work/pool/late_job.hpp>
#include <work/pool/lifecycle.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/starts.hpp>
#include <work/pool/worker.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <vector>

namespace work::detail {

/// What workers tell the rest of their pool.
class worker_listener
{
public:
    /// A worker was made.
    virtual void worker_made(worker& s) = 0;
    /// There is something to be reported, or room for another job.
    virtual void work_to_exchange() = 0;
    /// A job of the pool's ended, or was dropped.
    virtual void job_ended() = 0;
    /// A job is about to start: as `exchange_state::check_quarantine`.
    virtual void job_starts() = 0;
    virtual void lease_lost(claim_number claim) = 0;
    /// As `broker::given`.
    virtual task<text_pairs> given(std::string id) = 0;

protected:
    ~worker_listener() = default;
};

/// The workers of a pool: resident coroutines that are made on demand, each of which runs one job
/// after the other from the claimed ones.
class worker_set final : public checkin_port,
                         public deadline_listener,
                         public shared_part<worker_set>
{
public:
    worker_set(
        boost::asio::any_io_executor executor,
        pool_options const& options,
        lifecycle const& life,
        job_types const& types,
        claim_ledger& ledger,
        claimed_jobs& claimed,
        attempts& decides,
        hooks& events,
        pool_log& log,
        worker_listener& listener
    )
        : executor_(executor),
          options_(options),
          life_(life),
          types_(types),
          ledger_(ledger),
          claimed_(claimed),
          attempts_(decides),
          hooks_(events),
          log_(log),
          listener_(listener),
          interrupts_(executor),
          deadlines_(executor, *this, std::min(options.grace, most_grace)),
          tools_(log, static_cast<bool>(options.handler_executor))
    {}

    ~worker_set() { deadlines_.clear(); }

    void belongs_to(std::weak_ptr<void> whole)
    {
        interrupts_.belongs_to(whole);
        deadlines_.belongs_to(whole);
        shared_part::belongs_to(std::move(whole));
    }

    /// Starts jobs while there are jobs and workers.
    WORK_DECL void dispatch();
    WORK_DECL void dispatch_soon();

    // A stop, step by step.
    /// Back to the front of its list: the last one that was claimed. There is one.
    WORK_DECL void release_last();
    /// All that did not start.
    WORK_DECL void release_unstarted();
    /// Starts no more, and tells those that run.
    WORK_DECL void begin_stop();
    /// Cancels what runs.
    WORK_DECL void interrupt_all();
    /// Lets the coroutines go. Those whose handlers do not end stay.
    WORK_DECL void end();
    /// The pool's user is gone: nothing of his may be called any more.
    WORK_DECL void abandon();

    /// Of what the claim brought.
    WORK_DECL void interrupt(claim& c, stop_reason why);
    /// The broker dropped these.
    WORK_DECL void cancelled(std::vector<job_cancel> const& cancels);
    /// A heartbeat gave the job up. `known`: the broker knows. Else it may or not, and hears it
    /// again from here.
    WORK_DECL void given_up(late_job const& job, bool known);

    /// Moves what running jobs said of their progress into the request.
    WORK_DECL void take_progress(exchange_round& round);
    /// And what jobs logged that ended since.
    WORK_DECL void take_logs_of_ended(exchange_round& round);
    bool progress_waits() const noexcept { return !progress_.empty(); }
    WORK_DECL void mark_lists_in_use();

    // The start of a job whose type is dead after a crash.
    bool start_waits() const noexcept { return starts_.waiting(); }
    void take_start(exchange_round& round) { starts_.take(round, ledger_); }
    void start_answered(exchange_round const& round, exchange_answer const& answer)
    {
        starts_.answered(round, answer);
    }
    void start_unanswered(exchange_round const& round)
    {
        starts_.unanswered(round);
        dispatch_soon();
    }

    /// The worker whose handler runs on the pool's thread and has waited for nothing so far.
    /// Any thread.
    worker const* first_run() const noexcept { return first_run_.load(std::memory_order_acquire); }

    int running() const noexcept { return running_.load(std::memory_order_relaxed); }
    /// Jobs that ended, in all.
    std::int64_t finished() const noexcept { return finished_; }
    std::deque<worker>& all() noexcept { return workers_; }
    /// One line about each job that runs, up to a hundred.
    WORK_DECL std::string describe_running() const;

private:
    friend struct park_worker;
    friend struct go_on_inside;

    /// Whoever resumes workers from here returns here once they wait, and then knows that no first
    /// run goes on but the one, if any, from which it was called.
    class resuming
    {
    public:
        explicit resuming(worker_set& set) noexcept
            : set_(set),
              outer_(set.first_run_.load(std::memory_order_relaxed))
        {
            ++set_.resuming_;
        }
        ~resuming()
        {
            --set_.resuming_;
            set_.first_run_.store(outer_, std::memory_order_release);
        }
        resuming(resuming const&) = delete;
        resuming& operator=(resuming const&) = delete;

    private:
        worker_set& set_;
        worker const* outer_;
    };

    static constexpr std::chrono::milliseconds most_grace{5'000};

    /// A job that ended after the heartbeat gave it up and before it could say whether the broker
    /// knows.
    struct ended_unreported
    {
        worker const* who = nullptr;
        std::uint64_t generation = 0;
        held_job held;
    };

    void checked_in(worker& who, std::string message, double percent) override;
    void logged(worker& who, std::string text) override;
    std::string why(worker& who) override { return who.why(); }
    WORK_DECL task<std::vector<job_gift>> given(worker& who) override;
    WORK_DECL void add_log(worker& who, std::string text);
    void timed_out(worker& s) override { interrupts_.add(s, stop_reason::timed_out); }
    void overstayed(worker& s) override { attempts_.overstayed(s); }
    void deadlines_passed() override { listener_.work_to_exchange(); }

    WORK_DECL void spawn_worker();
    WORK_DECL static task<void> work_loop(std::shared_ptr<worker_set> self, worker& s);
    WORK_DECL bool resume_startable();
    WORK_DECL bool take(worker& s);
    WORK_DECL bool may_start(worker& s);
    WORK_DECL task<void> invoke(worker& s);
    WORK_DECL task<void> call_handler(worker& s);
    WORK_DECL task<void> call_elsewhere(worker& s);
    WORK_DECL void provider_threw(provider const& from, worker const& s) const;
    WORK_DECL void cancel_running(worker& s, std::string const& why);
    WORK_DECL void finish(worker& s, caught_failure const* failure);
    WORK_DECL void drop(held_job const& job);
    WORK_DECL void show_progress(worker& who, std::string const& message, double percent);
    void count_running(int change) noexcept
    {
        running_.store(running() + change, std::memory_order_relaxed);
    }

    boost::asio::any_io_executor executor_;
    pool_options const& options_;
    lifecycle const& life_;
    job_types const& types_;
    claim_ledger& ledger_;
    claimed_jobs& claimed_;
    attempts& attempts_;
    hooks& hooks_;
    pool_log& log_;
    worker_listener& listener_;
    interrupts interrupts_;
    deadlines deadlines_;
    starts starts_;
    handler_tools tools_;

    std::deque<worker> workers_;
    std::vector<worker*> parked_;
    std::vector<worker*> ended_;  // whose coroutine is gone, after a run
    std::size_t starting_ = 0;
    bool dispatching_ = false;
    bool dispatch_posted_ = false;
    bool turn_over_ = false;
    std::atomic<int> running_{0};
    std::atomic<worker const*> first_run_{nullptr};
    int resuming_ = 0;
    std::int64_t finished_ = 0;
    std::vector<worker*> progress_;
    std::vector<round_log> logs_of_ended_;
    std::vector<ended_unreported> ended_unreported_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/worker_loop.ipp>
#include <work/pool/worker_set.ipp>
#endif
