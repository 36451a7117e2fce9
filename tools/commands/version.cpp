// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/version.hpp>

#include <boost/version.hpp>

#include <string>

#include "commands.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {

void add_version(CLI::App& program, action& chosen)
{
    CLI::App* const command = program.add_subcommand("version", "Print the version");
    command->callback([&chosen] {
        chosen = [] {
            print_line(
                "work " WORK_VERSION " (Boost " + std::to_string(BOOST_VERSION / 100'000) + "." +
                std::to_string(BOOST_VERSION / 100 % 1000) + ")"
            );
            return int(ok);
        };
    });
}

}  // namespace work::tool
