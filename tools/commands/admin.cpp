// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "act_on_found.hpp"
#include "commands.hpp"
#include "ids.hpp"
#include "named_states.hpp"
#include "place.hpp"
#include "print.hpp"
#include "with_access.hpp"

namespace work::tool {

struct acted_on
{
    std::string id;
    admin_code code = admin_code::gone;
    job_state state = job_state::unknown;
};
BOOST_DESCRIBE_STRUCT(acted_on, (), (id, code, state))

struct acted_on_all
{
    std::vector<acted_on> results;
};
BOOST_DESCRIBE_STRUCT(acted_on_all, (), (results))

namespace {

struct admin_flags
{
    connection to;
    admin_action action = admin_action::cancel;
    std::vector<std::string> ids;
    std::vector<std::string> only;
    std::string queue;
    std::string reason;
    found_flags found;
    bool json = false;
};

/// How the program speaks of an action.
struct action_words
{
    admin_action action;
    char const* what;   ///< in the list of commands
    char const* done;   ///< behind the id
    char const* means;  ///< what it is for
};

constexpr action_words all_actions[] = {
    {admin_action::cancel,
     "Jobs that may still run are not to; running ones are told",
     "cancelled",
     "cancel is for jobs that may still run; work delete drops the record of one that will not"},
    {admin_action::requeue,
     "Make dead, retrying, scheduled or set-aside jobs pending now",
     "requeued",
     "requeue is for dead, retrying, scheduled and set-aside jobs"},
    {admin_action::kill,
     "Make jobs dead, without another attempt; running ones are told",
     "killed",
     "kill is for jobs that may still run"},
    {admin_action::remove,
     "Drop the records of dead, completed, cancelled or set-aside jobs",
     "deleted",
     "delete is for jobs that will not run; work cancel takes those that may"},
    {admin_action::move,
     "Move pending, scheduled, retrying or dead jobs to another queue",
     "moved",
     "move is for pending, scheduled, retrying and dead jobs"}
};

action_words const& words_of(admin_action action)
{
    for (action_words const& words : all_actions) {
        if (words.action == action)
            return words;
    }
    return all_actions[0];
}

std::string word_of(job_state state)
{
    return state == job_state::set_aside ? "set aside" : std::string(to_string(state));
}

int exit_code_of(admin_code code)
{
    switch (code) {
    case admin_code::done:
    case admin_code::already: return ok;
    case admin_code::active:
    case admin_code::locked:
    case admin_code::moved_on: return moved_on;
    case admin_code::unreadable: return failed;
    case admin_code::gone: return not_found;
    }
    return failed;
}

void report(acted_on const& one, action_words const& words, admin_flags const& o)
{
    bool const moving = o.action == admin_action::move;
    std::string const id = detail::quote(one.id);
    switch (one.code) {
    case admin_code::done:
        if (one.state == job_state::active) {
            print_line(one.id + " is told, and active until its handler has returned");
            break;
        }
        print_line(
            one.id + " " + words.done +
            (moving ? " to " + (o.queue.empty() ? "the queue of its name" : o.queue) : "")
        );
        break;
    case admin_code::already:
        if (one.state == job_state::active) {
            print_line(one.id + " was told already, and is active until its handler has returned");
            break;
        }
        print_line(
            one.id + " is " + (moving ? std::string("there") : word_of(one.state)) + " already"
        );
        break;
    case admin_code::active:
        print_error("job " + id + " is being run; cancel it, or wait until it has ended");
        break;
    case admin_code::moved_on:
        print_error(
            "job " + id + " is " + word_of(one.state) + ": " +
            (o.only.empty() ? std::string(words.means) : "--only names other states")
        );
        break;
    case admin_code::unreadable:
        print_error("the record of job " + id + " can't be read; see work job " + one.id);
        break;
    case admin_code::locked:
        print_error(
            "job " + id +
            " is unique, and another job of its key is there: let that end, or "
            "delete it, first"
        );
        break;
    case admin_code::gone:
        print_error("no job " + id + ": it never existed, or it finished and is not kept");
        break;
    }
}

task<int> act(access& at, admin_flags const& o)
{
    name_place(o.to);
    if (o.ids.empty()) {
        char const* const done = words_of(o.action).done;
        co_return co_await act_on_found(
            at,
            o.to,
            o.action,
            o.queue,
            o.reason,
            done,
            o.json,
            o.found
        );
    }
    std::vector<std::string> const ids = ids_of(o.ids);
    std::string const by = at.who();
    admin_options how;
    how.only = states_named("--only", o.only);
    how.reason = o.reason;
    how.by = by;
    std::vector<admin_result> const results = co_await at.act(o.action, ids, o.queue, how);
    acted_on_all all;
    int code = ok;
    for (std::size_t i = 0; i != ids.size(); ++i) {
        all.results.push_back(acted_on{ids[i], results[i].code, results[i].state});
        if (!o.json)
            report(all.results.back(), words_of(o.action), o);
        int const one = exit_code_of(results[i].code);
        // That there is no such job says more than that another has moved on.
        if (one == not_found || code == ok)
            code = one;
    }
    if (o.json)
        print_as_json(all);
    co_return code;
}

}  // namespace

void add_admin(CLI::App& program, action& chosen)
{
    for (action_words const& words : all_actions) {
        auto const o = std::make_shared<admin_flags>();
        o->action = words.action;
        CLI::App* const command =
            program.add_subcommand(std::string(to_string(words.action)), words.what);
        command->add_option("ID", o->ids, "The jobs; - reads ids from standard input");
        if (words.action == admin_action::move)
            command->add_option("--to", o->queue, "The queue; \"\" for that of their own name")
                ->required();
        command->add_option("--only", o->only, "Touch jobs in these states alone: retry,dead")
            ->delimiter(',');
        if (words.action == admin_action::cancel || words.action == admin_action::kill)
            command->add_option("--reason", o->reason, "Why; it is kept with the job");
        o->found.which.add_to(*command);
        command->add_flag("--all", o->found.all, "All jobs the action is for, without a filter");
        command->add_flag("--dry-run", o->found.dry_run, "Counts them, and touches none");
        command->add_flag("--yes", o->found.yes, "Does not ask before it acts on what is found");
        command->add_option("--expect", o->found.expected, "Touch none if far more are found");
        command->add_option("--at-most", o->found.at_most, "So many of those found, no more");
        command->add_flag("--json", o->json, "One line of JSON: what became of them");
        o->to.add_to(*command);
        command->callback([&chosen, o] {
            if (o->ids.empty() && o->found.which.empty() && !o->found.all)
                throw CLI::RequiredError("Filters as work jobs has them, --all, or an ID");
            chosen = [o] { return with_access(o->to, act, *o); };
        });
    }
}

}  // namespace work::tool
