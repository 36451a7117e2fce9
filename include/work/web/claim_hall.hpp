// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/wakeable.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// A claim that waits for jobs: one request of a worker.
struct parked_claim
{
    parked_claim(boost::asio::any_io_executor on, std::string of, std::vector<std::string> served)
        : pool(std::move(of)),
          serves(served.begin(), served.end()),
          sleep(std::move(on))
    {}

    /// Nobody waits for the answer any more.
    void hang_up()
    {
        gone = true;
        sleep.wake();
    }

    std::string pool;
    std::set<std::string, std::less<>> serves;
    detail::wakeable sleep;
    /// Shows that the pool is alive, while it is parked.
    std::function<task<void>()> show{};
    bool woken = false;   ///< a wakeup came for it
    bool failed = false;  ///< the broker can't be waited at
    bool gone = false;
};

/// Where the claims of a server wait that found nothing, all of them on one connection: a wakeup
/// goes to the one that waits longest of those that serve what it is for. What no wakeup tells of
/// is looked for every 5 s for all of them, and when the first lease ends.
///
/// | of a seat | set by | when |
/// |---|---|---|
/// | woken | hall | a wakeup, or a look, found something for it |
/// | failed | hall | the wait failed: the broker is away |
/// | gone | session | the caller hung up |
///
/// \par Thread safety none; it lives on the server's executor.
class claim_hall : public std::enable_shared_from_this<claim_hall>
{
public:
    using clock = std::chrono::steady_clock;

    /// `id` is of no pool: where it waits, and from which it passes wakeups on.
    WORK_DECL claim_hall(
        boost::asio::any_io_executor on,
        std::shared_ptr<broker> to,
        std::string id
    );

    /// Until `until`, or something came for it: `woken`, `gone`.
    /// \par Errors errc::unavailable: the broker is away
    WORK_DECL static task<void> park(
        std::shared_ptr<claim_hall> self,
        std::shared_ptr<parked_claim> who,
        clock::time_point until
    );
    /// An exchange told when the first lease ends, in ms of the broker's clock; 0: there is none.
    WORK_DECL void lapses_at(std::int64_t at_ms);
    /// Whoever is parked leaves, and nobody parks any more.
    WORK_DECL void stop();

    bool stopping() const noexcept { return stopping_; }
    std::size_t size() const noexcept { return seats_.size(); }
    /// Should an exchange that is made anyway do the housekeeping, too?
    WORK_DECL bool take_chores();

private:
    using seat = std::shared_ptr<parked_claim>;

    WORK_DECL static task<void> wait_for_all(std::shared_ptr<claim_hall> self);
    WORK_DECL static task<void> look_for_all(std::shared_ptr<claim_hall> self);
    WORK_DECL static task<void> look(std::shared_ptr<claim_hall> self);
    WORK_DECL static task<void> pass_on(
        std::shared_ptr<claim_hall> self,
        std::string what,
        bool of_pool
    );
    WORK_DECL static task<void> ask_anew(std::shared_ptr<claim_hall> self);
    WORK_DECL std::vector<std::string> keys();
    WORK_DECL bool covers(parked_claim const& who) const;
    WORK_DECL void begin_anew();
    WORK_DECL void hand_on(std::string_view what);
    WORK_DECL void wake_all(bool failed);
    /// The one that waits longest of those that serve it, "": of all; null: there is none.
    WORK_DECL parked_claim* first_for(std::string_view what) const;
    WORK_DECL void start_loops();

    boost::asio::any_io_executor executor_;
    std::shared_ptr<broker> broker_;
    std::string const id_;
    std::list<seat> seats_;                          // the one that waits longest is the first
    std::set<std::string, std::less<>> waited_for_;  // by the wait under way
    std::set<std::string, std::less<>> pools_;       // of the claims that the last one was for
    detail::wakeable turn_;
    clock::time_point lapse_ = clock::time_point::max();
    clock::time_point chores_ = clock::time_point::min();
    std::int64_t number_ = 0;
    std::uint64_t waits_ = 0;  // so many were begun
    std::uint64_t anew_ = 0;   // the last of them that was asked to end
    std::size_t rotation_ = 0;
    bool waiting_ = false;
    bool wait_loop_ = false;
    bool look_loop_ = false;
    bool stopping_ = false;
};

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/claim_hall.ipp>
#endif
