// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/queue_removal.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <string>
#include <vector>

#include "agreement.hpp"
#include "commands.hpp"
#include "layout.hpp"
#include "place.hpp"
#include "print.hpp"
#include "with_access.hpp"

namespace work::tool {

struct removed_queue
{
    std::string queue;
    admin_code code = admin_code::gone;
    std::int64_t jobs = 0;
    bool whole = true;
    std::vector<std::string> pools;
};
BOOST_DESCRIBE_STRUCT(removed_queue, (), (queue, code, jobs, whole, pools))

/// What `--json` prints.
struct removed_queues
{
    std::vector<removed_queue> results;
};
BOOST_DESCRIBE_STRUCT(removed_queues, (), (results))

namespace {

struct removal_flags
{
    connection to;
    std::vector<std::string> queues;
    bool yes = false;
    bool json = false;
};

std::string outcome(removed_queue const& one)
{
    if (one.code == admin_code::done)
        return "forgotten";
    if (one.code == admin_code::gone)
        return "no job was ever stored there";
    if (one.jobs > 0)
        return "stays: it has " + grouped(one.jobs) + (one.jobs == 1 ? " job" : " jobs");
    if (!one.whole)
        return "stays: not all jobs that wait for a time could be looked at";
    std::string pools;
    for (std::string const& pool : one.pools)
        pools += (pools.empty() ? "" : ", ") + pool;
    return "stays: served by " + pools;
}

task<int> remove_queues(access& at, removal_flags const& o)
{
    name_place(o.to);
    std::string const what = o.queues.size() == 1 ? "queue " + detail::quote(o.queues.front())
                                                  : std::to_string(o.queues.size()) + " queues";
    if (!o.yes && !agreed(o.to, "forget " + what + ", their pauses and their figures?"))
        co_return not_agreed;
    std::string const who = at.who();
    removed_queues all;
    int code = ok;
    for (std::string const& queue : o.queues) {
        std::string name = queue;
        queue_removal const went = co_await at.remove_queue(std::move(name), who);
        removed_queue one{queue, went.code, went.jobs, went.whole, went.pools};
        if (one.code == admin_code::gone)
            code = not_found;
        else if (one.code != admin_code::done && code == ok)
            code = moved_on;
        if (!o.json)
            print_line(detail::quote(queue) + ": " + outcome(one));
        all.results.push_back(std::move(one));
    }
    if (o.json)
        print_as_json(all);
    co_return code;
}

}  // namespace

void add_queue_removal(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<removal_flags>();
    CLI::App* const command = program.add_subcommand(
        "delete",
        "Forget queues that are empty and that nobody serves: their rows, pauses and figures"
    );
    command->add_option("QUEUE", o->queues, "Their names")->required();
    command->add_flag("--yes", o->yes, "Does not ask");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] { return with_access(o->to, remove_queues, *o); };
    });
}

}  // namespace work::tool
