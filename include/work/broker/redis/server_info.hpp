// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_info.hpp>
#include <work/error.hpp>
#include <work/redis/command.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/reply.hpp>
#include <work/task.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// Asks a server how it does, and reads what it tells.
class redis_server_info
{
public:
    /// Whom there are more of are not counted by what they are for: CLIENT LIST is O(clients).
    static constexpr std::int64_t most_clients = 1'000;
    /// Where fewer commands were timed, a few more are sent for it.
    static constexpr std::int64_t least_samples = 16;

    /// \par Errors those of the connection
    static task<void> ask(redis::connection& on, broker_info& about, bool clients)
    {
        redis::command info;
        info.begin(8).arg("INFO").arg("server").arg("clients").arg("memory").arg("persistence");
        info.arg("stats").arg("replication").arg("commandstats");
        info.push("INFO", "latencystats");
        info.push("TIME");
        info.push("CONFIG", "GET", "save");
        std::vector<redis::reply> told = co_await on.execute_all(std::move(info), in_time());
        if (told[0].is_error())
            about.unseen = "the server does not tell how it does: \"" +
                           std::string(told[0].text().substr(0, 128)) +
                           "\"; an administrator can allow it: ACL SETUSER <user> +info";
        else
            read(told[0].text(), about);
        if (!told[1].is_error())
            read_script_times(told[1].text(), about.scripts);
        if (told[2].size() == 2)
            about.now_ms = told[2][0].integer() * 1'000 + told[2][1].integer() / 1'000;
        read_save_points(told[3], about.server.persistence);
        if (clients && about.clients.count > 0 && about.clients.count <= most_clients) {
            redis::command list("CLIENT", "LIST");
            std::vector<redis::reply> const all =
                co_await on.execute_all(std::move(list), in_time());
            if (!all[0].is_error())
                about.clients.ours = purposes(all[0].text());
        }
        auto samples = on.stats().round_trip.recent().samples;
        for (; samples < least_samples; ++samples) {
            redis::command one("PING");
            co_await on.execute_all(std::move(one), in_time());
        }
    }

    /// What INFO tells, in any order, with or without some of it.
    static void read(std::string_view text, broker_info& about)
    {
        fields const all(text);
        bool const valkey = !all.text("valkey_version").empty();
        about.server.kind = valkey ? "valkey" : "redis";
        about.server.version = all.text(valkey ? "valkey_version" : "redis_version");
        std::string const role = all.text("role");
        about.server.role = role == "master" ? "primary" : role == "slave" ? "replica" : role;
        about.server.uptime_s = all.number("uptime_in_seconds");
        bool const aof = all.number("aof_enabled") != 0;
        if (aof)
            about.server.persistence = "aof";
        about.memory.bytes = all.number("used_memory");
        about.memory.limit_bytes = all.number("maxmemory");
        about.memory.policy = all.text("maxmemory_policy");
        about.clients.count = all.number("connected_clients");
        about.clients.limit = all.number("maxclients");
        about.clients.blocked = all.number("blocked_clients");
        about.commands_per_s = all.number("instantaneous_ops_per_sec");
        std::int64_t usec = 0;
        for (char const* const command : {"cmdstat_evalsha", "cmdstat_eval"}) {
            std::string const of = all.text(command);
            about.scripts.calls += number_of(of, "calls=");
            usec += number_of(of, "usec=");
        }
        about.scripts.mean_us = about.scripts.calls > 0 ? usec / about.scripts.calls : 0;
    }

    /// What INFO latencystats tells of scripts: `latency_percentiles_usec_evalsha:p50=…,p99=…`.
    static void read_script_times(std::string_view text, broker_scripts& scripts)
    {
        std::string const of = fields(text).text("latency_percentiles_usec_evalsha");
        scripts.p50_us = number_of(of, "p50=");
        scripts.p99_us = number_of(of, "p99=");
    }

    /// Whether it also writes snapshots, or nothing at all; nothing changes where it doesn't tell.
    static void read_save_points(redis::reply const& told, std::string& persistence)
    {
        if (told.is_error() || told.size() < 2)
            return;
        if (told[1].text().empty())
            persistence = persistence.empty() ? "none" : persistence;
        else
            persistence += persistence.empty() ? "rdb" : ", rdb";
    }

    /// Connections by what stands behind "work:" in their names.
    static std::vector<client_purpose> purposes(std::string_view list)
    {
        constexpr std::string_view before = " name=work:";
        std::map<std::string, std::int64_t> counted;
        for (std::size_t at = list.find(before); at != list.npos; at = list.find(before, at)) {
            at += before.size();
            ++counted[std::string(list.substr(at, list.find_first_of(" \n", at) - at))];
        }
        std::vector<client_purpose> all;
        for (auto& [purpose, count] : counted)
            all.push_back({purpose, count});
        return all;
    }

    /// The same; where it does not answer, that is said.
    /// \par Errors errc::closed, errc::forked
    static task<void> ask_or_say(
        redis::connection& on,
        redis::health const& health,
        broker_info& about,
        bool clients
    )
    {
        try {
            co_await ask(on, about, clients);
        } catch (error const& failure) {
            if (failure.code() == errc::closed || failure.code() == errc::forked)
                throw;
            about.verdict = "away";
            std::string const trouble = health.trouble();
            about.sentence = trouble.empty() ? failure.what() : trouble;
            about.server.kind = "redis";
        }
    }

private:
    /// "name:value" lines.
    class fields
    {
    public:
        explicit fields(std::string_view text)
        {
            while (!text.empty()) {
                std::size_t const end = text.find_first_of("\r\n");
                std::string_view const line = text.substr(0, end);
                text.remove_prefix(end == text.npos ? text.size() : end + 1);
                std::size_t const colon = line.find(':');
                if (colon != line.npos)
                    values_.emplace(line.substr(0, colon), line.substr(colon + 1));
            }
        }
        std::string text(std::string_view name) const
        {
            auto const found = values_.find(name);
            return found == values_.end() ? std::string() : std::string(found->second);
        }
        std::int64_t number(std::string_view name) const { return whole(text(name)); }

    private:
        std::map<std::string_view, std::string_view> values_;
    };

    static redis::call_options in_time()
    {
        redis::call_options options;
        options.deadline = std::chrono::milliseconds(2'500);
        return options;
    }
    static std::int64_t whole(std::string_view text)
    {
        std::int64_t n = 0;
        std::from_chars(text.data(), text.data() + text.size(), n);
        return n;
    }
    /// The number behind `key` in "calls=3,usec=21".
    static std::int64_t number_of(std::string_view text, std::string_view key)
    {
        std::size_t const at = text.find(key);
        return at == text.npos ? 0 : whole(text.substr(at + key.size()));
    }
};

}  // namespace work::detail
