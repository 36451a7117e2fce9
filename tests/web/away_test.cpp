// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a server says while its Redis does not answer.

#include <work/web/problem.hpp>
#include <work/web/routes/routes.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/pause.hpp"
#include "support/redis_server.hpp"
#include "web/bodies.hpp"
#include "web/served.hpp"

using namespace std::chrono_literals;
using work::testing::body_for;
using work::testing::http_answer;
using work::testing::pause_for;
using work::testing::redis_server;
using work::testing::served;
using work::testing::soon;
namespace web = work::web;

namespace {

struct timed_answer
{
    http_answer answer;
    std::chrono::milliseconds took{};
};

timed_answer ask(served& server, std::string const& method, std::string path, web::body_kind body)
{
    std::string const media = body == web::body_kind::form
                                  ? "Content-Type: application/x-www-form-urlencoded\r\n"
                                    "Sec-Fetch-Site: same-origin\r\n"
                                  : "Content-Type: application/json\r\n";
    auto const from = std::chrono::steady_clock::now();
    timed_answer got;
    got.answer =
        method == "GET" ? server.get(path) : server.ask(method, path, body_for(body), media);
    got.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - from
    );
    return got;
}

timed_answer ask(served& server, web::route const& one)
{
    std::string path(one.path);
    for (auto at = path.find('{'); at != path.npos; at = path.find('{'))
        path.replace(at, path.find('}') - at + 1, "1");
    for (auto const& parameter : one.query)
        path += parameter.required ? "?" + std::string(parameter.name) + "=x" : "";
    return ask(server, std::string(one.method), path, one.body);
}

/// What is not noticed to be away is waited for as long as its deadline says: 10 s and more.
constexpr auto without_its_deadline = 7s;

void expect_away(timed_answer const& got, std::string const& what)
{
    EXPECT_EQ(got.answer.status, 503) << what << " " << got.answer.body;
    EXPECT_EQ(got.answer.slug(), "broker-unavailable") << what;
    EXPECT_NE(got.answer.field("Retry-After"), "") << what;
    EXPECT_LT(got.took, without_its_deadline) << what;
}

}  // namespace

// A server without memory is another thing than a list that has as many entries as it may.
TEST(away, what_is_full_is_told_apart)
{
    auto const told = [](work::errc code) {
        return web::problem_of(std::make_exception_ptr(work::error(code, "10 000 are too many")));
    };
    EXPECT_EQ(told(work::errc::full).status(), 507);
    EXPECT_EQ(told(work::errc::full).slug(), "broker-full");
    EXPECT_EQ(told(work::errc::too_many).status(), 409);
    EXPECT_EQ(told(work::errc::too_many).slug(), "too-many-entries");
    EXPECT_EQ(told(work::errc::too_many).what(), std::string("10 000 are too many"));
}

TEST(away, every_route_says_so_before_its_deadline)
{
    redis_server redis;
    served server(redis.url());
    ASSERT_EQ(server.get("/api/v1/queues").status, 200);
    redis.kill();
    // What was read within the last second is still answered.
    pause_for(1'100ms);
    // Those that need nothing of it, have what was seen before, or have it for their answer.
    std::set<std::string> const answers{
        "/healthz/live",
        "/healthz/ready",
        "/metrics",
        "/",
        "/ui/{file}",
        "/plain",
        "/plain.css",
        "/api/v1/",
        "/api/v1/openapi.json",
        "/api/v1/events",
        "/api/v1/broker",
        "/api/v1/doctor",
    };
    int told = 0;
    auto const& table = web::all_routes();
    // Some at a time: each takes a second or so.
    for (std::size_t at = 0; at < table.size(); at += 16) {
        std::vector<std::pair<web::route const*, std::future<timed_answer>>> some;
        for (std::size_t i = at; i != std::min(at + 16, table.size()); ++i)
            if (table[i].path != "/api/v1/events")
                some.emplace_back(&table[i], std::async(std::launch::async, [&server, &table, i] {
                    return ask(server, table[i]);
                }));
        for (auto& [one, asked] : some) {
            std::string const key = std::string(one->method) + " " + std::string(one->path);
            timed_answer const got = asked.get();
            EXPECT_LT(got.took, without_its_deadline) << key;
            if (answers.contains(std::string(one->path)))
                continue;
            if (got.answer.slug() == "invalid-option" || got.answer.slug() == "bad-parameter")
                continue;  // it is said before the broker is asked
            expect_away(got, key);
            ++told;
        }
    }
    EXPECT_GT(told, 60);
    auto const said = server.get("/api/v1/jobs/x").json();
    EXPECT_GT(said.at("since_ms").as_int64(), 0);
    EXPECT_NE(
        std::string(said.at("detail").as_string()).find(std::to_string(redis.port())),
        std::string::npos
    );
    auto const about = server.get("/api/v1/broker").json();
    EXPECT_EQ(about.at("verdict").as_string(), "away");
    auto const doctor = server.get("/api/v1/doctor").json();
    EXPECT_EQ(doctor.at("findings").as_array()[0].as_object().at("level").as_string(), "problem");
    redis.start();
    EXPECT_TRUE(soon([&] { return server.get("/api/v1/queues").status == 200; }));
    EXPECT_EQ(server.post("/api/v1/jobs", R"({"name":"a","args":[]})").status, 201);
}

// The first to ask does not know yet, and a server that is frozen keeps its connections.
TEST(away, the_first_to_ask_hears_it_as_soon)
{
    redis_server redis;
    served server(redis.url());
    server.post("/api/v1/jobs", R"({"name":"a","id":"j","args":[]})");
    server.ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"none"}]})");
    using web::body_kind;
    struct first
    {
        std::string method, path;
        body_kind body;
        std::string slug = "broker-unavailable";
    };
    for (first const& one : std::vector<first>{
             {"GET", "/api/v1/jobs/j", body_kind::none},
             {"GET", "/api/v1/jobs?state=pending", body_kind::none},
             {"GET", "/api/v1/queues", body_kind::none},
             {"GET", "/api/v1/doctor?strays=true", body_kind::none, ""},
             {"GET", "/api/v1/broker", body_kind::none, ""},
             {"POST", "/api/v1/pools/p/claim", body_kind::claim},
             {"POST", "/api/v1/pools/p/report", body_kind::report},
             {"POST", "/api/v1/jobs", body_kind::job, "outcome-unknown"},
             {"POST", "/api/v1/jobs/j/requeue", body_kind::object, "outcome-unknown"},
         }) {
        ASSERT_EQ(server.get("/api/v1/jobs/j").status, 200) << one.path;
        // So that no answer is younger than a second.
        pause_for(1'100ms);
        redis.freeze();
        timed_answer const got = ask(server, one.method, one.path, one.body);
        redis.thaw();
        EXPECT_EQ(got.answer.slug(), one.slug) << one.path << " " << got.answer.body;
        EXPECT_LT(got.took, without_its_deadline) << one.path;
        EXPECT_TRUE(soon([&] { return server.get("/api/v1/jobs/j").status == 200; })) << one.path;
    }
}

TEST(away, a_claim_that_waits_hears_it_and_the_next_one_gets_its_job)
{
    redis_server redis;
    served server(redis.url());
    server.ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"none"}]})");
    auto waiting = std::async(std::launch::async, [&] {
        return server.post("/api/v1/pools/p/claim", R"({"number":1,"wait_ms":30000})");
    });
    pause_for(500ms);
    redis.kill();
    auto const from = std::chrono::steady_clock::now();
    EXPECT_EQ(waiting.get().slug(), "broker-unavailable");
    EXPECT_LT(std::chrono::steady_clock::now() - from, 20s);
}

// Who may not steer hears no address.
TEST(away, only_operators_hear_where_it_is)
{
    redis_server redis;
    work::web_options options;
    options.trust = {"127.0.0.1"};
    options.user_header = "X-User";
    options.role_header = "X-Role";
    served server(redis.url(), options);
    redis.kill();
    std::string const port = std::to_string(redis.port());
    for (auto const& [role, hears] :
         {std::pair("viewer", false), std::pair("producer", false), std::pair("operator", true)}) {
        auto const said =
            server.get("/api/v1/jobs/x", "X-User: ada\r\nX-Role: " + std::string(role) + "\r\n");
        EXPECT_EQ(said.slug(), "broker-unavailable") << role;
        EXPECT_EQ(said.body.find(port) != std::string::npos, hears) << role << " " << said.body;
    }
    auto const all = web::broker_away(work::wall_ms() - 12'400, "redis.example:6379", false);
    EXPECT_NE(all.json(0).find("redis.example"), std::string::npos);
    EXPECT_NE(all.json(0).find("for 12 s"), std::string::npos);
    auto const some = web::broker_away(work::wall_ms() - 12'400, "", true);
    EXPECT_EQ(some.status(), 502);
    EXPECT_EQ(some.json(0).find("server\""), std::string::npos);
}
