// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/fork.hpp>
#include <work/fork_watch.hpp>
#include <work/pool/heartbeat_port.hpp>
#include <work/pool/lease_list.hpp>
#include <work/pool/lease_renewals.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/status_board.hpp>
#include <work/pool/turn.hpp>
#include <work/pool/wakeable.hpp>
#include <work/pool/worker.hpp>
#include <work/pool/worker_watch.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace work::detail {

/// Keeps a pool alive in the broker's eyes from a thread and a connection of its own, so that a
/// handler that blocks the pool's thread costs nobody a lease.
///
/// Tasks: 1. renews the pool's claims every third of a lease, while the pool's thread ticked within
/// the stall limit; 2. shows the pool's status, with those of the client's other pools; 3. gives up
/// jobs that are past their timeout while the pool's thread is blocked, and gives back what a claim
/// on wake brings; 4. owns the deadline of a stop, and the signals.
class heartbeat final : public lease_renewals, private fork_member
{
public:
    /// Its exchanges count on from `first_number`, which it keeps up to date.
    WORK_DECL heartbeat(
        heartbeat_port& pool,
        std::string const& pool_id,
        boost::asio::any_io_executor pool_executor,
        work::broker& to,
        pool_options const& options,
        pool_log const& log,
        bool with_signals,
        std::int64_t& first_number,
        std::shared_ptr<status_board> board,
        worker_watch& watch
    );
    WORK_DECL ~heartbeat();
    heartbeat(heartbeat const&) = delete;
    heartbeat& operator=(heartbeat const&) = delete;

    /// The pool's thread from here.
    WORK_DECL void start();
    WORK_DECL void stop();
    // The pool's thread.
    WORK_DECL void add(exchange_answer& answer, bool provisional) override;
    void remove(std::vector<claim_number> const& claims) override { leases_.remove(claims); }
    void begin_claim_on_wake(std::int64_t number) override { leases_.begin_claim_on_wake(number); }
    std::optional<std::int64_t> end_claim_on_wake() override { return leases_.end_claim_on_wake(); }
    WORK_DECL task<exchange_answer> exchange_for_pool(exchange_request request) override;
    void forgotten() override { board_->tell_again(pool_); }
    /// As \c broker::leave, on the heartbeat's connection.
    WORK_DECL task<void> leave_for_pool(
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    );
    std::chrono::steady_clock::time_point renewed_at() const noexcept override
    {
        return std::chrono::steady_clock::time_point(
            std::chrono::steady_clock::duration(renewed_at_.load(std::memory_order_relaxed))
        );
    }
    /// From any thread: the pool was told to stop, and must have soon after its grace. Said again,
    /// the shorter one counts.
    WORK_DECL void stop_requested(std::chrono::steady_clock::duration grace);

private:
    using clock = std::chrono::steady_clock;

    /// When the pool's thread was last seen to do something. Posted along, so that it outlives the
    /// heartbeat.
    struct pulse
    {
        std::atomic<clock::rep> last{0};
        std::atomic<clock::rep> asked_at{0};
        std::atomic<clock::rep> lag{0};
        std::atomic<bool> asked{false};
    };

    /// A loop that throws is begun again.
    WORK_DECL task<void> go_on(task<void> (heartbeat::*loop)());
    WORK_DECL void log_fault(std::exception_ptr fault);
    /// Throws as the port does; logs what the broker noted.
    WORK_DECL task<exchange_answer> exchange(exchange_request request);
    WORK_DECL void now_in_child() override;
    /// The frame of the heartbeat's next exchange, by its own numbers.
    WORK_DECL exchange_request next_exchange(std::chrono::milliseconds deadline);
    WORK_DECL task<void> renew_loop();
    WORK_DECL task<bool> renew(std::vector<claim_number> claims, bool chores);
    WORK_DECL task<void> status_loop();
    WORK_DECL task<void> watch_loop();
    WORK_DECL void watch_broker();
    WORK_DECL void tell_blocked(clock::time_point since);
    WORK_DECL std::vector<late_job> find_late(clock::time_point before);
    WORK_DECL task<void> give_up(std::vector<late_job> late);
    WORK_DECL task<void> settle_claim_on_wake();
    WORK_DECL task<std::size_t> release(lease_list::map held, clock::time_point until);
    WORK_DECL task<std::size_t> release_all(clock::time_point until);
    WORK_DECL void await_signal(int seen);
    WORK_DECL void show_lag(bool watched);
    WORK_DECL void ping_loop_thread();
    [[noreturn]] WORK_DECL void exit_blocked(std::size_t released);
    /// Before a process that has to exit does so.
    static constexpr std::chrono::milliseconds time_to_release{200};
    bool stalled() const noexcept
    {
        return clock::now() - clock::time_point(clock::duration(pulse_->last.load())) >
               options_.stall_limit;
    }

    heartbeat_port& pool_;
    std::string const& pool_id_;
    boost::asio::any_io_executor pool_executor_;
    work::broker const& broker_;
    pool_options const& options_;
    pool_log const& log_;
    bool with_signals_;
    boost::asio::io_context io_{1};
    std::unique_ptr<lease_port> port_;
    std::optional<boost::asio::signal_set> signals_;
    wakeable renew_wake_;
    wakeable status_wake_;
    wakeable watch_wake_;
    std::thread thread_;
    std::string const name_;
    std::int64_t& number_;
    std::shared_ptr<status_board> const board_;
    /// One at a time: renewals and given-up jobs share the heartbeat's numbers.
    bool exchanging_ = false;
    bool broker_away_ = false;  // as hooks were told
    std::atomic<bool> stopping_{false};
    std::shared_ptr<pulse> const pulse_ = std::make_shared<pulse>();
    std::atomic<clock::rep> renewed_at_{0};
    std::atomic<clock::rep> stop_by_{0};
    process_mark const mark_;
    worker_watch& watch_;
    fork_membership membership_;

    lease_list leases_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/heartbeat.ipp>
#include <work/pool/heartbeat_blocked.ipp>
#endif
