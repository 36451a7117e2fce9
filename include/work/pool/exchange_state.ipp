// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/exchange_state.hpp>

#include <algorithm>
#include <utility>

namespace work::detail {

WORK_DECL void exchange_state::begin_run(time_point now, std::int64_t finished, bool fetches_ahead)
{
    fetches_ahead_ = fetches_ahead;
    reasons_.clear();
    reasons_.add(claim_reason::started);
    pace_.begin(now, finished);
    began_ = now;
    chores_left_ = false;
    surplus_ = asked_ = 0;
    tick_at_ = alarm_at_ = time_point::max();
}

WORK_DECL exchange_state::duration exchange_state::look_period(bool claim_on_wake) const noexcept
{
    auto const most = claim_on_wake ? provisional_lease : provisional_lease * 2;
    return std::min<duration>(most, options_.lease * 2 / 5);
}

// Short jobs are fetched ahead: as many as end while an exchange is on its way. But for those that
// must not have been claimed when the process dies.
WORK_DECL int exchange_state::capacity(pool_load const& load) const noexcept
{
    if (!load.claims || quarantine_.isolates())
        return 0;
    int const ahead = fetches_ahead_ ? pace_.ahead(options_.batch * most_in_flight()) : 0;
    int const held = load.ready + asked_;
    int const room = options_.concurrency + ahead - load.running - held;
    return std::min(room, static_cast<int>(load.ready_limit) - held);
}

WORK_DECL bool exchange_state::spreads(pool_load const& load, int in_flight) const noexcept
{
    return !load.ending && in_flight < most_in_flight() && surplus_ >= options_.batch &&
           capacity(load) >= options_.batch;
}

WORK_DECL bool exchange_state::can_wait(pool_load const& load) const noexcept
{
    return load.claims && !reasons_.any() && surplus_ == 0 && asked_ == 0 && capacity(load) > 0;
}

WORK_DECL bool exchange_state::hears_nothing(pool_load const& load) const noexcept
{
    return asked_ == 0 && capacity(load) <= 0 && !ledger_.empty();
}

// Counts go with the last reports before a rest, else once in a second: where jobs of very many
// lists come in a row, to count each of them costs as much as to pop it.
WORK_DECL bool exchange_state::reports_wait(pool_load const& load) const noexcept
{
    // What no later second would bring.
    bool const last_counts = load.ending || (load.until_empty && resting(load));
    return load.start_waits || ledger_.has_reports() || queues_.unannounced() ||
           (queues_.counts_waiting() && last_counts);
}

WORK_DECL exchange_state::time_point exchange_state::next_timer(pool_load const& load) const
{
    time_point next = std::min({tick_at_, alarm_at_, quarantine_.until()});
    if (queues_.counts_waiting() || load.progress_waits)
        next = std::min(next, counts_at_);
    return next;
}

WORK_DECL bool exchange_state::check_quarantine(time_point now)
{
    bool const ended = quarantine_.look(ledger_, now);
    if (ended)
        want(claim_reason::quarantine_ended);
    return ended;
}

// What waits for a pool without suspects can come when the last of them ended.
WORK_DECL void exchange_state::notice_suspects()
{
    bool const runs_suspects = ledger_.suspects() > 0;
    if (std::exchange(ran_suspects_, runs_suspects) && !runs_suspects)
        want(claim_reason::suspects_ended);
}

WORK_DECL exchange_step exchange_state::decide(pool_load const& load, time_point now, bool timers)
{
    check_quarantine(now);
    notice_suspects();
    if (reports_wait(load) || more_ || pass_wakeup_on_ || ledger_.can_close())
        return exchange_step::exchange;
    if (load.stopped)
        return exchange_step::end;
    if ((reasons_.any() || surplus_ > 0) && capacity(load) > 0)
        return exchange_step::exchange;
    if (!timers)
        return exchange_step::sleep;
    if (now >= alarm_at_ || exchange_now_)
        return exchange_step::exchange;
    if ((queues_.counts_waiting() || load.progress_waits) && now >= counts_at_)
        return exchange_step::exchange;
    return now >= tick_at_ ? exchange_step::look : exchange_step::sleep;
}

WORK_DECL void exchange_state::build(
    exchange_round& round,
    pool_load const& load,
    time_point now,
    time_point renewed_at
)
{
    exchange_request& r = round.request;
    r.pool = pool_;
    r.lease_ms = options_.lease.count();
    r.limits = options_.keep;
    queues_.take_announcements(r, now);
    ledger_.take(round);
    for (job_report const& unheard : round.dropped)
        queues_.take_back(unheard);
    notice_suspects();
    round.flush = now >= counts_at_ || load.ending || resting(load);
    if (round.flush) {
        bool const more = queues_.take_counts(round);
        counts_at_ = more ? now : now + std::chrono::seconds(1);
    }
    // A job that ends a long silence does not wait for them.
    bool const later =
        std::exchange(just_woken_, false) && now < chores_at_ + std::chrono::seconds(30);
    if (now >= chores_at_ && !later) {
        r.chores = true;
        r.reads = this_reader;
        chores_at_ = now + std::chrono::seconds(5);
    }
    // The heartbeat renews; should it fail to, the exchange does, before it reaps others.
    if (now - renewed_at > options_.lease / 2)
        r.renew = ledger_.held(256);
    build_claim(round, load, now);
    alarm_at_ = r.will_wait || now >= alarm_at_ ? time_point::max() : alarm_at_;
    exchange_now_ = false;
    more_ = false;
}

WORK_DECL void exchange_state::build_claim(
    exchange_round& round,
    pool_load const& load,
    time_point now
)
{
    exchange_request& r = round.request;
    int const room = capacity(load);
    if (std::exchange(pass_wakeup_on_, false) && room <= 0) {
        queues_.name_all(r, 256);
        return;
    }
    if (room <= 0 ||
        !(reasons_.any() || surplus_ > 0 || more_ || now >= alarm_at_ || exchange_now_))
        return;
    r.want = std::min(room, options_.batch);
    if (asked_ >= 2 * options_.batch)
        r.max_bytes = std::min(r.max_bytes, extra_answer_bytes);
    r.take_suspects = quarantine_.empty() && !asked_for_suspects_;
    r.runs_suspects = ledger_.suspects() > 0;
    r.joins_suspects = now - began_ >= 3 * options_.lease / 2;
    asked_for_suspects_ = asked_for_suspects_ || r.take_suspects;
    r.will_wait = asked_ == 0;
    queues_.order_fetch(r);
    asked_ += r.want;
    surplus_ = std::max<std::int64_t>(0, surplus_ - r.want);
    reasons_.clear();
}

WORK_DECL void exchange_state::returned(exchange_round const& round)
{
    asked_ -= round.request.want;
    if (!round.request.take_suspects)
        return;
    asked_for_suspects_ = false;
    // Those of ours ended since it asked.
    if (round.request.runs_suspects && ledger_.suspects() == 0)
        want(claim_reason::suspects_ended);
}

WORK_DECL void exchange_state::learn(
    exchange_round const& round,
    exchange_answer const& answer,
    pool_load const& load,
    time_point now,
    std::int64_t broker_ms
)
{
    // Half a millisecond late rather than early: the broker counts whole milliseconds.
    auto const local = [&](std::int64_t at_ms) {
        return now + std::chrono::milliseconds(at_ms - broker_ms) + std::chrono::microseconds(500);
    };
    if (round.request.want > 0) {
        std::int64_t const left_over = queues_.learn(round.request, answer);
        surplus_ = std::max<std::int64_t>(0, left_over - asked_);
        if (static_cast<int>(answer.jobs.size()) >= round.request.want || surplus_ > 0 ||
            (answer.suspects && !answer.jobs.empty()))
            want(claim_reason::full_claim);
    }
    if (round.request.will_wait)
        alarm_at_ = answer.alarm_ms == 0 ? time_point::max() : local(answer.alarm_ms);
    broker_busy_ = answer.more;
    if (answer.more) {
        more_ = true;
        want(claim_reason::more_due);
    }
    tick_at_ = now + look_period(load.claim_on_wake);
    if (answer.next_lapse_ms != 0)
        tick_at_ = std::min(
            tick_at_,
            std::max(local(answer.next_lapse_ms), now + std::chrono::milliseconds(10))
        );
    if (answer.forgotten && !load.stopped)
        forgotten(now);
    if (round.request.chores || answer.chores_left)
        chores_left_ = answer.chores_left;
    if (answer.chores_soon) {
        chores_at_ = now + std::chrono::milliseconds(20);
        tick_at_ = std::min(tick_at_, chores_at_);
    }
    pace_.look(now, load.finished);
}

WORK_DECL void exchange_state::woken(pool_load const& load)
{
    just_woken_ = true;
    want_now(claim_reason::wakeup);
    if (capacity(load) <= 0)
        pass_wakeup_on_ = true;
}

WORK_DECL void exchange_state::forgotten(time_point now)
{
    queues_.announce(now);
    want_now(claim_reason::forgotten);
}

WORK_DECL bool exchange_state::look_sooner(time_point now)
{
    time_point const sooner = now + look_period(true);
    bool const changes = sooner < tick_at_;
    tick_at_ = std::min(tick_at_, sooner);
    return changes;
}

WORK_DECL std::optional<bool> exchange_state::begin_look(
    pool_load const& load,
    time_point now,
    time_point chores_done
)
{
    tick_at_ = now + look_period(load.claim_on_wake);
    // Once in a while an idle pool does its part of the housekeeping.
    bool const chores = chores_left_
                            ? now >= chores_at_
                            : now >= std::max(chores_at_, chores_done) + std::chrono::seconds(300);
    // One that claims nothing hears only so that it may again.
    if (!ledger_.empty() || !load.claims || chores || queues_.announce_due(now)) {
        exchange_now_ = true;
        return std::nullopt;
    }
    // What is due has its alarms; it is looked at every third time in case both holders are gone.
    return ++looks_ % 3 == 0;
}

// The broker can't be reached, so look for work as soon as it can.
WORK_DECL void exchange_state::look_failed()
{
    want_now(claim_reason::unreachable);
}

WORK_DECL bool exchange_state::looked(
    exchange_answer const& seen,
    pool_load const& load,
    std::int64_t broker_ms
)
{
    bool const overdue = seen.next_due_ms != 0 && seen.next_due_ms + 1000 < broker_ms;
    bool const unheard = seen.more && can_wait(load);
    if (seen.next_lapse_ms == 0 && !overdue && !unheard)
        return false;
    unheard_ = unheard ? unheard_ + 1 : 0;
    want_now(claim_reason::looked);
    return unheard_ > 1;
}

}  // namespace work::detail
