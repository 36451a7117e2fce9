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
    std::string environment;  ///< of the profile: "production"; "" where none says so

    /// Adds --redis, --ns and --profile to a command, with their environment variables.
    void add_to(CLI::App& command);
    /// What neither the command line nor the environment says is taken from the configuration file.
    /// Errors: errc::invalid_option: it can't be read, or has no such profile.
    void settle();
    /// "production / shop", "shop": what stands before questions.
    std::string place() const { return (environment.empty() ? "" : environment + " / ") + ns; }
    bool is_production() const { return environment == "production"; }

private:
    std::string profile_;
    CLI::App* command_ = nullptr;
    CLI::Option* url_option_ = nullptr;
    CLI::Option* ns_option_ = nullptr;
};

/// Adds --profile to the program itself: `work --profile prod stats`.
void add_profile(CLI::App& program);

}  // namespace work::tool
