// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/task.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace work::detail {

/// Of a claim that was left with the broker, until it was renewed.
inline constexpr std::chrono::milliseconds provisional_lease{2'000};

/// Which claims are to be renewed: what the pool's thread tells its heartbeat.
class lease_renewals
{
public:
    /// Takes the list of its jobs. A provisional claim is renewed within half a second.
    virtual void add(exchange_answer& answer, bool provisional) = 0;
    virtual void remove(std::vector<claim_number> const& claims) = 0;
    /// When the last renewal of all claims succeeded.
    virtual std::chrono::steady_clock::time_point renewed_at() const noexcept = 0;
    /// A claim of this number is left with the broker. While the pool's thread is blocked the
    /// heartbeat settles it, and gives back what it brought.
    virtual void begin_claim_on_wake(std::int64_t number) = 0;
    /// Takes that back; nothing if there is none any more, since the other side took it.
    virtual std::optional<std::int64_t> end_claim_on_wake() = 0;
    /// The broker forgot this pool: its heartbeat tells it all anew.
    virtual void forgotten() = 0;
    /// On the heartbeat's connection, when the client's is no more.
    virtual task<exchange_answer> exchange_for_pool(exchange_request request) = 0;

protected:
    ~lease_renewals() = default;
};

}  // namespace work::detail
