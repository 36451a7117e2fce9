// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does a pool cost that has nothing to do?
//
//     bench_idle [--workers 10000] [--seconds 30] [--redis URL] [--json]
//
// Commands are INFO's total_commands_processed, which counts those inside scripts too; the
// benchmark's own questions are taken off.

#include "support/bench.hpp"

namespace {

struct measured
{
    double commands = 0;
    double resident = 0;
    double own_cpu = 0;
    double stop_ms = 0;
};

work::task<void> watch(
    work::worker_pool& pool,
    std::string url,
    long seconds,
    measured& m,
    bench::clock::time_point& stopped
)
{
    co_await bench::pause(std::chrono::seconds(8));
    double const before = bench::server_info(url).number("total_commands_processed");
    double const cpu = bench::own_cpu();
    co_await bench::pause(std::chrono::seconds(seconds));
    double const after = bench::server_info(url).number("total_commands_processed");
    m.commands = (after - before - 1) / static_cast<double>(seconds);  // one INFO is our own
    m.own_cpu = (bench::own_cpu() - cpu) / static_cast<double>(seconds) * 100;
    m.resident = bench::resident_bytes() / (1 << 20);
    stopped = bench::clock::now();
    pool.stop();
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const workers = args.number("workers", 10'000);
    bench::server server(args);
    boost::asio::io_context io{1};
    work::client client{io, server.url(), {.ns = bench::own_namespace("idle")}};
    work::worker_pool pool{client, {.concurrency = static_cast<int>(workers)}};
    pool.handle<bench::send_email>([](bench::send_email) -> work::task<void> { co_return; });
    measured m;
    bench::clock::time_point stop_asked;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr failure) {
        m.stop_ms = bench::seconds_since(stop_asked) * 1000;
        work::rethrow(failure);
    });
    boost::asio::co_spawn(
        io,
        watch(pool, server.url(), args.number("seconds", 30), m, stop_asked),
        work::rethrow
    );
    io.run();
    bench::report report(
        "idle",
        args,
        bench::with_server(server.url(), {{"workers", std::to_string(workers)}})
    );
    report.row("commands a second, " + std::to_string(workers) + " workers", {m.commands}, "1/s");
    report.row("resident memory", {m.resident}, "MiB");
    report.row("our CPU", {m.own_cpu}, "%");
    report.row("stop", {m.stop_ms}, "ms");
}
