// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/queues.ipp>
#include <work/web/sampler.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

/// A queue of a snapshot: without its lists.
struct busy_queue
{
    std::string queue;
    std::int64_t pending = 0, active = 0, processed = 0, failed = 0, oldest_ms = 0;
    bool paused = false;
};
BOOST_DESCRIBE_STRUCT(
    busy_queue,
    (),
    (queue, pending, active, processed, failed, oldest_ms, paused)
)

/// The jobs of one name that are under way.
struct flight_row
{
    std::string name;
    std::int64_t active = 0;
    std::int64_t since_ms = 0;  ///< when the one started that runs for longest; 0: no pool says
    std::int64_t stalled = 0;   ///< of them, as `running_jobs` has it
};
BOOST_DESCRIBE_STRUCT(flight_row, (), (name, active, since_ms, stalled))

/// A queue with jobs that wait, for the list of those that wait longest.
struct waiting_row
{
    std::string queue;
    std::int64_t pending = 0, oldest_ms = 0;
    bool paused = false;  ///< it is, or the names of all that wait in it are
    std::string by;       ///< who paused the queue
    bool served = true;   ///< running pools have handlers for all names that wait in it
};
BOOST_DESCRIBE_STRUCT(waiting_row, (), (queue, pending, oldest_ms, paused, by, served))

struct pools_summary
{
    std::int64_t pools = 0, workers = 0, busy = 0, not_running = 0, troubled = 0, stalled = 0;
};
BOOST_DESCRIBE_STRUCT(pools_summary, (), (pools, workers, busy, not_running, troubled, stalled))

/// How fast jobs end, over `over_ms`; all 0 before there were two looks.
struct rates_row
{
    std::int64_t over_ms = 0;
    double processed_per_s = 0, failed_per_s = 0;
};
BOOST_DESCRIBE_STRUCT(rates_row, (), (over_ms, processed_per_s, failed_per_s))

/// What `GET /api/v1/snapshot` and the stream give.
struct snapshot_answer
{
    std::int64_t now_ms = 0;
    std::uint64_t number = 0;
    stats_answer totals;
    rates_row rates;
    std::vector<busy_queue> queues;     ///< the 50 with most to do
    std::vector<flight_row> in_flight;  ///< the 50 names with most under way
    std::int64_t oldest_ms = 0;         ///< of the lists that are not paused; 0: nothing waits
    std::vector<waiting_row> oldest;    ///< the 8 queues that wait longest
    std::vector<std::string> unserved;  ///< up to 50 names that wait for a pool to handle them
    pools_summary pools;
};
BOOST_DESCRIBE_STRUCT(
    snapshot_answer,
    (),
    (now_ms, number, totals, rates, queues, in_flight, oldest_ms, oldest, unserved, pools)
)

namespace detail_of_sampler {

inline constexpr std::size_t most_rows = 50;
inline constexpr std::size_t most_waiting = 8;

/// The rows of which there is most, most first; those of as much by name.
template <typename Row, typename Amount>
void keep_most(std::vector<Row>& rows, Amount amount)
{
    std::stable_sort(rows.begin(), rows.end(), [&](Row const& a, Row const& b) {
        return amount(a) > amount(b);
    });
    if (rows.size() > most_rows)
        rows.resize(most_rows);
}

using queue_rows = std::map<std::string, queue_row>;

inline std::vector<busy_queue> busiest(queue_rows const& rows)
{
    std::vector<busy_queue> all;
    for (auto const& [name, row] : rows)
        all.push_back(
            {name,
             row.pending,
             row.active,
             row.processed,
             row.failed,
             row.oldest_ms,
             row.paused.has_value()}
        );
    keep_most(all, [](busy_queue const& one) { return one.pending + one.active; });
    return all;
}

inline std::vector<flight_row> in_flight(
    broker_counts const& counts,
    std::vector<pool_info> const& pools
)
{
    std::map<std::string_view, flight_row> by_name;
    for (queue_info const& one : counts.lists)
        if (one.active != 0)
            by_name[one.name].active += one.active;
    for (pool_info const& pool : pools)
        for (running_jobs const& one : pool.in_flight) {
            auto const found = by_name.find(one.name);
            if (found == by_name.end())
                continue;
            flight_row& to = found->second;
            to.stalled += one.stalled;
            if (one.since_ms != 0 && (to.since_ms == 0 || one.since_ms < to.since_ms))
                to.since_ms = one.since_ms;
        }
    std::vector<flight_row> all;
    for (auto& [name, row] : by_name) {
        row.name = detail::sanitized_utf8(name, 512);
        all.push_back(std::move(row));
    }
    keep_most(all, [](flight_row const& one) { return one.active; });
    return all;
}

/// Names that wait, are not paused, and have a handler in no running pool. None while a pool does
/// not tell what it handles.
inline std::set<std::string> unserved(queue_rows const& rows, std::vector<pool_info> const& pools)
{
    std::set<std::string_view> served;
    for (pool_info const& one : pools) {
        if (one.state != "running")
            continue;
        if (one.job_names.empty())
            return {};
        served.insert(one.job_names.begin(), one.job_names.end());
    }
    std::set<std::string> all;
    for (auto const& [name, row] : rows)
        for (list_row const& list : row.lists)
            if (list.pending > 0 && !list.paused && !served.contains(list.name))
                all.insert(list.name);
    return all;
}

inline std::vector<waiting_row> waiting(
    queue_rows const& rows,
    std::set<std::string> const& nobodys
)
{
    std::vector<waiting_row> all;
    for (auto const& [name, row] : rows) {
        if (row.pending <= 0)
            continue;
        waiting_row one{name, row.pending, row.oldest_ms, row.paused.has_value(), "", true};
        one.by = row.paused ? row.paused->by : "";
        bool held = true;
        for (list_row const& list : row.lists) {
            held = held && (list.paused || list.pending == 0);
            one.served =
                one.served && (list.pending == 0 || list.paused || !nobodys.contains(list.name));
        }
        one.paused = one.paused || held;
        all.push_back(std::move(one));
    }
    auto const time = [](waiting_row const& one) {
        return one.oldest_ms == 0 ? std::numeric_limits<std::int64_t>::max() : one.oldest_ms;
    };
    std::size_t const kept = std::min(most_waiting, all.size());
    std::partial_sort(
        all.begin(),
        all.begin() + static_cast<std::ptrdiff_t>(kept),
        all.end(),
        [&](waiting_row const& a, waiting_row const& b) {
            return std::make_pair(time(a), std::string_view(a.queue)) <
                   std::make_pair(time(b), std::string_view(b.queue));
        }
    );
    all.resize(kept);
    return all;
}

inline std::int64_t oldest(broker_counts const& counts)
{
    std::int64_t first = 0;
    for (queue_info const& one : counts.lists)
        if (!one.paused && one.oldest_ms != 0 && (first == 0 || one.oldest_ms < first))
            first = one.oldest_ms;
    return first;
}

inline pools_summary sum(std::vector<pool_info> const& pools)
{
    pools_summary all;
    for (pool_info const& one : pools) {
        ++all.pools;
        all.workers += one.concurrency;
        all.busy += one.busy;
        all.not_running += one.state == "running" ? 0 : 1;
        all.troubled += one.trouble.empty() ? 0 : 1;
        all.stalled += one.stalled;
    }
    return all;
}

}  // namespace detail_of_sampler

WORK_DECL sampler::sampler(
    boost::asio::any_io_executor on,
    std::shared_ptr<counts_read> counts,
    std::shared_ptr<pools_read> pools,
    std::shared_ptr<limits_read> limits,
    std::shared_ptr<bounds_read> bounds,
    inspector look
)
    : executor_(std::move(on)),
      counts_(std::move(counts)),
      pools_(std::move(pools)),
      limits_(std::move(limits)),
      bounds_(std::move(bounds)),
      inspector_(std::move(look)),
      turn_(executor_),
      news_(executor_, boost::asio::steady_timer::time_point::max())
{}

WORK_DECL task<sampler::value> sampler::after(std::uint64_t number)
{
    auto const self = shared_from_this();
    wake();
    while (last_->number <= number && !stopped_) {
        boost::system::error_code ended;
        co_await news_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none)
            throw boost::system::system_error(boost::asio::error::operation_aborted, "watch");
        wake();
    }
    co_return stopped_ ? nullptr : last_;
}

WORK_DECL task<sampler::value> sampler::newest()
{
    // One that slept has an old one.
    return after(going_ && last_->number != 0 ? last_->number - 1 : last_->number);
}

WORK_DECL void sampler::stop()
{
    stopped_ = true;
    turn_.cancel();
    news_.cancel();
}

WORK_DECL void sampler::wake()
{
    awake_until_ms_ = steady_ms() + awake_ms;
    if (going_ || stopped_)
        return;
    going_ = true;
    marks_.clear();
    looks_.clear();
    boost::asio::co_spawn(executor_, run(shared_from_this()), [](std::exception_ptr) {});
}

WORK_DECL task<void> sampler::run(std::shared_ptr<sampler> self)
{
    while (!self->stopped_ && steady_ms() < self->awake_until_ms_) {
        auto const began = std::chrono::steady_clock::now();
        co_await look(self);
        sample const& seen = *self->last_;
        bool const looked = seen.trouble.empty() && seen.counts;
        self->turn_.expires_at(began + (looked ? pace_of(*seen.counts) : std::chrono::seconds(1)));
        self->news_.cancel();
        boost::system::error_code ended;
        co_await self->turn_.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, ended)
        );
    }
    self->going_ = false;
}

WORK_DECL task<void> sampler::look(std::shared_ptr<sampler> self)
{
    sample seen;
    std::exception_ptr failure;
    self->looking_ms_ = steady_ms();
    try {
        seen.counts = co_await self->counts_->read();
        seen.pools = co_await self->pools_->read();
        seen.limits = co_await self->limits_->read();
        seen.bounds = co_await self->bounds_->read();
        seen.due_ms = co_await self->inspector_.first_due_ms();
        broker_info about = co_await self->inspector_.broker(false);
        seen.broker = std::make_shared<broker_info const>(std::move(about));
        seen.taken_ms = steady_ms();
        seen.json = self->describe(*seen.counts, *seen.pools);
        auto& looks = self->looks_;
        if (looks.empty() || seen.counts->now_ms - looks.back()->now_ms >= 2'000)
            looks.push_back(seen.counts);
        // The last one that is so old stays.
        while (looks.size() > 1 && seen.counts->now_ms - looks[1]->now_ms >= 10'000)
            looks.pop_front();
    } catch (...) {
        failure = std::current_exception();
    }
    self->looking_ms_ = 0;
    if (failure) {
        // What was seen before stays.
        std::int64_t const since = self->last_->away_since_ms;
        seen = *self->last_;
        seen.trouble = problem_of(failure).slug();
        seen.away_since_ms = since == 0 ? wall_ms() : since;
    }
    seen.number = self->last_->number + 1;
    self->last_ = std::make_shared<sample const>(std::move(seen));
}

WORK_DECL std::map<std::string, double> sampler::rates_until(broker_counts const& now) const
{
    std::map<std::string, double> all;
    std::int64_t const over_ms = looks_.empty() ? 0 : now.now_ms - looks_.front()->now_ms;
    if (over_ms < 1'000)
        return all;
    for (queue_info const& one : now.lists)
        all[detail::sanitized_utf8(one.queue, 512)] += static_cast<double>(one.processed);
    for (queue_info const& one : looks_.front()->lists)
        if (auto const found = all.find(detail::sanitized_utf8(one.queue, 512)); found != all.end())
            found->second -= static_cast<double>(one.processed);
    for (auto& [queue, jobs] : all)
        jobs = std::max(0.0, jobs) * 1'000 / static_cast<double>(over_ms);
    return all;
}

WORK_DECL bool sampler::tell_away(std::int64_t since_ms)
{
    if (looking_ms_ == 0 || steady_ms() - told_away_ms_ < 1'000)
        return false;
    told_away_ms_ = steady_ms();
    auto next = std::make_shared<sample>(*last_);
    ++next->number;
    next->trouble = "broker-unavailable";
    next->away_since_ms = since_ms;
    last_ = std::move(next);
    news_.cancel();
    return true;
}

WORK_DECL std::string sampler::describe(
    broker_counts const& counts,
    std::vector<pool_info> const& pools
)
{
    std::int64_t const now = steady_ms();
    // What was counted by hand or taken back is no rate.
    if (!marks_.empty() && counts.processed < marks_.back().processed)
        marks_.clear();
    marks_.push_back({now, counts.processed, counts.failed});
    while (now - marks_.front().at_ms > 10'000)
        marks_.pop_front();

    snapshot_answer answer;
    answer.now_ms = counts.now_ms;
    answer.number = last_->number + 1;
    answer.totals = stats_of(counts);
    mark const& first = marks_.front();
    answer.rates.over_ms = now - first.at_ms;
    if (answer.rates.over_ms > 0) {
        double const seconds = static_cast<double>(answer.rates.over_ms) / 1'000;
        answer.rates.processed_per_s =
            static_cast<double>(counts.processed - first.processed) / seconds;
        answer.rates.failed_per_s = static_cast<double>(counts.failed - first.failed) / seconds;
    }
    auto const rows = detail_of_queues::rows(counts, "");
    answer.queues = detail_of_sampler::busiest(rows);
    answer.in_flight = detail_of_sampler::in_flight(counts, pools);
    std::set<std::string> const nobodys = detail_of_sampler::unserved(rows, pools);
    answer.oldest_ms = detail_of_sampler::oldest(counts);
    answer.oldest = detail_of_sampler::waiting(rows, nobodys);
    for (std::string const& name : nobodys)
        if (answer.unserved.size() < detail_of_sampler::most_rows)
            answer.unserved.push_back(name);
    answer.pools = detail_of_sampler::sum(pools);
    return to_json(answer);
}

}  // namespace work::web
