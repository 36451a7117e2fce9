// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/status_board.hpp>
#include <work/pool/wakeable.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace work::detail {

/// A pool as its station sees it.
class station_guest
{
public:
    /// A wakeup came that nobody else could take: look, or pass it on.
    virtual void wakeup_came() = 0;
    /// What the pool serves holds jobs.
    virtual void jobs_seen() = 0;

protected:
    ~station_guest() = default;
};

/// What the running pools of a client do together, so that they cost Redis no more than one of them
/// when they have nothing to do: they wait for wakeups on one connection, look for what no wakeup
/// told of, and leave the housekeeping to one of them. Their statuses are on the `board`.
///
/// A pool that is alone waits as if there were no station, and leaves a claim with the broker. Of
/// several each is woken by what it serves, in turns, and asks for the jobs itself. Lives on the
/// pools' executor.
class station : public std::enable_shared_from_this<station>
{
public:
    using clock = std::chrono::steady_clock;

    /// \param id of no pool: where the pools wait, and show their status
    WORK_DECL station(
        boost::asio::any_io_executor executor,
        std::shared_ptr<work::broker> to,
        std::string id
    );

    /// A pool runs; `served` as for `broker::wait`.
    WORK_DECL void enter(
        station_guest& guest,
        std::string_view pool,
        std::vector<std::string> served
    );
    /// It waits no more; what waits now is ended.
    WORK_DECL void end_wait(station_guest const& guest);
    /// What waits now is ended, and no wakeup is lost; it may wait again.
    WORK_DECL void interrupt(station_guest const& guest);
    /// It ended, or is about to leave the broker. Nothing if it has done so before.
    WORK_DECL void exit(station_guest const& guest);
    /// It is destroyed; nothing is sent any more.
    WORK_DECL void forget(station_guest const& guest);

    /// Nobody else is here.
    bool alone() const noexcept { return seats_.size() < 2; }
    /// As `broker::wait`, for one that is here. `for_orders`: it would take no job, and is woken
    /// for what it is told itself alone.
    WORK_DECL static task<wait_answer> wait(
        std::shared_ptr<station> self,
        station_guest const& guest,
        exchange_request const& on_wake,
        bool for_orders = false
    );
    /// As `broker::peek`; nothing: within this time somebody looked for all.
    WORK_DECL static task<std::optional<exchange_answer>> look(
        std::shared_ptr<station> self,
        station_guest const& guest,
        bool also_due,
        clock::duration period
    );
    /// Connections that wait are in doubt.
    void doubt() { broker_->wake(); }

    /// When somebody last did the housekeeping.
    clock::time_point chores_done() const noexcept { return chores_done_; }
    void do_chores(clock::time_point now) noexcept { chores_done_ = now; }

    std::shared_ptr<status_board> const& board() const noexcept { return board_; }

private:
    struct seat
    {
        seat(station_guest& whose, std::string_view of, boost::asio::any_io_executor executor)
            : guest(&whose),
              pool(of),
              sleep(std::move(executor))
        {}
        bool serves(std::string_view what) const { return pool == what || served.contains(what); }
        bool takes(std::string_view what) const
        {
            return waits && !woken && !ended && (for_orders ? pool == what : serves(what));
        }

        station_guest* guest;
        std::string pool;
        std::set<std::string, std::less<>> served;
        wakeable sleep;
        bool waits = false;   ///< with others
        bool direct = false;  ///< by itself
        bool for_orders = false;
        bool ended = false;
        bool failed = false;
        bool woken = false;
        clock::time_point woken_at{};
    };
    using seat_ptr = std::shared_ptr<seat>;

    WORK_DECL seat_ptr find(station_guest const& guest) const;
    WORK_DECL static task<void> wait_for_all(std::shared_ptr<station> self);
    WORK_DECL std::vector<std::string> choose_keys();
    WORK_DECL void hand_on(std::string_view what);
    WORK_DECL void wake(seat& whom);
    WORK_DECL void wake_all(bool failed);
    WORK_DECL void end_waits();
    WORK_DECL bool anybody_waits() const;
    WORK_DECL void begin_anew();
    WORK_DECL static task<void> ask_anew(std::shared_ptr<station> self, std::string id);

    /// One that was woken is expected back within this time, and its lists waited for meanwhile.
    static constexpr std::chrono::milliseconds back_soon{100};

    boost::asio::any_io_executor executor_;
    std::shared_ptr<work::broker> broker_;
    std::string const id_;
    std::shared_ptr<status_board> const board_;
    std::vector<seat_ptr> seats_;
    std::size_t turn_ = 0;
    std::set<std::string, std::less<>> waited_for_;  // by the wait under way
    bool waiting_ = false;
    bool looping_ = false;
    std::uint64_t waits_ = 0;  // so many were begun
    std::uint64_t anew_ = 0;   // the last of them that was asked to end
    clock::time_point looked_at_{};
    int looks_ = 0;
    int unheard_ = 0;
    clock::time_point chores_done_{};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/station.ipp>
#endif
