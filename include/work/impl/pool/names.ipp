// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/values/name.hpp>
#include <work/values/nearest.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <exception>
#include <set>

namespace work::detail {

// Says what is misspelt in what the pool was told, as far as can be known.
WORK_DECL task<void> pool_core::check_names()
{
    std::vector<std::string> const handled = job_names();
    std::vector<std::string_view> const handled_names(handled.begin(), handled.end());
    for (auto const& [name, layer] : own_layers_) {
        if (!types_.contains(name))
            log(log_level::warning,
                "use(" + quote(name) + ", ...): this pool has no handler of that name" +
                    did_you_mean(name, handled_names) + "; the middleware never runs");
    }
    if (options_.queues.empty())
        co_return;
    std::set<std::string> known(handled.begin(), handled.end());
    try {
        broker_counts const counts = co_await broker_->counts();
        for (list_counts const& list : counts.lists) {
            list_name const name = parse_list_id(list.list);
            known.insert(name.queue.empty() ? name.name : name.queue);
        }
    } catch (std::exception const&) {
        co_return;  // who does not answer is told of elsewhere
    }
    std::vector<std::string_view> const names(known.begin(), known.end());
    for (queue_share const& q : options_.queues) {
        if (!known.contains(q.queue))
            log(nearest_name(q.queue, names).empty() ? log_level::info : log_level::warning,
                "queue " + quote(q.queue) + " is served, but no job was ever stored in it" +
                    did_you_mean(q.queue, names));
    }
}

}  // namespace work::detail
