// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/job_page.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace work::detail {

/// One page: looks through the states one after the other, as far as it may.
class job_search
{
public:
    static task<job_page> run(std::shared_ptr<broker> at, std::shared_ptr<kept_filter const> asked)
    {
        job_search search(std::move(at), std::move(asked));
        for (job_state const state : states_in_order) {
            if (search.filter_.states.empty() || search.filter_.states.contains(state))
                co_await search.look_through(state);
        }
        co_return std::move(search.found_);
    }

private:
    job_search(std::shared_ptr<broker> at, std::shared_ptr<kept_filter const> asked)
        : at_(std::move(at)),
          asked_(std::move(asked)),
          filter_(asked_->filter),
          how_(asked_->how)
    {
        validate(filter_, how_);
        if (!how_.cursor.empty())
            from_ = open_cursor(filter_, how_.cursor);
    }

    std::int64_t left() const { return how_.scan - found_.scanned; }

    task<void> look_through(job_state state)
    {
        bool const goes_on = from_.state == state;
        bool const before = from_.state != job_state::unknown && !goes_on;
        bool const over = !found_.next.empty() || left() <= 0;
        look_request request;
        request.state = state;
        request.queue = filter_.queue;
        request.name = filter_.name;
        if (goes_on)
            request.cursor = std::exchange(from_, {}).cursor;
        if (over && found_.next.empty())
            found_.next = seal_cursor(filter_, state, {});
        bool first = true;
        for (bool more = true; more;) {
            request.count = before || over ? 0 : static_cast<int>(std::min(at_once, left()));
            look_request asked = request;
            found_jobs const some = co_await at_->look(std::move(asked));
            if (std::exchange(first, false))
                found_.of = found_.of < 0 || some.of < 0 ? -1 : found_.of + some.of;
            take(state, some);
            request.cursor = some.next;
            more = some.more && found_.next.empty();
            if (more && left() <= 0) {
                found_.next = seal_cursor(filter_, state, some.next);
                more = false;
            }
        }
    }
    void take(job_state state, found_jobs const& some)
    {
        found_.now_ms = some.now_ms;
        found_.skipped = found_.skipped || some.skipped;
        found_.scanned += some.scanned;
        for (found_job const& one : some.jobs) {
            job_row row = make_row(state, one);
            if (!matches(filter_, row, one))
                continue;
            found_.jobs.push_back(std::move(row));
            if (static_cast<int>(found_.jobs.size()) == how_.limit) {
                found_.next = seal_cursor(filter_, state, one.cursor);
                return;
            }
        }
    }

    static constexpr std::int64_t at_once = 100;

    std::shared_ptr<broker> at_;
    std::shared_ptr<kept_filter const> asked_;
    job_filter const& filter_;
    page const& how_;
    opened_cursor from_;
    job_page found_;
};

}  // namespace work::detail
