// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/values/failure.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace work {

/// What `worker_pool::on` tells of. Of a job: what happened to one that the pool held, after the
/// broker stored it.
enum class event {
    started,      ///< the pool runs
    stopped,      ///< it ended; nothing of it runs any more
    quieted,      ///< it claims nothing any more
    retry,        ///< an attempt failed, and there will be another
    dead,         ///< a job is dead: out of attempts, `work::fatal`, killed, or killing its process
    cancelled,    ///< somebody cancelled a job that the pool held
    lease_lost,   ///< another pool may run the job; what this one said about it changed nothing
    broker_away,  ///< connections to the broker have been in trouble for half a second or longer
    broker_back,  ///< and are well again
    stalled,      ///< a handler kept the pool's thread for two seconds; told when it is free again
};
BOOST_DESCRIBE_ENUM(
    event,
    started,
    stopped,
    quieted,
    retry,
    dead,
    cancelled,
    lease_lost,
    broker_away,
    broker_back,
    stalled
)

WORK_DECL std::string_view to_string(event what) noexcept;

/// An event, as its hooks get it. What does not go with the event, or is not known, is empty.
struct event_info
{
    work::event event = work::event::started;
    std::int64_t at_ms = 0;  ///< by the broker's clock, in ms since 1970
    std::string pool;        ///< its id
    std::string pool_name;   ///< `pool_options::name`

    std::string job;  ///< its id
    std::string name;
    std::string queue;
    int attempt = 0;
    int max_attempts = 0;
    std::int64_t fence = 0;
    std::int64_t duration_ms = 0;          ///< so long the attempt ran; stalled: so long it lasted
    std::int64_t next_at_ms = 0;           ///< retry: not before this time
    std::optional<work::failure> failure;  ///< retry and dead: of this attempt
    std::string args;                      ///< retry and dead: JSON text, as stored
    std::string reason;                    ///< why, where there is more to say

    friend bool operator==(event_info const&, event_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    event_info,
    (),
    (event,
     at_ms,
     pool,
     pool_name,
     job,
     name,
     queue,
     attempt,
     max_attempts,
     fence,
     duration_ms,
     next_at_ms,
     failure,
     args,
     reason)
)

/// One line of JSON with all members. What is no valid UTF-8 is replaced.
WORK_DECL std::string encode_event(event_info what);

/// Events wait for their hooks, at most so many; those above are dropped, and counted.
inline constexpr int max_waiting_events = 1024;
/// And at most so many bytes of arguments wait with them.
inline constexpr std::int64_t max_waiting_event_bytes = 64 << 20;

/// May stand in `worker_pool::on`: takes an `event_info const&`, and returns nothing, or a
/// `task<void>` that is awaited.
template <typename Hook>
concept event_hook = std::is_copy_constructible_v<Hook> &&
                     (std::is_void_v<std::invoke_result_t<Hook&, event_info const&>> ||
                      std::same_as<std::invoke_result_t<Hook&, event_info const&>, task<void>>);

namespace detail {

/// A hook of either form: that of a plain function gives no task to wait for.
using erased_hook = std::function<task<void>(event_info const&)>;

/// Pointers to functions, and `std::function`.
template <typename Hook>
inline constexpr bool may_be_empty = std::is_pointer_v<Hook>;
template <typename Signature>
inline constexpr bool may_be_empty<std::function<Signature>> = true;

template <event_hook Hook>
erased_hook erase_hook(Hook hook)
{
    if constexpr (std::is_void_v<std::invoke_result_t<Hook&, event_info const&>>)
        return [hook = std::move(hook)](event_info const& what) mutable {
            hook(what);
            return task<void>();
        };
    else
        return erased_hook(std::move(hook));
}

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/events.ipp>
#endif
