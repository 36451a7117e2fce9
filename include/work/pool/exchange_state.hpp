// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/policy.hpp>
#include <work/build_config.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/claim_reasons.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/lease_renewals.hpp>
#include <work/pool/quarantine.hpp>
#include <work/pool/queue_set.hpp>
#include <work/pool_options.hpp>
#include <work/values/pace.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work::detail {

/// Requests of a pool that may be under way, beside one that is left with the broker.
inline constexpr int most_exchanges = static_cast<int>(policy::stored_answers) - 1;
/// What the answer to one beside two full ones may have, so that no more than 8 MiB are under way.
inline constexpr std::int64_t extra_answer_bytes = 384 << 10;

/// How the pool stands when its exchanger looks.
struct pool_load
{
    int running = 0;
    int ready = 0;                 ///< claimed, and not started
    std::int64_t ready_limit = 0;  ///< the most of those
    std::int64_t finished = 0;     ///< in all runs
    bool claims = false;           ///< neither quiet nor stopping
    bool ending = false;
    bool stopped = false;
    bool until_empty = false;
    bool start_waits = false;  ///< one is to be reported before its job runs
    bool progress_waits = false;
    bool claim_on_wake = false;  ///< one is left with the broker

    bool idle() const noexcept { return running == 0 && ready == 0; }
};

/// What an exchanger does next.
enum class exchange_step {
    sleep,     ///< until `next_timer`, or until it is woken
    exchange,  ///< `build` the next request
    look,      ///< whether there is something that no wakeup told of; then decide again
    end,
};

/// When a pool exchanges with the broker, and what it asks for: the exchanger without its
/// connection and clock.
///
/// Reports go at once; jobs are asked for while there is room and a reason to. What is ready when
/// the connection is free shares one request.
class exchange_state
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    exchange_state(
        pool_options const& options,
        std::string_view pool,
        claim_ledger& ledger,
        queue_set& queues
    )
        : options_(options),
          pool_(pool),
          ledger_(ledger),
          queues_(queues)
    {}

    /// \param finished      jobs that have ended so far
    /// \param fetches_ahead jobs may be claimed before there is a worker for them
    WORK_DECL void begin_run(time_point now, std::int64_t finished, bool fetches_ahead);

    /// For one of the streams; `timers`: for the one that also acts on time.
    WORK_DECL exchange_step decide(pool_load const& load, time_point now, bool timers);
    /// Two requests under way are enough where jobs come one by one. Whether one more, beside so
    /// many, would bring as many jobs as one can.
    WORK_DECL bool spreads(pool_load const& load, int in_flight) const noexcept;
    /// When to decide again.
    WORK_DECL time_point next_timer(pool_load const& load) const;
    /// All but the number, and what workers add. `renewed_at`: the last renewal of all claims.
    WORK_DECL void build(
        exchange_round& round,
        pool_load const& load,
        time_point now,
        time_point renewed_at
    );
    /// Its answer came, or never will. First of all.
    WORK_DECL void returned(exchange_round const& round);
    /// Learns from the answer when to come back, and for what. `broker_ms`: the broker's time now.
    WORK_DECL void learn(
        exchange_round const& round,
        exchange_answer const& answer,
        pool_load const& load,
        time_point now,
        std::int64_t broker_ms
    );
    void accepted(claim const& c)
    {
        if (c.suspects)
            quarantine_.begin(c);
    }
    /// A suspect is here that is to run alone.
    bool isolates() const noexcept { return quarantine_.isolates(); }
    /// Ends the quarantine when it is time. True: it did, and there may be room.
    WORK_DECL bool check_quarantine(time_point now);

    /// How many jobs there is room for; negative: too many are here.
    WORK_DECL int capacity(pool_load const& load) const noexcept;
    /// Nothing is known to wait for the pool, and it has room.
    WORK_DECL bool can_wait(pool_load const& load) const noexcept;
    /// Nothing is asked and no job would be taken, so that nothing is heard before somebody speaks.
    WORK_DECL bool hears_nothing(pool_load const& load) const noexcept;
    /// Is there something to be said?
    WORK_DECL bool reports_wait(pool_load const& load) const noexcept;

    void want(claim_reason why) noexcept { reasons_.add(why); }
    /// The same, and now.
    void want_now(claim_reason why) noexcept
    {
        reasons_.add(why);
        exchange_now_ = true;
    }
    WORK_DECL void woken(pool_load const& load);
    WORK_DECL void forgotten(time_point now);
    /// A claim is left with the broker now. True: its next look is sooner.
    WORK_DECL bool look_sooner(time_point now);

    /// A look is due. Nothing: there are claims or chores, so the look is an exchange. Else whether
    /// it asks for what is due as well.
    /// `chores_done`: when other pools of the client last did the housekeeping.
    WORK_DECL std::optional<bool> begin_look(
        pool_load const& load,
        time_point now,
        time_point chores_done = {}
    );
    WORK_DECL void look_failed();
    /// True: jobs are there, and whoever waits for wakeups heard of none, the second time: his
    /// connection is in doubt.
    WORK_DECL bool looked(
        exchange_answer const& seen,
        pool_load const& load,
        std::int64_t broker_ms
    );

    /// How often an idle pool looks for leases that lapse. Within half a lease, since the broker
    /// takes a longer silence for an outage, after which it waits a lease before it reaps.
    /// More often while a claim is left with the broker, whose provisional lease may be that of a
    /// job that nobody got.
    WORK_DECL duration look_period(bool claim_on_wake) const noexcept;

    std::string_view pool() const noexcept { return pool_; }
    pace& speed() noexcept { return pace_; }
    claim_reasons const& reasons() const noexcept { return reasons_; }
    time_point tick_at() const noexcept { return tick_at_; }

private:
    WORK_DECL void notice_suspects();
    WORK_DECL void build_claim(exchange_round& round, pool_load const& load, time_point now);
    /// One less while the broker ends leases, or makes jobs ready that are due: it has enough to
    /// do, and what others ask of it waits behind all of them.
    int most_in_flight() const noexcept
    {
        return pace_.in_flight(options_.batch, most_exchanges) - (broker_busy_ ? 1 : 0);
    }
    bool resting(pool_load const& load) const noexcept
    {
        return load.idle() && !reasons_.any() && surplus_ == 0;
    }

    pool_options const& options_;
    std::string_view pool_;
    claim_ledger& ledger_;
    queue_set& queues_;
    bool fetches_ahead_ = true;
    pace pace_;
    quarantine quarantine_;
    claim_reasons reasons_;
    int asked_ = 0;             // by requests under way
    std::int64_t surplus_ = 0;  // jobs that the broker has beside those asked for
    bool more_ = false;         // the last answer says: at once again
    bool broker_busy_ = false;  // it does as much as it may with each request
    bool exchange_now_ = false;
    bool pass_wakeup_on_ = false;  // it came while there was no room
    bool just_woken_ = false;
    bool asked_for_suspects_ = false;
    bool ran_suspects_ = false;
    bool chores_left_ = false;
    int looks_ = 0;
    int unheard_ = 0;  // looks in a row that found jobs no wakeup told of
    time_point began_{};
    time_point alarm_at_ = time_point::max();
    time_point tick_at_ = time_point::max();
    time_point chores_at_{};
    time_point counts_at_{};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/exchange_state.ipp>
#endif
