// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/redis/config.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../../tests/support/redis_server.hpp"
#include "arguments.hpp"

namespace bench {

/// The server asked for with --redis, or a private one without persistence.
class server
{
public:
    explicit server(arguments const& args, std::vector<std::string> settings = {})
        : url_(args.text("redis", ""))
    {
        if (url_.empty()) {
            own_ = std::make_unique<work::testing::redis_server>(std::move(settings));
            url_ = args.flag("unix") ? "unix://" + own_->unix_socket() : own_->url();
        }
    }
    std::string const& url() const noexcept { return url_; }
    bool is_private() const noexcept { return own_ != nullptr; }

private:
    std::unique_ptr<work::testing::redis_server> own_;
    std::string url_;
};

namespace detail {

template <typename Socket>
std::string ask(Socket& socket, std::string const& request, int replies)
{
    boost::asio::write(socket, boost::asio::buffer(request));
    std::string text;
    for (;; --replies) {
        std::size_t const line =
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n");
        std::string const head = text.substr(0, line);
        text.erase(0, line);
        if (head[0] == '-')
            fail("Redis refused to answer: " + head.substr(1, head.size() - 3));
        if (replies > 1)
            continue;
        std::size_t const size = head[0] == '$' ? std::strtoul(head.c_str() + 1, nullptr, 10) : 0;
        if (text.size() < size)
            boost::asio::read(
                socket,
                boost::asio::dynamic_buffer(text),
                boost::asio::transfer_exactly(size - text.size())
            );
        text.resize(size);
        return text;
    }
}

inline std::string word(std::string_view text)
{
    return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

}  // namespace detail

/// INFO of a server, asked over a connection of its own: one command, without a greeting.
class server_info
{
public:
    explicit server_info(std::string const& url)
    {
        work::redis::config const at = work::redis::parse_url(url);
        std::string request;
        int replies = 1;
        if (at.has_credentials()) {
            request = at.username.empty()
                          ? "*2\r\n" + detail::word("AUTH") + detail::word(at.password)
                          : "*3\r\n" + detail::word("AUTH") + detail::word(at.username) +
                                detail::word(at.password);
            ++replies;
        }
        request += "*2\r\n" + detail::word("INFO") + detail::word("all");
        boost::asio::io_context io;
        if (at.unix_socket.empty()) {
            boost::asio::ip::tcp::socket socket(io);
            boost::asio::ip::tcp::resolver resolver(io);
            boost::asio::connect(socket, resolver.resolve(at.host, std::to_string(at.port)));
            text_ = detail::ask(socket, request, replies);
        } else {
            boost::asio::local::stream_protocol::socket socket(io);
            socket.connect(boost::asio::local::stream_protocol::endpoint(at.unix_socket));
            text_ = detail::ask(socket, request, replies);
        }
    }

    std::string text(std::string_view field) const
    {
        std::string const line = "\n" + std::string(field) + ":";
        std::size_t const found = text_.find(line);
        if (found == text_.npos)
            return {};
        std::size_t const begin = found + line.size();
        return text_.substr(begin, text_.find('\r', begin) - begin);
    }
    double number(std::string_view field) const { return std::atof(text(field).c_str()); }
    /// Seconds of CPU the server used so far.
    double cpu() const { return number("used_cpu_user") + number("used_cpu_sys"); }

private:
    std::string text_;
};

inline double server_cpu(std::string const& url)
{
    return server_info(url).cpu();
}

}  // namespace bench
