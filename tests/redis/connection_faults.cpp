// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Lanes against a server that misbehaves in just the way a test wants.

#include <work/error.hpp>
#include <work/redis/connection.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/fake_redis.hpp"
#include "support/run_task.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::redis;
using work::errc;
using work::task;
using work::testing::fake_connection;
using work::testing::fake_redis;
using work::testing::run_until;
using work::testing::started;

using served = std::shared_ptr<fake_connection>;

connection_options quick()
{
    connection_options result;
    result.reconnect = {1ms, 5ms};
    return result;
}

task<void> echo_forever(served client)
{
    for (;;) {
        auto const words = co_await client->next();
        std::string answer = "+" + words.back() + "\r\n";
        co_await client->send(std::move(answer));
    }
}

struct redis_connection_faults : testing::Test
{
    bool ended(started<reply> const& call)
    {
        return run_until(io, [&] { return call.ended(); });
    }
    boost::asio::io_context io;
};

TEST_F(redis_connection_faults, cut_before_the_reply_is_an_unknown_outcome)
{
    std::vector<std::string> seen;
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        seen = co_await client->next();
        client->close();
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("ECHO", "one")));
    ASSERT_TRUE(ended(first));
    EXPECT_EQ(first.code(), errc::outcome_unknown);
    EXPECT_EQ(seen.back(), "one");
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
    EXPECT_EQ(server.connections(), 2u);
}

TEST_F(redis_connection_faults, cut_inside_a_reply_fails_that_call_alone)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        co_await client->next();
        co_await client->next();
        std::string cut = "+one\r\n$5\r\ntw";
        co_await client->send(std::move(cut));
        client->close();
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("ECHO", "one")));
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(first.value().text(), "one");
    EXPECT_EQ(second.code(), errc::outcome_unknown);
}

// A command that no byte went out of is sent on the next connection; one that was begun isn't.
TEST_F(redis_connection_faults, unwritten_call_moves_to_the_next_connection)
{
    fake_redis server(io, [&](served client) -> task<void> {
        if (client->number() == 1)
            client->socket().set_option(boost::asio::socket_base::receive_buffer_size(4096));
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        // Some of it, and then no more.
        co_await client->socket().async_wait(
            boost::asio::socket_base::wait_read,
            boost::asio::use_awaitable
        );
        client->socket().set_option(boost::asio::socket_base::linger(true, 0));
        client->close();
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> large(io, on.execute(command("ECHO", std::string(32u << 20, 'x'))));
    started<reply> small(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(small));
    EXPECT_EQ(large.code(), errc::outcome_unknown);
    EXPECT_EQ(small.value().text(), "two");
    EXPECT_EQ(server.connections(), 2u);
}

TEST_F(redis_connection_faults, stalled_reply_fails_sent_calls_and_keeps_unsent_ones)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        for (;;)
            co_await client->next();
    });
    auto options = quick();
    options.max_sent_calls = 2;
    connection on(io.get_executor(), server.config(), options);
    call_options soon;
    soon.deadline = 2s;
    started<reply> first(io, on.execute(command("ECHO", "one"), soon));
    started<reply> second(io, on.execute(command("ECHO", "two")));
    started<reply> third(io, on.execute(command("ECHO", "three")));
    ASSERT_TRUE(ended(third));
    EXPECT_EQ(first.code(), errc::outcome_unknown);
    EXPECT_EQ(second.code(), errc::outcome_unknown);
    EXPECT_EQ(third.value().text(), "three");
}

TEST_F(redis_connection_faults, reply_in_single_bytes_is_put_together)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        co_await client->next();
        std::string bytes =
            ">2\r\n+invalidate\r\n*0\r\n|1\r\n+a\r\n:1\r\n*2\r\n$3\r\nabc\r\n:5\r\n";
        co_await client->drip(std::move(bytes));
        co_await echo_forever(client);
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> call(io, on.execute(command("X")));
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.value()[0].text(), "abc");
    EXPECT_EQ(call.value()[1].integer(), 5);
    EXPECT_EQ(on.stats().pushes, 1u);
}

TEST_F(redis_connection_faults, bytes_that_are_no_resp_end_the_connection)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        co_await client->next();
        std::string bytes = "HTTP/1.1 400 Bad Request\r\n\r\n";
        co_await client->send(std::move(bytes));
        co_await client->next();
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("X")));
    ASSERT_TRUE(ended(first));
    EXPECT_EQ(first.code(), errc::outcome_unknown);
    EXPECT_NE(first.message().find("RESP"), std::string::npos) << first.message();
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
}

TEST_F(redis_connection_faults, reply_nobody_asked_for_ends_the_connection)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        if (client->number() > 1)
            co_await echo_forever(client);
        co_await client->next();
        std::string bytes = "+one\r\n+more\r\n";
        co_await client->send(std::move(bytes));
        co_await client->next();
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("ECHO", "one")));
    ASSERT_TRUE(ended(first));
    EXPECT_EQ(first.value().text(), "one");
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
    EXPECT_EQ(server.connections(), 2u);
}

// A server that greets and hangs up is called again with pauses, not in a hot loop.
TEST_F(redis_connection_faults, server_that_hangs_up_at_once_is_not_hammered)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        client->close();
    });
    connection on(io.get_executor(), server.config());
    auto const begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) {
        started<reply> call(io, on.execute(command("X")));
        ASSERT_TRUE(ended(call));
    }
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 100ms);
    EXPECT_LE(server.connections(), 8u);
}

// A whole answer, but "not now": it is the caller who decides.
TEST_F(redis_connection_faults, loading_reply_is_a_reply)
{
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        for (;;) {
            co_await client->next();
            std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
            co_await client->send(std::move(loading));
        }
    });
    connection on(io.get_executor(), server.config(), quick());
    for (int i = 0; i < 3; ++i) {
        started<reply> call(io, on.execute(command("X")));
        ASSERT_TRUE(ended(call));
        EXPECT_TRUE(call.value().text().starts_with("LOADING"));
    }
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(redis_connection_faults, errors_that_ask_for_it_lead_to_a_new_connection)
{
    for (std::string const word : {"READONLY", "UNBLOCKED", "MASTERDOWN", "NOAUTH"}) {
        fake_redis server(io, [&](served client) -> task<void> {
            co_await client->greet();
            if (client->number() > 1)
                co_await echo_forever(client);
            co_await client->next();
            std::string error = "-" + word + " text\r\n";
            co_await client->send(std::move(error));
            co_await client->next();
        });
        connection on(io.get_executor(), server.config(), quick());
        started<reply> first(io, on.execute(command("X")));
        ASSERT_TRUE(ended(first));
        EXPECT_TRUE(first.value().text().starts_with(word));
        started<reply> second(io, on.execute(command("ECHO", "two")));
        ASSERT_TRUE(ended(second));
        EXPECT_EQ(second.value().text(), "two");
        EXPECT_EQ(server.connections(), 2u) << word;
    }
}

// The reply of a call that was given up belongs to nobody, and to no other call.
TEST_F(redis_connection_faults, cancelled_sent_call_leaves_its_reply_behind)
{
    std::size_t received = 0;
    boost::asio::steady_timer gate(io, boost::asio::steady_timer::time_point::max());
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        for (received = 0; received < 2; ++received)
            co_await client->next();
        boost::system::error_code opened;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, opened);
        co_await gate.async_wait(token);
        std::string both = "+one\r\n+two\r\n";
        co_await client->send(std::move(both));
        co_await echo_forever(client);
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("ECHO", "one")));
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(run_until(io, [&] { return received == 2; }));
    first.cancel(boost::asio::cancellation_type::total);
    io.poll();
    EXPECT_FALSE(first.ended());  // it may have been carried out
    first.cancel();
    ASSERT_TRUE(ended(first));
    EXPECT_EQ(first.code(), boost::asio::error::operation_aborted);
    EXPECT_FALSE(second.ended());
    gate.cancel();
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
    started<reply> third(io, on.execute(command("ECHO", "three")));
    ASSERT_TRUE(ended(third));
    EXPECT_EQ(third.value().text(), "three");
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(redis_connection_faults, cancelled_unsent_call_is_never_sent)
{
    std::vector<std::string> seen;
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        for (;;) {
            auto const words = co_await client->next();
            seen.push_back(words.back());
            std::string ok = "+OK\r\n";
            co_await client->send(std::move(ok));
        }
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("ECHO", "one")));
    started<reply> second(io, on.execute(command("ECHO", "two")));
    started<reply> third(io, on.execute(command("ECHO", "three")));
    ASSERT_TRUE(run_until(io, [&] { return on.stats().waiting == 3; }));
    second.cancel();
    ASSERT_TRUE(ended(third));
    EXPECT_EQ(second.code(), boost::asio::error::operation_aborted);
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "three"}));
}

// When all that wait have been cancelled, nothing holds up the context, even if the server does.
TEST_F(redis_connection_faults, connection_whose_callers_have_gone_holds_no_work)
{
    bool asked = false;
    auto server = std::make_optional<fake_redis>(io, [&](served client) -> task<void> {
        co_await client->greet();
        co_await client->next();
        asked = true;
        // Told to go on by the next byte.
        co_await client->socket().async_wait(
            boost::asio::socket_base::wait_read,
            boost::asio::use_awaitable
        );
        std::string late = "+late\r\n";
        co_await client->send(std::move(late));
        co_await echo_forever(client);
    });
    connection on(io.get_executor(), server->config(), quick());
    call_options never;
    never.deadline = no_deadline;
    started<reply> first(io, on.execute(command("X"), never));
    ASSERT_TRUE(run_until(io, [&] { return asked; }));
    first.cancel();
    ASSERT_TRUE(ended(first));
    EXPECT_EQ(on.stats().sent, 0u);
    EXPECT_TRUE(on.stats().connected);
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
    EXPECT_EQ(server->connections(), 1u);
}

// Cancelled while connecting to a server that says nothing: the attempt ends.
TEST_F(redis_connection_faults, cancelled_while_connecting_ends_the_attempt)
{
    std::size_t connected = 0;
    fake_redis server(io, [&](served client) -> task<void> {
        ++connected;
        co_await client->next();
        if (client->number() == 1)
            for (;;)
                co_await client->next();
        std::string hello = "%0\r\n";
        co_await client->send(std::move(hello));
        co_await echo_forever(client);
    });
    connection on(io.get_executor(), server.config(), quick());
    started<reply> first(io, on.execute(command("X")));
    ASSERT_TRUE(run_until(io, [&] { return connected == 1; }));
    first.cancel();
    io.poll();
    EXPECT_EQ(first.code(), boost::asio::error::operation_aborted);
    started<reply> second(io, on.execute(command("ECHO", "two")));
    ASSERT_TRUE(ended(second));
    EXPECT_EQ(second.value().text(), "two");
}

TEST_F(redis_connection_faults, greeting_without_an_answer_ends_at_the_connect_timeout)
{
    fake_redis server(io, [&](served client) -> task<void> {
        for (;;)
            co_await client->next();
    });
    auto config = server.config();
    config.connect_timeout = 50ms;
    connection on(io.get_executor(), config, quick());
    call_options soon;
    soon.deadline = 2s;
    started<reply> call(io, on.execute(command("X"), soon));
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::unavailable);
    EXPECT_NE(call.message().find("50 ms"), std::string::npos) << call.message();
    EXPECT_GE(server.connections(), 2u);
}

// Random cuts, stalls and closures: every call ends, and with what is true.
TEST_F(redis_connection_faults, random_faults_leave_every_call_with_an_end)
{
    std::minstd_rand random(7);
    std::vector<int> carried_out(3'000, 0);
    fake_redis server(io, [&](served client) -> task<void> {
        co_await client->greet();
        for (;;) {
            auto const words = co_await client->next();
            if (random() % 50 == 0)
                client->close();
            ++carried_out[std::stoul(words.back())];
            std::string answer = "+" + words.back() + "\r\n";
            if (random() % 50 == 0)
                answer.resize(answer.size() / 2);
            bool const cut = !answer.ends_with('\n');
            co_await client->send(std::move(answer));
            if (cut)
                client->close();
        }
    });
    connection on(io.get_executor(), server.config(), quick());
    std::size_t done = 0;
    std::size_t lost = 0;
    auto const worker = [&](std::size_t first) -> task<int> {
        for (std::size_t i = first; i < carried_out.size(); i += 30) {
            std::string const number = std::to_string(i);
            bool failed = false;
            try {
                reply const got = co_await on.execute(command("ECHO", number));
                EXPECT_EQ(got.text(), number);
                EXPECT_EQ(carried_out[i], 1);
            } catch (work::error const& failure) {
                EXPECT_EQ(failure.code(), errc::outcome_unknown);
                failed = true;
            }
            EXPECT_LE(carried_out[i], 1);
            lost += failed ? 1 : 0;
            ++done;
        }
        co_return 0;
    };
    std::vector<started<int>> workers;
    for (std::size_t i = 0; i < 30; ++i)
        workers.emplace_back(io, worker(i));
    ASSERT_TRUE(run_until(io, [&] { return done == carried_out.size(); }));
    EXPECT_GT(lost, 0u);
    EXPECT_GT(server.connections(), 10u);
}

/// Waits on the clock of a fake server.
task<void> pause(served client, std::chrono::milliseconds time)
{
    boost::asio::steady_timer timer(client->socket().get_executor(), time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

// A large answer on a slow link is waited for; the deadline of the call ends it all the same.
TEST_F(redis_connection_faults, answer_that_drips_is_waited_for_while_it_drips)
{
    fake_redis server(io, [](served client) -> task<void> {
        co_await client->greet();
        for (;;) {
            co_await client->next();
            std::string head = "$40\r\n";
            co_await client->send(std::move(head));
            for (int i = 0; i < 40; ++i) {
                std::string one = "x";
                co_await client->send(std::move(one));
                co_await pause(client, 60ms);
            }
            std::string end = "\r\n";
            co_await client->send(std::move(end));
        }
    });
    connection on(io.get_executor(), server.config(), quick());
    call_options patient;
    patient.silence = 2s;  // longer than a machine stops for
    started<reply> slow(io, on.execute(command("GET", "a"), patient));
    ASSERT_TRUE(ended(slow));
    EXPECT_EQ(slow.value().text().size(), 40u);
    call_options hurried = patient;
    hurried.deadline = 2'200ms;
    started<reply> cut(io, on.execute(command("GET", "a"), hurried));
    ASSERT_TRUE(ended(cut));
    EXPECT_EQ(cut.code(), errc::outcome_unknown);
}

TEST_F(redis_connection_faults, silence_in_the_middle_of_an_answer_ends_the_connection)
{
    fake_redis server(io, [](served client) -> task<void> {
        co_await client->greet();
        co_await client->next();
        std::string half = "$4\r\nab";
        co_await client->send(std::move(half));
        co_await client->next();
    });
    connection on(io.get_executor(), server.config(), quick());
    call_options patient;
    patient.deadline = no_deadline;
    patient.silence = 200ms;
    started<reply> call(io, on.execute(command("GET", "a"), patient));
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::outcome_unknown);
    EXPECT_NE(call.message().find("neither took nor gave a byte for"), std::string::npos)
        << call.message();
}

// What the server takes slowly is progress as well.
TEST_F(redis_connection_faults, request_that_is_taken_slowly_is_waited_for)
{
    constexpr std::size_t size = 24u << 20;
    fake_redis server(io, [](served client) -> task<void> {
        co_await client->greet();
        client->socket().set_option(boost::asio::socket_base::receive_buffer_size(64 << 10));
        std::string bytes(1u << 20, ' ');
        std::size_t got = 0;
        while (got < size) {
            auto const some = co_await client->socket().async_read_some(
                boost::asio::buffer(bytes),
                boost::asio::use_awaitable
            );
            got += some;
            co_await pause(client, 16ms);
        }
        std::string ok = "+OK\r\n";
        co_await client->send(std::move(ok));
        co_await client->next();
    });
    connection on(io.get_executor(), server.config(), quick());
    call_options patient;
    patient.deadline = no_deadline;
    patient.silence = 2s;
    std::string const value(size, 'v');
    started<reply> call(io, on.execute(command("SET", "a", value), patient));
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), boost::system::error_code()) << call.message();
}

}  // namespace
