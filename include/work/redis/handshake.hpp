// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/reply.hpp>
#include <work/redis/resp.hpp>
#include <work/redis/transport.hpp>
#include <work/task.hpp>

#include <cstddef>
#include <string>

namespace work::redis {

/// Receives bytes into the parser.
///
/// \par Errors
/// boost::system::system_error as received; the end of the stream is boost::asio::error::eof.
WORK_DECL task<void> receive(transport& link, parser& incoming);
/// Sends all bytes.
WORK_DECL task<void> send(transport& link, std::string bytes);
/// Receives one reply; pushes are returned as well.
WORK_DECL task<reply> receive_reply(transport& link, parser& incoming);

/// Connects and introduces us: HELLO 3 with AUTH, or AUTH where HELLO is not known (RESP2 then),
/// SELECT, CLIENT SETNAME. Both parameters must outlive the call; `link.close()` ends it early.
///
/// \par Errors
/// errc::unavailable if a later attempt may succeed; errc::refused, with the server's text, or
/// errc::invalid_option if it can't.
WORK_DECL task<void> establish(transport& link, parser& incoming, endpoint server);

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/handshake.ipp>
#endif
