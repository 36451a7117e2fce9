// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <functional>
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

#include "web/served.hpp"

namespace work::testing {

/// Stands between a client and a server of HTTP: answers in the server's place, keeps answers back,
/// changes them. It remembers what was asked.
class answer_editor
{
public:
    struct asked
    {
        std::string what;  ///< "claim", "report", else the whole target
        std::string body;
        std::chrono::steady_clock::time_point at;
    };
    struct edit
    {
        std::optional<std::string> instead;  ///< the bytes of an answer; the server hears nothing
        bool keep_back = false;              ///< the server is asked, and the connection ends
        std::string state;                   ///< of the worker; "": as the server says
    };
    /// Of the n-th request of that kind, from 1 on. Called by one thread at a time.
    using editor = std::function<edit(asked const& request, int n)>;

    answer_editor(std::uint16_t server, editor how) : server_(server), how_(std::move(how))
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
            ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
            throw std::runtime_error("no port to listen on");
        port_ = ntohs(at.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    answer_editor(answer_editor const&) = delete;
    answer_editor& operator=(answer_editor const&) = delete;
    /// The client has to be gone, or to hear answers: claims are waited for.
    ~answer_editor()
    {
        over_ = true;
        acceptor_.join();
        ::close(listener_);
        for (std::thread& one : threads_)
            one.join();
    }

    std::uint16_t port() const noexcept { return port_; }
    std::vector<asked> requests(std::string const& what)
    {
        std::lock_guard const lock(mutex_);
        std::vector<asked> all;
        for (asked const& one : asked_)
            if (one.what == what)
                all.push_back(one);
        return all;
    }

private:
    bool readable(int fd) const
    {
        while (!over_) {
            pollfd look{fd, POLLIN, 0};
            if (::poll(&look, 1, 50) > 0)
                return true;
        }
        return false;
    }
    void accept_all()
    {
        while (readable(listener_)) {
            int const fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd >= 0)
                threads_.emplace_back([this, fd] {
                    serve(fd);
                    ::close(fd);
                });
        }
    }
    void serve(int fd)
    {
        std::string got;
        while (readable(fd)) {
            char chunk[65536];
            auto const size = ::recv(fd, chunk, sizeof chunk, 0);
            if (size <= 0)
                return;
            got.append(chunk, static_cast<std::size_t>(size));
            auto const end = got.find("\r\n\r\n");
            if (end == std::string::npos)
                continue;
            auto const length = got.find("Content-Length: ");
            std::size_t const body =
                length < end ? std::stoul(got.substr(length + 16)) : std::size_t{0};
            if (got.size() < end + 4 + body)
                continue;
            std::string const reply = answer(got, got.substr(end + 4, body));
            if (reply.empty() || ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) !=
                                     static_cast<::ssize_t>(reply.size()))
                return;
            got.clear();
        }
    }
    /// "": none.
    std::string answer(std::string const& request, std::string body)
    {
        auto const from = request.find(' ') + 1;
        std::string what = request.substr(from, request.find(' ', from) - from);
        for (std::string const one : {"claim", "report"})
            if (what.ends_with("/" + one))
                what = one;
        edit made;
        {
            std::lock_guard const lock(mutex_);
            asked_.push_back({what, std::move(body), std::chrono::steady_clock::now()});
            int n = 0;
            for (asked const& one : asked_)
                n += one.what == what ? 1 : 0;
            made = how_(asked_.back(), n);
        }
        if (made.instead)
            return *made.instead;
        raw_connection to(server_);
        to.send(request);
        http_answer told = to.read();
        if (made.keep_back || told.status == 0)
            return {};
        auto const state = told.body.find(R"("state":"running")");
        if (!made.state.empty() && state != std::string::npos)
            told.body.replace(state, 17, R"("state":")" + made.state + "\"");
        return "HTTP/1.1 " + std::to_string(told.status) +
               " X\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(told.body.size()) + "\r\n\r\n" + told.body;
    }

    std::uint16_t server_;
    editor how_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> over_ = false;
    std::mutex mutex_;
    std::vector<asked> asked_;
    std::thread acceptor_;
    std::vector<std::thread> threads_;  ///< one a connection
};

}  // namespace work::testing
