// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/broker_clock.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/options.hpp>
#include <work/broker/redis/scripts/set.hpp>
#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/health.hpp>
#include <work/redis/script_runner.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// A deadline of 0 means none.
inline redis::script_options repeatable(
    std::chrono::steady_clock::duration deadline,
    std::chrono::milliseconds attempt
)
{
    redis::script_options o;
    o.deadline = deadline <= deadline.zero() ? redis::no_deadline : deadline;
    o.attempt_deadline = attempt;
    o.repeatable = true;
    return o;
}

/// A mistake in a key by hand, or a reply that is none of ours, must not end a loop silently.
inline void throw_if_error(redis::reply const& r, std::string_view doing)
{
    if (!r.is_error())
        return;
    throw error(
        errc::refused,
        "the server refused to " + std::string(doing) + ": " + std::string(r.text().substr(0, 256))
    );
}

inline std::vector<std::string> texts(redis::value array)
{
    std::vector<std::string> all;
    for (redis::value const v : array)
        all.emplace_back(v.text());
    return all;
}

inline std::int64_t first_score(redis::reply const& r)
{
    if (r.is_error() || r.empty())
        return 0;
    // RESP3 pairs members with their scores, RESP2 lays them flat.
    redis::value const first = r[0];
    return static_cast<std::int64_t>(first.is_aggregate() ? first[1].number() : r[1].number());
}

inline std::shared_ptr<redis::health> make_health(
    redis::endpoint const& server,
    work::logger logger
)
{
    auto tell = [logger = std::move(logger)](bool over, std::string const& line) {
        if (logger)
            logger(over ? log_level::info : log_level::warning, line);
    };
    return std::make_shared<redis::health>(redis::describe(server), std::move(tell));
}

inline redis::connection_options connection_for(
    std::string name,
    redis_broker_options const& options,
    std::shared_ptr<redis::health> health
)
{
    redis::connection_options o;
    o.name = std::move(name);
    o.make_transport = options.make_transport;
    o.health = std::move(health);
    o.reconnect = options.reconnect;
    return o;
}

/// One connection and what is needed to run scripts on it.
class redis_port final : public lease_port
{
public:
    redis_port(
        boost::asio::any_io_executor executor,
        redis::endpoint server,
        std::string name,
        std::string prefix,
        redis_broker_options options,
        std::shared_ptr<broker_clock> clock,
        std::shared_ptr<redis::health> health
    )
        : prefix_(std::move(prefix)),
          name_(name),
          attempt_(options.attempt_deadline),
          scripts_(
              options.test_clock ? scripts::set::on_test_clock() : scripts::set::on_server_clock()
          ),
          clock_(std::move(clock)),
          health_(std::move(health)),
          logger_(options.logger),
          connection_(
              std::move(executor),
              std::move(server),
              connection_for(std::move(name), options, health_)
          )
    {}

    task<exchange_answer> exchange(exchange_request request) override
    {
        redis::script const& program = request.lean ? scripts_.lean_exchange : scripts_.exchange;
        redis::script_call call(program, prefix_, 64 + 40 * request.finished.size());
        redis_codec::encode(call, request);
        // A silent link is noticed while the lease of what rides on it still runs.
        auto const attempt = std::min(
            attempt_,
            std::max(std::chrono::milliseconds(request.lease_ms / 3), shortest_attempt)
        );
        auto options = repeatable(std::chrono::milliseconds(request.deadline_ms), attempt);
        options.repeated = [this](std::string_view why) { log_repetition(why); };
        redis::reply reply;
        try {
            reply = co_await run_making_room(call, options);
        } catch (error const& failure) {
            // A number sent again gets its answer, so nothing is unknown but to who goes away.
            if (failure.code() == errc::outcome_unknown && connection_.closed())
                throw error(errc::closed);
            throw;
        }
        exchange_answer answer = redis_codec::decode_exchange(std::move(reply), request);
        clock_->heard(answer.now_ms);
        co_return answer;
    }

    task<bool> heartbeat(std::string pool, std::string status, std::chrono::milliseconds shown_for)
        override
    {
        std::string const key = prefix_ + "status:" + pool;
        redis::command const set("SET", key, status, "PX", shown_for.count(), "GET");
        redis::call_options options;
        options.deadline = attempt_;
        redis::reply reply = co_await connection_.execute_ref(set, options);
        if (reply.is_error() && redis::error_word(reply.text()) == "WRONGTYPE") {
            redis::command const over("SET", key, status, "PX", shown_for.count());
            reply = co_await connection_.execute_ref(over, options);
        }
        throw_if_error(reply, "store a pool's status");
        co_return !reply.is_null();
    }

    task<bool> heartbeat_together(shared_status all, std::chrono::milliseconds shown_for) override
    {
        redis::command some;
        for (std::string const& pool : all.left)
            some.push("HDEL", prefix_ + "pool:" + pool, "home");
        for (std::string const& pool : all.joined)
            some.push("HSET", prefix_ + "pool:" + pool, "home", all.home);
        std::string const text = redis_codec::encode_statuses(all.pools);
        std::string const key = prefix_ + "status:" + all.home;
        some.push("SET", key, text, "PX", shown_for.count(), "GET");
        redis::call_options options;
        options.deadline = attempt_;
        std::vector<redis::reply> replies =
            co_await connection_.execute_all(std::move(some), options);
        redis::reply& set = replies.back();
        if (set.is_error() && redis::error_word(set.text()) == "WRONGTYPE") {
            redis::command const over("SET", key, text, "PX", shown_for.count());
            redis::reply overwritten = co_await connection_.execute_ref(over, options);
            set = std::move(overwritten);
        }
        bool known = !replies.back().is_null();
        for (redis::reply const& reply : replies) {
            // An exchange puts a key aside that is none of ours; then it comes here again.
            bool const misused = reply.is_error() && redis::error_word(reply.text()) == "WRONGTYPE";
            known = known && !misused;
            if (!misused)
                throw_if_error(reply, "store the status of pools");
        }
        co_return known;
    }

    task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override
    {
        lists.insert(lists.begin(), std::move(pool));
        co_await run(scripts_.leave, lists, deadline);
    }

    void close() override { connection_.close(); }

    task<redis::reply> run(
        redis::script const& program,
        std::vector<std::string> const& arguments,
        std::chrono::steady_clock::duration deadline
    )
    {
        redis::script_call call(program, prefix_);
        for (std::string const& a : arguments)
            call.arg(a);
        auto const options = repeatable(deadline, attempt_);
        co_return co_await runner_.run(connection_, call, options);
    }

    task<redis::reply> execute(redis::command one)
    {
        redis::call_options options;
        options.deadline = std::chrono::seconds(10);
        redis::reply reply = co_await connection_.execute_ref(one, options);
        throw_if_error(reply, "answer");
        co_return reply;
    }

    /// What its connection has done.
    broker_link link() const
    {
        redis::connection_stats stats = connection_.stats();
        broker_link shown;
        shown.name = name_;
        shown.connected = stats.connected;
        shown.commands = static_cast<std::int64_t>(stats.commands);
        shown.reconnects =
            std::max<std::int64_t>(0, static_cast<std::int64_t>(stats.connections) - 1);
        shown.waiting = static_cast<std::int64_t>(stats.waiting);
        shown.wait = stats.wait;
        shown.round_trip = stats.round_trip;
        return shown;
    }
    redis::connection& connection() noexcept { return connection_; }
    redis::script_runner& runner() noexcept { return runner_; }
    /// Runs it again while the server is full and something can be dropped for it.
    task<redis::reply> run_making_room(
        redis::script_call& call,
        redis::script_options const& options
    )
    {
        for (;;) {
            redis::reply reply;
            std::exception_ptr full;
            try {
                reply = co_await runner_.run(connection_, call, options);
            } catch (error const& failure) {
                if (failure.code() != errc::full || !make_room_)
                    throw;
                full = std::current_exception();
            }
            if (!full)
                co_return reply;
            std::int64_t const freed = co_await make_room_();
            if (freed == 0)
                std::rethrow_exception(full);
        }
    }
    /// Drops what is kept for people when the server is full; how much went.
    void when_full(std::function<task<std::int64_t>()> make_room)
    {
        make_room_ = std::move(make_room);
    }
    scripts::set const& scripts() const noexcept { return scripts_; }

private:
    static constexpr std::chrono::milliseconds shortest_attempt{250};

    // Where the connections are in trouble, they say so. Else a link that loses answers again and
    // again is told once in a while.
    void log_repetition(std::string_view why)
    {
        ++repeated_;
        auto const now = std::chrono::steady_clock::now();
        if (!logger_ || now < tell_again_ || !health_->trouble().empty())
            return;
        tell_again_ = now + redis::health::interval;
        logger_(
            log_level::warning,
            "an exchange is sent again, as its answer did not come (" +
                std::to_string(std::exchange(repeated_, 0)) +
                " since the last such line): " + std::string(why)
        );
    }

    std::string prefix_;
    std::string name_;
    std::chrono::milliseconds attempt_;
    scripts::set const& scripts_;
    std::shared_ptr<broker_clock> clock_;
    std::shared_ptr<redis::health> health_;
    work::logger logger_;
    std::function<task<std::int64_t>()> make_room_;
    std::uint64_t repeated_ = 0;
    std::chrono::steady_clock::time_point tell_again_{};
    redis::connection connection_;
    redis::script_runner runner_;
};

/// Plain commands in one pipeline, which must all succeed. `doing` is a literal.
inline task<std::vector<redis::reply>> run_all(
    redis_port& port,
    redis::command some,
    std::string_view doing
)
{
    redis::call_options options;
    options.deadline = std::chrono::seconds(10);
    std::vector<redis::reply> replies =
        co_await port.connection().execute_all(std::move(some), options);
    for (redis::reply const& one : replies) {
        if (one.is_error() && redis::error_word(one.text()) == "OOM")
            throw error(errc::full, "the server is out of memory");
        throw_if_error(one, doing);
    }
    co_return replies;
}

}  // namespace work::detail
