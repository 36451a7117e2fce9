// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does a job cost beside the fast path, and how many plain jobs is that?
//
//     bench_ways [--only plain,fails,ids,...] [--jobs 50000] [--runs 3] [--redis URL | --unix]
//                [--json]
//
//   plain       the two-field job, in bulk, without options
//   fails       the first attempt throws, the second, due at once, does not
//   dies        the only attempt throws: all end dead
//   snoozes     sent back once, by `snooze`, due at once
//   ids         each with an id of its caller's
//   priority    each with a priority, of 16
//   due         scheduled 1 ms ahead: stored as scheduled, due by the time of the drain
//   scheduled   scheduled an hour ahead: enqueue alone
//   kib4        4 KiB of arguments
//   types       over 500 job names
//
// CPU of the server by INFO, of this process by its own clock, for enqueue and drain apart; each
// way beside plain jobs of the same round, on a server of its own unless --redis names one.

#include <map>
#include <memory>
#include <string>

#include "support/bench.hpp"

namespace {

struct way
{
    char const* name;
    char const* says;
    bool drains = true;
};

constexpr way ways[] = {
    {"plain", "plain"},
    {"fails", "fails once, runs again"},
    {"dies", "fails for good"},
    {"snoozes", "snoozes once"},
    {"ids", "ids of one's own"},
    {"priority", "a priority"},
    {"due", "scheduled, due at once"},
    {"scheduled", "scheduled", false},
    {"kib4", "4 KiB"},
    {"types", "500 job types"},
};

constexpr long types = 500;

struct measured
{
    double enqueue = 0, own_enqueue = 0, drain = 0, own_drain = 0;
};

work::new_job job_for(std::string const& what, long i)
{
    work::enqueue_options options;
    std::string const id = "order-" + std::to_string(100'000'000 + i);
    bench::send_email mail = bench::mail(i);
    if (what == "kib4")
        mail.address.append(4096 - 60, 'x');
    if (what == "types")
        return work::make_json("type_" + std::to_string(i % types), work::to_json(mail));
    if (what == "ids")
        options.id = id;
    if (what == "priority")
        options.priority = static_cast<int>(i % 16) + 1;
    if (what == "due")
        options.in = std::chrono::milliseconds(1);
    if (what == "scheduled")
        options.in = std::chrono::hours(1);
    return work::make(mail).with(options);
}

work::task<void> fill(work::client& client, std::string const& what, long jobs)
{
    work::enqueuer enqueuer{client};
    for (long at = 0; at < jobs; at += 5'000) {
        std::vector<work::new_job> some;
        for (long i = at; i < std::min(jobs, at + 5'000); ++i)
            some.push_back(job_for(what, i));
        co_await enqueuer.enqueue(some);
    }
}

void handle(work::worker_pool& pool, std::string const& what, long& ran)
{
    work::job_options options;
    options.backoff = work::backoff::fixed(std::chrono::milliseconds(1));
    if (what == "dies")
        options.max_attempts = 1;
    auto const one = [&ran,
                      what](work::context& job, bench::send_email) -> work::task<work::outcome> {
        ++ran;
        if (what == "dies" || (what == "fails" && job.attempt() == 1))
            throw std::runtime_error("the service answered 503");
        if (what == "snoozes" && job.snoozes() == 0)
            co_return work::snooze(std::chrono::milliseconds(1));
        co_return work::done();
    };
    if (what != "types")
        return static_cast<void>(pool.handle<bench::send_email>(one, options));
    for (long t = 0; t < types; ++t)
        pool.handle("type_" + std::to_string(t), [&ran](bench::send_email) -> work::task<void> {
            ++ran;
            co_return;
        });
}

measured measure(bench::arguments const& args, way const& w, long jobs, long run)
{
    bench::server server(args);
    boost::asio::io_context io{1};
    work::client_options options;
    options.ns = bench::own_namespace("ways", run);
    options.max_buffered_jobs = 10'000'000;
    options.max_buffered_bytes = std::size_t(1) << 32;
    options.logger = nullptr;
    work::client client{io, server.url(), options};
    std::string const what = w.name;
    auto const each = 1e6 / static_cast<double>(jobs);
    measured m;
    double redis = bench::server_cpu(server.url());
    double own = bench::own_cpu();
    bench::run(io, fill(client, what, jobs));
    m.enqueue = (bench::server_cpu(server.url()) - redis) * each;
    m.own_enqueue = (bench::own_cpu() - own) * each;
    if (!w.drains)
        return m;
    work::worker_pool pool{client, {.concurrency = 1000}};
    long ran = 0;
    handle(pool, what, ran);
    redis = bench::server_cpu(server.url());
    own = bench::own_cpu();
    bench::run(io, pool.run_until_empty());
    m.drain = (bench::server_cpu(server.url()) - redis) * each;
    m.own_drain = (bench::own_cpu() - own) * each;
    if (ran < jobs)
        bench::fail(std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran");
    return m;
}

bool is_wanted(std::string const& only, std::string const& name)
{
    return only.empty() || ("," + only + ",").find("," + name + ",") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = std::max(1000l, args.number("jobs", 50'000));
    long const runs = std::max(1l, args.number("runs", 3));
    std::string const only = args.text("only", "");
    bench::report report("ways", args, {{"jobs", std::to_string(jobs)}, {"concurrency", "1000"}});
    std::map<std::string, std::vector<measured>> all;
    for (long run = 0; run < runs; ++run)
        for (way const& w : ways)
            if (w.name == std::string("plain") || is_wanted(only, w.name))
                all[w.name].push_back(measure(args, w, jobs, run));
    auto const column = [&](char const* name, auto of) {
        std::vector<double> values;
        for (std::size_t i = 0; i < all[name].size(); ++i)
            values.push_back(of(all[name][i], all["plain"][i]));
        return values;
    };
    for (way const& w : ways) {
        if (!all.contains(w.name))
            continue;
        std::string const says = w.says;
        auto const row = [&](std::string const& what, char const* unit, auto of) {
            report.row(says + what, column(w.name, of), unit);
        };
        using m = measured const&;
        row(", enqueue: Redis CPU a job", "us", [](m a, m) { return a.enqueue; });
        row(", enqueue: our CPU a job", "us", [](m a, m) { return a.own_enqueue; });
        if (w.drains) {
            row(", drain: Redis CPU a job", "us", [](m a, m) { return a.drain; });
            row(", drain: our CPU a job", "us", [](m a, m) { return a.own_drain; });
            row(": Redis CPU to a plain job's", "times", [](m a, m plain) {
                return (a.enqueue + a.drain) / (plain.enqueue + plain.drain);
            });
        } else {
            row(": Redis CPU to a plain job's enqueue", "times", [](m a, m plain) {
                return a.enqueue / plain.enqueue;
            });
        }
    }
}
