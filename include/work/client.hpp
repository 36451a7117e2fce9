// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client_options.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace work {

class broker;

namespace detail {
struct client_core;
}

/// A connection to a broker, plus a namespace. `enqueuer`, `worker_pool` and `inspector` are thin
/// faces over it.
///
/// URLs: `redis://[user[:password]@]host[:port][/db]`, `unix:///path/redis.sock[?db=n]`, `memory:`
/// (in this process, private to this client), `memory:name` (shared by the clients of this process
/// that say the same name). `rediss://` is TLS, with `client_options::tls`.
///
/// It connects when it is first used. While nothing waits for an answer it holds no outstanding
/// work, so `io_context::run()` returns.
///
/// \par Lifetimes     destroying it ends what is under way with errc::closed.
/// \par Thread safety any thread, and `io` may be run by many: the client, what hangs on it and the
///                    handlers live on a strand of their own (`executor()`). A context made for one
///                    thread, `io_context io{1}`, needs none: run it by one thread, and use the
///                    client there only, but for enqueuing, which works from any thread.
class client
{
public:
    /// \par Errors errc::invalid_url, errc::invalid_option, errc::invalid_name. That the broker
    ///             can't be reached shows when it is used.
    WORK_DECL client(
        boost::asio::io_context& io,
        std::string_view url,
        client_options options = {}
    );
    /// For a broker of your own. All runs on its executor, which must run one thing at a time: that
    /// of an `io_context` which one thread runs, or a strand.
    client(
        boost::asio::io_context& io,
        std::shared_ptr<work::broker> broker,
        client_options options = {}
    )
        : client(io.get_executor(), std::move(broker), std::move(options))
    {}
    WORK_DECL client(
        boost::asio::any_io_executor executor,
        std::shared_ptr<work::broker> broker,
        client_options options = {}
    );
    WORK_DECL ~client();
    client(client&&) noexcept = default;
    client& operator=(client&&) = delete;

    /// Where the client lives, and where handlers run: `io`, or a strand on it.
    WORK_DECL boost::asio::any_io_executor executor() const;
    WORK_DECL client_options const& options() const noexcept;
    WORK_DECL std::shared_ptr<work::broker> const& broker() const noexcept;

    /// Answers at once whether the broker can be used: it is reached, its version will do, the user
    /// may run every command and touch the namespace's keys, and nothing is evicted. For the start
    /// of a program: `worker_pool::run()` and `enqueue` wait for a broker that is away.
    ///
    /// \par Errors errc::unavailable: it may go better later; errc::refused: somebody has to do
    ///             something first; errc::may_evict. The message says what.
    /// \par Cancellation terminal ends it with the answer it waits for, within 5 s
    WORK_DECL task<void> check();

    /// Sends a text to all listeners of a channel of the namespace. What nobody hears is lost.
    /// \par Errors       as `inspector`
    /// \par Cancellation terminal ends it; the text may be sent nevertheless
    /// \par Redis        PUBLISH
    WORK_DECL task<void> publish(std::string channel, std::string text);
    /// Calls `receive`, on `executor()`, for each text on the channel, until `end_subscriptions()`
    /// or the client's end; then it returns. Worker pools publish on "pools". While the server
    /// can't be reached it tries again, and what is sent meanwhile is not heard. An exception of
    /// `receive` is logged, the first time, and it goes on.
    /// \par Errors       errc::refused: the user may not listen to the channel
    /// \par Cancellation terminal ends it
    /// \par Redis        SUBSCRIBE, on a connection of its own
    WORK_DECL task<void> listen(std::string channel, std::function<void(std::string_view)> receive);
    /// Every `listen` under way returns. Thread safety: as the client.
    WORK_DECL void end_subscriptions();

    /// Ends everything under way with errc::closed; nothing works after it. The `run()` of a pool
    /// ends so within its grace, and gives its jobs back or leaves them to their leases.
    /// Idempotent; thread safety: as the client.
    WORK_DECL void close();

    std::shared_ptr<detail::client_core> const& core() const noexcept { return core_; }

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/client.ipp>
#endif
