// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/inspector.hpp>
#include <work/work.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace pool_tests {

/// A client with an enqueuer and an inspector, on a broker of its own: "memory" or "redis".
struct either_broker : testing::TestWithParam<char const*>
{
    either_broker()
    {
        std::string url = "memory:";
        if (GetParam() == std::string("redis"))
            url = server.emplace().url();
        client.emplace(io, url);
        enqueuer.emplace(*client);
        inspector.emplace(*client);
    }
    template <typename T>
    T get(work::task<T> task)
    {
        io.restart();
        return work::testing::run_task(io, std::move(task), std::chrono::seconds(60));
    }

    boost::asio::io_context io{1};
    std::optional<work::testing::redis_server> server;
    std::optional<work::client> client;
    std::optional<work::enqueuer> enqueuer;
    std::optional<work::inspector> inspector;
};

}  // namespace pool_tests
