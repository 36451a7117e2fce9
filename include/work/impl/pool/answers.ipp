// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace work::detail {

// What an answer changes: reports taken, claims lost, jobs got, and when to come back.

WORK_DECL void pool_core::apply(exchange_round& round, exchange_answer answer)
{
    log_notes(answer);
    std::vector<claim_number> late;
    for (std::size_t i = 0; i != answer.finished.size(); ++i) {
        if (answer.finished[i] == outcome_code::lease_lost)
            late.push_back(round.request.finished[i].claim);
    }
    claims_lost(late);
    std::size_t const too_late =
        static_cast<std::size_t>(std::count_if(late.begin(), late.end(), [&](claim_number number) {
            claim const* const c = claims_.find(number);
            return c && c->closing;
        }));
    if (too_late > 0)
        log(log_level::warning,
            "the lease of claim " + std::to_string(late.front()) +
                (too_late > 1 ? " and of " + std::to_string(too_late - 1) + " more" : "") +
                " was lost before its last words; they changed nothing");
    for (std::size_t i = 0; i != answer.outcomes.size(); ++i) {
        if (answer.outcomes[i] == outcome_code::lease_lost)
            log(log_level::warning,
                "a word about job " + std::string(round.outcomes[i].id) +
                    " came after its lease was lost; nothing was changed");
    }
    claims_lost(answer.lost);
    jobs_cancelled(answer.cancels);
    for (claim* c : round.reported) {
        --c->requests;
        touched(*c);
    }
    for (claim* c : round.closed)
        --c->requests;
    heartbeat_->remove(round.request.close);
    // What is closing is closed by this request: another's words would have kept it open.
    for (claim* c : round.reported)
        if (!c->closing)
            forget(*c);
    for (claim* c : round.closed)
        forget(*c);

    // What the lists hold now.
    if (round.request.want > 0) {
        // A claim that is full did not look at the rest of its plan.
        std::int64_t bytes = 0;
        for (claimed_job const& job : answer.jobs)
            bytes += static_cast<std::int64_t>(job.envelope.size());
        bool const looked_at_all = static_cast<int>(answer.jobs.size()) < round.request.want &&
                                   bytes < round.request.max_bytes && !answer.suspects;
        for (wanted_list const& w : round.request.fetch_order) {
            auto const found = served_by_id_.find(w.list);
            if (found != served_by_id_.end())
                found->second->length = looked_at_all ? 0 : -1;
        }
        surplus_ = 0;
        for (list_left const& l : answer.left) {
            auto const found = served_by_id_.find(l.list);
            if (found != served_by_id_.end())
                found->second->length = l.length;
            surplus_ += l.length;
        }
        surplus_ = std::max<std::int64_t>(0, surplus_ - asked_);
        if (static_cast<int>(answer.jobs.size()) >= round.request.want || surplus_ > 0 ||
            (answer.suspects && !answer.jobs.empty()))
            hungry_ = true;
    }
    if (round.request.will_wait)
        alarm_at_ = answer.alarm_ms == 0 ? clock::time_point::max() : local_time(answer.alarm_ms);
    if (answer.more) {
        more_ = true;
        hungry_ = true;
    }
    clock::time_point const now = clock::now();
    tick_at_ = now + look_period();
    if (answer.next_lapse_ms != 0)
        tick_at_ = std::min(
            tick_at_,
            std::max(local_time(answer.next_lapse_ms), now + std::chrono::milliseconds(10))
        );
    if (answer.forgotten)
        forgotten();
    if (round.request.chores || answer.chores_left)
        chores_left_ = answer.chores_left;
    if (answer.chores_soon) {
        chores_at_ = now + std::chrono::milliseconds(20);
        tick_at_ = std::min(tick_at_, chores_at_);
    }
    double const since = std::chrono::duration<double>(now - rate_since_).count();
    if (since > 0.005) {
        rate_ += (static_cast<double>(finished_since_) / since - rate_) / 4;
        finished_since_ = 0;
        rate_since_ = now;
    }
    accept_jobs(answer, round.on_wake);
    start_answered(round, answer);
    dispatch();
    // The other loop may sleep on timers that this answer moved.
    if (exchanger_wake_[0].sleeping() && next_timer() < timers_set_)
        exchanger_wake_[0].wake();
    if (can_wait())
        waiter_wake_.wake();
    else if (tick_at_ < now + std::chrono::seconds(5))
        kick();
}

WORK_DECL void pool_core::accept_jobs(exchange_answer& answer, bool on_wake)
{
    if (answer.claim == 0)
        return;
    // While a claim stood, others may have taken its room.
    bool const no_room = on_wake && capacity() <= 0;
    std::size_t const before = ready_.size();
    claim& c = claims_.add(answer);
    touched(c);  // all of a repeated answer's jobs may have been cancelled since
    if (c.suspects) {
        quarantine_ = c.number;
        quarantine_until_ = clock::time_point::max();
        isolating_ = c.isolated;
    }
    auto front = ready_.begin();
    for (claimed_job const& job : answer.jobs) {
        auto record = decode_envelope(job.envelope);
        if (record && record->cut_from > 0)
            record = parsed<envelope_view>::failed(
                "its body of " + std::to_string(record->cut_from) + " bytes is gone"
            );
        met_list* const list = record ? list_of(record->list) : nullptr;
        if (!list) {
            --c.unstarted;
            --c.holders;
            // A list this pool does not serve can only come from a record that is broken.
            log(log_level::error,
                "the record of job " + std::string(job.id) + " can't be read, it is set aside: " +
                    (record ? "it names list " + std::string(record->list) : record.error()));
            report(job_report{&c, job.id, outcome_kind::set_aside, 0, {}, {}});
            continue;
        }
        held_job held{&c, job.id, *record, list};
        if (c.suspects) {
            front = ready_.insert(front, held) + 1;
        } else {
            ready_.push_back(held);
        }
    }
    claim_ran_out_ = false;
    heartbeat_->add(answer, on_wake);
    c.received = clock::now();
    c.ready_then = static_cast<std::int64_t>(ready_.size());
    if (stop_requested_) {
        release_unstarted();
        return;
    }
    while (no_room && ready_.size() > before)
        release_last();
    dispatch();
}

// The reports of a request that will never be answered: the jobs are left to their leases.
WORK_DECL void pool_core::failed_round(exchange_round& round)
{
    reports_lost_ += round.reports;
    if (round.start.who)
        startable_.push_back(round.start.who);
    dispatch_soon();
    for (claim* c : round.reported)
        --c->requests;
    for (claim* c : round.closed)
        --c->requests;
}

// One group of suspects at a time: until all of them ended, or so long after the last one started
// that it would have done by now what it did before. Should the process die, they are suspect, and
// of a job that is isolated it is known that it did it.
WORK_DECL void pool_core::check_quarantine()
{
    if (quarantine_ == 0)
        return;
    claim* const c = claims_.find(quarantine_);
    clock::time_point const now = clock::now();
    if (!c || c->open == 0 || c->lost || now >= quarantine_until_) {
        end_quarantine();
        return;
    }
    if (c->unstarted == 0 && quarantine_until_ == clock::time_point::max()) {
        quarantine_until_ = now + c->quarantine;
        kick();
    }
}

WORK_DECL void pool_core::end_quarantine()
{
    quarantine_ = 0;
    quarantine_until_ = clock::time_point::max();
    isolating_ = false;
    hungry_ = true;
}

WORK_DECL void pool_core::claims_lost(std::vector<claim_number> const& lost)
{
    std::int64_t jobs = 0;
    std::vector<claim_number> gone;
    for (claim_number const number : lost) {
        claim* const c = claims_.find(number);
        // Of one that is closing its last request tells whether it was still valid.
        if (!c || c->lost || c->closing)
            continue;
        c->lost = true;
        suspects_ended(*c);
        gone.push_back(number);
        jobs += c->open;
        c->finished.clear();
        for (running_job& running : c->running)
            interrupt(static_cast<worker&>(running), stop_reason::lease_lost);
    }
    if (gone.empty())
        return;
    log(log_level::warning,
        (gone.size() == 1
             ? "the lease of claim " + std::to_string(gone.front()) + " was"
             : "the leases of " + std::to_string(gone.size()) + " claims (" +
                   std::to_string(gone.front()) + " to " + std::to_string(gone.back()) + ") were") +
            " lost with " + std::to_string(jobs) + " job(s) unfinished; they may run elsewhere");
    if (heartbeat_)
        heartbeat_->remove(gone);
    for (claim_number const number : gone)
        forget(*claims_.find(number));
}

WORK_DECL void pool_core::jobs_cancelled(std::vector<job_cancel> const& cancels)
{
    std::set<std::pair<claim_number, std::string_view>> waiting;
    for (job_cancel const& cancel : cancels) {
        cancels_seen_.push_back(cancel);
        claim* const c = claims_.find(cancel.claim);
        if (!c && claim_on_wake_)
            early_cancels_.push_back(cancel);
        if (!c || c->lost)
            continue;
        auto const running =
            std::find_if(c->running.begin(), c->running.end(), [&](running_job const& job) {
                return static_cast<worker const&>(job).held.id == cancel.id;
            });
        if (running != c->running.end())
            interrupt(static_cast<worker&>(*running), stop_reason::cancelled);
        else if (c->unstarted > 0)
            waiting.emplace(cancel.claim, cancel.id);
    }
    if (waiting.empty())
        return;
    // One walk for all of them.
    std::vector<held_job> dropped;
    std::erase_if(ready_, [&](held_job const& job) {
        if (!waiting.contains({job.of->number, job.id}))
            return false;
        dropped.push_back(job);
        return true;
    });
    for (held_job const& job : dropped) {
        --job.of->unstarted;
        --job.of->open;
        touched(*job.of);
        drop_ready(job);
    }
}

WORK_DECL void pool_core::log_notes(exchange_answer const& answer) const
{
    for (std::string const& note : answer.notes)
        log(note.starts_with("lapsed") ? log_level::info : log_level::warning, note);
}

// `done`: the broker knows. Else it may know or not, and hears it again from here.
WORK_DECL void pool_core::given_up_by_heartbeat(heartbeat::late_job const& job, bool done)
{
    worker& s = *job.who;
    if (s.busy && s.generation == job.generation) {
        if (!done) {
            worker_lock const guard(s);
            s.given_up = s.reported;
            return;
        }
        if (std::exchange(s.reported, true))
            return;
        count_failed(*s.held.list);
        --s.held.of->open;
        touched(*s.held.of);
        interrupt(s, stop_reason::timed_out);
        kick();
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
    count_failed(*held.list);
    if (!c.lost && done) {
        --c.open;
        touched(c);
    } else if (!c.lost) {
        report(job_report{&c, held.id, job.what.kind, job.what.delay_ms, job.failure, {}});
    }
    release_holder(c);
    kick();
}

}  // namespace work::detail
