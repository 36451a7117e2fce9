// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

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
    bool paused = false;  ///< its queue or its name is
};
BOOST_DESCRIBE_STRUCT(list_row, (), (name, pending, active, processed, failed, oldest_ms, paused))

/// A queue, summed over its lists.
struct queue_row
{
    std::string queue;
    std::int64_t pending = 0, active = 0, processed = 0, failed = 0, oldest_ms = 0;
    std::optional<pause_info> paused;
    std::vector<list_row> lists;
};
BOOST_DESCRIBE_STRUCT(
    queue_row,
    (),
    (queue, pending, active, processed, failed, oldest_ms, paused, lists)
)

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
             one.paused}
        );
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
