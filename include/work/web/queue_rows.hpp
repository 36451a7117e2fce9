// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
#include <work/broker/pause.hpp>
#include <work/broker/records.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

struct list_row
{
    std::string name;
    std::int64_t pending = 0, active = 0, processed = 0, failed = 0, oldest_ms = 0;
    bool paused = false;               ///< its queue or its name is
    std::vector<std::string> limited;  ///< limits that apply to it
    std::string waits_at;              ///< the one at which it waits; "": at none
};
BOOST_DESCRIBE_STRUCT(
    list_row,
    (),
    (name, pending, active, processed, failed, oldest_ms, paused, limited, waits_at)
)

/// How many jobs may wait in a queue.
struct queue_bound
{
    std::int64_t most = 0;
    when_full full = when_full::refuse;
};
BOOST_DESCRIBE_STRUCT(queue_bound, (), (most, full))

/// A queue, summed over its lists.
struct queue_row
{
    std::string queue;
    std::int64_t pending = 0, active = 0, processed = 0, failed = 0, oldest_ms = 0;
    std::optional<pause_info> paused;
    std::vector<list_row> lists;
    std::vector<std::string> limited;   ///< limits that apply to some of them, by name
    std::vector<std::string> waits_at;  ///< those at which some of them wait
    std::optional<queue_bound> bound;   ///< nothing: any number may wait
    /// Jobs that ended in a second, over the last 10 s and more; nothing: there is one look yet.
    std::optional<double> rate;
};
BOOST_DESCRIBE_STRUCT(
    queue_row,
    (),
    (queue,
     pending,
     active,
     processed,
     failed,
     oldest_ms,
     paused,
     lists,
     limited,
     waits_at,
     bound,
     rate)
)

/// Jobs of a queue in a state whose jobs are not kept by queue.
struct queue_place
{
    std::int64_t count = 0;    ///< of those that were looked at
    std::int64_t scanned = 0;  ///< so many of that state were
    std::int64_t of = 0;       ///< so many there are, of all queues
};
BOOST_DESCRIBE_STRUCT(queue_place, (), (count, scanned, of))

struct queue_places
{
    queue_place waiting, scheduled, retry, dead;
};
BOOST_DESCRIBE_STRUCT(queue_places, (), (waiting, scheduled, retry, dead))

/// What `GET /api/v1/queues` gives.
struct queues_answer
{
    std::vector<queue_row> queues;
    std::vector<pause_info> paused;  ///< all queues and names that are
    std::int64_t of = 0;
    std::optional<std::string> next;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(queues_answer, (), (queues, paused, of, next, now_ms))

namespace detail_of_queues {

/// Once, in its place.
inline void add_name(std::vector<std::string>& to, std::string const& name)
{
    auto const at = std::lower_bound(to.begin(), to.end(), name);
    if (at == to.end() || *at != name)
        to.insert(at, name);
}

/// The queues whose names hold `part`, by name, each with its lists.
inline std::map<std::string, queue_row> rows(broker_counts const& from, std::string_view part)
{
    std::map<std::string, queue_row> all;
    for (queue_info const& one : from.lists) {
        std::string const name = detail::sanitized_utf8(one.queue, 512);
        if (name.find(part) == name.npos)
            continue;
        queue_row& row = all[name];
        row.queue = name;
        row.pending += one.pending;
        row.active += one.active;
        row.processed += one.processed;
        row.failed += one.failed;
        if (one.oldest_ms != 0)
            row.oldest_ms =
                row.oldest_ms == 0 ? one.oldest_ms : std::min(row.oldest_ms, one.oldest_ms);
        row.lists.push_back(
            {detail::sanitized_utf8(one.name, 512),
             one.pending,
             one.active,
             one.processed,
             one.failed,
             one.oldest_ms,
             one.paused,
             one.limited,
             one.waits_at}
        );
        for (std::string const& limit : one.limited)
            add_name(row.limited, limit);
        if (!one.waits_at.empty())
            add_name(row.waits_at, one.waits_at);
    }
    // A queue that is paused is there, whether anything ever came into it or not.
    for (pause_info const& one : from.paused) {
        std::string const name = detail::sanitized_utf8(one.name, 512);
        if (one.kind != pause_kind::queue || !detail::is_in_force(one, from.now_ms) ||
            name.find(part) == name.npos)
            continue;
        queue_row& row = all[name];
        row.queue = name;
        row.paused = one;
    }
    return all;
}

/// Says of each queue how it is bounded. One that is, is there as one that is paused is.
inline void add_bounds(
    std::map<std::string, queue_row>& to,
    std::vector<bound_state> const& bounds,
    std::string_view part
)
{
    for (bound_state const& one : bounds) {
        std::string const name = detail::sanitized_utf8(one.queue, 512);
        if (name.find(part) == name.npos)
            continue;
        queue_row& row = to[name];
        row.queue = name;
        row.bound = queue_bound{one.most, one.full};
    }
}

/// What is paused, and does not end by itself before now.
inline std::vector<pause_info> paused_now(broker_counts const& from)
{
    std::vector<pause_info> all = from.paused;
    std::erase_if(all, [&](pause_info const& one) {
        return !detail::is_in_force(one, from.now_ms);
    });
    return all;
}

}  // namespace detail_of_queues
}  // namespace work::web
