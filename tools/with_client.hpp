// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

#include "connection.hpp"
#include "exit_code.hpp"
#include "reach.hpp"
#include "tls_for.hpp"

namespace work::tool {

template <typename Options>
task<int> reach_and_run(
    connection const& to,
    task<int> (*command)(client&, Options const&),
    client& at,
    Options const& options
)
{
    co_await reach(to.url);
    co_return co_await command(at, options);
}

/// Runs one command against a broker, and returns its exit code. What it throws leaves here. Where
/// the broker is, is settled before. What the client has to log goes to `log`. Of `how` its
/// namespace, TLS and logger are set here.
template <typename Options>
int with_client(
    connection& to,
    task<int> (*command)(client&, Options const&),
    Options const& options,
    logger log = log_to_stderr,
    client_options how = client_options()
)
{
    to.settle();
    boost::asio::io_context io{1};
    how.ns = to.ns;
    how.tls = tls_for(to.url);
    how.logger = std::move(log);
    client at{io, to.url, how};
    int code = failed;
    boost::asio::co_spawn(
        io,
        reach_and_run(to, command, at, options),
        [&code](std::exception_ptr failure, int ended) {
            if (failure)
                std::rethrow_exception(failure);
            code = ended;
        }
    );
    io.run();
    return code;
}

}  // namespace work::tool
