// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/web/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>

#include <arpa/inet.h>
#include <future>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace work::testing {

/// One answer, taken apart without the code under test.
struct http_answer
{
    int status = 0;  ///< 0: the connection ended without one
    std::string head;
    std::string body;

    std::string field(std::string const& name) const
    {
        auto const at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos)
            return {};
        auto const from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
    boost::json::object json() const { return boost::json::parse(body).as_object(); }
    /// "bad-host" of a problem, "" of what is none.
    std::string slug() const
    {
        if (field("Content-Type") != "application/problem+json")
            return {};
        return std::string(json().at("type").as_string()).substr(9);
    }
};

/// A client that sends bytes as they are.
class raw_connection
{
public:
    /// `receives` bytes at most wait in the kernel for somebody to read them; 0: as it likes.
    explicit raw_connection(std::uint16_t port, int receives = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        if (receives > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receives, sizeof receives);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("the server takes no connection");
    }
    raw_connection(raw_connection&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          got_(std::move(other.got_))
    {}
    ~raw_connection()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }

    void send(std::string_view text) const
    {
        while (!text.empty()) {
            auto const sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void end_sending() const { ::shutdown(fd_, SHUT_WR); }
    /// Nothing more comes, as the server ended it.
    bool ended()
    {
        while (more()) {
        }
        return eof_;
    }
    /// What came up to the end of a text, which is taken; "" when it did not come.
    std::string read_until(std::string_view text)
    {
        std::size_t at = got_.find(text);
        for (; at == std::string::npos; at = got_.find(text))
            if (!more())
                return {};
        std::string const taken = got_.substr(0, at + text.size());
        got_.erase(0, taken.size());
        return taken;
    }
    http_answer read(bool head_only = false)
    {
        while (got_.find("\r\n\r\n") == std::string::npos)
            if (!more())
                return {};
        http_answer answer;
        auto const end = got_.find("\r\n\r\n");
        answer.head = got_.substr(0, end + 2);
        got_.erase(0, end + 4);
        answer.status = std::stoi(answer.head.substr(9, 3));
        if (head_only)
            return answer;
        std::string const length = answer.field("Content-Length");
        std::size_t const size = length.empty() ? 0 : std::stoul(length);
        while (got_.size() < size)
            if (!more())
                return {};
        answer.body = got_.substr(0, size);
        got_.erase(0, size);
        return answer;
    }

private:
    bool more()
    {
        pollfd look{fd_, POLLIN, 0};
        if (::poll(&look, 1, 20'000) <= 0)
            return false;
        char chunk[65536];
        auto const got = ::recv(fd_, chunk, sizeof chunk, 0);
        if (got <= 0) {
            eof_ = true;
            return false;
        }
        got_.append(chunk, static_cast<std::size_t>(got));
        return true;
    }

    int fd_;
    bool eof_ = false;
    std::string got_;
};

/// A server on a free port, in a thread of its own.
class served
{
public:
    explicit served(std::string const& url, web_options options = {}, std::string ns = "work")
    {
        options.port = 0;
        client_options how;
        how.ns = std::move(ns);
        how.logger = [this](log_level, std::string_view line) {
            std::lock_guard const lock(mutex_);
            log_.append(line).append("\n");
        };
        client_ = std::make_unique<client>(io_, url, how);
        server_ = std::make_unique<web_server>(*client_, std::move(options));
        port_ = server_->port();
        boost::asio::co_spawn(io_, server_->run(), [this](std::exception_ptr failure) {
            failure_ = failure;
            client_->close();
        });
        thread_ = std::thread([this] { io_.run(); });
    }
    ~served() { stop(); }

    /// How long it took.
    std::chrono::milliseconds stop()
    {
        auto const from = std::chrono::steady_clock::now();
        if (thread_.joinable()) {
            server_->stop();
            thread_.join();
        }
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - from
        );
    }
    std::uint16_t port() const noexcept { return port_; }
    std::string log()
    {
        std::lock_guard const lock(mutex_);
        return log_;
    }
    /// On the server's thread.
    template <typename T>
    T run(task<T> what)
    {
        std::promise<T> promise;
        boost::asio::co_spawn(io_, std::move(what), [&](std::exception_ptr failure, T value) {
            if (failure)
                promise.set_exception(failure);
            else
                promise.set_value(std::move(value));
        });
        return promise.get_future().get();
    }
    client& at() { return *client_; }

    http_answer send(std::string const& text) const
    {
        raw_connection to(port());
        to.send(text);
        return to.read(text.starts_with("HEAD "));
    }
    http_answer get(std::string const& target, std::string const& fields = {}) const
    {
        return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
    }
    http_answer post(
        std::string const& target,
        std::string const& body,
        std::string const& fields = "Content-Type: application/json\r\n"
    ) const
    {
        return ask("POST", target, body, fields);
    }
    http_answer ask(
        std::string const& method,
        std::string const& target,
        std::string const& body,
        std::string const& fields = "Content-Type: application/json\r\n"
    ) const
    {
        return send(
            method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
    }

private:
    boost::asio::io_context io_{1};
    std::mutex mutex_;
    std::string log_;
    std::unique_ptr<client> client_;
    std::unique_ptr<web_server> server_;
    std::exception_ptr failure_;
    std::thread thread_;
    std::uint16_t port_ = 0;
};

}  // namespace work::testing
