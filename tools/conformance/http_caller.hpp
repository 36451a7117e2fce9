// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http_reply.hpp"

namespace work::tool {

/// A request that was sent and not answered yet.
class pending_reply
{
public:
    pending_reply(pending_reply&& other) noexcept;
    pending_reply& operator=(pending_reply&&) = delete;
    ~pending_reply();

    http_reply read();
    /// The first so many bytes of the answer; then the connection is closed.
    void cut_after(std::size_t bytes);
    void hang_up();

private:
    friend class http_caller;
    explicit pending_reply(int fd) : fd_(fd) {}
    int fd_;
};

/// Asks one server, each time over a connection of its own, and knows nothing of the library that
/// the server is made with.
class http_caller
{
public:
    /// `url` is http://HOST:PORT. Errors: errc::invalid_url; errc::unavailable, by each call.
    http_caller(std::string const& url, std::string token);

    http_reply call(
        std::string_view method,
        std::string const& target,
        std::string const& body = {},
        std::string const& fields = {}
    ) const;
    pending_reply send(
        std::string_view method,
        std::string const& target,
        std::string const& body = {},
        std::string const& fields = {}
    ) const;

private:
    std::string host_;
    std::string port_;
    std::string token_;
};

}  // namespace work::tool
