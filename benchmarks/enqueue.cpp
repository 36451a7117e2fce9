// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How fast does one process enqueue?
//
//     bench_enqueue [--jobs 200000] [--coroutines 1000] [--runs 3] [--redis URL] [--json]
//
// One by one from one coroutine, one by one from many, and in bulk; beside a bare pipelined LPUSH of
// the same bytes over the same lanes, one command a job.

#include "support/bench.hpp"

#include <work/redis/lane.hpp>

#include <thread>

namespace {

bench::send_email mail(long i)
{
    return {i, "user" + std::to_string(10'000 + i % 90'000) + "@example.com"};
}

work::task<void> one_by_one(work::client& client, long jobs)
{
    work::enqueuer enqueuer{client};
    for (long i = 0; i < jobs; ++i) {
        bench::send_email const job = mail(i);
        co_await enqueuer.enqueue(job);
    }
}

work::task<void> in_bulk(work::client& client, std::vector<bench::send_email> const& jobs)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue_bulk(jobs);
}

work::task<void> push_one_by_one(work::redis::lane& lane, long jobs)
{
    std::string const record(130, 'x');
    work::redis::command push("LPUSH", "bench:list", record);
    for (long i = 0; i < jobs; ++i)
        co_await lane.execute_ref(push);
}

double timed(long jobs, boost::asio::io_context& io, std::function<void()> start)
{
    start();
    bench::clock::time_point const begin = bench::clock::now();
    io.restart();
    io.run();
    return static_cast<double>(jobs) / bench::seconds_since(begin);
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 200'000);
    long const coroutines = args.number("coroutines", 1000);
    bench::server server(args);
    std::vector<double> single, many, bulk, floor, redis_many, redis_bulk, own_many, own_bulk;
    for (long run = 0; run < args.number("runs", 3); ++run) {
        boost::asio::io_context io{1};
        std::string const ns = "bench-" + std::to_string(run) + "-" + std::to_string(::getpid());
        work::client client{io, server.url(), {.ns = ns, .max_buffered_jobs = 10'000'000,
                                               .max_buffered_bytes = std::size_t(1) << 32}};
        long const few = std::min(jobs, 20'000l);
        single.push_back(timed(few, io, [&] {
            boost::asio::co_spawn(io, one_by_one(client, few), work::rethrow);
        }));
        auto const each = 1e6 / static_cast<double>(jobs);
        double redis = bench::server_cpu(server.url());
        double own = bench::own_cpu();
        many.push_back(timed(jobs, io, [&] {
            for (long c = 0; c < coroutines; ++c)
                boost::asio::co_spawn(io, one_by_one(client, jobs / coroutines), work::rethrow);
        }));
        own_many.push_back((bench::own_cpu() - own) * each);
        redis_many.push_back((bench::server_cpu(server.url()) - redis) * each);

        std::vector<bench::send_email> all;
        for (long i = 0; i < jobs; ++i)
            all.push_back(mail(i));
        redis = bench::server_cpu(server.url());
        own = bench::own_cpu();
        bulk.push_back(timed(jobs, io, [&] {
            boost::asio::co_spawn(io, in_bulk(client, all), work::rethrow);
        }));
        own_bulk.push_back((bench::own_cpu() - own) * each);
        redis_bulk.push_back((bench::server_cpu(server.url()) - redis) * each);

        work::redis::lane lane(io.get_executor(), work::redis::parse_url(server.url()));
        floor.push_back(timed(jobs, io, [&] {
            for (long c = 0; c < coroutines; ++c)
                boost::asio::co_spawn(io, push_one_by_one(lane, jobs / coroutines), work::rethrow);
        }));
    }
    bench::report report("enqueue", args);
    report.row("one by one, one coroutine", single, "jobs/s");
    report.row("one by one, " + std::to_string(coroutines) + " coroutines", many, "jobs/s");
    report.row("bulk", bulk, "jobs/s");
    report.row("bare LPUSH, pipelined, one by one", floor, "jobs/s");
    report.row("our CPU a job, coroutines", own_many, "us");
    report.row("our CPU a job, bulk", own_bulk, "us");
    report.row("Redis CPU a job, coroutines", redis_many, "us");
    report.row("Redis CPU a job, bulk", redis_bulk, "us");
}
