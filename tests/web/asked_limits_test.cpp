// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Limits of what a request asks for: each at the limit, and one beyond.

#include <work/web/operation_room.hpp>
#include <work/web/routes/routes.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "web/both_brokers.hpp"
#include "web/served.hpp"

using work::testing::on_both_brokers;
using work::testing::served;
namespace web = work::web;

namespace {

class asked_limits : public on_both_brokers
{
protected:
    /// "" where it is taken, else why not.
    static std::string slug_of(served& server, std::string const& path, std::string const& body)
    {
        auto const answer = server.post(path, body);
        EXPECT_TRUE(answer.status < 300 || !answer.slug().empty()) << answer.body;
        return answer.slug();
    }
};

std::string many(std::size_t count, std::string const& one)
{
    std::string out;
    for (std::size_t i = 0; i != count; ++i)
        out += (i == 0 ? "" : ",") + one;
    return out;
}

TEST_P(asked_limits, of_pages_hold_on_every_route_that_has_them)
{
    served server(url_);
    ASSERT_EQ(server.post("/api/v1/jobs", R"({"name":"a","id":"x","args":[]})").status, 201);
    struct range
    {
        std::string_view parameter;
        std::string most;
        std::string beyond;
        std::string below;
    };
    std::vector<range> const ranges{
        {"limit", "500", "501", "0"},
        {"scan", "10000", "10001", "0"},
        {"min_attempt", "9999", "10000", "-1"},
        {"wait_ms", "0", "55001", "-1"},
        {"count", "100", "101", "0"},
        {"durable", "0", "1001", "-1"},
        {"durable_ms", "10000", "10001", "0"}
    };
    int met = 0;
    for (web::route const& one : web::all_routes()) {
        // There a limit is what is looked at.
        if (one.method != "GET" || one.path == "/api/v1/limit")
            continue;
        std::string path(one.path);
        for (auto at = path.find('{'); at != path.npos; at = path.find('{'))
            path.replace(at, path.find('}') - at + 1, "x");
        std::string required;
        for (auto const& parameter : one.query) {
            bool const spec = parameter.name == "spec";
            if (parameter.required)
                required += "&" + std::string(parameter.name) + (spec ? "=*+*+*+*+*" : "=x");
        }
        for (auto const& parameter : one.query)
            for (range const& has : ranges) {
                if (parameter.name != has.parameter)
                    continue;
                ++met;
                auto const with = [&](std::string const& value) {
                    return server.get(
                        path + "?" + std::string(parameter.name) + "=" + value + required
                    );
                };
                EXPECT_NE(with(has.most).slug(), "bad-parameter") << path << with(has.most).body;
                EXPECT_EQ(with(has.beyond).slug(), "bad-parameter") << path << has.parameter;
                EXPECT_EQ(with(has.below).slug(), "bad-parameter") << path << has.parameter;
            }
    }
    EXPECT_GE(met, 12);
}

TEST_P(asked_limits, of_what_is_looked_for)
{
    served server(url_);
    for (std::string const word : {"queue", "name", "pool", "tag", "failure", "message", "args"}) {
        std::string const path = "/api/v1/jobs?" + word + "=";
        EXPECT_EQ(server.get(path + std::string(128, 'x')).status, 200) << word;
        EXPECT_EQ(server.get(path + std::string(129, 'x')).status, 422) << word;
        std::string const asked = R"({"action":"requeue","dry_run":true,"filter":{")" + word;
        EXPECT_EQ(
            slug_of(server, "/api/v1/operations", asked + "\":\"" + std::string(128, 'x') + "\"}}"),
            ""
        ) << word;
        EXPECT_EQ(
            slug_of(server, "/api/v1/operations", asked + "\":\"" + std::string(129, 'x') + "\"}}"),
            "invalid-option"
        ) << word;
    }
    EXPECT_EQ(server.get("/api/v1/jobs?cursor=" + std::string(513, 'x')).slug(), "bad-cursor");
}

TEST_P(asked_limits, of_a_job)
{
    served server(url_);
    auto const with = [&](std::string const& member) {
        return slug_of(server, "/api/v1/jobs", R"({"args":[],)" + member + "}");
    };
    auto const text = [](std::string const& name, std::size_t size) {
        return '"' + name + "\":\"" + std::string(size, 'x') + '"';
    };
    std::string const named = R"("name":"a",)";
    EXPECT_EQ(with(text("name", 128)), "");
    EXPECT_EQ(with(text("name", 129)), "invalid-option");
    EXPECT_EQ(with(named + text("id", 128)), "");
    EXPECT_EQ(with(named + text("id", 129)), "invalid-option");
    EXPECT_EQ(with(named + text("queue", 128)), "");
    EXPECT_EQ(with(named + text("queue", 129)), "invalid-option");
    auto const tags = [&](std::size_t count, std::size_t size) {
        std::string all;
        for (std::size_t i = 0; i != count; ++i) {
            std::string const number = std::to_string(100 + i);
            all += (i == 0 ? "\"" : ",\"") + number + std::string(size - number.size(), 'x') + '"';
        }
        return with(named + R"("tags":[)" + all + "]");
    };
    EXPECT_EQ(tags(32, 128), "");
    EXPECT_EQ(tags(33, 3), "invalid-option");
    EXPECT_EQ(tags(1, 129), "invalid-option");
    auto const headers = [&](std::size_t count, std::size_t size) {
        std::string all;
        for (std::size_t i = 0; i != count; ++i)
            all += (i == 0 ? "\"h" : ",\"h") + std::to_string(i) + "\":\"" +
                   std::string(size, 'x') + '"';
        return with(named + R"("headers":{)" + all + "}");
    };
    EXPECT_EQ(headers(64, 3), "");
    EXPECT_EQ(headers(65, 3), "invalid-option");
    EXPECT_EQ(headers(1, (64 << 10) - 2), "") << "the name and the value count";
    EXPECT_EQ(headers(1, (64 << 10) - 1), "invalid-option");
    for (std::string const option : {"timeout_ms", "expires_in_ms"}) {
        EXPECT_EQ(with(named + '"' + option + "\":31536000000"), "") << option;
        EXPECT_EQ(with(named + '"' + option + "\":31536000001"), "invalid-option") << option;
    }
    EXPECT_EQ(with(named + R"("in_ms":315360000000)"), "") << "3 650 days";
    EXPECT_EQ(with(named + R"("in_ms":315360000001)"), "invalid-option");
    EXPECT_EQ(with(named + R"("max_attempts":1000)"), "");
    EXPECT_EQ(with(named + R"("max_attempts":1001)"), "invalid-option");
    EXPECT_EQ(with(named + R"("priority":-100)"), "");
    EXPECT_EQ(with(named + R"("priority":-101)"), "invalid-option");
}

TEST_P(asked_limits, of_what_is_done_to_jobs)
{
    served server(url_);
    auto const act = [&](std::string const& members) {
        return slug_of(server, "/api/v1/jobs/actions", R"({"action":"cancel",)" + members + "}");
    };
    EXPECT_EQ(act(R"("ids":[)" + many(256, R"("a")") + "]"), "");
    EXPECT_EQ(act(R"("ids":[)" + many(257, R"("a")") + "]"), "invalid-option");
    EXPECT_EQ(act(R"("ids":[])"), "invalid-option");
    std::string const reason = R"("ids":["a"],"reason":")";
    EXPECT_EQ(act(reason + std::string(512, 'x') + '"'), "");
    EXPECT_EQ(act(reason + std::string(513, 'x') + '"'), "invalid-option");
    auto const pause = [&](std::string const& body) {
        return slug_of(server, "/api/v1/queues/mail/pause", body);
    };
    EXPECT_EQ(pause(R"({"for_ms":604800000})"), "");
    EXPECT_EQ(pause(R"({"for_ms":604800001})"), "invalid-option");
    EXPECT_EQ(pause(R"({"reason":")" + std::string(200, 'x') + "\"}"), "");
    EXPECT_EQ(pause(R"({"reason":")" + std::string(201, 'x') + "\"}"), "invalid-option");
    std::string const stop = "/api/v1/pools/p/stop";
    EXPECT_EQ(slug_of(server, stop, R"({"grace_ms":86400000})"), "no-such-pool");
    EXPECT_EQ(slug_of(server, stop, R"({"grace_ms":86400001})"), "invalid-option");
}

TEST(asked_together, operations_are_as_many_as_there_may_be)
{
    work::testing::redis_server redis;
    served server(redis.url());
    std::string const job = R"({"name":"a","args":[],"in_ms":3600000})";
    for (int i = 0; i != 6; ++i)
        ASSERT_EQ(
            server.post("/api/v1/jobs/bulk", R"({"jobs":[)" + many(1'000, job) + "]}").status,
            200
        );
    auto const begin = [&] {
        return server.post(
            "/api/v1/operations",
            R"({"action":"move","queue":"q","expected":6000,"filter":{"name":"a"}})"
        );
    };
    std::vector<std::string> begun;
    while (begun.size() != web::operation_room::most) {
        auto const one = begin();
        ASSERT_EQ(one.status, 202) << one.body;
        begun.emplace_back(one.json().at("id").as_string());
    }
    auto const beyond = begin();
    EXPECT_EQ(beyond.slug(), "too-many");
    EXPECT_EQ(beyond.field("Retry-After"), "5");
    EXPECT_NE(beyond.body.find("runs 4 operations"), std::string::npos) << beyond.body;
    EXPECT_EQ(server.ask("DELETE", "/api/v1/operations/" + begun.front(), "", "").status, 200);
    // It stops behind what is under way, and leaves its place to another.
    auto next = begin();
    while (next.status == 429)
        next = begin();
    EXPECT_EQ(next.status, 202) << next.body;
}

INSTANTIATE_TEST_SUITE_P(on, asked_limits, testing::Bool(), [](auto const& one) {
    return std::string(one.param ? "redis" : "memory");
});

}  // namespace
