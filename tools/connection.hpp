// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace work::tool {

struct profile;

/// How a command reaches jobs.
enum class reached {
    either_way,     ///< over the broker, or through a server
    over_broker,    ///< over the broker alone
    own_namespace,  ///< likewise, in a namespace that it makes itself
};

/// Which broker and which namespace in it, or which server in their place.
struct connection
{
    std::string url = "redis://127.0.0.1:6379";
    std::string ns = "work";
    std::string server;       ///< "https://jobs.example": go through it; "": over the broker
    std::string token;        ///< for the server; "": none
    std::string environment;  ///< of the profile: "production"; "" where none says so

    /// Adds --redis, --ns and --profile to a command, and --url and --token-file.
    void add_to(CLI::App& command, reached how = reached::either_way);
    /// What the command line does not say is taken from the environment, and then from the
    /// configuration file.
    /// Errors: errc::invalid_option: the file can't be read, or has no such profile; a server is
    /// named to a command that is for the broker alone; a server and a broker at once
    void settle();
    /// The server has this namespace.
    /// Errors: errc::invalid_option: another one was asked for
    void serves(std::string const& namespace_there);
    /// "production / shop", "shop": what stands before questions.
    std::string place() const { return (environment.empty() ? "" : environment + " / ") + ns; }
    bool is_production() const { return environment == "production"; }

private:
    void settle_where(profile const& found);
    void settle_token(profile const& found);
    void check_reached(std::string const& who_says) const;

    std::string profile_;
    std::string token_file_;
    CLI::App* command_ = nullptr;
    CLI::Option* url_option_ = nullptr;
    CLI::Option* server_option_ = nullptr;
    CLI::Option* ns_option_ = nullptr;
    reached how_ = reached::either_way;
    bool ns_said_ = false;
};

/// Adds --profile to the program itself: `work --profile prod stats`.
void add_profile(CLI::App& program);
/// A command that jobs are reached by without a connection says so when it is given --url.
void refuse_server(CLI::App& command);

}  // namespace work::tool
