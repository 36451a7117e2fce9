// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does a job cost in memory: waiting in Redis, and in flight here?
//
//     bench_memory [--pending 100000] [--in-flight 100000] [--sleep-ms 10000] [--redis URL] [--json]

#include "support/bench.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

namespace {

double resident_bytes()
{
    long total = 0;
    long resident = 0;
    if (std::FILE* const f = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(f, "%ld %ld", &total, &resident) != 2)
            resident = 0;
        std::fclose(f);
    }
    return static_cast<double>(resident) * 4096;
}

work::task<void> preload(work::client& client, long jobs)
{
    work::enqueuer enqueuer{client};
    std::vector<bench::send_email> some;
    for (long at = 0; at < jobs; at += 5000) {
        some.clear();
        for (long i = at; i < std::min(jobs, at + 5000); ++i)
            some.push_back(
                bench::send_email{i, "user" + std::to_string(10'000 + i % 90'000) + "@example.com"});
        co_await enqueuer.enqueue_bulk(some);
    }
}

struct peak
{
    long running = 0;
    long most = 0;
    double bytes = 0;
};

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const pending = args.number("pending", 100'000);
    long const in_flight = args.number("in-flight", 100'000);
    std::chrono::milliseconds const sleep(args.number("sleep-ms", 10'000));
    bench::server server(args);
    boost::asio::io_context io{1};
    std::string const ns = "bench-memory-" + std::to_string(::getpid());
    work::client client{io, server.url(), {.ns = ns, .max_buffered_jobs = 10'000}};

    double const used = std::atof(bench::info(server.url(), "used_memory").c_str());
    bench::run(io, preload(client, pending));
    double const filled = std::atof(bench::info(server.url(), "used_memory").c_str());

    double const before = resident_bytes();
    work::worker_pool pool{client, {.concurrency = static_cast<int>(in_flight)}};
    peak p;
    pool.handle<bench::send_email>([&](bench::send_email) -> work::task<void> {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, sleep);
        ++p.running;
        if (p.running > p.most) {
            p.most = p.running;
            if (p.most % 1000 == 0 || p.most == pending)
                p.bytes = std::max(p.bytes, resident_bytes());
        }
        co_await timer.async_wait(boost::asio::use_awaitable);
        --p.running;
    });
    bench::run(io, pool.run_until_empty());

    bench::report report("memory", args);
    report.row("Redis bytes a pending job, record included",
               {(filled - used) / static_cast<double>(pending)}, "bytes");
    report.row("jobs in flight at once", {static_cast<double>(p.most)}, "jobs");
    report.row("our bytes a job in flight", {(p.bytes - before) / static_cast<double>(p.most)},
               "bytes");
    report.row("resident memory at the peak", {p.bytes / (1 << 20)}, "MiB");
}
