// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How fast does one process enqueue?
//
//     bench_enqueue [--jobs 200000] [--coroutines 1000] [--runs 3] [--redis URL | --unix] [--json]
//
// One by one from one coroutine, one by one from many, and in bulk; beside a bare pipelined LPUSH
// of the same bytes over the same connections, one command a job.

#include <work/redis/connection.hpp>

#include <functional>

#include "support/bench.hpp"

namespace {

work::task<void> one_by_one(work::client& client, long jobs)
{
    work::enqueuer enqueuer{client};
    for (long i = 0; i < jobs; ++i) {
        bench::send_email const job = bench::mail(i);
        co_await enqueuer.enqueue(job);
    }
}

work::task<void> in_bulk(work::client& client, std::vector<bench::send_email> const& jobs)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue_bulk(jobs);
}

work::task<void> push_one_by_one(work::redis::connection& connection, long jobs)
{
    std::string const record(130, 'x');
    work::redis::command push("LPUSH", "bench:list", record);
    for (long i = 0; i < jobs; ++i)
        co_await connection.execute_ref(push);
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
    long const coroutines = std::max(1l, args.number("coroutines", 1000));
    long const jobs = (args.number("jobs", 200'000) + coroutines - 1) / coroutines * coroutines;
    bench::server server(args);
    std::vector<double> single, many, bulk, floor;
    std::vector<double> redis_single, redis_many, redis_bulk, own_many, own_bulk;
    for (long run = 0; run < args.number("runs", 3); ++run) {
        boost::asio::io_context io{1};
        std::string const ns = bench::own_namespace("enqueue", run);
        work::client client{
            io,
            server.url(),
            {.ns = ns, .max_buffered_jobs = 10'000'000, .max_buffered_bytes = std::size_t(1) << 32}
        };
        long const few = std::min(jobs, 20'000l);
        double redis = bench::server_cpu(server.url());
        single.push_back(timed(few, io, [&] {
            boost::asio::co_spawn(io, one_by_one(client, few), work::rethrow);
        }));
        auto const each = 1e6 / static_cast<double>(jobs);
        redis_single.push_back(
            (bench::server_cpu(server.url()) - redis) * 1e6 / static_cast<double>(few)
        );
        redis = bench::server_cpu(server.url());
        double own = bench::own_cpu();
        many.push_back(timed(jobs, io, [&] {
            for (long c = 0; c < coroutines; ++c)
                boost::asio::co_spawn(io, one_by_one(client, jobs / coroutines), work::rethrow);
        }));
        own_many.push_back((bench::own_cpu() - own) * each);
        redis_many.push_back((bench::server_cpu(server.url()) - redis) * each);

        std::vector<bench::send_email> const all = bench::mails(0, jobs);
        redis = bench::server_cpu(server.url());
        own = bench::own_cpu();
        bulk.push_back(timed(jobs, io, [&] {
            boost::asio::co_spawn(io, in_bulk(client, all), work::rethrow);
        }));
        own_bulk.push_back((bench::own_cpu() - own) * each);
        redis_bulk.push_back((bench::server_cpu(server.url()) - redis) * each);

        work::redis::connection connection(io.get_executor(), work::redis::parse_url(server.url()));
        floor.push_back(timed(jobs, io, [&] {
            for (long c = 0; c < coroutines; ++c)
                boost::asio::co_spawn(
                    io,
                    push_one_by_one(connection, jobs / coroutines),
                    work::rethrow
                );
        }));
    }
    bench::report report(
        "enqueue",
        args,
        bench::with_server(server.url(), {{"jobs", std::to_string(jobs)}})
    );
    report.row("one by one, one coroutine", single, "jobs/s");
    report.row("one by one, " + std::to_string(coroutines) + " coroutines", many, "jobs/s");
    report.row("bulk", bulk, "jobs/s");
    report.row("bare LPUSH, pipelined, one by one", floor, "jobs/s");
    report.row("our CPU a job, coroutines", own_many, "us");
    report.row("our CPU a job, bulk", own_bulk, "us");
    report.row("Redis CPU a job, one coroutine", redis_single, "us");
    report.row("Redis CPU a job, coroutines", redis_many, "us");
    report.row("Redis CPU a job, bulk", redis_bulk, "us");
}
