// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What people do to pools and queues through the API, beside pausing.

#include <boost/json/object.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>

#include "support/redis_server.hpp"
#include "web/served.hpp"

namespace {

using work::testing::http_answer;
using work::testing::redis_server;
using work::testing::served;

class admin : public ::testing::TestWithParam<bool>
{
protected:
    void SetUp() override
    {
        if (GetParam())
            redis_ = std::make_unique<redis_server>();
        at.emplace(redis_ ? redis_->url() : "memory:");
    }

    std::unique_ptr<redis_server> redis_;
    std::optional<served> at;
};

TEST_P(admin, a_stop_may_carry_a_grace)
{
    ASSERT_EQ(at->ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"mail"}]})").status, 200);
    ASSERT_EQ(at->post("/api/v1/pools/p/claim", R"({"number":1})").status, 200);
    for (std::string const bad : {"-1", "86400001", "\"5s\"", "0.5"}) {
        auto const refused = at->post("/api/v1/pools/p/stop", R"({"grace_ms":)" + bad + "}");
        EXPECT_EQ(refused.status, 422) << bad;
        EXPECT_EQ(refused.slug(), "invalid-option");
    }
    ASSERT_EQ(at->post("/api/v1/pools/p/stop", R"({"grace_ms":86400000})").status, 200);
    auto const told = at->post("/api/v1/pool/stop?pool=p", R"({"grace_ms":5000})");
    ASSERT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(told.json().at("code").as_string(), "done");
    auto const claimed = at->post("/api/v1/pools/p/claim", R"({"number":2})");
    ASSERT_EQ(claimed.status, 200) << claimed.body;
    EXPECT_EQ(claimed.json().at("state").as_string(), "stopping");
    EXPECT_EQ(claimed.json().at("grace_ms").as_int64(), 5'000);
    ASSERT_EQ(at->post("/api/v1/pools/p/stop", "{}").status, 200);
    auto const again = at->post("/api/v1/pools/p/claim", R"({"number":3})");
    EXPECT_EQ(again.json().at("state").as_string(), "stopping");
    EXPECT_FALSE(again.json().contains("grace_ms"));
}

TEST_P(admin, a_queue_that_is_empty_and_unserved_is_forgotten)
{
    auto const remove = [&](std::string const& path) { return at->ask("DELETE", path, "", ""); };
    EXPECT_EQ(remove("/api/v1/queues/none").slug(), "no-such-queue");
    EXPECT_EQ(remove("/api/v1/queue?queue=a%00").slug(), "invalid-option");
    std::string const job = R"({"name":"mail","queue":"old","args":[]})";
    auto const stored = at->post("/api/v1/jobs", job);
    ASSERT_EQ(stored.status, 201) << stored.body;
    std::string const id(stored.json().at("id").as_string());
    auto const full = remove("/api/v1/queues/old");
    EXPECT_EQ(full.status, 409);
    EXPECT_EQ(full.slug(), "queue-in-use");
    EXPECT_EQ(full.json().at("jobs").as_int64(), 1);
    EXPECT_TRUE(full.json().at("pools").as_array().empty());
    EXPECT_EQ(at->get("/api/v1/queues/old").status, 200) << "nothing was changed";
    // A dead one is a job that is there, too.
    ASSERT_EQ(at->post("/api/v1/jobs/" + id + "/kill", "{}").status, 200);
    EXPECT_EQ(remove("/api/v1/queue?queue=old").json().at("jobs").as_int64(), 1);
    ASSERT_EQ(at->post("/api/v1/jobs/" + id + "/delete", "{}").status, 200);
    // It is served, by name.
    ASSERT_EQ(at->ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"mail"}]})").status, 200);
    ASSERT_EQ(at->post("/api/v1/pools/p/claim", R"({"number":1})").status, 200);
    auto const served_by = remove("/api/v1/queues/old");
    ASSERT_EQ(served_by.status, 409) << served_by.body;
    EXPECT_EQ(served_by.json().at("jobs").as_int64(), 0);
    EXPECT_EQ(served_by.json().at("pools").at(0).as_string(), "p");
    ASSERT_EQ(at->ask("DELETE", "/api/v1/pools/p", "", "").status, 200);
    ASSERT_EQ(at->post("/api/v1/queues/old/pause", "{}").status, 200);
    auto const gone = remove("/api/v1/queues/old");
    EXPECT_EQ(gone.status, 204) << gone.body;
    EXPECT_EQ(gone.body, "");
    EXPECT_EQ(at->get("/api/v1/queues/old").slug(), "no-such-queue");
    auto const queues = at->get("/api/v1/queues").json();
    EXPECT_TRUE(queues.at("queues").as_array().empty());
    EXPECT_TRUE(queues.at("paused").as_array().empty());
    EXPECT_EQ(remove("/api/v1/queues/old").status, 404);
    auto const told = at->get("/api/v1/audit").json().at("entries").at(0);
    EXPECT_EQ(told.at("action").as_string(), "delete");
    EXPECT_EQ(told.at("what").as_string(), "queue old");
}

TEST_P(admin, what_people_did_to_a_job_is_shown_with_it)
{
    auto const stored = at->post("/api/v1/jobs", R"({"name":"mail","queue":"q","args":[1]})");
    ASSERT_EQ(stored.status, 201) << stored.body;
    std::string const path = "/api/v1/jobs/" + std::string(stored.json().at("id").as_string());
    EXPECT_TRUE(at->get(path).json().at("history").as_array().empty());
    ASSERT_EQ(at->post(path + "/kill", R"({"reason":"it \"loops\""})").status, 200);
    ASSERT_EQ(at->post(path + "/requeue", "{}").status, 200);
    auto const seen = at->get(path);
    ASSERT_EQ(
        at->ask(
              "PATCH",
              path,
              R"({"priority":5})",
              "Content-Type: application/json\r\nIf-Match: " + seen.field("ETag") + "\r\n"
        )
            .status,
        200
    );
    auto const job = at->get(path).json();
    auto const& history = job.at("history").as_array();
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[0].at("action").as_string(), "kill");
    EXPECT_EQ(history[0].at("was").as_string(), "pending");
    EXPECT_EQ(history[0].at("reason").as_string(), "it \"loops\"");
    EXPECT_FALSE(history[0].at("by").as_string().empty());
    EXPECT_GT(history[0].at("at_ms").as_int64(), 0);
    EXPECT_EQ(history[1].at("action").as_string(), "requeue");
    EXPECT_EQ(history[1].at("was").as_string(), "dead");
    EXPECT_EQ(history[2].at("action").as_string(), "edit");
    EXPECT_EQ(history[2].at("what").as_string(), "priority");
    EXPECT_TRUE(at->get(path + "/logs").json().at("lines").as_array().empty());
}

TEST_P(admin, what_people_did_to_a_job_that_runs_is_shown_at_once_and_after_its_end)
{
    for (std::string const action : {"cancel", "kill"}) {
        auto const stored = at->post("/api/v1/jobs", R"({"name":"mail","args":[1]})");
        ASSERT_EQ(stored.status, 201) << stored.body;
        std::string const id(stored.json().at("id").as_string());
        std::string const path = "/api/v1/jobs/" + id;
        std::string const pool = "/api/v1/pools/" + action;
        std::string const json = "Content-Type: application/json\r\n";
        at->ask("PUT", pool, R"({"job_types":[{"name":"mail"}]})", json);
        auto const got = at->post(pool + "/claim", R"({"number":1})").json();
        ASSERT_EQ(got.at("jobs").as_array().size(), 1u);
        std::string const fence = std::to_string(got.at("jobs").at(0).at("fence").as_int64());
        ASSERT_EQ(at->post(path + "/" + action, R"({"reason":"it loops"})").status, 200);
        auto const told = [&](std::string const& state) {
            auto const job = at->get(path).json();
            EXPECT_EQ(job.at("state").as_string(), state);
            auto const& history = job.at("history").as_array();
            ASSERT_EQ(history.size(), 1u) << state;
            EXPECT_EQ(history[0].at("action").as_string(), action);
            EXPECT_EQ(history[0].at("was").as_string(), "active");
            EXPECT_EQ(history[0].at("reason").as_string(), "it loops");
            EXPECT_EQ(history[0].at("by").as_string(), "anonymous");
            EXPECT_GT(history[0].at("at_ms").as_int64(), 0);
        };
        told("active");
        auto const outcome = R"({"number":1,"outcomes":[{"id":")" + id + R"(","fence":)" + fence +
                             R"(,"outcome":"release"}]})";
        ASSERT_EQ(at->post(pool + "/report", outcome).status, 200);
        told(action == "kill" ? "dead" : "cancelled");
    }
}

TEST_P(admin, a_pool_over_http_shows_what_it_runs_by_name)
{
    auto const store = [&](std::string const& name) {
        auto const stored = at->post("/api/v1/jobs", R"({"name":")" + name + R"(","args":[]})");
        EXPECT_EQ(stored.status, 201) << stored.body;
        return std::string(stored.json().at("id").as_string());
    };
    std::string const first = store("mail");
    store("mail");
    std::string const other = store("print");
    ASSERT_EQ(
        at->ask(
              "PUT",
              "/api/v1/pools/p",
              R"({"job_types":[{"name":"mail"},{"name":"print"}],"concurrency":9})"
        )
            .status,
        200
    );
    auto const claimed = at->post("/api/v1/pools/p/claim", R"({"number":1,"want":9})");
    ASSERT_EQ(claimed.json().at("jobs").as_array().size(), 3u) << claimed.body;
    // Shown again when it says something, 4 s after it was shown first.
    boost::json::object pool;
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    int number = 0;
    while (std::chrono::steady_clock::now() < until) {
        at->post("/api/v1/pools/p/report", R"({"number":)" + std::to_string(++number) + "}");
        pool = at->get("/api/v1/pools/p").json();
        if (pool.contains("in_flight") && !pool.at("in_flight").as_array().empty())
            break;
    }
    auto const& flight = pool.at("in_flight").as_array();
    ASSERT_EQ(flight.size(), 2u);
    EXPECT_EQ(flight[0].at("name").as_string(), "mail");
    EXPECT_EQ(flight[0].at("jobs").as_int64(), 2);
    EXPECT_EQ(flight[0].at("oldest").as_string(), first);
    EXPECT_GT(flight[0].at("since_ms").as_int64(), 0);
    EXPECT_EQ(flight[1].at("name").as_string(), "print");
    EXPECT_EQ(flight[1].at("oldest").as_string(), other);
    EXPECT_NE(pool.at("oldest").at("id").as_string(), "");
}

INSTANTIATE_TEST_SUITE_P(, admin, ::testing::Bool(), [](auto const& one) {
    return one.param ? std::string("redis") : std::string("memory");
});

}  // namespace
