// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "exit_code.hpp"
#include "load/prepared.hpp"
#include "print.hpp"
#include "when.hpp"

namespace work::tool {

/// What one run took.
struct bench_run
{
    std::int64_t stored = 0;
    std::int64_t stored_per_s = 0;
    std::int64_t done = 0;
    std::int64_t done_per_s = 0;
    double cpu_us = 0;  ///< of this process, a job
};
BOOST_DESCRIBE_STRUCT(bench_run, (), (stored, stored_per_s, done, done_per_s, cpu_us))

/// What `--json` prints.
struct bench_report
{
    std::int64_t jobs = 0;
    int concurrency = 0;
    std::vector<bench_run> runs;
    std::int64_t stored_per_s = 0;  ///< the median
    std::int64_t done_per_s = 0;    ///< likewise
    bool whole = true;              ///< all jobs of all runs were run in the time
};
BOOST_DESCRIBE_STRUCT(bench_report, (), (jobs, concurrency, runs, stored_per_s, done_per_s, whole))

namespace {

struct bench_flags
{
    load_flags load;
    std::int64_t jobs = 20'000;
    int concurrency = 100;
    int runs = 3;
    std::string lasting = "30s";
    std::chrono::milliseconds longest{0};  ///< `lasting`, read
};

std::int64_t a_second(std::int64_t count, double seconds)
{
    return seconds <= 0 ? 0 : std::llround(static_cast<double>(count) / seconds);
}

std::int64_t median(std::vector<std::int64_t> all)
{
    if (all.empty())
        return 0;
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

void print_run(bench_run const& one)
{
    print_line(
        "stored " + grouped(one.stored) + " (" + grouped(one.stored_per_s) + " a second), ran " +
        grouped(one.done) + " (" + grouped(one.done_per_s) + " a second), " + rate(one.cpu_us) +
        " us of this processor a job"
    );
}

int bench(bench_flags const& o, load_place const& at)
{
    bench_report report;
    report.jobs = o.jobs;
    report.concurrency = o.concurrency;
    std::vector<std::int64_t> stored, done;
    for (int i = 0; i != o.runs && load_signals::seen() == 0; ++i) {
        drained const went = drain(at, o.jobs, o.concurrency, o.load.job, o.longest);
        bench_run one;
        one.stored = went.stored;
        one.stored_per_s = a_second(went.stored, went.store_s);
        one.done = went.done;
        one.done_per_s = a_second(went.done, went.drain_s);
        one.cpu_us = std::round(went.cpu_us * 10) / 10;
        report.whole = report.whole && went.done == o.jobs;
        report.runs.push_back(one);
        stored.push_back(one.stored_per_s);
        done.push_back(one.done_per_s);
        if (!o.load.json)
            print_run(one);
        // The next one begins with nothing, too.
        remove_namespace(at);
    }
    report.stored_per_s = median(stored);
    report.done_per_s = median(done);
    if (o.load.json) {
        print_as_json(report);
    } else {
        print_line(
            grouped(report.done_per_s) + " jobs a second" +
            (report.runs.size() == 1
                 ? std::string()
                 : ", the median of " + std::to_string(report.runs.size()) + " runs,") +
            " with " + std::to_string(o.concurrency) + " at once, in one thread"
        );
        if (!report.whole)
            print_line("not all jobs ran in the time: --for and --jobs say how much");
    }
    return ok;
}

}  // namespace

void add_bench(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<bench_flags>();
    CLI::App* const command = program.add_subcommand(
        "bench",
        "How many jobs a second this broker takes and gives, from here; asks first"
    );
    command->add_option("--jobs", o->jobs, "So many a run")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--concurrency", o->concurrency, "So many at once")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--runs", o->runs, "So often")
        ->check(CLI::Range(1, 100))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--for", o->lasting, "A run takes no longer than that")
        ->type_name("TIME")
        ->capture_default_str();
    o->load.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            o->load.read();
            o->longest = read_lasting("--for", o->lasting);
            std::string const what = "store and run " + std::to_string(o->runs) + " times " +
                                     grouped(o->jobs) + " jobs, for at most " + o->lasting +
                                     " each,";
            return run_load(o->load, "bench", what, [o](load_place const& at) {
                return bench(*o, at);
            });
        };
    });
}

}  // namespace work::tool
