// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/broker/history.hpp>
#include <work/build_config.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/fetch_order.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool/job_types.hpp>
#include <work/pool_options.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace work::detail {

/// What a pool serves, what is known of it, and the lists whose jobs it met.
///
/// A pool that is restricted to some queues serves their lists, which are known. Any other serves
/// names, in whatever queue, and meets the lists as their jobs come.
class queue_set
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    queue_set(pool_options const& options, job_types const& types, std::uint64_t seed)
        : options_(options),
          types_(types),
          fetch_order_(options.order, seed)
    {}

    /// Serves all that is handled, from now on.
    WORK_DECL void serve_all(time_point now);
    /// As `broker::wait` takes them: lists, or `*` and a name.
    WORK_DECL std::vector<std::string> ids() const;

    // The broker is told what the pool serves: at first, when it forgot, and now and then, since
    // lists that nobody speaks of for a day are forgotten.
    WORK_DECL void announce(time_point now);
    bool unannounced() const noexcept { return announced_ < in_order_.size(); }
    bool announce_due(time_point now) const noexcept { return now >= announce_at_; }
    WORK_DECL void take_announcements(exchange_request& request, time_point now);

    /// What to claim from, where, and how much of it; `want` is set.
    WORK_DECL void order_fetch(exchange_request& request);
    /// All of it, so that its wakeups are passed on.
    WORK_DECL void name_all(exchange_request& request, std::size_t most) const;
    /// For a claim on wake. False: too many, or of a type that is dead after a crash.
    WORK_DECL bool name_for_wake(exchange_request& request) const;
    /// Learns what is left. Returns how many jobs that is.
    WORK_DECL std::int64_t learn(exchange_request const& request, exchange_answer const& answer);

    /// Null for a list of a name without a handler, or that does not say what it is.
    WORK_DECL met_list* find(std::string_view list);
    /// Queues may come and go: so many that those without use should be forgotten.
    bool crowded() const noexcept { return lists_.size() > most_lists_; }
    /// But those marked `in_use`, and those with counts to be reported.
    WORK_DECL void forget_unused();

    WORK_DECL void count_processed(met_list& list);
    WORK_DECL void count_failed(met_list& list);
    /// The broker did not take what was counted so.
    WORK_DECL void take_back(std::string_view list, counted_as as, std::int64_t jobs = 1);
    WORK_DECL void take_back(job_report const& refused);
    /// It failed, since one of its writes was refused.
    WORK_DECL void failed_after_all(job_report const& report);
    /// A first attempt starts, so long after it was due and claimed.
    WORK_DECL void count_waited(met_list& list, std::chrono::microseconds wait);
    WORK_DECL void count_ran(met_list& list, std::chrono::steady_clock::duration run);
    /// What was measured since it was taken last, list by list.
    WORK_DECL std::vector<history_row> take_history();
    bool counts_waiting() const noexcept { return !counted_.empty(); }
    /// Moves counts into the request, a few at a time, and each once in a second. True: more of
    /// them are to follow at once.
    WORK_DECL bool take_counts(exchange_round& round);
    std::int64_t processed() const noexcept { return processed_.load(std::memory_order_relaxed); }
    std::int64_t failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

private:
    WORK_DECL void serve(job_type& type, std::string what, int weight, std::int64_t rank);
    WORK_DECL bool should_discover(int want) const;
    void count(met_list& list, std::int64_t& what, std::int64_t jobs = 1)
    {
        if (!std::exchange(list.counted, true))
            counted_.push_back(&list);
        what += jobs;
    }
    history_counts& measure(met_list& list)
    {
        if (!std::exchange(list.measured, true))
            measured_.push_back(&list);
        return list.history;
    }

    static constexpr std::size_t most_announced = 1000;  // at once
    static constexpr std::size_t most_counts = 256;      // at once

    pool_options const& options_;
    job_types const& types_;
    fetch_order fetch_order_;
    std::vector<std::unique_ptr<pool_queue>> queues_;
    std::vector<pool_queue*> in_order_;
    std::unordered_map<std::string_view, pool_queue*> by_id_;
    std::size_t announced_ = 0;
    time_point announce_at_ = time_point::max();
    std::unordered_map<std::string_view, std::unique_ptr<met_list>> lists_;  // keys point into them
    std::size_t most_lists_ = 1024;
    std::deque<met_list*> counted_;    // with counts to be reported
    std::size_t counts_due_ = 0;       // how many of them now
    std::vector<met_list*> measured_;  // with something for their histories
    std::atomic<std::int64_t> processed_{0};
    std::atomic<std::int64_t> failed_{0};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/queue_set.ipp>
#endif
