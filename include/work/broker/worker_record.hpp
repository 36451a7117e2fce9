// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace work {

/// A claim that a pool may still hold, and what its server noted about it.
struct noted_claim
{
    claim_number claim = 0;
    std::string note{};

    friend bool operator==(noted_claim const&, noted_claim const&) = default;
};

/// The number of a stored answer, and the claim that it brought; 0: none.
struct stored_number
{
    std::int64_t number = 0;
    claim_number claim = 0;

    friend bool operator==(stored_number const&, stored_number const&) = default;
};

/// What a broker keeps of a pool that speaks through servers, any of which may be asked next.
struct worker_record
{
    std::string registered;  ///< as it was kept; "": no such pool, or it was silent for too long
    std::vector<noted_claim> claims;
    std::vector<stored_number> fetches;  ///< of the pool's stream, those that there are
    std::vector<stored_number> reports;  ///< of its heartbeat's
    bool shown = false;                  ///< some pool of this id shows its status
    std::vector<told_order> orders;      ///< what it is told to do, as long as that holds
};

/// A change of it. What is empty stays as it was.
struct worker_change
{
    std::string pool;
    std::string registered{};
    std::vector<noted_claim> opened{};
    std::vector<claim_number> closed{};
};

/// Asks for one claim; `ids`: the jobs whose envelopes are wanted.
struct held_request
{
    claim_number claim = 0;
    std::vector<std::string> ids{};
    bool all = false;  ///< those of all jobs are wanted
};

struct held_record
{
    std::string id;
    bool left = false;     ///< it is in this claim no more: reported, cancelled, given up
    std::string envelope;  ///< "": it is gone, has left, or was not asked for
};

/// A claim as it stands.
struct held_claim
{
    claim_number claim = 0;
    std::string pool;           ///< whose it is; "": it was closed, or its lease was reaped
    std::int64_t until_ms = 0;  ///< when its lease ends
    std::int64_t lease_ms = 0;
    bool suspects = false;
    std::vector<held_record> jobs;
};

}  // namespace work
