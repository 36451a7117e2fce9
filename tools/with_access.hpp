// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/log.hpp>
#include <work/task.hpp>

#include <functional>
#include <utility>

#include "access/access.hpp"
#include "connection.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {

/// Runs it with what the connection says: over the broker, or through a server, whose namespace is
/// then the connection's. Its exit code; what it throws leaves here.
int run_with_access(connection& to, std::function<task<int>(access&)> run, logger log);

/// Runs one command. Where the jobs are is settled before. What a client has to log goes to `log`.
template <typename Options>
int with_access(
    connection& to,
    task<int> (*command)(access&, Options const&),
    Options const& options,
    logger log = log_to_stderr
)
{
    return run_with_access(
        to,
        [&options, command](access& at) { return command(at, options); },
        std::move(log)
    );
}

}  // namespace work::tool
