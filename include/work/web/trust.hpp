// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/web/options.hpp>
#include <work/web/request.hpp>
#include <work/web/roles.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// Some addresses of one kind: "10.0.0.0/8", "fd00::/8", "10.1.2.3".
class network
{
public:
    /// Errors: `errc::invalid_option` with the text and what it must be; also one with bits behind
    /// its prefix, since those are a slip
    WORK_DECL static network parse(std::string_view text);
    /// An IPv4 address that came through an IPv6 socket is the IPv4 one.
    WORK_DECL bool has(boost::asio::ip::address const& one) const noexcept;

private:
    boost::asio::ip::address first_;
    unsigned bits_ = 0;
};

/// Proxies that say who asks: they have seen to it that it is true, and that nobody else can say
/// it.
class trust
{
public:
    /// Errors: those of `network::parse`
    WORK_DECL explicit trust(web_options const& options);

    bool any() const noexcept { return !networks_.empty(); }
    /// Is this address one of theirs?
    WORK_DECL bool is_trusted(boost::asio::ip::address const& peer) const noexcept;
    /// Who asks, in the words of a trusted peer.
    /// Errors: `problem` 401 without a user, 403 for a role that there is not
    WORK_DECL web_user user_of(web_request const& request) const;
    /// The name of a field that only a trusted peer may send, and this one does; "" if none.
    WORK_DECL std::string_view said_by(web_request const& request) const noexcept;

private:
    std::vector<network> networks_;
    std::string user_field_;
    std::string role_field_;
};

/// Throws `errc::invalid_option` for options that make no sense together.
WORK_DECL void check_trust(web_options const& options);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/trust.ipp>
#endif
