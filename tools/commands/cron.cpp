// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/cron.hpp>
#include <work/error.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>
#include <work/web/described_job.hpp>
#include <work/web/problem.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "layout.hpp"
#include "place.hpp"
#include "print.hpp"
#include "when.hpp"
#include "with_access.hpp"

namespace work::tool {

/// What `--json` prints.
struct crons_report
{
    std::int64_t now_ms = 0;
    std::vector<cron_entry> crons;
};
BOOST_DESCRIBE_STRUCT(crons_report, (), (now_ms, crons))

struct cron_report
{
    std::int64_t now_ms = 0;
    cron_entry cron;
    std::vector<cron_fired> history;
};
BOOST_DESCRIBE_STRUCT(cron_report, (), (now_ms, cron, history))

struct cron_put_report
{
    std::string name;
    cron_put code = cron_put::created;
};
BOOST_DESCRIBE_STRUCT(cron_put_report, (), (name, code))

struct cron_act_report
{
    std::string name;
    admin_code code = admin_code::done;
};
BOOST_DESCRIBE_STRUCT(cron_act_report, (), (name, code))

struct cron_run_report
{
    std::string name;
    std::string job;
};
BOOST_DESCRIBE_STRUCT(cron_run_report, (), (name, job))

struct cron_next_report
{
    std::string spec;
    std::string zone;
    std::string words;
    std::vector<std::int64_t> upcoming;
};
BOOST_DESCRIBE_STRUCT(cron_next_report, (), (spec, zone, words, upcoming))

namespace {

struct cron_flags
{
    connection to;
    std::string name;
    std::string spec;
    std::string job;
    std::string args = "[]";
    std::string zone = "UTC";
    std::string missed = "one";
    int most_missed = 24;
    std::string overlap = "allow";
    bool paused = false;
    std::string queue;
    std::string timeout;
    std::string expires;
    std::vector<std::string> tags;
    int priority = 0;
    int max_attempts = 0;
    int args_version = 0;
    int count = 5;
    bool json = false;
};

int no_such_cron(std::string const& name)
{
    print_error("there is no cron entry " + detail::quote(name) + "; work cron lists them");
    return not_found;
}

/// "2026-03-29 03:00:00 +02:00": by the clocks of the zone.
std::string in_zone(std::int64_t time_ms, time_zone const& zone)
{
    std::int64_t const offset = zone.offset(time_ms / 1000);
    std::string const there = format_rfc3339(time_ms + offset * 1000);
    std::int64_t const minutes = (offset < 0 ? -offset : offset) / 60;
    char text[8];
    std::snprintf(
        text,
        sizeof text,
        "%c%02d:%02d",
        offset < 0 ? '-' : '+',
        static_cast<int>(minutes / 60 % 100),
        static_cast<int>(minutes % 60)
    );
    return there.substr(0, 10) + " " + there.substr(11, 8) + " " + text;
}

/// The same where the zone is not known here: in UTC.
std::string in_zone(std::int64_t time_ms, std::string const& zone)
{
    if (time_ms == 0)
        return "-";
    try {
        return in_zone(time_ms, find_time_zone(zone));
    } catch (error const&) {
        return in_zone(time_ms, time_zone());
    }
}

std::string next_of(cron_entry const& one, std::int64_t now_ms)
{
    if (one.paused)
        return "paused";
    if (one.next_ms == 0)
        return "never";
    return one.next_ms <= now_ms ? "overdue " + age(one.next_ms, now_ms)
                                 : relative(one.next_ms, now_ms);
}

task<int> list(access& at, cron_flags const& o)
{
    crons_report report;
    report.crons = co_await at.crons();
    report.now_ms = co_await at.now_ms();
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    if (report.crons.empty()) {
        print_line("there are no cron entries; work cron put makes one");
        co_return ok;
    }
    table rows(
        {{"name", false, 24},
         {"spec", false, 22},
         {"job", false, 20},
         {"zone", false, 20},
         {"next", false, 14},
         {"there", false, 26},
         {"utc", false, 20},
         {"fired", true, 12}}
    );
    for (cron_entry const& one : report.crons)
        rows.add(
            {one.name,
             one.spec,
             one.job,
             one.zone,
             next_of(one, report.now_ms),
             in_zone(one.next_ms, one.zone),
             one.next_ms == 0 ? "-" : format_rfc3339(one.next_ms).substr(0, 19) + "Z",
             relative(one.fired_ms, report.now_ms)}
        );
    rows.print();
    for (cron_entry const& one : report.crons)
        if (!one.fault.empty())
            print_line(one.name + ": can't be used here: " + one.fault);
    co_return ok;
}

void cron_line(std::string_view title, std::string const& value)
{
    std::string out(title);
    out.resize(14, ' ');
    print_line(out + value);
}

std::string missed_words(cron_entry const& one)
{
    switch (one.missed) {
    case missed::skip: return "passed over";
    case missed::one: return "the last one is made up for";
    case missed::all:
        return "the last " + std::to_string(one.most_missed) + " at most are made up for";
    }
    return "";
}

std::string end_words(cron_fired const& one)
{
    switch (one.end) {
    case cron_end::overlapped: return "the job before was not done";
    case cron_end::known: return one.job + " (was there before)";
    case cron_end::fired: break;
    }
    if (one.jobs == 0)
        return "passed over";
    return one.job + (one.jobs == 1 ? "" : " and " + grouped(one.jobs - 1) + " before it");
}

void print_cron(known_cron const& found, std::int64_t now_ms)
{
    cron_entry const& one = found.entry;
    cron_line("name", one.name);
    cron_line("spec", one.spec + (one.words.empty() ? "" : " (" + one.words + ")"));
    cron_line("zone", one.zone);
    cron_line("job", one.job + (one.queue == one.job ? "" : " in " + one.queue));
    cron_line("arguments", one.args);
    if (one.options.text != "{}")
        cron_line("options", one.options.text);
    cron_line("missed", missed_words(one));
    if (one.overlap == overlap::skip)
        cron_line("overlap", "passed over while the job before is not done");
    cron_line(
        "next",
        one.paused ? "paused since " + absolute(one.paused_ms, now_ms) : next_of(one, now_ms)
    );
    for (std::int64_t const at : one.upcoming)
        cron_line("", in_zone(at, one.zone) + "  " + format_rfc3339(at).substr(0, 19) + "Z");
    if (!one.fault.empty())
        cron_line("fault", one.fault);
    if (found.history.empty()) {
        print_line("it has not fired yet");
        return;
    }
    table rows({{"fired", true, 14}, {"due", false, 20}, {"missed", true}, {"job", false, 0}});
    for (cron_fired const& fired : found.history)
        rows.add(
            {relative(fired.at_ms, now_ms),
             fired.due_ms == 0 ? "run by " + (fired.by.empty() ? "somebody" : fired.by)
                               : format_rfc3339(fired.due_ms).substr(0, 19) + "Z",
             fired.missed < 0 ? "many" : grouped(fired.missed),
             end_words(fired)}
        );
    rows.print();
}

task<int> show(access& at, cron_flags const& o)
{
    std::string name = o.name;
    std::optional<known_cron> const found = co_await at.cron(std::move(name));
    if (!found)
        co_return no_such_cron(o.name);
    std::int64_t const now_ms = co_await at.now_ms();
    if (o.json) {
        cron_report report;
        report.now_ms = now_ms;
        report.cron = found->entry;
        report.history = found->history;
        print_as_json(report);
        co_return ok;
    }
    print_cron(*found, now_ms);
    co_return ok;
}

// As `PUT /api/v1/crons/NAME` takes its members.
std::string job_text(cron_flags const& o)
{
    std::string text = "{\"name\":" + to_json(o.job) + ",\"args\":" + o.args;
    if (!o.queue.empty())
        text += ",\"queue\":" + to_json(o.queue);
    if (o.priority != 0)
        text += ",\"priority\":" + std::to_string(o.priority);
    if (o.max_attempts != 0)
        text += ",\"max_attempts\":" + std::to_string(o.max_attempts);
    if (o.args_version != 0)
        text += ",\"args_version\":" + std::to_string(o.args_version);
    if (!o.timeout.empty())
        text += ",\"timeout_ms\":" + std::to_string(read_lasting("--timeout", o.timeout).count());
    if (!o.expires.empty())
        text +=
            ",\"expires_in_ms\":" + std::to_string(read_lasting("--expires-in", o.expires).count());
    if (!o.tags.empty())
        text += ",\"tags\":" + to_json(o.tags);
    return text + "}";
}

template <typename Enum>
Enum one_of(std::string_view option, std::string const& text, std::initializer_list<Enum> all)
{
    std::string names;
    for (Enum const one : all) {
        std::string const name = to_json(one);
        if (name == "\"" + text + "\"")
            return one;
        names += (names.empty() ? "" : ", ") + name.substr(1, name.size() - 2);
    }
    throw error(
        errc::invalid_option,
        std::string(option) + " " + detail::quote(text) + " must be one of " + names
    );
}

task<int> put(access& at, cron_flags const& o)
{
    name_place(o.to);
    described_new_job job;
    job.text = job_text(o);
    std::string fault;
    try {
        job.job = web::make_described(web::read_described(job.text), std::string());
    } catch (web::problem const& e) {
        fault = e.what();
    }
    if (!fault.empty())
        throw error(errc::invalid_option, fault);
    std::string const who = at.who();
    cron_options how;
    how.zone = o.zone;
    how.missed = one_of("--missed", o.missed, {missed::skip, missed::one, missed::all});
    how.most_missed = o.most_missed;
    how.overlap = one_of("--overlap", o.overlap, {overlap::allow, overlap::skip});
    how.paused = o.paused;
    how.by = who;
    cron_put_report report;
    report.name = o.name;
    report.code = co_await at.put_cron(o.name, o.spec, std::move(job), how);
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    std::string name = o.name;
    std::optional<known_cron> const now = co_await at.cron(std::move(name));
    std::int64_t const now_ms = co_await at.now_ms();
    print_line(
        "cron entry " + detail::quote(o.name) +
        (report.code == cron_put::created   ? ": made"
         : report.code == cron_put::changed ? ": changed"
                                            : ": was so before") +
        (now ? ", next: " + next_of(now->entry, now_ms) : "")
    );
    co_return ok;
}

task<int> act(access& at, cron_flags const& o, cron_act what)
{
    name_place(o.to);
    std::string const who = at.who();
    cron_act_report report;
    report.name = o.name;
    report.code = co_await at.act_on_cron(o.name, what, who);
    if (report.code == admin_code::gone)
        co_return no_such_cron(o.name);
    bool const already = report.code == admin_code::already;
    if (o.json)
        print_as_json(report);
    else
        print_line(
            "cron entry " + detail::quote(o.name) +
            (what == cron_act::remove  ? ": deleted"
             : what == cron_act::pause ? (already ? ": was paused before" : ": paused")
             : already                 ? ": was not paused"
                                       : ": goes on")
        );
    co_return ok;
}

task<int> remove(access& at, cron_flags const& o)
{
    return act(at, o, cron_act::remove);
}
task<int> pause_cron(access& at, cron_flags const& o)
{
    return act(at, o, cron_act::pause);
}
task<int> resume_cron(access& at, cron_flags const& o)
{
    return act(at, o, cron_act::resume);
}

task<int> run_now(access& at, cron_flags const& o)
{
    name_place(o.to);
    std::string const who = at.who();
    cron_run_report report;
    report.name = o.name;
    report.job = co_await at.run_cron(o.name, who);
    if (report.job.empty())
        co_return no_such_cron(o.name);
    if (o.json)
        print_as_json(report);
    else
        print_line(report.job);
    co_return ok;
}

// By the clock of this machine; no broker is asked.
int next(cron_flags const& o)
{
    cron_schedule const schedule(o.spec);
    time_zone const zone = find_time_zone(o.zone);
    cron_next_report report;
    report.spec = schedule.text();
    report.zone = zone.name();
    report.words = schedule.describe();
    auto const now = std::chrono::system_clock::now();
    for (cron_time const at : schedule.next(now, zone, static_cast<std::size_t>(o.count)))
        report.upcoming.push_back(at.time_since_epoch().count());
    if (o.json) {
        print_as_json(report);
        return ok;
    }
    print_line(report.words + " (" + report.zone + ")");
    for (std::int64_t const at : report.upcoming)
        print_line(in_zone(at, zone) + "  " + format_rfc3339(at).substr(0, 19) + "Z");
    return ok;
}

void add_one(
    CLI::App& cron,
    action& chosen,
    char const* verb,
    char const* about,
    task<int> (*command)(access&, cron_flags const&)
)
{
    auto const o = std::make_shared<cron_flags>();
    CLI::App* const to = cron.add_subcommand(verb, about);
    to->add_option("NAME", o->name, "The entry")->required();
    to->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*to);
    to->callback([&chosen, o, command] {
        chosen = [o, command] { return with_access(o->to, command, *o); };
    });
}

void add_put(CLI::App& cron, action& chosen)
{
    auto const o = std::make_shared<cron_flags>();
    CLI::App* const to =
        cron.add_subcommand("put", "Make an entry, or change it; the same again changes nothing");
    to->add_option("NAME", o->name, "The entry: 1 to 100 of [A-Za-z0-9._-]")->required();
    to->add_option("SPEC", o->spec, "When: \"0 3 * * *\", @daily, \"@every 90s\"")->required();
    to->add_option("JOB", o->job, "The name of its jobs")->required();
    to->add_option("ARGS_JSON", o->args, "Their arguments: a JSON array or object")
        ->capture_default_str();
    to->add_option("--zone", o->zone, "The time zone, as Europe/Berlin")
        ->type_name("ZONE")
        ->capture_default_str();
    to->add_option("--missed", o->missed, "Times that nobody fired: skip, one, all")
        ->type_name("WHAT")
        ->capture_default_str();
    to->add_option("--most-missed", o->most_missed, "With --missed all: so many at most")
        ->check(CLI::Range(1, 256))
        ->type_name("N")
        ->capture_default_str();
    to->add_option("--overlap", o->overlap, "While the job before is not done: allow, skip")
        ->type_name("WHAT")
        ->capture_default_str();
    to->add_flag("--paused", o->paused, "A new entry is paused at once");
    to->add_option("--queue", o->queue, "The queue to wait in; by default the one of the name")
        ->type_name("NAME");
    to->add_option("--priority", o->priority, "-100..100, higher first")->type_name("N");
    to->add_option("--max-attempts", o->max_attempts, "1..1000 attempts in all")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    to->add_option("--args-version", o->args_version, "Of which version ARGS_JSON is")
        ->check(CLI::Range(1, most_args_version))
        ->type_name("N");
    to->add_option("--timeout", o->timeout, "How long an attempt may run")->type_name("TIME");
    to->add_option("--expires-in", o->expires, "Dropped when it has not started by then")
        ->type_name("TIME");
    to->add_option("--tag", o->tags, "A tag; may be said again")->type_name("TAG");
    to->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*to);
    to->callback([&chosen, o] { chosen = [o] { return with_access(o->to, put, *o); }; });
}

void add_next(CLI::App& cron, action& chosen)
{
    auto const o = std::make_shared<cron_flags>();
    CLI::App* const to =
        cron.add_subcommand("next", "When a spec is due, by the clock of this machine");
    to->add_option("SPEC", o->spec, "As \"0 3 * * *\"")->required();
    to->add_option("--zone", o->zone, "The time zone, as Europe/Berlin")
        ->type_name("ZONE")
        ->capture_default_str();
    to->add_option("-n", o->count, "So many times")
        ->check(CLI::Range(1, 1000))
        ->type_name("N")
        ->capture_default_str();
    to->add_flag("--json", o->json, "As one line of JSON");
    to->callback([&chosen, o] { chosen = [o] { return next(*o); }; });
}

}  // namespace

void add_cron(CLI::App& program, action& chosen)
{
    CLI::App* const cron =
        program.add_subcommand("cron", "Jobs that are enqueued at certain times: list, put, run");
    cron->require_subcommand(1);
    auto const o = std::make_shared<cron_flags>();
    CLI::App* const all = cron->add_subcommand("list", "All entries, and when they are due");
    all->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*all);
    all->callback([&chosen, o] { chosen = [o] { return with_access(o->to, list, *o); }; });
    add_one(*cron, chosen, "show", "An entry, and the last times that it fired", show);
    add_put(*cron, chosen);
    add_one(*cron, chosen, "delete", "An entry goes; jobs that it enqueued stay", remove);
    add_one(*cron, chosen, "pause", "It is not due until it is resumed", pause_cron);
    add_one(*cron, chosen, "resume", "It is due from now on", resume_cron);
    add_one(*cron, chosen, "run", "Enqueue its job now, and print the id", run_now);
    add_next(*cron, chosen);
}

}  // namespace work::tool
