// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/command.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/health.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/resp.hpp>
#include <work/redis/transport.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work::redis {

namespace detail {
class connection_core;
}

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
    bool connected = false;
};

/// One connection to Redis, shared by any number of coroutines.
///
/// What is ready when the connection can be written goes out in one write; replies are matched in
/// order. It connects when it is first used, and again when the connection was lost, with pauses
/// of 50 ms to 2 s, for as long as calls wait. While no call waits it holds no outstanding work,
/// so `io_context::run()` returns, and keeps the connection.
///
/// A blocking command (BLPOP) blocks all calls behind it: give it a connection of its own, with a
/// deadline above its timeout. So should values over 64 KiB have a connection of their own.
///
/// \par Errors
/// Thrown out of the awaitables, all work::error: errc::unavailable (never sent),
/// errc::outcome_unknown (sent, and the connection was lost before the reply), errc::refused (wrong
/// password, or the server is of no use; its text is in the message), errc::buffer_full,
/// errc::closed. A reply that is an error is returned as a reply (`reply::is_error()`).
/// READONLY, UNBLOCKED, MASTERDOWN, NOAUTH and WRONGPASS end the connection after the replies
/// that are still due, so that the next call connects anew.
///
/// \par Cancellation
/// Unsent calls are taken back (all types); the replies of sent ones are dropped when they come
/// (terminal, partial), and the server carries them out or not. They end with
/// boost::asio::error::operation_aborted.
///
/// \par Lifetimes
/// A connection may be destroyed while calls are pending: they fail with errc::closed. In a child
/// made by fork() a connection that had connected fails every call with errc::forked, and leaves
/// the connection to the parent; one that had not connects there. Calls that the parent had begun
/// fail in the child with errc::forked.
///
/// \par Thread safety
/// None: use it from the thread or strand of its executor only.
class connection
{
public:
    WORK_DECL connection(
        boost::asio::any_io_executor executor,
        endpoint server,
        connection_options options = connection_options()
    );
    connection(connection&&) noexcept = default;
    WORK_DECL connection& operator=(connection&&) noexcept;
    WORK_DECL ~connection();

    /// Sends one command and waits for its reply.
    WORK_DECL task<reply> execute(command one, call_options options = call_options());
    /// The same without a copy: `one` must stay alive and unchanged until the call has ended.
    WORK_DECL task<reply> execute_ref(command const& one, call_options options = call_options());
    /// The same for one command that is already encoded. The bytes must stay alive and unchanged
    /// until the call has ended.
    WORK_DECL task<reply> execute_raw(
        std::string_view bytes,
        call_options options = call_options()
    );
    /// Sends some commands behind each other and waits for all their replies.
    WORK_DECL task<std::vector<reply>> execute_all(
        command some,
        call_options options = call_options()
    );

    /// Fails all calls, now and from now on, with errc::closed, and closes the connection.
    WORK_DECL void close();
    /// Was it closed, or is this a child process of the one that used it?
    WORK_DECL bool closed() const noexcept;

    WORK_DECL connection_stats stats() const;
    WORK_DECL endpoint const& server() const noexcept;
    WORK_DECL boost::asio::any_io_executor get_executor() const;

private:
    std::shared_ptr<detail::connection_core> core_;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/connection.ipp>
#endif
