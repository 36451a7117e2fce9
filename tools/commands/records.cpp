// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/audit.hpp>
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "named_states.hpp"
#include "place.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct failures_flags
{
    connection to;
    std::vector<std::string> states;
    std::string queue, name;
    std::string by = "type";
    int scan = failure_query().scan;
    int limit = failure_query().limit;
    bool json = false;
};

task<int> show_failures(access& at, failures_flags const& o)
{
    failure_query how;
    how.by = o.by == "name" ? failure_key::name : failure_key::type;
    how.states = states_named("--state", o.states);
    how.queue = o.queue;
    how.name = o.name;
    how.scan = o.scan;
    how.limit = o.limit;
    failure_groups const found = co_await at.failures(how);
    if (o.json) {
        print_as_json(found);
        co_return ok;
    }
    table rows(
        {{"failures", true},
         {"dead", true},
         {how.by == failure_key::type ? "type" : "name", false, 24},
         {"last", true, width_of_times(12)},
         {how.by == failure_key::type ? "name" : "type", false, 16},
         {"message", false, 0}}
    );
    for (failure_group const& one : found.groups) {
        bool const typed = how.by == failure_key::type;
        std::string const other = typed ? one.name : one.type;
        rows.add(
            {std::to_string(one.count),
             std::to_string(one.dead),
             typed ? one.type : one.name,
             relative(one.last_ms, found.now_ms),
             other.empty() ? "several" : other,
             one.sample_message}
        );
    }
    if (!rows.empty())
        rows.print();
    print_line(
        std::to_string(found.scanned) + " of " + std::to_string(found.of) +
        " retrying and dead jobs looked at" +
        (found.whole ? "" : "; --scan and --limit show more of them")
    );
    co_return ok;
}

struct operations_flags
{
    connection to;
    std::string stop;
    bool json = false;
};

struct operations_report
{
    std::vector<operation_info> operations;
};
BOOST_DESCRIBE_STRUCT(operations_report, (), (operations))

task<int> stop_one(access& at, operations_flags const& o)
{
    name_place(o.to);
    std::string id = o.stop;
    admin_code const code = co_await at.stop_operation(std::move(id));
    if (code == admin_code::gone) {
        print_error("no operation " + detail::quote(o.stop) + ": work operations lists them");
        co_return not_found;
    }
    print_line(
        "operation " + detail::quote(o.stop) +
        (code == admin_code::done ? " stops behind the part that is under way"
                                  : " was told so before, or has ended")
    );
    co_return ok;
}

task<int> show_operations(access& at, operations_flags const& o)
{
    if (!o.stop.empty())
        co_return co_await stop_one(at, o);
    operations_report report;
    report.operations = co_await at.operations();
    if (o.json) {
        print_as_json(report);
        co_return ok;
    }
    table rows(
        {{"operation", false, 22},
         {"action", false},
         {"state", false},
         {"done", true},
         {"of", true},
         {"began", true, width_of_times(12)},
         {"which", false, 0}}
    );
    std::int64_t const now_ms = co_await at.now_ms();
    for (operation_info const& one : report.operations) {
        rows.add(
            {one.id,
             one.action,
             std::string(to_string(one.state)),
             std::to_string(one.done),
             one.matched < 0 ? "-" : std::to_string(one.matched),
             relative(one.started_ms, now_ms),
             one.trouble.empty() ? one.filter.text() : one.trouble}
        );
    }
    if (rows.empty())
        print_line("no operation in the last day");
    else
        rows.print();
    co_return ok;
}

struct audit_flags
{
    connection to;
    int limit = 50;
    std::int64_t from = 0;
    bool json = false;
};

task<int> show_audit(access& at, audit_flags const& o)
{
    audit_page const found = co_await at.audit(o.from, o.limit);
    if (o.json) {
        print_as_json(found);
        co_return ok;
    }
    table rows(
        {{"when", true, width_of_times(12)},
         {"who", false, 20},
         {"action", false},
         {"done", true},
         {"what", false, 0}}
    );
    std::int64_t const now_ms = co_await at.now_ms();
    for (audit_entry const& one : found.entries) {
        rows.add(
            {relative(one.at_ms, now_ms),
             one.by,
             one.action,
             std::to_string(one.done),
             one.what + (one.reason.empty() ? "" : ": " + one.reason)}
        );
    }
    if (rows.empty())
        print_line("nobody did anything yet");
    else
        rows.print();
    if (found.next >= 0)
        print_line("more: --from " + std::to_string(found.next));
    co_return ok;
}

void add_failures(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<failures_flags>();
    CLI::App* const command =
        program.add_subcommand("failures", "Put failures together, by type or by name");
    command->add_option("--by", o->by, "type (the default) or name")
        ->check(CLI::IsMember({"type", "name"}));
    command->add_option("--state", o->states, "Of retry or dead jobs alone")->delimiter(',');
    command->add_option("--queue", o->queue, "In this queue");
    command->add_option("--name", o->name, "Of this name");
    command->add_option("--scan", o->scan, "Look at so many jobs: 10000 by default");
    command->add_option("--limit", o->limit, "So many groups: 200 by default");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] { return with_access(o->to, show_failures, *o); };
    });
}

}  // namespace

void add_records(CLI::App& program, action& chosen)
{
    add_failures(program, chosen);
    auto const ops = std::make_shared<operations_flags>();
    CLI::App* command =
        program.add_subcommand("operations", "List actions on many jobs of the last day");
    command->add_option("--stop", ops->stop, "Stop this one, behind what is under way");
    command->add_flag("--json", ops->json, "As one line of JSON");
    ops->to.add_to(*command);
    command->callback([&chosen, ops] {
        chosen = [ops] { return with_access(ops->to, show_operations, *ops); };
    });
    auto const audit = std::make_shared<audit_flags>();
    command = program.add_subcommand("audit", "Show who did what, newest first");
    command->add_option("--limit", audit->limit, "So many lines: 1 to 1000, 50 by default");
    command->add_option("--from", audit->from, "Go on behind so many");
    command->add_flag("--json", audit->json, "As one line of JSON");
    audit->to.add_to(*command);
    command->callback([&chosen, audit] {
        chosen = [audit] { return with_access(audit->to, show_audit, *audit); };
    });
}

}  // namespace work::tool
