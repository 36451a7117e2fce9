// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/redis/script_runner.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_redis.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::redis;
using work::errc;
using work::task;
using work::testing::fake_connection;
using work::testing::fake_redis;
using work::testing::redis_server;
using work::testing::run_task;
using work::testing::run_until;
using work::testing::started;

using served = std::shared_ptr<fake_connection>;
using words = std::vector<std::string>;

/// Answers the n-th script call of all with the n-th text; the last one goes on. "" hangs up
/// without an answer, "?" gives none.
struct scripted
{
    explicit scripted(boost::asio::io_context& io, std::vector<std::string> what)
        : answers(std::move(what)),
          server(io, [this](served client) { return serve(client); })
    {}
    task<void> serve(served client)
    {
        co_await client->greet();
        for (;;) {
            seen.push_back(co_await client->next());
            std::string answer = answers[std::min(seen.size(), answers.size()) - 1];
            if (answer.empty())
                client->close();
            if (answer == "?")
                continue;
            answer += "\r\n";
            co_await client->send(std::move(answer));
        }
    }
    std::vector<std::string> answers;
    std::vector<words> seen;
    fake_redis server;
};

struct redis_script_runner : testing::Test
{
    redis_script_runner()
    {
        quick.reconnect = {1ms, 5ms};
        again.repeatable = true;
    }
    started<reply> start(scripted& server, script_options options)
    {
        on.emplace(io.get_executor(), server.server.config(), quick);
        std::vector<std::string_view> const arguments = {"a"};
        return {io, runner.run(*on, program, "key", arguments, options)};
    }
    bool ended(started<reply> const& call)
    {
        return run_until(io, [&] { return call.ended(); });
    }

    boost::asio::io_context io;
    connection_options quick;
    script_options again;
    script program{"counting", "return redis.call('INCR', KEYS[1])"};
    script_runner runner{backoff_limits{1ms, 5ms}};
    std::optional<connection> on;
};

TEST_F(redis_script_runner, script_is_sent_once_and_then_known)
{
    redis_server server;
    connection real(io.get_executor(), server.config());
    script const echo("echo", "return {KEYS[1], #ARGV, ARGV[#ARGV]}");
    script_call call(echo, "key");
    for (int i = 0; i < 600; ++i)
        call.arg(i);
    for (int i = 0; i < 3; ++i) {
        reply const got = run_task(io, runner.run(real, call));
        EXPECT_EQ(got[0].text(), "key");
        EXPECT_EQ(got[1].integer(), 600);
        EXPECT_EQ(got[2].integer(), 599);
    }
    EXPECT_EQ(runner.stats().loads, 1u);
    server.ask("SCRIPT FLUSH");
    EXPECT_EQ(run_task(io, runner.run(real, call))[1].integer(), 600);
    EXPECT_EQ(runner.stats().loads, 2u);
    EXPECT_EQ(runner.stats().calls, 4u);
    EXPECT_EQ(runner.stats().repetitions, 0u);
}

TEST_F(redis_script_runner, sha_is_the_servers)
{
    redis_server server;
    connection real(io.get_executor(), server.config());
    for (std::size_t size = 0; size < 130; ++size) {
        script const program_of_size("x", "--" + std::string(size, 'x'));
        reply const loaded =
            run_task(io, real.execute(command("SCRIPT", "LOAD", program_of_size.body())));
        EXPECT_EQ(loaded.text(), program_of_size.sha()) << size;
    }
}

TEST_F(redis_script_runner, noscript_twice_is_refused)
{
    scripted server(io, {"-NOSCRIPT No matching script."});
    auto call = start(server, again);
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::refused);
    ASSERT_EQ(server.seen.size(), 2u);
    EXPECT_EQ(server.seen[0], (words{"EVALSHA", program.sha(), "1", "key", "a"}));
    EXPECT_EQ(server.seen[1], (words{"EVAL", program.body(), "1", "key", "a"}));
}

TEST_F(redis_script_runner, not_now_is_asked_again_if_repeatable)
{
    for (std::string const text :
         {"LOADING Redis is loading",
          "BUSY Redis is busy",
          "TRYAGAIN x",
          "CLUSTERDOWN x",
          "NOREPLICAS x",
          "MISCONF x",
          "READONLY x",
          "MASTERDOWN x",
          "UNBLOCKED x",
          "ERR Error running script (call to f_1): @user_script:1: -READONLY x"}) {
        scripted server(io, {"-" + text, "-" + text, ":7"});
        auto call = start(server, again);
        ASSERT_TRUE(ended(call)) << text;
        EXPECT_EQ(call.value().integer(), 7) << text;
        EXPECT_EQ(server.seen.size(), 3u);
        EXPECT_EQ(server.seen[0], server.seen[2]);

        scripted second(io, {"-" + text, ":7"});
        auto once = start(second, script_options());
        ASSERT_TRUE(ended(once)) << text;
        EXPECT_EQ(once.code(), errc::unavailable) << text;
        EXPECT_EQ(second.seen.size(), 1u);
    }
}

TEST_F(redis_script_runner, lost_reply_is_asked_for_again_if_repeatable)
{
    scripted server(io, {"", "", ":7"});
    auto call = start(server, again);
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.value().integer(), 7);
    EXPECT_EQ(runner.stats().repetitions, 2u);

    scripted second(io, {"", ":7"});
    auto once = start(second, script_options());
    ASSERT_TRUE(ended(once));
    EXPECT_EQ(once.code(), errc::outcome_unknown);
    EXPECT_EQ(second.seen.size(), 1u);
}

TEST_F(redis_script_runner, attempt_without_an_answer_is_torn_down_and_repeated)
{
    scripted server(io, {"?", ":7"});
    again.attempt_deadline = 50ms;
    auto call = start(server, again);
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.value().integer(), 7);
    EXPECT_EQ(server.server.connections(), 2u);
}

TEST_F(redis_script_runner, end_says_whether_it_may_have_been_carried_out)
{
    // The pause after the first refusal outlasts the deadline, so that none is under way then.
    again.deadline = 2s;
    script_runner slow(backoff_limits{3s, 3s});
    std::swap(runner, slow);
    scripted refusing(io, {"-LOADING x"});
    auto never = start(refusing, again);
    ASSERT_TRUE(ended(never));
    EXPECT_EQ(never.code(), errc::unavailable);
    EXPECT_NE(never.message().find("LOADING"), std::string::npos) << never.message();
    std::swap(runner, slow);
    again.deadline = 2s;

    scripted cutting(io, {"", "-LOADING x"});
    auto perhaps = start(cutting, again);
    ASSERT_TRUE(ended(perhaps));
    EXPECT_EQ(perhaps.code(), errc::outcome_unknown);

    scripted silent(io, {"?"});
    auto stalled = start(silent, again);
    ASSERT_TRUE(ended(stalled));
    EXPECT_EQ(stalled.code(), errc::outcome_unknown);
}

/// Takes a script, loses its reply in a given way, and refuses what comes next in another.
struct losing
{
    losing(boost::asio::io_context& io, std::string how, std::string greeting, std::string text)
        : loss(std::move(how)),
          refusal_of_hello(std::move(greeting)),
          refusal(std::move(text)),
          server(io, [this](served client) { return serve(client); })
    {}
    task<void> serve(served client)
    {
        if (lost && !refusal_of_hello.empty()) {
            co_await client->next();
            std::string no = refusal_of_hello + "\r\n";
            co_await client->send(std::move(no));
        } else {
            co_await client->greet();
        }
        for (;;) {
            auto const asked = co_await client->next();
            std::string answer = refusal + "\r\n";
            bool const lose = !lost && (loss != "of EVAL" || asked[0] == "EVAL");
            if (lose)
                answer = loss == "in the middle" ? "$100\r\nabc" : "";
            else if (!lost)
                answer = "-NOSCRIPT No matching script.\r\n";
            lost = lost || lose;
            if (!answer.empty())
                co_await client->send(std::move(answer));
            if (lose && loss != "by silence")
                client->close();
        }
    }
    bool lost = false;
    std::string loss;
    std::string refusal_of_hello;
    std::string refusal;
    fake_redis server;
};

struct losing_call
{
    losing_call(boost::asio::io_context& io, std::string how, std::string greeting, std::string no)
        : server(io, std::move(how), std::move(greeting), std::move(no))
    {}
    losing server;
    std::optional<connection> on;
    std::optional<started<reply>> call;
};

// Once a reply was lost nothing that comes later can say that the call was not carried out.
TEST_F(redis_script_runner, no_refusal_after_a_lost_reply_says_that_nothing_happened)
{
    struct
    {
        std::string greeting;
        std::string text;
        errc alone;
    } const refusals[] = {
        {"-NOAUTH HELLO must be called with the client already authenticated", "", errc::refused},
        {"-WRONGPASS invalid username-password pair", "", errc::refused},
        {"-NOPERM this user has no permissions to run the 'hello' command", "", errc::refused},
        {"", "-NOAUTH Authentication required.", errc::unavailable},
        {"", "-NOPERM x", errc::refused},
        {"", "-STALE the batch 1 of producer p came after 3", errc::refused},
        {"", "-ERR x", errc::refused},
        {"", "-ERR unknown command 'EVALSHA'", errc::refused},
        {"", "-WRONGTYPE x", errc::refused},
        {"", "-WRONGPASS x", errc::refused},
        {"", "-OOM command not allowed", errc::full},
        {"", "-MOVED 1 h:1", errc::refused},
        {"", "-NOSCRIPT No matching script.", errc::refused},
        {"", "-LOADING x", errc::unavailable},
        {"", "-READONLY x", errc::unavailable},
    };
    std::vector<std::string_view> const arguments = {"a"};
    for (auto const& one : refusals) {
        // What is asked again and again ends by its deadline, before which the loss must happen.
        again.attempt_deadline = 100ms;
        again.deadline = one.alone == errc::unavailable ? 3s : 20s;
        std::vector<std::unique_ptr<losing_call>> cases;
        for (std::string const how : {"of EVALSHA", "of EVAL", "in the middle", "by silence"}) {
            auto& next =
                *cases.emplace_back(std::make_unique<losing_call>(io, how, one.greeting, one.text));
            next.on.emplace(io.get_executor(), next.server.server.config(), quick);
            next.call.emplace(io, runner.run(*next.on, program, "key", arguments, again));
        }
        for (auto& each : cases) {
            std::string const what = each->server.loss + one.greeting + one.text;
            ASSERT_TRUE(ended(*each->call)) << what;
            EXPECT_EQ(each->call->code(), errc::outcome_unknown) << what;
        }
        if (!one.greeting.empty())
            continue;
        // A busy machine must make no silence of an answer that is on its way, and a deadline no
        // loss of a repetition.
        again.attempt_deadline = 10s;
        script_options only_once = again;
        only_once.repeatable = one.alone != errc::unavailable;
        only_once.deadline = 20s;
        scripted server(io, {one.text});
        auto call = start(server, only_once);
        ASSERT_TRUE(ended(call));
        EXPECT_EQ(call.code(), one.alone) << one.text << call.message();
    }
}

TEST_F(redis_script_runner, connection_that_is_closed_under_a_sent_call_leaves_it_unknown)
{
    scripted server(io, {"?"});
    auto call = start(server, again);
    ASSERT_TRUE(run_until(io, [&] { return server.seen.size() == 1; }));
    on->close();
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::outcome_unknown);

    scripted second(io, {"", "-LOADING x"});
    auto lost = start(second, again);
    ASSERT_TRUE(run_until(io, [&] { return second.seen.size() >= 2; }));
    on->close();
    ASSERT_TRUE(ended(lost));
    EXPECT_EQ(lost.code(), errc::outcome_unknown);
}

TEST_F(redis_script_runner, lost_replies_are_told)
{
    scripted server(io, {"", "-LOADING x", "", "-LOADING x", ":7"});
    std::vector<std::string> told;
    again.repeated = [&](std::string_view why) { told.emplace_back(why); };
    auto call = start(server, again);
    ASSERT_TRUE(ended(call));
    ASSERT_EQ(told.size(), 2u) << "a refusal is no lost reply";
    EXPECT_NE(told[0].find("the connection"), std::string::npos) << told[0];
}

TEST_F(redis_script_runner, server_without_scripts_or_their_flags_is_named)
{
    scripted proxy(io, {"-ERR unknown command 'EVALSHA'"});
    auto call = start(proxy, again);
    ASSERT_TRUE(ended(call));
    EXPECT_NE(call.message().find("a proxy, or no Redis"), std::string::npos) << call.message();
    scripted old(
        io,
        {"-NOSCRIPT No matching script.",
         "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'"}
    );
    auto second = start(old, again);
    ASSERT_TRUE(ended(second));
    EXPECT_NE(second.message().find("older than 7.0"), std::string::npos) << second.message();
}

// What was never sent is sent again, repeatable or not.
TEST_F(redis_script_runner, server_that_is_away_is_waited_for)
{
    redis_server server;
    server.kill();
    connection real(io.get_executor(), server.config(), quick);
    script_options options;
    options.attempt_deadline = 20ms;
    std::vector<std::string_view> const none;
    started<reply> call(io, runner.run(real, program, "n", none, options));
    ASSERT_TRUE(run_until(io, [&] { return runner.stats().repetitions >= 2; }));
    server.start();
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.value().integer(), 1);
}

TEST_F(redis_script_runner, memory_limit_is_full)
{
    redis_server server({"--maxmemory", "1"});
    connection real(io.get_executor(), server.config());
    script const writing("writing", "return redis.call('SET', KEYS[1], 'x')");
    std::vector<std::string_view> const none;
    started<reply> call(io, runner.run(real, writing, "key", none, again));
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::full);
    EXPECT_NE(call.message().find("OOM"), std::string::npos) << call.message();
    EXPECT_NE(call.message().find("writing"), std::string::npos) << call.message();
    script_options raw;
    raw.return_oom = true;
    started<reply> told(io, runner.run(real, writing, "key", none, raw));
    ASSERT_TRUE(ended(told));
    EXPECT_TRUE(told.value().text().starts_with("OOM"));
}

TEST_F(redis_script_runner, other_errors_are_refused_with_the_servers_words)
{
    for (std::string const text :
         {"NOPERM x", "WRONGPASS x", "WRONGTYPE x", "ERR x", "MOVED 1 h:1"}) {
        scripted server(io, {"-" + text + " " + std::string(1000, 'y')});
        auto call = start(server, again);
        ASSERT_TRUE(ended(call));
        EXPECT_EQ(call.code(), errc::refused) << text;
        EXPECT_NE(call.message().find(text), std::string::npos) << call.message();
        EXPECT_LT(call.message().size(), 400u);
        EXPECT_EQ(server.seen.size(), 1u);
    }
}

TEST_F(redis_script_runner, closed_connection_and_cancellation_end_it_at_once)
{
    scripted server(io, {"-LOADING x"});
    again.deadline = no_deadline;
    auto call = start(server, again);
    ASSERT_TRUE(run_until(io, [&] { return server.seen.size() >= 2 && on->stats().sent == 0; }));
    on->close();
    ASSERT_TRUE(ended(call));
    EXPECT_EQ(call.code(), errc::closed);

    scripted second(io, {"-LOADING x"});
    auto other = start(second, again);
    ASSERT_TRUE(run_until(io, [&] { return second.seen.size() >= 2; }));
    other.cancel();
    ASSERT_TRUE(ended(other));
    EXPECT_EQ(other.code(), boost::asio::error::operation_aborted);
}

// A numbered script survives a server that dies again and again, and counts each number once.
TEST_F(redis_script_runner, repeated_calls_are_carried_out_once)
{
    redis_server server({"--appendonly", "yes", "--appendfsync", "always"});
    connection real(io.get_executor(), server.config(), quick);
    script const once(
        "once",
        "if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then "
        "redis.call('INCR', KEYS[1] .. ':count') end return ARGV[1]"
    );
    again.deadline = 50s;
    again.attempt_deadline = 500ms;
    int done = 0;
    auto const worker = [&](int first) -> task<int> {
        for (int i = first; i < 400; i += 20) {
            script_call call(once, "seen");
            call.arg(i);
            reply const got = co_await runner.run(real, call, again);
            EXPECT_EQ(got.integer(), i);
            ++done;
        }
        co_return 0;
    };
    std::vector<started<int>> workers;
    for (int i = 0; i < 20; ++i)
        workers.emplace_back(io, worker(i));
    for (int kills = 1; kills <= 3; ++kills) {
        ASSERT_TRUE(run_until(io, [&] { return done >= 90 * kills; }));
        server.restart();
    }
    ASSERT_TRUE(run_until(io, [&] { return done == 400; }));
    EXPECT_EQ(run_task(io, real.execute(command("GET", "seen:count"))).integer(), 400);
    EXPECT_EQ(run_task(io, real.execute(command("SCARD", "seen"))).integer(), 400);
}

}  // namespace
