// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/duration.hpp>
#include <work/values/name.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "commands.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct enqueue_flags
{
    connection to;
    std::string name;
    std::string args;
    std::string in;
    std::string queue;
    std::string id;
    int priority = 0;
    int max_attempts = 0;
    std::chrono::milliseconds delay{0};
};

// The broker takes any bytes: what is wrong with them would only show when the job runs.
void check_arguments(std::string const& text)
{
    args_parser parser;
    bool good = false;
    if (!text.empty()) {
        auto const& value = parser.parse(text, "ARGS_JSON");
        good = value.is_array() || value.is_object();
    }
    if (!good)
        throw error(
            errc::invalid_arguments,
            "ARGS_JSON is neither an array nor an object; write [1,\"a\"] for arguments by "
            "position, {\"user_id\":1} for arguments by name"
        );
}

enqueue_options options_of(enqueue_flags const& o)
{
    enqueue_options how;
    how.queue = o.queue;
    how.id = o.id;
    how.priority = o.priority;
    how.in = o.delay;
    if (o.max_attempts != 0)
        how.max_attempts = o.max_attempts;
    return how;
}

task<int> enqueue(client& at, enqueue_flags const& o)
{
    enqueuer to{at};
    enqueue_options const how = options_of(o);
    job_handle const job = co_await to.enqueue_json(o.name, o.args, how);
    print_line(
        job.duplicate() ? job.id() + " duplicate: a job with that id is known already" : job.id()
    );
    co_return ok;
}

int run(enqueue_flags& o)
{
    validate_name("job name", o.name);
    options_of(o).validate();
    check_arguments(o.args);
    if (!o.in.empty()) {
        auto const delay = parse_duration(o.in);
        if (!delay)
            throw error(errc::invalid_option, "--in: " + delay.error());
        o.delay = *delay;
    }
    return with_client(o.to, enqueue, o);
}

}  // namespace

void add_enqueue(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<enqueue_flags>();
    CLI::App* const command = program.add_subcommand("enqueue", "Store a job and print its id");
    command->add_option("NAME", o->name, "The job's name")->required();
    command->add_option("ARGS_JSON", o->args, "Its arguments: a JSON array or object")->required();
    command->add_option("--in", o->in, "Run it after a while: 250ms, 5m, 1h30m")->type_name("TIME");
    command->add_option("--queue", o->queue, "The queue to wait in; by default the one of its name")
        ->type_name("NAME");
    command->add_option("--id", o->id, "An id of your own: enqueuing it twice stores one job")
        ->type_name("ID");
    command->add_option("--priority", o->priority, "-100..100, higher first")->type_name("N");
    command->add_option("--max-attempts", o->max_attempts, "1..1000 attempts in all")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
