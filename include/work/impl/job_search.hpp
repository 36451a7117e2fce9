// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/error.hpp>
#include <work/job_page.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
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
        if (search.next_)
            search.found_.next = search.seal(*search.next_);
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
        if (how_.cursor.empty())
            return;
        from_ = open_cursor(filter_, how_.cursor);
        // How many there are was counted for the first page: to count is O(lists).
        std::string& text = from_.cursor;
        std::size_t const end = text.find(' ');
        auto const [stop, fault] =
            std::from_chars(text.data(), text.data() + std::min(end, text.size()), found_.of);
        if (end == text.npos || fault != std::errc() || stop != text.data() + end)
            throw error(
                errc::invalid_option,
                "cursor " + quote(how_.cursor) + ": it is none; begin again without one"
            );
        text.erase(0, end + 1);
        goes_on_ = true;
    }
    struct place
    {
        job_state state;
        std::string cursor;
    };
    std::string seal(place const& at) const
    {
        return seal_cursor(filter_, at.state, std::to_string(found_.of) + " " + at.cursor);
    }

    std::int64_t left() const { return how_.scan - found_.scanned; }

    bool is_full() const { return next_.has_value(); }

    task<void> look_through(job_state state)
    {
        bool const here = from_.state == state;
        bool const before = from_.state != job_state::unknown && !here;
        bool const over = is_full() || left() <= 0;
        if (over && !is_full())
            next_ = place{state, {}};
        if (goes_on_ && (before || over))
            co_return;
        look_request request;
        request.state = state;
        request.queue = filter_.queue;
        request.name = filter_.name;
        if (here)
            request.cursor = std::exchange(from_, {}).cursor;
        bool first = !goes_on_;
        for (bool more = true; more;) {
            request.count = over ? 0 : static_cast<int>(std::min(at_once, left()));
            look_request asked = request;
            found_jobs const some = co_await at_->look(std::move(asked));
            if (std::exchange(first, false))
                found_.of = found_.of < 0 || some.of < 0 ? -1 : found_.of + some.of;
            take(state, some);
            request.cursor = some.next;
            more = some.more && !is_full();
            if (more && left() <= 0) {
                next_ = place{state, some.next};
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
                next_ = place{state, one.cursor};
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
    std::optional<place> next_;
    bool goes_on_ = false;  ///< behind a page that was found before
};

}  // namespace work::detail
