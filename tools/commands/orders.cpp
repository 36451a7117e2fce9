// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agreement.hpp"
#include "commands.hpp"
#include "place.hpp"
#include "print.hpp"
#include "when.hpp"
#include "with_access.hpp"

namespace work::tool {

struct pool_told
{
    std::string pool;
    admin_code code = admin_code::done;
};
BOOST_DESCRIBE_STRUCT(pool_told, (), (pool, code))

/// What `--json` prints.
struct pools_told
{
    pool_order order = pool_order::quiet;
    std::vector<pool_told> results;
};
BOOST_DESCRIBE_STRUCT(pools_told, (), (order, results))

namespace {

struct orders_flags
{
    connection to;
    pool_order order = pool_order::quiet;
    std::vector<std::string> pools;
    std::string grace;
    bool all = false;
    bool yes = false;
    bool json = false;
};

std::string outcome(told_order told, admin_code code)
{
    if (code == admin_code::gone)
        return "no such pool (work pools lists those that are alive)";
    if (code == admin_code::already)
        return "was told so before";
    if (told.order == pool_order::quiet)
        return "claims no more jobs; those that run go on";
    std::string const grace =
        told.grace_ms < 0 ? "in its grace"
                          : "in " + format_duration(std::chrono::milliseconds(told.grace_ms));
    return "stops: what does not end " + grace + " runs again";
}

task<int> tell(access& at, orders_flags const& o)
{
    name_place(o.to);
    std::string const who = at.who();
    told_order what(o.order);
    if (!o.grace.empty())
        what.grace_ms = read_lasting("--grace", o.grace).count();
    std::vector<std::string> pools = o.pools;
    if (o.all) {
        for (pool_info const& one : co_await at.pools())
            pools.push_back(one.pool);
        bool const asks = o.order == pool_order::stop && !o.yes && !pools.empty();
        if (asks && !agreed(o.to, "stop all " + std::to_string(pools.size()) + " worker pools?"))
            co_return not_agreed;
    }
    pools_told told;
    told.order = o.order;
    bool missing = false;
    for (std::string const& pool : pools) {
        std::string id = pool;
        admin_code const code = co_await at.order(std::move(id), what, who);
        missing = missing || code == admin_code::gone;
        told.results.push_back({pool, code});
        if (!o.json)
            print_line(detail::quote(pool) + ": " + outcome(what, code));
    }
    if (o.json)
        print_as_json(told);
    else if (pools.empty())
        print_line("no pool has shown a sign of life in the last 15 s");
    co_return missing ? not_found : ok;
}

void add(CLI::App& program, action& chosen, pool_order order, char const* what)
{
    auto const o = std::make_shared<orders_flags>();
    o->order = order;
    CLI::App* const command = program.add_subcommand(std::string(to_string(order)), what);
    auto* const pools = command->add_option("pool", o->pools, "Ids, as work pools shows them");
    command->add_flag("--all", o->all, "All pools that are alive")->excludes(pools);
    if (order == pool_order::stop)
        command->add_option(
            "--grace",
            o->grace,
            "What runs may go on for so long (5s, 0s), in the place of the pools' own grace"
        );
    if (order == pool_order::stop)
        command->add_flag("--yes", o->yes, "Does not ask before all of them stop");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        if (o->pools.empty() && !o->all)
            throw CLI::RequiredError("POOL or --all");
        chosen = [o] { return with_access(o->to, tell, *o); };
    });
}

}  // namespace

void add_orders(CLI::App& program, action& chosen)
{
    add(program,
        chosen,
        pool_order::quiet,
        "Worker pools claim no more jobs, until work resume --pool");
    add(program, chosen, pool_order::stop, "Worker pools end, as they do on SIGTERM");
}

}  // namespace work::tool
