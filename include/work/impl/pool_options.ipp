// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool_options.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>

namespace work {

WORK_DECL void pool_options::validate() const
{
    using namespace std::chrono_literals;
    using std::chrono::hours;
    detail::check_integer("concurrency", concurrency, 1, 1'000'000);
    detail::check_integer("batch", batch, 1, 256);
    detail::check_duration("lease", lease, 500ms, hours(1));
    detail::check_duration("grace", grace, 0ms, hours(24));
    detail::check_duration("stall_limit", stall_limit, 1000ms, hours(24));
    detail::check_duration("heartbeat", heartbeat, 100ms, 60'000ms);
    for (queue_share const& q : queues) {
        validate_name("queue", q.queue);
        detail::check_integer("the weight of queue " + q.queue, q.weight, 1, 1000);
        for (queue_share const* other = queues.data(); other != &q; ++other)
            if (other->queue == q.queue)
                throw error(
                    errc::invalid_option,
                    "queue " + detail::quote(q.queue) + " is given twice in pool_options::queues"
                );
    }
    if (!name.empty())
        validate_name("pool name", name);
}

}  // namespace work
