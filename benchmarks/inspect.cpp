// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does looking cost a Redis that is full?
//
//     bench_inspect [--pending 1000000] [--lists 10000] [--active 100000] [--pools 1000]
//                   [--dead 10000] [--calls 10] [--redis URL | --unix] [--json]
//
// Fills one namespace: `pending` jobs in one queue, `lists` other queues with a job each, `active`
// jobs claimed by `pools` pools that show a status, `dead` jobs. Then it calls each function of
// work::inspector `calls` times and prints, a call: the CPU that Redis used, the slowest command of
// all calls by the server's own figures, and how long the caller waited. What acts comes last.

#include <work/inspector.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "support/bench.hpp"

namespace {

/// The slowest command of any kind since the last `CONFIG RESETSTAT`, in ms.
double slowest_command(std::string const& url)
{
    std::string const info = bench::ask_server(url, {"INFO", "latencystats"});
    double slowest = 0;
    for (std::size_t at = info.find("p100="); at != info.npos; at = info.find("p100=", at + 1)) {
        std::size_t const line = info.rfind('\n', at) + 1;
        // What this program asks the server itself.
        std::string_view const rest = std::string_view(info).substr(line);
        bool const own = rest.starts_with("latency_percentiles_usec_info") ||
                         rest.starts_with("latency_percentiles_usec_config");
        if (!own)
            slowest = std::max(slowest, std::atof(info.c_str() + at + 5) / 1000);
    }
    return slowest;
}

struct setup
{
    long pending, lists, active, pools, dead;
};

work::task<void> fill_lists(work::client& client, long first, long step, long lists)
{
    work::enqueuer enqueuer{client};
    for (long i = first; i < lists; i += step) {
        std::string const queue = "user_" + std::to_string(i);
        work::enqueue_options options;
        options.queue = queue;
        bench::send_email const mail = bench::mail(i);
        co_await enqueuer.enqueue(mail, options);
    }
}

// Pools that hold jobs, and are seen: without a process behind them.
work::task<void> fill_pools(work::client& client, setup const& of)
{
    using namespace std::chrono_literals;
    auto const port = client.broker()->make_lease_port(client.executor(), 1h);
    long left = of.active;
    for (long i = 0; i < of.pools; ++i) {
        std::string const pool = "pool-" + std::to_string(i);
        long const here = (left + of.pools - i - 1) / (of.pools - i);
        left -= here;
        std::int64_t number = 0;
        for (long claimed = 0; claimed < here;) {
            work::exchange_request request;
            request.pool = pool;
            request.number = ++number;
            request.lease_ms = 3'600'000;
            request.want = static_cast<int>(std::min(here - claimed, 256l));
            work::wanted_list wanted;
            wanted.list = "send_email";
            wanted.take = request.want;
            request.fetch_order.push_back(wanted);
            if (number == 1)
                request.serves.push_back(work::served_list{"send_email", 1});
            work::exchange_answer const got = co_await client.broker()->exchange(request);
            if (got.jobs.empty())
                bench::fail("nothing was left to claim");
            claimed += static_cast<long>(got.jobs.size());
        }
        work::pool_info info;
        info.pool = pool;
        info.concurrency = 256;
        std::string status = work::to_json(info);
        std::string id = pool;
        co_await port->heartbeat(std::move(id), std::move(status), 1h);
    }
    port->close();
}

work::task<void> bury(work::client& client, long dead)
{
    work::inspector steer{client};
    work::job_filter filter;
    filter.states = work::job_states{work::job_state::pending};
    filter.name = "send_email";
    work::operation_options how;
    how.at_most = dead;
    co_await steer.act_on_all(work::admin_action::kill, filter, how);
}

struct question
{
    std::string name;
    std::function<work::task<void>()> ask;
};

template <typename T>
work::task<void> forget(work::task<T> call)
{
    co_await std::move(call);
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    setup const of{
        args.number("pending", 1'000'000),
        args.number("lists", 10'000),
        args.number("active", 100'000),
        std::max(1l, args.number("pools", 1'000)),
        args.number("dead", 10'000)
    };
    long const calls = std::max(1l, args.number("calls", 10));
    bench::server server(args, {"--latency-tracking-info-percentiles", "100"});
    std::string const url = server.url();
    boost::asio::io_context io{1};
    work::client_options options;
    options.ns = bench::own_namespace("inspect", 0);
    options.max_buffered_jobs = 10'000'000;
    options.max_buffered_bytes = std::size_t(1) << 32;
    work::client client{io, url, options};
    bench::run(io, bench::preload(client, of.pending + of.active + of.dead));
    bench::run(io, fill_pools(client, of));
    bench::run(io, bury(client, of.dead));
    for (long c = 0; c < 500; ++c)
        boost::asio::co_spawn(io, fill_lists(client, c, 500, of.lists), work::rethrow);
    io.restart();
    io.run();

    work::inspector look{client};
    auto const in_state = [](work::job_state state) {
        work::job_filter filter;
        filter.states = work::job_states{state};
        return filter;
    };
    auto const found = [&](work::job_filter filter, int scan = 1'000) {
        work::page how;
        how.scan = scan;
        return forget(look.find(filter, how));
    };
    std::string dead_id;
    std::string pending_id;
    auto const first_of = [&](work::job_state state, std::string& into) -> work::task<void> {
        // At the front of the large queue stand the ghosts of those that were killed.
        work::job_filter filter = in_state(state);
        if (state == work::job_state::pending)
            filter.queue = "user_1";
        work::job_page const some = co_await look.find(filter);
        if (!some.jobs.empty())
            into = some.jobs.front().id;
    };
    bench::run(io, first_of(work::job_state::dead, dead_id));
    bench::run(io, first_of(work::job_state::pending, pending_id));
    work::job_filter text = in_state(work::job_state::dead);
    text.args = "nobody has this";
    std::vector<question> const all{
        {"counts", [&] { return forget(look.counts()); }},
        {"pools", [&] { return forget(look.pools()); }},
        {"job, dead", [&] { return forget(look.job(dead_id)); }},
        {"job, pending", [&] { return forget(look.job(pending_id)); }},
        {"explain, pending", [&] { return forget(look.explain(pending_id)); }},
        {"find, 50 pending", [&] { return found(in_state(work::job_state::pending)); }},
        {"find, 50 active", [&] { return found(in_state(work::job_state::active)); }},
        {"find, 50 dead", [&] { return found(in_state(work::job_state::dead)); }},
        {"find, text in 1000 dead", [&] { return found(text); }},
        {"find, text in 10000 dead", [&] { return found(text, 10'000); }},
        {"count, all dead", [&] { return forget(look.count(in_state(work::job_state::dead))); }},
        {"failures, 10000 looked at", [&] { return forget(look.failures()); }},
        {"operations", [&] { return forget(look.operations()); }},
        {"audit", [&] { return forget(look.audit()); }},
        {"requeue 256 dead",
         [&]() -> work::task<void> {
             work::operation_options how;
             how.at_most = 256;
             co_await look
                 .act_on_all(work::admin_action::requeue, in_state(work::job_state::dead), how);
         }},
        {"cancel 256 pending",
         [&]() -> work::task<void> {
             work::operation_options how;
             how.at_most = 256;
             co_await look
                 .act_on_all(work::admin_action::cancel, in_state(work::job_state::pending), how);
         }}
    };
    bench::report report(
        "inspect",
        args,
        bench::with_server(
            url,
            {{"pending", std::to_string(of.pending)},
             {"lists", std::to_string(of.lists)},
             {"active", std::to_string(of.active)},
             {"pools", std::to_string(of.pools)},
             {"dead", std::to_string(of.dead)}}
        )
    );
    for (question const& one : all) {
        std::vector<double> redis;
        std::vector<double> waited;
        bench::ask_server(url, {"CONFIG", "RESETSTAT"});
        for (long i = 0; i < calls; ++i) {
            double const cpu = bench::server_cpu(url);
            auto const begun = bench::clock::now();
            bench::run(io, one.ask());
            waited.push_back(1'000 * bench::seconds_since(begun));
            redis.push_back(1'000 * (bench::server_cpu(url) - cpu));
        }
        report.row(one.name + ": Redis CPU", redis, "ms");
        report.row(one.name + ": slowest command", {slowest_command(url)}, "ms");
        report.row(one.name + ": waited", waited, "ms");
    }
}
