// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How does the cost of a job grow as there is more of everything?
//
//     bench_growth [--only pending|types|queues|processes] [--pending 1000,100000,1000000]
//                  [--types 1,16,64,500] [--queues 1000,20000] [--processes 1,2,4,8]
//                  [--jobs 100000] [--runs 1] [--redis URL | --unix] [--json]
//
//   pending    that many jobs wait all the time: for each one done one is enqueued, until `jobs`
//              were done. Costs are of enqueue and drain together.
//   types      `jobs` spread over that many job names, each with a handler and a queue of its own;
//              the drain alone.
//   queues     one job in each of that many queues, all of one name, as where each user has a
//              queue: enqueue, and drain by a pool of default options; jobs an exchange, and how
//              long the slowest script takes (by the server's own figures).
//   processes  `jobs` drained by that many worker processes together, from the first claim to the
//              last acknowledged completion of any.
//
// Each point has a namespace of its own; without --redis a server of its own too.

#include <memory>
#include <string>

#include "support/bench.hpp"
#include "support/child.hpp"
#include "support/recording_broker.hpp"

namespace {

struct measured
{
    std::vector<double> rate, redis, own;
};

work::client_options roomy(std::string ns)
{
    work::client_options options;
    options.ns = std::move(ns);
    options.max_buffered_jobs = 10'000'000;
    options.max_buffered_bytes = std::size_t(1) << 32;
    return options;
}

void print(bench::report& to, std::string const& what, measured const& m)
{
    to.row(what, m.rate, "jobs/s");
    to.row(what + ": Redis CPU a job", m.redis, "us");
    to.row(what + ": our CPU a job", m.own, "us");
}

work::task<void> enqueue_more(work::client& client, long from, long count)
{
    work::enqueuer enqueuer{client};
    std::vector<bench::send_email> const some = bench::mails(from, from + count);
    co_await enqueuer.enqueue_bulk(some);
}

void with_pending(std::string const& url, long pending, long jobs, long run, measured& into)
{
    constexpr long batch = 256;
    boost::asio::io_context io{1};
    work::client client{io, url, roomy(bench::own_namespace("growth", run))};
    bench::run(io, bench::preload(client, pending));
    work::worker_pool pool{client, {.concurrency = 1000}};
    long done = 0;
    double redis = 0;
    double own = 0;
    double seconds = 0;
    bench::clock::time_point start;
    // The first tenth warms up: files of the heap, of the hash tables, of the branch predictors.
    long const warm = std::max(batch, jobs / 10);
    pool.handle<bench::send_email>([&](bench::send_email) -> work::task<void> {
        ++done;
        if (done == warm) {
            redis = bench::server_cpu(url);
            own = bench::own_cpu();
            start = bench::clock::now();
        }
        if (done == warm + jobs) {
            seconds = bench::seconds_since(start);
            own = bench::own_cpu() - own;
            redis = bench::server_cpu(url) - redis;
            pool.stop();
        } else if (done % batch == 0 && done < warm + jobs) {
            boost::asio::co_spawn(io, enqueue_more(client, pending + done, batch), work::rethrow);
        }
        co_return;
    });
    bench::run(io, pool.run());
    auto const each = 1e6 / static_cast<double>(jobs);
    into.rate.push_back(static_cast<double>(jobs) / seconds);
    into.redis.push_back(redis * each);
    into.own.push_back(own * each);
}

// ---------------------------------------------------------------- job types

std::string type_name(long i)
{
    return "type_" + std::to_string(i);
}

work::task<void> enqueue_types(work::client& client, long first, long step, long jobs, long types)
{
    work::enqueuer enqueuer{client};
    for (long i = first; i < jobs; i += step)
        co_await enqueuer.enqueue_json(type_name(i % types), work::to_json(bench::mail(i)));
}

void with_types(std::string const& url, long types, long jobs, long run, measured& into)
{
    boost::asio::io_context io{1};
    std::string const ns = bench::own_namespace("growth", run);
    work::client direct{io, url, roomy(ns)};
    for (long c = 0; c < 1000; ++c)
        boost::asio::co_spawn(io, enqueue_types(direct, c, 1000, jobs, types), work::rethrow);
    io.run();
    auto const recorder = std::make_shared<bench::recording_broker>(direct.broker());
    work::client client{io, recorder, {.ns = ns}};
    work::worker_pool pool{client, {.concurrency = 1000}};
    long ran = 0;
    for (long t = 0; t < types; ++t)
        pool.handle(type_name(t), [&ran](bench::send_email) -> work::task<void> {
            ++ran;
            co_return;
        });
    double const redis = bench::server_cpu(url);
    double const own = bench::own_cpu();
    bench::run(io, pool.run_until_empty());
    auto const each = 1e6 / static_cast<double>(jobs);
    into.own.push_back((bench::own_cpu() - own) * each);
    into.redis.push_back((bench::server_cpu(url) - redis) * each);
    double const seconds =
        std::chrono::duration<double>(recorder->last_words - recorder->first_claim).count();
    into.rate.push_back(static_cast<double>(jobs) / seconds);
    if (ran != jobs || recorder->acknowledged < jobs)
        bench::fail(std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran");
}

// ---------------------------------------------------------------- queues

struct queues_measured
{
    measured drain;
    std::vector<double> enqueue, enqueue_script, batch, script;
};

work::task<void> enqueue_queues(work::client& client, long first, long step, long queues)
{
    work::enqueuer enqueuer{client};
    for (long i = first; i < queues; i += step) {
        std::string const queue = "user_" + std::to_string(i);
        work::enqueue_options options;
        options.queue = queue;
        bench::send_email const mail = bench::mail(i);
        co_await enqueuer.enqueue(mail, options);
    }
}

void with_queues(std::string const& url, long queues, long run, queues_measured& into)
{
    boost::asio::io_context io{1};
    std::string const ns = bench::own_namespace("growth", run);
    work::client direct{io, url, roomy(ns)};
    auto const begun = bench::clock::now();
    for (long c = 0; c < 1000; ++c)
        boost::asio::co_spawn(io, enqueue_queues(direct, c, 1000, queues), work::rethrow);
    io.run();
    into.enqueue.push_back(static_cast<double>(queues) / bench::seconds_since(begun));
    into.enqueue_script.push_back(bench::server_info(url).slowest_script());
    bench::ask_server(url, {"CONFIG", "RESETSTAT"});
    auto const recorder = std::make_shared<bench::recording_broker>(direct.broker());
    work::client client{io, recorder, {.ns = ns}};
    work::worker_pool pool{client};
    long ran = 0;
    pool.handle<bench::send_email>([&ran](bench::send_email) -> work::task<void> {
        ++ran;
        co_return;
    });
    double const redis = bench::server_cpu(url);
    double const own = bench::own_cpu();
    bench::run(io, pool.run_until_empty());
    auto const each = 1e6 / static_cast<double>(queues);
    into.drain.own.push_back((bench::own_cpu() - own) * each);
    into.drain.redis.push_back((bench::server_cpu(url) - redis) * each);
    double const seconds =
        std::chrono::duration<double>(recorder->last_words - recorder->first_claim).count();
    into.drain.rate.push_back(static_cast<double>(queues) / seconds);
    into.batch.push_back(static_cast<double>(queues) / static_cast<double>(recorder->exchanges));
    into.script.push_back(bench::server_info(url).slowest_script());
    if (ran != queues || recorder->acknowledged < queues)
        bench::fail(std::to_string(ran) + " of " + std::to_string(queues) + " jobs ran");
}

// ---------------------------------------------------------------- processes

std::int64_t to_us(bench::clock::time_point at)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

// Says that it is ready, waits for a line, drains; then jobs, first claim, last word, CPU.
int be_a_worker(bench::arguments const& args)
{
    boost::asio::io_context io{1};
    std::string const ns = args.text("ns", "");
    work::client direct{io, args.text("redis", ""), {.ns = ns}};
    auto const recorder = std::make_shared<bench::recording_broker>(direct.broker());
    work::client client{io, recorder, {.ns = ns}};
    work::worker_pool pool{client, {.concurrency = 1000}};
    long ran = 0;
    pool.handle<bench::send_email>([&ran](bench::send_email) -> work::task<void> {
        ++ran;
        co_return;
    });
    std::puts("ready");
    std::fflush(stdout);
    char line[16];
    if (!std::fgets(line, sizeof line, stdin))
        return 1;
    double const own = bench::own_cpu();
    bench::run(io, pool.run_until_empty());
    std::printf(
        "%ld %lld %lld %.6f\n",
        ran,
        static_cast<long long>(to_us(recorder->first_claim)),
        static_cast<long long>(to_us(recorder->last_words)),
        bench::own_cpu() - own
    );
    return 0;
}

void with_processes(std::string const& url, long processes, long jobs, long run, measured& into)
{
    std::string const ns = bench::own_namespace("growth", run);
    {
        boost::asio::io_context io{1};
        work::client client{io, url, roomy(ns)};
        bench::run(io, bench::preload(client, jobs));
    }
    std::vector<bench::child> all;
    for (long p = 0; p < processes; ++p)
        all.emplace_back(std::vector<std::string>{"--be-a-worker", "--redis", url, "--ns", ns});
    for (auto& c : all)
        if (c.line() != "ready")
            bench::fail("a worker process did not start");
    double const redis = bench::server_cpu(url);
    for (auto& c : all)
        c.say("go");
    long ran = 0;
    double own = 0;
    long long first = 0;
    long long last = 0;
    for (auto& c : all) {
        long one = 0;
        long long from = 0;
        long long to = 0;
        double cpu = 0;
        if (std::sscanf(c.line().c_str(), "%ld %lld %lld %lf", &one, &from, &to, &cpu) != 4)
            bench::fail("a worker process failed");
        ran += one;
        own += cpu;
        if (one > 0) {
            first = first == 0 ? from : std::min(first, from);
            last = std::max(last, to);
        }
        c.wait();
    }
    if (ran != jobs)
        bench::fail(std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran");
    auto const each = 1e6 / static_cast<double>(jobs);
    into.rate.push_back(static_cast<double>(jobs) * 1e6 / static_cast<double>(last - first));
    into.redis.push_back((bench::server_cpu(url) - redis) * each);
    into.own.push_back(own * each);
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    if (args.flag("be-a-worker"))
        return be_a_worker(args);
    long const jobs = std::max(1000l, args.number("jobs", 100'000));
    std::string const only = args.text("only", "");
    bench::report report("growth", args, {{"jobs", std::to_string(jobs)}, {"concurrency", "1000"}});
    long point = 0;
    auto const measure = [&](auto with, std::string const& what, long amount) {
        measured m;
        for (long run = 0; run < args.number("runs", 1); ++run) {
            bench::server server(args);
            with(server.url(), amount, jobs, point++, m);
        }
        print(report, std::to_string(amount) + what, m);
    };
    if (only.empty() || only == "pending")
        for (long const n : args.numbers("pending", "1000,100000,1000000"))
            measure(with_pending, " pending, enqueue and drain", n);
    if (only.empty() || only == "types")
        for (long const n : args.numbers("types", "1,16,64,500"))
            measure(with_types, " job types, drain", n);
    if (only.empty() || only == "queues")
        for (long const n : args.numbers("queues", "1000,20000")) {
            queues_measured m;
            for (long run = 0; run < args.number("runs", 1); ++run) {
                bench::server server(args, {"--latency-tracking-info-percentiles", "100"});
                with_queues(server.url(), n, point++, m);
            }
            std::string const what = std::to_string(n) + " queues";
            report.row(what + ", enqueue", m.enqueue, "jobs/s");
            print(report, what + ", drain", m.drain);
            report.row(what + ", jobs an exchange", m.batch, "jobs");
            report.row(what + ", slowest script, enqueue", m.enqueue_script, "ms");
            report.row(what + ", slowest script, drain", m.script, "ms");
        }
    if (only.empty() || only == "processes")
        for (long const n : args.numbers("processes", "1,2,4,8"))
            measure(with_processes, " processes, drain", n);
}
