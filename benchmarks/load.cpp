// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How long does a job wait before its handler starts, when the system is half loaded?
//
//     bench_load [--percent 50] [--rate 0] [--seconds 5] [--concurrency 1000]
//                [--redis URL | --unix] [--json]
//
// First one process enqueues and drains as fast as it can: jobs are enqueued by 1 000 coroutines,
// each awaiting one. That rate is the full load (--rate sets it). Then jobs come at `percent` of
// it, evenly, in ticks of a millisecond; each carries the time at which it was enqueued.

#include "support/bench.hpp"

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct stamped
{
    std::int64_t user_id = 0;
    std::string address;
    std::int64_t at_us = 0;
};
BOOST_DESCRIBE_STRUCT(stamped, (), (user_id, address, at_us))

stamped now_stamped(long i)
{
    bench::send_email mail = bench::mail(i);
    return {mail.user_id, std::move(mail.address), bench::steady_us()};
}

struct station
{
    explicit station(std::string const& url, long concurrency, long run)
        : client(io, url, {.ns = bench::own_namespace("load", run)}),
          pool(client, {.concurrency = static_cast<int>(concurrency)})
    {
        pool.handle<stamped>([this](stamped job) -> work::task<void> {
            waited.push_back(static_cast<double>(bench::steady_us() - job.at_us) / 1000);
            co_return;
        });
    }
    boost::asio::io_context io{1};
    work::client client;
    work::worker_pool pool;
    std::vector<double> waited;
    long sent = 0;
    bool over = false;
};

// Keeps one job of its own under way until the time is over.
work::task<void> feed(station& s)
{
    work::enqueuer enqueuer{s.client};
    while (!s.over) {
        // No more than is being run: this measures the pair of them, not a growing queue.
        if (s.sent - static_cast<long>(s.waited.size()) > 20'000) {
            co_await bench::pause(microseconds(200));
            continue;
        }
        stamped const job = now_stamped(s.sent++);
        co_await enqueuer.enqueue(job);
    }
}

work::task<void> end_after(station& s, std::chrono::seconds length, double& rate)
{
    co_await bench::pause(milliseconds(500));
    auto const before = s.waited.size();
    bench::clock::time_point const start = bench::clock::now();
    co_await bench::pause(length);
    rate = static_cast<double>(s.waited.size() - before) / bench::seconds_since(start);
    s.over = true;
    s.pool.stop();
}

work::task<void> enqueue_one(station& s)
{
    work::enqueuer enqueuer{s.client};
    stamped const job = now_stamped(s.sent++);
    co_await enqueuer.enqueue(job);
}

work::task<void> produce(station& s, double rate, std::chrono::seconds length)
{
    co_await bench::pause(milliseconds(200));
    bench::clock::time_point const start = bench::clock::now();
    bench::clock::time_point const end = start + length;
    for (bench::clock::time_point now = start; now < end; now = bench::clock::now()) {
        auto const due =
            static_cast<long>(rate * std::chrono::duration<double>(now - start).count());
        while (s.sent < due)
            boost::asio::co_spawn(s.io, enqueue_one(s), work::rethrow);
        co_await bench::pause(milliseconds(1));
    }
    while (static_cast<long>(s.waited.size()) < s.sent)
        co_await bench::pause(milliseconds(5));
    s.pool.stop();
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const percent = args.number("percent", 50);
    long const concurrency = args.number("concurrency", 1000);
    std::chrono::seconds const length(std::max(1l, args.number("seconds", 5)));
    bench::server server(args);
    auto full = static_cast<double>(args.number("rate", 0));
    if (full == 0) {
        station s(server.url(), concurrency, 0);
        boost::asio::co_spawn(s.io, s.pool.run(), work::rethrow);
        for (int i = 0; i < 1000; ++i)
            boost::asio::co_spawn(s.io, feed(s), work::rethrow);
        boost::asio::co_spawn(
            s.io,
            end_after(s, std::min(length, std::chrono::seconds(3)), full),
            work::rethrow
        );
        s.io.run();
    }
    double const rate = full * static_cast<double>(percent) / 100;
    station s(server.url(), concurrency, 1);
    boost::asio::co_spawn(s.io, s.pool.run(), work::rethrow);
    boost::asio::co_spawn(s.io, produce(s, rate, length), work::rethrow);
    s.io.run();
    bench::report report(
        "load",
        args,
        bench::with_server(
            server.url(),
            {{"seconds", std::to_string(length.count())},
             {"concurrency", std::to_string(concurrency)}}
        )
    );
    std::string const at = "at " + std::to_string(percent) + " % load";
    report.row("full load, enqueue and run in one process", {full}, "jobs/s");
    report.row(at, {rate}, "jobs/s");
    report.row("enqueue to start, p50, " + at, {bench::percentile(s.waited, 50)}, "ms");
    report.row("enqueue to start, p99, " + at, {bench::percentile(s.waited, 99)}, "ms");
    report.row("enqueue to start, p99.9, " + at, {bench::percentile(s.waited, 99.9)}, "ms");
    report.row("enqueue to start, longest, " + at, {bench::percentile(s.waited, 100)}, "ms");
}
