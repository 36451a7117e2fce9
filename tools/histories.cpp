// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "histories.hpp"

#include <work/error.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "exit_code.hpp"
#include "layout.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "when.hpp"

namespace work::tool {
namespace {

// A terminal that shows more than ASCII, as far as it says so.
bool shows_blocks()
{
    if (!output_is_terminal())
        return false;
    for (char const* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        char const* const value = std::getenv(name);
        if (value == nullptr || *value == '\0')
            continue;
        std::string_view const locale = value;
        return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
    }
    return false;
}

std::chrono::milliseconds time_of(
    char const* option,
    std::string const& text,
    std::chrono::milliseconds usual
)
{
    return text.empty() ? usual : read_lasting(option, text);
}

// Of one more than a day the day, too: all of it in UTC.
std::string time_text(std::int64_t at_ms, std::int64_t step_ms, bool days)
{
    std::string const whole = format_rfc3339(at_ms);  // 2026-11-22T03:37:41.123Z
    if (step_ms >= length_ms(history_step::day))
        return whole.substr(0, 10);
    return days ? whole.substr(5, 5) + " " + whole.substr(11, 5) : whole.substr(11, 5);
}

// So many values as fit, each of some periods: their sum, or the largest.
std::vector<double> in_columns(
    job_stats const& of,
    std::size_t columns,
    std::int64_t (*value)(stats_point const&),
    bool sums
)
{
    auto const periods = static_cast<std::size_t>((of.now_ms - of.from_ms) / of.step_ms + 1);
    std::size_t const each = (periods + columns - 1) / columns;
    std::vector<double> values((periods + each - 1) / each, std::nan(""));
    for (stats_point const& point : of.points) {
        auto const at = static_cast<std::size_t>((point.at_ms - of.from_ms) / of.step_ms) / each;
        if (at >= values.size())
            continue;
        double const before = std::isnan(values[at]) ? 0 : values[at];
        auto const here = static_cast<double>(value(point));
        values[at] = sums ? before + here : std::max(before, here);
    }
    return values;
}

void print_sparks(job_stats const& of)
{
    std::size_t const columns = terminal_size().width - 10;
    auto const line = [&](char const* title, bool sums, auto value) {
        std::vector<double> const values = in_columns(of, columns, value, sums);
        if (std::any_of(values.begin(), values.end(), [](double n) { return n > 0; }))
            print_line(fitted(title, 9) + sparkline(values, columns));
    };
    line("done", true, [](stats_point const& p) { return p.done; });
    line("failed", true, [](stats_point const& p) { return p.failed; });
    line("wait p95", false, [](stats_point const& p) { return p.wait ? p.wait->p95_ms : 0; });
    line("run p95", false, [](stats_point const& p) { return p.run ? p.run->p95_ms : 0; });
    print_line("");
}

void print_history(job_stats const& of)
{
    if (of.points.empty()) {
        print_line(
            "nothing was done since " + format_rfc3339(of.from_ms) +
            "; pools tell with their heartbeats, every few seconds"
        );
        return;
    }
    if (shows_blocks())
        print_sparks(of);
    bool const days = of.now_ms - of.from_ms > length_ms(history_step::day);
    table rows(
        {{"UTC", false, 11},
         {"DONE", true},
         {"FAILED", true},
         {"WAIT P50", true},
         {"P95", true},
         {"P99", true},
         {"RUN P50", true},
         {"P95", true},
         {"P99", true}}
    );
    std::int64_t done = 0, failed = 0;
    for (stats_point const& point : of.points) {
        time_figures const wait = point.wait.value_or(time_figures());
        time_figures const run = point.run.value_or(time_figures());
        done += point.done;
        failed += point.failed;
        rows.add(
            {time_text(point.at_ms, of.step_ms, days),
             grouped(point.done),
             grouped(point.failed),
             lasted(wait.p50_ms, wait.count > 0),
             lasted(wait.p95_ms, wait.count > 0),
             lasted(wait.p99_ms, wait.count > 0),
             lasted(run.p50_ms, run.count > 0),
             lasted(run.p95_ms, run.count > 0),
             lasted(run.p99_ms, run.count > 0)}
        );
    }
    rows.print();
    print_line(
        grouped(done) + " done, " + grouped(failed) + " failed attempts, each line " +
        format_duration(std::chrono::milliseconds(of.step_ms)) + "; lines without any are left out"
    );
}

void sort_names(std::vector<named_stats>& all, std::string const& by)
{
    auto const down = [&](auto value) {
        std::stable_sort(all.begin(), all.end(), [&](auto const& a, auto const& b) {
            return value(a) > value(b);
        });
    };
    if (by == "name")
        std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
            return a.name < b.name;
        });
    else if (by == "done")
        down([](named_stats const& n) { return n.done; });
    else if (by == "failed")
        down([](named_stats const& n) { return n.failed; });
    else if (by == "wait")
        down([](named_stats const& n) { return n.wait.p95_ms; });
    else if (by == "run")
        down([](named_stats const& n) { return n.run.p95_ms; });
    else
        throw error(
            errc::invalid_option,
            "--sort: " + detail::quote(by) +
                " is no order of histories: done, failed, wait, run or name"
        );
}

void print_names(all_named_stats const& of, std::size_t all)
{
    bool const blocks = shows_blocks();
    std::vector<table::column> columns{
        {"NAME", false, 0},
        {"DONE", true},
        {"FAILED", true},
        {"WAIT P50", true},
        {"P95", true},
        {"RUN P50", true},
        {"P95", true},
        {"P99", true}
    };
    if (blocks)
        columns.push_back({"RUN 1ms-2h", false, 24});
    table rows(std::move(columns));
    for (named_stats const& one : of.names) {
        std::vector<std::string> cells{
            one.name,
            grouped(one.done),
            grouped(one.failed),
            lasted(one.wait.p50_ms, one.wait.count > 0),
            lasted(one.wait.p95_ms, one.wait.count > 0),
            lasted(one.run.p50_ms, one.run.count > 0),
            lasted(one.run.p95_ms, one.run.count > 0),
            lasted(one.run.p99_ms, one.run.count > 0)
        };
        if (blocks) {
            // Two buckets a column, so that a line has room.
            std::vector<double> halves;
            for (std::size_t k = 0; k + 1 < one.run.buckets.size(); k += 2) {
                std::int64_t const here = one.run.buckets[k] + one.run.buckets[k + 1];
                halves.push_back(here == 0 ? std::nan("") : static_cast<double>(here));
            }
            cells.push_back(sparkline(halves, halves.size()));
        }
        rows.add(std::move(cells));
    }
    if (!rows.empty())
        rows.print();
    if (of.names.size() < all)
        print_line(
            grouped(static_cast<std::int64_t>(of.names.size())) + " of " +
            grouped(static_cast<std::int64_t>(all)) + " names; more: --limit " + std::to_string(all)
        );
    if (all == 0)
        print_line("nothing was done in this time");
}

}  // namespace

std::string lasted(std::int64_t ms, bool any)
{
    if (!any)
        return "-";
    if (ms >= 1'000 && ms < 10'000) {
        char text[16];
        std::snprintf(text, sizeof text, "%.1fs", static_cast<double>(ms) / 1e3);
        return text;
    }
    return age(1, 1 + ms);
}

task<int> show_history(access& at, history_flags of)
{
    stats_query what;
    what.range = time_of("--range", of.range, what.range);
    what.step = time_of("--step", of.step, what.step);
    what.name = of.name;
    what.queue = of.queue;
    job_stats const found = co_await at.stats(what);
    of.json ? print_as_json(found) : print_history(found);
    co_return ok;
}

task<int> show_name_histories(access& at, history_flags of)
{
    auto const range = time_of("--range", of.range, std::chrono::hours(1));
    all_named_stats found = co_await at.name_stats(range);
    int code = ok;
    for (std::string const& wanted : of.names) {
        bool const there = std::any_of(found.names.begin(), found.names.end(), [&](auto const& n) {
            return n.name == wanted;
        });
        if (!there) {
            print_error("nothing was done of name " + detail::quote(wanted) + " in this time");
            code = not_found;
        }
    }
    if (!of.names.empty())
        std::erase_if(found.names, [&](named_stats const& one) {
            return std::find(of.names.begin(), of.names.end(), one.name) == of.names.end();
        });
    sort_names(found.names, of.sort);
    std::size_t const all = found.names.size();
    found.names.resize(std::min(all, static_cast<std::size_t>(of.limit)));
    if (of.json)
        print_as_json(found);
    for (named_stats const& one : found.names)
        if (of.jsonl)
            print_as_json(one);
    if (!of.json && !of.jsonl)
        print_names(found, all);
    co_return code;
}

}  // namespace work::tool
