// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>

#include <utility>

namespace work::detail {

// Jobs whose type is dead after a crash are buried when their lease lapses, if they may have begun.
// So the broker hears of each before its handler's first line, and of one at a time: the next is
// reported when the handler of the one before has run up to its first wait.

WORK_DECL void pool_core::report_start(worker& s)
{
    s.start_code = no_answer;
    starts_.push_back(queued_start{&s, s.generation});
    kick();
}

WORK_DECL bool pool_core::start_to_report() const noexcept
{
    return !starts_.empty() && !start_out_;
}

WORK_DECL void pool_core::build_start(exchange_round& round)
{
    if (!start_to_report())
        return;
    round.start = starts_.front();
    starts_.pop_front();
    worker& s = *round.start.who;
    start_out_ = true;
    round.request.started.push_back(started_job{s.held.of->number, s.held.id});
    name(*s.held.of, round);
}

WORK_DECL void pool_core::start_answered(exchange_round const& round, exchange_answer const& answer)
{
    if (!round.start.who)
        return;
    worker& s = *round.start.who;
    if (!answer.started.empty())
        s.start_code = static_cast<char>(answer.started.front());
    startable_.push_back(&s);
}

// The handler runs here up to its first wait.
WORK_DECL bool pool_core::resume_startable()
{
    if (startable_.empty())
        return false;
    worker* const s = startable_.front();
    startable_.pop_front();
    s->unpark()();
    start_out_ = false;
    if (!starts_.empty())
        kick();
    return true;
}

// What the broker did not hear of yet is not started any more.
WORK_DECL void pool_core::give_starts_back()
{
    for (queued_start const& next : std::exchange(starts_, {}))
        startable_.push_back(next.who);
    dispatch_soon();
}

WORK_DECL bool pool_core::may_start(worker& s)
{
    claim& c = *s.held.of;
    if (s.start_code == static_cast<char>(outcome_code::lease_lost) && !c.lost) {
        std::vector<claim_number> lost(1, c.number);
        claims_lost(lost);
    }
    bool const cancelled = s.start_code == static_cast<char>(outcome_code::gone) ||
                           s.stopping() == stop_reason::cancelled;
    bool const heard = s.start_code == static_cast<char>(outcome_code::ok);
    if (heard && !cancelled && !stop_requested_ && !c.lost) {
        s.started = clock::now();
        s.deadline = s.started + s.timeout;
        arm_deadline(s);
        return true;
    }
    {
        worker_lock const guard(s);
        s.running = false;
    }
    running_.store(running_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    if (!c.lost && cancelled) {
        --c.open;
        touched(c);
    } else if (!c.lost && !closed_) {
        report(job_report{&c, s.held.id, outcome_kind::release, 0, {}, {}});
    }
    s.end();
    release_holder(c);
    kick();
    if (stop_requested_ || until_empty_)
        became_idle();
    return false;
}

}  // namespace work::detail
