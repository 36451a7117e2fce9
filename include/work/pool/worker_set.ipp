// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/worker_set.hpp>
#include <work/values/progress.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace work::detail {

// What others want of the workers: to stop, to cancel, to show what they do.

WORK_DECL void worker_set::release_last()
{
    held_job const job = claimed_.take_back();
    if (!job.of->lost)
        ledger_.report(job_report{job.of, job.id, outcome_kind::release, 0, {}, {}});
    else if (hooks_.wants(event::lease_lost))
        hooks_.add(hooks_.make(event::lease_lost, job));
    drop(job);
}

// The last one first, so that they keep their order.
WORK_DECL void worker_set::release_unstarted()
{
    while (!claimed_.empty())
        release_last();
}

WORK_DECL void worker_set::begin_stop()
{
    starts_.give_back();
    dispatch_soon();
    for (worker& s : workers_) {
        if (s.busy)
            s.tell(stop_reason::shutting_down);
    }
}

WORK_DECL void worker_set::interrupt_all()
{
    for (worker& s : workers_)
        interrupts_.add(s, stop_reason::shutting_down);
}

WORK_DECL void worker_set::end()
{
    interrupts_.end();
    deadlines_.cancel_timer();
    for (worker* s : std::exchange(parked_, {}))
        s->unpark()();
}

WORK_DECL void worker_set::abandon()
{
    deadlines_.cancel_timer();
    interrupts_.cancel_timer();
    claimed_.clear();
    parked_.clear();
    starts_.clear();
    for (worker& s : workers_)
        s.unpark();
}

WORK_DECL void worker_set::interrupt(claim& c, stop_reason why)
{
    for (running_job& running : c.running) {
        worker& s = static_cast<worker&>(running);
        if (why == stop_reason::lease_lost && !s.reported && hooks_.wants(event::lease_lost))
            hooks_.add(hooks_.make(event::lease_lost, s.held));
        interrupts_.add(s, why);
    }
}

WORK_DECL void worker_set::cancelled(std::vector<job_cancel> const& cancels)
{
    std::set<std::pair<claim_number, std::string_view>> waiting;
    for (job_cancel const& cancel : cancels) {
        claim* const c = ledger_.find(cancel.claim);
        if (!c || c->lost)
            continue;
        auto const running =
            std::find_if(c->running.begin(), c->running.end(), [&](running_job const& job) {
                return static_cast<worker const&>(job).held.id == cancel.id;
            });
        if (running != c->running.end())
            cancel_running(static_cast<worker&>(*running), cancel.reason);
        else if (c->unstarted > 0)
            waiting.emplace(cancel.claim, cancel.id);
    }
    if (waiting.empty())
        return;
    for (held_job const& job : claimed_.take_if([&](held_job const& held) {
             return waiting.contains({held.of->number, held.id});
         })) {
        attempts_.cancelled(job);
        drop(job);
    }
}

// Told by the heartbeat and by exchanges, until they said that it was heard.
WORK_DECL void worker_set::cancel_running(worker& s, std::string const& why)
{
    s.tell_why(why);
    if (!std::exchange(s.told_cancelled, true))
        deadlines_.hurry(s);
    interrupts_.add(s, stop_reason::cancelled);
}

WORK_DECL void worker_set::given_up(late_job const& job, bool known)
{
    worker& s = *job.who;
    if (s.busy && s.generation == job.generation) {
        if (!known) {
            worker_lock const guard(s);
            s.given_up = s.reported;
            s.reported_before = true;
            return;
        }
        if (std::exchange(s.reported, true))
            return;
        auto told = attempts_.given_up(s.held, job);
        if (told && job.code == outcome_code::ok)
            hooks_.add(std::move(*told));
        ledger_.settled(*s.held.of);
        interrupts_.add(s, stop_reason::timed_out);
        listener_.work_to_exchange();
        return;
    }
    auto const found =
        std::find_if(ended_unreported_.begin(), ended_unreported_.end(), [&](auto const& e) {
            return e.who == &s && e.generation == job.generation;
        });
    if (found == ended_unreported_.end())
        return;
    held_job const held = found->held;
    ended_unreported_.erase(found);
    claim& c = *held.of;
    auto told = attempts_.given_up(held, job);
    if (known && told && job.code == outcome_code::ok)
        hooks_.add(std::move(*told));
    if (!c.lost && known)
        ledger_.settled(c);
    else if (!c.lost)
        ledger_.report(job_report{
            &c,
            held.id,
            job.what.kind,
            job.what.delay_ms,
            job.failure,
            {},
            std::move(told),
            true,
            counted_as::failed,
            held.list->list
        });
    ledger_.release(c);
    listener_.work_to_exchange();
}

WORK_DECL void worker_set::checked_in(worker& who, std::string message, double percent)
{
    if (!options_.handler_executor) {
        show_progress(who, message, percent);
        return;
    }
    boost::asio::post(
        executor_,
        [self = self(),
         s = &who,
         generation = who.generation,
         message = std::move(message),
         percent] {
            if (s->busy && s->generation == generation)
                self->show_progress(*s, message, percent);
        }
    );
}

WORK_DECL void worker_set::show_progress(worker& who, std::string const& message, double percent)
{
    if (who.reported || who.held.of->lost)
        return;
    bool mended = false;
    who.progress = encode_progress(message, percent, mended);
    if (mended)
        log_.once(
            "checkin\n" + who.held.list->type->name,
            "a check-in of job " + std::string(who.held.id) + " (" + who.held.list->type->name +
                ") had " + std::to_string(message.size()) +
                " bytes; it must be valid UTF-8 and is shown up to " +
                std::to_string(max_progress) + " bytes, so it was mended or cut"
        );
    who.progress_dirty = true;
    if (!std::exchange(who.progress_listed, true))
        progress_.push_back(&who);
    listener_.work_to_exchange();
}

WORK_DECL void worker_set::logged(worker& who, std::string text)
{
    if (!options_.handler_executor) {
        add_log(who, std::move(text));
        return;
    }
    boost::asio::post(
        executor_,
        [self = self(), s = &who, generation = who.generation, text = std::move(text)]() mutable {
            if (s->busy && s->generation == generation)
                self->add_log(*s, std::move(text));
        }
    );
}

WORK_DECL task<std::vector<job_gift>> worker_set::given(worker& who)
{
    task<text_pairs> asked = listener_.given(std::string(who.job().id()));
    if (options_.handler_executor)
        asked = run_on(executor_, std::move(asked), self());
    text_pairs const found = co_await std::move(asked);
    std::vector<job_gift> gifts;
    for (auto const& [from, text] : found)
        gifts.push_back(read_gift(from, text));
    co_return gifts;
}

WORK_DECL void worker_set::add_log(worker& who, std::string text)
{
    if (who.reported || who.held.of->lost)
        return;
    job_log_line line;
    line.at_ms = attempts_.now_ms();
    line.attempt = who.job().attempt();
    line.number = ++who.logged;
    line.text = std::move(text);
    who.log.push_back(encode_log_line(std::move(line)));
    if (who.log.size() > static_cast<std::size_t>(max_job_log_lines))
        who.log.erase(who.log.begin());
    if (!std::exchange(who.progress_listed, true))
        progress_.push_back(&who);
    listener_.work_to_exchange();
}

WORK_DECL void worker_set::take_logs_of_ended(exchange_round& round)
{
    if (logs_of_ended_.empty())
        return;
    round.logs.insert(
        round.logs.end(),
        std::make_move_iterator(logs_of_ended_.begin()),
        std::make_move_iterator(logs_of_ended_.end())
    );
    logs_of_ended_.clear();
}

WORK_DECL void worker_set::take_progress(exchange_round& round)
{
    for (worker* s : std::exchange(progress_, {})) {
        s->progress_listed = false;
        if (!s->busy || s->reported || s->held.of->lost)
            continue;
        if (!s->log.empty())
            round.logs.push_back(
                round_log{s->held.of->number, std::string(s->held.id), std::exchange(s->log, {})}
            );
        if (!std::exchange(s->progress_dirty, false))
            continue;
        round.request.progress.push_back(job_progress{s->held.of->number, s->held.id, {}});
        round.texts.push_back(s->progress);
    }
}

WORK_DECL void worker_set::mark_lists_in_use()
{
    auto const use = [](met_list* list) {
        if (list)
            list->in_use = true;
    };
    for (held_job const& job : claimed_)
        use(job.list);
    for (worker const& s : workers_)
        use(s.held.list);
    for (ended_unreported const& ended : ended_unreported_)
        use(ended.held.list);
}

WORK_DECL std::string worker_set::describe_running() const
{
    worker::clock::time_point const now = worker::clock::now();
    std::string text = std::to_string(running()) + " job(s) running, " +
                       std::to_string(claimed_.size()) + " waiting for a worker";
    int shown = 0;
    for (worker const& s : workers_) {
        if (!s.busy || ++shown > 100)
            continue;
        auto const ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - s.started);
        text += "; " + s.held.list->type->name + " " + std::string(s.held.id) + " for " +
                std::to_string(ran.count()) + " ms";
    }
    return text;
}

}  // namespace work::detail
