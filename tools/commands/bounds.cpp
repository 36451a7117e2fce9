// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/bounds.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_bound.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "layout.hpp"
#include "place.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "with_access.hpp"

namespace work::tool {

/// What `--json` prints.
struct bounds_report
{
    std::int64_t now_ms = 0;
    std::vector<bound_state> bounds;
};
BOOST_DESCRIBE_STRUCT(bounds_report, (), (now_ms, bounds))

struct bound_report
{
    std::int64_t now_ms = 0;
    bound_state bound;
};
BOOST_DESCRIBE_STRUCT(bound_report, (), (now_ms, bound))

struct bound_put_report
{
    std::string queue;
    web::bound_put code = web::bound_put::created;
    bound_state bound;
};
BOOST_DESCRIBE_STRUCT(bound_put_report, (), (queue, code, bound))

struct bound_removed_report
{
    std::string queue;
    bound_code code = bound_code::done;
};
BOOST_DESCRIBE_STRUCT(bound_removed_report, (), (queue, code))

namespace {

struct bound_flags
{
    connection to;
    std::string queue;
    std::int64_t most = 0;
    std::string full;
    bool json = false;
};

int no_such_bound(bound_flags const& o)
{
    print_error(
        "queue " + detail::quote(o.queue) + " has no bound; work bounds lists those that have one"
    );
    return not_found;
}

// As the command line has it.
std::string full_word(when_full how)
{
    return how == when_full::drop_oldest ? "drop-oldest" : std::string(to_string(how));
}

std::string full_sentence(when_full how)
{
    return how == when_full::refuse ? "more are refused"
           : how == when_full::wait ? "producers of more wait for room"
                                    : "the oldest are cancelled for more";
}

task<int> list_bounds(access& at, bound_flags const& o)
{
    bounds_report report;
    report.bounds = co_await at.bounds();
    report.now_ms = co_await at.now_ms();
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    if (report.bounds.empty()) {
        print_line("no queue is bounded; work bounds set bounds one");
        co_return ok;
    }
    table rows(
        {{"queue", false, 0},
         {"most", true},
         {"pending", true},
         {"full", false},
         {"refused", true},
         {"dropped", true},
         {"full last", true}}
    );
    for (bound_state const& one : report.bounds)
        rows.add(
            {one.queue,
             grouped(one.most),
             grouped(one.pending),
             full_word(one.full),
             grouped(one.refused),
             grouped(one.dropped),
             one.full_at_ms == 0 ? "never" : relative(one.full_at_ms, report.now_ms)}
        );
    rows.print();
    co_return ok;
}

void bound_line(std::string_view title, std::string const& value)
{
    std::string out(title);
    out.resize(14, ' ');
    for (std::string const& line : wrapped(out + value, 80, std::string(14, ' ')))
        print_line(line);
}

void print_bound(bound_state const& one, std::int64_t now_ms)
{
    bound_line("queue", one.queue);
    bound_line("most", grouped(one.most) + " may wait");
    bound_line("pending", grouped(one.pending) + (one.pending >= one.most ? ": it is full" : ""));
    bound_line("when full", full_word(one.full) + ": " + full_sentence(one.full));
    bound_line("refused", grouped(one.refused));
    bound_line("dropped", grouped(one.dropped));
    bound_line("full last", one.full_at_ms == 0 ? "never" : relative(one.full_at_ms, now_ms));
    bound_line(
        "set",
        "by " + (one.who.empty() ? "somebody" : one.who) + " " + relative(one.at_ms, now_ms)
    );
}

task<int> show_bound(access& at, bound_flags const& o)
{
    std::string queue = o.queue;
    std::optional<bound_state> const found = co_await at.bound(std::move(queue));
    if (!found)
        co_return no_such_bound(o);
    bound_report report;
    report.now_ms = co_await at.now_ms();
    report.bound = *found;
    if (o.json)
        print_as_json(report);
    else
        print_bound(report.bound, report.now_ms);
    co_return ok;
}

std::string bounded_words(bound_state const& one)
{
    std::string text = "at most " + grouped(one.most) + " may wait, " + full_sentence(one.full) +
                       "; " + grouped(one.pending) + " wait now";
    if (one.pending > one.most)
        text += one.full == when_full::drop_oldest ? ", and the oldest go when the next job comes"
                                                   : ", and stay";
    return text;
}

task<int> set_bound(access& at, bound_flags const& o)
{
    name_place(o.to);
    web::described_bound what;
    what.most = o.most;
    if (!o.full.empty())
        what.full = o.full == "refuse" ? when_full::refuse
                    : o.full == "wait" ? when_full::wait
                                       : when_full::drop_oldest;
    std::string const who = at.who();
    web::put_bound const went = co_await at.put_bound(o.queue, std::move(what), who);
    if (o.json) {
        bound_put_report report;
        report.queue = o.queue;
        report.code = went.code;
        report.bound = went.bound;
        print_as_json(report);
        co_return ok;
    }
    print_line(
        "queue " + detail::quote(o.queue) +
        (went.code == web::bound_put::created   ? ": bounded, "
         : went.code == web::bound_put::changed ? ": changed, "
                                                : ": was so before, ") +
        bounded_words(went.bound)
    );
    co_return ok;
}

task<int> remove_bound(access& at, bound_flags const& o)
{
    name_place(o.to);
    std::string const who = at.who();
    bool const went = co_await at.remove_bound(o.queue, who);
    if (!went)
        co_return no_such_bound(o);
    if (o.json) {
        bound_removed_report report;
        report.queue = o.queue;
        print_as_json(report);
    } else {
        print_line("queue " + detail::quote(o.queue) + ": its bound is removed");
    }
    co_return ok;
}

void add_one_bound(
    CLI::App& bounds,
    action& chosen,
    char const* verb,
    char const* about,
    task<int> (*command)(access&, bound_flags const&)
)
{
    auto const o = std::make_shared<bound_flags>();
    CLI::App* const to = bounds.add_subcommand(verb, about);
    to->add_option("QUEUE", o->queue, "The queue")->required();
    if (command == set_bound) {
        to->add_option("MOST", o->most, "So many jobs may wait in it")
            ->required()
            ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
        to->add_option(
              "--full",
              o->full,
              "What becomes of more: refuse (the default), wait or drop-oldest; as it was, of one "
              "that is bounded"
        )
            ->check(CLI::IsMember({"refuse", "wait", "drop-oldest"}));
    }
    to->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*to);
    to->callback([&chosen, o, command] {
        chosen = [o, command] { return with_access(o->to, command, *o); };
    });
}

}  // namespace

void add_bounds(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<bound_flags>();
    CLI::App* const bounds = program.add_subcommand(
        "bounds",
        "How many jobs may wait in some queues: list, show, set, remove"
    );
    bounds->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*bounds);
    add_one_bound(*bounds, chosen, "show", "The bound of a queue, and what waits", show_bound);
    add_one_bound(*bounds, chosen, "set", "Bound a queue, or change its bound", set_bound);
    add_one_bound(*bounds, chosen, "remove", "Any number of jobs may wait there", remove_bound);
    bounds->callback([&chosen, bounds, o] {
        if (bounds->get_subcommands().empty())
            chosen = [o] { return with_access(o->to, list_bounds, *o); };
    });
}

}  // namespace work::tool
