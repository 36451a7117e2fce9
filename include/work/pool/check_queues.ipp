// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/check_queues.hpp>
#include <work/values/name.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <exception>
#include <set>

namespace work::detail {

// "mail1" and "mail2" are parts of one thing, and no misspelling.
inline bool differ_in_digits_only(std::string_view a, std::string_view b)
{
    auto const letters = [](std::string_view from) {
        std::string out;
        for (char const c : from)
            if (c < '0' || c > '9')
                out += c;
        return out;
    };
    return letters(a) == letters(b);
}

// Jobs of our names in a queue that is not ours: another pool may serve it, so this is said only
// where the name is nearly one of ours.
inline void look_for_lost_jobs(
    broker_counts const& counts,
    pool_options const& options,
    job_types const& types,
    pool_log const& log
)
{
    std::vector<std::string_view> ours;
    for (queue_share const& q : options.queues)
        ours.push_back(q.queue);
    int left = 10;
    for (queue_info const& list : counts.lists) {
        std::string_view const queue = list.queue;
        if (list.pending == 0 || !types.find(list.name) ||
            std::find(ours.begin(), ours.end(), queue) != ours.end())
            continue;
        std::string_view const nearest = nearest_name(queue, ours);
        if (nearest.empty() || differ_in_digits_only(nearest, queue))
            continue;
        if (left-- == 0)
            break;
        log(log_level::warning,
            std::to_string(list.pending) + " job(s) " + log_field(list.name) + " wait in queue " +
                quote(queue) + ", which this pool does not serve" + did_you_mean(queue, ours));
    }
}

// A queue is born with its first job, so one that nobody knows may be misspelt, or new.
WORK_DECL task<void> check_queues(
    work::broker& asked,
    pool_options const& options,
    job_types const& types,
    pool_log const& log
)
{
    if (options.queues.empty())
        co_return;
    std::vector<std::string> const handled = types.names();
    std::set<std::string> known(handled.begin(), handled.end());
    try {
        broker_counts const counts = co_await asked.counts();
        for (queue_info const& list : counts.lists) {
            known.insert(list.queue);
        }
        look_for_lost_jobs(counts, options, types, log);
    } catch (std::exception const&) {
        co_return;  // who does not answer is told of elsewhere
    }
    std::vector<std::string_view> const names(known.begin(), known.end());
    for (queue_share const& q : options.queues) {
        if (!known.contains(q.queue))
            log(nearest_name(q.queue, names).empty() ? log_level::info : log_level::warning,
                "queue " + quote(q.queue) + " is served, but no job was ever stored in it" +
                    did_you_mean(q.queue, names));
    }
}

}  // namespace work::detail
