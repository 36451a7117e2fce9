// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <memory>
#include <string>

#include "access/access.hpp"
#include "access/http_client.hpp"

namespace work::tool {

/// What a server says of itself.
struct server_greeting
{
    std::string ns;
    std::string user;  ///< who we are to it
};

/// Errors: as `access`; errc::refused: it is no work server, or wants a token
task<server_greeting> greet(http_client& at);

/// Through a work server. The client must outlive it.
std::unique_ptr<access> access_by_server(http_client& at, server_greeting as);

}  // namespace work::tool
