// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/prepared_program.hpp"

namespace work::testing {

struct tool_result
{
    int code = -1;  ///< 128 + n when signal n ended it
    std::string out;
    std::string err;
};

/// Where the program `work` is.
inline std::string tool_path()
{
    char const* const program = std::getenv("WORK_TOOL");
    if (!program)
        throw std::runtime_error("WORK_TOOL does not say where the program is: run this by ctest");
    return program;
}

/// Nothing of what is around says where the broker is, but what the test says.
inline std::vector<std::string> tool_environment(std::vector<std::string> const& said)
{
    std::vector<std::string> changes = {
        "WORK_REDIS_URL",
        "WORK_URL",
        "WORK_TOKEN",
        "WORK_NAMESPACE",
        "WORK_PROFILE",
        "COLUMNS",
        "NO_COLOR",
        "EDITOR",
        "VISUAL",
        "XDG_CONFIG_HOME=/nonexistent"
    };
    // Hundreds of runs: to look for leaks takes longer than each, and tests in one process do it.
    if (char const* const sanitizer = std::getenv("ASAN_OPTIONS"))
        changes.push_back("ASAN_OPTIONS=" + std::string(sanitizer) + ":detect_leaks=0");
    changes.insert(changes.end(), said.begin(), said.end());
    return changes;
}

/// Runs a program to its end, in this directory or another one; its first argument is its name.
/// `on_output` sees all of stderr so far, and the process, each time something comes.
inline tool_result run_program(
    std::string const& program,
    std::vector<std::string> arguments,
    std::vector<std::string> const& environment = {},
    std::function<void(std::string const&, ::pid_t)> const& on_output = {},
    std::string const& directory = "."
)
{
    int out[2];
    int err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    work_test::prepared_program const prepared(
        program,
        std::move(arguments),
        tool_environment(environment)
    );
    ::pid_t const child = ::fork();
    if (child < 0)
        throw std::runtime_error("no process");
    if (child == 0) {
        ::dup2(out[1], 1);
        ::dup2(err[1], 2);
        if (::chdir(directory.c_str()) == 0)
            prepared.run();
        ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    tool_result result;
    pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (::poll(ends, 2, -1) < 0 && errno != EINTR)
            break;
        for (int i = 0; i != 2; ++i) {
            if (ends[i].fd < 0 || ends[i].revents == 0)
                continue;
            char buffer[4096];
            auto const got = ::read(ends[i].fd, buffer, sizeof buffer);
            if (got <= 0) {
                ends[i].fd = -1;
                continue;
            }
            (i == 0 ? result.out : result.err).append(buffer, static_cast<std::size_t>(got));
            if (i == 1 && on_output)
                on_output(result.err, child);
        }
    }
    ::close(out[0]);
    ::close(err[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

/// The same with the program `work`.
inline tool_result run_tool(
    std::vector<std::string> arguments,
    std::vector<std::string> const& environment = {},
    std::function<void(std::string const&, ::pid_t)> const& on_output = {},
    std::string const& directory = "."
)
{
    arguments.insert(arguments.begin(), "work");
    return run_program(tool_path(), std::move(arguments), environment, on_output, directory);
}

}  // namespace work::testing
