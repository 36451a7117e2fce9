// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct options
{
    connection to;
    std::vector<std::string> ids;
};

int report(
    std::vector<std::string> const& ids,
    std::vector<admin_result> const& moves,
    char const* moved,
    char const* already
)
{
    int code = ok;
    for (std::size_t i = 0; i != ids.size(); ++i) {
        std::string const id = detail::quote(ids[i]);
        switch (moves[i]) {
        case admin_result::done: print_line(ids[i] + " " + moved); break;
        case admin_result::already: print_line(ids[i] + " " + already); break;
        case admin_result::active:
            print_error("job " + id + " is being run; cancel it, or wait until it has ended");
            code = code == ok ? failed : code;
            break;
        case admin_result::unreadable:
            print_error("the record of job " + id + " can't be read; see work job " + ids[i]);
            code = code == ok ? failed : code;
            break;
        case admin_result::gone:
            print_error("no job " + id + ": it never existed, or it finished");
            code = not_found;
            break;
        }
    }
    return code;
}

task<int> cancel(client& at, options const& o)
{
    inspector steer{at};
    std::vector<admin_result> const moves = co_await steer.cancel(o.ids);
    co_return report(o.ids, moves, "cancelled", "");
}

task<int> requeue(client& at, options const& o)
{
    inspector steer{at};
    std::vector<admin_result> const moves = co_await steer.requeue(o.ids);
    co_return report(o.ids, moves, "requeued", "is pending already");
}

void add(
    CLI::App& program,
    action& chosen,
    char const* name,
    char const* what,
    task<int> (*body)(client&, options const&)
)
{
    auto const o = std::make_shared<options>();
    CLI::App* const command = program.add_subcommand(name, what);
    command->add_option("ID", o->ids, "The jobs")->required();
    o->to.add_to(*command);
    command->callback([&chosen, o, body] {
        chosen = [o, body] { return with_client(o->to, body, *o); };
    });
}

}  // namespace

void add_admin(CLI::App& program, action& chosen)
{
    add(program, chosen, "cancel", "Drop jobs in any state; running ones are told", cancel);
    add(program,
        chosen,
        "requeue",
        "Make dead, retrying, scheduled or set-aside jobs pending now",
        requeue);
}

}  // namespace work::tool
