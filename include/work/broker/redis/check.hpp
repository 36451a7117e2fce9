// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/policy.hpp>
#include <work/broker/redis/scripts/bundle.hpp>
#include <work/error.hpp>
#include <work/redis/advice.hpp>
#include <work/redis/command.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/handshake.hpp>
#include <work/redis/transport.hpp>
#include <work/task.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace work::detail {

/// Every command that the scripts and the broker use, as it is tried: @x is a key of the namespace,
/// #x a channel.
inline constexpr std::string_view tried_commands[] = {
    "TIME",
    "SET @s 1 PX 1000",
    "GET @s",
    "GETEX @s PX 1000",
    "INCRBY @n 1",
    "MGET @s",
    "APPEND @s a",
    "SETRANGE @s 0 a",
    "GETRANGE @s 0 1",
    "BITFIELD @s OVERFLOW SAT INCRBY u32 #0 1",
    "PEXPIRE @s 1000",
    "PTTL @s",
    "EXISTS @s",
    "TYPE @s",
    "HSET @h f v",
    "HSETNX @h g v",
    "HGET @h f",
    "HSTRLEN @h f",
    "HMGET @h f",
    "HEXISTS @h f",
    "HINCRBY @h n 1",
    "HGETALL @h",
    "HLEN @h",
    "HKEYS @h",
    "HVALS @h",
    "HSCAN @h 0",
    "HRANDFIELD @h 1 WITHVALUES",
    "HDEL @h f n",
    "RPUSH @l a",
    "LPUSH @l b",
    "LLEN @l",
    "LRANGE @l 0 -1",
    "LINDEX @l 0",
    "LPOS @l a",
    "LSET @l 0 c",
    "LREM @l 0 c",
    "LTRIM @l 0 -1",
    "LPOP @l",
    "BLPOP @l 0.05",
    "RENAME @s @m",
    "SADD @t a",
    "SISMEMBER @t a",
    "SMISMEMBER @t a",
    "SMEMBERS @t",
    "SRANDMEMBER @t 1",
    "SSCAN @t 0",
    "SCARD @t",
    "SREM @t a",
    "ZADD @z 1 a",
    "ZINCRBY @z 1 a",
    "ZCARD @z",
    "ZCOUNT @z 0 1",
    "ZRANDMEMBER @z 1",
    "ZSCAN @z 0",
    "ZRANGE @z 0 0",
    "ZRANGEBYSCORE @z 0 1",
    "ZREVRANGE @z 0 0",
    "ZSCORE @z a",
    "ZMSCORE @z a",
    "ZINTER 2 @z @t",
    "ZINTERCARD 2 @z @t",
    "ZREM @z a",
    "ZREMRANGEBYSCORE @z 0 1",
    "ZREMRANGEBYRANK @z 0 0",
    "ZPOPMAX @z",
    "ZPOPMIN @z",
    "UNLINK @m",
    "PUBLISH #check check",
    "WAIT 0 1",
    "DEL @h @l @m @n @s @t @z",
};

/// Asks a server once, over a connection of its own, whether it can serve the namespace.
class redis_check
{
public:
    redis_check(redis::endpoint server, std::string prefix, bool allow_eviction)
        : server_(std::move(server)),
          prefix_(std::move(prefix)),
          allow_eviction_(allow_eviction)
    {}

    task<void> run(redis::transport& link)
    {
        std::exception_ptr failure;
        try {
            co_await ask_all(link);
        } catch (...) {
            failure = std::current_exception();
        }
        // Whatever its requests made of it.
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none)
            throw boost::system::system_error(boost::asio::error::operation_aborted, "check");
        if (failure)
            std::rethrow_exception(failure);
    }

private:
    task<void> ask_all(redis::transport& link)
    {
        co_await redis::establish(link, incoming_, server_);
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        timer.expires_after(server_.connect_timeout);
        auto const over = std::make_shared<bool>(false);
        timer.async_wait([over, to_close = &link](boost::system::error_code failure) {
            if (!failure && !*over)
                to_close->close();
        });
        std::exception_ptr failure;
        std::string lost;
        try {
            co_await try_rights(link);
            redis::command const policy("CONFIG", "GET", "maxmemory-policy");
            redis::reply const told = co_await ask(link, policy);
            check_policy_reply(told, allow_eviction_);
            redis::command const listen("SUBSCRIBE", prefix_ + "events:check");
            redis::reply const heard = co_await ask(link, listen);
            if (heard.is_error())
                refused("SUBSCRIBE", heard.text());
        } catch (error const&) {
            failure = std::current_exception();
        } catch (boost::system::system_error const& e) {
            lost = e.code().message();
        }
        *over = true;
        timer.cancel();
        link.close();
        if (failure)
            std::rethrow_exception(failure);
        if (!lost.empty())
            throw error(
                errc::unavailable,
                "the Redis server " + redis::describe(server_) +
                    " greeted us and then gave no answer: " + lost
            );
    }

    task<redis::reply> ask(redis::transport& link, redis::command const& one)
    {
        std::string bytes(one.bytes());
        co_await redis::send(link, std::move(bytes));
        co_return co_await redis::receive_reply(link, incoming_);
    }

    [[noreturn]] void refused(std::string_view what, std::string_view text) const
    {
        auto const act = redis::classify(text);
        std::string const fault = redis::script_fault(text);
        throw error(
            act == redis::action::retry ? errc::unavailable : errc::refused,
            "the Redis server " + redis::describe(server_) + " answered " + std::string(what) +
                " with \"" + std::string(text.substr(0, 256)) + "\"; " +
                (!fault.empty()                ? fault
                 : text.starts_with("NOPERM ") ? grant()
                                               : redis::advice(server_, text))
        );
    }

    task<void> try_rights(redis::transport& link)
    {
        redis::command one;
        one.begin(4 + std::size(tried_commands));
        one.arg("EVAL")
            .arg(scripts::try_commands(scripts::server_surroundings))
            .arg(1)
            .arg(prefix_);
        for (std::string_view const line : tried_commands)
            one.arg(line);
        redis::reply const told = co_await ask(link, one);
        if (told.is_error())
            refused("EVAL", told.text());
        std::string const denied(told[0].text());
        if (!denied.empty())
            throw error(
                errc::refused,
                "the user " + (server_.username.empty() ? "default" : server_.username) +
                    " of the Redis server " + redis::describe(server_) + " may not run " + denied +
                    "; " + grant()
            );
        if (!told[1].text().empty())
            refused("a script", told[1].text());
    }

    std::string grant() const
    {
        return "an administrator can give what is missing: ACL SETUSER <user> ~" + prefix_ + "* &" +
               prefix_ +
               "* +@read +@write +@scripting +@connection +@pubsub +@blocking +time +config|get";
    }

    redis::endpoint server_;
    std::string prefix_;
    bool allow_eviction_;
    redis::parser incoming_;
};

}  // namespace work::detail
