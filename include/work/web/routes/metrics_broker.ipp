// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_info.hpp>
#include <work/web/exposition.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work::web::detail_of_metrics {

inline double from_us(std::int64_t us)
{
    return static_cast<double>(us) / 1'000'000;
}

inline void write_latency(exposition& out, std::string_view link, latency const& of)
{
    out.histogram(
        latency::bounds_us,
        1e6,
        of.counts(),
        from_us(of.sum_us()),
        {{"connection", link}}
    );
}

/// What this process has seen of its connections.
inline void write_links(exposition& out, std::vector<broker_link> const& links)
{
    out.family(
        "work_broker_round_trip_seconds",
        "histogram",
        "From sending a command to its reply, of one at a time."
    );
    for (broker_link const& one : links)
        write_latency(out, one.name, one.round_trip);
    out.family(
        "work_broker_connection_wait_seconds",
        "histogram",
        "From a call to sending it, of the same ones."
    );
    for (broker_link const& one : links)
        write_latency(out, one.name, one.wait);
    out.family("work_broker_commands_total", "counter", "Replies received.");
    for (broker_link const& one : links)
        out.value(one.commands, {{"connection", one.name}});
    out.family("work_broker_reconnects_total", "counter", "Connections made after the first.");
    for (broker_link const& one : links)
        out.value(one.reconnects, {{"connection", one.name}});
}

/// What the server tells of itself.
inline void write_broker(exposition& out, broker_info const& of)
{
    if (of.server.version.empty())
        return;
    out.family("work_broker_memory_bytes", "gauge", "Memory that the server uses.");
    out.value(of.memory.bytes);
    out.family("work_broker_memory_limit_bytes", "gauge", "Its maxmemory; 0: there is none.");
    out.value(of.memory.limit_bytes);
    out.family("work_broker_clients", "gauge", "Connections that it has, of all programs.");
    out.value(of.clients.count);
    out.family(
        "work_broker_script_seconds",
        "summary",
        "Time that scripts of all programs held it, since it counts."
    );
    if (of.scripts.p99_us > 0) {
        out.value(from_us(of.scripts.p50_us), {{"quantile", "0.5"}});
        out.value(from_us(of.scripts.p99_us), {{"quantile", "0.99"}});
    }
    out.part("_sum", from_us(of.scripts.mean_us * of.scripts.calls), {});
    out.part("_count", static_cast<std::uint64_t>(of.scripts.calls), {});
}

}  // namespace work::web::detail_of_metrics
