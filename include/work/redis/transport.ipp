// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace work::redis {
namespace detail {

class socket_transport final : public transport
{
    using protocol = boost::asio::generic::stream_protocol;

public:
    explicit socket_transport(boost::asio::any_io_executor executor)
        : socket_(executor),
          resolver_(executor)
    {}

    task<void> connect(endpoint server) override
    {
        if (server.tls)
            throw error(
                errc::invalid_option,
                "the server " + describe(server) +
                    " is to be reached over TLS, and this transport does not speak it; use the "
                    "one of <work/tls.hpp>"
            );
        std::vector<protocol::endpoint> endpoints;
        if (!server.unix_socket.empty()) {
            endpoints.emplace_back(boost::asio::local::stream_protocol::endpoint(server.unix_socket)
            );
        } else {
            // An address needs no resolver, which would start a thread.
            boost::system::error_code not_numeric;
            auto const address = boost::asio::ip::make_address(server.host, not_numeric);
            if (!not_numeric) {
                check_zone(server.host, address);
                endpoints.emplace_back(boost::asio::ip::tcp::endpoint(address, server.port));
            } else {
                std::string const port = std::to_string(server.port);
                auto const found =
                    co_await resolver_.async_resolve(server.host, port, boost::asio::use_awaitable);
                for (auto const& entry : found)
                    endpoints.emplace_back(entry.endpoint());
            }
        }
        boost::system::error_code failure = boost::asio::error::host_not_found;
        for (auto const& endpoint : endpoints) {
            if (closed_)
                failure = boost::asio::error::operation_aborted;
            if (closed_)
                break;
            boost::system::error_code ignored;
            socket_.close(ignored);
            socket_.open(endpoint.protocol(), failure);
            if (failure)
                continue;
            if (server.unix_socket.empty())
                set_options(server);
            auto token = boost::asio::redirect_error(boost::asio::use_awaitable, failure);
            co_await socket_.async_connect(endpoint, token);
            if (!failure)
                break;
        }
        if (!failure && closed_)
            failure = boost::asio::error::operation_aborted;
        if (failure)
            throw boost::system::system_error(failure);
    }

    void read_some(boost::asio::mutable_buffer buffer, handler done) override
    {
        socket_.async_read_some(boost::asio::mutable_buffers_1(buffer), std::move(done));
    }

    void write_some(boost::asio::const_buffer buffer, handler done) override
    {
        socket_.async_write_some(boost::asio::const_buffers_1(buffer), std::move(done));
    }

    void cancel() noexcept override
    {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

    void close() noexcept override
    {
        closed_ = true;
        resolver_.cancel();
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    // The kernel watches an open socket, not its number: it is taken off this process' list before
    // it is closed, since the parent keeps it open.
    void abandon() noexcept override
    {
        closed_ = true;
        boost::system::error_code failure;
        auto const handle = socket_.is_open() ? socket_.release(failure) : -1;
        if (handle >= 0 && !failure)
            ::close(handle);
    }

    bool alive() noexcept override
    {
        char byte = 0;
        auto const got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
    }

private:
    // Asio takes a zone that is not known for none, and the kernel then knows no way.
    static void check_zone(std::string const& host, boost::asio::ip::address const& address)
    {
        auto const percent = host.find('%');
        if (percent == std::string::npos || !address.is_v6() || address.to_v6().scope_id() != 0)
            return;
        throw error(
            errc::unavailable,
            "the zone \"" + host.substr(percent + 1) + "\" of the Redis server " + host +
                " is no network interface of this machine; see \"ip link\" for their names"
        );
    }
    void set_options(endpoint const& server) noexcept
    {
        // None of these is worth failing for.
        set(IPPROTO_TCP, TCP_NODELAY, 1);
        set(SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_KEEPIDLE)
        set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
        set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
        set(IPPROTO_TCP, TCP_KEEPCNT, 3);
#endif
#if defined(TCP_USER_TIMEOUT)
        if (server.tcp_user_timeout.count() > 0)
            set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(server.tcp_user_timeout.count()));
#else
        (void)server;
#endif
    }
    void set(int level, int name, int number) noexcept
    {
        (void)::setsockopt(socket_.native_handle(), level, name, &number, sizeof number);
    }

    protocol::socket socket_;
    boost::asio::ip::tcp::resolver resolver_;
    bool closed_ = false;
};

}  // namespace detail

WORK_DECL std::unique_ptr<transport> make_socket_transport(boost::asio::any_io_executor executor)
{
    return std::make_unique<detail::socket_transport>(std::move(executor));
}

}  // namespace work::redis
