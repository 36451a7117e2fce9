// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// TLS against a redis-server that speaks it.

#include <work/tls.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "support/in_child.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "tls/certificates.hpp"

namespace {

using namespace std::chrono_literals;
using work::errc;
using work::task;
using work::testing::certificates;
using work::testing::redis_server;
using work::testing::run_task;

certificates const& made()
{
    static certificates const all;
    return all;
}

/// A server with a port for TLS beside its plain one.
struct tls_server
{
    explicit tls_server(std::string const& certificate, bool wants_clients = false)
        : plain(
              {"--tls-port",
               std::to_string(port.number()),
               "--tls-cert-file",
               made().crt(certificate),
               "--tls-key-file",
               made().key(certificate),
               "--tls-ca-cert-file",
               made().crt("ca"),
               "--tls-auth-clients",
               wants_clients ? "yes" : "no"}
          )
    {}
    std::string url(std::string const& host = "localhost") const
    {
        return "rediss://" + host + ":" + std::to_string(port.number());
    }
    work::testing::reserved_port port;
    redis_server plain;
};

work::client_options options_with(
    work::tls_options const& tls,
    std::chrono::milliseconds deadline = 60s
)
{
    work::client_options o;
    o.ns = "t";
    o.tls = work::tls(tls);
    o.enqueue_deadline = deadline;
    o.logger = [](work::log_level, std::string_view) {};
    return o;
}

work::tls_options believing(std::string const& authority)
{
    work::tls_options o;
    o.ca_file = made().crt(authority);
    return o;
}

/// What an enqueue fails with; "" if it doesn't.
std::string failure(std::string const& url, work::tls_options const& tls, errc expected)
{
    boost::asio::io_context io;
    // What is unavailable is so when its deadline is over.
    auto const deadline = expected == errc::unavailable ? 4s : 60s;
    work::client client{io, url, options_with(tls, deadline)};
    work::enqueuer to{client};
    for (int way = 0; way != 2; ++way) {
        try {
            if (way == 0)
                run_task(io, client.check());
            else
                run_task(io, to.enqueue("x", 1));
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), expected) << e.what();
            if (way == 1)
                return e.what();
        }
    }
    return "";
}

bool has(std::string const& text, std::string const& part)
{
    return text.find(part) != std::string::npos;
}

TEST(tls, jobs_are_stored_run_and_told_over_it)
{
    tls_server server("server");
    boost::asio::io_context io;
    work::client client{io, server.url(), options_with(believing("ca"))};
    work::enqueuer to{client};
    work::worker_pool pool{client};
    std::size_t bytes = 0;
    int heard = 0;
    pool.handle("x", [&](std::string text) -> task<void> {
        bytes += text.size();
        co_return;
    });
    boost::asio::co_spawn(
        io,
        client.listen("news", [&](std::string_view) { ++heard; }),
        work::rethrow
    );
    auto const all = [&]() -> task<void> {
        std::string const large(300'000, 'y');
        for (int i = 0; i < 20; ++i) {
            co_await to.enqueue("x", large);
            co_await to.enqueue("x", "small");
        }
        while (heard == 0)
            co_await client.publish("news", "hello");
        client.end_subscriptions();
        co_await pool.run_until_empty();
    };
    run_task(io, all(), 60s);
    EXPECT_EQ(pool.processed(), 40);
    EXPECT_EQ(bytes, 20u * 300'005);
    EXPECT_EQ(failure(server.url("127.0.0.1"), believing("ca"), errc{}), "");
    // Idle, so that nothing is outstanding, and again.
    EXPECT_TRUE(work::testing::run_dry(io, 10s));
    run_task(io, to.enqueue("x", "again"));
    EXPECT_TRUE(work::testing::run_dry(io, 10s));
    run_task(io, to.enqueue("x", "and again"));
    EXPECT_EQ(run_task(io, work::inspector{client}.counts()).pending, 3);
}

TEST(tls, connection_that_is_cut_is_made_anew)
{
    tls_server server("server");
    boost::asio::io_context io;
    work::client client{io, server.url(), options_with(believing("ca"))};
    work::enqueuer to{client};
    for (int i = 0; i < 5; ++i) {
        run_task(io, to.enqueue("x", i));
        server.plain.ask("CLIENT KILL TYPE normal SKIPME yes");
    }
    EXPECT_EQ(run_task(io, work::inspector{client}.counts()).pending, 5);
}

TEST(tls, certificate_that_is_wrong_is_refused_with_its_reason)
{
    tls_server good("server");
    tls_server elsewhere("elsewhere");
    tls_server expired("expired");
    auto const unknown = failure(good.url(), believing("other-ca"), errc::refused);
    EXPECT_TRUE(has(unknown, "tls_options::ca_file")) << unknown;
    auto const system = failure(good.url(), {}, errc::refused);
    EXPECT_TRUE(has(system, "tls_options::ca_file")) << system;
    auto const host = failure(elsewhere.url(), believing("ca"), errc::refused);
    EXPECT_TRUE(has(host, "not made out to \"localhost\"")) << host;
    auto const address = failure(elsewhere.url("127.0.0.1"), believing("ca"), errc::refused);
    EXPECT_TRUE(has(address, "not made out to \"127.0.0.1\"")) << address;
    auto const old = failure(expired.url(), believing("ca"), errc::refused);
    EXPECT_TRUE(has(old, "has expired")) << old;
    work::tls_options named = believing("ca");
    named.server_name = "elsewhere.example";
    EXPECT_EQ(failure(elsewhere.url(), named, errc{}), "");
    EXPECT_EQ(elsewhere.plain.ask("DBSIZE").substr(0, 1), ":");
    EXPECT_EQ(good.plain.ask("DBSIZE"), ":0\r\n") << "nothing was sent";
}

TEST(tls, ports_that_are_mixed_up_are_named)
{
    tls_server server("server");
    std::string const plain = std::to_string(server.plain.port());
    boost::asio::io_context io;
    // It takes the greeting of TLS for half a command, or for one it does not know.
    work::client to_plain{io, "rediss://localhost:" + plain, options_with(believing("ca"), 4s)};
    try {
        run_task(io, to_plain.check(), 20s);
        ADD_FAILURE();
    } catch (work::error const& e) {
        EXPECT_TRUE(has(e.what(), "if that port is a plain one, write redis://")) << e.what();
    }
    work::client_options o;
    o.enqueue_deadline = 3s;
    o.logger = [](work::log_level, std::string_view) {};
    work::client client{io, "redis://localhost:" + std::to_string(server.port.number()), o};
    try {
        run_task(io, client.check(), 20s);
        ADD_FAILURE();
    } catch (work::error const& e) {
        EXPECT_TRUE(has(e.what(), "a port for TLS")) << e.what();
    }
}

TEST(tls, client_certificate_is_shown_to_a_server_that_wants_one)
{
    tls_server server("server", true);
    work::tls_options mine = believing("ca");
    mine.certificate_file = made().crt("client");
    mine.key_file = made().key("client");
    EXPECT_EQ(failure(server.url(), mine, errc{}), "");
    auto const none = failure(server.url(), believing("ca"), errc::unavailable);
    EXPECT_TRUE(has(none, "tls_options::certificate_file")) << none;
    mine.certificate_file = made().crt("stranger");
    mine.key_file = made().key("stranger");
    auto const wrong = failure(server.url(), mine, errc::unavailable);
    EXPECT_TRUE(has(wrong, "tls_options::certificate_file")) << wrong;
}

TEST(tls, options_that_can_not_be_used_are_refused_at_once)
{
    auto const fault = [](work::tls_options const& o) {
        try {
            work::tls(o);
            return std::string();
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), errc::invalid_option);
            return std::string(e.what());
        }
    };
    work::tls_options o;
    o.ca_file = "/nowhere/ca.crt";
    EXPECT_TRUE(has(fault(o), "tls_options::ca_file \"/nowhere/ca.crt\""));
    o = believing("ca");
    o.certificate_file = made().crt("client");
    EXPECT_TRUE(has(fault(o), "only one of certificate_file and key_file"));
    o.key_file = made().key("server");
    EXPECT_TRUE(has(fault(o), "key_file")) << fault(o);

    boost::asio::io_context io;
    auto const refused = [&](std::string const& url, work::client_options options) {
        try {
            work::client client{io, url, options};
            return std::string();
        } catch (work::error const& e) {
            return std::string(e.what());
        }
    };
    auto const missing = refused("rediss://h", {});
    EXPECT_TRUE(has(missing, "<work/tls.hpp>")) << missing;
    auto const contrary = refused("redis://h", options_with(believing("ca")));
    EXPECT_TRUE(has(contrary, "rediss://")) << contrary;
    EXPECT_EQ(refused("memory:", options_with(believing("ca"))), "");
}

TEST(tls, child_leaves_its_parents_connection_alone)
{
    tls_server server("server");
    boost::asio::io_context io;
    work::client client{io, server.url(), options_with(believing("ca"))};
    work::enqueuer to{client};
    run_task(io, to.enqueue("x", 1));
    {
        work::testing::child one([&] {
            try {
                run_task(io, to.enqueue("x", 1), 20s);
            } catch (work::error const& e) {
                client.close();
                return std::string(e.code() == errc::forked ? "forked" : e.what());
            }
            return std::string("stored");
        });
        EXPECT_EQ(one.said(), "forked");
    }
    for (int i = 0; i < 3; ++i)
        run_task(io, to.enqueue("x", i));
    EXPECT_EQ(run_task(io, work::inspector{client}.counts()).pending, 4);
    EXPECT_TRUE(has(server.plain.ask("INFO stats"), "total_connections_received"));
}

}  // namespace
