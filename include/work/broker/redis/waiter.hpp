// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/redis/bodies.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/options.hpp>
#include <work/broker/redis/port.hpp>
#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/health.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Waits for wakeups: a BLPOP for each pool that waits, on a connection of its own, with a claim on
/// wake behind it.
class redis_waiter
{
public:
    redis_waiter(
        boost::asio::any_io_executor executor,
        redis::endpoint server,
        std::string prefix,
        redis_broker_options options,
        redis_port& commands,
        redis_port& large,
        std::shared_ptr<broker_clock> clock,
        std::shared_ptr<redis::health> health
    )
        : executor_(std::move(executor)),
          server_(std::move(server)),
          prefix_(std::move(prefix)),
          options_(std::move(options)),
          commands_(commands),
          large_(large),
          clock_(std::move(clock)),
          health_(std::move(health))
    {}

    /// As `broker::wait`.
    task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds at_most,
        exchange_request on_wake
    )
    {
        std::uint64_t const wakes = wakes_;
        if (!claim_on_wake_loaded_ && !on_wake.pool.empty())
            co_await load_claim_on_wake();
        // Of none that is left the script tells whether jobs wait whose wakeup was lost.
        bool const leaves_claim = on_wake.want > 0 && claim_on_wake_loaded_;
        if (leaves_claim)
            at_most = std::min(at_most, claim_stands);
        // Never a timeout below 50 ms: Redis takes a very small one for none.
        auto const timeout = std::max<std::int64_t>(at_most.count(), 50);
        redis::command some = pop_wakeup(pool, lists, timeout);
        if (wakes != wakes_) {
            wait_answer woken;
            woken.woken = true;
            co_return woken;
        }
        bool const leaves_script = claim_on_wake_loaded_ && !on_wake.pool.empty();
        if (leaves_script) {
            // What is sent behind a BLPOP is carried out by the server the moment that it ends.
            redis::script_call call(commands_.scripts().claim_on_wake, prefix_, 256);
            redis_codec::encode(call, on_wake);
            some.push_encoded(call.evalsha());
        }
        redis::call_options options;
        options.deadline = std::chrono::milliseconds(timeout) + options_.attempt_deadline;
        // A connection for each pool: a BLPOP blocks all that come behind it.
        std::shared_ptr<waiting_connection>& own = waiting_[pool];
        if (!own)
            own = make_waiting_connection();
        std::shared_ptr<waiting_connection> const connection = own;
        std::vector<redis::reply> replies;
        wait_answer answer;
        bool sent = false;
        try {
            if (leaves_claim &&
                std::chrono::steady_clock::now() - connection->answered > answers_lately) {
                redis::command const sign_of_life("PING");
                redis::call_options soon;
                soon.deadline = options_.attempt_deadline;
                co_await connection->connection.execute_ref(sign_of_life, soon);
            }
            sent = true;
            replies = co_await connection->connection.execute_all(std::move(some), options);
            connection->answered = std::chrono::steady_clock::now();
        } catch (error const& failure) {
            // Without the server's word that nothing came, what was left may have been carried out.
            if (failure.code() != errc::closed || closed_) {
                if (sent || !leaves_claim)
                    throw;
                answer.failed = true;
                co_return answer;
            }
            answer.woken = true;  // it may have taken a wakeup
            answer.unsure = leaves_claim && sent;
        }
        if (replies.empty())
            co_return answer;
        redis::reply const& wakeup = replies.front();
        bool const misused = wakeup.is_error() && wakeup.text().starts_with("WRONGTYPE");
        answer.woken = !wakeup.is_null();
        if (wakeup.is_aggregate())
            answer.of = wakeup[0].text().substr(prefix_.size() + std::string_view("wake:").size());
        if (replies.size() > 1)
            take_claim_on_wake(answer, std::move(replies[1]), on_wake);
        if (answer.claimed)
            co_await redis_codec::attach_missing(
                commands_.connection(),
                large_.connection(),
                prefix_,
                *answer.claimed
            );
        // A wakeup to the pool itself is about more than one job.
        if (answer.claimed && wakeup.is_aggregate() && wakeup[0].text() != prefix_ + "wake:" + pool)
            answer.woken = false;
        if (misused)
            co_await heal_wakeups(std::move(lists), std::move(pool));
        else if (!answer.claimed)
            throw_if_error(wakeup, "wait");
        co_return answer;
    }

    /// As `broker::wait_anew`. The wakeup is taken by the wait; should that be gone, it goes soon.
    task<void> wait_anew(std::string pool)
    {
        std::string const key = prefix_ + "wake:" + pool;
        redis::command give("RPUSH", key, 1);
        give.push("PEXPIRE", key, 60'000);
        redis::call_options options;
        options.deadline = options_.attempt_deadline;
        std::vector<redis::reply> const replies =
            co_await commands_.connection().execute_all(std::move(give), options);
        throw_if_error(replies.front(), "wake a pool");
    }

    /// Ends every wait under way.
    void wake()
    {
        ++wakes_;
        for (auto const& [pool, connection] : std::exchange(waiting_, {}))
            connection->connection.close();
    }

    void forget(std::string const& pool) { waiting_.erase(pool); }

    void close()
    {
        closed_ = true;
        wake();
    }

private:
    static constexpr std::chrono::seconds read_deadline{10};

    // How long a claim stands, on a connection whose last answer is no older than the other.
    static constexpr std::chrono::milliseconds claim_stands{4'000};
    static constexpr std::chrono::milliseconds answers_lately{250};

    struct waiting_connection
    {
        redis::connection connection;
        std::chrono::steady_clock::time_point answered{};
    };
    std::shared_ptr<waiting_connection> make_waiting_connection()
    {
        return std::shared_ptr<waiting_connection>(new waiting_connection{
            redis::connection(executor_, server_, connection_for("wait", options_, health_))
        });
    }

    redis::command pop_wakeup(
        std::string const& pool,
        std::vector<std::string> const& lists,
        std::int64_t timeout_ms
    ) const
    {
        redis::command pop;
        pop.begin(lists.size() + 3).arg("BLPOP");
        for (std::string const& list : lists)
            pop.arg(prefix_ + "wake:" + list);
        pop.arg(prefix_ + "wake:" + pool);
        std::string const thousandths = std::to_string(1000 + timeout_ms % 1000).substr(1);
        pop.arg(std::to_string(timeout_ms / 1000) + "." + thousandths);
        return pop;
    }

    // What it brought; a number or null: nothing, and whether jobs wait.
    void take_claim_on_wake(
        wait_answer& answer,
        redis::reply reply,
        exchange_request const& on_wake
    )
    {
        if (reply.is_error()) {
            auto const act = redis::classify(reply.text());
            if (act == redis::action::load_script)
                claim_on_wake_loaded_ = false;
            answer.unsure = on_wake.want > 0 && act == redis::action::surface;
        } else if (!reply.is_aggregate()) {
            answer.woken = answer.woken || !reply.is_null();
        } else {
            exchange_answer claimed = redis_codec::decode_exchange(std::move(reply), on_wake);
            // It lay unread while this process or its thread stood still: is it still ours?
            std::int64_t const now = clock_->now_ms();
            answer.unsure = now != 0 && now - claimed.now_ms > on_wake.lease_ms / 3;
            if (answer.unsure)
                return;
            clock_->heard(claimed.now_ms);
            answer.claimed = std::move(claimed);
        }
    }

    // For a pool of no name it changes nothing. Without it a pool waits for wakeups alone.
    task<void> load_claim_on_wake()
    {
        std::vector<std::string> const nobody(1);
        try {
            co_await commands_.run(commands_.scripts().claim_on_wake, nobody, read_deadline);
            claim_on_wake_loaded_ = true;
        } catch (error const& failure) {
            if (failure.code() == errc::closed || failure.code() == errc::unavailable)
                throw;
        }
    }

    // Somebody wrote something else where our wakeups are.
    task<void> heal_wakeups(std::vector<std::string> lists, std::string pool)
    {
        lists.push_back(std::move(pool));
        for (std::string const& list : lists) {
            redis::command type("TYPE", prefix_ + "wake:" + list);
            redis::reply const reply = co_await commands_.execute(std::move(type));
            if (reply.text() == "list" || reply.text() == "none")
                continue;
            redis::command rename(
                "RENAME",
                prefix_ + "wake:" + list,
                prefix_ + "aside:wake:" + list
            );
            co_await commands_.execute(std::move(rename));
        }
    }

    boost::asio::any_io_executor executor_;
    redis::endpoint server_;
    std::string prefix_;
    redis_broker_options options_;
    redis_port& commands_;
    redis_port& large_;
    std::shared_ptr<broker_clock> clock_;
    std::shared_ptr<redis::health> health_;
    std::map<std::string, std::shared_ptr<waiting_connection>> waiting_;  // by pool
    bool claim_on_wake_loaded_ = false;
    std::uint64_t wakes_ = 0;
    bool closed_ = false;
};

}  // namespace work::detail
