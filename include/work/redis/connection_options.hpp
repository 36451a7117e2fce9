// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/latency.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/health.hpp>
#include <work/redis/resp.hpp>
#include <work/redis/transport.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace work::redis {

/// A deadline that never comes.
inline constexpr std::chrono::steady_clock::duration no_deadline =
    std::chrono::steady_clock::duration::max();

struct call_options
{
    /// From the call to its reply. An unsent call that is past it fails with errc::unavailable; a
    /// sent one tears the connection down, and all calls sent on it fail with
    /// errc::outcome_unknown.
    std::chrono::steady_clock::duration deadline = std::chrono::seconds(10);
    /// The same, counted anew with each byte that the connection takes or gives: how long a silent
    /// server is waited for, while a large answer on a slow link gets the time that it needs.
    std::chrono::steady_clock::duration silence = no_deadline;
    /// The call changes something: when the connection is closed after it was sent, it fails with
    /// errc::outcome_unknown instead of errc::closed.
    bool closed_is_unknown = false;
};

struct connection_options
{
    /// Calls and bytes that may be sent and not answered yet; further ones wait for room, in order.
    std::size_t max_sent_calls = 10'000;
    std::size_t max_sent_bytes = 8u << 20;
    /// Calls and bytes that may wait for room or for a connection; further calls fail with
    /// errc::buffer_full.
    std::size_t max_waiting_calls = 1'000'000;
    std::size_t max_waiting_bytes = 256u << 20;
    /// What goes out in one write.
    std::size_t write_bytes = 256u << 10;
    resp_limits limits{};
    /// Pauses between attempts to connect.
    backoff_limits reconnect{};
    /// Makes the byte stream of a connection; empty: `make_socket_transport`.
    transport_factory make_transport{};
    /// Is told when the connection is in trouble, and under which name.
    std::shared_ptr<work::redis::health> health{};
    std::string name{};
};

/// What a connection has done since it was made.
struct connection_stats
{
    std::uint64_t commands = 0;  ///< replies received
    std::uint64_t writes = 0;    ///< batches of calls that went out together
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t connections = 0;  ///< established ones; all but the first are reconnects
    std::uint64_t failures = 0;     ///< connections lost or not established
    std::uint64_t pushes = 0;       ///< out-of-band messages, which a connection drops
    std::size_t waiting = 0;        ///< calls not sent yet
    std::size_t sent = 0;           ///< calls sent and not answered yet
    std::chrono::nanoseconds last_round_trip{0};
    latency wait;        ///< of a call at a time: until it was sent
    latency round_trip;  ///< of the same ones: from there to its reply
    bool connected = false;
};

}  // namespace work::redis
