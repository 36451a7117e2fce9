// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/redis/endpoint.hpp>

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

/// The words of one command.
using words = std::vector<std::string_view>;

inline std::string to_request(words const& command)
{
    std::string text = "*" + std::to_string(command.size()) + "\r\n";
    for (std::string_view const word : command)
        text.append("$")
            .append(std::to_string(word.size()))
            .append("\r\n")
            .append(word)
            .append("\r\n");
    return text;
}

// The last of so many replies: the text of a bulk string; else the line itself.
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
        if (head[0] != '$')
            return head.substr(1, head.size() - 3);
        std::size_t const size = std::strtoul(head.c_str() + 1, nullptr, 10);
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

}  // namespace detail

/// What a server answers to one command, over a connection of its own, without a greeting.
inline std::string ask_server(std::string const& url, detail::words const& command)
{
    work::redis::endpoint const at = work::redis::parse_url(url);
    std::string request;
    int replies = 1;
    if (at.has_credentials()) {
        request = detail::to_request(
            at.username.empty() ? detail::words{"AUTH", at.password}
                                : detail::words{"AUTH", at.username, at.password}
        );
        ++replies;
    }
    request += detail::to_request(command);
    boost::asio::io_context io;
    if (at.unix_socket.empty()) {
        boost::asio::ip::tcp::socket socket(io);
        boost::asio::ip::tcp::resolver resolver(io);
        boost::asio::connect(socket, resolver.resolve(at.host, std::to_string(at.port)));
        return detail::ask(socket, request, replies);
    }
    boost::asio::local::stream_protocol::socket socket(io);
    socket.connect(boost::asio::local::stream_protocol::endpoint(at.unix_socket));
    return detail::ask(socket, request, replies);
}

/// INFO of a server.
class server_info
{
public:
    explicit server_info(std::string const& url) : text_(ask_server(url, {"INFO", "all"})) {}

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
    /// The slowest `EVALSHA` since the last `CONFIG RESETSTAT`, in ms, of a server that was started
    /// with `latency-tracking-info-percentiles 100`.
    double slowest_script() const
    {
        std::string const all = text("latency_percentiles_usec_evalsha");
        std::size_t const at = all.find("p100=");
        return at == all.npos ? 0 : std::atof(all.c_str() + at + 5) / 1000;
    }

private:
    std::string text_;
};

inline double server_cpu(std::string const& url)
{
    return server_info(url).cpu();
}

}  // namespace bench
