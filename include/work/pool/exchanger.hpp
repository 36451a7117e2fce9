// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/claimed_jobs.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/exchange_state.hpp>
#include <work/pool/hooks.hpp>
#include <work/pool/lease_renewals.hpp>
#include <work/pool/lifecycle.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/queue_set.hpp>
#include <work/pool/shared_part.hpp>
#include <work/pool/station.hpp>
#include <work/pool/wakeable.hpp>
#include <work/pool/worker_set.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace work::detail {

/// What an exchanger tells the rest of its pool.
class exchange_listener
{
public:
    /// Another stream is to begin.
    virtual void needs_stream(std::size_t stream) = 0;
    /// An answer was taken: jobs may have come, and reports may be done with.
    virtual void answered() = 0;
    /// A wait for wakeups ended, and what it left with the broker is settled.
    virtual void wait_ended() = 0;
    /// The pool was told from outside what to do.
    virtual void ordered(std::vector<told_order> const& orders) = 0;
    /// Who waits in the station for the pool.
    virtual station_guest const& guest() const = 0;
    /// The client's connection is closed.
    virtual void client_closed() = 0;
    /// This process is a child of the one that runs the pool.
    virtual void left_in_parent() = 0;

protected:
    ~exchange_listener() = default;
};

/// Tells the broker what became of jobs, and claims more: `exchange_state` on a connection. Two
/// requests are under way at most, and more where there are jobs enough for full ones.
class exchanger : public shared_part<exchanger>
{
public:
    using clock = std::chrono::steady_clock;

    /// Streams, each with at most one request under way: these are always there.
    static constexpr std::size_t steady_streams = 2;
    static constexpr std::size_t most_streams = most_exchanges;

    exchanger(
        boost::asio::any_io_executor const& executor,
        work::broker& to,
        station& at,
        lifecycle const& life,
        claim_ledger& ledger,
        queue_set& queues,
        claimed_jobs& claimed,
        worker_set& workers,
        exchange_state& state,
        hooks& events,
        pool_log& log,
        exchange_listener& listener
    )
        : broker_(to),
          station_(at),
          life_(life),
          ledger_(ledger),
          queues_(queues),
          claimed_(claimed),
          workers_(workers),
          state_(state),
          hooks_(events),
          log_(log),
          listener_(listener),
          executor_(executor)
    {
        for (std::size_t i = 0; i != next_number_.size(); ++i)
            next_number_[i] = static_cast<std::int64_t>(i);
    }

    WORK_DECL void begin_run(lease_renewals& renewals, bool until_empty);
    /// One of the streams, until the pool has stopped.
    WORK_DECL static task<void> loop(std::shared_ptr<exchanger> self, std::size_t stream);

    /// There is something to be decided.
    WORK_DECL void wake();
    WORK_DECL void wake_all();
    WORK_DECL pool_load load() const noexcept;

    /// The pool stops.
    WORK_DECL void begin_stop();

    // For what others heard.
    WORK_DECL void claims_lost(std::vector<claim_number> const& lost);
    WORK_DECL void jobs_cancelled(std::vector<job_cancel> const& cancels);

    // For the waiter.
    /// A claim on wake is left with the broker, or not any more.
    WORK_DECL void leave_claim(bool left);
    /// The number for a request of the waiter's.
    std::int64_t next_number_on_wake() noexcept { return take_number(most_streams); }
    WORK_DECL task<exchange_answer> send(exchange_request const& request);
    WORK_DECL void apply(exchange_round& round, exchange_answer answer);
    /// What was cancelled of claims before their answers came.
    WORK_DECL void apply_early_cancels();

    /// Nobody but the heartbeat can reach the broker any more.
    void client_closed() noexcept { client_closed_ = true; }
    bool in_flight() const noexcept { return in_flight_ > 0; }
    /// Why the last exchange was not taken; empty: it was.
    std::string const& problem() const noexcept { return problem_; }
    /// Thread safety: any thread.
    std::int64_t round_trip_us() const noexcept { return round_trip_us_.load(); }
    /// When the broker last answered this pool or, where a look of others stood for its own, them;
    /// the clock's beginning: not yet.
    clock::time_point answered_at() const noexcept
    {
        return clock::time_point(clock::duration(answered_at_.load(std::memory_order_relaxed)));
    }
    /// Claims that were lost with jobs unfinished.
    std::int64_t leases_lost() const noexcept { return leases_lost_.load(); }
    /// Jobs that were under way in them.
    std::int64_t unfinished() const noexcept { return unfinished_.load(); }
    /// Jobs that had ended, and whose report came when their leases were lost.
    std::int64_t unheard() const noexcept { return unheard_.load(); }

private:
    WORK_DECL void spread();
    WORK_DECL exchange_step next_step(std::size_t stream);
    WORK_DECL task<void> look();
    WORK_DECL task<bool> deliver(
        exchange_round& round,
        exchange_answer& answer,
        std::size_t stream
    );
    WORK_DECL static void render(exchange_round& round, bool lean);
    WORK_DECL void accept_jobs(exchange_answer& answer, bool on_wake);
    WORK_DECL void log_refused_reports(
        std::vector<claim_number> const& late,
        exchange_round const& round,
        exchange_answer const& answer
    );
    WORK_DECL void tell_hooks(exchange_round& round, exchange_answer const& answer);
    WORK_DECL void log_problem(std::string const& problem);
    std::int64_t take_number(std::size_t who) noexcept
    {
        std::int64_t const number = next_number_[who];
        next_number_[who] += static_cast<std::int64_t>(next_number_.size());
        return number;
    }

    work::broker& broker_;
    station& station_;
    lifecycle const& life_;
    claim_ledger& ledger_;
    queue_set& queues_;
    claimed_jobs& claimed_;
    worker_set& workers_;
    exchange_state& state_;
    hooks& hooks_;
    pool_log& log_;
    exchange_listener& listener_;
    lease_renewals* renewals_ = nullptr;  // of this run
    bool until_empty_ = false;

    boost::asio::any_io_executor executor_;
    struct stream_wake : wakeable
    {
        using wakeable::wakeable;
        bool retrying = false;  ///< it sleeps until it sends its request again
        bool idle() const noexcept { return sleeping() && !retrying; }
    };
    std::deque<stream_wake> wake_;  // of each stream there is
    std::array<std::int64_t, most_streams + 1> next_number_;
    int in_flight_ = 0;
    bool claim_left_ = false;
    bool client_closed_ = false;
    struct early_cancel
    {
        job_cancel told;
        int answers = 0;  ///< that came since, without its claim
    };
    std::vector<early_cancel> early_cancels_;
    clock::time_point timers_set_ = clock::time_point::max();
    clock::time_point lean_until_{};
    std::int64_t problems_ = 0;
    clock::time_point problem_due_{};
    std::string problem_;
    std::atomic<std::int64_t> round_trip_us_{0};
    std::atomic<clock::rep> answered_at_{0};
    std::atomic<std::int64_t> leases_lost_{0};
    std::atomic<std::int64_t> unfinished_{0};
    std::atomic<std::int64_t> unheard_{0};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/answers.ipp>
#include <work/pool/exchanger.ipp>
#endif
