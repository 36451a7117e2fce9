// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/redis/endpoint.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "arguments.hpp"

namespace bench {

/// A Redis client with nothing in it: a blocking socket, a buffer each way, replies told apart by
/// their first byte. What it can do, a library can at best come near to.
class raw_client
{
public:
    explicit raw_client(work::redis::endpoint const& to)
    {
        socket_ = to.unix_socket.empty() ? dial(to.host, to.port) : dial(to.unix_socket);
        if (socket_ < 0)
            fail("can't connect to " + work::redis::describe(to) + ": " + std::strerror(errno));
        in_.resize(256 << 10);
        if (to.has_credentials()) {
            if (to.username.empty())
                command("AUTH", to.password);
            else
                command("AUTH", to.username, to.password);
            next();
        }
    }
    raw_client(raw_client const&) = delete;
    raw_client& operator=(raw_client const&) = delete;
    ~raw_client() { ::close(socket_); }

    /// Appends a command to what will be sent.
    template <typename... Words>
    void command(Words const&... words)
    {
        header('*', sizeof...(words));
        (word(words), ...);
    }
    void begin(std::size_t words) { header('*', words); }
    void word(std::string_view text)
    {
        header('$', text.size());
        out_.append(text).append("\r\n", 2);
    }
    /// Sends what was appended, in one call as a rule.
    void send()
    {
        for (std::size_t at = 0; at < out_.size();) {
            auto const sent = ::send(socket_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
            if (sent <= 0)
                fail("the connection to Redis was lost");
            at += static_cast<std::size_t>(sent);
        }
        out_.clear();
    }
    /// The next reply: a string's bytes, an integer's digits, or nothing for a null. Valid until
    /// the call after it. Sends first if it has to wait.
    std::string_view next()
    {
        for (;;) {
            std::string_view const rest(in_.data() + begin_, end_ - begin_);
            std::size_t const line = rest.find('\n');
            if (line != rest.npos) {
                std::string_view const head = rest.substr(1, line - 2);
                if (rest[0] == '-')
                    fail("Redis refused a command: " + std::string(head));
                if (rest[0] != '$' || head == "-1") {
                    begin_ += line + 1;
                    return rest[0] == '$' ? std::string_view() : head;
                }
                std::size_t size = 0;
                std::from_chars(head.data(), head.data() + head.size(), size);
                if (rest.size() >= line + 1 + size + 2) {
                    begin_ += line + 1 + size + 2;
                    return rest.substr(line + 1, size);
                }
            }
            receive();
        }
    }
    bool has_input() const noexcept { return begin_ < end_; }

private:
    static int dial(std::string const& host, std::uint16_t port)
    {
        addrinfo wakeups{};
        wakeups.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wakeups, &found) != 0)
            return -1;
        int const fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int const on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        bool const connected = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0;
        ::freeaddrinfo(found);
        return connected ? fd : -1;
    }
    static int dial(std::string const& path)
    {
        int const fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(
            address.sun_path,
            path.data(),
            std::min(path.size(), sizeof address.sun_path - 1)
        );
        return ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
    }
    void header(char type, std::size_t number)
    {
        char text[24];
        text[0] = type;
        char* end = std::to_chars(text + 1, text + sizeof text, number).ptr;
        *end++ = '\r';
        *end++ = '\n';
        out_.append(text, end);
    }
    void receive()
    {
        if (!out_.empty())
            send();
        if (begin_ > 0) {
            std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == in_.size())
            in_.resize(in_.size() * 2);
        auto const got = ::recv(socket_, in_.data() + end_, in_.size() - end_, 0);
        if (got <= 0)
            fail("the connection to Redis was lost");
        end_ += static_cast<std::size_t>(got);
    }

    int socket_ = -1;
    std::string out_;
    std::string in_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace bench
