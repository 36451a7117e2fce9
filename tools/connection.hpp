// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace work::tool {

/// Which broker, and which namespace in it.
struct connection
{
    std::string url = "redis://127.0.0.1:6379";
    std::string ns = "work";

    /// Adds --redis and --ns to a command, with their environment variables.
    void add_to(CLI::App& command)
    {
        command
            .add_option("--redis", url, "The server: redis://[user[:password]@]host[:port][/db]")
            ->envname("WORK_REDIS_URL")
            ->type_name("URL")
            ->capture_default_str();
        command.add_option("--ns", ns, "The namespace")
            ->envname("WORK_NAMESPACE")
            ->type_name("NAME")
            ->capture_default_str();
    }
};

}  // namespace work::tool
