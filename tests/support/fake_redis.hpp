// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/endpoint.hpp>
#include <work/redis/resp.hpp>
#include <work/task.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::testing {

/// One connection to a fake server, as its script sees it.
class fake_connection
{
public:
    fake_connection(boost::asio::ip::tcp::socket socket, std::size_t number)
        : socket_(std::move(socket)),
          number_(number)
    {}

    /// Which connection it is, from 1.
    std::size_t number() const noexcept { return number_; }
    boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

    /// The next command; throws when the client has gone.
    task<std::vector<std::string>> next()
    {
        redis::reply parsed;
        while (!incoming_.next(parsed)) {
            auto const room = incoming_.prepare();
            auto const buffer = boost::asio::buffer(room.data(), room.size());
            incoming_.commit(co_await socket_.async_read_some(buffer, boost::asio::use_awaitable));
        }
        std::vector<std::string> words;
        for (redis::value const word : parsed)
            words.emplace_back(word.text());
        co_return words;
    }
    task<void> send(std::string bytes)
    {
        auto const buffer = boost::asio::buffer(bytes);
        co_await boost::asio::async_write(socket_, buffer, boost::asio::use_awaitable);
    }
    /// Sends one byte at a time.
    task<void> drip(std::string bytes)
    {
        socket_.set_option(boost::asio::ip::tcp::no_delay(true));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string one(1, bytes[i]);
            co_await send(std::move(one));
        }
    }
    /// Answers HELLO as a server of RESP3 does.
    task<void> greet(std::string version = "7.0.15")
    {
        co_await next();
        std::string hello = "%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n+" + version +
                            "\r\n$5\r\nproto\r\n:3\r\n";
        co_await send(std::move(hello));
    }
    void close() { socket_.close(); }

private:
    boost::asio::ip::tcp::socket socket_;
    std::size_t number_;
    redis::parser incoming_;
};

/// A server that does what a test says, on the test's own io_context.
class fake_redis
{
public:
    using script = std::function<task<void>(std::shared_ptr<fake_connection>)>;

    /// The script is run for each connection. An exception of it ends the connection.
    fake_redis(boost::asio::io_context& io, script what)
        : acceptor_(io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}),
          script_(std::move(what))
    {
        port_ = acceptor_.local_endpoint().port();
        boost::asio::co_spawn(io, accept_loop(), [](std::exception_ptr) {});
    }

    redis::endpoint config() const
    {
        redis::endpoint result;
        result.port = port_;
        return result;
    }
    std::size_t connections() const noexcept { return connections_; }
    /// Takes no more connections.
    void stop() { acceptor_.close(); }

private:
    task<void> accept_loop()
    {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
            auto connection = std::make_shared<fake_connection>(std::move(socket), ++connections_);
            boost::asio::co_spawn(
                acceptor_.get_executor(),
                script_(connection),
                [connection](std::exception_ptr) { connection->close(); }
            );
        }
    }

    boost::asio::ip::tcp::acceptor acceptor_;
    script script_;
    std::uint16_t port_ = 0;
    std::size_t connections_ = 0;
};

}  // namespace work::testing
