// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/audit.hpp>
#include <work/broker/policy.hpp>
#include <work/client/client_core.hpp>
#include <work/operation.hpp>
#include <work/values/encode.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

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

/// An operation as it is kept while it goes on: its start, its parts, its end, and the audit.
class kept_operation
{
protected:
    kept_operation(std::shared_ptr<client_core> core, operation_info begun, operation_watch* watch)
        : core_(std::move(core)),
          now_(std::move(begun)),
          watch_(watch)
    {}
    ~kept_operation() = default;

    task<void> begin()
    {
        std::int64_t const begun = co_await core_->broker->ask_now_ms();
        now_.started_ms = begun;
        // What was stored just before may be dated a little later, by its producer's clock.
        if (now_.seen_ms <= 0)
            now_.seen_ms = begun + producers_ahead_ms;
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

    /// What it does to jobs begins.
    task<void> start_acting()
    {
        now_.state = operation_state::running;
        began_ = true;
        return tell("began");
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

    std::int64_t& tally(admin_code code)
    {
        switch (code) {
        case admin_code::done: return now_.done;
        case admin_code::already: return now_.already;
        case admin_code::active: return now_.active;
        case admin_code::gone: return now_.gone;
        case admin_code::moved_on:
        case admin_code::locked: return now_.moved_on;
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
        std::string const which =
            now_.action == repair_action ? "jobs that are in no place" : shown.text();
        entry.what = "operation " + now_.id + " " + std::string(what) + ": " + which;
        entry.reason = now_.reason;
        entry.asked = std::max<std::int64_t>(now_.matched, 0);
        entry.done = now_.done;
        return tell_audit(core_, std::move(entry));
    }

    std::shared_ptr<client_core> core_;
    operation_info now_;

private:
    static constexpr std::size_t kept_operations = 200;
    static constexpr std::int64_t producers_ahead_ms = 1'000;

    operation_watch* watch_;
    std::vector<std::string> forgotten_;
    bool began_ = false;
};

}  // namespace work::detail
