// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/log.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/transport.hpp>

#include <chrono>
#include <string>

namespace work {

struct redis_broker_options
{
    std::string ns = "work";
    /// Enqueue also when the server may evict jobs (an allkeys-* policy).
    bool allow_eviction = false;
    /// How long an enqueue waits for a broker that can't be reached.
    std::chrono::milliseconds enqueue_deadline{10'000};
    /// How long one attempt waits for a byte of the server's answer before its connection is torn
    /// down.
    std::chrono::milliseconds attempt_deadline{3'000};
    /// The pauses before a lost connection is made anew; of a lease port a quarter of its lease at
    /// most.
    redis::backoff_limits reconnect{};
    /// Makes the byte streams of the connections; empty: plain ones.
    redis::transport_factory make_transport{};
    /// Is told what is wrong with the connections; empty: nobody is.
    work::logger logger{};
    /// Scripts read the time from the key `test:clock` (µs) instead of the server's clock.
    bool test_clock = false;
};

}  // namespace work
