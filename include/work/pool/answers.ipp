// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/cancel_word.hpp>
#include <work/pool/exchanger.hpp>
#include <work/values/envelope.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

// What an answer changes: reports taken, claims lost, jobs got, and when to come back.

WORK_DECL void exchanger::apply(exchange_round& round, exchange_answer answer)
{
    answered_at_ = clock::now().time_since_epoch().count();
    log_.notes(answer.notes);
    std::vector<claim_number> late;
    for (std::size_t i = 0; i != answer.finished.size(); ++i) {
        if (answer.finished[i] != outcome_code::lease_lost)
            continue;
        late.push_back(round.request.finished[i].claim);
        unheard_ += static_cast<std::int64_t>(round.request.finished[i].ids.size());
        for (counted_run const& run : round.counted_of_finished[i])
            queues_.take_back(run.list, counted_as::processed, run.jobs);
    }
    for (std::size_t i = 0; i != answer.outcomes.size(); ++i) {
        bool const gone = answer.outcomes[i] == outcome_code::gone;
        if (answer.outcomes[i] == outcome_code::lease_lost ||
            answer.outcomes[i] == outcome_code::cancelled ||
            (gone && !round.outcomes[i].reported_before))
            queues_.take_back(round.outcomes[i]);
        if (answer.outcomes[i] == outcome_code::lease_lost)
            ++unheard_;
        if (answer.outcomes[i] == outcome_code::refused)
            queues_.failed_after_all(round.outcomes[i]);
    }
    claims_lost(late);
    log_refused_reports(late, round, answer);
    if (hooks_.wants_any({event::retry, event::dead, event::cancelled, event::lease_lost}))
        tell_hooks(round, answer);
    claims_lost(answer.lost);
    jobs_cancelled(answer.cancels);
    if (!answer.orders.empty())
        listener_.ordered(answer.orders);
    std::vector<claim_number> closed;
    for (closed_claim const& c : round.request.close)
        closed.push_back(c.number);
    renewals_->remove(closed);
    ledger_.answered(round);

    if (answer.forgotten)
        renewals_->forgotten();
    state_.learn(round, answer, load(), clock::now(), time_ms(broker_));
    accept_jobs(answer, round.on_wake);
    if (life_.ending())
        begin_stop();
    apply_early_cancels();
    workers_.start_answered(round, answer);
    workers_.dispatch();
    // The first stream may sleep on timers that this answer moved.
    if (!wake_.empty() && wake_[0].idle() && state_.next_timer(load()) < timers_set_)
        wake_[0].wake();
    if (!state_.can_wait(load()))
        wake();
    spread();
}

// Of a claim that is closing its last reports tell whether it was still valid.
WORK_DECL void exchanger::log_refused_reports(
    std::vector<claim_number> const& late,
    exchange_round const& round,
    exchange_answer const& answer
)
{
    std::size_t claims = 0;
    claim_number first = 0;
    for (claim_number const number : late) {
        claim const* const c = ledger_.find(number);
        if (c && c->closing && ++claims == 1)
            first = c->number;
    }
    if (claims > 0)
        log_(
            log_level::warning,
            "the lease of claim " + std::to_string(first) +
                (claims > 1 ? " and of " + std::to_string(claims - 1) + " more" : "") +
                " was lost before its last reports; they changed nothing"
        );
    for (std::size_t i = 0; i != answer.outcomes.size(); ++i) {
        if (answer.outcomes[i] == outcome_code::lease_lost)
            log_(
                log_level::warning,
                "a report about job " + std::string(round.outcomes[i].id) +
                    " came after its lease was lost; nothing was changed"
            );
    }
}

// What of the reports was stored, and what was not.
WORK_DECL void exchanger::tell_hooks(exchange_round& round, exchange_answer const& answer)
{
    for (std::size_t i = 0; i != answer.outcomes.size(); ++i) {
        job_report& report = round.outcomes[i];
        bool const gone = answer.outcomes[i] == outcome_code::gone && report.reported_before;
        if (answer.outcomes[i] == outcome_code::cancelled ||
            (report.kind == outcome_kind::cancelled && answer.outcomes[i] == outcome_code::ok))
            hooks_.ended_cancelled(report);
        else if ((answer.outcomes[i] == outcome_code::ok || gone) && report.event)
            hooks_.add(std::move(*report.event));
        else if (answer.outcomes[i] == outcome_code::refused && report.otherwise)
            hooks_.refused(*report.otherwise, answer.notes);
        if (answer.outcomes[i] == outcome_code::lease_lost)
            hooks_.lost(report);
    }
    for (std::size_t i = 0; i != answer.finished.size(); ++i) {
        if (answer.finished[i] != outcome_code::lease_lost)
            continue;
        for (std::string_view const id : round.request.finished[i].ids)
            hooks_.lost(round.request.finished[i].claim, id);
    }
    for (std::string const& note : answer.notes)
        hooks_.noted(note);
}

// What did not start goes back when nothing more comes: in the order in which it was claimed.
WORK_DECL void exchanger::begin_stop()
{
    if (in_flight_ == 0)
        workers_.release_unstarted();
}

WORK_DECL void exchanger::accept_jobs(exchange_answer& answer, bool on_wake)
{
    if (answer.claim == 0)
        return;
    // While a claim stood, others may have taken its room.
    bool const no_room = on_wake && state_.capacity(load()) <= 0;
    std::size_t const before = claimed_.size();
    claim& c = ledger_.add(answer);
    state_.accepted(c);
    std::vector<held_job> suspects;
    std::size_t unsupported = 0;
    for (claimed_job const& job : answer.jobs) {
        auto record = decode_envelope(job.envelope);
        if (record && record->cut_from > 0)
            record = parsed<envelope_view>::failed(
                "its body of " + std::to_string(record->cut_from) + " bytes is gone"
            );
        met_list* const list = record ? queues_.find(record->list) : nullptr;
        if (!list) {
            --c.unstarted;
            --c.holders;
            outcome_kind const kind =
                record ? outcome_kind::set_aside : outcome_of_unread(job.envelope);
            if (kind == outcome_kind::unsupported) {
                if (++unsupported == 1)
                    log_(
                        log_level::warning,
                        "job " + std::string(job.id) +
                            " waits for a newer program: " + record.error()
                    );
                ledger_.report(job_report{&c, job.id, kind, 0, {}, {}});
                wake();
                continue;
            }
            // A list this pool does not serve can only come from a record that is broken.
            log_(
                log_level::error,
                "the record of job " + std::string(job.id) + " can't be read, it is set aside: " +
                    (record ? "it names list " + std::string(record->list) : record.error())
            );
            ledger_.report(job_report{&c, job.id, kind, 0, {}, {}});
            wake();
            continue;
        }
        // Of an answer that is repeated some may have been cancelled since.
        if ((record->flags & envelope_flags::failed) != 0 && cancel_of(job.envelope)) {
            --c.unstarted;
            --c.holders;
            ledger_.report(job_report{&c, job.id, outcome_kind::cancelled, 0, {}, {}});
            wake();
            continue;
        }
        held_job const held{&c, job.id, *record, list};
        if (c.suspects)
            suspects.push_back(held);
        else
            claimed_.push_back(held);
    }
    claimed_.push_front(suspects);
    renewals_->add(answer, on_wake);
    c.received = clock::now();
    c.ready_then = static_cast<std::int64_t>(claimed_.size());
    if (life_.ending())
        return;
    while ((no_room || (state_.isolates() && !c.suspects)) && claimed_.size() > before)
        workers_.release_last();
    workers_.dispatch();
}

WORK_DECL void exchanger::claims_lost(std::vector<claim_number> const& lost)
{
    std::int64_t jobs = 0;
    std::vector<claim_number> gone;
    std::vector<claim*> claims;
    for (claim_number const number : lost) {
        claim* const c = ledger_.lose(number);
        if (!c)
            continue;
        gone.push_back(number);
        claims.push_back(c);
        for (counted_run const& run : std::exchange(c->counted, {}))
            queues_.take_back(run.list, counted_as::processed, run.jobs);
        jobs += c->open;
        workers_.interrupt(*c, stop_reason::lease_lost);
    }
    if (gone.empty())
        return;
    leases_lost_ += static_cast<std::int64_t>(gone.size());
    unfinished_ += jobs;
    log_(
        log_level::warning,
        (gone.size() == 1
             ? "the lease of claim " + std::to_string(gone.front()) + " was"
             : "the leases of " + std::to_string(gone.size()) + " claims (" +
                   std::to_string(gone.front()) + " to " + std::to_string(gone.back()) + ") were") +
            " lost with " + std::to_string(jobs) + " job(s) unfinished; they may run elsewhere"
    );
    if (renewals_)
        renewals_->remove(gone);
    for (claim* c : claims)
        ledger_.forget(*c);
}

WORK_DECL void exchanger::jobs_cancelled(std::vector<job_cancel> const& cancels)
{
    for (job_cancel const& cancel : cancels) {
        ledger_.cancel_seen(cancel);
        if ((claim_left_ || in_flight_ > 0) && !ledger_.find(cancel.claim))
            early_cancels_.push_back(early_cancel{cancel});
    }
    workers_.cancelled(cancels);
}

// Of claims whose answers came since. What is of no claim that comes is forgotten after a while.
WORK_DECL void exchanger::apply_early_cancels()
{
    if (early_cancels_.empty())
        return;
    constexpr int most_answers = 2 * most_exchanges;
    std::vector<job_cancel> known;
    std::erase_if(early_cancels_, [&](early_cancel& early) {
        if (!ledger_.find(early.told.claim))
            return ++early.answers > most_answers;
        known.push_back(early.told);
        return true;
    });
    workers_.cancelled(known);
}

}  // namespace work::detail
