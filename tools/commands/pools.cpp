// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "layout.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct pools_flags
{
    connection to;
    std::string pool;
    bool json = false;
};

/// What `--json` prints.
struct pools_report
{
    std::int64_t now_ms = 0;
    std::vector<pool_info> pools;
};
BOOST_DESCRIBE_STRUCT(pools_report, (), (now_ms, pools))

std::string stalled_sentence(std::int64_t jobs)
{
    return grouped(jobs) + (jobs == 1
                                ? " job that should have ended has not, and keeps a worker"
                                : " jobs that should have ended have not, and keep a worker each");
}

std::string blocked_sentence(blocked_thread const& what)
{
    return "its thread has been blocked for " + age(1, 1 + what.blocked_ms) + " " + describe(what);
}

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
         {"oldest", true, 7},
         {"seen", true, width_of_times(8)}}
    );
    for (pool_info const& p : found.pools) {
        rows.add(
            {p.pool,
             p.host + ":" + std::to_string(p.pid),
             p.state,
             std::to_string(p.busy) + "/" + std::to_string(p.concurrency),
             age(p.oldest ? p.oldest->since_ms : 0, found.now_ms),
             relative(p.heartbeat_at_ms, found.now_ms)}
        );
    }
    rows.print();
    for (pool_info const& p : found.pools) {
        if (!p.trouble.empty())
            print_line(p.pool + ": " + p.trouble);
        if (p.stalled > 0)
            print_line(p.pool + ": " + stalled_sentence(p.stalled));
        if (p.blocked)
            print_line(p.pool + ": " + blocked_sentence(*p.blocked));
    }
}

void pool_line(std::string_view title, std::string const& value)
{
    std::string out(title);
    out.resize(14, ' ');
    print_line(out + value);
}

void print_what_runs(pool_info const& pool, std::int64_t now_ms)
{
    if (pool.in_flight.empty())
        return;
    table rows(
        {{"name", false, 0},
         {"running", true},
         {"stalled", true},
         {"longest", true},
         {"its id", false, 26}}
    );
    for (running_jobs const& one : pool.in_flight)
        rows.add(
            {one.name.empty() ? "(other names)" : one.name,
             grouped(one.jobs),
             grouped(one.stalled),
             age(one.since_ms, now_ms),
             one.oldest}
        );
    rows.print();
}

void print_pool(pool_info const& pool, std::int64_t now_ms)
{
    pool_line("id", pool.pool);
    if (!pool.name.empty())
        pool_line("name", pool.name);
    pool_line("host:pid", pool.host + ":" + std::to_string(pool.pid));
    pool_line("language", pool.language.empty() ? "c++" : pool.language);
    pool_line("state", pool.state);
    pool_line("started", absolute(pool.started_at_ms, now_ms));
    pool_line("seen", absolute(pool.heartbeat_at_ms, now_ms));
    pool_line("busy", std::to_string(pool.busy) + "/" + std::to_string(pool.concurrency));
    if (pool.rss_kb > 0)
        pool_line("memory", grouped(pool.rss_kb / 1024) + " MiB");
    if (pool.round_trip_us > 0)
        pool_line("round trip", grouped(pool.round_trip_us) + " us");
    if (pool.loop_lag_ms > 0)
        pool_line("loop behind", grouped(pool.loop_lag_ms) + " ms");
    if (!pool.trouble.empty())
        pool_line("trouble", pool.trouble);
    if (pool.stalled > 0)
        pool_line("stalled", stalled_sentence(pool.stalled));
    if (pool.blocked)
        pool_line("blocked", blocked_sentence(*pool.blocked));
    if (pool.oldest && pool.in_flight.empty())
        pool_line("longest", absolute(pool.oldest->since_ms, now_ms));
    std::string names;
    for (std::string const& one : pool.job_names)
        names += (names.empty() ? "" : ", ") + one;
    pool_line("handles", names);
    print_what_runs(pool, now_ms);
}

task<int> one_pool(access& at, pools_flags const& o)
{
    std::vector<pool_info> const all = co_await at.pools();
    std::int64_t const now = co_await at.now_ms();
    for (pool_info const& one : all) {
        if (one.pool != o.pool)
            continue;
        if (o.json)
            print_as_json(one);
        else
            print_pool(one, now);
        co_return ok;
    }
    print_error(
        "no worker pool " + detail::quote(o.pool) +
        " has shown a sign of life in the last 15 s; work pools lists those that have"
    );
    co_return not_found;
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
    auto const of = std::make_shared<pools_flags>();
    CLI::App* const one = program.add_subcommand("pool", "Show one worker pool, and what it runs");
    one->add_option("POOL", of->pool, "Its id")->required();
    one->add_flag("--json", of->json, "As one line of JSON");
    of->to.add_to(*one);
    one->callback([&chosen, of] { chosen = [of] { return with_access(of->to, one_pool, *of); }; });
}

}  // namespace work::tool
