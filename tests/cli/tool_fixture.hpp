// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/context.hpp>
#include <work/inspector.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/run_tool.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace work::testing {

/// Tests of commands, on a redis-server of their own that each begins empty.
class tool_test : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { server = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { server.reset(); }
    void SetUp() override { server->ask("FLUSHALL"); }

    static std::vector<std::string> environment() { return {"WORK_REDIS_URL=" + server->url()}; }
    static tool_result run(std::vector<std::string> arguments)
    {
        return run_tool(std::move(arguments), environment());
    }
    static std::string enqueued(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "enqueue");
        auto const r = run(std::move(arguments));
        EXPECT_EQ(r.code, 0) << r.err;
        return r.out.substr(0, r.out.find('\n'));
    }
    static boost::json::object json(std::vector<std::string> arguments, int code = 0)
    {
        arguments.emplace_back("--json");
        auto const r = run(std::move(arguments));
        EXPECT_EQ(r.code, code) << r.err;
        EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 1) << r.out;
        return boost::json::parse(r.out).as_object();
    }

    static inline std::unique_ptr<redis_server> server;
};

inline std::vector<std::string> lines_of(std::string const& text)
{
    std::vector<std::string> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        all.push_back(line);
    return all;
}

/// A worker pool in a thread of its own, which shows itself before the constructor returns. Its
/// jobs do nothing; those named "text" take one.
class running_pool
{
public:
    running_pool(std::string const& url, std::vector<std::string> const& names)
        : client_(io_, url),
          pool_(client_, {.concurrency = 7})
    {
        pool_.handle("text", [](context&, std::string) -> task<void> { co_return; });
        for (std::string const& name : names)
            pool_.handle(name, [](context&) -> task<void> { co_return; });
        boost::asio::co_spawn(io_, pool_.run(), [](std::exception_ptr) {});
        thread_ = std::thread([this] { io_.run(); });
        boost::asio::io_context io{1};
        client here(io, url);
        inspector look(here);
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (bool shown = false; !shown && std::chrono::steady_clock::now() < until;) {
            auto const all = run_task(io, look.pools());
            shown = std::any_of(all.begin(), all.end(), [&](pool_info const& one) {
                return one.pool == pool_.id();
            });
        }
    }
    ~running_pool()
    {
        boost::asio::post(io_, [this] { pool_.stop(); });
        thread_.join();
    }

private:
    boost::asio::io_context io_{1};
    client client_;
    worker_pool pool_;
    std::thread thread_;
};

}  // namespace work::testing
