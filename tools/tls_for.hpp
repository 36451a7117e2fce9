// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/connection.hpp>
#include <work/redis/transport.hpp>
#include <work/secured_stream.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace work::tool {

/// What a `rediss://` URL needs, from WORK_TLS_CA_FILE, WORK_TLS_CERTIFICATE_FILE and
/// WORK_TLS_KEY_FILE; nothing for any other.
std::shared_ptr<redis::tls_context const> tls_for(std::string_view url);
/// The same for a connection of its own.
redis::connection_options connection_for(std::string_view url);
/// The same where it is known whether it speaks TLS; `what` does: "an https:// URL".
/// Errors: errc::invalid_url: it does, and this program can't
redis::connection_options connection_over_tls(bool wanted, std::string_view what);

/// What a server speaks HTTPS with.
/// Errors: errc::invalid_option: a file can't be used, or this program can't
std::shared_ptr<web_certificate> certificate_of(std::string const& file, std::string const& key);

}  // namespace work::tool
