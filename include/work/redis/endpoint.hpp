// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace work::redis {

/// Where a Redis server is, and how to introduce ourselves to it.
struct endpoint
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    /// The path of a unix socket. When it isn't empty, `host` and `port` are not used.
    std::string unix_socket;
    std::string username;
    std::string password;
    int database = 0;
    /// Set by `rediss://`. Needs a transport that speaks TLS: <work/tls.hpp>, and
    /// `connection_options::make_transport`.
    bool tls = false;
    /// The longest a connection may take, from the name look-up to the last reply of the greeting.
    std::chrono::milliseconds connect_timeout{5'000};
    /// Linux' TCP_USER_TIMEOUT: data that stays unacknowledged so long ends the connection. 0: off.
    std::chrono::milliseconds tcp_user_timeout{10'000};
    /// Shown by `CLIENT LIST`. A server that refuses it is used all the same.
    std::string client_name;

    /// Is there anything to authenticate with?
    bool has_credentials() const noexcept { return !username.empty() || !password.empty(); }
};

/// Reads `redis://[user[:password]@]host[:port][/db]`, the same with `rediss://` (TLS), and
/// `unix://[user:password@]/path[?db=n]`. Names and passwords may be percent-encoded, IPv6
/// addresses stand in brackets, with a zone as [fe80::1%25eth0]. White space around the URL and
/// around the password is left out.
///
/// \par Errors
/// errc::invalid_url. The message names the part that is wrong; it never repeats a password.
WORK_DECL endpoint parse_url(std::string_view url);

/// The server as a URL without user name and password, for logs and messages.
WORK_DECL std::string describe(endpoint const& server);

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/endpoint.ipp>
#endif
