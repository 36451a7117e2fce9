// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/claim_ledger.hpp>
#include <work/pool/claims.hpp>

#include <chrono>

namespace work::detail {

/// One group of suspects at a time: until all of them ended, or so long after the last one started
/// that it would have done by now what it did before. Should the process die, they are suspect, and
/// of a job that is isolated it is known that it did it.
class quarantine
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    bool empty() const noexcept { return claim_ == 0; }
    /// Nothing else is claimed meanwhile.
    bool isolates() const noexcept { return isolates_; }
    time_point until() const noexcept { return empty() ? time_point::max() : until_; }

    void begin(claim const& c)
    {
        claim_ = c.number;
        until_ = time_point::max();
        isolates_ = c.isolated;
    }
    /// True: it ended.
    bool look(claim_ledger& claims, time_point now)
    {
        if (empty())
            return false;
        claim const* const c = claims.find(claim_);
        if (!c || c->open == 0 || c->lost || now >= until_) {
            end();
            return true;
        }
        if (c->unstarted == 0 && until_ == time_point::max())
            until_ = now + c->quarantine;
        return false;
    }
    void end() noexcept
    {
        claim_ = 0;
        until_ = time_point::max();
        isolates_ = false;
    }

private:
    claim_number claim_ = 0;
    bool isolates_ = false;
    time_point until_ = time_point::max();
};

}  // namespace work::detail
