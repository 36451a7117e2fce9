// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>
#include <work/web/queue_rows.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"

namespace work::tool {

/// How many jobs of a queue wait for others, for a time, for another attempt, or are dead, among
/// those of all queues that were looked at.
struct timed_jobs
{
    struct count
    {
        std::int64_t jobs = 0;
        bool whole = true;  ///< false: not all were looked at, there may be more
        std::int64_t scanned = 0;
        std::int64_t of = 0;  ///< so many there are, of all queues
    };
    count waiting, scheduled, retry, dead;

    bool any() const { return waiting.jobs + scheduled.jobs + retry.jobs + dead.jobs != 0; }
};
/// \par Errors errc::invalid_name
task<timed_jobs> count_timed(access& at, std::string queue);

/// What there is, at one look.
struct overview
{
    broker_counts counts;
    std::vector<pool_info> pools;
    std::map<std::string, timed_jobs> timed{};  ///< of the queues that were asked for
    std::vector<bound_state> bounds{};          ///< where they are asked for
};
task<overview> look_over(access& at);

/// How fast jobs end; absent before the second look.
struct rates
{
    double done = 0;
    double failed = 0;
};

/// A queue, and whether its jobs are taken.
struct queue_view
{
    web::queue_row row;
    std::string state;               ///< "ok", "paused", "NO POOL"
    std::vector<pause_info> pauses;  ///< of the queue, and of names in it
    std::optional<rates> speed;

    bool empty() const { return row.pending == 0 && row.active == 0 && pauses.empty(); }
};

/// The jobs of a name, in all queues.
struct name_view
{
    std::string name;
    std::int64_t pending = 0, active = 0, processed = 0, failed = 0, oldest_ms = 0;
    std::int64_t pools = 0;  ///< that are running and have a handler for it
    bool paused = false;     ///< all of it is

    std::string state() const;
    bool empty() const { return pending == 0 && active == 0 && pools == 0 && !paused; }
};
BOOST_DESCRIBE_STRUCT(
    name_view,
    (),
    (name, pending, active, processed, failed, oldest_ms, pools, paused)
)

/// All of them, by name. "NO POOL": some of its jobs wait that no running pool has a handler for.
std::vector<queue_view> queue_views(overview const& seen);
std::vector<name_view> name_views(overview const& seen);
/// How fast it went in the queues since the look before.
void add_speeds(std::vector<queue_view>& queues, overview const& before, overview const& now);

enum class order { pending, oldest, name };
/// Errors: errc::invalid_option.
order order_named(std::string_view word);
/// Equal ones stay by name.
void sort(std::vector<queue_view>& queues, order by);
void sort(std::vector<name_view>& names, order by);

/// "by ada 38m ago: "disk full"; resumes in 22m"
std::string words_of(pause_info const& pause, std::int64_t now_ms);

}  // namespace work::tool
