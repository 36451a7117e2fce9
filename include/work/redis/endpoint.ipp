// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/endpoint.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace work::redis {
namespace detail {

[[noreturn]] inline void bad_url(std::string message)
{
    throw error(errc::invalid_url, std::move(message));
}

inline int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// `part` is for the message; the value isn't shown, since it may be a password.
inline std::string percent_decode(std::string_view text, char const* part)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        bool const room = i + 2 < text.size();
        int const high = room ? hex_digit(text[i + 1]) : -1;
        int const low = room ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            bad_url(
                std::string("the ") + part +
                " of the Redis URL has a '%' that two hexadecimal digits don't follow; write "
                "a percent sign as %25"
            );
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (result.find('\0') != std::string::npos)
        bad_url(std::string("the ") + part + " of the Redis URL has a zero byte; leave it out");
    return result;
}

template <typename Integer>
std::optional<Integer> whole_number(std::string_view text)
{
    Integer value{};
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || text.front() == '-')
        return std::nullopt;
    return value;
}

inline int url_database(std::string_view text)
{
    auto const number = whole_number<int>(text);
    if (!number)
        bad_url(
            "the database \"" + std::string(text.substr(0, 40)) +
            "\" of the Redis URL is not a whole number; write for example /0"
        );
    return *number;
}

inline constexpr std::string_view white_space = " \t\r\n";

/// Without white space around it: what was read from a file or a variable often ends with a line.
inline std::string_view trimmed(std::string_view text) noexcept
{
    auto const first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

inline void check_characters(std::string_view text, char const* part)
{
    for (char const c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
            bad_url(
                std::string("the ") + part +
                " of the Redis URL has a space, a line break or "
                "another control character; if it belongs there, write it percent-encoded, a "
                "space as %20"
            );
}

inline void url_credentials(endpoint& result, std::string_view text)
{
    auto const colon = text.find(':');
    auto const user = text.substr(0, colon);
    auto const password =
        colon == std::string_view::npos ? std::string_view() : trimmed(text.substr(colon + 1));
    check_characters(user, "user name");
    check_characters(password, "password");
    result.username = percent_decode(user, "user name");
    result.password = percent_decode(password, "password");
}

/// The zone of an IPv6 address: RFC 6874 writes its '%' as %25, people don't.
inline std::string url_zone(std::string_view address)
{
    auto const percent = address.find('%');
    if (percent == std::string_view::npos)
        return std::string(address);
    auto zone = address.substr(percent + 1);
    if (zone.starts_with("25"))
        zone.remove_prefix(2);
    if (zone.empty())
        bad_url("the IPv6 address of the Redis URL ends in '%' without a zone; write for example "
                "[fe80::1%25eth0]");
    return std::string(address.substr(0, percent + 1)) + percent_decode(zone, "zone");
}

inline void url_query(endpoint& result, std::string_view query)
{
    while (!query.empty()) {
        auto const item = query.substr(0, query.find('&'));
        query.remove_prefix(item.size() + (item.size() < query.size() ? 1 : 0));
        auto const name = item.substr(0, item.find('='));
        if (name != "db" || name.size() == item.size())
            bad_url(
                "the Redis URL has the parameter \"" + std::string(name.substr(0, 40)) +
                "\", which is not known here; the only one is db=<number>"
            );
        result.database = url_database(item.substr(name.size() + 1));
    }
}

/// `safe` says that an '@' stood before, so that what is left can't be a password in disguise.
inline void url_host(endpoint& result, std::string_view text, bool safe)
{
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        auto const close = text.find(']');
        if (close == std::string_view::npos)
            bad_url("the host of the Redis URL opens a '[' and doesn't close it; write an IPv6 "
                    "address as [::1]");
        result.host = url_zone(text.substr(1, close - 1));
        auto const rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':')
            bad_url("the host of the Redis URL goes on after ']'; write [::1]:6379");
        has_port = !rest.empty();
        port = has_port ? rest.substr(1) : rest;
    } else {
        auto const colon = text.find(':');
        result.host = percent_decode(text.substr(0, colon), "host");
        has_port = colon != std::string_view::npos;
        port = has_port ? text.substr(colon + 1) : std::string_view();
        if (port.find(':') != std::string_view::npos)
            bad_url("the host of the Redis URL has more than one ':'; write an IPv6 address in "
                    "brackets as [::1], and a ':' in a password as %3A");
    }
    if (result.host.empty())
        bad_url("the host of the Redis URL is empty; write for example redis://127.0.0.1:6379");
    if (!has_port)
        return;
    auto const number = whole_number<std::uint16_t>(port);
    if (!number || *number == 0)
        bad_url(
            "the port " + (safe ? "\"" + std::string(port.substr(0, 40)) + "\" " : std::string()) +
            "of the Redis URL is not a number from 1 to 65535; write for example "
            "redis://host:6379, or redis://user:password@host if it was meant as a password"
        );
    result.port = *number;
}

}  // namespace detail

WORK_DECL endpoint parse_url(std::string_view url)
{
    using detail::bad_url;
    endpoint result;
    url = detail::trimmed(url);
    if (url.starts_with('"') || url.starts_with('\''))
        bad_url("the Redis URL begins with a quotation mark; leave it out (some files of "
                "environment variables are read without a shell)");
    auto const scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos)
        bad_url("the Redis URL has no scheme; write for example redis://127.0.0.1:6379");
    auto const scheme = url.substr(0, scheme_end);
    auto rest = url.substr(scheme_end + 3);
    bool const local = scheme == "unix";
    result.tls = scheme == "rediss";
    if (!local && !result.tls && scheme != "redis")
        bad_url(
            "the scheme \"" + std::string(scheme.substr(0, 40)) +
            "\" is not known here; use redis://, rediss:// (TLS), unix:// or, without a server, "
            "memory:"
        );

    auto const authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    auto const at = authority.rfind('@');
    bool const has_user = at != std::string_view::npos;
    if (!local && rest.find('@') != std::string_view::npos)
        bad_url("the Redis URL has an '@' after a '/', '?' or '#'; percent-encode those in a user "
                "name or password as %2F, %3F and %23");
    if (has_user)
        detail::url_credentials(result, authority.substr(0, at));
    auto const where = has_user ? authority.substr(at + 1) : authority;
    detail::check_characters(where, "host");
    detail::check_characters(rest, "path");

    auto const query_start = rest.find('?');
    auto const path = rest.substr(0, query_start);
    if (query_start != std::string_view::npos)
        detail::url_query(result, rest.substr(query_start + 1));
    if (local) {
        if (!where.empty())
            bad_url("the unix socket of the Redis URL is not an absolute path; write "
                    "unix:///run/redis.sock, or unix://user:password@/run/redis.sock with '/' in "
                    "a password as %2F");
        result.unix_socket = detail::percent_decode(path, "path");
        if (result.unix_socket.size() < 2)
            bad_url("the unix socket of the Redis URL is empty; write unix:///run/redis.sock");
        if (result.unix_socket.size() > 107)
            bad_url("the unix socket of the Redis URL is longer than the 107 bytes Linux allows; "
                    "use a shorter path");
        return result;
    }
    if (rest.find('#') != std::string_view::npos)
        bad_url("the Redis URL has a '#' part, which means nothing here; leave it out");
    detail::url_host(result, where, has_user);
    if (path.size() > 1)
        result.database = detail::url_database(path.substr(1));
    return result;
}

WORK_DECL std::string describe(endpoint const& server)
{
    std::string const number = std::to_string(server.database);
    if (!server.unix_socket.empty())
        return "unix://" + server.unix_socket + (server.database != 0 ? "?db=" + number : "");
    bool const bracket = server.host.find(':') != std::string::npos;
    std::string host = server.host;
    auto const zone = host.find('%');
    if (bracket && zone != std::string::npos)
        host.insert(zone + 1, "25");
    return (server.tls ? "rediss://" : "redis://") + (bracket ? "[" + host + "]" : host) + ":" +
           std::to_string(server.port) + (server.database != 0 ? "/" + number : "");
}

}  // namespace work::redis
