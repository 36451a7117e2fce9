// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/options.hpp>
#include <work/error.hpp>
#include <work/redis/backoff.hpp>
#include <work/redis/command.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/error_table.hpp>
#include <work/task.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace work::detail {

/// Throws errc::may_evict if the reply to CONFIG GET maxmemory-policy says so. A server that does
/// not tell is believed to be set right.
inline void check_policy_reply(redis::reply const& reply, bool allow_eviction)
{
    std::string policy;
    if (!reply.is_error() && reply.size() >= 2)
        policy = reply[1].text();
    if (policy.starts_with("allkeys-") && !allow_eviction)
        throw error(
            errc::may_evict,
            "the server's maxmemory-policy is " + policy +
                ", so it may drop jobs without a word; set it to noeviction, or set "
                "client_options::allow_eviction"
        );
}

/// What a broker knows of the server's maxmemory-policy: evicted jobs would be lost without a word.
class redis_policy
{
public:
    bool known() const noexcept { return known_; }

    /// Asks before the first jobs are sent: whatever comes of the question, they were not stored.
    task<void> ask(redis::connection& on, redis_broker_options const& options)
    {
        using clock = std::chrono::steady_clock;
        redis::command const one("CONFIG", "GET", "maxmemory-policy");
        auto const until = clock::now() + options.enqueue_deadline;
        redis::backoff pauses;
        for (unsigned attempt = 1;; ++attempt) {
            std::string why;
            redis::reply reply;
            try {
                redis::call_options patience;
                patience.deadline = until - clock::now();
                patience.silence = options.attempt_deadline;
                reply = co_await on.execute_ref(one, patience);
            } catch (error const& failure) {
                if (failure.code() != errc::outcome_unknown && failure.code() != errc::unavailable)
                    throw;
                why = failure.what();
            }
            if (why.empty() && reply.is_error() && is_passing(reply.text()))
                why = reply.text().substr(0, 256);
            if (why.empty()) {
                check_policy_reply(reply, options.allow_eviction);
                known_ = true;
                co_return;
            }
            if (clock::now() >= until)
                throw error(
                    errc::unavailable,
                    "the broker could not be asked for its maxmemory-policy; nothing was stored, "
                    "try again later (last: " +
                        why + ")"
                );
            boost::asio::steady_timer pause(on.get_executor());
            pause.expires_at(std::min(until, clock::now() + pauses.pause(attempt)));
            co_await pause.async_wait(boost::asio::use_awaitable);
        }
    }

private:
    static bool is_passing(std::string_view text)
    {
        auto const act = redis::classify(text);
        return act == redis::action::retry || act == redis::action::reconnect;
    }

    bool known_ = false;
};

}  // namespace work::detail
