// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Lanes against a real redis-server: order, sharing, idleness, restarts, freezes.

#include <work/error.hpp>
#include <work/redis/connection.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::redis;
using work::errc;
using work::task;
using work::testing::redis_server;
using work::testing::run_dry;
using work::testing::run_task;
using work::testing::run_until;
using work::testing::started;

struct redis_connection : testing::Test
{
    reply ask(connection& on, command what) { return run_task(io, on.execute(std::move(what))); }

    boost::asio::io_context io;
    redis_server server;
};

TEST_F(redis_connection, execute_returns_the_reply)
{
    connection on(io.get_executor(), server.config());
    EXPECT_EQ(ask(on, command("SET", "a", 42)).text(), "OK");
    EXPECT_EQ(ask(on, command("GET", "a")).text(), "42");
    EXPECT_EQ(ask(on, command("INCR", "a")).integer(), 43);
    EXPECT_TRUE(ask(on, command("GET", "b")).is_null());
    EXPECT_EQ(on.stats().commands, 4u);
    EXPECT_EQ(on.stats().connections, 1u);
    EXPECT_TRUE(on.stats().connected);
    EXPECT_GT(on.stats().last_round_trip.count(), 0);
}

TEST_F(redis_connection, execute_all_returns_all_replies_in_order)
{
    connection on(io.get_executor(), server.config());
    command some;
    for (int i = 0; i < 1000; ++i)
        some.push("ECHO", i);
    some.push("NOSUCHCOMMAND").push("ECHO", "last");
    auto const replies = run_task(io, on.execute_all(std::move(some)));
    ASSERT_EQ(replies.size(), 1002u);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(replies[static_cast<std::size_t>(i)].integer(), i);
    EXPECT_TRUE(replies[1000].is_error());
    EXPECT_EQ(replies[1001].text(), "last");
}

TEST_F(redis_connection, command_of_wrong_shape_is_refused_at_the_call)
{
    connection on(io.get_executor(), server.config());
    command two;
    two.push("PING").push("PING");
    command cut;
    cut.begin(2).arg("GET");
    EXPECT_THROW((void)on.execute(two), work::error);
    EXPECT_THROW((void)on.execute(cut), work::error);
    EXPECT_THROW((void)on.execute(command()), work::error);
    EXPECT_THROW((void)on.execute_all(command()), work::error);
    EXPECT_THROW((void)on.execute_raw(""), work::error);
}

// An error reply is a reply: nobody else notices.
TEST_F(redis_connection, error_reply_disturbs_nobody)
{
    connection on(io.get_executor(), server.config());
    std::vector<started<reply>> calls;
    for (int i = 0; i < 100; ++i) {
        command what;
        if (i % 2 == 0)
            what.push("ECHO", i);
        else
            what.push("NOSUCHCOMMAND");
        calls.emplace_back(io, on.execute(std::move(what)));
    }
    ASSERT_TRUE(run_until(io, [&] { return calls.back().ended(); }));
    for (int i = 0; i < 100; ++i) {
        auto const& got = calls[static_cast<std::size_t>(i)].value();
        EXPECT_EQ(got.is_error(), i % 2 == 1);
        if (i % 2 == 0) {
            EXPECT_EQ(got.integer(), i);
        }
    }
    EXPECT_EQ(on.stats().connections, 1u);
}

// What is ready together goes out together.
TEST_F(redis_connection, many_calls_share_few_writes)
{
    connection on(io.get_executor(), server.config());
    ask(on, command("PING"));
    auto const before = on.stats().writes;
    std::vector<started<reply>> calls;
    for (int i = 0; i < 1000; ++i)
        calls.emplace_back(io, on.execute(command("ECHO", i)));
    ASSERT_TRUE(run_until(io, [&] { return calls.back().ended(); }));
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(calls[static_cast<std::size_t>(i)].value().integer(), i);
    EXPECT_LE(on.stats().writes - before, 5u);
}

// 20 000 coroutines that end at once must not pile up on the stack.
TEST_F(redis_connection, thousands_of_calls_end_without_recursion)
{
    connection on(io.get_executor(), server.config());
    int ended = 0;
    auto const work_twice = [&](int i) -> task<int> {
        reply const first = co_await on.execute(command("ECHO", i));
        reply const second = co_await on.execute(command("ECHO", first.integer() + 1));
        ++ended;
        co_return static_cast<int>(second.integer());
    };
    std::vector<started<int>> calls;
    for (int i = 0; i < 20'000; ++i)
        calls.emplace_back(io, work_twice(i));
    ASSERT_TRUE(run_until(io, [&] { return ended == 20'000; }));
    EXPECT_EQ(calls[19'999].value(), 20'000);
    on.close();
    for (int i = 0; i < 20'000; ++i)
        calls.emplace_back(io, work_twice(i));
    ASSERT_TRUE(run_dry(io));
    EXPECT_EQ(calls.back().code(), errc::closed);
}

TEST_F(redis_connection, idle_connection_lets_the_context_end_and_keeps_its_connection)
{
    connection on(io.get_executor(), server.config());
    for (int i = 0; i < 3; ++i) {
        started<reply> call(io, on.execute(command("ECHO", i)));
        ASSERT_TRUE(run_dry(io, 5s));
        EXPECT_TRUE(call.ended());
        EXPECT_TRUE(on.stats().connected);
    }
    EXPECT_EQ(on.stats().connections, 1u);
}

// The loss of a connection that nobody used is nobody's trouble.
TEST_F(redis_connection, connection_lost_while_idle_is_replaced_unnoticed)
{
    connection on(io.get_executor(), server.config());
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask(on, command("ECHO", i)).integer(), i);
        ASSERT_TRUE(run_dry(io, 5s));
        if (i % 2 == 0)
            server.restart();
        else
            server.ask("CLIENT KILL TYPE normal SKIPME yes");
    }
    EXPECT_EQ(on.stats().connections, 5u);
}

TEST_F(redis_connection, unsent_call_waits_for_the_server)
{
    server.kill();
    connection on(io.get_executor(), server.config());
    started<reply> call(io, on.execute(command("ECHO", 1)));
    ASSERT_TRUE(run_until(io, [&] { return on.stats().failures >= 2; }));
    EXPECT_FALSE(call.ended());
    server.start();
    ASSERT_TRUE(run_until(io, [&] { return call.ended(); }));
    EXPECT_EQ(call.value().integer(), 1);
}

TEST_F(redis_connection, unsent_call_past_its_deadline_is_unavailable)
{
    server.kill();
    connection on(io.get_executor(), server.config());
    call_options options;
    options.deadline = 2s;
    started<reply> call(io, on.execute(command("ECHO", 1), options));
    ASSERT_TRUE(run_dry(io));
    EXPECT_EQ(call.code(), errc::unavailable);
    EXPECT_NE(call.message().find("refused"), std::string::npos) << call.message();
}

// A server that is stopped takes bytes and gives none.
TEST_F(redis_connection, frozen_server_fails_sent_calls_at_the_first_deadline)
{
    connection on(io.get_executor(), server.config());
    ask(on, command("PING"));
    server.freeze();
    call_options soon;
    soon.deadline = 2s;
    call_options never;
    never.deadline = no_deadline;
    started<reply> first(io, on.execute(command("ECHO", 1), never));
    started<reply> second(io, on.execute(command("ECHO", 2), soon));
    ASSERT_TRUE(run_until(io, [&] { return first.ended() && second.ended(); }));
    EXPECT_EQ(first.code(), errc::outcome_unknown);
    EXPECT_EQ(second.code(), errc::outcome_unknown);
    server.thaw();
    EXPECT_EQ(ask(on, command("ECHO", 3)).integer(), 3);
    EXPECT_EQ(on.stats().connections, 2u);
}

// The link of an attempt that nobody waited for is closed by us: no sign of a proxy.
TEST_F(redis_connection, attempt_given_up_at_a_frozen_server_is_called_that)
{
    connection on(io.get_executor(), server.config());
    ask(on, command("PING"));
    server.freeze();
    call_options soon;
    soon.deadline = 200ms;
    started<reply> sent(io, on.execute(command("ECHO", 1), soon));
    ASSERT_TRUE(run_until(io, [&] { return sent.ended(); }));
    std::string last;
    for (int i = 0; i != 4; ++i) {
        started<reply> call(io, on.execute(command("ECHO", 2), soon));
        ASSERT_TRUE(run_until(io, [&] { return call.ended(); }));
        last = call.message();
        EXPECT_EQ(call.code(), errc::unavailable) << last;
        EXPECT_EQ(last.find("hung up"), std::string::npos) << last;
    }
    EXPECT_NE(last.find("given up before it answered HELLO"), std::string::npos) << last;
    server.thaw();
    EXPECT_EQ(ask(on, command("ECHO", 3)).integer(), 3);
}

TEST_F(redis_connection, server_killed_under_load_leaves_no_call_without_an_end)
{
    connection on(io.get_executor(), server.config());
    std::vector<started<reply>> calls;
    for (int i = 0; i < 500; ++i)
        calls.emplace_back(io, on.execute(command("BLPOP", "nothing", 0)));
    ASSERT_TRUE(run_until(io, [&] { return on.stats().sent == 500; }));
    server.restart();
    started<reply> later(io, on.execute(command("PING")));
    ASSERT_TRUE(run_until(io, [&] { return later.ended(); }));
    for (auto const& call : calls)
        EXPECT_EQ(call.code(), errc::outcome_unknown);
    EXPECT_TRUE(run_dry(io));
}

// close() is how a blocking pop is given up.
TEST_F(redis_connection, close_ends_a_blocking_call)
{
    connection on(io.get_executor(), server.config());
    call_options never;
    never.deadline = no_deadline;
    started<reply> call(io, on.execute(command("BLPOP", "nothing", 0), never));
    ASSERT_TRUE(run_until(io, [&] { return on.stats().sent == 1; }));
    on.close();
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_EQ(call.code(), errc::closed);
    started<reply> after(io, on.execute(command("PING")));
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_EQ(after.code(), errc::closed);
}

TEST_F(redis_connection, destroyed_connection_fails_its_calls)
{
    std::optional<connection> on(std::in_place, io.get_executor(), server.config());
    ask(*on, command("PING"));
    started<reply> sent(io, on->execute(command("BLPOP", "nothing", 0)));
    ASSERT_TRUE(run_until(io, [&] { return on->stats().sent == 1; }));
    started<reply> unsent(io, on->execute(command("PING")));
    auto lazy = on->execute(command("PING"));
    on.reset();
    started<reply> late(io, std::move(lazy));
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_EQ(sent.code(), errc::closed);
    EXPECT_EQ(unsent.code(), errc::closed);
    EXPECT_EQ(late.code(), errc::closed);
}

TEST_F(redis_connection, moved_connection_goes_on)
{
    connection first(io.get_executor(), server.config());
    started<reply> call(io, first.execute(command("ECHO", 1)));
    connection second = std::move(first);
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_EQ(call.value().integer(), 1);
    EXPECT_EQ(ask(second, command("ECHO", 2)).integer(), 2);
    second = connection(io.get_executor(), server.unix_config());
    EXPECT_EQ(ask(second, command("ECHO", 3)).integer(), 3);
}

// The caller's coroutine runs where it belongs, not where the connection does.
TEST_F(redis_connection, call_from_another_executor_ends_there)
{
    connection on(io.get_executor(), server.config());
    auto const strand = boost::asio::make_strand(io);
    bool right = false;
    auto const ask_there = [&]() -> task<void> {
        reply const got = co_await on.execute(command("ECHO", 5));
        right = strand.running_in_this_thread() && got.integer() == 5;
    };
    boost::asio::co_spawn(strand, ask_there(), work::rethrow);
    EXPECT_TRUE(run_dry(io, 5s));
    EXPECT_TRUE(right);
}

// What a coroutine throws leaves io.run(), and the other calls end all the same.
TEST_F(redis_connection, exception_of_a_caller_leaves_run_and_harms_nobody)
{
    connection on(io.get_executor(), server.config());
    auto const thrower = [&]() -> task<void> {
        co_await on.execute(command("PING"));
        throw std::runtime_error("mine");
    };
    std::vector<started<reply>> calls;
    for (int i = 0; i < 3; ++i) {
        calls.emplace_back(io, on.execute(command("ECHO", i)));
        boost::asio::co_spawn(io, thrower(), work::rethrow);
    }
    // Asio makes one boost::asio::multiple_exceptions of those that were thrown in one handler.
    int thrown = 0;
    for (bool ran = false; !ran;) {
        try {
            ran = run_dry(io, 5s);
        } catch (std::exception const&) {
            ++thrown;
        }
    }
    EXPECT_GE(thrown, 1);
    for (auto const& call : calls)
        EXPECT_TRUE(call.ended() && !call.failed());
    EXPECT_EQ(ask(on, command("ECHO", 9)).integer(), 9);
}

TEST_F(redis_connection, large_values_go_both_ways)
{
    connection on(io.get_executor(), server.config());
    std::string const large(20u << 20, 'x');
    EXPECT_EQ(ask(on, command("SET", "large", large)).text(), "OK");
    started<reply> first(io, on.execute(command("GET", "large")));
    started<reply> second(io, on.execute(command("ECHO", 1)));
    ASSERT_TRUE(run_until(io, [&] { return second.ended(); }));
    EXPECT_EQ(first.value().text(), large);
}

TEST_F(redis_connection, large_commands_and_replies_in_flight_do_not_block_each_other)
{
    connection_options options;
    options.max_sent_bytes = 64u << 20;
    connection on(io.get_executor(), server.config(), options);
    std::string const large(1u << 20, 'x');
    std::vector<started<reply>> calls;
    for (int i = 0; i < 40; ++i)
        calls.emplace_back(io, on.execute(command("ECHO", large)));
    ASSERT_TRUE(run_until(io, [&] { return calls.back().ended(); }));
    for (auto& call : calls)
        EXPECT_EQ(call.value().text().size(), large.size());
}

// Waiting for room is first come, first served.
TEST_F(redis_connection, calls_above_the_limits_wait_for_room_in_order)
{
    connection_options options;
    options.max_sent_calls = 7;
    options.max_sent_bytes = 300;
    connection on(io.get_executor(), server.config(), options);
    std::vector<int> order;
    auto const push = [&](int i) -> task<int> {
        reply const got = co_await on.execute(command("RPUSH", "order", i));
        order.push_back(i);
        co_return static_cast<int>(got.integer());
    };
    std::vector<started<int>> calls;
    for (int i = 0; i < 100; ++i)
        calls.emplace_back(io, push(i));
    std::size_t most = 0;
    ASSERT_TRUE(run_until(io, [&] {
        most = std::max(most, on.stats().sent);
        return calls.back().ended();
    }));
    EXPECT_LE(most, 7u);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
        EXPECT_EQ(calls[static_cast<std::size_t>(i)].value(), i + 1);
    }
}

TEST_F(redis_connection, too_many_waiting_calls_are_refused)
{
    connection_options options;
    options.max_waiting_calls = 10;
    connection on(io.get_executor(), server.config(), options);
    std::vector<started<reply>> calls;
    for (int i = 0; i < 12; ++i)
        calls.emplace_back(io, on.execute(command("ECHO", i)));
    ASSERT_TRUE(run_dry(io));
    EXPECT_EQ(calls[9].value().integer(), 9);
    EXPECT_EQ(calls[10].code(), errc::buffer_full);
    EXPECT_EQ(calls[11].code(), errc::buffer_full);
    options = connection_options();
    options.max_waiting_bytes = 100;
    connection narrow(io.get_executor(), server.config(), options);
    // One call is always taken, however large.
    started<reply> large(io, narrow.execute(command("ECHO", std::string(1000, 'x'))));
    started<reply> next(io, narrow.execute(command("PING")));
    ASSERT_TRUE(run_dry(io));
    EXPECT_EQ(large.value().text().size(), 1000u);
    EXPECT_EQ(next.code(), errc::buffer_full);
}

// READONLY means that another server is the master by now: the next call looks anew.
TEST_F(redis_connection, readonly_reply_ends_the_connection_after_the_replies_due)
{
    redis_server other;
    connection on(io.get_executor(), server.config());
    ask(on, command("PING"));
    server.ask("REPLICAOF 127.0.0.1 " + std::to_string(other.port()));
    started<reply> first(io, on.execute(command("SET", "a", 1)));
    started<reply> second(io, on.execute(command("ECHO", 2)));
    ASSERT_TRUE(run_until(io, [&] { return second.ended(); }));
    ASSERT_TRUE(first.value().is_error());
    EXPECT_TRUE(first.value().text().starts_with("READONLY"));
    EXPECT_EQ(second.value().integer(), 2);
    server.ask("REPLICAOF NO ONE");
    EXPECT_EQ(ask(on, command("SET", "a", 1)).text(), "OK");
    EXPECT_EQ(on.stats().connections, 2u);
}

// The context goes while calls are pending, and a coroutine owns the connection: nothing may leak.
TEST_F(redis_connection, context_destroyed_after_any_number_of_steps_frees_everything)
{
    auto const own = [](boost::asio::any_io_executor executor, endpoint where) -> task<void> {
        connection on(executor, where);
        for (int i = 0; i < 3; ++i)
            co_await on.execute(command("ECHO", i));
        co_await on.execute(command("BLPOP", "nothing", 0));
    };
    for (int steps = 0; steps < 40; ++steps) {
        boost::asio::io_context short_lived;
        boost::asio::co_spawn(
            short_lived,
            own(short_lived.get_executor(), server.config()),
            [](std::exception_ptr) {}
        );
        for (int i = 0; i < steps; ++i)
            if (short_lived.run_one_for(200ms) == 0)
                break;
    }
}

}  // namespace
