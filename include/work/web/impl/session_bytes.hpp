// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/secured_stream.hpp>
#include <work/values/text.hpp>
#include <work/web/impl/session.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <utility>

// How bytes come and go on a connection, with TLS or without.
namespace work::web::detail_of_session {

using boost::asio::buffer;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;

/// Some bytes of a connection that speaks TLS.
inline task<std::size_t> read_secured(
    secured_stream& from,
    boost::asio::mutable_buffer into,
    boost::system::error_code& ec
)
{
    auto token = redirect_error(use_awaitable, ec);
    auto const start = [&from](auto done, boost::asio::mutable_buffer to) {
        from.read_some(to, secured_stream::handler(std::move(done)));
    };
    co_return co_await boost::asio::async_initiate<
        decltype(token),
        void(boost::system::error_code, std::size_t)>(start, token, into);
}

inline task<std::size_t> write_secured(
    secured_stream& to,
    boost::asio::const_buffer text,
    boost::system::error_code& ec
)
{
    auto token = redirect_error(use_awaitable, ec);
    auto const start = [&to](auto done, boost::asio::const_buffer from) {
        to.write_some(from, secured_stream::handler(std::move(done)));
    };
    co_return co_await boost::asio::async_initiate<
        decltype(token),
        void(boost::system::error_code, std::size_t)>(start, token, text);
}

/// Reads some more. False: the end, an error, or too late.
inline task<bool> read_some(std::shared_ptr<connection> of)
{
    boost::system::error_code ec;
    std::array<char, 16384> chunk;
    std::size_t got = 0;
    if (of->tls)
        got = co_await read_secured(*of->tls, buffer(chunk), ec);
    else
        got = co_await of->socket.async_read_some(buffer(chunk), redirect_error(use_awaitable, ec));
    if (ec || of->late)
        co_return false;
    of->buffer.append(chunk.data(), got);
    co_return true;
}

inline task<void> write_all(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    std::string text
)
{
    of->until_ms = steady_ms() + core->options.limits.write_out.count();
    if (!of->tls)
        co_await boost::asio::async_write(of->socket, buffer(text), use_awaitable);
    boost::system::error_code ec;
    for (std::size_t at = 0; of->tls && at != text.size() && !ec;) {
        boost::asio::const_buffer const left(text.data() + at, text.size() - at);
        at += co_await write_secured(*of->tls, left, ec);
    }
    if (ec)
        throw boost::system::system_error(ec);
    of->until_ms = connection::no_limit;
}

/// False: the other side speaks no TLS, or none that is taken.
inline task<bool> shake_hands(std::shared_ptr<server_core> core, std::shared_ptr<connection> of)
{
    of->until_ms = steady_ms() + core->options.limits.head_in.count();
    std::string why;
    try {
        co_await of->tls->handshake();
    } catch (boost::system::system_error const& fault) {
        why = fault.code().message();
    }
    of->until_ms = connection::no_limit;
    if (why.empty())
        co_return true;
    core->at.served.refuse("tls");
    core->log(
        log_level::info,
        "web: no TLS with peer=" + of->peer + " error=" + detail::log_field(why)
    );
    co_return false;
}

/// Ends a connection so that the answer arrives: what still comes is read, for a moment.
inline task<void> hang_up(std::shared_ptr<connection> of)
{
    boost::system::error_code ignored;
    of->until_ms = steady_ms() + 1'000;
    of->late = false;
    of->idle = true;
    if (of->tls) {
        co_await of->tls->goodbye();
        co_return;
    }
    of->socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    std::size_t drained = 0;
    bool more = true;
    while (more && drained < (1u << 20)) {
        of->buffer.clear();
        more = co_await read_some(of);
        drained += of->buffer.size();
    }
}

}  // namespace work::web::detail_of_session
