// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>

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

/// What one concurrency gave.
struct tune_point
{
    int concurrency = 0;
    std::int64_t done_per_s = 0;
};
BOOST_DESCRIBE_STRUCT(tune_point, (), (concurrency, done_per_s))

/// What `--json` prints.
struct tune_report
{
    int take = 0;  ///< the fewest within 5 % of the best
    std::int64_t done_per_s = 0;
    std::vector<tune_point> curve;
};
BOOST_DESCRIBE_STRUCT(tune_report, (), (take, done_per_s, curve))

namespace {

struct tune_flags
{
    load_flags load;
    std::vector<int> levels{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
    std::string lasting = "1s";
    std::chrono::milliseconds each{0};  ///< `lasting`, read
};

/// The fewest at once that are within 5 % of the best: more takes memory, and gives nothing.
tune_point to_take(std::vector<tune_point> const& curve)
{
    std::int64_t best = 0;
    for (tune_point const& one : curve)
        best = std::max(best, one.done_per_s);
    for (tune_point const& one : curve)
        if (100 * one.done_per_s >= 95 * best)
            return one;
    return {};
}

void print_curve(std::vector<tune_point> const& curve)
{
    constexpr std::int64_t longest = 40;
    std::int64_t best = 1;
    for (tune_point const& one : curve)
        best = std::max(best, one.done_per_s);
    table rows({{"AT ONCE", true}, {"JOBS/S", true}, {"", false, 0}});
    for (tune_point const& one : curve)
        rows.add(
            {grouped(one.concurrency),
             grouped(one.done_per_s),
             std::string(static_cast<std::size_t>(one.done_per_s * longest / best), '#')}
        );
    rows.print();
}

int tune(tune_flags const& o, load_place const& at)
{
    tune_report report;
    for (int const level : o.levels) {
        if (load_signals::seen() != 0)
            break;
        print_talk(std::to_string(level) + " at once ...");
        double const found = speed(at, level, o.load.job, o.each);
        // The next one begins with nothing, too.
        remove_namespace(at);
        if (load_signals::seen() == 0)
            report.curve.push_back({level, std::llround(found)});
    }
    tune_point const best = to_take(report.curve);
    report.take = best.concurrency;
    report.done_per_s = best.done_per_s;
    if (o.load.json) {
        print_as_json(report);
        return ok;
    }
    if (report.curve.empty())
        return ok;
    print_curve(report.curve);
    print_line(
        "take " + grouped(report.take) + ": the fewest within 5 % of the best, " +
        grouped(report.done_per_s) + " jobs a second in one thread"
    );
    if (report.curve.size() > 1 && report.take == report.curve.back().concurrency)
        print_line("that is the most that was tried: --concurrency tries more");
    return ok;
}

}  // namespace

void add_tune(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<tune_flags>();
    CLI::App* const command = program.add_subcommand(
        "tune",
        "Which concurrency to take here, with this broker and such jobs; asks first"
    );
    command->add_option("--concurrency", o->levels, "What is tried: 1,10,100")
        ->delimiter(',')
        ->check(CLI::Range(1, 100'000))
        ->type_name("N,...");
    command->add_option("--for", o->lasting, "So long each")
        ->type_name("TIME")
        ->capture_default_str();
    o->load.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            o->load.read();
            o->each = read_lasting("--for", o->lasting);
            if (o->each < std::chrono::milliseconds(100) || o->each > std::chrono::minutes(10))
                throw error(errc::invalid_option, "--for " + o->lasting + " is outside 100ms..10m");
            std::sort(o->levels.begin(), o->levels.end());
            std::string const what = "run jobs for " + o->lasting + " at each of " +
                                     std::to_string(o->levels.size()) + " concurrencies";
            return run_load(o->load, "tune", what, [o](load_place const& at) {
                return tune(*o, at);
            });
        };
    });
}

}  // namespace work::tool
