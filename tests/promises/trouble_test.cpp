// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 6: a pool that can't work says so soon, in few lines, and says when it is over.

#include <work/broker/broker.hpp>

#include "scene.hpp"
#include "support/fake_redis.hpp"

namespace promises {
namespace {

struct told_line
{
    std::chrono::milliseconds after;
    work::log_level level;
    std::string text;
};

/// A pool in this process, and what it logs.
struct watched_pool
{
    watched_pool(boost::asio::io_context& context, std::string const& url)
        : io(context),
          client(io, url, options()),
          pool(client)
    {
        pool.handle("x", [](std::int64_t) -> work::task<void> { co_return; });
        boost::asio::co_spawn(io, pool.run(), [this](std::exception_ptr) { ended = true; });
    }
    ~watched_pool()
    {
        pool.stop();
        io.restart();
        for (int i = 0; i < 3000 && !ended; ++i)
            io.run_one_for(10ms);
    }
    work::client_options options()
    {
        work::client_options o;
        o.ns = "t";
        o.logger = [this](work::log_level level, std::string_view text) {
            std::lock_guard const lock(mutex);
            auto const after = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - begun
            );
            lines.push_back(told_line{after, level, std::string(text)});
        };
        return o;
    }
    void run_for(std::chrono::milliseconds time)
    {
        io.restart();
        io.run_for(time);
    }
    std::vector<told_line> told(work::log_level at_least)
    {
        std::lock_guard const lock(mutex);
        std::vector<told_line> some;
        for (told_line const& line : lines)
            if (line.level >= at_least)
                some.push_back(line);
        return some;
    }

    boost::asio::io_context& io;
    std::chrono::steady_clock::time_point const begun = std::chrono::steady_clock::now();
    std::mutex mutex;
    std::vector<told_line> lines;
    bool ended = false;
    work::client client;
    work::worker_pool pool;
};

struct trouble : testing::Test
{
    /// One line within 2 s (and some for a busy machine), and no other for as long as it lasts.
    void expect_one_line(
        watched_pool& p,
        std::string const& server,
        std::string const& connection,
        std::string const& reason,
        std::string const& way_out
    )
    {
        p.run_for(7s);
        auto const lines = p.told(work::log_level::warning);
        std::string all;
        for (told_line const& line : lines)
            all += line.text + "\n";
        ASSERT_EQ(lines.size(), 1u) << all;
        std::cout << "[ figures  ] after " << lines[0].after.count() << " ms: " << lines[0].text
                  << '\n';
        in_time(lines[0].after.count(), 3'000);
        EXPECT_NE(lines[0].text.find("the Redis server " + server), std::string::npos);
        EXPECT_NE(lines[0].text.find(connection), std::string::npos);
        EXPECT_NE(lines[0].text.find(reason), std::string::npos);
        EXPECT_NE(lines[0].text.find(way_out), std::string::npos);
    }
    void expect_over(watched_pool& p)
    {
        for (int i = 0; i < 100 && p.told(work::log_level::info).size() < 2; ++i)
            p.run_for(100ms);
        auto const lines = p.told(work::log_level::info);
        ASSERT_EQ(lines.size(), 2u);
        EXPECT_NE(lines[1].text.find("can be used again after"), std::string::npos)
            << lines[1].text;
        EXPECT_EQ(p.client.broker()->trouble(), "");
    }
    boost::asio::io_context io;
};

TEST_F(trouble, nobody_listens)
{
    work::testing::redis_server server;
    server.kill();
    watched_pool p(io, server.url());
    expect_one_line(p, server.url(), "commands", "Connection refused", "nothing listens there");
    server.start();
    expect_over(p);
}

TEST_F(trouble, host_is_unknown)
{
    watched_pool p(io, "redis://no-such-host.invalid");
    expect_one_line(
        p,
        "redis://no-such-host.invalid:6379",
        "commands",
        "Host not found",
        "check its name"
    );
}

TEST_F(trouble, server_takes_some_connections_and_no_more)
{
    work::testing::redis_server server;
    server.ask("CONFIG SET maxclients 2");
    watched_pool p(io, server.url());
    expect_one_line(
        p,
        server.url(),
        "connection wait",
        "max number of clients",
        "raise its maxclients"
    );
    // What still works says what does not.
    std::string const status = server.ask("EVAL \"return redis.call('GET', "
                                          "redis.call('KEYS', '*status*')[1])\" 0");
    EXPECT_NE((status + p.client.broker()->trouble()).find("connection wait: "), std::string::npos);
}

TEST_F(trouble, password_is_wrong_or_missing)
{
    work::testing::redis_server server({"--requirepass", "right"});
    std::string const port = std::to_string(server.port());
    {
        watched_pool p(io, "redis://:hunter2@127.0.0.1:" + port);
        expect_one_line(p, server.url(), "commands", "WRONGPASS", "check user name and password");
        EXPECT_EQ(p.told(work::log_level::debug)[0].text.find("hunter2"), std::string::npos);
    }
    watched_pool p(io, server.url());
    expect_one_line(p, server.url(), "commands", "NOAUTH", "it wants a password");
}

TEST_F(trouble, server_is_loading)
{
    bool loading = true;
    using connection = std::shared_ptr<work::testing::fake_connection>;
    work::testing::fake_redis server(io, [&](connection client) -> work::task<void> {
        co_await client->greet();
        while (loading) {
            co_await client->next();
            std::string answer = "-LOADING Redis is loading the dataset in memory\r\n";
            co_await client->send(std::move(answer));
        }
    });
    watched_pool p(io, work::redis::describe(server.config()));
    expect_one_line(
        p,
        work::redis::describe(server.config()),
        "commands",
        "LOADING",
        "can be used when it has done so"
    );
}

TEST_F(trouble, server_is_a_replica)
{
    work::testing::redis_server primary;
    std::string const of = "127.0.0.1 " + std::to_string(primary.port());
    work::testing::redis_server replica({"--replicaof", of});
    watched_pool p(io, replica.url());
    expect_one_line(p, replica.url(), "commands", "READONLY", "connect to the primary");
    replica.ask("REPLICAOF NO ONE");
    expect_over(p);
}

TEST_F(trouble, server_is_too_old)
{
    using connection = std::shared_ptr<work::testing::fake_connection>;
    work::testing::fake_redis server(io, [](connection client) -> work::task<void> {
        co_await client->greet("6.0.16");
        co_await client->next();
    });
    watched_pool p(io, work::redis::describe(server.config()));
    expect_one_line(
        p,
        work::redis::describe(server.config()),
        "commands",
        "its version is 6.0.16",
        "needs Redis 7.0 or newer"
    );
}

}  // namespace
}  // namespace promises
