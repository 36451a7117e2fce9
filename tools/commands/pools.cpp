// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/inspector.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct options
{
    connection to;
    bool json = false;
};

std::int64_t integer(boost::json::object const& from, std::string_view name)
{
    auto const* const v = from.if_contains(name);
    return v && v->is_int64() ? v->get_int64() : 0;
}

std::string text(boost::json::object const& from, std::string_view name)
{
    auto const* const v = from.if_contains(name);
    return v && v->is_string() ? std::string(v->get_string()) : std::string("?");
}

task<int> pools(client& at, options const& o)
{
    inspector look{at};
    std::vector<pool_status> const found = co_await look.pools();
    std::int64_t const now = co_await at.broker()->ask_now_ms();
    boost::json::array all;
    for (pool_status const& p : found) {
        boost::json::error_code ec;
        boost::json::value v = boost::json::parse(p.status, ec);
        if (!ec && v.is_object())
            all.push_back(std::move(v));
    }
    if (o.json) {
        boost::json::object answer;
        answer["now_ms"] = now;
        answer["pools"] = std::move(all);
        print_json(answer);
        co_return ok;
    }
    if (all.empty()) {
        print_line("no pool has shown a sign of life in the last 15 s");
        co_return ok;
    }
    table rows(
        {{"pool", false, 22},
         {"host:pid", false, 18},
         {"state", false},
         {"busy", true, 13},
         {"seen", true, 12}}
    );
    for (boost::json::value const& v : all) {
        auto const& p = v.get_object();
        auto const n = [&](std::string_view name) { return std::to_string(integer(p, name)); };
        rows.add(
            {text(p, "pool"),
             text(p, "host") + ":" + n("pid"),
             text(p, "state"),
             n("busy") + "/" + n("concurrency"),
             relative(integer(p, "heartbeat_at_ms"), now)}
        );
    }
    rows.print();
    co_return ok;
}

}  // namespace

void add_pools(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<options>();
    CLI::App* const command = program.add_subcommand("pools", "The worker pools that are alive");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_client(o->to, pools, *o); }; });
}

}  // namespace work::tool
