// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_info.hpp>

#include <utility>

namespace work {
namespace detail {

// Few samples tell little about the slowest: then only half of them being slow counts.
inline constexpr std::int64_t enough_samples = 64;
inline constexpr std::int64_t slow_half_us = 20'000;
inline constexpr std::int64_t slow_hundredth_us = 50'000;
inline constexpr std::int64_t slow_script_us = 5'000;
inline constexpr std::int64_t full_percent = 90;

inline bool is_slow(latency_figures const& took) noexcept
{
    return took.p50_us >= slow_half_us ||
           (took.samples >= enough_samples && took.p99_us >= slow_hundredth_us);
}

/// "340 us", "1.2 ms", "62 ms", "3.1 s"
inline std::string in_time_units(std::int64_t us)
{
    if (us < 1'000)
        return std::to_string(us) + " us";
    char const* const unit = us < 1'000'000 ? " ms" : " s";
    std::int64_t const scale = us < 1'000'000 ? 1'000 : 1'000'000;
    std::string text = std::to_string(us / scale);
    if (us < 10 * scale)
        text += "." + std::to_string(us % scale * 10 / scale);
    return text + unit;
}

inline std::string slow_sentence(broker_info const& of)
{
    std::string text = "half of the requests take " + in_time_units(of.round_trip.p50_us) +
                       ", one in a hundred " + in_time_units(of.round_trip.p99_us) +
                       " to be answered";
    bool const scripts =
        of.scripts.p99_us >= slow_script_us || of.scripts.mean_us >= slow_script_us;
    if (scripts)
        return text + ", and scripts keep the server for up to " +
               in_time_units(of.scripts.p99_us) +
               ": it has too much to do; smaller batches and fewer jobs a second help, or a server "
               "of its own for this namespace";
    return text +
           ": the server is kept by other commands (SLOWLOG GET names them), by its disk, or is "
           "far away";
}

}  // namespace detail

WORK_DECL void assess(broker_info& of)
{
    if (!of.verdict.empty())
        return;
    broker_memory const& memory = of.memory;
    bool const limited = memory.limit_bytes > 0;
    std::int64_t const percent = limited ? memory.bytes * 100 / memory.limit_bytes : 0;
    of.verdict = "fine";
    if (limited && percent >= detail::full_percent) {
        of.verdict = "overload";
        of.sentence = "its memory is full to " + std::to_string(percent) +
                      " %: at the limit nothing can be enqueued until workers drain it; add "
                      "workers, or raise maxmemory";
    } else if (detail::is_slow(of.wait) && of.wait.p50_us > of.round_trip.p50_us) {
        of.verdict = "contention";
        of.sentence = "requests wait " + detail::in_time_units(of.wait.p50_us) +
                      " (one in a hundred " + detail::in_time_units(of.wait.p99_us) +
                      ") for this process's connection and are then answered in " +
                      detail::in_time_units(of.round_trip.p50_us) +
                      ": the server has time, this process has not; its thread is blocked, or "
                      "it sends more than one connection takes: use more threads or processes";
    } else if (detail::is_slow(of.round_trip)) {
        of.verdict = "overload";
        of.sentence = detail::slow_sentence(of);
    } else if (of.server.kind == "memory") {
        of.sentence = "jobs are kept in this process's memory, and are gone with it";
    } else {
        of.sentence = "it answers in " + detail::in_time_units(of.round_trip.p50_us) +
                      ", one in a hundred requests in " +
                      detail::in_time_units(of.round_trip.p99_us);
    }
}

WORK_DECL void describe_links(broker_info& of, std::vector<broker_link> const& links)
{
    of.links.clear();
    for (broker_link const& one : links) {
        link_row row;
        row.name = one.name;
        row.connected = one.connected;
        row.commands = one.commands;
        row.reconnects = one.reconnects;
        row.waiting = one.waiting;
        row.wait = one.wait.recent();
        row.round_trip = one.round_trip.recent();
        if (row.name == "commands") {
            of.wait = row.wait;
            of.round_trip = row.round_trip;
        }
        of.links.push_back(std::move(row));
    }
}

}  // namespace work
