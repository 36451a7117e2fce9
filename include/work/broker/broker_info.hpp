// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/latency.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace work {

/// One connection of this client, and what it has done since it was made.
struct broker_link
{
    std::string name;  ///< what it is for: "commands", "large"
    bool connected = false;
    std::int64_t commands = 0;    ///< replies received
    std::int64_t reconnects = 0;  ///< connections made after the first
    std::int64_t waiting = 0;     ///< calls that are not sent yet
    latency wait;                 ///< from a call to when it is sent
    latency round_trip;           ///< from there to its reply
};

/// What keeps the jobs.
struct broker_server
{
    std::string kind;     ///< "redis", "valkey", "memory"; another one by its own name
    std::string version;  ///< "": not told
    std::string role;     ///< "primary", "replica"; "": not told
    std::int64_t uptime_s = 0;
    std::string persistence;  ///< "aof", "rdb", "aof, rdb", "none"; "": not told

    friend bool operator==(broker_server const&, broker_server const&) = default;
};
BOOST_DESCRIBE_STRUCT(broker_server, (), (kind, version, role, uptime_s, persistence))

struct broker_memory
{
    std::int64_t bytes = 0;
    std::int64_t limit_bytes = 0;  ///< 0: none is set
    std::string policy;            ///< what happens at the limit; "": not told

    friend bool operator==(broker_memory const&, broker_memory const&) = default;
};
BOOST_DESCRIBE_STRUCT(broker_memory, (), (bytes, limit_bytes, policy))

/// So many connections of programs of ours are for that.
struct client_purpose
{
    std::string purpose;
    std::int64_t count = 0;

    friend bool operator==(client_purpose const&, client_purpose const&) = default;
};
BOOST_DESCRIBE_STRUCT(client_purpose, (), (purpose, count))

struct broker_clients
{
    std::int64_t count = 0;
    std::int64_t limit = 0;
    std::int64_t blocked = 0;          ///< that wait for something
    std::vector<client_purpose> ours;  ///< of all namespaces; empty: not asked, or too many clients

    friend bool operator==(broker_clients const&, broker_clients const&) = default;
};
BOOST_DESCRIBE_STRUCT(broker_clients, (), (count, limit, blocked, ours))

/// Scripts of all programs, since the server began to count.
struct broker_scripts
{
    std::int64_t calls = 0;
    std::int64_t mean_us = 0;
    std::int64_t p50_us = 0;  ///< 0 with calls: not told
    std::int64_t p99_us = 0;

    friend bool operator==(broker_scripts const&, broker_scripts const&) = default;
};
BOOST_DESCRIBE_STRUCT(broker_scripts, (), (calls, mean_us, p50_us, p99_us))

/// A connection, for people.
struct link_row
{
    std::string name;
    bool connected = false;
    std::int64_t commands = 0;
    std::int64_t reconnects = 0;
    std::int64_t waiting = 0;
    latency_figures wait;
    latency_figures round_trip;

    friend bool operator==(link_row const&, link_row const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    link_row,
    (),
    (name, connected, commands, reconnects, waiting, wait, round_trip)
)

/// How the broker does, as this client sees it.
///
///     work::broker_info const how = co_await inspector.broker();
///     std::puts(how.sentence.c_str());
struct broker_info
{
    /// `fine`; `contention`: it answers in time, but requests wait for this client's connection;
    /// `overload`: it takes long to answer, or is nearly full; `away`: it can't be used.
    std::string verdict;
    std::string sentence;  ///< why, and what to do about it
    std::string place;     ///< what it is and where, without passwords
    std::int64_t now_ms = 0;
    broker_server server;
    broker_memory memory;
    broker_clients clients;
    std::int64_t commands_per_s = 0;  ///< of all its clients
    broker_scripts scripts;
    latency_figures wait;        ///< for the connection, of commands
    latency_figures round_trip;  ///< from sending a command to its reply
    std::vector<link_row> links;
    std::string unseen;  ///< why some of it could not be looked at; "": all was

    friend bool operator==(broker_info const&, broker_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    broker_info,
    (),
    (verdict,
     sentence,
     place,
     now_ms,
     server,
     memory,
     clients,
     commands_per_s,
     scripts,
     wait,
     round_trip,
     links,
     unseen)
)

/// Fills in verdict and sentence from the figures; nothing where there is a verdict.
WORK_DECL void assess(broker_info& of);
/// Fills in `links`, and from "commands" what all commands take.
WORK_DECL void describe_links(broker_info& of, std::vector<broker_link> const& links);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/broker_info.ipp>
#endif
