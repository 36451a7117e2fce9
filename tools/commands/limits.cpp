// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/limits.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_limit.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <optional>
#include <string>
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
struct limits_report
{
    std::int64_t now_ms = 0;
    std::vector<limit_state> limits;
};
BOOST_DESCRIBE_STRUCT(limits_report, (), (now_ms, limits))

struct limit_report
{
    std::int64_t now_ms = 0;
    limit_state limit;
};
BOOST_DESCRIBE_STRUCT(limit_report, (), (now_ms, limit))

struct limit_put_report
{
    std::string name;
    web::limit_put code = web::limit_put::created;
    limit_state limit;
};
BOOST_DESCRIBE_STRUCT(limit_put_report, (), (name, code, limit))

struct limit_removed_report
{
    std::string name;
    limit_code code = limit_code::done;
};
BOOST_DESCRIBE_STRUCT(limit_removed_report, (), (name, code))

namespace {

struct limit_flags
{
    connection to;
    std::string name;
    std::int64_t slots = 0;
    std::vector<std::string> queues;
    std::vector<std::string> names;
    bool json = false;
};

int no_such_limit(limit_flags const& o)
{
    print_error("there is no limit " + detail::quote(o.name) + "; work limits lists them");
    return not_found;
}

std::string comma_list(std::vector<std::string> const& all)
{
    std::string text;
    for (std::string const& one : all)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

// "queue mail; names charge, refund"
std::string limit_scope_words(limit_state const& one)
{
    std::string text;
    if (!one.queues.empty())
        text = (one.queues.size() == 1 ? "queue " : "queues ") + comma_list(one.queues);
    if (!one.names.empty())
        text += (text.empty() ? "" : "; ") +
                ((one.names.size() == 1 ? "name " : "names ") + comma_list(one.names));
    return text.empty() ? "nothing" : text;
}

std::string limit_setter(limit_state const& one)
{
    return one.by == limit_origin::pool ? "a pool" : one.who.empty() ? "somebody" : one.who;
}

task<int> list_limits(access& at, limit_flags const& o)
{
    limits_report report;
    report.limits = co_await at.limits();
    report.now_ms = co_await at.now_ms();
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    if (report.limits.empty()) {
        print_line("there are no limits; work limits set makes one");
        co_return ok;
    }
    table rows(
        {{"limit", false, 24},
         {"slots", true},
         {"held", true},
         {"waiting", true},
         {"for", false, 0},
         {"set by", false, 16}}
    );
    for (limit_state const& one : report.limits)
        rows.add(
            {one.name,
             grouped(one.slots),
             grouped(one.held),
             grouped(one.waiting),
             limit_scope_words(one),
             limit_setter(one)}
        );
    rows.print();
    co_return ok;
}

void limit_line(std::string_view title, std::string const& value)
{
    std::string out(title);
    out.resize(14, ' ');
    for (std::string const& line : wrapped(out + value, 80, std::string(14, ' ')))
        print_line(line);
}

/// "a, b, c and 4 more"
std::string some_of_all(std::vector<std::string> const& shown, std::int64_t of)
{
    std::string text = comma_list(shown);
    std::int64_t const more = of - static_cast<std::int64_t>(shown.size());
    if (more > 0 && !shown.empty())
        text += " and " + grouped(more) + " more";
    return text;
}

void print_limit(limit_state const& one, std::int64_t now_ms)
{
    limit_line("name", one.name);
    limit_line("slots", grouped(one.slots));
    limit_line("held", grouped(one.held));
    if (!one.holders.empty())
        limit_line("by jobs", some_of_all(one.holders, one.held));
    limit_line("for", limit_scope_words(one));
    limit_line(
        "set",
        "by " + limit_setter(one) + (one.by == limit_origin::pool ? ", as max_concurrency" : "") +
            " " + relative(one.at_ms, now_ms)
    );
    limit_line("waiting", grouped(one.waiting) + (one.waiting == 1 ? " list" : " lists"));
    if (!one.waiters.empty())
        limit_line("lists", some_of_all(one.waiters, one.waiting));
}

task<int> show_limit(access& at, limit_flags const& o)
{
    std::string name = o.name;
    std::optional<limit_state> const found = co_await at.limit(std::move(name));
    if (!found)
        co_return no_such_limit(o);
    limit_report report;
    report.now_ms = co_await at.now_ms();
    report.limit = *found;
    if (o.json)
        print_as_json(report);
    else
        print_limit(report.limit, report.now_ms);
    co_return ok;
}

std::string slots_words(limit_state const& one)
{
    std::string text = grouped(one.slots) + (one.slots == 1 ? " slot" : " slots") + ", " +
                       grouped(one.held) + " held";
    if (one.held > one.slots)
        text += ": what runs goes on, and nothing starts before enough have ended";
    return text;
}

task<int> set_limit(access& at, limit_flags const& o)
{
    name_place(o.to);
    web::described_limit what;
    what.slots = o.slots;
    if (!o.queues.empty() || !o.names.empty()) {
        what.scope.emplace();
        what.scope->queues = o.queues;
        what.scope->names = o.names;
    }
    std::string const who = at.who();
    web::put_limit const went = co_await at.put_limit(o.name, std::move(what), who);
    if (o.json) {
        limit_put_report report;
        report.name = o.name;
        report.code = went.code;
        report.limit = went.limit;
        print_as_json(report);
        co_return ok;
    }
    print_line(
        "limit " + detail::quote(o.name) +
        (went.code == web::limit_put::created   ? ": made, "
         : went.code == web::limit_put::changed ? ": changed, "
                                                : ": was so before, ") +
        slots_words(went.limit)
    );
    co_return ok;
}

task<int> remove_limit(access& at, limit_flags const& o)
{
    name_place(o.to);
    std::string const who = at.who();
    bool const went = co_await at.remove_limit(o.name, who);
    if (!went)
        co_return no_such_limit(o);
    if (o.json) {
        limit_removed_report report;
        report.name = o.name;
        print_as_json(report);
    } else {
        print_line("limit " + detail::quote(o.name) + ": removed");
    }
    co_return ok;
}

void add_one_limit(
    CLI::App& limits,
    action& chosen,
    char const* verb,
    char const* about,
    task<int> (*command)(access&, limit_flags const&)
)
{
    auto const o = std::make_shared<limit_flags>();
    CLI::App* const to = limits.add_subcommand(verb, about);
    to->add_option("NAME", o->name, "The limit")->required();
    if (command == set_limit) {
        to->add_option("SLOTS", o->slots, "So many jobs may run at a time; 0: none")
            ->required()
            ->check(CLI::Range(std::int64_t{0}, detail::most_slots));
        to->add_option("--queue", o->queues, "It is for all jobs of this queue; may be said again")
            ->type_name("QUEUE");
        to->add_option("--name", o->names, "And for all jobs of this name; may be said again")
            ->type_name("NAME");
    }
    to->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*to);
    to->callback([&chosen, o, command] {
        chosen = [o, command] { return with_access(o->to, command, *o); };
    });
}

}  // namespace

void add_limits(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<limit_flags>();
    CLI::App* const limits = program.add_subcommand(
        "limits",
        "How many jobs of some queues and names may run at a time: list, show, set, remove"
    );
    limits->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*limits);
    add_one_limit(*limits, chosen, "show", "A limit, and who holds its slots", show_limit);
    add_one_limit(
        *limits,
        chosen,
        "set",
        "Make a limit, or change it; without --queue and --name it stays for what it is for",
        set_limit
    );
    add_one_limit(*limits, chosen, "remove", "Nothing waits for it any more", remove_limit);
    limits->callback([&chosen, limits, o] {
        if (limits->get_subcommands().empty())
            chosen = [o] { return with_access(o->to, list_limits, *o); };
    });
}

}  // namespace work::tool
