// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/inspector.hpp>
#include <work/task.hpp>
#include <work/values/pool_info.hpp>
#include <work/web/shared_read.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace work::web {

/// What there was when all was looked at together.
struct sample
{
    std::uint64_t number = 0;  ///< one more with each look
    std::string json;          ///< the answer of GET /snapshot; "" before the first good look
    std::shared_ptr<broker_counts const> counts{};             ///< of which it was made
    std::shared_ptr<std::vector<pool_info> const> pools{};     ///< the same
    std::shared_ptr<broker_info const> broker{};               ///< asked right after them
    std::shared_ptr<std::vector<limit_state> const> limits{};  ///< likewise
    std::shared_ptr<std::vector<bound_state> const> bounds{};  ///< likewise
    std::int64_t due_ms = 0;         ///< when the first that waits for a time is due; 0: none does
    std::int64_t taken_ms = 0;       ///< when they were, by `steady_ms`; 0: never
    std::int64_t away_since_ms = 0;  ///< the broker answers no more since then; 0: it does
    std::string trouble;             ///< and what kind of trouble it is
};

/// When to count again, so that counting takes Redis about 5 ms a second: it takes 6 us a list and
/// 2 us an active job. At most 30 s, but no sooner than is asked for.
inline std::chrono::milliseconds pace_of(
    broker_counts const& last,
    std::chrono::milliseconds soonest = std::chrono::milliseconds(1'000)
)
{
    auto const us = static_cast<std::int64_t>(last.lists.size()) * 6 + last.active * 2;
    std::chrono::milliseconds const needed(std::min<std::int64_t>(us / 5, 30'000));
    return std::max(needed, soonest);
}

/// Looks at everything once a second for all who watch, less often where there is very much, and
/// sleeps while nobody does.
/// \par Thread safety none; all on the executor, which runs one thing at a time.
class sampler : public std::enable_shared_from_this<sampler>
{
public:
    using value = std::shared_ptr<sample const>;
    using counts_read = shared_read<broker_counts>;
    using pools_read = shared_read<std::vector<pool_info>>;
    using limits_read = shared_read<std::vector<limit_state>>;
    using bounds_read = shared_read<std::vector<bound_state>>;

    /// How long it goes on after somebody looked.
    static constexpr std::int64_t awake_ms = 90'000;

    WORK_DECL sampler(
        boost::asio::any_io_executor on,
        std::shared_ptr<counts_read> counts,
        std::shared_ptr<pools_read> pools,
        std::shared_ptr<limits_read> limits,
        std::shared_ptr<bounds_read> bounds,
        inspector look
    );

    /// Waits for a sample whose number is greater, and gives the newest; nullptr: it was stopped.
    /// A first look is 0.
    /// \par Errors       boost::asio::error::operation_aborted
    /// \par Cancellation any
    /// \par Redis        a second of watching costs as `inspector`: counts, pools, broker
    WORK_DECL task<value> after(std::uint64_t number);
    /// The newest, taken at most a second and a look ago.
    WORK_DECL task<value> newest();
    /// The newest without looking: nullptr while it sleeps.
    value last() const noexcept { return going_ ? last_ : nullptr; }
    /// Goes on for `awake_ms` more, or begins to.
    WORK_DECL void wake();
    /// It has waited for an answer of the broker since then, by `steady_ms`, or for longer.
    bool waits_since(std::int64_t at_ms) const noexcept
    {
        return looking_ms_ != 0 && looking_ms_ <= at_ms;
    }
    /// How many jobs of each queue end in a second, from a look about 10 s ago to these counts; of
    /// none, while there is no such look.
    WORK_DECL std::map<std::string, double> rates_until(broker_counts const& now) const;
    /// The broker does not answer, since then by this machine's clock: who waits hears it without
    /// waiting for the look that is under way. False: it was told within the last second.
    WORK_DECL bool tell_away(std::int64_t since_ms);
    /// All that wait are told.
    WORK_DECL void stop();

private:
    struct mark
    {
        std::int64_t at_ms;
        std::int64_t processed;
        std::int64_t failed;
    };

    WORK_DECL static task<void> run(std::shared_ptr<sampler> self);
    WORK_DECL static task<void> look(std::shared_ptr<sampler> self);
    WORK_DECL std::string describe(
        broker_counts const& counts,
        std::vector<pool_info> const& pools
    );

    boost::asio::any_io_executor executor_;
    std::shared_ptr<counts_read> counts_;
    std::shared_ptr<pools_read> pools_;
    std::shared_ptr<limits_read> limits_;
    std::shared_ptr<bounds_read> bounds_;
    inspector inspector_;
    boost::asio::steady_timer turn_;  ///< of the loop
    boost::asio::steady_timer news_;  ///< cancelled when there is another sample
    value last_ = std::make_shared<sample>();
    std::deque<mark> marks_;                                  ///< of the last 10 s, for rates
    std::deque<std::shared_ptr<broker_counts const>> looks_;  ///< 2 s apart and more, likewise
    std::int64_t awake_until_ms_ = 0;
    std::int64_t looking_ms_ = 0;    ///< when the look under way began; 0: none is
    std::int64_t told_away_ms_ = 0;  ///< when that was told last
    bool going_ = false;
    bool stopped_ = false;
};

}  // namespace work::web

// Its bodies use what routes answer: routes.hpp includes them.
