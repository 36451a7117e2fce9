// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/advice.hpp>
#include <work/redis/command.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/handshake.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace work::redis {
namespace detail {

struct initiate_read
{
    template <typename Handler>
    void operator()(Handler&& done, transport* link, boost::asio::mutable_buffer buffer) const
    {
        link->read_some(buffer, transport::handler(std::forward<Handler>(done)));
    }
};

struct initiate_write
{
    template <typename Handler>
    void operator()(Handler&& done, transport* link, boost::asio::const_buffer buffer) const
    {
        link->write_some(buffer, transport::handler(std::forward<Handler>(done)));
    }
};

inline constexpr char hung_up[] =
    "it hung up when it was greeted with HELLO. If it always does, a proxy that does not know this "
    "command answers there, or a port for TLS: work talks to Redis 7.0 or newer itself";
inline constexpr char no_redis[] =
    "something else than a Redis server answers there, or a port for TLS";

/// May a later attempt to connect go better?
inline bool passing(std::string_view text) noexcept
{
    auto const word = error_word(text);
    auto const act = classify(text);
    return act == action::retry ||
           (act == action::reconnect && word != "NOAUTH" && word != "WRONGPASS") ||
           text.starts_with("ERR max number of clients");
}

[[noreturn]] inline void greeting_failed(
    endpoint const& server,
    char const* step,
    std::string_view text
)
{
    bool const later = passing(text);
    throw error(
        later ? errc::unavailable : errc::refused,
        "the Redis server " + describe(server) + (later ? " answered " : " refused ") + step +
            " with \"" + std::string(text.substr(0, 256)) + "\"; " + advice(server, text)
    );
}

/// What the timer of a connection attempt and the attempt share; either may end first.
struct connect_watch
{
    bool over = false;
    bool expired = false;
    /// HELLO was sent, and not one byte came back.
    bool greeted = false;
};

inline void check_version(endpoint const& server, reply const& told)
{
    std::string const fault = version_fault(told);
    if (!fault.empty())
        throw error(
            errc::refused,
            "the Redis server " + describe(server) + " is too old: " + fault
        );
}

/// A server that does not know HELLO: RESP2, which the parser reads as well.
inline task<void> greet_old_server(transport& link, parser& incoming, endpoint const& server)
{
    if (server.has_credentials()) {
        command auth;
        if (server.username.empty())
            auth.push("AUTH", server.password);
        else
            auth.push("AUTH", server.username, server.password);
        std::string bytes(auth.bytes());
        co_await send(link, std::move(bytes));
        reply const accepted = co_await receive_reply(link, incoming);
        if (accepted.is_error())
            greeting_failed(server, "AUTH", accepted.text());
    }
    command const info("INFO", "server");
    std::string bytes(info.bytes());
    co_await send(link, std::move(bytes));
    reply const told = co_await receive_reply(link, incoming);
    if (!told.is_error())
        check_version(server, told);
}

inline task<void> greet(
    transport& link,
    parser& incoming,
    endpoint const& server,
    std::shared_ptr<connect_watch> watch
)
{
    std::string const user = server.username.empty() ? "default" : server.username;
    command hello;
    if (server.has_credentials())
        hello.push("HELLO", "3", "AUTH", user, server.password);
    else
        hello.push("HELLO", "3");
    std::string bytes(hello.bytes());
    co_await send(link, std::move(bytes));
    watch->greeted = true;
    reply answer;
    while (!incoming.next(answer)) {
        co_await receive(link, incoming);
        watch->greeted = false;
    }
    if (answer.is_error()) {
        auto const text = answer.text();
        if (!text.starts_with("NOPROTO") && !text.starts_with("ERR unknown command"))
            greeting_failed(server, "HELLO", text);
        co_await greet_old_server(link, incoming, server);
    } else {
        check_version(server, answer);
    }

    command rest;
    if (server.database != 0)
        rest.push("SELECT", server.database);
    if (!server.client_name.empty())
        rest.push("CLIENT", "SETNAME", server.client_name);
    if (rest.empty())
        co_return;
    bytes = rest.bytes();
    co_await send(link, std::move(bytes));
    if (server.database != 0) {
        reply const selected = co_await receive_reply(link, incoming);
        if (selected.is_error())
            greeting_failed(server, "SELECT", selected.text());
    }
    // A name is a courtesy: whatever the answer is, we go on.
    if (!server.client_name.empty())
        co_await receive_reply(link, incoming);
}

}  // namespace detail

WORK_DECL task<void> receive(transport& link, parser& incoming)
{
    auto const room = incoming.prepare();
    boost::asio::mutable_buffer const buffer(room.data(), room.size());
    std::size_t const got = co_await boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(boost::system::error_code, std::size_t)>(
        detail::initiate_read(),
        boost::asio::use_awaitable,
        &link,
        buffer
    );
    incoming.commit(got);
}

WORK_DECL task<void> send(transport& link, std::string bytes)
{
    for (std::size_t sent = 0; sent < bytes.size();) {
        boost::asio::const_buffer const buffer(bytes.data() + sent, bytes.size() - sent);
        sent += co_await boost::asio::async_initiate<
            boost::asio::use_awaitable_t<> const,
            void(boost::system::error_code, std::size_t)>(
            detail::initiate_write(),
            boost::asio::use_awaitable,
            &link,
            buffer
        );
    }
}

WORK_DECL task<reply> receive_reply(transport& link, parser& incoming)
{
    reply result;
    while (!incoming.next(result))
        co_await receive(link, incoming);
    co_return result;
}

WORK_DECL task<void> establish(transport& link, parser& incoming, endpoint server)
{
    auto const watch = std::make_shared<detail::connect_watch>();
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(server.connect_timeout);
    timer.async_wait([watch, to_close = &link](boost::system::error_code failure) {
        if (failure || watch->over)
            return;
        watch->expired = true;
        to_close->close();
    });
    std::string why;
    std::exception_ptr final;
    try {
        co_await link.connect(server);
        co_await detail::greet(link, incoming, server, watch);
    } catch (error const& failure) {
        why = std::string(failure.what()) + "; " + detail::no_redis;
        if (failure.code() != errc::protocol)
            final = std::current_exception();
    } catch (boost::system::system_error const& failure) {
        bool const by_hello = watch->greeted && !server.tls;
        // We closed the link ourselves: nobody waited for it any longer, or the client is closed.
        if (failure.code() == boost::asio::error::operation_aborted)
            why = std::string("the attempt was given up before ") +
                  (watch->greeted ? "it answered HELLO" : "it took the connection");
        else
            why = failure.code().message() + "; " +
                  (by_hello ? std::string(detail::hung_up) : advice(server, failure.code()));
    } catch (...) {
        final = std::current_exception();
    }
    watch->over = true;
    if (watch->expired) {
        why = "it gave no answer within " + std::to_string(server.connect_timeout.count()) +
              " ms; " + std::string(no_answer(server.tls));
        final = nullptr;
    }
    if (final)
        std::rethrow_exception(final);
    if (!why.empty())
        throw error(
            errc::unavailable,
            "the Redis server " + describe(server) + " can't be reached: " + why
        );
}

}  // namespace work::redis
