// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/audit.hpp>
#include <work/broker/policy.hpp>
#include <work/client/client_core.hpp>
#include <work/operation.hpp>
#include <work/values/encode.hpp>

#include <work/impl/job_search.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

inline task<void> tell_audit(std::shared_ptr<client_core> core, audit_entry entry)
{
    if (entry.by.empty())
        co_return;
    entry.at_ms = time_ms(*core->broker);
    std::string line = encode_audit(entry);
    std::string trouble;
    try {
        co_await core->broker->write_audit(std::move(line));
    } catch (error const& fault) {
        trouble = fault.what();
    }
    if (!trouble.empty())
        throw error(
            errc::outcome_unknown,
            entry.action + " was done, and could not be written into the audit: " + trouble
        );
}

/// Reads what is kept of operations, newest first.
inline task<std::vector<operation_info>> read_operations(std::shared_ptr<broker> at)
{
    std::vector<operation_note> const notes = co_await at->operations();
    std::int64_t const now = time_ms(*at);
    std::vector<operation_info> all;
    for (operation_note const& note : notes) {
        auto read = decode_operation(note.text);
        operation_info one;
        if (read)
            one = std::move(*read);
        else
            one.trouble = "its record can't be read: " + read.error();
        one.id = note.id;
        if (one.is_open() && now - one.updated_ms > operation_info::silent_ms)
            one.state = operation_state::interrupted;
        all.push_back(std::move(one));
    }
    std::sort(all.begin(), all.end(), [](operation_info const& a, operation_info const& b) {
        return a.started_ms != b.started_ms ? a.started_ms > b.started_ms : a.id > b.id;
    });
    co_return all;
}

/// Acts on all jobs of a filter, some at a time, and leaves the broker as long to others.
class operation_run
{
public:
    operation_run(
        std::shared_ptr<client_core> core,
        std::shared_ptr<kept_filter const> filter,
        admin_request request,
        operation_info begun,
        operation_watch* watch
    )
        : core_(std::move(core)),
          filter_(std::move(filter)),
          request_(std::move(request)),
          now_(std::move(begun)),
          watch_(watch)
    {}

    static task<operation_info> run(std::shared_ptr<operation_run> self)
    {
        std::string trouble;
        try {
            co_await self->begin();
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
    static constexpr std::int64_t producers_ahead_ms = 1'000;
    static constexpr std::size_t kept_operations = 200;
    using clock = std::chrono::steady_clock;

    task<void> begin()
    {
        std::int64_t const begun = co_await core_->broker->ask_now_ms();
        now_.started_ms = begun;
        // What was stored just before may be dated a little later, by its producer's clock.
        if (now_.seen_ms <= 0)
            now_.seen_ms = begun + producers_ahead_ms;
        request_.seen_ms = now_.seen_ms;
        // All of them go a day after the last one was kept; those that are older go now.
        std::vector<operation_info> const others = co_await read_operations(core_->broker);
        std::size_t kept = 1;
        for (operation_info const& one : others) {
            bool const old = begun - one.started_ms > policy::operations_kept_ms;
            if (!one.is_open() && one.id != now_.id && (old || kept >= kept_operations))
                forgotten_.push_back(one.id);
            else
                ++kept;
        }
        if (now_.matched >= 0)
            refuse_if_unexpected();
        co_await keep();
        forgotten_.clear();
    }

    void refuse_if_unexpected()
    {
        if (now_.expected >= 0 && is_unexpected(now_.matched, now_.expected))
            now_.state = operation_state::refused;
    }

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
        now_.state = operation_state::running;
        now_.scanned = 0;
        began_ = true;
        co_await tell("began");
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

    task<void> end(std::string trouble)
    {
        if (!trouble.empty()) {
            now_.state = operation_state::failed;
            now_.trouble = std::move(trouble);
        } else if (now_.is_open()) {
            now_.state = operation_state::done;
        }
        now_.ended_ms = time_ms(*core_->broker);
        try {
            co_await keep();
            if (began_)
                co_await tell("ended");
        } catch (error const& fault) {
            if (now_.trouble.empty())
                now_.trouble = std::string("it ended, and could not be kept: ") + fault.what();
        }
    }

    void saw(job_page const& found)
    {
        now_.scanned += found.scanned;
        now_.of = found.of;
    }

    std::int64_t& tally(admin_code code)
    {
        switch (code) {
        case admin_code::done: return now_.done;
        case admin_code::already: return now_.already;
        case admin_code::active: return now_.active;
        case admin_code::gone: return now_.gone;
        case admin_code::moved_on: return now_.moved_on;
        case admin_code::unreadable: break;
        }
        return now_.unreadable;
    }

    task<void> keep()
    {
        now_.updated_ms = time_ms(*core_->broker);
        operation_change change;
        change.id = now_.id;
        change.text = to_json(now_);
        change.forgotten = forgotten_;
        bool const stop = co_await core_->broker->keep_operation(std::move(change));
        bool const go_on = watch_ == nullptr || watch_->goes_on(now_);
        if ((stop || !go_on) && now_.is_open())
            now_.state = operation_state::stopped;
    }

    task<void> tell(std::string_view what)
    {
        audit_entry entry;
        entry.by = now_.by;
        entry.action = now_.action;
        // What jobs hold has no place in the audit.
        kept_job_filter shown = now_.filter;
        for (std::string* const text : {&shown.args, &shown.message})
            text->assign(text->empty() ? "" : "...");
        entry.what = "operation " + now_.id + " " + std::string(what) + ": " + shown.text();
        entry.reason = now_.reason;
        entry.asked = std::max<std::int64_t>(now_.matched, 0);
        entry.done = now_.done;
        return tell_audit(core_, std::move(entry));
    }

    // As long as the part took, at most a quarter of a second.
    static task<void> leave_room(clock::time_point from)
    {
        boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
        clock::duration const most = std::chrono::milliseconds(250);
        pause.expires_after(std::min(clock::now() - from, most));
        co_await pause.async_wait(boost::asio::use_awaitable);
    }

    std::shared_ptr<client_core> core_;
    std::shared_ptr<kept_filter const> filter_;
    admin_request request_;
    operation_info now_;
    operation_watch* watch_;
    std::vector<std::string> forgotten_;
    bool began_ = false;
};

}  // namespace work::detail
