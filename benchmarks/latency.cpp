// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How long does a lone job wait before its handler starts, when nothing else happens?
//
//     bench_latency [--jobs 1000] [--every-ms 20] [--scheduled 200] [--redis URL] [--json]
//
// Producer and worker are two clients on one thread, so that one clock times both. Scheduled jobs
// are due at distinct times; their lateness is against the broker's clock.

#include "support/bench.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct stamped
{
    std::int64_t at_us = 0;
};
BOOST_DESCRIBE_STRUCT(stamped, (), (at_us))

struct due
{
    std::int64_t at_ms = 0;
};
BOOST_DESCRIBE_STRUCT(due, (), (at_ms))

std::int64_t steady_us()
{
    return std::chrono::duration_cast<microseconds>(bench::clock::now().time_since_epoch()).count();
}

std::int64_t wall_us()
{
    return std::chrono::duration_cast<microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct results
{
    std::vector<double> start;
    std::vector<double> late;
};

work::task<void> produce(work::client& client, work::worker_pool& pool, results& r, long jobs,
                         milliseconds every, long scheduled)
{
    work::enqueuer enqueuer{client};
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(milliseconds(300));
    co_await timer.async_wait(boost::asio::use_awaitable);
    for (long i = 0; i < jobs; ++i) {
        stamped const job{steady_us()};
        co_await enqueuer.enqueue(job);
        timer.expires_after(every);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    std::int64_t const first = wall_us() / 1000 + 500;
    for (long i = 0; i < scheduled; ++i) {
        due const job{first + i * 17};
        std::chrono::system_clock::time_point const at{milliseconds(job.at_ms)};
        co_await enqueuer.enqueue_at(at, job);
    }
    while (static_cast<long>(r.late.size()) < scheduled || static_cast<long>(r.start.size()) < jobs) {
        timer.expires_after(milliseconds(20));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    pool.stop();
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 1000);
    long const scheduled = args.number("scheduled", 200);
    bench::server server(args);
    boost::asio::io_context io{1};
    std::string const ns = "bench-latency-" + std::to_string(::getpid());
    work::client producer{io, server.url(), {.ns = ns}};
    work::client consumer{io, server.url(), {.ns = ns}};
    work::worker_pool pool{consumer, {.concurrency = 25}};
    results r;
    pool.handle<stamped>([&r](stamped job) -> work::task<void> {
        r.start.push_back(static_cast<double>(steady_us() - job.at_us) / 1000);
        co_return;
    });
    pool.handle<due>([&r](due job) -> work::task<void> {
        r.late.push_back(static_cast<double>(wall_us() - job.at_ms * 1000) / 1000);
        co_return;
    });
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    boost::asio::co_spawn(io,
                          produce(producer, pool, r, jobs, milliseconds(args.number("every-ms", 20)),
                                  scheduled),
                          work::rethrow);
    io.run();
    bench::report report("latency", args);
    if (jobs > 0) {
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
