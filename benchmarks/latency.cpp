// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How long does a lone job wait before its handler starts, when nothing else happens?
//
//     bench_latency [--jobs 1000] [--every-ms 20] [--scheduled 200] [--workers 25] [--apart]
//                   [--redis URL | --unix] [--json]
//
// Producer and worker are two clients on one thread; with --apart two processes, as the peers under
// peers/ are measured. The steady clock is one for all processes of a machine. Scheduled jobs are
// due at distinct times; their lateness is against the broker's clock. The floor is what the same
// server and machine need at the same pace for an LPUSH that ends another connection's BLPOP, and
// for one more command from there, which a queue needs that claims after the wakeup.

#include <thread>

#include "support/bench.hpp"
#include "support/child.hpp"
#include "support/raw_client.hpp"

namespace {

using std::chrono::milliseconds;

struct stamped
{
    std::int64_t user_id = 0;
    std::string address;
    std::int64_t at_us = 0;
};
BOOST_DESCRIBE_STRUCT(stamped, (), (user_id, address, at_us))

struct due
{
    std::int64_t at_ms = 0;
};
BOOST_DESCRIBE_STRUCT(due, (), (at_ms))

std::int64_t wall_us()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch()
    )
        .count();
}

struct floor_times
{
    std::vector<double> push_to_pop;
    std::vector<double> and_one_command;
};

floor_times measure_floor(
    std::string const& url,
    std::string const& ns,
    long jobs,
    milliseconds every
)
{
    work::redis::endpoint const at = work::redis::parse_url(url);
    bench::raw_client producer(at);
    bench::raw_client consumer(at);
    std::string const key = "work:{" + ns + "}:floor";
    std::string const payload = "{\"user_id\":1,\"address\":\"user10001@example.com\"}";
    floor_times f;
    for (long i = 0; i < jobs; ++i) {
        consumer.command("BLPOP", key, "0");
        consumer.send();
        std::this_thread::sleep_for(every);
        std::int64_t const start = bench::steady_us();
        producer.command("LPUSH", key, payload);
        producer.send();
        consumer.next();  // how many follow
        consumer.next();
        consumer.next();
        f.push_to_pop.push_back(static_cast<double>(bench::steady_us() - start) / 1000);
        consumer.command("GET", key);
        consumer.next();
        f.and_one_command.push_back(static_cast<double>(bench::steady_us() - start) / 1000);
        producer.next();
    }
    return f;
}

struct results
{
    std::vector<double> start;
    std::vector<double> late;
};

work::task<void> produce(work::client& client, long jobs, milliseconds every, long scheduled)
{
    work::enqueuer enqueuer{client};
    co_await bench::pause(milliseconds(300));
    for (long i = 0; i < jobs; ++i) {
        bench::send_email const mail = bench::mail(i);
        stamped const job{mail.user_id, mail.address, bench::steady_us()};
        co_await enqueuer.enqueue(job);
        co_await bench::pause(every);
    }
    std::int64_t const first = wall_us() / 1000 + 500;
    for (long i = 0; i < scheduled; ++i) {
        due const job{first + i * 17};
        std::chrono::system_clock::time_point const at{milliseconds(job.at_ms)};
        co_await enqueuer.enqueue_at(at, job);
    }
}

work::task<void> stop_after(work::worker_pool& pool, results& r, long jobs, long scheduled)
{
    while (static_cast<long>(r.late.size()) < scheduled || static_cast<long>(r.start.size()) < jobs)
        co_await bench::pause(milliseconds(100));
    pool.stop();
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 1000);
    long const scheduled = args.number("scheduled", 200);
    long const workers = args.number("workers", 25);
    milliseconds const every(args.number("every-ms", 20));
    bench::server server(args);
    boost::asio::io_context io{1};
    std::string const ns = args.text("ns", bench::own_namespace("latency"));
    work::client producer{io, server.url(), {.ns = ns}};
    if (args.flag("produce")) {
        bench::run(io, produce(producer, jobs, every, scheduled));
        return 0;
    }
    work::client consumer{io, server.url(), {.ns = ns}};
    work::worker_pool pool{consumer, {.concurrency = static_cast<int>(workers)}};
    results r;
    pool.handle<stamped>([&r](stamped job) -> work::task<void> {
        r.start.push_back(static_cast<double>(bench::steady_us() - job.at_us) / 1000);
        co_return;
    });
    pool.handle<due>([&r](due job) -> work::task<void> {
        r.late.push_back(static_cast<double>(wall_us() - job.at_ms * 1000) / 1000);
        co_return;
    });
    bench::child other;
    if (args.flag("apart"))
        other = bench::child(
            {"--produce",
             "--ns",
             ns,
             "--redis",
             server.url(),
             "--jobs",
             std::to_string(jobs),
             "--every-ms",
             std::to_string(every.count()),
             "--scheduled",
             std::to_string(scheduled)}
        );
    else
        boost::asio::co_spawn(io, produce(producer, jobs, every, scheduled), work::rethrow);
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    boost::asio::co_spawn(io, stop_after(pool, r, jobs, scheduled), work::rethrow);
    io.run();
    other.wait();

    bench::report report(
        "latency",
        args,
        bench::with_server(
            server.url(),
            {{"jobs", std::to_string(jobs)},
             {"every", std::to_string(every.count()) + " ms"},
             {"workers", std::to_string(workers)},
             {"producer", args.flag("apart") ? "its own process" : "the same thread"}}
        )
    );
    if (jobs > 0) {
        floor_times const f = measure_floor(server.url(), ns, std::min(jobs, 500l), every);
        report.row("floor: LPUSH to BLPOP, p50", {bench::percentile(f.push_to_pop, 50)}, "ms");
        report.row("floor: and one command, p50", {bench::percentile(f.and_one_command, 50)}, "ms");
        report.row("floor: and one command, p99", {bench::percentile(f.and_one_command, 99)}, "ms");
        report.row("enqueue to start, p50", {bench::percentile(r.start, 50)}, "ms");
        report.row("enqueue to start, p99", {bench::percentile(r.start, 99)}, "ms");
        report.row("enqueue to start, p99.9", {bench::percentile(r.start, 99.9)}, "ms");
        report.row("enqueue to start, longest", {bench::percentile(r.start, 100)}, "ms");
    }
    if (scheduled > 0) {
        report.row("scheduled, earliest (never below 0)", {bench::percentile(r.late, 0)}, "ms");
        report.row("scheduled, late p50", {bench::percentile(r.late, 50)}, "ms");
        report.row("scheduled, late p99", {bench::percentile(r.late, 99)}, "ms");
    }
}
