// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The cases of the worker protocol for which somebody must end the server, or look at the broker:
// so they are none of `work conformance`, which asks a server that it was told of.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/running_server.hpp"
#include "support/redis_server.hpp"
#include "web/served.hpp"

using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::running_server;
using work::testing::served;

namespace {

std::string request_of(
    std::string const& method,
    std::string const& target,
    std::string const& body,
    std::string const& fields = {}
)
{
    return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

http_answer ask_port(
    std::uint16_t port,
    std::string const& method,
    std::string const& target,
    std::string const& body
)
{
    raw_connection to(port);
    to.send(request_of(method, target, body));
    return to.read();
}

std::string const of_mail = R"({"job_types":[{"name":"mail"}]})";

std::string claim_of(int number, std::string const& more = {})
{
    return R"({"number":)" + std::to_string(number) + more + "}";
}

/// `"outcomes":[…]` that completes all of them.
std::string completes(boost::json::array const& jobs)
{
    std::string all;
    for (auto const& job : jobs)
        all += (all.empty() ? R"({"id":)" : R"(,{"id":)") + boost::json::serialize(job.at("id")) +
               R"(,"fence":)" + boost::json::serialize(job.at("fence")) +
               R"(,"outcome":"complete"})";
    return R"("outcomes":[)" + all + "]";
}

std::uint16_t port_of(running_server const& server)
{
    return static_cast<std::uint16_t>(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
}

/// Connections of servers at the broker, and how many of them wait.
std::pair<int, int> connections(redis_server& redis)
{
    std::string const clients = redis.ask("CLIENT LIST");
    int all = 0;
    int waiting = 0;
    for (auto at = clients.find(" name=work:"); at != clients.npos;
         at = clients.find(" name=work:", at + 1)) {
        ++all;
        waiting += clients.substr(at, clients.find(' ', at + 1) - at).ends_with(":wait") ? 1 : 0;
    }
    return {all, waiting};
}

}  // namespace

TEST(restarted_server, knows_the_ids_of_a_key)
{
    redis_server redis;
    auto const store = [&] {
        served server(redis.url());
        std::string const key = "Idempotency-Key: once\r\n";
        std::string const json = "Content-Type: application/json\r\n";
        auto const one = server.post("/api/v1/jobs", R"({"name":"mail","args":[1]})", json + key);
        EXPECT_LT(one.status, 300) << one.body;
        auto const both = server.post(
            "/api/v1/jobs/bulk",
            R"({"jobs":[{"name":"mail","args":[2]},{"name":"mail","args":[3]}]})",
            json + "Idempotency-Key: both\r\n"
        );
        EXPECT_EQ(both.status, 200) << both.body;
        std::vector<std::string> ids{std::string(one.json().at("id").as_string())};
        auto const results = both.json().at("results").as_array();
        for (auto const& result : results)
            ids.emplace_back(result.at("id").as_string());
        EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 3);
        return ids;
    };
    auto const before = store();
    EXPECT_EQ(store(), before);
    EXPECT_EQ(std::set<std::string>(before.begin(), before.end()).size(), 3u);
}

TEST(restarted_server, answers_a_repeated_claim_and_takes_its_report)
{
    redis_server redis;
    std::string first;
    {
        served server(redis.url());
        ASSERT_EQ(server.ask("PUT", "/api/v1/pools/p", of_mail).status, 200);
        for (int i = 0; i != 3; ++i)
            ASSERT_EQ(server.post("/api/v1/jobs", R"({"name":"mail","args":[]})").status, 201);
        auto const claim = server.post("/api/v1/pools/p/claim", claim_of(1, R"(,"want":3)"));
        ASSERT_EQ(claim.json().at("jobs").as_array().size(), 3u) << claim.body;
        first = boost::json::serialize(claim.json().at("jobs"));
    }
    served server(redis.url());
    auto const again = server.post("/api/v1/pools/p/claim", claim_of(1, R"(,"want":3)"));
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_TRUE(again.json().at("repeated").as_bool());
    auto const jobs = again.json().at("jobs").as_array();
    ASSERT_EQ(jobs.size(), 3u) << again.body;
    auto const before = boost::json::parse(first).as_array();
    for (std::size_t i = 0; i != 3; ++i) {
        EXPECT_EQ(jobs[i].at("id"), before[i].at("id"));
        EXPECT_EQ(jobs[i].at("fence"), before[i].at("fence"));
    }
    std::string const report = R"({"number":1,)" + completes(jobs) + "}";
    auto const done = server.post("/api/v1/pools/p/report", report);
    ASSERT_EQ(done.status, 200) << done.body;
    auto const codes = done.json().at("outcomes").as_array();
    for (auto const& code : codes)
        EXPECT_EQ(code.at("code").as_string(), "ok");
}

TEST(stopped_server, lets_parked_claims_go_and_strands_nothing)
{
    redis_server redis;
    served other(redis.url());
    auto stops = std::make_unique<served>(redis.url());
    ASSERT_EQ(stops->ask("PUT", "/api/v1/pools/p", of_mail).status, 200);
    raw_connection parked(stops->port());
    std::string const wait = claim_of(2, R"(,"wait_ms":30000)");
    parked.send(request_of("POST", "/api/v1/pools/p/claim", wait));
    while (stops->post("/api/v1/pools/p/claim", claim_of(1)).slug() != "in-flight") {
    }
    EXPECT_LT(stops->stop(), std::chrono::seconds(10));
    auto const let_go = parked.read();
    EXPECT_EQ(let_go.status, 200) << let_go.body;
    EXPECT_EQ(let_go.json().at("jobs").as_array().size(), 0u);
    ASSERT_EQ(other.post("/api/v1/jobs", R"({"name":"mail","args":[]})").status, 201);
    auto const next = other.post("/api/v1/pools/p/claim", claim_of(3, R"(,"wait_ms":5000)"));
    EXPECT_EQ(next.json().at("jobs").as_array().size(), 1u) << next.body;
}

TEST(killed_server, loses_no_job_and_has_none_run_twice)
{
    redis_server redis;
    constexpr int rounds = 5;
    constexpr int a_round = 4;
    std::set<std::string> done;
    int outcomes = 0;
    auto server = std::make_unique<running_server>(redis.url());
    ASSERT_EQ(ask_port(port_of(*server), "PUT", "/api/v1/pools/p", of_mail).status, 200);
    std::string const target = "/api/v1/pools/p/";
    for (int round = 1; round <= rounds; ++round) {
        for (int i = 0; i != a_round; ++i)
            ASSERT_EQ(
                ask_port(port_of(*server), "POST", "/api/v1/jobs", R"({"name":"mail","args":[]})")
                    .status,
                201
            );
        std::string const claim = claim_of(round, R"(,"want":4)");
        {
            // Its answer is lost, whether the broker heard it or not.
            raw_connection lost(port_of(*server));
            lost.send(request_of("POST", target + "claim", claim));
            server->end(SIGKILL);
        }
        server = std::make_unique<running_server>(redis.url());
        auto const again = ask_port(port_of(*server), "POST", target + "claim", claim);
        ASSERT_EQ(again.status, 200) << again.body;
        auto const jobs = again.json().at("jobs").as_array();
        ASSERT_EQ(jobs.size(), static_cast<std::size_t>(a_round)) << again.body;
        std::string const report =
            R"({"number":)" + std::to_string(round) + "," + completes(jobs) + "}";
        {
            raw_connection lost(port_of(*server));
            lost.send(request_of("POST", target + "report", report));
            server->end(SIGKILL);
        }
        server = std::make_unique<running_server>(redis.url());
        auto const told = ask_port(port_of(*server), "POST", target + "report", report);
        ASSERT_EQ(told.status, 200) << told.body;
        auto const codes = told.json().at("outcomes").as_array();
        for (auto const& code : codes)
            outcomes += code.at("code").as_string() == "ok" ? 1 : 0;
        for (auto const& job : jobs)
            EXPECT_TRUE(done.emplace(job.at("id").as_string()).second) << "it was given twice";
    }
    EXPECT_EQ(outcomes, rounds * a_round);
    auto const left = ask_port(port_of(*server), "GET", "/api/v1/stats", "").json();
    EXPECT_EQ(left.at("pending").as_int64() + left.at("active").as_int64(), 0);
    EXPECT_EQ(left.at("processed").as_int64(), rounds * a_round);
}

TEST(parked_claims, of_a_thousand_pools_take_one_connection_more)
{
    redis_server redis;
    served server(redis.url());
    constexpr std::size_t many = 1'000;
    std::vector<raw_connection> parked;
    parked.reserve(many);
    ASSERT_EQ(server.ask("PUT", "/api/v1/pools/p0", of_mail).status, 200);
    ASSERT_EQ(server.post("/api/v1/pools/p0/claim", claim_of(1)).status, 200);
    int const before = connections(redis).first;
    ASSERT_GT(before, 0) << redis.ask("CLIENT LIST");
    // The first of them waits for 50 s: a slow machine parks fewer.
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(25);
    for (std::size_t i = 0; i != many && std::chrono::steady_clock::now() < until; ++i) {
        std::string const pool = "/api/v1/pools/w" + std::to_string(i);
        std::string const name = "n" + std::to_string(i);
        auto const made = server.ask("PUT", pool, R"({"job_types":[{"name":")" + name + R"("}]})");
        if (made.status == 429)
            break;  // that many pools a token may have
        ASSERT_EQ(made.status, 200) << made.body;
        parked.emplace_back(server.port())
            .send(request_of("POST", pool + "/claim", claim_of(1, R"(,"wait_ms":50000)")));
    }
    ASSERT_GE(parked.size(), many / 10);
    std::string bulk;
    for (std::size_t i = 0; i != parked.size(); ++i)
        bulk +=
            (i == 0 ? R"({"name":"n)" : R"(,{"name":"n)") + std::to_string(i) + R"(","args":[]})";
    auto const [all, waiting] = connections(redis);
    EXPECT_EQ(waiting, 1);
    EXPECT_LE(all, before + 1);
    ASSERT_EQ(server.post("/api/v1/jobs/bulk", R"({"jobs":[)" + bulk + "]}").status, 200);
    for (std::size_t i = 0; i != parked.size(); ++i) {
        auto const answer = parked[i].read();
        ASSERT_EQ(answer.status, 200) << answer.body;
        ASSERT_EQ(answer.json().at("jobs").as_array().size(), 1u) << i;
    }
}
