// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/starts.hpp>

#include <utility>

namespace work::detail {

WORK_DECL void starts::report(worker& s)
{
    s.start_code = worker::no_answer;
    reported_.push_back(worker_job{&s, s.generation});
}

WORK_DECL void starts::take(exchange_round& round, claim_ledger& claims)
{
    if (!waiting())
        return;
    round.start = reported_.front();
    reported_.pop_front();
    worker& s = *round.start.who;
    out_ = true;
    round.request.started.push_back(started_job{s.held.of->number, s.held.id});
    claims.name(*s.held.of, round);
}

WORK_DECL void starts::answered(exchange_round const& round, exchange_answer const& answer)
{
    if (!round.start.who)
        return;
    worker& s = *round.start.who;
    if (!answer.started.empty())
        s.start_code = static_cast<char>(answer.started.front());
    startable_.push_back(&s);
}

WORK_DECL void starts::give_back()
{
    for (worker_job const& next : std::exchange(reported_, {}))
        startable_.push_back(next.who);
}

WORK_DECL worker& starts::next()
{
    worker& s = *startable_.front();
    startable_.pop_front();
    return s;
}

WORK_DECL void starts::clear()
{
    reported_.clear();
    startable_.clear();
}

}  // namespace work::detail
