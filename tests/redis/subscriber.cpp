// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/subscriber.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_redis.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::redis;
using work::errc;
using work::task;
using work::testing::fake_redis;
using work::testing::redis_server;
using work::testing::run_dry;
using work::testing::run_task;

struct redis_subscriber : testing::Test
{
    void listen(endpoint const& where, std::vector<std::string> channels)
    {
        subscriber_options options;
        options.reconnect = {1ms, 5ms};
        options.ping_interval = ping;
        options.on_subscribed = [this] { ++subscribed; };
        listener.emplace(io.get_executor(), where, options);
        boost::asio::co_spawn(
            io,
            listener->run(
                std::move(channels),
                [this](std::string_view channel, std::string_view payload) {
                    got.push_back(std::string(channel) + "=" + std::string(payload));
                    if (payload == "throw")
                        throw std::runtime_error("mine");
                }
            ),
            [this](std::exception_ptr thrown) {
                ended = true;
                failure = thrown;
            }
        );
    }
    template <typename Condition>
    bool until(Condition condition)
    {
        auto const end = std::chrono::steady_clock::now() + 60s;
        io.restart();
        while (!condition())
            if (io.run_one_until(end) == 0)
                return condition();
        return true;
    }

    boost::asio::io_context io;
    std::optional<subscriber> listener;
    std::chrono::milliseconds ping{10'000};
    std::vector<std::string> got;
    int subscribed = 0;
    bool ended = false;
    std::exception_ptr failure;
};

TEST_F(redis_subscriber, messages_arrive_in_order)
{
    redis_server server;
    listen(server.config(), {"a", "b"});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    EXPECT_TRUE(listener->stats().connected);
    connection on(io.get_executor(), server.config());
    for (int i = 0; i < 100; ++i)
        run_task(io, on.execute(command("PUBLISH", i % 2 == 0 ? "a" : "b", i)));
    run_task(io, on.execute(command("PUBLISH", "c", "not for us")));
    run_task(io, on.execute(command("PUBLISH", "a", std::string("\r\n\0", 3))));
    ASSERT_TRUE(until([&] { return got.size() == 101; }));
    EXPECT_EQ(got[7], "b=7");
    EXPECT_EQ(got[100], std::string("a=\r\n\0", 5));
    listener->close();
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_TRUE(ended);
    EXPECT_FALSE(failure);
}

TEST_F(redis_subscriber, lost_connection_is_made_anew_and_reported)
{
    redis_server server;
    listen(server.config(), {"a"});
    for (int round = 1; round <= 3; ++round) {
        ASSERT_TRUE(until([&] { return subscribed == round; }));
        connection on(io.get_executor(), server.config());
        run_task(io, on.execute(command("PUBLISH", "a", round)));
        ASSERT_TRUE(until([&] { return got.size() == static_cast<std::size_t>(round); }));
        if (round == 1)
            server.restart();
        else
            server.ask("CLIENT KILL TYPE pubsub");
    }
    EXPECT_EQ(got, (std::vector<std::string>{"a=1", "a=2", "a=3"}));
    EXPECT_GE(listener->stats().failures, 2u);
}

TEST_F(redis_subscriber, channels_can_change_while_it_runs)
{
    redis_server server;
    listen(server.config(), {});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    listener->subscribe("late");
    ASSERT_TRUE(until([&] { return subscribed == 2; }));
    connection on(io.get_executor(), server.config());
    run_task(io, on.execute(command("PUBLISH", "late", 1)));
    ASSERT_TRUE(until([&] { return got.size() == 1; }));
    server.restart();
    ASSERT_TRUE(until([&] { return subscribed == 3; }));
    listener->subscribe("other");
    listener->unsubscribe("late");
    ASSERT_TRUE(until([&] { return subscribed == 4; }));
    EXPECT_EQ(run_task(io, on.execute(command("PUBLISH", "other", 2))).integer(), 1);
    ASSERT_TRUE(until([&] { return got.size() == 2; }));
    EXPECT_EQ(run_task(io, on.execute(command("PUBLISH", "late", 3))).integer(), 0);
    EXPECT_EQ(got.back(), "other=2");
}

// A frozen server is noticed by its silence.
TEST_F(redis_subscriber, silent_server_is_left)
{
    redis_server server;
    ping = 50ms;
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    server.freeze();
    ASSERT_TRUE(until([&] { return listener->stats().failures >= 1; }));
    server.thaw();
    ASSERT_TRUE(until([&] { return subscribed == 2; }));
}

TEST_F(redis_subscriber, quiet_server_that_answers_pings_is_kept)
{
    redis_server server;
    ping = 1'500ms;  // longer than a machine stops for
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    run_dry(io, 3 * ping);
    EXPECT_EQ(listener->stats().failures, 0u);
    EXPECT_EQ(listener->stats().connections, 1u);
}

TEST_F(redis_subscriber, exception_of_the_handler_ends_run)
{
    redis_server server;
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    connection on(io.get_executor(), server.config());
    run_task(io, on.execute(command("PUBLISH", "a", "throw")));
    ASSERT_TRUE(until([&] { return ended; }));
    EXPECT_THROW(std::rethrow_exception(failure), std::runtime_error);
}

TEST_F(redis_subscriber, missing_permission_is_refused)
{
    redis_server server({"--user", "ada", "on", ">pw", "~*", "+@all", "resetchannels"});
    auto where = server.config();
    where.username = "ada";
    where.password = "pw";
    listen(where, {"a"});
    ASSERT_TRUE(until([&] { return ended; }));
    try {
        std::rethrow_exception(failure);
    } catch (work::error const& thrown) {
        EXPECT_EQ(thrown.code(), errc::refused) << thrown.what();
    }
}

// RESP2 sends messages as arrays.
TEST_F(redis_subscriber, server_of_resp2_is_understood)
{
    fake_redis server(
        io,
        [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
            co_await client->next();
            std::string unknown = "-ERR unknown command 'HELLO'\r\n";
            co_await client->send(std::move(unknown));
            co_await client->next();
            std::string info = "$0\r\n\r\n";
            co_await client->send(std::move(info));
            auto const asked = co_await client->next();
            EXPECT_EQ(asked, (std::vector<std::string>{"SUBSCRIBE", "a"}));
            std::string answer = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
                                 "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n";
            co_await client->drip(std::move(answer));
            co_await client->next();
        }
    );
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return got.size() == 1; }));
    EXPECT_EQ(subscribed, 1);
    EXPECT_EQ(got[0], "a=hi");
}

TEST_F(redis_subscriber, destroyed_subscriber_ends_run)
{
    redis_server server;
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return subscribed == 1; }));
    listener.reset();
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_TRUE(ended);
    // And one that can't connect.
    server.kill();
    ended = false;
    listen(server.config(), {"a"});
    ASSERT_TRUE(until([&] { return listener->stats().failures >= 2; }));
    listener.reset();
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_TRUE(ended);
}

// The context goes while it runs: nothing may leak.
TEST_F(redis_subscriber, context_destroyed_after_any_number_of_steps_frees_everything)
{
    redis_server server;
    auto const own = [](boost::asio::any_io_executor executor, endpoint where) -> task<void> {
        subscriber mine(executor, where);
        std::vector<std::string> channels(1, "a");
        subscriber::message_handler const ignore = [](std::string_view, std::string_view) {};
        co_await mine.run(std::move(channels), ignore);
    };
    for (int steps = 0; steps < 20; ++steps) {
        boost::asio::io_context short_lived;
        boost::asio::co_spawn(
            short_lived,
            own(short_lived.get_executor(), server.config()),
            [](std::exception_ptr) {}
        );
        for (int i = 0; i < steps; ++i)
            if (short_lived.run_one_for(100ms) == 0)
                break;
    }
}

}  // namespace
