// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <memory>

#include "commands.hpp"
#include "connection.hpp"
#include "demo/demonstration.hpp"

namespace work::tool {

void add_demo(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<demo_options>();
    CLI::App* const command =
        program.add_subcommand("demo", "Jobs that sleep, two worker pools, a progress bar");
    command->add_option("--jobs", o->jobs, "How many jobs")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--concurrency", o->concurrency, "How many at once, in both pools together")
        ->check(CLI::Range(2, 100'000))
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option(
            "--redis",
            o->url,
            "Run it on a server, in a namespace of its own that is removed at the end; by "
            "default it runs in this process alone"
        )
        ->type_name("URL");
    refuse_server(*command);
    command->callback([&chosen, o] { chosen = [o] { return demonstration(*o).run(); }; });
}

}  // namespace work::tool
