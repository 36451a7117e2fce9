// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "connection.hpp"

#include "config_file.hpp"

namespace work::tool {

void connection::add_to(CLI::App& command)
{
    command_ = &command;
    url_option_ =
        command
            .add_option("--redis", url, "The server: redis://[user[:password]@]host[:port][/db]")
            ->envname("WORK_REDIS_URL")
            ->type_name("URL")
            ->capture_default_str();
    ns_option_ = command.add_option("--ns", ns, "The namespace")
                     ->envname("WORK_NAMESPACE")
                     ->type_name("NAME")
                     ->capture_default_str();
    command.add_option("--profile", profile_, "What the configuration file calls so")
        ->envname("WORK_PROFILE")
        ->type_name("NAME");
}

void connection::settle()
{
    if (command_ == nullptr)
        return;
    CLI::App const* const program = command_->get_parent();
    CLI::Option const* const before =
        program == nullptr ? nullptr : program->get_option_no_throw("--profile");
    std::string wanted = profile_;
    // The command's own has the environment, which is less than what is written before the command.
    if (before != nullptr && before->count() > 0)
        wanted = before->as<std::string>();
    profile const found = read_profile(wanted);
    if (url_option_->count() == 0 && found.redis)
        url = *found.redis;
    if (ns_option_->count() == 0 && found.ns)
        ns = *found.ns;
    environment = found.environment.value_or("");
}

void add_profile(CLI::App& program)
{
    program
        .add_option("--profile", "What the configuration file calls so: see docs/command-line.md")
        ->type_name("NAME");
}

}  // namespace work::tool
