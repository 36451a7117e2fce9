// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <charconv>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "editor.hpp"
#include "job_sheet.hpp"
#include "place.hpp"
#include "print.hpp"
#include "when.hpp"
#include "with_access.hpp"

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
    std::string at;
    std::int64_t due_ms = 0;  ///< `at`, read
    std::string options;
    std::string version;
    bool json = false;

    bool says_nothing() const
    {
        return !args && !queue && !priority && in.empty() && due_ms == 0 && options.empty();
    }
};

int read_priority(std::string const& text)
{
    int value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size())
        throw error(
            errc::invalid_option,
            "the priority " + detail::quote(text) + " can't be read: it is -100 to 100"
        );
    return value;
}

/// What was changed in the editor, as if the command line had said it.
edit_flags changed(edit_flags const& o, job_info const& job, job_sheet const& before, job_sheet now)
{
    edit_flags to = o;
    if (now.args != before.args)
        to.args = std::move(now.args);
    if (now.queue != before.queue)
        to.queue = std::move(now.queue);
    if (now.priority != before.priority)
        to.priority = read_priority(now.priority);
    if (now.at != before.at)
        to.due_ms = read_when("--at", now.at);
    if (now.options != before.options)
        to.options = changed_options(before.options, now.options);
    if (to.version.empty())
        to.version = job.version;  // somebody else may change it meanwhile
    return to;
}

task<int> edit(access& at, edit_flags const& o)
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
    std::string const who = at.who();
    change.by = who;
    change.due_ms = o.due_ms;
    if (!o.in.empty()) {
        auto const delay = read_lasting("--in", o.in);
        change.due_ms = co_await at.now_ms() + delay.count();
    }
    std::string id = o.id;
    admin_result const went = co_await at.edit(std::move(id), change);
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
            ", or changed since it was looked at; waiting, scheduled, pending, retrying and dead "
            "ones can be changed"
        );
    switch (went.code) {
    case admin_code::done: co_return ok;
    case admin_code::gone: co_return not_found;
    default: co_return moved_on;
    }
}

task<int> edit_in_editor(access& at, edit_flags const& o)
{
    std::string const editor = chosen_editor();
    if (editor.empty()) {
        print_error(
            "nothing is said to change: --args, --queue, --priority, --in, --at or --options, or "
            "set EDITOR to change it there"
        );
        co_return usage;
    }
    std::string id = o.id;
    job_info const job = co_await at.job(std::move(id));
    // Refused with the sentence of any other change.
    bool const can = !job.version.empty() && job.cut_from == 0 && job.unreadable.empty();
    if (!can) {
        edit_flags nothing = o;
        nothing.priority = job.priority;
        co_return co_await edit(at, nothing);
    }
    job_sheet const before = sheet_of(job);
    edited_text file(editor, written(before, job));
    std::exception_ptr failure;
    int code = failed;
    try {
        edit_flags const to = changed(o, job, before, read_sheet(file.after(), before));
        if (to.says_nothing()) {
            print_talk("nothing was changed");
            co_return ok;
        }
        code = co_await edit(at, to);
    } catch (error const&) {
        failure = std::current_exception();
    }
    if (code != ok)
        print_talk("what was written is in " + file.keep());
    if (failure)
        std::rethrow_exception(failure);
    co_return code;
}

task<int> edit_job(access& at, edit_flags const& o)
{
    return o.says_nothing() ? edit_in_editor(at, o) : edit(at, o);
}

}  // namespace

void add_edit(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<edit_flags>();
    CLI::App* const command = program.add_subcommand(
        "edit",
        "Change a job that waits, or is dead; in $EDITOR where nothing is said"
    );
    command->add_option("ID", o->id, "The job")->required();
    command->add_option("--args", o->args, "Its arguments: a JSON array or object");
    command->add_option("--queue", o->queue, "Its queue; \"\": that of its name");
    command->add_option("--priority", o->priority, "-100 to 100; 0: none");
    auto* const in =
        command->add_option("--in", o->in, "When a scheduled or retrying one runs: 5m");
    command->add_option("--at", o->at, "The same: 18:00, 2026-11-22T18:00:00Z")->excludes(in);
    command->add_option("--options", o->options, "Options that change: {\"max_attempts\":3}");
    command->add_option("--version", o->version, "Only as it was seen: version of work job --json");
    command->add_flag("--json", o->json, "One line of JSON: id, code and state");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            if (!o->at.empty())
                o->due_ms = read_when("--at", o->at);
            return with_access(o->to, edit_job, *o);
        };
    });
}

}  // namespace work::tool
