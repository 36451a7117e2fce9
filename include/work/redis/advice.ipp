// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/advice.hpp>
#include <work/redis/error_table.hpp>

#include <boost/asio/error.hpp>

#include <charconv>

namespace work::redis {
namespace detail {

inline constexpr int least_redis_version = 7;
inline constexpr char needed[] =
    "work needs Redis 7.0 or newer, or Valkey 7.2 or newer, and talks to it without a proxy that "
    "changes commands";

struct advice_row
{
    std::string_view beginning;
    std::string_view advice;
};

inline constexpr advice_row advice_rows[] = {
    {"ERR max number of clients",
     "raise its maxclients, or run fewer processes and pools (a client holds one connection, each "
     "running pool two more)"},
    {"NOAUTH", "it wants a password: write redis://:password@host or redis://user:password@host"},
    {"NOPERM", "give the user the rights that docs/operations.md lists"},
    {"LOADING", "it is reading its data set and can be used when it has done so"},
    {"READONLY", "a replica answers there: connect to the primary, or promote this one"},
    {"MASTERDOWN", "a replica without its primary answers there: connect to the primary"},
    {"UNBLOCKED", "it became a replica: connect to the primary"},
    {"BUSY", "somebody's script runs too long there; SCRIPT KILL ends it"},
    {"UNKILLABLE", "somebody's script that has written runs too long there"},
    {"MISCONF", "it can't write its data to its disk: make room there, or see its log"},
    {"NOREPLICAS", "it has fewer replicas than its min-replicas-to-write"},
    {"CLUSTERDOWN", "see CLUSTER INFO there"},
    {"DENIED", "it is in protected mode: give it a password, or bind it to an address of its own"},
    {"ERR DB index", "choose a database that it has, see its setting \"databases\""},
    {"ERR invalid DB index", "choose a database that it has, see its setting \"databases\""},
    {"ERR unknown command", needed},
};

inline bool ends_in_space(std::string_view text) noexcept
{
    return !text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' ||
                             text.back() == '\t');
}

/// The version after `key` in a text like INFO's, or at its start if there is no key.
inline std::string version_in(std::string_view text, std::string_view key)
{
    auto const at = text.find(key);
    if (at == std::string_view::npos)
        return {};
    auto const rest = text.substr(at + key.size());
    return std::string(rest.substr(0, rest.find_first_not_of("0123456789.")));
}

}  // namespace detail

WORK_DECL std::string advice(endpoint const& server, std::string_view text)
{
    auto const word = error_word(text);
    if (word == "WRONGPASS") {
        bool const odd =
            detail::ends_in_space(server.password) || detail::ends_in_space(server.username);
        return std::string("check user name and password") +
               (odd ? "; the one given ends in a space or a line break, which a secret that was "
                      "read from a file often does by mistake"
                    : "");
    }
    for (detail::advice_row const& row : detail::advice_rows)
        if (text.starts_with(row.beginning) || word == row.beginning)
            return std::string(row.advice);
    return "check user name, password, database and permissions";
}

WORK_DECL std::string advice(endpoint const& server, boost::system::error_code failure)
{
    namespace asio_error = boost::asio::error;
    // The alert that says so can be lost with the connection.
    bool const cut = failure == asio_error::connection_reset || failure == asio_error::eof ||
                     failure == asio_error::broken_pipe;
    if (server.tls && (cut || std::string_view(failure.category().name()) == "asio.ssl"))
        return "it ended TLS: if it wants a certificate of its clients, set "
               "tls_options::certificate_file and key_file to one that it believes";
    bool const local = !server.unix_socket.empty();
    if (failure == asio_error::connection_refused)
        return local ? "no server listens on that socket: check that it runs"
                     : "nothing listens there: check host and port, and that the server runs and "
                       "is not bound to another address";
    if (failure == asio_error::host_not_found || failure == asio_error::no_data ||
        failure == asio_error::host_not_found_try_again)
        return "no such host is known here: check its name, and this machine's name server";
    if (failure == boost::system::errc::no_such_file_or_directory)
        return "there is no such socket: check the path, and the server's setting \"unixsocket\"";
    if (failure == asio_error::access_denied)
        return local ? "check the socket's owner and the server's setting \"unixsocketperm\""
                     : "check the firewall";
    if (failure == asio_error::network_unreachable || failure == asio_error::host_unreachable)
        return "there is no way to that address from here: check address, interface and routes";
    if (failure == asio_error::timed_out)
        return std::string(no_answer(server.tls));
    return "check that a Redis server runs there";
}

WORK_DECL std::string version_fault(reply const& told)
{
    std::string version;
    if (told.is_aggregate()) {
        for (std::size_t i = 0; i + 1 < told.size(); i += 2)
            if (told[i].is_text() && told[i].text() == "version" && told[i + 1].is_text())
                version = told[i + 1].text();
    } else if (told.root().is_text()) {
        version = detail::version_in(told.text(), "redis_version:");
    }
    int major = 0;
    auto const [end, ec] = std::from_chars(version.data(), version.data() + version.size(), major);
    if (ec != std::errc() || major >= detail::least_redis_version)
        return {};
    return "its version is " + version.substr(0, 40) + "; " + detail::needed;
}

WORK_DECL std::string script_fault(std::string_view text)
{
    if (text.find("unexpected symbol near '#'") != std::string_view::npos)
        return std::string("it does not know the flags of scripts, so it is older than 7.0; ") +
               detail::needed;
    if (text.starts_with("ERR unknown command"))
        return std::string("it has no scripts: a proxy, or no Redis, answers there; ") +
               detail::needed;
    return {};
}

}  // namespace work::redis
