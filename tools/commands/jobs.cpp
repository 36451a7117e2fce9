// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "filter_flags.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct jobs_flags
{
    connection to;
    filter_flags which;
    std::string cursor;
    int limit = page().limit;
    int scan = page().scan;
    bool all = false;
    bool ids = false;
    bool json = false;
    bool jsonl = false;
};

/// What is worth knowing of a job in its state, in a few words.
std::string detail_of(job_row const& row)
{
    if (!row.unreadable.empty())
        return row.unreadable;
    if (row.failure)
        return row.failure->type + ": " + row.failure->message;
    if (row.ended && !row.ended->reason.empty())
        return row.ended->outcome + ": " + row.ended->reason;
    return row.args;
}

/// The time that matters in its state.
std::int64_t time_of(job_row const& row)
{
    if (row.state == job_state::active || row.when_ms == 0)
        return row.created_ms;
    return row.when_ms;
}

void print_rows(job_page const& found)
{
    table rows(
        {{"id", false, 22},
         {"name", false, 16},
         {"state", false},
         {"time", true, width_of_times(14)},
         {"detail", false, times_shown() == times::relative ? 24u : 0u}}
    );
    for (job_row const& row : found.jobs) {
        rows.add(
            {row.id,
             row.queue == row.name || row.name.empty() ? row.name : row.queue + ":" + row.name,
             std::string(to_string(row.state)),
             relative(time_of(row), found.now_ms),
             detail_of(row)}
        );
    }
    if (!rows.empty())
        rows.print();
}

void print_page(job_page const& found, jobs_flags const& o)
{
    if (o.json) {
        print_as_json(found);
    } else if (o.jsonl) {
        for (job_row const& row : found.jobs)
            print_as_json(row);
    } else if (o.ids) {
        for (job_row const& row : found.jobs)
            print_line(row.id);
    } else {
        print_rows(found);
    }
}

/// How much was looked at, and how to see more: never a list that ends without a word.
void print_end(
    std::int64_t shown,
    std::int64_t scanned,
    std::int64_t of,
    std::string const& next,
    bool skipped
)
{
    std::string text = std::to_string(shown) + (shown == 1 ? " job; " : " jobs; ");
    text += std::to_string(scanned) + (of < 0 ? "" : " of " + std::to_string(of)) + " looked at";
    if (skipped)
        text += "; some may have been passed over, so many were taken meanwhile";
    print_line(next.empty() ? text : text + "; more: --all, or --cursor " + next);
}

task<int> list(access& at, jobs_flags const& o)
{
    std::int64_t const now_ms = co_await at.now_ms();
    kept_job_filter const which = o.which.filter(now_ms);
    std::string cursor = o.cursor;
    page how;
    how.limit = o.limit;
    how.scan = o.scan;
    std::int64_t shown = 0;
    std::int64_t scanned = 0;
    std::int64_t of = 0;
    bool skipped = false;
    do {
        how.cursor = cursor;
        job_page const found = co_await at.find(which.view(), how);
        print_page(found, o);
        shown += static_cast<std::int64_t>(found.jobs.size());
        scanned += found.scanned;
        of = found.of;
        skipped = skipped || found.skipped;
        cursor = found.next;
    } while (o.all && !cursor.empty());
    if (!o.json && !o.jsonl && !o.ids)
        print_end(shown, scanned, of, cursor, skipped);
    co_return ok;
}

void add(CLI::App& program, action& chosen, char const* name, char const* what, char const* state)
{
    auto const o = std::make_shared<jobs_flags>();
    CLI::App* const command = program.add_subcommand(name, what);
    if (state != nullptr)
        o->which.states = {state};
    o->which.add_to(*command, state == nullptr);
    command->add_option("--limit", o->limit, "So many in a page: 1 to 500, 50 by default");
    command->add_option("--scan", o->scan, "Look at so many for a page: 1000 by default");
    command->add_option("--cursor", o->cursor, "Go on behind a page before");
    command->add_flag("--all", o->all, "All pages");
    command->add_flag("--ids", o->ids, "The ids alone, one a line");
    command->add_flag("--json", o->json, "Each page as one line of JSON");
    command->add_flag("--jsonl", o->jsonl, "Each job as one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, list, *o); }; });
}

}  // namespace

void add_jobs(CLI::App& program, action& chosen)
{
    add(program, chosen, "jobs", "List jobs by state, queue, name, failure, text", nullptr);
    add(program, chosen, "busy", "List jobs that run", "active");
    add(program, chosen, "retries", "List jobs that wait for their next attempt", "retry");
    add(program, chosen, "scheduled", "List jobs that wait for their time", "scheduled");
    add(program, chosen, "dead", "List jobs that are out of attempts", "dead");
}

}  // namespace work::tool
