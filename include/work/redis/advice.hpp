// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/reply.hpp>

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace work::redis {

/// What to do about an error that the server answered with.
WORK_DECL std::string advice(endpoint const& server, std::string_view text);
/// What to do about a connection that could not be made, or was lost.
WORK_DECL std::string advice(endpoint const& server, boost::system::error_code failure);
/// The same of one that says nothing; by TLS, which a plain server takes for half a command.
inline std::string_view no_answer(bool tls)
{
    return tls ? "check host and port, and firewalls on the way; if that port is a plain one, "
                 "write redis://, and give the port of TLS otherwise"
               : "check host and port, and firewalls on the way";
}

/// What is wrong with the version that HELLO's answer or INFO's tells; "" if nothing is, or none
/// is told.
WORK_DECL std::string version_fault(reply const& hello_or_info);
/// Is this the error of a server that doesn't know flags of scripts, or of one that has no scripts?
/// Then what is needed; else "".
WORK_DECL std::string script_fault(std::string_view text);

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/advice.ipp>
#endif
