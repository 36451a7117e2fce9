// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace work {

/// What one connection of a web server speaks TLS with, over its socket. One read and one write may
/// be under way at a time; to cancel the socket's operations ends both.
class secured_stream
{
public:
    using handler =
        boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;

    secured_stream() = default;
    secured_stream(secured_stream const&) = delete;
    secured_stream& operator=(secured_stream const&) = delete;
    virtual ~secured_stream() = default;

    /// Before anything else. Errors: boost::system::system_error
    virtual task<void> handshake() = 0;
    virtual void read_some(boost::asio::mutable_buffer into, handler done) = 0;
    virtual void write_some(boost::asio::const_buffer from, handler done) = 0;
    /// Says that nothing more comes, and hears the same. Does not throw.
    virtual task<void> goodbye() = 0;
};

/// The certificate of a web server: `work::web_tls()` in <work/tls.hpp> makes one of these.
class web_certificate
{
public:
    virtual ~web_certificate() = default;
    /// For one connection; the socket outlives it.
    virtual std::unique_ptr<secured_stream> make(boost::asio::ip::tcp::socket& over) const = 0;
    /// Reads its files again where they have changed, so that a renewed certificate needs no
    /// restart. What happened, for the log; "": nothing. While new ones can't be used the old ones
    /// hold.
    virtual std::string refresh() = 0;
};

}  // namespace work
