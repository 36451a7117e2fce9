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
#include <string_view>
#include <utility>

namespace work::detail {

/// One page: looks through the states one after the other, as far as it may.
class job_search
{
public:
    static task<job_page> run(std::shared_ptr<broker> at, std::shared_ptr<kept_filter const> asked)
    {
        job_search search(std::move(at), std::move(asked));
        bool tagged = false;
        for (job_state const state : states_in_order) {
            if (!search.wants(state))
                continue;
            // Those with a tag that have not ended are found in one place, whatever their state.
            bool const by_tag = !search.filter_.tag.empty() && has_not_ended(state);
            if (!by_tag)
                co_await search.look_through(state);
            else if (!std::exchange(tagged, true))
                co_await search.look_through(tagged_place);
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
        bool const same_order = text.starts_with(order_mark());
        if (same_order)
            text.erase(0, order_mark().size());
        std::size_t const end = text.find(' ');
        auto const [stop, fault] =
            std::from_chars(text.data(), text.data() + std::min(end, text.size()), found_.of);
        if (!same_order || end == text.npos || fault != std::errc() || stop != text.data() + end)
            throw error(
                errc::invalid_option,
                "cursor " + quote(how_.cursor) + ": it is none; begin again without one"
            );
        text.erase(0, end + 1);
        goes_on_ = true;
    }
    /// Stands for all states of jobs that have not ended, in cursors, too.
    static constexpr job_state tagged_place = job_state::pending;
    static constexpr bool has_not_ended(job_state state) noexcept
    {
        return state != job_state::completed && state != job_state::cancelled &&
               state != job_state::set_aside;
    }
    bool wants(job_state state) const
    {
        return filter_.states.empty() || filter_.states.contains(state);
    }
    struct place
    {
        job_state state;
        std::string cursor;
    };
    std::string seal(place const& at) const
    {
        std::string const where = std::to_string(found_.of) + " " + at.cursor;
        return seal_cursor(filter_, at.state, std::string(order_mark()) + where);
    }
    // With another order a cursor leads elsewhere.
    std::string_view order_mark() const
    {
        return how_.order == job_order::usual ? "" : how_.order == job_order::oldest ? "<" : ">";
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
        bool const by_tag = !filter_.tag.empty() && has_not_ended(state);
        look_request request;
        request.state = by_tag ? job_state::unknown : state;
        if (by_tag)
            request.tag = filter_.tag;
        request.queue = filter_.queue;
        request.name = filter_.name;
        request.turned = how_.order != job_order::usual &&
                         last_first(state) != (how_.order == job_order::newest);
        if (here)
            request.cursor = std::exchange(from_, {}).cursor;
        bool first = !goes_on_;
        for (bool more = true; more;) {
            request.count = over ? 0 : static_cast<int>(std::min(at_once, left()));
            look_request asked = request;
            found_jobs const some = co_await at_->look(std::move(asked));
            if (std::exchange(first, false))
                found_.of = found_.of < 0 || some.of < 0 ? -1 : found_.of + some.of;
            if (by_tag)
                co_await take_tagged(some);
            else
                take(state, some);
            request.cursor = some.next;
            more = some.more && !is_full();
            if (more && left() <= 0) {
                next_ = place{state, some.next};
                more = false;
            }
        }
    }
    // In which state each is, is another question.
    task<void> take_tagged(found_jobs const& some)
    {
        found_.now_ms = some.now_ms;
        found_.scanned += some.scanned;
        for (found_job const& one : some.jobs) {
            job_row const seen = make_row(tagged_place, one);
            bool const has_it =
                std::find(seen.tags.begin(), seen.tags.end(), filter_.tag) != seen.tags.end();
            if (!has_it || (!filter_.queue.empty() && seen.queue != filter_.queue) ||
                (!filter_.name.empty() && seen.name != filter_.name))
                continue;
            std::string id = one.id;
            job_record const is = co_await at_->job(std::move(id));
            if (!has_not_ended(is.state) || is.state == job_state::unknown || !wants(is.state))
                continue;
            found_job full = one;
            full.when_ms = is.when_ms;
            full.claim = is.claim;
            full.pool = is.pool;
            if (!is.failures.empty())
                full.failure = is.failures.back();
            job_row row = make_row(is.state, full);
            if (!matches(filter_, row, full))
                continue;
            found_.jobs.push_back(std::move(row));
            if (static_cast<int>(found_.jobs.size()) == how_.limit) {
                next_ = place{tagged_place, one.cursor};
                co_return;
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
