// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/leave_room.hpp>
#include <work/client/client_core.hpp>
#include <work/operation.hpp>

#include <work/impl/job_search.hpp>
#include <work/impl/kept_operation.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// One page of what a filter finds, from `cursor` on.
inline task<job_page> find_page(
    std::shared_ptr<broker> at,
    std::shared_ptr<kept_filter const> filter,
    std::string cursor,
    int limit,
    int scan
)
{
    page how;
    how.cursor = cursor;
    how.limit = limit;
    how.scan = scan;
    auto asked = std::make_shared<kept_filter const>(filter->filter, how);
    return job_search::run(std::move(at), std::move(asked));
}

inline task<job_count> count_jobs(
    std::shared_ptr<broker> at,
    std::shared_ptr<kept_filter const> filter,
    std::int64_t scan
)
{
    constexpr std::size_t shown = 5;
    job_count count;
    std::string cursor;
    do {
        std::int64_t const left = std::min<std::int64_t>(scan - count.scanned, 1000);
        std::string from = cursor;
        job_page const found =
            co_await find_page(at, filter, std::move(from), 500, static_cast<int>(left));
        count.now_ms = found.now_ms;
        count.matched += static_cast<std::int64_t>(found.jobs.size());
        count.scanned += found.scanned;
        count.of = found.of;
        for (job_row const& row : found.jobs) {
            if (count.samples.size() != shown)
                count.samples.push_back(row);
        }
        cursor = found.next;
    } while (!cursor.empty() && count.scanned < scan);
    count.whole = cursor.empty();
    co_return count;
}

/// Acts on all jobs of a filter, some at a time, and leaves the broker as long to others.
class operation_run : private kept_operation
{
public:
    operation_run(
        std::shared_ptr<client_core> core,
        std::shared_ptr<kept_filter const> filter,
        admin_request request,
        operation_info begun,
        operation_watch* watch
    )
        : kept_operation(std::move(core), std::move(begun), watch),
          filter_(std::move(filter)),
          request_(std::move(request))
    {}

    static task<operation_info> run(std::shared_ptr<operation_run> self)
    {
        std::string trouble;
        try {
            co_await self->begin();
            self->request_.seen_ms = self->now_.seen_ms;
            if (self->now_.matched < 0 && self->now_.expected >= 0)
                co_await self->count();
            if (self->now_.is_open())
                co_await self->act();
        } catch (error const& fault) {
            trouble = fault.what();
        }
        co_await self->end(std::move(trouble));
        co_return self->now_;
    }

private:
    static constexpr int at_once = 100;
    using clock = std::chrono::steady_clock;

    task<void> count()
    {
        std::string cursor;
        now_.matched = 0;
        do {
            auto const from = clock::now();
            std::string here = cursor;
            job_page const found =
                co_await find_page(core_->broker, filter_, std::move(here), 500, 500);
            now_.matched += static_cast<std::int64_t>(found.jobs.size());
            saw(found);
            cursor = found.next;
            co_await keep();
            if (!now_.is_open())
                co_return;
            co_await leave_room(from);
        } while (!cursor.empty());
        refuse_if_unexpected();
    }

    task<void> act()
    {
        now_.scanned = 0;
        co_await start_acting();
        std::string cursor;
        do {
            auto const from = clock::now();
            std::int64_t const left = now_.at_most > 0 ? now_.at_most - now_.done : at_once;
            int const limit = static_cast<int>(std::min<std::int64_t>(left, at_once));
            std::string here = cursor;
            job_page const found =
                co_await find_page(core_->broker, filter_, std::move(here), limit, 500);
            saw(found);
            cursor = found.next;
            if (!found.jobs.empty()) {
                admin_request some = request_;
                for (job_row const& row : found.jobs)
                    some.ids.push_back(row.id);
                auto const results = co_await core_->broker->act(std::move(some));
                for (admin_result const& one : results)
                    ++tally(one.code);
            }
            co_await keep();
            if (!now_.is_open())
                co_return;
            co_await leave_room(from);
        } while (!cursor.empty() && (now_.at_most == 0 || now_.done < now_.at_most));
    }

    void saw(job_page const& found)
    {
        now_.scanned += found.scanned;
        now_.of = found.of;
    }

    std::shared_ptr<kept_filter const> filter_;
    admin_request request_;
};

}  // namespace work::detail
