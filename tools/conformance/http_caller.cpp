// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "conformance/http_caller.hpp"

#include <work/error.hpp>

#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace work::tool {
namespace {

constexpr int most_ms = 70'000;

[[noreturn]] void unavailable(std::string const& what)
{
    throw error(errc::unavailable, what + ": " + std::strerror(errno));
}

int connect_to(std::string const& host, std::string const& port)
{
    ::addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    ::addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0)
        throw error(errc::unavailable, "there is no host " + host);
    std::unique_ptr<::addrinfo, void (*)(::addrinfo*)> const all(found, ::freeaddrinfo);
    int const fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        unavailable("no socket");
    if (::connect(fd, found->ai_addr, found->ai_addrlen) == 0)
        return fd;
    ::close(fd);
    unavailable("the server " + host + ":" + port + " can't be reached");
}

/// False: the end, or nothing came for too long.
bool receive(int fd, std::string& into, std::size_t most = 65'536)
{
    ::pollfd look{fd, POLLIN, 0};
    if (::poll(&look, 1, most_ms) <= 0)
        return false;
    std::string chunk(most, '\0');
    auto const got = ::recv(fd, chunk.data(), chunk.size(), 0);
    if (got <= 0)
        return false;
    into.append(chunk, 0, static_cast<std::size_t>(got));
    return true;
}

}  // namespace

pending_reply::pending_reply(pending_reply&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

pending_reply::~pending_reply()
{
    hang_up();
}

void pending_reply::hang_up()
{
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = -1;
}

void pending_reply::cut_after(std::size_t bytes)
{
    std::string got;
    while (got.size() < bytes && receive(fd_, got, bytes - got.size())) {
    }
    hang_up();
}

http_reply pending_reply::read()
{
    std::string got;
    while (got.find("\r\n\r\n") == std::string::npos)
        if (!receive(fd_, got))
            return {};
    http_reply reply;
    auto const end = got.find("\r\n\r\n");
    reply.head = got.substr(0, end + 2);
    got.erase(0, end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    std::string const length = reply.field("Content-Length");
    std::size_t const size = length.empty() ? 0 : std::stoul(length);
    while (got.size() < size)
        if (!receive(fd_, got))
            return {};
    reply.body = got.substr(0, size);
    hang_up();
    return reply;
}

http_caller::http_caller(std::string const& url, std::string token) : token_(std::move(token))
{
    constexpr std::string_view begin = "http://";
    auto const colon = url.rfind(':');
    if (!url.starts_with(begin) || colon <= begin.size() || colon + 1 >= url.size() ||
        url.find('/', begin.size()) != std::string::npos)
        throw error(
            errc::invalid_url,
            "--url " + url + " is no http://HOST:PORT, without a path behind it"
        );
    host_ = url.substr(begin.size(), colon - begin.size());
    port_ = url.substr(colon + 1);
}

pending_reply http_caller::send(
    std::string_view method,
    std::string const& target,
    std::string const& body,
    std::string const& fields
) const
{
    pending_reply reply(connect_to(host_, port_));
    std::string text(method);
    text += " " + target + " HTTP/1.1\r\nHost: " + host_ + ":" + port_ + "\r\n" + fields;
    if (!token_.empty())
        text += "Authorization: Bearer " + token_ + "\r\n";
    if (!body.empty())
        text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n";
    text += "Connection: close\r\n\r\n" + body;
    for (std::string_view rest = text; !rest.empty();) {
        auto const sent = ::send(reply.fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            break;  // the server answered before it had read all
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return reply;
}

http_reply http_caller::call(
    std::string_view method,
    std::string const& target,
    std::string const& body,
    std::string const& fields
) const
{
    return send(method, target, body, fields).read();
}

}  // namespace work::tool
