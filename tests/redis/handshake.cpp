// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/handshake.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_redis.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace {

using namespace work::redis;
using work::errc;
using work::task;
using work::testing::fake_redis;
using work::testing::redis_server;
using work::testing::run_task;

struct redis_handshake : testing::Test
{
    reply ask(endpoint const& where, command what)
    {
        connection on(io.get_executor(), where);
        return run_task(io, on.execute(std::move(what)));
    }
    /// The error a first call ends with; "" if it doesn't.
    std::string failure(endpoint const& where, errc expected)
    {
        try {
            ask(where, command("PING"));
            return "";
        } catch (work::error const& thrown) {
            EXPECT_EQ(thrown.code(), expected) << thrown.what();
            return thrown.what();
        }
    }
    boost::asio::io_context io;
};

TEST_F(redis_handshake, greeting_sets_protocol_database_and_name)
{
    redis_server server;
    auto where = server.config();
    where.database = 3;
    where.client_name = "work-test";
    EXPECT_EQ(ask(where, command("CLIENT", "GETNAME")).text(), "work-test");
    auto const info = ask(where, command("CLIENT", "INFO"));
    EXPECT_NE(info.text().find("db=3"), std::string::npos);
    EXPECT_NE(info.text().find("resp=3"), std::string::npos);
    EXPECT_EQ(ask(where, command("CONFIG", "GET", "port")).type(), kind::map);
}

TEST_F(redis_handshake, unix_socket_is_connected_to)
{
    redis_server server;
    auto where = parse_url("unix://" + server.unix_socket() + "?db=2");
    EXPECT_NE(ask(where, command("CLIENT", "INFO")).text().find("db=2"), std::string::npos);
}

TEST_F(redis_handshake, name_is_resolved)
{
    redis_server server;
    auto where = server.config();
    where.host = "localhost";
    EXPECT_EQ(ask(where, command("PING")).text(), "PONG");
}

TEST_F(redis_handshake, name_the_server_refuses_is_a_courtesy)
{
    redis_server server;
    auto where = server.config();
    where.client_name = "with spaces";
    EXPECT_EQ(ask(where, command("PING")).text(), "PONG");
}

TEST_F(redis_handshake, password_and_acl_user_are_used)
{
    redis_server server(
        {"--requirepass",
         "pass word",
         "--user",
         "ada",
         "on",
         ">lovelace",
         "~*",
         "&*",
         "-@all",
         "+hello",
         "+auth",
         "+ping",
         "+client|setname"}
    );
    auto where = server.config();
    where.password = "pass word";
    EXPECT_EQ(ask(where, command("PING")).text(), "PONG");
    where.username = "ada";
    where.password = "lovelace";
    EXPECT_EQ(ask(where, command("PING")).text(), "PONG");
    EXPECT_TRUE(ask(where, command("GET", "a")).text().starts_with("NOPERM"));
    where.database = 1;
    EXPECT_NE(failure(where, errc::refused).find("SELECT"), std::string::npos);
}

TEST_F(redis_handshake, wrong_password_is_refused_with_the_servers_words)
{
    redis_server server({"--requirepass", "right"});
    auto where = server.config();
    where.password = "hunter2";
    auto const said = failure(where, errc::refused);
    EXPECT_NE(said.find("WRONGPASS"), std::string::npos) << said;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
    where.password.clear();
    EXPECT_NE(failure(where, errc::refused).find("NOAUTH"), std::string::npos);
}

// Refused once is not refused for ever: the next call tries again.
TEST_F(redis_handshake, password_set_right_later_is_found)
{
    redis_server server({"--requirepass", "old"});
    auto where = server.config();
    where.password = "new";
    connection on(io.get_executor(), where);
    EXPECT_THROW(run_task(io, on.execute(command("PING"))), work::error);
    auto admin = server.config();
    admin.password = "old";
    ask(admin, command("CONFIG", "SET", "requirepass", "new"));
    EXPECT_EQ(run_task(io, on.execute(command("PING"))).text(), "PONG");
}

TEST_F(redis_handshake, database_out_of_range_is_refused)
{
    redis_server server;
    auto where = server.config();
    where.database = 999;
    EXPECT_NE(failure(where, errc::refused).find("out of range"), std::string::npos);
}

TEST_F(redis_handshake, zone_that_is_no_interface_is_named)
{
    auto where = parse_url("redis://[fe80::1%25nowhere0]:1");
    connection on(io.get_executor(), where);
    call_options soon;
    soon.deadline = std::chrono::milliseconds(300);
    try {
        run_task(io, on.execute(command("PING"), soon));
        ADD_FAILURE();
    } catch (work::error const& failure) {
        std::string const said = failure.what();
        EXPECT_NE(said.find("\"nowhere0\""), std::string::npos) << said;
    }
}

TEST_F(redis_handshake, secret_with_a_line_break_is_suspected)
{
    redis_server server({"--requirepass", "right"});
    auto where = server.config();
    where.password = "right\n";
    auto const said = failure(where, errc::refused);
    EXPECT_NE(said.find("line break"), std::string::npos) << said;
    EXPECT_EQ(said.find("right\n"), std::string::npos) << said;
}

TEST_F(redis_handshake, server_that_is_too_old_is_named_with_its_version)
{
    for (std::string const version : {"6.0.16", "5.0.7", "6.2.14", "2.8"}) {
        fake_redis modern(
            io,
            [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
                co_await client->greet(version);
                co_await client->next();
            }
        );
        fake_redis ancient(
            io,
            [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
                co_await client->next();
                std::string unknown = "-ERR unknown command 'HELLO'\r\n";
                co_await client->send(std::move(unknown));
                co_await client->next();
                std::string const info = "# Server\r\nredis_version:" + version + "\r\nx:1\r\n";
                std::string told = "$" + std::to_string(info.size()) + "\r\n" + info + "\r\n";
                co_await client->send(std::move(told));
                co_await client->next();
            }
        );
        for (auto const* server : {&modern, &ancient}) {
            auto const said = failure(server->config(), errc::refused);
            EXPECT_NE(said.find("its version is " + version + ";"), std::string::npos) << said;
            EXPECT_NE(said.find("Redis 7.0 or newer"), std::string::npos) << said;
        }
    }
    for (std::string const version : {"7.0.0", "7.2.4", "8.0.1", "255.255.255", "unstable"}) {
        fake_redis server(
            io,
            [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
                co_await client->greet(version);
                co_await client->next();
                std::string pong = "+PONG\r\n";
                co_await client->send(std::move(pong));
                co_await client->next();
            }
        );
        EXPECT_EQ(ask(server.config(), command("PING")).text(), "PONG") << version;
    }
}

// A proxy that hangs up on what it does not know, and a port for TLS, which answers an alert.
TEST_F(redis_handshake, what_is_no_redis_is_suspected_by_name)
{
    call_options soon;
    soon.deadline = std::chrono::milliseconds(300);
    auto const said = [&](std::string answer) {
        fake_redis server(
            io,
            [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
                co_await client->next();
                std::string bytes = answer;
                co_await client->send(std::move(bytes));
                client->close();
            }
        );
        connection on(io.get_executor(), server.config());
        try {
            run_task(io, on.execute(command("PING"), soon));
        } catch (work::error const& failure) {
            EXPECT_EQ(failure.code(), errc::unavailable);
            return std::string(failure.what());
        }
        return std::string();
    };
    EXPECT_NE(said("").find("a proxy that does not know"), std::string::npos) << said("");
    EXPECT_NE(said("\x15\x03\x01").find("port for TLS"), std::string::npos);
    EXPECT_NE(said("HTTP/1.1 400 Bad Request\r\n").find("else than a Redis"), std::string::npos);
}

TEST_F(redis_handshake, tls_without_its_transport_says_what_to_do)
{
    auto const said = failure(parse_url("rediss://127.0.0.1:1"), errc::invalid_option);
    EXPECT_NE(said.find("<work/tls.hpp>"), std::string::npos) << said;
}

TEST_F(redis_handshake, server_that_is_full_is_tried_again)
{
    int refusals = 0;
    fake_redis server(
        io,
        [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
            if (client->number() <= 2) {
                ++refusals;
                std::string full = "-ERR max number of clients reached\r\n";
                co_await client->send(std::move(full));
                co_await client->next();
            } else {
                co_await client->greet();
                co_await client->next();
                std::string pong = "+PONG\r\n";
                co_await client->send(std::move(pong));
                co_await client->next();
            }
        }
    );
    EXPECT_EQ(ask(server.config(), command("PING")).text(), "PONG");
    EXPECT_EQ(refusals, 2);
}

// A server or proxy without HELLO: AUTH, and RESP2.
TEST_F(redis_handshake, hello_unknown_falls_back_to_auth)
{
    for (std::string const answer :
         {"-ERR unknown command 'HELLO'\r\n",
          "-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n",
          "-NOPROTO unsupported protocol version\r\n"}) {
        std::vector<std::vector<std::string>> seen;
        fake_redis server(
            io,
            [&](std::shared_ptr<work::testing::fake_connection> client) -> task<void> {
                seen.push_back(co_await client->next());
                std::string unknown = answer;
                co_await client->send(std::move(unknown));
                for (;;) {
                    seen.push_back(co_await client->next());
                    std::string ok = "+OK\r\n";
                    co_await client->send(std::move(ok));
                }
            }
        );
        auto where = server.config();
        where.username = "ada";
        where.password = "pw";
        where.database = 4;
        EXPECT_EQ(ask(where, command("PING")).text(), "OK");
        ASSERT_EQ(seen.size(), 5u);
        EXPECT_EQ(seen[0], (std::vector<std::string>{"HELLO", "3", "AUTH", "ada", "pw"}));
        EXPECT_EQ(seen[1], (std::vector<std::string>{"AUTH", "ada", "pw"}));
        EXPECT_EQ(seen[2], (std::vector<std::string>{"INFO", "server"}));
        EXPECT_EQ(seen[3], (std::vector<std::string>{"SELECT", "4"}));
        EXPECT_EQ(seen[4], (std::vector<std::string>{"PING"}));
    }
}

}  // namespace
