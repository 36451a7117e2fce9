// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/script.hpp>
#include <work/task.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace work::redis {

struct script_options
{
    /// From the call to its end, repetitions included; `no_deadline`: as long as it takes.
    std::chrono::steady_clock::duration deadline = std::chrono::seconds(10);
    /// Of one attempt: a connection that neither takes nor gives a byte for so long is torn down.
    std::chrono::steady_clock::duration attempt_deadline = std::chrono::seconds(5);
    /// Of one attempt in all, for a large answer over a slow link.
    std::chrono::steady_clock::duration attempt_limit = std::chrono::seconds(60);
    /// Is told when a call is sent again because its reply did not come, and why.
    std::function<void(std::string_view why)> repeated{};
    /// The script knows the call again by a number or an id in it, so it may be sent twice.
    bool repeatable = false;
    /// An -OOM is returned as a reply instead of thrown as errc::full.
    bool return_oom = false;
};

/// What a script_runner has done since it was made.
struct script_stats
{
    std::uint64_t calls = 0;
    std::uint64_t loads = 0;        ///< bodies sent, since the server didn't have the script
    std::uint64_t repetitions = 0;  ///< calls sent again
};

/// Runs scripts over connections: EVALSHA, then EVAL once if the server doesn't have the script.
///
/// A `repeatable` call is sent again, the same bytes, when the connection was lost, an attempt took
/// too long, or the server said "not now" (LOADING, BUSY, READONLY, MISCONF … see `action`), with
/// pauses of 50 ms to 2 s, until its deadline. A call that was never sent is sent again in any
/// case.
///
/// \par Errors
/// errc::outcome_unknown whenever an attempt was sent and its reply lost, whatever its repetitions
/// came to. Else it was certainly not carried out: errc::unavailable; errc::full: the server is at
/// maxmemory; errc::refused: any other error reply, its text (up to 256 bytes; it may hold what
/// callers sent) in the message; errc::closed: the connection was closed before the call was sent.
///
/// \par Thread safety
/// None: use it where its connections are used.
class script_runner
{
public:
    WORK_DECL explicit script_runner(backoff_limits pauses = backoff_limits());

    /// Runs the script. `call` must stay alive and unchanged until the call has ended.
    WORK_DECL task<reply> run(
        connection& on,
        script_call& call,
        script_options options = script_options()
    );
    /// Runs the script. The views are read before this returns.
    WORK_DECL task<reply> run(
        connection& on,
        script const& program,
        std::string_view key,
        std::vector<std::string_view> const& arguments,
        script_options options = script_options()
    );

    script_stats stats() const noexcept { return state_->stats; }

private:
    struct state
    {
        explicit state(backoff_limits limits) : pauses(limits) {}
        backoff pauses;
        script_stats stats;
    };
    static task<reply> run_owned(
        std::shared_ptr<state> self,
        connection& on,
        script_call call,
        script_options options
    );
    static task<reply> run_loop(
        std::shared_ptr<state> self,
        connection& on,
        script_call& call,
        script_options options
    );

    std::shared_ptr<state> state_;
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/script_runner.ipp>
#endif
