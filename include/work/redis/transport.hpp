// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/endpoint.hpp>
#include <work/task.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace work::redis {

/// The byte stream under a connection. TLS is another one of these, in a header of its own.
///
/// One read and one write may be under way at a time. The buffers stay valid until the handler
/// was called or destroyed; the transport may be destroyed before.
class transport
{
public:
    using handler =
        boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;

    transport() = default;
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    virtual ~transport() = default;

    /// Connects; called once. `close()` ends it early.
    ///
    /// \par Errors
    /// boost::system::system_error as received from the operating system, or work::error.
    virtual task<void> connect(endpoint server) = 0;
    virtual void read_some(boost::asio::mutable_buffer buffer, handler done) = 0;
    virtual void write_some(boost::asio::const_buffer buffer, handler done) = 0;
    /// Ends the read under way, if any; no byte is lost.
    virtual void cancel() noexcept = 0;
    /// Ends everything under way. Nothing works after it.
    virtual void close() noexcept = 0;
    /// The same in a child made by fork(): no byte goes to the peer, and nothing that the parent
    /// shares is touched.
    virtual void abandon() noexcept { close(); }
    /// False if the connection is known to have ended. Asks the operating system, sends nothing.
    virtual bool alive() noexcept = 0;
};

using transport_factory = std::function<std::unique_ptr<transport>(boost::asio::any_io_executor)>;

/// Makes byte streams that speak TLS; `work::tls()` in <work/tls.hpp> makes one of these.
class tls_context
{
public:
    virtual ~tls_context() = default;
    virtual std::unique_ptr<transport> make(boost::asio::any_io_executor executor) const = 0;
};

/// Plain TCP (TCP_NODELAY, keepalive, TCP_USER_TIMEOUT) or a unix socket, as the config says.
WORK_DECL std::unique_ptr<transport> make_socket_transport(boost::asio::any_io_executor executor);

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/transport.ipp>
#endif
