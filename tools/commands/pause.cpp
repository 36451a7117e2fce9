// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/broker/broker.hpp>
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "commands.hpp"
#include "place.hpp"
#include "print.hpp"
#include "when.hpp"
#include "with_access.hpp"

namespace work::tool {

/// What `--json` prints.
struct pause_report
{
    pause_kind kind = pause_kind::queue;
    std::string name;
    bool paused = false;
    admin_code code = admin_code::done;
    std::string by;
    std::string reason;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;
};
BOOST_DESCRIBE_STRUCT(pause_report, (), (kind, name, paused, code, by, reason, since_ms, until_ms))

struct pool_report
{
    std::string pool;
    pool_order order = pool_order::resume;
    admin_code code = admin_code::done;
};
BOOST_DESCRIBE_STRUCT(pool_report, (), (pool, order, code))

namespace {

struct pause_flags
{
    connection to;
    std::string queue;
    std::string name;
    std::string pool;
    std::string lasting;
    std::string until;
    std::int64_t until_ms = 0;  ///< `until`, read
    std::string reason;
    bool json = false;

    pause_kind kind() const { return name.empty() ? pause_kind::queue : pause_kind::name; }
    std::string const& what() const { return name.empty() ? queue : name; }
};

std::string went_words(pause_report const& r)
{
    return (r.kind == pause_kind::queue ? "queue " : "jobs named ") + detail::quote(r.name);
}

task<int> pause(access& at, pause_flags const& o)
{
    name_place(o.to);
    pause_options how;
    if (!o.lasting.empty())
        how.lasting = read_lasting("--for", o.lasting);
    if (o.until_ms != 0) {
        std::int64_t const now = co_await at.now_ms();
        how.lasting = std::chrono::milliseconds(o.until_ms - now);
        if (how.lasting.count() <= 0)
            throw error(
                errc::invalid_option,
                "--until " + detail::quote(o.until) + ": that time has passed"
            );
    }
    std::string const who = at.who();
    how.reason = o.reason;
    how.by = who;
    pause_result const went = co_await at.pause(o.kind(), o.what(), how);
    pause_report report{o.kind(), o.what(), true, went.code, who, o.reason, 0, 0};
    if (went.info) {
        report.by = went.info->by;
        report.reason = went.info->reason;
        report.since_ms = went.info->since_ms;
        report.until_ms = went.info->until_ms;
    }
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    print_line(
        went_words(report) +
        (went.code == admin_code::already ? ": paused before, and now" : ": paused") +
        (report.until_ms == 0 ? " until work resume" : " for " + format_duration(how.lasting))
    );
    co_return ok;
}

task<int> resume_pool(access& at, pause_flags const& o)
{
    std::string const who = at.who();
    admin_code const code = co_await at.order(o.pool, pool_order::resume, who);
    pool_report const report{o.pool, pool_order::resume, code};
    if (o.json)
        print_as_json(report);
    else
        print_line(
            "worker pool " + detail::quote(o.pool) +
            (code == admin_code::gone      ? ": no such pool (work pools lists those alive)"
             : code == admin_code::already ? ": was told so before"
                                           : ": claims jobs again")
        );
    co_return code == admin_code::gone ? not_found : ok;
}

task<int> resume(access& at, pause_flags const& o)
{
    name_place(o.to);
    if (!o.pool.empty())
        co_return co_await resume_pool(at, o);
    std::string const who = at.who();
    admin_code const code = co_await at.resume(o.kind(), o.what(), who);
    pause_report const report{o.kind(), o.what(), false, code, who, "", 0, 0};
    if (o.json)
        print_as_json(report);
    else
        print_line(
            went_words(report) + (code == admin_code::done ? ": goes on" : ": was not paused")
        );
    co_return ok;
}

std::shared_ptr<pause_flags> add(CLI::App& command)
{
    auto const o = std::make_shared<pause_flags>();
    auto* const queue = command.add_option("queue", o->queue, "The queue");
    auto* const name =
        command.add_option("--name", o->name, "The jobs of this name, in all queues");
    name->excludes(queue);
    command.add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(command);
    command.parse_complete_callback([o] {
        if (o->queue.empty() && o->name.empty() && o->pool.empty())
            throw CLI::RequiredError("QUEUE or --name");
    });
    return o;
}

}  // namespace

void add_pause(CLI::App& program, action& chosen)
{
    CLI::App* const pausing = program.add_subcommand(
        "pause",
        "Jobs of a queue or a name wait until it goes on; running ones go on"
    );
    auto const how = add(*pausing);
    pausing->add_option("--for", how->lasting, "It goes on by itself then: 90s, 2h, 1d");
    pausing->add_option("--until", how->until, "It goes on then: 18:00, 2026-11-22T18:00:00Z")
        ->type_name("TIME")
        ->excludes("--for");
    pausing->add_option("--reason", how->reason, "Why: shown to others");
    pausing->callback([&chosen, how] {
        chosen = [how] {
            if (!how->until.empty())
                how->until_ms = read_when("--until", how->until);
            return with_access(how->to, pause, *how);
        };
    });
    CLI::App* const resuming = program.add_subcommand("resume", "What was paused goes on");
    auto const what = add(*resuming);
    resuming->add_option("--pool", what->pool, "A worker pool that work quiet told to be quiet")
        ->excludes("queue")
        ->excludes("--name");
    resuming->callback([&chosen, what] {
        chosen = [what] { return with_access(what->to, resume, *what); };
    });
}

}  // namespace work::tool
