// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/command.hpp>
#include <work/redis/connection_options.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/reply.hpp>
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
