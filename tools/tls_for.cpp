// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "tls_for.hpp"

#include <work/error.hpp>
#include <work/redis/endpoint.hpp>

#ifdef WORK_TOOL_TLS
#include <work/tls.hpp>
#endif

#include <cstdlib>
#include <string>

namespace work::tool {

namespace {

std::shared_ptr<redis::tls_context const> tls_from_environment(
    [[maybe_unused]] std::string_view what
)
{
#ifdef WORK_TOOL_TLS
    auto const from_environment = [](char const* name) {
        char const* const value = std::getenv(name);
        return std::string(value ? value : "");
    };
    tls_options o;
    o.ca_file = from_environment("WORK_TLS_CA_FILE");
    o.certificate_file = from_environment("WORK_TLS_CERTIFICATE_FILE");
    o.key_file = from_environment("WORK_TLS_KEY_FILE");
    return tls(o);
#else
    throw error(
        errc::invalid_url,
        "this program was built without OpenSSL, so it can't use " + std::string(what) +
            "; build it where libssl-dev is installed"
    );
#endif
}

}  // namespace

std::shared_ptr<redis::tls_context const> tls_for(std::string_view url)
{
    if (url.find("rediss://") == std::string_view::npos || !redis::parse_url(url).tls)
        return nullptr;
    return tls_from_environment("a rediss:// URL");
}

redis::connection_options connection_for(std::string_view url)
{
    return connection_over_tls(
        url.find("rediss://") != std::string_view::npos && redis::parse_url(url).tls,
        "a rediss:// URL"
    );
}

redis::connection_options connection_over_tls(bool wanted, std::string_view what)
{
    redis::connection_options o;
    if (!wanted)
        return o;
    auto const tls = tls_from_environment(what);
    o.make_transport = [tls](boost::asio::any_io_executor on) { return tls->make(std::move(on)); };
    return o;
}

std::shared_ptr<web_certificate> certificate_of(
    [[maybe_unused]] std::string const& file,
    [[maybe_unused]] std::string const& key
)
{
#ifdef WORK_TOOL_TLS
    return web_tls(file, key);
#else
    throw error(
        errc::invalid_option,
        "this program was built without OpenSSL, so it can't use --tls-cert; build it where "
        "libssl-dev is installed, or let a proxy bring TLS"
    );
#endif
}

}  // namespace work::tool
