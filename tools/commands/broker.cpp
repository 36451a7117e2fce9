// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "layout.hpp"
#include "print.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

constexpr std::size_t broker_margin = 12;

struct broker_flags
{
    connection to;
    bool json = false;
};

void print_row(std::string_view what, std::string const& text)
{
    std::string const margin(broker_margin, ' ');
    std::string first(what);
    first.resize(broker_margin, ' ');
    for (std::string const& line : wrapped(printable(text, 2'048), 80 - broker_margin, ""))
        print_line(std::exchange(first, margin) + line);
}

std::string bytes(std::int64_t n)
{
    return n < (1 << 20) ? grouped(n >> 10) + " KiB" : grouped(n >> 20) + " MiB";
}

std::string figures(latency_figures const& took)
{
    if (took.samples == 0)
        return "not known yet";
    return "half " + grouped(took.p50_us) + " us, 99 % " + grouped(took.p99_us) + " us, of " +
           grouped(took.samples);
}

void print_clients(broker_clients const& clients)
{
    std::string text = grouped(clients.count) + " of " + grouped(clients.limit) + ", " +
                       grouped(clients.blocked) + " wait";
    for (std::size_t i = 0; i != clients.ours.size(); ++i)
        text += (i == 0 ? "; of work: " : ", ") + clients.ours[i].purpose + " " +
                grouped(clients.ours[i].count);
    print_row("clients", text);
}

void print_server(broker_info const& how)
{
    broker_server const& server = how.server;
    print_row(
        "server",
        server.kind + " " + server.version + ", " + server.role + ", up " +
            age(how.now_ms - server.uptime_s * 1'000, how.now_ms) + ", writes " +
            (server.persistence == "none" ? "nothing to its disk" : server.persistence)
    );
    broker_memory const& memory = how.memory;
    print_row(
        "memory",
        bytes(memory.bytes) +
            (memory.limit_bytes > 0 ? " of " + bytes(memory.limit_bytes) : ", no limit") + ", " +
            memory.policy
    );
    print_clients(how.clients);
    print_row("commands", grouped(how.commands_per_s) + " a second, of all clients");
    std::string scripts =
        grouped(how.scripts.calls) + " calls, mean " + grouped(how.scripts.mean_us) + " us";
    if (how.scripts.p99_us > 0)
        scripts += ", half " + grouped(how.scripts.p50_us) + " us, 99 % " +
                   grouped(how.scripts.p99_us) + " us";
    print_row("scripts", scripts);
}

void print_broker(broker_info const& how)
{
    print_row("broker", how.place);
    print_row("verdict", how.verdict + ": " + how.sentence);
    if (how.server.kind == "memory" || how.verdict == "away")
        return;
    if (how.server.version.empty())
        print_row("server", how.unseen);
    else
        print_server(how);
    print_row("round trip", figures(how.round_trip));
    print_row("waiting", figures(how.wait) + ", for this process's connection");
}

task<int> show_broker(access& at, broker_flags const& o)
{
    broker_info const how = co_await at.broker();
    if (o.json)
        print_as_json(how);
    else
        print_broker(how);
    co_return how.verdict == "away" ? failed : ok;
}

}  // namespace

void add_broker(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<broker_flags>();
    CLI::App* const command =
        program.add_subcommand("broker", "How the broker does: fine, contention, overload, away");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            return with_access(o->to, show_broker, *o, [](log_level, std::string_view) {});
        };
    });
}

}  // namespace work::tool
