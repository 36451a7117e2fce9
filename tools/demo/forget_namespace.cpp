// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "demo/forget_namespace.hpp"

#include <work/broker/history.hpp>
#include <work/broker/policy.hpp>
#include <work/redis/command.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/endpoint.hpp>
#include <work/values/name.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

#include "tls_for.hpp"

namespace work::tool {

task<void> forget_namespace(
    std::string url,
    std::string ns,
    std::string list,
    std::vector<std::string> pools,
    std::string producer
)
{
    std::string const prefix = "work:{" + encode_name(ns) + "}:";
    std::vector<std::string> keys;
    for (char const* key :
         {"absent",       "alarm",     "bytes:dead",   "bytes:kept", "bytes:set_aside", "broker",
          "completed",    "dead",      "deaths",       "fallen",     "histories",       "kept",
          "large_claims", "leases",    "lists",        "pools",      "ready",           "retry",
          "scheduled",    "set_aside", "set_aside_at", "stats",      "suspects",        "traces"})
        keys.push_back(prefix + key);
    for (char const* key :
         {"completed:", "list:", "prio:", "side:", "suspects:", "wake:", "wake:*"})
        keys.push_back(prefix + key + list);
    for (std::int64_t slot = 0; slot != policy::stored_batches; ++slot)
        keys.push_back(prefix + "producer:" + producer + ":" + std::to_string(slot));
    for (std::string const& pool : pools) {
        for (char const* key : {"orders:", "pool:", "serves:", "status:", "wake:"})
            keys.push_back(prefix + key + pool);
        keys.push_back(prefix + "pool:" + pool + ".heartbeat");
        keys.push_back(prefix + "historian:" + pool);
    }
    auto const since_epoch = std::chrono::system_clock::now().time_since_epoch();
    auto const today = std::chrono::duration_cast<std::chrono::hours>(since_epoch).count() / 24;
    for (auto const day : {today - 1, today, today + 1})
        keys.push_back(prefix + "stats:" + std::to_string(day));
    // What is older goes by itself, two hours after its minute.
    std::int64_t const now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    for (history_step const step : history_steps) {
        std::int64_t const last = (now_ms + 60'000) / length_ms(step);
        for (std::int64_t period = (now_ms - 3'600'000) / length_ms(step); period <= last; ++period)
            for (std::string const& series : {list, std::string("{all")})
                keys.push_back(
                    prefix + "hist:" + series + ":" + std::string(to_text(step)) + ":" +
                    std::to_string(period)
                );
    }

    auto const executor = co_await boost::asio::this_coro::executor;
    redis::connection connection(executor, redis::parse_url(url), connection_for(url));
    redis::command unlink;
    unlink.begin(keys.size() + 1).arg("UNLINK");
    for (std::string const& key : keys)
        unlink.arg(key);
    co_await connection.execute(std::move(unlink));
}

}  // namespace work::tool
