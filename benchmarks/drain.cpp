// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How fast does one worker process drain a preloaded queue?
//
//     bench_drain [--jobs 200000] [--concurrency 1000] [--batch 256] [--runs 3]
//                 [--redis URL | --unix | --memory] [--json]
//
// Timed from the first claim to the last acknowledged completion, with leases, fences and
// acknowledgements on. The server's CPU is INFO's, over enqueue and drain apart.

#include "support/bench.hpp"
#include "support/recording_broker.hpp"

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 200'000);
    int const concurrency = static_cast<int>(args.number("concurrency", 1000));
    int const most = static_cast<int>(args.number("batch", work::pool_options().batch));
    bool const memory = args.flag("memory");
    std::unique_ptr<bench::server> server;
    if (!memory)
        server = std::make_unique<bench::server>(args);
    std::vector<double> rates, own, redis_in, redis_out, batch, bulk;
    for (long run = 0; run < args.number("runs", 3); ++run) {
        boost::asio::io_context io{1};
        std::string const ns = bench::own_namespace("drain", run);
        std::string const url = memory ? "memory:" : server->url();
        work::client direct{io, url, {.ns = ns, .max_buffered_jobs = 1'000'000}};
        double const cpu0 = memory ? 0 : bench::server_cpu(url);
        bench::clock::time_point const load = bench::clock::now();
        bench::run(io, bench::preload(direct, jobs));
        bulk.push_back(static_cast<double>(jobs) / bench::seconds_since(load));
        double const cpu1 = memory ? 0 : bench::server_cpu(url);

        auto const recorder = std::make_shared<bench::recording_broker>(direct.broker());
        work::client client{io, recorder, {.ns = ns}};
        work::worker_pool pool{client, {.concurrency = concurrency, .batch = most}};
        long ran = 0;
        pool.handle<bench::send_email>([&ran](bench::send_email) -> work::task<void> {
            ++ran;
            co_return;
        });
        double const mine = bench::own_cpu();
        bench::run(io, pool.run_until_empty());
        double const seconds =
            std::chrono::duration<double>(recorder->last_words - recorder->first_claim).count();
        if (ran != jobs || recorder->acknowledged < jobs) {
            std::fprintf(
                stderr,
                "%ld of %ld jobs ran, %ld were acknowledged\n",
                ran,
                jobs,
                static_cast<long>(recorder->acknowledged)
            );
            return 1;
        }
        auto const each = 1e6 / static_cast<double>(jobs);
        rates.push_back(static_cast<double>(jobs) / seconds);
        own.push_back((bench::own_cpu() - mine) * each);
        batch.push_back(static_cast<double>(jobs) / static_cast<double>(recorder->exchanges));
        if (!memory) {
            redis_in.push_back((cpu1 - cpu0) * each);
            redis_out.push_back((bench::server_cpu(url) - cpu1) * each);
        }
    }
    bench::report::settings used{
        {"jobs", std::to_string(jobs)},
        {"concurrency", std::to_string(concurrency)},
        {"batch", std::to_string(most)}
    };
    if (!memory)
        used = bench::with_server(server->url(), std::move(used));
    bench::report report("drain", args, std::move(used));
    report.row("drain, concurrency " + std::to_string(concurrency), rates, "jobs/s");
    report.row("bulk enqueue before it", bulk, "jobs/s");
    report.row("our CPU a job, drain", own, "us");
    report.row("jobs an exchange", batch, "jobs");
    if (!memory) {
        report.row("Redis CPU a job, enqueue", redis_in, "us");
        report.row("Redis CPU a job, claim to complete", redis_out, "us");
    }
}
