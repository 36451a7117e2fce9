// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection.hpp"
#include "exit_code.hpp"

#include <work/client.hpp>
#include <work/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>

namespace work::tool {

/// Runs one command against a broker, and returns its exit code. What it throws leaves here.
///
/// A person waits, so an enqueue gives up after 3 s rather than 10.
template <typename Options>
int with_client(connection const& to, task<int> (*command)(client&, Options const&),
                Options const& options)
{
    boost::asio::io_context io;
    client_options how;
    how.ns = to.ns;
    how.enqueue_deadline = std::chrono::seconds(3);
    client at{io, to.url, how};
    int code = failed;
    boost::asio::co_spawn(io, command(at, options), [&code](std::exception_ptr failure, int ended) {
        if (failure)
            std::rethrow_exception(failure);
        code = ended;
    });
    io.run();
    return code;
}

}  // namespace work::tool
