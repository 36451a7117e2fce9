// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/fork.hpp>
#include <work/fork_watch.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/pool/wakeable.hpp>
#include <work/pool/worker.hpp>
#include <work/pool_options.hpp>
#include <work/task.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace work::detail {

/// Keeps a pool alive in the broker's eyes from a thread and a connection of its own, so that a
/// handler that blocks the pool's thread costs nobody a lease.
///
/// Tasks: 1. renews the pool's claims every third of a lease, while the pool's thread ticked within
/// the stall limit; 2. shows the pool's status; 3. gives up jobs that are past their timeout
/// while the pool's thread is blocked, and gives back what a claim on wake brings; 4. owns the
/// deadline of a stop, and the signals.
class heartbeat final : private fork_member
{
public:
    /// A job that is past its timeout while the pool's thread is blocked.
    struct late_job
    {
        worker* who = nullptr;
        std::uint64_t generation = 0;
        claim_number claim = 0;
        std::string id;
        std::string name;
        retry_decision what;
        std::string failure;
    };

    /// Its exchanges count on from `first_number`, which it keeps up to date.
    WORK_DECL heartbeat(
        pool_core& pool,
        work::broker& to,
        pool_options const& options,
        bool with_signals,
        std::int64_t& first_number
    );
    WORK_DECL ~heartbeat();
    heartbeat(heartbeat const&) = delete;
    heartbeat& operator=(heartbeat const&) = delete;

    /// The pool's thread from here.
    WORK_DECL void start();
    WORK_DECL void stop();
    /// Of a claim that was left with the broker, until the heartbeat renewed it.
    static constexpr std::chrono::milliseconds provisional_lease{2'000};

    /// Takes the list of its jobs. A provisional claim is renewed within half a second.
    WORK_DECL void add(exchange_answer& answer, bool provisional);
    WORK_DECL void remove(std::vector<claim_number> const& claims);
    WORK_DECL void remove(std::vector<closed_claim> const& claims);
    WORK_DECL void add(worker& who);
    /// A claim of this number is left with the broker. While the pool's thread is blocked the
    /// heartbeat settles it, and gives back what it brought.
    WORK_DECL void begin_claim_on_wake(std::int64_t number);
    /// Takes that back; nothing if there is none any more, since the other side took it.
    WORK_DECL std::optional<std::int64_t> end_claim_on_wake();
    /// On the heartbeat's connection, when the client's is no more.
    WORK_DECL task<exchange_answer> exchange_for_pool(exchange_request request);
    WORK_DECL task<void> leave_for_pool(
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    );
    /// When the last renewal of all claims succeeded.
    std::chrono::steady_clock::time_point renewed_at() const noexcept
    {
        return std::chrono::steady_clock::time_point(
            std::chrono::steady_clock::duration(renewed_at_.load(std::memory_order_relaxed))
        );
    }
    /// From any thread: the pool was told to stop; by then it must have.
    WORK_DECL void stop_requested();

private:
    using clock = std::chrono::steady_clock;

    struct kept_claim
    {
        std::vector<claimed_job> jobs;
        std::shared_ptr<void const> bytes;  ///< what the ids point into
    };

    /// When the pool's thread was last seen to do something. Posted along, so that it outlives the
    /// heartbeat.
    struct pulse
    {
        std::atomic<clock::rep> last{0};
        std::atomic<bool> asked{false};
    };

    /// One exchange at a time: renewals and given-up jobs share the heartbeat's numbers.
    class turn
    {
    public:
        explicit turn(bool& taken) noexcept : taken_(taken) { taken_ = true; }
        ~turn() { taken_ = false; }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;

    private:
        bool& taken_;
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
    WORK_DECL bool has_provisional();
    WORK_DECL std::vector<claim_number> claims_to_renew(bool provisional_ones);
    WORK_DECL task<void> status_loop();
    WORK_DECL task<void> watch_loop();
    WORK_DECL std::vector<late_job> find_late(clock::time_point before);
    WORK_DECL task<void> give_up(std::vector<late_job> late);
    WORK_DECL bool has_claim_on_wake();
    WORK_DECL task<void> settle_claim_on_wake();
    WORK_DECL task<std::size_t> release(
        std::map<claim_number, kept_claim> held,
        clock::time_point until
    );
    WORK_DECL task<std::size_t> release_all(clock::time_point until);
    WORK_DECL void await_signal();
    WORK_DECL void ping_loop_thread();
    [[noreturn]] WORK_DECL void exit_blocked(std::size_t released);
    WORK_DECL std::string status() const;
    /// Before a process that has to exit does so.
    static constexpr std::chrono::milliseconds time_to_release{200};
    bool stalled() const noexcept
    {
        return clock::now() - clock::time_point(clock::duration(pulse_->last.load())) >
               options_.stall_limit;
    }

    pool_core& pool_;
    std::weak_ptr<pool_core> weak_;
    pool_options const& options_;
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
    bool exchanging_ = false;
    std::atomic<bool> stopping_{false};
    std::shared_ptr<pulse> const pulse_ = std::make_shared<pulse>();
    std::atomic<clock::rep> renewed_at_{0};
    std::atomic<clock::rep> stop_by_{0};
    std::atomic<int> signals_seen_{0};
    bool block_logged_ = false;
    process_mark const mark_;
    fork_membership membership_;

    std::mutex mutex_;
    std::map<claim_number, kept_claim> claims_;
    std::vector<claim_number> provisional_;
    std::vector<worker*> workers_;
    std::optional<std::int64_t> claim_on_wake_;  ///< the number of the claim that stands
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/core.hpp>  // includes heartbeat.ipp, which needs the whole pool
#endif
