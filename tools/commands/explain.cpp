// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <memory>
#include <string>

#include "commands.hpp"
#include "layout.hpp"
#include "print.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

constexpr std::size_t line_width = 80;

struct explain_flags
{
    connection to;
    std::string id;
    bool json = false;
};

// "pending in queue "mail" as "send_email"", then a reason a line.
void print_explanation(explanation const& why)
{
    std::string head(to_string(why.state));
    if (!why.queue.empty())
        head += " in queue " + printable(why.queue);
    if (why.name != why.queue)
        head += " as " + printable(why.name);
    print_line(head);
    for (job_reason const& one : why.reasons)
        for (std::string const& line : wrapped("- " + printable(one.sentence), line_width, "  "))
            print_line(line);
    if (!why.runnable_by.empty())
        print_line(
            "running pools with a handler for it: " + std::to_string(why.runnable_by.size())
        );
}

task<int> show_why(access& at, explain_flags const& o)
{
    explanation const why = co_await at.explain(o.id);
    if (o.json)
        print_as_json(why);
    else if (why.state != job_state::unknown)
        print_explanation(why);
    if (why.state != job_state::unknown)
        co_return ok;
    print_error(
        "no job " + detail::quote(o.id) + " in namespace " + detail::quote(o.to.ns) + ": " +
        why.text()
    );
    co_return not_found;
}

}  // namespace

void add_explain(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<explain_flags>();
    CLI::App* const command =
        program.add_subcommand("explain", "Say why a job does not run now, or what became of it");
    command->add_option("ID", o->id, "Its id")->required();
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, show_why, *o); }; });
}

}  // namespace work::tool
