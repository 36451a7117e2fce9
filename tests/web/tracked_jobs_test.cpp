// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs that people track, over HTTP.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>

#include "support/redis_server.hpp"
#include "web/both_brokers.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;

namespace {

constexpr char tracked_as_json[] = "Content-Type: application/json\r\n";

TEST(tracked_over_http, is_what_was_asked_for_and_no_more)
{
    for (bool const on_redis : {false, true}) {
        auto const redis = on_redis ? std::make_unique<redis_server>() : nullptr;
        served server(on_redis ? redis->url() : "memory:tracked-over-http");
        auto const stored = server.post(
            "/api/v1/jobs",
            R"({"name":"mail","args":[1],"id":"odd/id","in_ms":60000})",
            tracked_as_json
        );
        ASSERT_EQ(stored.status, 201) << stored.body;
        std::string const path = "/api/v1/job/track?id=odd%2Fid";
        auto const on = server.post(path, "{}", tracked_as_json);
        EXPECT_EQ(on.status, 200) << on.body;
        EXPECT_EQ(on.json().at("code").as_string(), "done");
        EXPECT_EQ(on.json().at("state").as_string(), "scheduled");
        EXPECT_EQ(server.post(path, "{}", tracked_as_json).json().at("code"), "already");
        EXPECT_EQ(server.post("/api/v1/jobs/nobody/track", "{}", tracked_as_json).status, 404);

        auto const all = server.get("/api/v1/tracked");
        auto const document = server.get("/api/v1/openapi.json").json();
        auto const& schemas = document.at("components").as_object().at("schemas").as_object();
        EXPECT_EQ(
            work::testing::schema_check(document)
                .check(boost::json::parse(all.body), schemas.at("Tracked").as_object()),
            ""
        );
        auto const rows = all.json().at("tracked").as_array();
        ASSERT_EQ(rows.size(), 1u) << all.body;
        EXPECT_TRUE(server.get("/api/v1/job?id=odd%2Fid").json().at("tracked").as_bool());
        EXPECT_EQ(rows[0].as_object().at("id").as_string(), "odd/id");
        EXPECT_EQ(rows[0].as_object().at("state").as_string(), "scheduled");

        EXPECT_EQ(server.ask("DELETE", path, "", "").json().at("code").as_string(), "done");
        EXPECT_EQ(server.ask("DELETE", path, "", "").json().at("code").as_string(), "already");
        EXPECT_TRUE(server.get("/api/v1/tracked").json().at("tracked").as_array().empty());
        EXPECT_FALSE(server.get("/api/v1/job?id=odd%2Fid").json().at("tracked").as_bool());
    }
}

TEST(tracked_over_http, is_told_page_by_page)
{
    for (bool const on_redis : {false, true}) {
        auto const redis = on_redis ? std::make_unique<redis_server>() : nullptr;
        served server(on_redis ? redis->url() : "memory:tracked-by-pages");
        std::set<std::string> ids;
        for (int i = 0; i != 300; ++i) {
            std::string const id = "job-" + std::to_string(1'000 + i);
            std::string const in = i % 3 == 0 ? "" : R"(,"in_ms":3600000)";
            ASSERT_EQ(
                server
                    .post(
                        "/api/v1/jobs",
                        R"({"name":"mail","args":[],"id":")" + id + "\"" + in + "}",
                        tracked_as_json
                    )
                    .status,
                201
            );
            server.post("/api/v1/jobs/" + id + "/track", "{}", tracked_as_json);
            ids.insert(id);
        }
        std::set<std::string> met;
        std::int64_t last_ms = INT64_MAX;
        std::string cursor;
        int pages = 0;
        do {
            auto const page = server.get(
                "/api/v1/tracked?limit=70" + (cursor.empty() ? "" : "&cursor=" + cursor)
            );
            ASSERT_EQ(page.status, 200) << page.body;
            EXPECT_EQ(work::testing::misfit(server, page, "Tracked"), "");
            auto const shown = page.json();
            EXPECT_EQ(shown.at("of").as_int64(), 300);
            EXPECT_EQ(shown.at("states").at("pending").as_int64(), 100);
            EXPECT_EQ(shown.at("states").at("scheduled").as_int64(), 200);
            EXPECT_EQ(shown.at("pace_ms").as_int64(), 1'800);
            for (auto const& one : shown.at("tracked").as_array()) {
                EXPECT_LE(one.at("since_ms").as_int64(), last_ms) << "the last one first";
                last_ms = one.at("since_ms").as_int64();
                EXPECT_TRUE(met.emplace(one.at("id").as_string()).second) << "twice";
            }
            auto const& next = shown.at("next");
            cursor = next.is_null() ? "" : std::string(next.as_string());
            ++pages;
        } while (!cursor.empty());
        EXPECT_EQ(pages, 5);
        EXPECT_EQ(met, ids);
        EXPECT_EQ(server.get("/api/v1/tracked").json().at("tracked").as_array().size(), 50u);
        EXPECT_LT(server.get("/api/v1/tracked?limit=300").body.size(), 64u << 10);
        for (std::string const bad : {"x", "zzzzzzzz1%201", "00000000"})
            EXPECT_EQ(server.get("/api/v1/tracked?cursor=" + bad).slug(), "bad-cursor") << bad;

        // The stream tells all of them once, in events of 200.
        raw_connection stream(server.port());
        stream.send("GET /api/v1/events?topics=tracked HTTP/1.1\r\nHost: localhost\r\n\r\n");
        auto const next = [&] {
            EXPECT_FALSE(stream.read_until("event: tracked\ndata: ").empty());
            return boost::json::parse(stream.read_until("\n")).as_object();
        };
        auto const first = next();
        EXPECT_EQ(first.at("changed").as_array().size(), 200u);
        EXPECT_EQ(first.at("of").as_int64(), 300);
        EXPECT_EQ(first.at("pace_ms").as_int64(), 1'800);
        EXPECT_EQ(next().at("changed").as_array().size(), 100u);
        EXPECT_LT(server.stop(), std::chrono::seconds(10));
    }
}

TEST(tracked_over_http, is_told_by_the_stream_when_it_changes)
{
    for (bool const on_redis : {false, true}) {
        auto const redis = on_redis ? std::make_unique<redis_server>() : nullptr;
        served server(on_redis ? redis->url() : "memory:tracked-in-the-stream");
        auto const store = [&](std::string const& id) {
            std::string const job = R"({"name":"mail","args":[],"in_ms":60000,"id":")" + id + "\"}";
            ASSERT_EQ(server.post("/api/v1/jobs", job, tracked_as_json).status, 201);
            server.post("/api/v1/jobs/" + id + "/track", "{}", tracked_as_json);
        };
        store("first");
        raw_connection stream(server.port());
        stream.send("GET /api/v1/events?topics=tracked HTTP/1.1\r\nHost: localhost\r\n\r\n");
        auto const next = [&] {
            EXPECT_FALSE(stream.read_until("event: tracked\ndata: ").empty());
            return boost::json::parse(stream.read_until("\n")).as_object();
        };
        // Those that there are, and then those that are otherwise than they were told.
        auto const begun = next();
        ASSERT_EQ(begun.at("changed").as_array().size(), 1u);
        EXPECT_EQ(begun.at("changed").at(0).at("id").as_string(), "first");
        EXPECT_EQ(begun.at("changed").at(0).at("state").as_string(), "scheduled");
        EXPECT_TRUE(begun.at("gone").as_array().empty());
        store("second");
        auto const came = next();
        ASSERT_EQ(came.at("changed").as_array().size(), 1u);
        EXPECT_EQ(came.at("changed").at(0).at("id").as_string(), "second");
        server.post("/api/v1/jobs/first/cancel", "{}", tracked_as_json);
        auto const ended = next();
        ASSERT_EQ(ended.at("changed").as_array().size(), 1u);
        EXPECT_EQ(ended.at("changed").at(0).at("id").as_string(), "first");
        EXPECT_EQ(ended.at("changed").at(0).at("state").as_string(), "cancelled");
        EXPECT_GT(ended.at("changed").at(0).at("ended_ms").as_int64(), 0);
        server.ask("DELETE", "/api/v1/jobs/second/track", "", "");
        auto const gone = next();
        EXPECT_TRUE(gone.at("changed").as_array().empty());
        ASSERT_EQ(gone.at("gone").as_array().size(), 1u);
        EXPECT_EQ(gone.at("gone").at(0).as_string(), "second");
        EXPECT_LT(server.stop(), std::chrono::seconds(10));
    }
}

}  // namespace
