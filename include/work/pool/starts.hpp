// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/exchange_round.hpp>
#include <work/pool/worker.hpp>

#include <deque>

namespace work::detail {

/// Jobs whose type is dead after a crash are buried when their lease lapses, if they may have
/// begun. So the broker hears of each before its handler's first line, and of one at a time: the
/// next is reported when the handler of the one before has run up to its first wait.
class starts
{
public:
    WORK_DECL void report(worker& s);
    /// One is to be reported now.
    bool waiting() const noexcept { return !reported_.empty() && !out_; }
    /// Moves it into the request.
    WORK_DECL void take(exchange_round& round, claim_ledger& claims);
    WORK_DECL void answered(exchange_round const& round, exchange_answer const& answer);
    void unanswered(exchange_round const& round)
    {
        if (round.start.who)
            startable_.push_back(round.start.who);
    }
    /// What the broker did not hear of yet is not started any more.
    WORK_DECL void give_back();

    bool startable() const noexcept { return !startable_.empty(); }
    /// A worker that can go on. There is one.
    WORK_DECL worker& next();
    /// It ran up to its first wait.
    void ran() noexcept { out_ = false; }
    WORK_DECL void clear();

private:
    std::deque<worker_job> reported_;
    std::deque<worker*> startable_;
    bool out_ = false;  // one is reported, or on its way
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/starts.ipp>
#endif
