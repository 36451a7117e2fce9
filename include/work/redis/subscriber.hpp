// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/resp.hpp>
#include <work/redis/transport.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work::redis {

namespace detail {
class subscriber_core;
}

struct subscriber_options
{
    /// A connection that was silent for so long is asked for a sign of life, and torn down if it
    /// gives none for as long again.
    std::chrono::milliseconds ping_interval{10'000};
    resp_limits limits{};
    backoff_limits reconnect{};
    transport_factory make_transport{};
    /// Called whenever all channels are subscribed, after each (re)connection. What was published
    /// before it is lost: look for yourself now.
    std::function<void()> on_subscribed{};
};

/// What a subscriber has done since it was made.
struct subscriber_stats
{
    std::uint64_t messages = 0;
    std::uint64_t connections = 0;
    std::uint64_t failures = 0;
    bool connected = false;
};

/// A connection that listens to channels. It connects and subscribes again when it is lost.
/// Messages published meanwhile are lost, as always with Redis' pub/sub: nobody may rely on them.
///
/// \par Thread safety
/// None: use it from the thread or strand of its executor only.
class subscriber
{
public:
    /// Takes the channel and the message; both end with the call. An exception ends `run`.
    using message_handler = std::function<void(std::string_view channel, std::string_view payload)>;

    WORK_DECL subscriber(
        boost::asio::any_io_executor executor,
        endpoint server,
        subscriber_options options = subscriber_options()
    );
    subscriber(subscriber&&) noexcept = default;
    WORK_DECL subscriber& operator=(subscriber&&) noexcept;
    /// Closes it; a `run` under way ends.
    WORK_DECL ~subscriber();

    /// Listens until `close()`; returns then. At most one at a time. Holds outstanding work.
    ///
    /// \par Errors
    /// errc::refused if the server refuses us (password, permission); what `on_message` throws.
    /// That it can't be reached is no error: it tries again.
    ///
    /// \par Cancellation
    /// Use `close()`.
    WORK_DECL task<void> run(std::vector<std::string> channels, message_handler on_message);

    /// Listens to another channel from now on, or no longer to one.
    WORK_DECL void subscribe(std::string channel);
    WORK_DECL void unsubscribe(std::string_view channel);

    /// Ends `run`, for good.
    WORK_DECL void close();

    WORK_DECL subscriber_stats stats() const;

private:
    std::shared_ptr<detail::subscriber_core> core_;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/subscriber.ipp>
#endif
