// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace work::testing {

/// A port of 127.0.0.1 that nobody else is given for as long as this lives, though nobody listens
/// there: who does sets SO_REUSEADDR, as servers do, and may come and go.
class reserved_port
{
public:
    reserved_port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        int const on = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            std::string const why = std::strerror(errno);
            ::close(fd_);
            throw std::runtime_error("no free port: " + why);
        }
        number_ = ntohs(address.sin_port);
    }
    reserved_port(reserved_port const&) = delete;
    reserved_port& operator=(reserved_port const&) = delete;
    ~reserved_port() { ::close(fd_); }

    std::uint16_t number() const noexcept { return number_; }

private:
    int fd_;
    std::uint16_t number_ = 0;
};

}  // namespace work::testing
