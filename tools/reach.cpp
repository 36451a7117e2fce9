// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "reach.hpp"

#include <work/redis/command.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/endpoint.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <utility>

#include "tls_for.hpp"

namespace work::tool {

task<void> reach(std::string url)
{
    if (url.starts_with("memory:"))
        co_return;
    auto const executor = co_await boost::asio::this_coro::executor;
    redis::endpoint server = redis::parse_url(url);
    server.client_name = "work:tool";
    redis::connection connection(executor, std::move(server), connection_for(url));
    redis::command ping("PING");
    redis::call_options options;
    options.deadline = std::chrono::seconds(3);
    co_await connection.execute(std::move(ping), options);
}

}  // namespace work::tool
