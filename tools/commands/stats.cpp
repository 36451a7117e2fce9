// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/printable.hpp>
#include <work/values/text.hpp>

#include <memory>
#include <string>
#include <utility>

#include "commands.hpp"
#include "histories.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct stats_flags
{
    connection to;
    history_flags history;
    bool json = false;

    bool wants_history() const
    {
        return !history.range.empty() || !history.step.empty() || !history.name.empty() ||
               !history.queue.empty();
    }
};

void print_stats(broker_counts const& c)
{
    auto const n = [](std::int64_t value) { return std::to_string(value); };
    table states(
        {{"pending", true},
         {"active", true},
         {"scheduled", true},
         {"retry", true},
         {"dead", true},
         {"suspect", true},
         {"set aside", true},
         {"waiting", true}}
    );
    states.add(
        {n(c.pending),
         n(c.active),
         n(c.scheduled),
         n(c.retry),
         n(c.dead),
         n(c.suspect),
         n(c.set_aside),
         n(c.waiting)}
    );
    states.print();
    print_line("");
    table done({{"", false}, {"processed", true}, {"failed attempts", true}});
    done.add({"today (UTC)", n(c.processed_today), n(c.failed_today)});
    done.add({"in all", n(c.processed), n(c.failed)});
    done.print();
    if (c.forgotten > 0)
        print_line(
            "\n" + n(c.forgotten) +
            " jobs were given back that may have run: the store "
            "was restored from an older copy"
        );
    if (c.lists.empty() && c.paused.empty())
        return;
    print_line("");
    table lists(
        {{"job", false, 18},
         {"queue", false, 12},
         {"pending", true},
         {"active", true},
         {"processed", true},
         {"failed", true},
         {"oldest", true, width_of_times(12)}}
    );
    for (queue_info const& l : c.lists) {
        lists.add(
            {l.name,
             l.queue == l.name ? "=" : l.queue,
             n(l.pending) + (l.paused ? " paused" : ""),
             n(l.active),
             n(l.processed),
             n(l.failed),
             relative(l.oldest_ms, c.now_ms)}
        );
    }
    lists.print();
    for (pause_info const& one : c.paused) {
        std::string line = (one.kind == pause_kind::queue ? "queue " : "jobs named ") +
                           work::detail::quote(one.name) + " paused " +
                           relative(one.since_ms, c.now_ms) + " by " + printable(one.by);
        if (one.until_ms != 0)
            line += ", until " + relative(one.until_ms, c.now_ms);
        if (!one.reason.empty())
            line += ": " + printable(one.reason);
        print_line(line);
    }
}

task<int> stats(access& at, stats_flags const& o)
{
    if (o.wants_history()) {
        history_flags asked = o.history;
        asked.json = o.json;
        int const code = co_await show_history(at, std::move(asked));
        co_return code;
    }
    broker_counts const counts = co_await at.counts();
    o.json ? print_as_json(counts) : print_stats(counts);
    co_return ok;
}

}  // namespace

void add_stats(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<stats_flags>();
    CLI::App* const command = program.add_subcommand(
        "stats",
        "How much there is, by state and queue; with --range what was done, and how long jobs "
        "waited and ran"
    );
    command->add_option("--range", o->history.range, "Until now: 15m to 90d; 1h by default")
        ->type_name("TIME");
    command->add_option("--step", o->history.step, "1m, 10m, 1h or 1d a line")->type_name("TIME");
    command->add_option("--name", o->history.name, "Of jobs of this name");
    command->add_option("--queue", o->history.queue, "Of jobs of this queue");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, stats, *o); }; });
}

}  // namespace work::tool
