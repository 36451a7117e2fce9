// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What would workers do that poll, as goworker's do, on the same connections, in the same language?
//
//     bench_polling [--jobs 200000] [--workers 10,25,100,1000] [--queues 1] [--interval-ms 5000]
//                   [--connections 1] [--books none,goworker,reliable] [--only drain|latency|idle]
//                   [--lone-jobs 500] [--seconds 10] [--runs 3] [--redis URL | --unix] [--json]
//
// support/polling_pool.hpp says how it is made. Three kinds of bookkeeping:
//   none      LPOP alone: at most once; the least that polling can cost
//   goworker  with its counters and worker status, 8 commands a job: at most once
//   reliable  LMOVE to a list in progress, heartbeat, reaper, 2 commands a job: at least once
// Drain is timed from the first fetch to the last acknowledged completion (none: its last fetch).
// Latency and idle commands are two ends of one choice, the interval: both are taken with the same.

#include <utility>

#include "support/bench.hpp"
#include "support/polling_pool.hpp"
#include "support/raw_client.hpp"

namespace {

using std::chrono::milliseconds;

std::string payload(long i)
{
    return R"({"class":"send_email","args":[)" + work::to_json(bench::mail(i)) + "]}";
}

struct stamped
{
    std::int64_t at_us = 0;
};
BOOST_DESCRIBE_STRUCT(stamped, (), (at_us))

struct measured
{
    std::vector<double> rate, own, redis;
};

void preload(bench::raw_client& redis, bench::polling_options const& options, long jobs)
{
    for (long at = 0; at < jobs;) {
        long const queue = at / 100 % options.queues;
        long const count = std::min(100l, jobs - at);
        redis.begin(static_cast<std::size_t>(2 + count));
        redis.word("RPUSH");
        redis.word(bench::polling_pool::queue_key(options.ns, queue));
        for (long i = 0; i < count; ++i)
            redis.word(payload(at++));
        redis.next();
    }
}

void count_mails(bench::polling_pool& pool, long& ran)
{
    pool.handle("send_email", [&ran](boost::json::value const& arguments) -> work::task<void> {
        auto const decoded = work::decode_job<bench::send_email>(arguments);
        ran += decoded.user_id >= 0;
        return [](bench::send_email) -> work::task<void> { co_return; }(decoded);
    });
}

void drain(std::string const& url, bench::polling_options options, long jobs, measured& into)
{
    bench::raw_client redis(work::redis::parse_url(url));
    preload(redis, options, jobs);
    boost::asio::io_context io{1};
    bench::polling_pool pool(io, work::redis::parse_url(url), options);
    long ran = 0;
    count_mails(pool, ran);
    pool.on_done = [&](long done) {
        if (done == jobs)
            pool.stop();
    };
    double const cpu = bench::server_cpu(url);
    double const mine = bench::own_cpu();
    pool.start();
    io.run();
    double const seconds = std::chrono::duration<double>(pool.last_word - pool.first_fetch).count();
    auto const each = 1e6 / static_cast<double>(jobs);
    into.own.push_back((bench::own_cpu() - mine) * each);
    into.redis.push_back((bench::server_cpu(url) - cpu) * each);
    into.rate.push_back(static_cast<double>(jobs) / seconds);
    for (long q = 0; q < options.queues; ++q) {
        redis.command("LLEN", bench::polling_pool::queue_key(options.ns, q));
        if (redis.next() != "0")
            bench::fail("jobs were left in a queue");
    }
    if (ran != jobs)
        bench::fail(std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran");
}

// A process that died leaves ten jobs in progress: they must run here.
long returned_by_reaper(std::string const& url, bench::polling_options options)
{
    bench::raw_client redis(work::redis::parse_url(url));
    for (long w = 0; w < 10; ++w) {
        redis.command(
            "RPUSH",
            bench::polling_pool::taken_key(options.ns, "gone:1", w, 0),
            payload(w)
        );
        redis.next();
    }
    redis.command("HSET", options.ns + ":processes", "gone:1", "10");
    redis.next();
    options.interval = milliseconds(10);
    boost::asio::io_context io{1};
    bench::polling_pool pool(io, work::redis::parse_url(url), options);
    long ran = 0;
    count_mails(pool, ran);
    pool.on_done = [&](long done) {
        if (done == 10)
            pool.stop();
    };
    pool.start();
    io.run_for(std::chrono::seconds(10));
    return ran;
}

work::task<void> push_lone_jobs(
    work::redis::connection& connection,
    std::string queue,
    long jobs,
    milliseconds every
)
{
    co_await bench::pause(milliseconds(300));
    work::redis::command push;
    for (long i = 0; i < jobs; ++i) {
        push.clear();
        push.push(
            "RPUSH",
            queue,
            R"({"class":"stamped","args":[{"at_us":)" + std::to_string(bench::steady_us()) + "}]}"
        );
        co_await connection.execute_ref(push);
        co_await bench::pause(every);
    }
}

std::vector<double> latency(
    std::string const& url,
    bench::polling_options options,
    long jobs,
    milliseconds every
)
{
    boost::asio::io_context io{1};
    bench::polling_pool pool(io, work::redis::parse_url(url), options);
    work::redis::connection connection(io.get_executor(), work::redis::parse_url(url));
    std::vector<double> waited;
    pool.handle("stamped", [&](boost::json::value const& arguments) -> work::task<void> {
        auto const job = work::decode_job<stamped>(arguments);
        waited.push_back(static_cast<double>(bench::steady_us() - job.at_us) / 1000);
        return []() -> work::task<void> { co_return; }();
    });
    pool.on_done = [&](long done) {
        if (done == jobs)
            pool.stop();
    };
    pool.start();
    boost::asio::co_spawn(
        io,
        push_lone_jobs(connection, bench::polling_pool::queue_key(options.ns, 0), jobs, every),
        work::rethrow
    );
    io.run();
    return waited;
}

work::task<void> count_commands(
    bench::polling_pool& pool,
    std::string url,
    milliseconds length,
    double& commands
)
{
    co_await bench::pause(std::chrono::seconds(2));
    double const before = bench::server_info(url).number("total_commands_processed");
    co_await bench::pause(length);
    double const after = bench::server_info(url).number("total_commands_processed");
    commands = (after - before - 1) * 1000 / static_cast<double>(length.count());
    pool.stop();
}

double idle_commands(std::string const& url, bench::polling_options options, long seconds)
{
    boost::asio::io_context io{1};
    bench::polling_pool pool(io, work::redis::parse_url(url), options);
    double commands = 0;
    // Whole intervals, so that every worker looks equally often.
    milliseconds const length =
        options.interval *
        std::max(1l, std::chrono::milliseconds(seconds * 1000) / options.interval);
    pool.start();
    boost::asio::co_spawn(io, count_commands(pool, url, length, commands), work::rethrow);
    io.run();
    return commands;
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 200'000);
    std::vector<long> const workers = args.numbers("workers", "10,25,100,1000");
    std::string const only = args.text("only", "");
    std::string const books = args.text("books", "none,goworker,reliable");
    bench::server server(args);
    bench::polling_options options;
    options.queues = std::max(1l, args.number("queues", 1));
    options.connections = std::max(1l, args.number("connections", 1));
    options.interval = milliseconds(std::max(1l, args.number("interval-ms", 5000)));
    std::string const interval = std::to_string(options.interval.count()) + " ms";
    bench::report report(
        "polling",
        args,
        bench::with_server(
            server.url(),
            {{"jobs", std::to_string(jobs)},
             {"queues", std::to_string(options.queues)},
             {"interval", interval},
             {"connections", std::to_string(options.connections)}}
        )
    );
    std::vector<std::pair<std::string, bench::bookkeeping>> const kinds{
        {"none", bench::bookkeeping::none},
        {"goworker", bench::bookkeeping::goworker},
        {"reliable", bench::bookkeeping::reliable}
    };
    long run = 0;
    for (auto const& [name, kind] : kinds) {
        if (("," + books + ",").find("," + name + ",") == std::string::npos)
            continue;
        options.books = kind;
        if (kind == bench::bookkeeping::reliable) {
            options.workers = 10;
            options.ns = bench::own_namespace("polling", run++);
            long const back = returned_by_reaper(server.url(), options);
            if (back != 10)
                bench::fail("the reaper returned " + std::to_string(back) + " of 10 jobs");
        }
        for (long const count : workers) {
            if (!only.empty() && only != "drain")
                break;
            measured m;
            for (long i = 0; i < args.number("runs", 3); ++i) {
                options.workers = count;
                options.ns = bench::own_namespace("polling", run++);
                drain(server.url(), options, jobs, m);
            }
            std::string const what = "drain, " + name + ", " + std::to_string(count) + " workers";
            report.row(what, m.rate, "jobs/s");
            report.row(what + ": our CPU a job", m.own, "us");
            report.row(what + ": Redis CPU a job", m.redis, "us");
        }
    }
    options.workers = args.number("idle-workers", 25);
    options.books = bench::bookkeeping::reliable;
    std::string const shape = std::to_string(options.workers) + " workers, every " + interval;
    if (only.empty() || only == "latency") {
        options.ns = bench::own_namespace("polling", run++);
        auto const waited = latency(
            server.url(),
            options,
            args.number("lone-jobs", 500),
            milliseconds(args.number("every-ms", 20))
        );
        report.row("enqueue to start, p50, " + shape, {bench::percentile(waited, 50)}, "ms");
        report.row("enqueue to start, p99, " + shape, {bench::percentile(waited, 99)}, "ms");
    }
    if (only.empty() || only == "idle") {
        options.ns = bench::own_namespace("polling", run++);
        report.row(
            "idle commands, " + shape,
            {idle_commands(server.url(), options, args.number("seconds", 10))},
            "1/s"
        );
    }
}
