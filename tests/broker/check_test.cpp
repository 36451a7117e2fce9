// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Whether a server will do, asked once.

#include <work/broker/redis/check.hpp>
#include <work/broker/redis/redis_broker.hpp>
#include <work/broker/redis/scripts/set.hpp>
#include <work/client.hpp>
#include <work/error.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <string>

#include "support/fake_redis.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace {

using work::errc;
using work::task;
using work::testing::fake_redis;
using work::testing::redis_server;
using work::testing::run_task;

struct broker_check : testing::Test
{
    /// "" if the check ends well.
    std::string fault(std::string const& url, errc expected, work::client_options options = {})
    {
        options.ns = "t";
        options.logger = [](work::log_level, std::string_view) {};
        work::client client{io, url, options};
        try {
            run_task(io, client.check(), std::chrono::seconds(20));
            return "";
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), expected) << e.what();
            return e.what();
        }
    }
    static std::string with(redis_server const& server, std::string const& credentials)
    {
        return "redis://" + credentials + "@127.0.0.1:" + std::to_string(server.port());
    }
    static bool has(std::string const& text, std::string const& part)
    {
        return text.find(part) != std::string::npos;
    }
    boost::asio::io_context io;
};

TEST_F(broker_check, good_server_passes_and_keeps_nothing)
{
    redis_server server;
    EXPECT_EQ(fault(server.url(), errc{}), "");
    EXPECT_EQ(server.ask("DBSIZE"), ":0\r\n");
    EXPECT_EQ(fault("memory:", errc{}), "");
    EXPECT_EQ(server.ask("CONFIG SET maxmemory 1"), "+OK\r\n");
    EXPECT_EQ(fault(server.url(), errc{}), "") << "a full server is drained by its workers";
}

TEST_F(broker_check, server_that_is_away_is_unavailable_at_once)
{
    auto const said = fault("redis://127.0.0.1:1", errc::unavailable);
    EXPECT_TRUE(has(said, "Connection refused")) << said;
    EXPECT_TRUE(has(said, "nothing listens there")) << said;
    EXPECT_TRUE(has(fault("redis://no-such-host.invalid", errc::unavailable), "no such host"));
    EXPECT_TRUE(has(fault("unix:///nowhere/at/all", errc::unavailable), "no such socket"));
}

TEST_F(broker_check, what_somebody_has_to_do_is_refused)
{
    redis_server server({"--requirepass", "right"});
    EXPECT_TRUE(has(fault(server.url(), errc::refused), "it wants a password"));
    EXPECT_TRUE(has(fault(with(server, ":wrong"), errc::refused), "check user name and password"));
    EXPECT_EQ(fault(with(server, ":right"), errc{}), "");
    EXPECT_TRUE(has(fault(with(server, ":right") + "/99", errc::refused), "choose a database"));
}

TEST_F(broker_check, version_and_proxies_are_named)
{
    fake_redis old(io, [](std::shared_ptr<work::testing::fake_connection> c) -> task<void> {
        co_await c->greet("6.2.14");
        co_await c->next();
    });
    auto const aged = fault(work::redis::describe(old.config()), errc::refused);
    EXPECT_TRUE(has(aged, "its version is 6.2.14")) << aged;
    fake_redis proxy(io, [](std::shared_ptr<work::testing::fake_connection> c) -> task<void> {
        co_await c->greet();
        for (;;) {
            co_await c->next();
            std::string no = "-ERR unknown command 'EVAL'\r\n";
            co_await c->send(std::move(no));
        }
    });
    auto const odd = fault(work::redis::describe(proxy.config()), errc::refused);
    EXPECT_TRUE(has(odd, "a proxy, or no Redis")) << odd;
}

TEST_F(broker_check, policy_that_evicts_is_refused_unless_it_is_wanted)
{
    redis_server server({"--maxmemory-policy", "allkeys-lru"});
    EXPECT_TRUE(has(fault(server.url(), errc::may_evict), "allkeys-lru"));
    work::client_options wanted;
    wanted.allow_eviction = true;
    EXPECT_EQ(fault(server.url(), errc{}, wanted), "");
}

TEST_F(broker_check, replica_is_refused)
{
    redis_server primary;
    redis_server replica({"--replicaof", "127.0.0.1 " + std::to_string(primary.port())});
    auto const said = fault(replica.url(), errc::refused);
    EXPECT_TRUE(has(said, "connect to the primary")) << said;
}

// The advice of the message, followed, is enough.
TEST_F(broker_check, missing_rights_are_named_and_the_advice_is_enough)
{
    redis_server server;
    server.ask("ACL SETUSER ada on >pw ~work:{t}:* &work:{t}:* +@all -hset -zadd -publish");
    auto const said = fault(with(server, "ada:pw"), errc::refused);
    EXPECT_TRUE(has(said, "user ada")) << said;
    EXPECT_TRUE(has(said, "may not run HSET, ZADD, PUBLISH;")) << said;

    server.ask("ACL SETUSER ada reset on >pw ~other:* &work:{t}:* +@all");
    EXPECT_TRUE(has(fault(with(server, "ada:pw"), errc::refused), "~work:{t}:* "));
    server.ask("ACL SETUSER ada reset on >pw ~work:{t}:* &other:* +@all");
    EXPECT_TRUE(has(fault(with(server, "ada:pw"), errc::refused), "PUBLISH on the channels"));
    server.ask("ACL SETUSER ada reset on >pw ~work:{t}:* &work:{t}:* +@all -subscribe");
    EXPECT_TRUE(has(fault(with(server, "ada:pw"), errc::refused), "SUBSCRIBE"));
    server.ask("ACL SETUSER ada reset on >pw ~work:{t}:* &work:{t}:* +@all -eval");
    EXPECT_TRUE(has(fault(with(server, "ada:pw"), errc::refused), "EVAL"));

    auto const at = said.find("ACL SETUSER <user> ");
    ASSERT_NE(at, std::string::npos) << said;
    server.ask("ACL SETUSER ada reset on >pw " + said.substr(at + 19));
    EXPECT_EQ(fault(with(server, "ada:pw"), errc{}), "");
}

// What the scripts use, the check tries.
TEST_F(broker_check, every_command_of_the_scripts_is_tried)
{
    std::set<std::string> tried;
    for (std::string_view const line : work::detail::tried_commands)
        tried.insert(std::string(line.substr(0, line.find(' '))));
    auto const& all = work::scripts::set::on_server_clock();
    std::regex const used("(?:call|look)\\( *'([A-Z]+)'");
    std::size_t found = 0;
    for (auto const* script :
         {&all.enqueue,
          &all.exchange,
          &all.lean_exchange,
          &all.claim_on_wake,
          &all.act,
          &all.job,
          &all.edit,
          &all.restore,
          &all.make_room,
          &all.counts,
          &all.active,
          &all.outstanding,
          &all.leave}) {
        std::string const body = script->body();
        for (std::sregex_iterator at(body.begin(), body.end(), used), end; at != end; ++at) {
            ++found;
            EXPECT_TRUE(tried.contains((*at)[1])) << (*at)[1] << " in " << script->name();
        }
    }
    EXPECT_GT(found, 100u);
}

}  // namespace
