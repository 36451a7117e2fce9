// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <optional>
#include <string>

#include "commands.hpp"
#include "place.hpp"
#include "print.hpp"
#include "user.hpp"
#include "with_client.hpp"

namespace work::tool {

/// What `--json` prints.
struct edit_report
{
    std::string id;
    admin_code code = admin_code::done;
    job_state state = job_state::unknown;
};
BOOST_DESCRIBE_STRUCT(edit_report, (), (id, code, state))

namespace {

struct edit_flags
{
    connection to;
    std::string id;
    std::optional<std::string> args;
    std::optional<std::string> queue;
    std::optional<int> priority;
    std::string in;
    std::string options;
    std::string version;
    bool json = false;
};

task<int> edit(client& at, edit_flags const& o)
{
    name_place(o.to);
    job_change change;
    if (o.args)
        change.args = *o.args;
    if (o.queue)
        change.queue = *o.queue;
    change.priority = o.priority;
    change.options = o.options;
    change.version = o.version;
    std::string const who = user();
    change.by = who;
    if (!o.in.empty()) {
        auto const delay = parse_duration(o.in);
        if (!delay) {
            print_error("--in: " + delay.error());
            co_return usage;
        }
        change.due_ms = co_await at.broker()->ask_now_ms() + delay->count();
    }
    inspector steer{at};
    std::string id = o.id;
    admin_result const went = co_await steer.edit(std::move(id), change);
    edit_report const report{o.id, went.code, went.state};
    std::string const name = detail::quote(o.id);
    if (o.json)
        print_as_json(report);
    else if (went.code == admin_code::done)
        print_line(o.id + " changed");
    else if (went.code == admin_code::gone)
        print_error("no job " + name + ": it never existed, or it finished and is not kept");
    else
        print_error(
            "job " + name + " is " + std::string(to_string(went.state)) +
            ", or changed since it was looked at; scheduled, pending, retrying and dead ones can "
            "be changed"
        );
    switch (went.code) {
    case admin_code::done: co_return ok;
    case admin_code::gone: co_return not_found;
    default: co_return moved_on;
    }
}

}  // namespace

void add_edit(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<edit_flags>();
    CLI::App* const command = program.add_subcommand("edit", "Change a job that waits, or is dead");
    command->add_option("ID", o->id, "The job")->required();
    command->add_option("--args", o->args, "Its arguments: a JSON array or object");
    command->add_option("--queue", o->queue, "Its queue; \"\": that of its name");
    command->add_option("--priority", o->priority, "-100 to 100; 0: none");
    command->add_option("--in", o->in, "When a scheduled or retrying one runs: 5m");
    command->add_option("--options", o->options, "Options that change: {\"max_attempts\":3}");
    command->add_option("--version", o->version, "Only as it was seen: version of work job --json");
    command->add_flag("--json", o->json, "One line of JSON: id, code and state");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_client(o->to, edit, *o); }; });
}

}  // namespace work::tool
