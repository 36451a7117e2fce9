// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/inspector.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct pools_flags
{
    connection to;
    bool json = false;
};

/// What `--json` prints.
struct pools_report
{
    std::int64_t now_ms = 0;
    std::vector<pool_info> pools;
};
BOOST_DESCRIBE_STRUCT(pools_report, (), (now_ms, pools))

void print_pools(pools_report const& found)
{
    if (found.pools.empty()) {
        print_line("no pool has shown a sign of life in the last 15 s");
        return;
    }
    table rows(
        {{"pool", false, 22},
         {"host:pid", false, 18},
         {"state", false},
         {"busy", true, 13},
         {"seen", true, width_of_times(12)}}
    );
    for (pool_info const& p : found.pools) {
        rows.add(
            {p.pool,
             p.host + ":" + std::to_string(p.pid),
             p.state,
             std::to_string(p.busy) + "/" + std::to_string(p.concurrency),
             relative(p.heartbeat_at_ms, found.now_ms)}
        );
    }
    rows.print();
    for (pool_info const& p : found.pools) {
        if (!p.trouble.empty())
            print_line(p.pool + ": " + p.trouble);
    }
}

task<int> pools(access& at, pools_flags const& o)
{
    pools_report found;
    found.pools = co_await at.pools();
    found.now_ms = co_await at.now_ms();
    o.json ? print_as_json(found) : print_pools(found);
    co_return ok;
}

}  // namespace

void add_pools(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<pools_flags>();
    CLI::App* const command = program.add_subcommand("pools", "The worker pools that are alive");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, pools, *o); }; });
}

}  // namespace work::tool
