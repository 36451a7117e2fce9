// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/prepare.hpp>
#include <work/error.hpp>
#include <work/values/envelope.hpp>
#include <work/values/time.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace work::detail {

inline void check_payload(new_job const& job, client_options const& options)
{
    std::size_t const bytes = job.arguments().size();
    if (bytes <= options.max_payload)
        return;
    throw error(
        errc::payload_too_large,
        job.name() + ": its arguments are " + std::to_string(bytes) + " bytes, the limit is " +
            std::to_string(options.max_payload) +
            "; store them elsewhere and pass a reference, or raise client_options::max_payload"
    );
}

inline void check_due(new_job const& job, std::int64_t now)
{
    std::int64_t const most = furthest_due.count();
    if (job.delay_ms <= most && job.at_ms <= now + most)
        return;
    // What no date can say is shown as the last one that can be written.
    std::int64_t const longest = std::numeric_limits<std::int64_t>::max() - now;
    std::int64_t const shown = job.at_ms > 0 ? job.at_ms : now + std::min(job.delay_ms, longest);
    throw error(
        errc::invalid_option,
        job.name() + " can't be due at " + format_rfc3339(shown) +
            ", which is more than 10 years away"
    );
}

WORK_DECL void prepare(client_core& core, new_job& job)
{
    if (job.list.empty())
        throw error(errc::invalid_name, "an empty work::new_job can't be enqueued: use work::make");
    if (job.type != nullptr)
        core.names.claim(*job.type);
    check_payload(job, core.options);
    write_lock(job);
    std::int64_t now = core.broker->now_ms();
    if (now == 0) {
        now = wall_ms();
        job.undated_ms = steady_ms();
    }
    check_due(job, now);
    if (!job.chosen_id)
        job.id = core.next_id(now).str();
    set_created(job.envelope, now);
}

}  // namespace work::detail
