// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/inspector.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>

#include <work/impl/job_search.hpp>
#include <work/impl/operation_run.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL inspector::inspector(client& of) : core_(of.core()) {}

namespace detail {

inline task<job_info> look_up(std::shared_ptr<broker> at, std::string id)
{
    std::string asked = id;
    job_record const record = co_await at->job(std::move(asked));
    co_return read_record(std::move(id), record);
}

inline task<std::vector<pool_info>> look_up_pools(std::shared_ptr<broker> at)
{
    std::vector<pool_status> const shown = co_await at->pools();
    std::vector<pool_info> pools;
    for (pool_status const& one : shown) {
        auto read = decode_pool_info(one.status);
        pool_info info;
        if (read)
            info = std::move(*read);
        else
            info.trouble = "its status can't be read: " + read.error();
        info.pool = one.pool;
        pools.push_back(std::move(info));
    }
    std::sort(pools.begin(), pools.end(), [](pool_info const& a, pool_info const& b) {
        return a.pool < b.pool;
    });
    co_return pools;
}

/// How many jobs of its list are taken before a pending one, as `explanation::ahead`.
inline task<std::int64_t> count_ahead(std::shared_ptr<broker> at, job_info const& job)
{
    look_request request;
    request.state = job_state::pending;
    request.queue = job.queue;
    request.name = job.name;
    std::int64_t ahead = 0;
    for (bool more = true; more && ahead < explanation::places_looked_at;) {
        look_request asked = request;
        found_jobs const some = co_await at->look(std::move(asked));
        for (found_job const& one : some.jobs) {
            if (one.id == job.id)
                co_return ahead;
            ++ahead;
        }
        request.cursor = some.next;
        more = some.more;
    }
    co_return ahead < explanation::places_looked_at ? -1 : ahead;
}

inline task<job_log> look_up_log(std::shared_ptr<broker> at, std::string id)
{
    std::string of = id;
    std::vector<std::string> const lines = co_await at->logs(std::move(of));
    co_return read_job_log(std::move(id), lines);
}

inline task<explanation> explain(std::shared_ptr<broker> at, std::string id)
{
    job_info const job = co_await look_up(at, std::move(id));
    std::vector<pause_info> paused;
    std::vector<pool_info> pools;
    limits_answer limited;
    std::int64_t ahead = -1;
    bool const pending = job.state == job_state::pending;
    if (pending || job.state == job_state::suspect || job.state == job_state::scheduled ||
        job.state == job_state::retry) {
        paused = co_await at->pauses();
        pools = co_await look_up_pools(at);
        if (pending)
            ahead = co_await count_ahead(at, job);
        limit_query query;
        query.list = list_id(job.queue, job.name);
        limited = co_await at->limits(std::move(query));
    }
    co_return explain_job(job, paused, pools, ahead, limited.limits);
}

}  // namespace detail

WORK_DECL task<job_info> inspector::job(std::string id)
{
    return core_->here(detail::look_up(core_->broker, std::move(id)));
}

WORK_DECL task<job_log> inspector::logs(std::string id)
{
    return core_->here(detail::look_up_log(core_->broker, std::move(id)));
}

WORK_DECL task<explanation> inspector::explain(std::string id)
{
    return core_->here(detail::explain(core_->broker, std::move(id)));
}

WORK_DECL task<job_page> inspector::find(job_filter filter, page how)
{
    auto asked = std::make_shared<detail::kept_filter const>(filter, how);
    return core_->here(detail::job_search::run(core_->broker, std::move(asked)));
}

WORK_DECL task<job_count> inspector::count(job_filter filter, std::int64_t scan)
{
    detail::check_integer("scan", scan, 1, 1'000'000);
    auto asked = std::make_shared<detail::kept_filter const>(filter, page());
    return core_->here(detail::count_jobs(core_->broker, std::move(asked), scan));
}

namespace detail {

inline task<failure_groups> group_failures(
    std::shared_ptr<broker> at,
    std::shared_ptr<kept_filter const> filter,
    failure_key by,
    std::size_t limit
)
{
    failure_groups all;
    failure_sums sums(by);
    std::string cursor;
    do {
        std::string from = cursor;
        int const left = static_cast<int>(filter->how.scan - all.scanned);
        job_page const found =
            co_await find_page(at, filter, std::move(from), 500, std::min(left, 500));
        for (job_row const& row : found.jobs)
            sums.add(row);
        all.now_ms = found.now_ms;
        all.scanned += found.scanned;
        all.of = found.of;
        cursor = found.next;
    } while (!cursor.empty() && all.scanned < filter->how.scan);
    all.groups = sums.largest_first();
    all.whole = cursor.empty() && all.groups.size() <= limit;
    if (all.groups.size() > limit)
        all.groups.resize(limit);
    co_return all;
}

}  // namespace detail

WORK_DECL task<failure_groups> inspector::failures(failure_query how)
{
    detail::check_integer("limit", how.limit, 1, 1000);
    job_states const failed{job_state::retry, job_state::dead};
    job_filter filter;
    filter.states = how.states.empty() ? failed : how.states;
    filter.queue = how.queue;
    filter.name = how.name;
    for (job_state const state : detail::states_in_order) {
        if (filter.states.contains(state) && !failed.contains(state))
            throw error(
                errc::invalid_option,
                "states names " + std::string(to_string(state)) +
                    ": failures are of jobs that are retry or dead"
            );
    }
    page pages;
    pages.scan = how.scan;
    detail::validate(filter, pages);
    auto asked = std::make_shared<detail::kept_filter const>(filter, pages);
    auto const limit = static_cast<std::size_t>(how.limit);
    return core_->here(detail::group_failures(core_->broker, std::move(asked), how.by, limit));
}

WORK_DECL task<broker_counts> inspector::counts()
{
    return core_->here(core_->broker->counts());
}

WORK_DECL task<std::vector<pause_info>> inspector::pauses()
{
    return core_->here(core_->broker->pauses());
}

WORK_DECL task<std::vector<pool_info>> inspector::pools()
{
    return core_->here(detail::look_up_pools(core_->broker));
}

}  // namespace work
