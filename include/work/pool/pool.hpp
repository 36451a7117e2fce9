// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/fork.hpp>
#include <work/log.hpp>
#include <work/pool/attempts.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/claimed_jobs.hpp>
#include <work/pool/exchange_state.hpp>
#include <work/pool/exchanger.hpp>
#include <work/pool/heartbeat.hpp>
#include <work/pool/history_writer.hpp>
#include <work/pool/hooks.hpp>
#include <work/pool/job_types.hpp>
#include <work/pool/lifecycle.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/pool_run.hpp>
#include <work/pool/queue_set.hpp>
#include <work/pool/station.hpp>
#include <work/pool/waiter.hpp>
#include <work/pool/worker_set.hpp>
#include <work/pool/worker_watch.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>
#include <work/values/pool_health.hpp>
#include <work/values/run_times.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace work::detail {

/// What a pool is made of.
struct pool_parts
{
    boost::asio::any_io_executor executor;  ///< runs one thing at a time
    std::shared_ptr<work::broker> broker;
    logger log;
    std::string id;
    /// How long an id that its user chose stays known.
    std::chrono::milliseconds id_retention;
    /// Checks a job that follows upon another, and gives it its id and its time.
    std::function<void(new_job&)> prepare_job;
    std::shared_ptr<work::detail::station> station;  ///< of the client's pools
};

/// A worker pool inside: its roles, and what they tell each other. Lives on one thread, but for
/// what says otherwise.
///
/// `exchanger` and `waiter` bring jobs, `worker_set` runs them, `claim_ledger` holds what is to
/// be reported about them, `queue_set` knows where they come from, and `heartbeat` keeps their
/// leases on a thread of its own.
class pool final : public worker_listener,
                   public exchange_listener,
                   public heartbeat_port,
                   public std::enable_shared_from_this<pool>
{
public:
    using clock = std::chrono::steady_clock;

    WORK_DECL pool(pool_parts parts, pool_options options);
    WORK_DECL ~pool();

    // Registration, before it runs.
    WORK_DECL job_type& add_type(std::string name, job_options options);
    WORK_DECL void add_layer(middleware layer);
    WORK_DECL void add_layer(std::string name, middleware layer);
    WORK_DECL void add_provider(std::type_info const& type, std::function<void(worker&)> make);
    WORK_DECL void add_hook(event what, erased_hook call);
    WORK_DECL void add_duty(std::function<task<void>()> duty);
    void with_signals() noexcept { with_signals_ = true; }

    /// Runs until `stop()`, or until nothing is pending or active.
    WORK_DECL task<void> run(bool until_empty);
    /// Who waits for `run()` was cancelled.
    WORK_DECL void run_cancelled();
    WORK_DECL void client_closed() override;
    /// The pool object is gone; any thread.
    void let_go() noexcept { abandoned_ = true; }
    /// The same, on the executor.
    WORK_DECL void abandon();

    // Any thread.
    WORK_DECL void stop() override;
    /// Claims nothing any more.
    WORK_DECL void quiet() override;
    /// Claims again, after `quiet`.
    WORK_DECL void resume();
    WORK_DECL void dump_running() override;
    std::string const& id() const noexcept { return id_; }
    boost::asio::any_io_executor const& executor() const noexcept { return executor_; }
    int running() const noexcept override { return workers_.running(); }
    std::int64_t processed() const noexcept { return queues_.processed(); }
    std::int64_t failed() const noexcept { return queues_.failed(); }
    WORK_DECL pool_health health() const;
    WORK_DECL std::vector<running_jobs> in_flight() const;
    WORK_DECL std::vector<run_times> ran() const;
    WORK_DECL std::vector<attempt_ends> ended() const;
    WORK_DECL std::vector<run_times> waited() const;

private:
    // What its roles tell it.
    void worker_made(worker& s) override { watch_.add(s); }
    void work_to_exchange() override { exchanger_.wake(); }
    WORK_DECL void job_ended() override;
    WORK_DECL void job_starts() override;
    WORK_DECL void lease_lost(claim_number claim) override;
    task<text_pairs> given(std::string id) override { return broker_->given(std::move(id)); }
    WORK_DECL void needs_stream(std::size_t stream) override;
    WORK_DECL void answered() override;
    WORK_DECL void told_to_stop(std::int64_t grace_ms);
    WORK_DECL void ordered(std::vector<told_order> const& orders) override;
    void wait_ended() override { run_.stop_wake.wake(); }
    station_guest const& guest() const override { return waiter_; }
    WORK_DECL void left_in_parent() override;
    WORK_DECL void deliver(heartbeat_news news) override;
    WORK_DECL void heard(heartbeat_news const& news);
    WORK_DECL void tell_hooks(heartbeat_news const& news);
    WORK_DECL std::string status() const override;
    void thread_lag(std::chrono::milliseconds lag) noexcept override { lag_ms_ = lag.count(); }
    void thread_blocked(std::chrono::milliseconds so_far) noexcept override
    {
        blocked_ms_ = so_far.count();
    }
    WORK_DECL std::optional<blocked_thread> blocked() const override;
    void leases_renewed() noexcept override
    {
        renewed_at_ = clock::now().time_since_epoch().count();
    }
    bool abandoned() const noexcept override { return abandoned_; }
    bool wants(event what) const noexcept override { return hooks_.wants(what); }
    retry_decision next_step(
        job_type const& type,
        stored_options const* own,
        failed_attempt const& attempt
    ) const override
    {
        return attempts_.next_step(type, own, attempt);
    }

    // A run.
    WORK_DECL void refuse_while_running(char const* function) const;
    WORK_DECL void refuse_to_run() const;
    WORK_DECL void begin_run(bool until_empty);
    WORK_DECL static task<void> greet(std::shared_ptr<pool> self);
    WORK_DECL void start_roles();
    WORK_DECL void begin_stream(std::size_t stream);
    WORK_DECL void spawn_role(task<void> role, boost::asio::cancellation_signal& cancel);
    WORK_DECL static task<void> empty_loop(std::shared_ptr<pool> self);
    WORK_DECL static task<void> history_loop(std::shared_ptr<pool> self);
    WORK_DECL static task<void> write_history(
        std::shared_ptr<pool> self,
        std::chrono::milliseconds deadline
    );
    WORK_DECL void became_idle();
    WORK_DECL bool nothing_here() const noexcept;
    // Its end.
    WORK_DECL void become_quiet();
    WORK_DECL void claim_again();
    WORK_DECL void request_stop();
    WORK_DECL task<void> stop_in_order();
    WORK_DECL void close_roles();
    WORK_DECL task<void> roles_end(clock::time_point by);
    WORK_DECL bool all_reported() const noexcept;
    WORK_DECL void log_what_is_left();
    WORK_DECL static task<void> take_leave(std::shared_ptr<pool> self);
    WORK_DECL task<void> drain_hooks();

    std::shared_ptr<work::broker> broker_;
    std::shared_ptr<station> const station_;
    boost::asio::any_io_executor executor_;
    pool_options const options_;
    std::string const id_;
    pool_log log_;
    hooks hooks_;
    lifecycle life_;
    job_types types_;
    queue_set queues_;
    claim_ledger ledger_;
    claimed_jobs claimed_;
    attempts attempts_;
    worker_set workers_;
    mutable worker_watch watch_;
    exchange_state state_;
    exchanger exchanger_;
    waiter waiter_;
    std::unique_ptr<heartbeat> heartbeat_;
    history_writer history_;
    std::vector<std::function<task<void>()>> duties_;  // beside the jobs
    std::int64_t heartbeat_number_ = 0;  // its exchanges go on counting from run to run
    pool_run run_;
    clock::time_point started_{};  // set before the heartbeat reads it
    bool with_signals_ = false;
    std::atomic<bool> stop_asked_{false};  // before it was taken up
    std::atomic<bool> abandoned_{false};
    std::atomic<std::int64_t> lag_ms_{0};
    std::atomic<std::int64_t> blocked_ms_{0};
    std::atomic<clock::rep> renewed_at_{0};
    process_mark const mark_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/pool.ipp>
#include <work/pool/pool_run.ipp>
#include <work/pool/pool_stop.ipp>
#endif
