// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/pool/hooks.hpp>
#include <work/values/envelope.hpp>
#include <work/values/job_ending.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void hooks::on(event what, erased_hook call)
{
    auto made = std::make_unique<hook>();
    made->of = what;
    made->call = std::move(call);
    hooks_.push_back(std::move(made));
    wanted_ |= bit(what);
}

WORK_DECL event_info hooks::make(event what) const
{
    event_info made;
    made.event = what;
    made.at_ms = time_ms(broker_);
    made.pool = pool_;
    made.pool_name = pool_name_;
    return made;
}

WORK_DECL event_info hooks::make(event what, held_job const& of) const
{
    event_info made = make(what);
    made.job = of.id;
    made.name = of.list->type->name;
    made.queue = of.list->queue;
    made.attempt = of.record.attempts + 1;
    made.fence = of.of->number;
    return made;
}

WORK_DECL void hooks::lost(job_report& report)
{
    if (!report.event) {
        lost(report.of->number, report.id);
        return;
    }
    event_info what = std::move(*report.event);
    what.event = event::lease_lost;
    what.next_at_ms = 0;
    what.args.clear();
    add(std::move(what));
}

WORK_DECL void hooks::lost(claim_number claim, std::string_view id)
{
    if (!wants(event::lease_lost))
        return;
    event_info what = make(event::lease_lost);
    what.job = id;
    what.fence = claim;
    add(std::move(what));
}

WORK_DECL void hooks::ended_cancelled(job_report& report)
{
    if (!wants_any({event::cancelled, event::dead}))
        return;
    event_info what = report.event ? std::move(*report.event) : make(event::cancelled);
    what.event = event::cancelled;
    what.job = report.id;
    what.fence = report.of->number;
    what.next_at_ms = 0;
    what.failure = {};
    what.args.clear();
    add_unread(std::move(what));
}

WORK_DECL void hooks::noted(std::string_view note)
{
    if (!wants(event::dead) || !note.starts_with(dead_by_crash_note))
        return;
    event_info what = make(event::dead);
    what.job = note.substr(dead_by_crash_note.size());
    add_unread(std::move(what));
}

// Of the notes one says which of its writes was refused.
WORK_DECL void hooks::refused(job_report& report, std::vector<std::string> const& notes)
{
    if (!report.event)
        return;
    std::string const begin = std::string(refused_write_note).append(report.id).append(": ");
    auto const note = std::find_if(notes.begin(), notes.end(), [&](std::string const& one) {
        return one.starts_with(begin);
    });
    if (report.event->failure)
        report.event->failure->message =
            note == notes.end() ? "one of its writes was refused" : note->substr(begin.size());
    add(std::move(*report.event));
}

// ---- what waits

WORK_DECL void hooks::add(event_info what)
{
    if (wants(what.event))
        push(waiting_event{std::move(what), false});
}

WORK_DECL void hooks::add_unread(event_info what)
{
    bool const may_be_dead = what.event == event::cancelled && wants(event::dead);
    if (wants(what.event) || may_be_dead)
        push(waiting_event{std::move(what), true});
}

WORK_DECL void hooks::push(waiting_event what)
{
    if (abandoned_)
        return;
    if (!make_room(what)) {
        drop(what);
        return;
    }
    queued_bytes_ += what.bytes();
    queue_.push_back(std::move(what));
    if (!std::exchange(busy_, true))
        go_on_soon();
}

// A dead job goes before others: a storm of retries must not hide it.
WORK_DECL bool hooks::make_room(waiting_event const& next)
{
    auto const fits = [&] {
        return queue_.size() < static_cast<std::size_t>(max_waiting_events) &&
               (queue_.empty() ||
                queued_bytes_ + next.bytes() <= static_cast<std::size_t>(max_waiting_event_bytes));
    };
    while (!fits()) {
        if (next.info.event != event::dead)
            return false;
        auto const other = std::find_if(queue_.begin(), queue_.end(), [](auto const& one) {
            return one.info.event != event::dead;
        });
        if (other == queue_.end())
            return false;
        queued_bytes_ -= other->bytes();
        drop(*other);
        queue_.erase(other);
    }
    return true;
}

WORK_DECL void hooks::drop(waiting_event const& what)
{
    dropped_.fetch_add(1, std::memory_order_relaxed);
    std::int64_t const count = drops_.add(clock::now());
    if (count == 0)
        return;
    std::string text = "an event was dropped, since the hooks did not keep up: " +
                       std::string(to_string(what.info.event));
    if (!what.info.job.empty())
        text += " of job " + what.info.job;
    if (count > 1)
        text += "; so were " + std::to_string(count - 1) + " more since the last such line";
    log_(log_level::error, text);
}

// ---- hooks, one after the other

WORK_DECL void hooks::go_on_soon()
{
    boost::asio::post(executor_, [self = self()] { self->go_on(); });
}

// Those that wait for nothing run one after the other; between two events others get their turn.
WORK_DECL void hooks::go_on()
{
    if (!current_) {
        if (queue_.empty() || abandoned_) {
            busy_ = false;
            idle_wake_.wake();
            return;
        }
        current_ = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= current_->bytes();
        next_hook_ = 0;
        if (std::exchange(current_->unread, false)) {
            await_one(read(self()), nullptr);
            return;
        }
    }
    if (!run_one())
        return;
    current_.reset();
    go_on_soon();
}

// False: one of them goes on, and calls `go_on` when it has ended.
WORK_DECL bool hooks::run_one()
{
    while (next_hook_ != hooks_.size() && !abandoned_) {
        hook& next = *hooks_[next_hook_++];
        if (next.of != current_->info.event)
            continue;
        try {
            task<void> rest = next.call(current_->info);
            if (!rest.valid())
                continue;
            await_one(std::move(rest), &next);
            return false;
        } catch (...) {
            log_failure(next, std::current_exception());
        }
    }
    return true;
}

WORK_DECL void hooks::await_one(task<void> what, hook* of)
{
    late_.expires_after(patience_);
    late_.async_wait([self = self(), turn = ++turns_](boost::system::error_code failure) {
        if (!failure && self->turns_ == turn)
            self->cancel_.emit(boost::asio::cancellation_type::terminal);
    });
    auto const began = clock::now();
    boost::asio::co_spawn(
        executor_,
        std::move(what),
        boost::asio::bind_cancellation_slot(
            cancel_.slot(),
            [self = self(), of, began](std::exception_ptr failure) {
                ++self->turns_;
                self->late_.cancel();
                if (self->patience_ <= clock::now() - began)
                    self->log_(
                        log_level::error,
                        "a hook for " + std::string(to_string(self->current_->info.event)) +
                            " did not end within " + std::to_string(self->patience_.count()) +
                            " ms, it was cancelled"
                    );
                else if (failure && of)
                    self->log_failure(*of, std::move(failure));
                self->go_on_soon();
            }
        )
    );
}

// At most a line a minute: what a hook needs may be away for all events at once.
WORK_DECL void hooks::log_failure(hook& of, std::exception_ptr failure)
{
    std::int64_t const count = of.failures.add(clock::now());
    if (count == 0)
        return;
    exception_text const thrown = describe_exception(std::move(failure));
    std::string text = "a hook for " + std::string(to_string(of.of)) + " threw";
    if (!current_->info.job.empty())
        text += " at job " + current_->info.job;
    text += ": " + thrown.type + ": " + thrown.message;
    if (count > 1)
        text += "; so did " + std::to_string(count - 1) + " more since the last such line";
    log_(log_level::error, text);
}

// What the broker keeps of a job that it let die, or that somebody cancelled or killed.
WORK_DECL task<void> hooks::read(std::shared_ptr<hooks> self)
{
    event_info& what = self->current_->info;
    std::string id = what.job;
    job_record const record = co_await self->broker_.job(std::move(id));
    if (record.state == job_state::dead)
        what.event = event::dead;
    else if (what.event == event::dead)
        co_return;  // somebody requeued it already
    if (auto const envelope = decode_envelope(record.envelope)) {
        queue_info list = queue_of_list(std::string(envelope->list));
        what.name = std::move(list.name);
        what.queue = std::move(list.queue);
        what.attempt = envelope->attempts;
        if (what.event == event::dead)
            what.args = envelope->args;
    }
    if (what.event == event::dead && !record.failures.empty()) {
        if (auto why = decode_failure(record.failures.back()))
            what.failure = std::move(*why);
    }
    if (auto const ended = decode_ending(record.kept); ended && what.event == event::cancelled) {
        what.reason = ended->ending.reason;
        if (!ended->ending.by.empty())
            what.reason += (what.reason.empty() ? "by " : ", by ") + ended->ending.by;
    }
}

// ---- the end of a run

WORK_DECL void hooks::end()
{
    if (!busy_)
        return;
    log_(
        log_level::error,
        "the pool ends before its hooks: " + std::to_string(queue_.size() + (current_ ? 1 : 0)) +
            " event(s) are dropped"
    );
    dropped_.fetch_add(static_cast<std::int64_t>(queue_.size()), std::memory_order_relaxed);
    queue_.clear();
    queued_bytes_ = 0;
    next_hook_ = hooks_.size();
    cancel_.emit(boost::asio::cancellation_type::terminal);
}

WORK_DECL void hooks::abandon()
{
    abandoned_ = true;
    queue_.clear();
    cancel_.emit(boost::asio::cancellation_type::terminal);
}

}  // namespace work::detail
