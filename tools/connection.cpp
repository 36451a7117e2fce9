// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "connection.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>

#include <cstdlib>
#include <fstream>

#include "config_file.hpp"
#include "times.hpp"

namespace work::tool {
namespace {

std::string variable(char const* name)
{
    char const* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// The first line of a file, without what stands around it.
std::string read_token(std::string const& path)
{
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    std::string token(detail::trimmed(line));
    if (!in || token.empty())
        throw error(
            errc::invalid_option,
            "the token file " + detail::quote(path) +
                " can't be read, or its first line is empty: it has the token that work token shows"
        );
    return token;
}

void add_times(CLI::App& command)
{
    auto* const utc = command.add_flag_callback(
        "--utc",
        [] { show_times(times::utc); },
        "Times as such, in UTC, in the place of how long ago"
    );
    command
        .add_flag_callback(
            "--local",
            [] { show_times(times::local); },
            "The same by the clock of this machine"
        )
        ->excludes(utc);
}

[[noreturn]] void needs_broker(std::string const& command, std::string const& who_says)
{
    throw error(
        errc::invalid_option,
        "work " + command + " works on the broker itself, and " + who_says +
            " names a server: say --redis URL"
    );
}

}  // namespace

void connection::add_to(CLI::App& command, reached how)
{
    command_ = &command;
    how_ = how;
    url_option_ = command
                      .add_option(
                          "--redis",
                          url,
                          "The broker: redis://[user[:password]@]host[:port][/db], or "
                          "WORK_REDIS_URL"
                      )
                      ->type_name("URL")
                      ->capture_default_str();
    server_option_ =
        command
            .add_option(
                "--url",
                server,
                "Go through this work server in place of the broker: http://host:port, or WORK_URL"
            )
            ->type_name("URL")
            ->excludes(url_option_);
    if (how != reached::own_namespace)
        ns_option_ = command.add_option("--ns", ns, "The namespace")
                         ->envname("WORK_NAMESPACE")
                         ->type_name("NAME")
                         ->capture_default_str();
    command.add_option("--profile", profile_, "What the configuration file calls so")
        ->envname("WORK_PROFILE")
        ->type_name("NAME");
    if (how != reached::either_way) {
        server_option_->group("");  // known, so that it can be said why it is none here
        return;
    }
    add_times(command);
    command
        .add_option("--token-file", token_file_, "With the token for --url, or WORK_TOKEN is it")
        ->type_name("FILE");
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
    bool const ns_given = ns_option_ != nullptr && ns_option_->count() > 0;
    ns_said_ = ns_given || found.ns;
    if (!ns_given && found.ns)
        ns = *found.ns;
    environment = found.environment.value_or("");
    settle_where(found);
    if (!server.empty())
        settle_token(found);
}

void connection::settle_where(profile const& found)
{
    if (url_option_->count() > 0)
        return;
    if (server_option_->count() > 0)
        return check_reached("--url");
    std::string const redis_there = variable("WORK_REDIS_URL");
    std::string const server_there = variable("WORK_URL");
    if (!redis_there.empty() && !server_there.empty())
        throw error(
            errc::invalid_option,
            "WORK_REDIS_URL and WORK_URL are both set: unset one, or say --redis or --url"
        );
    if (!redis_there.empty()) {
        url = redis_there;
    } else if (!server_there.empty()) {
        server = server_there;
        check_reached("WORK_URL");
    } else if (found.url) {
        server = *found.url;
        check_reached("the configuration file");
    } else if (found.redis) {
        url = *found.redis;
    }
}

void connection::settle_token(profile const& found)
{
    token = variable("WORK_TOKEN");
    if (!token_file_.empty())
        token = read_token(token_file_);
    else if (token.empty() && found.token_file)
        token = read_token(*found.token_file);
    // It becomes part of a header.
    for (char const c : token)
        if (c <= ' ' || c > '~')
            throw error(errc::invalid_option, "the token has a character that none has");
}

void connection::check_reached(std::string const& who_says) const
{
    if (how_ != reached::either_way)
        needs_broker(command_->get_name(), who_says);
}

void connection::serves(std::string const& namespace_there)
{
    if (ns_said_ && namespace_there != ns)
        throw error(
            errc::invalid_option,
            "the server has the namespace " + detail::quote(namespace_there) + ", and not " +
                detail::quote(ns) + ": leave --ns and WORK_NAMESPACE out, or ask another server"
        );
    ns = namespace_there;
}

void add_profile(CLI::App& program)
{
    program
        .add_option("--profile", "What the configuration file calls so: see docs/command-line.md")
        ->type_name("NAME");
}

void refuse_server(CLI::App& command)
{
    command
        .add_option_function<std::string>(
            "--url",
            [name = command.get_name()](std::string const&) {
                throw CLI::ValidationError(
                    "work " + name +
                    " works on the broker itself, and --url names a server: say "
                    "--redis URL"
                );
            }
        )
        ->group("");
}

}  // namespace work::tool
