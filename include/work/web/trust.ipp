// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/problem.hpp>
#include <work/web/trust.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace work::web {
namespace detail_of_trust {

using bytes = std::array<unsigned char, 16>;

inline boost::asio::ip::address plain(boost::asio::ip::address const& one)
{
    namespace ip = boost::asio::ip;
    if (one.is_v6() && one.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, one.to_v6());
    return one;
}

inline bytes bytes_of(boost::asio::ip::address const& one)
{
    bytes all{};
    if (one.is_v4()) {
        auto const four = one.to_v4().to_bytes();
        std::copy(four.begin(), four.end(), all.begin());
    } else {
        auto const sixteen = one.to_v6().to_bytes();
        std::copy(sixteen.begin(), sixteen.end(), all.begin());
    }
    return all;
}

inline bool bit_of(bytes const& all, std::size_t n)
{
    return (all[n / 8] >> (7 - n % 8) & 1) != 0;
}

inline error bad_network(std::string_view text, char const* why)
{
    return error(
        errc::invalid_option,
        "trust names " + detail::quote(text) + ", " + why +
            ": write an address or a network, as 10.0.0.0/8, fd00::/8 or 127.0.0.1"
    );
}

inline void check_field(char const* option, std::string const& name)
{
    static constexpr std::array<std::string_view, 10> others{
        "authorization",
        "host",
        "origin",
        "cookie",
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
        "sec-fetch-site",
        "idempotency-key"
    };
    bool const token = !name.empty() && name.size() <= 64 &&
                       name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789-_") == std::string::npos;
    if (!token || std::find(others.begin(), others.end(), lower(name)) != others.end())
        throw error(
            errc::invalid_option,
            std::string(option) + " is " + detail::quote(name) +
                ", it must be the name of a field of the proxy's own, as X-Forwarded-User"
        );
}

}  // namespace detail_of_trust

WORK_DECL network network::parse(std::string_view text)
{
    using namespace detail_of_trust;
    network made;
    std::size_t const slash = text.find('/');
    boost::system::error_code ec;
    made.first_ = boost::asio::ip::make_address(std::string(text.substr(0, slash)), ec);
    if (ec || text.find('%') != text.npos)
        throw bad_network(text, "which is no address");
    unsigned const most = made.first_.is_v4() ? 32 : 128;
    made.bits_ = most;
    if (slash != text.npos) {
        std::string_view const digits = text.substr(slash + 1);
        auto const [end, fault] =
            std::from_chars(digits.data(), digits.data() + digits.size(), made.bits_);
        if (fault != std::errc() || end != digits.data() + digits.size() || made.bits_ > most)
            throw bad_network(text, "whose length is none");
    }
    bytes const all = bytes_of(made.first_);
    for (std::size_t n = made.bits_; n != most; ++n)
        if (bit_of(all, n))
            throw bad_network(text, "which has bits behind its length");
    return made;
}

WORK_DECL bool network::has(boost::asio::ip::address const& one) const noexcept
{
    using namespace detail_of_trust;
    boost::asio::ip::address const peer = plain(one);
    if (peer.is_v4() != first_.is_v4())
        return false;
    bytes const wanted = bytes_of(first_);
    bytes const is = bytes_of(peer);
    for (std::size_t n = 0; n != bits_; ++n)
        if (bit_of(wanted, n) != bit_of(is, n))
            return false;
    return true;
}

WORK_DECL trust::trust(web_options const& options)
    : user_field_(lower(options.user_header)),
      role_field_(lower(options.role_header))
{
    for (std::string const& one : options.trust)
        networks_.push_back(network::parse(one));
}

WORK_DECL bool trust::is_trusted(boost::asio::ip::address const& peer) const noexcept
{
    return std::any_of(networks_.begin(), networks_.end(), [&](network const& one) {
        return one.has(peer);
    });
}

WORK_DECL std::string_view trust::said_by(web_request const& request) const noexcept
{
    for (std::string const* const field : {&user_field_, &role_field_})
        if (!field->empty() && request.has(*field))
            return *field;
    return {};
}

WORK_DECL web_user trust::user_of(web_request const& request) const
{
    for (std::string const* const field : {&user_field_, &role_field_}) {
        auto const same = [&](auto const& one) { return one.first == *field; };
        // One of them may be the caller's own.
        if (std::count_if(request.fields.begin(), request.fields.end(), same) > 1)
            throw problem(
                403,
                "forbidden",
                "The field " + detail::quote(*field) +
                    " is there twice: the proxy must take out what its callers send by that name."
            );
    }
    web_user one;
    one.name = request.field(user_field_);
    if (one.name.empty() || name_fault(one.name) != nullptr)
        throw problem(
            401,
            "unauthenticated",
            "The proxy did not say who asks: it must send the field " + detail::quote(user_field_) +
                "."
        )
            .with("WWW-Authenticate", "Basic realm=\"work\", charset=\"UTF-8\"");
    std::string said(role_field_.empty() ? std::string_view() : request.field(role_field_));
    std::string_view rest = detail::trimmed(said);
    if (rest.empty())
        rest = "viewer";
    while (!rest.empty()) {
        std::string_view const name = detail::trimmed(rest.substr(0, rest.find(',')));
        rest.remove_prefix(
            std::min(rest.size(), rest.find(',') == rest.npos ? rest.size() : rest.find(',') + 1)
        );
        role_rights const* const found = find_role(name);
        if (found == nullptr)
            throw problem(
                403,
                "forbidden",
                "The proxy names the role " + detail::quote(name) +
                    ", and there are only metrics, viewer, producer, worker, operator and admin."
            );
        one.rights |= found->rights;
        one.roles.emplace_back(name);
    }
    return one;
}

WORK_DECL void check_trust(web_options const& options)
{
    if (options.trust.empty() && (!options.user_header.empty() || !options.role_header.empty()))
        throw error(
            errc::invalid_option,
            "user_header and role_header are for peers that are trusted: give trust, as 10.0.0.0/8"
        );
    if (options.trust.empty())
        return;
    for (std::string const& one : options.trust)
        network::parse(one);
    detail_of_trust::check_field("user_header", options.user_header);
    if (options.role_header.empty())
        return;
    detail_of_trust::check_field("role_header", options.role_header);
    if (lower(options.user_header) == lower(options.role_header))
        throw error(
            errc::invalid_option,
            "user_header and role_header are both " + detail::quote(options.user_header)
        );
}

}  // namespace work::web
