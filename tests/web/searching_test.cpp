// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a server remembers so that looking costs the broker little: turns, places, pools.

#include <work/web/gone_pools.hpp>
#include <work/web/search_turns.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "web/client_programs.hpp"
#include "web/served.hpp"

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using work::testing::eventually;
using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;
namespace web = work::web;

/// Takes its turn, says so, and waits until it is let go.
work::task<void> search(
    std::shared_ptr<web::search_turns> in,
    std::string user,
    std::string name,
    std::vector<std::string>& said,
    std::map<std::string, std::shared_ptr<boost::asio::steady_timer>>& holds
)
{
    bool refused = false;
    std::unique_ptr<web::search_turns::turn> turn;
    try {
        turn = co_await in->take(std::move(user));
    } catch (web::problem const& why) {
        refused = why.status() == 429;
    }
    said.push_back((refused ? "no " : "") + name);
    if (refused)
        co_return;
    auto const hold = std::make_shared<boost::asio::steady_timer>(
        co_await boost::asio::this_coro::executor,
        boost::asio::steady_timer::time_point::max()
    );
    holds[name] = hold;
    boost::system::error_code ended;
    co_await hold->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
}

}  // namespace

TEST(search_turns, are_one_at_a_time_and_five_of_a_user)
{
    boost::asio::io_context io;
    auto const turns = std::make_shared<web::search_turns>(io.get_executor());
    std::vector<std::string> said;
    std::map<std::string, std::shared_ptr<boost::asio::steady_timer>> holds;
    auto const begin = [&](std::string const& user, std::string const& name) {
        boost::asio::co_spawn(io, search(turns, user, name, said, holds), work::rethrow);
        io.restart();
        io.poll();
    };
    auto const end = [&](std::string const& name) {
        holds.at(name)->cancel();
        io.restart();
        io.poll();
    };
    for (int i = 1; i <= 6; ++i)
        begin("ada", "ada" + std::to_string(i));
    EXPECT_THAT(said, ElementsAre("ada1", "no ada6"));
    begin("bob", "bob1");
    EXPECT_EQ(turns->size(), 6u) << "of another user there is room";
    EXPECT_EQ(said.size(), 2u) << "and one runs";
    end("ada1");
    EXPECT_THAT(said, ElementsAre("ada1", "no ada6", "ada2"));
    begin("ada", "ada7");
    for (std::string const name : {"ada2", "ada3", "ada4", "ada5", "bob1", "ada7"})
        end(name);
    EXPECT_THAT(
        said,
        ElementsAre("ada1", "no ada6", "ada2", "ada3", "ada4", "ada5", "bob1", "ada7")
    );
    EXPECT_EQ(turns->size(), 0u);
}

TEST(search_turns, of_six_searches_at_once_one_is_told_to_come_again)
{
    redis_server redis;
    served server(redis.url());
    ASSERT_EQ(server.post("/api/v1/jobs", R"({"name":"mail","args":[]})").status, 201);
    ASSERT_EQ(server.get("/api/v1/jobs?state=pending&scan=10000").status, 200);
    int good = 0, refused = 0;
    // Again where the machine was so slow that the first was answered before the last was sent.
    for (int turn = 0; turn != 20 && (refused != 1 || good != 5); ++turn) {
        good = refused = 0;
        redis.ask("CLIENT PAUSE 1000 ALL");
        std::vector<raw_connection> all;
        for (int i = 0; i != 6; ++i) {
            all.emplace_back(server.port());
            all.back().send(
                "GET /api/v1/jobs?state=pending&scan=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            );
        }
        for (raw_connection& one : all) {
            http_answer const answer = one.read();
            good += answer.status == 200;
            if (answer.status == 429) {
                ++refused;
                EXPECT_EQ(answer.slug(), "too-many");
                EXPECT_EQ(answer.field("Retry-After"), "1");
            }
        }
        EXPECT_LE(refused, 1);
    }
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(good, 5);
    // What is looked at again and again takes no turn.
    EXPECT_EQ(server.get("/api/v1/jobs?state=pending").status, 200);
}

TEST(queue_places, count_what_is_in_no_list_of_the_queue)
{
    redis_server redis;
    for (std::string const& url : {std::string("memory:"), redis.url()}) {
        served server(url);
        auto const store = [&](std::string const& more) {
            auto const answer = server.post("/api/v1/jobs", R"({"name":"mail","args":[])" + more);
            EXPECT_EQ(answer.status, 201) << answer.body;
            return std::string(answer.json().at("id").as_string());
        };
        for (int i = 0; i != 3; ++i)
            store(R"(,"queue":"later","in_ms":600000})");
        store(R"(,"in_ms":600000})");
        for (std::string const queue : {"slow", "slow", "other"}) {
            std::string const id = store(R"(,"queue":")" + queue + R"("})");
            ASSERT_EQ(server.post("/api/v1/jobs/" + id + "/kill", "{}").status, 200);
        }
        auto const slow = server.get("/api/v1/queues/slow").json();
        EXPECT_EQ(slow.at("dead").at("count").as_int64(), 2);
        EXPECT_EQ(slow.at("dead").at("scanned").as_int64(), 3);
        EXPECT_EQ(slow.at("dead").at("of").as_int64(), 3);
        EXPECT_EQ(slow.at("retry").at("count").as_int64(), 0);
        EXPECT_EQ(slow.at("pending").as_int64(), 0);
        // Nothing was ever pending there, and yet there is something.
        auto const later = server.get("/api/v1/queue?queue=later");
        ASSERT_EQ(later.status, 200) << later.body;
        EXPECT_EQ(later.json().at("scheduled").at("count").as_int64(), 3);
        EXPECT_EQ(later.json().at("scheduled").at("of").as_int64(), 4);
        EXPECT_EQ(server.get("/api/v1/queues/none").slug(), "no-such-queue");
        EXPECT_EQ(server.get("/api/v1/queue?queue=a%00b").slug(), "no-such-queue");
    }
}

TEST(orders_of_lists, are_taken_where_they_make_sense)
{
    served server("memory:");
    for (int i = 1; i <= 3; ++i) {
        std::string const job = R"({"name":"mail","args":[],"id":"j)" + std::to_string(i) +
                                R"(","in_ms":)" + std::to_string(600'000 * i) + "}";
        ASSERT_EQ(server.post("/api/v1/jobs", job).status, 201);
    }
    auto const first = [&](std::string const& query) {
        auto const answer = server.get("/api/v1/jobs?limit=1&state=scheduled" + query).json();
        return std::string(answer.at("jobs").at(0).at("id").as_string());
    };
    EXPECT_EQ(first(""), "j1");
    EXPECT_EQ(first("&order=oldest"), "j1");
    EXPECT_EQ(first("&order=newest"), "j3");
    for (std::string const bad :
         {"state=dead&order=up",
          "state=pending&order=newest",
          "state=dead,active&order=oldest",
          "order=oldest"}) {
        auto const answer = server.get("/api/v1/jobs?" + bad);
        EXPECT_EQ(answer.slug(), "bad-parameter") << bad;
        EXPECT_EQ(answer.json().at("field").as_string(), "order") << bad;
    }
}

TEST(orders_of_lists, of_queues_may_be_by_how_much_is_done)
{
    served server("memory:");
    std::string const body = R"({"job_types":[{"name":"a"},{"name":"b"}],"lease_ms":60000})";
    ASSERT_EQ(server.ask("PUT", "/api/v1/pools/p", body).status, 200);
    std::int64_t number = 0;
    auto const run = [&](std::string const& name) {
        ASSERT_EQ(
            server.post("/api/v1/jobs", R"({"name":")" + name + R"(","args":[]})").status,
            201
        );
        ++number;
        auto const got =
            server.post("/api/v1/pools/p/claim", R"({"number":)" + std::to_string(number) + "}")
                .json();
        auto const& job = got.at("jobs").at(0);
        std::string const report = R"({"number":)" + std::to_string(number) +
                                   R"(,"outcomes":[{"id":)" + boost::json::serialize(job.at("id")) +
                                   R"(,"fence":)" + boost::json::serialize(job.at("fence")) +
                                   R"(,"outcome":"complete"}]})";
        ASSERT_EQ(server.post("/api/v1/pools/p/report", report).status, 200);
    };
    run("a");
    ASSERT_TRUE(
        server.get("/api/v1/queues?sort=rate").json().at("queues").at(0).at("rate").is_null()
    ) << "one look is none";
    run("b");
    run("b");
    std::string busiest;
    double rate = 0;
    EXPECT_TRUE(eventually([&] {
        auto const answer = server.get("/api/v1/queues?sort=rate").json();
        auto const& row = answer.at("queues").at(0);
        busiest = row.at("queue").as_string();
        rate = row.at("rate").is_null() ? 0 : row.at("rate").as_double();
        return busiest == "b" && rate > 0;
    })) << busiest;
    EXPECT_LT(rate, 2.1);
    EXPECT_EQ(server.get("/api/v1/queues?sort=speed").slug(), "bad-parameter");
}

TEST(gone_pools, are_remembered_for_a_quarter_of_an_hour)
{
    web::gone_pools all;
    auto const pool = [](std::string id, std::int64_t at) {
        work::pool_info one;
        one.pool = std::move(id);
        one.heartbeat_at_ms = at;
        return one;
    };
    constexpr std::int64_t began = 10'000'000;
    all.saw({pool("a", began), pool("b", began), pool("c", began + 1)});
    EXPECT_TRUE(all.at(began).empty());
    all.saw({pool("b", began + 5'000)});
    auto const gone = all.at(began + 5'000);
    ASSERT_EQ(gone.size(), 2u);
    EXPECT_EQ(gone[0].pool, "c") << "the last one first";
    // One that was only late is there again.
    all.saw({pool("a", began + 6'000)});
    ASSERT_EQ(all.at(began + 6'000).size(), 2u);
    EXPECT_EQ(all.at(began + 6'000)[0].pool, "b");
    EXPECT_EQ(all.at(began + web::gone_pools::kept_ms + 2).size(), 1u);
    EXPECT_TRUE(all.at(began + web::gone_pools::kept_ms + 5'001).empty());
    // However many go, so many are kept.
    std::vector<work::pool_info> many;
    for (int i = 0; i != 500; ++i)
        many.push_back(pool("m" + std::to_string(i), began + 900'000));
    all.saw(many);
    all.saw({});
    EXPECT_EQ(all.at(began + 900'000).size(), web::gone_pools::most);
}

TEST(gone_pools, are_listed_beside_those_that_live)
{
    served server("memory:");
    std::string const body = R"({"job_types":[{"name":"mail"}],"host":"h","lease_ms":60000})";
    ASSERT_EQ(server.ask("PUT", "/api/v1/pools/first", body).status, 200);
    // It shows itself with its first claim.
    ASSERT_EQ(server.post("/api/v1/pools/first/claim", R"({"number":1})").status, 200);
    auto const listed = [&](char const* where) {
        std::vector<std::string> ids;
        auto const answer = server.get("/api/v1/pools").json();
        for (auto const& one : answer.at(where).as_array())
            ids.emplace_back(one.at("pool").as_string());
        return ids;
    };
    EXPECT_TRUE(eventually([&] { return listed("pools") == std::vector<std::string>{"first"}; }));
    EXPECT_TRUE(listed("gone").empty());
    ASSERT_EQ(server.ask("DELETE", "/api/v1/pools/first", "", "").status / 100, 2);
    EXPECT_TRUE(eventually([&] { return listed("gone") == std::vector<std::string>{"first"}; }));
    EXPECT_TRUE(listed("pools").empty());
}
