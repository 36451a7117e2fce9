// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does a job cost in memory: waiting in Redis, and in flight here?
//
//     bench_memory [--pending 100000] [--in-flight 100000] [--sleep-ms 10000] [--redis URL]
//                  [--json]

#include "support/bench.hpp"

namespace {

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
    std::string const ns = bench::own_namespace("memory");
    work::client client{io, server.url(), {.ns = ns, .max_buffered_jobs = 10'000}};

    double const used = bench::server_info(server.url()).number("used_memory");
    bench::run(io, bench::preload(client, pending));
    double const filled = bench::server_info(server.url()).number("used_memory");

    double const before = bench::resident_bytes();
    work::worker_pool pool{client, {.concurrency = static_cast<int>(in_flight)}};
    peak p;
    pool.handle<bench::send_email>([&](bench::send_email) -> work::task<void> {
        ++p.running;
        if (p.running > p.most) {
            p.most = p.running;
            if (p.most % 1000 == 0 || p.most == pending)
                p.bytes = std::max(p.bytes, bench::resident_bytes());
        }
        co_await bench::pause(sleep);
        --p.running;
    });
    bench::run(io, pool.run_until_empty());

    bench::report report(
        "memory",
        args,
        bench::with_server(
            server.url(),
            {{"pending", std::to_string(pending)}, {"concurrency", std::to_string(in_flight)}}
        )
    );
    report.row(
        "Redis bytes a pending job, record included",
        {(filled - used) / static_cast<double>(pending)},
        "bytes"
    );
    report.row("jobs in flight at once", {static_cast<double>(p.most)}, "jobs");
    report.row(
        "our bytes a job in flight",
        {(p.bytes - before) / static_cast<double>(p.most)},
        "bytes"
    );
    report.row("resident memory at the peak", {p.bytes / (1 << 20)}, "MiB");
}
