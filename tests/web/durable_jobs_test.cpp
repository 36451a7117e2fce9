// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs over HTTP that replicas are to have.

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>
#include <string>

#include "support/pause.hpp"
#include "support/redis_server.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

using work::testing::http_answer;
using work::testing::redis_server;
using work::testing::served;

namespace {

constexpr char durable_as_json[] = "Content-Type: application/json\r\n";

boost::json::object safety_of(http_answer const& of)
{
    auto const answer = of.json();
    auto const* const told = answer.if_contains("safety");
    return told == nullptr ? boost::json::object() : told->as_object();
}

TEST(durable_over_http, says_who_has_the_jobs)
{
    redis_server primary({"--repl-diskless-sync-delay", "0"});
    redis_server replica({"--replicaof", "127.0.0.1", std::to_string(primary.port())});
    ASSERT_TRUE(work::testing::soon(
        [&] { return primary.ask("INFO replication").find("state=online") != std::string::npos; },
        std::chrono::seconds(60)
    ));
    served server(primary.url());
    std::string const job = R"({"name":"mail","args":[1]})";
    auto const one = server.post("/api/v1/jobs?durable=1&durable_ms=10000", job, durable_as_json);
    EXPECT_EQ(one.status, 201) << one.body;
    EXPECT_EQ(
        boost::json::serialize(safety_of(one)),
        R"({"enough":true,"replicas":1,"on_disk":false,"trouble":""})"
    );
    // Where the machine is slow, the replica has it later than after 50 ms.
    std::int64_t have = 0;
    for (std::string const in_ms : {"50", "500", "5000"}) {
        std::string const path = "/api/v1/jobs?durable=2&durable_ms=" + in_ms;
        auto const two = server.post(path, job, durable_as_json);
        EXPECT_EQ(two.status, 201) << two.body;
        EXPECT_FALSE(safety_of(two).at("enough").as_bool());
        have = safety_of(two).at("replicas").as_int64();
        if (have == 1)
            break;
    }
    EXPECT_EQ(have, 1);
    auto const any = server.post("/api/v1/jobs", job, durable_as_json);
    EXPECT_TRUE(safety_of(any).empty());

    auto const many = server.post(
        "/api/v1/jobs/bulk?durable=1&durable_ms=10000",
        R"({"jobs":[{"name":"mail","args":[1]},{"name":"","args":[]},{"name":"mail","args":[2]}]})",
        durable_as_json
    );
    EXPECT_EQ(many.status, 200) << many.body;
    auto const told = many.json();
    EXPECT_EQ(told.at("stored").as_int64(), 2);
    EXPECT_EQ(told.at("refused").as_int64(), 1);
    EXPECT_EQ(told.at("results").as_array()[1].as_object().at("status").as_int64(), 422);
    EXPECT_TRUE(safety_of(many).at("enough").as_bool());

    auto const document = server.get("/api/v1/openapi.json").json();
    auto const& all = document.at("components").as_object().at("schemas").as_object();
    work::testing::schema_check const check(document);
    EXPECT_EQ(check.check(boost::json::parse(one.body), all.at("Stored").as_object()), "");
    EXPECT_EQ(check.check(boost::json::parse(many.body), all.at("StoredMany").as_object()), "");
}

TEST(durable_over_http, refuses_what_can_not_be_had)
{
    served server("memory:durable-over-http");
    std::string const job = R"({"name":"mail","args":[1]})";
    auto const post = [&](std::string const& query) {
        return server.post("/api/v1/jobs?" + query, job, durable_as_json);
    };
    EXPECT_EQ(post("durable=1").status, 422);
    EXPECT_EQ(post("durable=1").slug(), "invalid-option");
    EXPECT_EQ(post("durable=1001").slug(), "bad-parameter");
    EXPECT_EQ(post("durable_aof=yes").slug(), "bad-parameter");
    EXPECT_EQ(post("durable_ms=5").slug(), "bad-parameter");
    EXPECT_EQ(post("durable=1&durable_ms=10001").slug(), "bad-parameter");
    auto const many = server.post(
        "/api/v1/jobs/bulk?durable=1",
        R"({"jobs":[{"name":"mail","args":[1]}]})",
        durable_as_json
    );
    EXPECT_EQ(many.json().at("refused").as_int64(), 1) << many.body;
    EXPECT_NE(server.get("/api/v1/jobs").body.find("\"jobs\":[]"), std::string::npos);
}

}  // namespace
