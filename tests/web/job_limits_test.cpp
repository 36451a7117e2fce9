// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Limits of jobs over HTTP: set, shown, removed; what waits at one; leaks that the doctor mends.

#include <work/context.hpp>
#include <work/values/job_options.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "web/both_brokers.hpp"
#include "web/served.hpp"

using ::testing::HasSubstr;
using work::testing::http_answer;
using work::testing::misfit;
using work::testing::on_both_brokers;
using work::testing::redis_server;
using work::testing::served;

namespace {

class limit_routes : public on_both_brokers
{};

std::string const json_fields = "Content-Type: application/json\r\n";

http_answer put_limit(
    served& server,
    std::string const& name,
    std::string const& body,
    std::string const& fields = ""
)
{
    return server.ask("PUT", "/api/v1/limits/" + name, body, json_fields + fields);
}

/// Two jobs of `pay`, of which a worker takes what it may; their ids.
std::vector<std::string> claimed_payments(served& server)
{
    for (int i = 0; i != 2; ++i)
        server.post("/api/v1/jobs", R"({"name":"pay","args":[]})");
    server.ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"pay"}]})", json_fields);
    auto const got =
        server.post("/api/v1/pools/p/claim", R"({"wait_ms":500,"want":2,"number":1})").json();
    std::vector<std::string> ids;
    for (auto const& one : got.at("jobs").as_array())
        ids.emplace_back(one.at("id").as_string());
    return ids;
}

TEST_P(limit_routes, set_show_and_remove_limits)
{
    served server(url_);
    auto const none = server.get("/api/v1/limits");
    EXPECT_EQ(misfit(server, none, "Limits"), "");
    EXPECT_EQ(none.json().at("of").as_int64(), 0);
    auto const made = put_limit(server, "bank", R"({"slots":1,"names":["pay"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(misfit(server, made, "LimitPut"), "");
    EXPECT_EQ(made.json().at("code").as_string(), "created");
    auto const again = put_limit(server, "bank", R"({"slots":1})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json().at("code").as_string(), "unchanged") << again.body;

    auto const ids = claimed_payments(server);
    ASSERT_EQ(ids.size(), 1u) << "one slot, one job";
    auto const one = server.get("/api/v1/limits/bank");
    EXPECT_EQ(misfit(server, one, "Limit"), "");
    auto const limit = one.json().at("limit").as_object();
    EXPECT_EQ(limit.at("slots").as_int64(), 1);
    EXPECT_EQ(limit.at("held").as_int64(), 1);
    EXPECT_EQ(limit.at("waiting").as_int64(), 1);
    EXPECT_EQ(limit.at("holders").as_array().at(0).as_string(), ids[0]);
    EXPECT_EQ(limit.at("waiters").as_array().at(0).as_string(), "pay");
    EXPECT_EQ(limit.at("by").as_string(), "hand");
    EXPECT_EQ(limit.at("who").as_string(), "anonymous");
    auto const all = server.get("/api/v1/limits");
    EXPECT_EQ(misfit(server, all, "Limits"), "");
    EXPECT_EQ(all.json().at("of").as_int64(), 1);

    // Without queues and names it stays for what it is for.
    auto const raised = put_limit(server, "bank", R"({"slots":2})");
    EXPECT_EQ(raised.status, 200);
    EXPECT_EQ(raised.json().at("code").as_string(), "changed");
    EXPECT_EQ(boost::json::serialize(raised.json().at("limit").at("names")), R"(["pay"])");
    auto const audit = server.get("/api/v1/audit").json().at("entries").as_array();
    EXPECT_EQ(audit.at(0).at("what").as_string(), "limit bank: 2");
    EXPECT_EQ(audit.at(0).at("by").as_string(), "anonymous");
    auto const gone = server.ask("DELETE", "/api/v1/limits/bank", "", "");
    EXPECT_EQ(gone.status, 200) << gone.body;
    EXPECT_EQ(misfit(server, gone, "LimitRemoved"), "");
    EXPECT_EQ(server.ask("DELETE", "/api/v1/limits/bank", "", "").slug(), "no-such-limit");
    EXPECT_EQ(server.get("/api/v1/limits/bank").slug(), "no-such-limit");
}

TEST_P(limit_routes, show_at_queues_what_limits_them_and_where_they_wait)
{
    served server(url_);
    put_limit(server, "bank", R"({"slots":1,"names":["pay"],"queues":["slow"]})");
    put_limit(server, "name:pay", R"({"slots":5})");
    ASSERT_EQ(claimed_payments(server).size(), 1u);
    for (char const* const path : {"/api/v1/queues/pay", "/api/v1/queue?queue=pay"}) {
        auto const queue = server.get(path);
        EXPECT_EQ(misfit(server, queue, "Queue"), "");
        auto const shown = queue.json();
        EXPECT_EQ(boost::json::serialize(shown.at("limited")), R"(["bank","name:pay"])");
        EXPECT_EQ(boost::json::serialize(shown.at("waits_at")), R"(["bank"])");
        auto const list = shown.at("lists").as_array().at(0).as_object();
        EXPECT_EQ(boost::json::serialize(list.at("limited")), R"(["bank","name:pay"])");
        EXPECT_EQ(list.at("waits_at").as_string(), "bank");
    }
    auto const queues = server.get("/api/v1/queues");
    EXPECT_EQ(misfit(server, queues, "Queues"), "");
    EXPECT_THAT(queues.body, HasSubstr(R"("waits_at":["bank"])"));
    // Why the other one does not run.
    auto const pending =
        server.get("/api/v1/jobs?state=pending").json().at("jobs").as_array().at(0).as_object();
    auto const why =
        server.get("/api/v1/job/explain?id=" + std::string(pending.at("id").as_string()));
    EXPECT_THAT(why.body, HasSubstr(R"("gate":"limit")"));
    EXPECT_THAT(why.body, HasSubstr("bank"));
    EXPECT_THAT(why.body, HasSubstr(R"("slots":1)"));
    auto const metrics = server.get("/metrics").body;
    EXPECT_THAT(metrics, HasSubstr("work_limit_slots{limit=\"bank\"} 1\n"));
    EXPECT_THAT(metrics, HasSubstr("work_limit_held{limit=\"bank\"} 1\n"));
    EXPECT_THAT(metrics, HasSubstr("work_limit_waiting{limit=\"bank\"} 1\n"));
    EXPECT_THAT(metrics, HasSubstr("work_limit_slots{limit=\"name:pay\"} 5\n"));
}

TEST_P(limit_routes, say_what_is_wrong)
{
    served server(url_);
    auto const refused = [&](std::string const& body, std::string const& name = "a") {
        auto const answer = put_limit(server, name, body);
        EXPECT_EQ(answer.status, 422) << answer.body;
        return std::string(answer.json().at("detail").as_string());
    };
    EXPECT_THAT(refused(R"({"names":["a"]})"), HasSubstr("slots is missing"));
    EXPECT_THAT(
        refused(R"({"slots":-1,"names":["a"]})"),
        HasSubstr("slots is -1, it must be 0 to 1000000000")
    );
    EXPECT_THAT(refused(R"({"slots":"x"})"), HasSubstr("slots"));
    EXPECT_THAT(refused(R"({"slots":1,"names":"a"})"), HasSubstr("names"));
    EXPECT_THAT(refused(R"({"slots":1})"), HasSubstr("is for nothing: name queues"));
    EXPECT_THAT(refused(R"({"slots":1,"names":[],"queues":[]})"), HasSubstr("is for nothing"));
    EXPECT_THAT(refused(R"({"slots":1,"names":[""]})"), HasSubstr("job name of a limit \"\""));
    EXPECT_THAT(refused(R"({"slots":1,"queues":[""]})"), HasSubstr("queue of a limit \"\""));
    std::string const long_name(129, 'x');
    EXPECT_THAT(refused(R"({"slots":1,"names":["a"]})", long_name), HasSubstr("limit name \"xx"));
    EXPECT_EQ(put_limit(server, "a", "[1]").status, 400);
    EXPECT_EQ(server.get("/api/v1/limits/" + long_name).status, 422);
    EXPECT_EQ(server.get("/api/v1/limits?cursor=x").slug(), "bad-cursor");
    EXPECT_EQ(server.get("/api/v1/limits?limit=501").slug(), "bad-parameter");
    // Eight of one name.
    for (int i = 0; i != 8; ++i)
        ASSERT_EQ(
            put_limit(server, "l" + std::to_string(i), R"({"slots":1,"names":["a"]})").status,
            201
        );
    auto const full = put_limit(server, "l8", R"({"slots":1,"names":["a"]})");
    EXPECT_EQ(full.status, 409) << full.body;
    EXPECT_EQ(full.slug(), "too-many-limits");
    EXPECT_THAT(full.body, HasSubstr("8 of one of its queues or names"));
}

TEST_P(limit_routes, change_what_was_seen)
{
    served server(url_);
    auto const made =
        put_limit(server, "a", R"({"slots":1,"names":["a"]})", "If-None-Match: *\r\n");
    ASSERT_EQ(made.status, 201) << made.body;
    std::string const tag = made.field("ETag");
    EXPECT_EQ(server.get("/api/v1/limits/a").field("ETag"), tag);
    EXPECT_EQ(put_limit(server, "a", R"({"slots":2})", "If-None-Match: *\r\n").slug(), "changed");
    auto const changed = put_limit(server, "a", R"({"slots":2})", "If-Match: " + tag + "\r\n");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.field("ETag"), tag);
    EXPECT_EQ(put_limit(server, "a", R"({"slots":3})", "If-Match: " + tag + "\r\n").status, 412);
    EXPECT_EQ(
        server.ask("DELETE", "/api/v1/limits/a", "", "If-Match: " + tag + "\r\n").status,
        412
    );
    EXPECT_EQ(server.get("/api/v1/limits/a").json().at("limit").at("slots").as_int64(), 2);
    EXPECT_EQ(server.ask("DELETE", "/api/v1/limits/a", "", "If-Match: *\r\n").status, 200);
    EXPECT_EQ(put_limit(server, "a", R"({"slots":3})", "If-Match: *\r\n").status, 412);
}

TEST_P(limit_routes, are_paged_and_take_any_name)
{
    served server(url_);
    for (int i = 0; i != 130; ++i) {
        std::string const n = std::to_string(1000 + i);
        ASSERT_EQ(
            put_limit(server, "limit-" + n, R"({"slots":1,"names":["n)" + n + R"("]})").status,
            201
        );
    }
    std::vector<std::string> names;
    std::string cursor;
    do {
        auto const page = server.get(
            "/api/v1/limits?limit=50&q=limit" + (cursor.empty() ? "" : "&cursor=" + cursor)
        );
        EXPECT_EQ(misfit(server, page, "Limits"), "");
        EXPECT_EQ(page.json().at("of").as_int64(), 130);
        auto const shown = page.json();
        for (auto const& one : shown.at("limits").as_array())
            names.emplace_back(one.at("name").as_string());
        auto const& next = shown.at("next");
        cursor = next.is_null() ? "" : std::string(next.as_string());
    } while (!cursor.empty());
    ASSERT_EQ(names.size(), 130u);
    EXPECT_EQ(names.front(), "limit-1000");
    EXPECT_EQ(names.back(), "limit-1129");
    std::string const any = "/api/v1/limit?limit=name%3A%C3%A9%2Fx";
    EXPECT_EQ(server.ask("PUT", any, R"({"slots":1})", json_fields).status, 201);
    auto const found = server.get(any).json().at("limit").as_object();
    EXPECT_EQ(found.at("name").as_string(), "name:\u00e9/x");
    EXPECT_EQ(found.at("names").as_array().at(0).as_string(), "\u00e9/x");
    EXPECT_EQ(server.ask("DELETE", any, "", "").status, 200);
}

TEST_P(limit_routes, say_who_set_them_and_let_a_hand_go_first)
{
    served server(url_);
    boost::asio::io_context io{1};
    work::client client(io, url_);
    work::worker_pool pool(client, {.concurrency = 1});
    work::job_options two;
    two.max_concurrency = 2;
    pool.handle("pay", [](work::context&) -> work::task<void> { co_return; }, two);
    std::thread runs([&] {
        boost::asio::co_spawn(io, pool.run(), [](std::exception_ptr) {});
        io.run();
    });
    std::string by;
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (by.empty() && std::chrono::steady_clock::now() < until) {
        auto const seen = server.get("/api/v1/limits/name:pay");
        if (seen.status == 200)
            by = std::string(seen.json().at("limit").at("by").as_string());
    }
    EXPECT_EQ(by, "pool");
    auto const changed = put_limit(server, "name:pay", R"({"slots":1})");
    EXPECT_EQ(changed.json().at("code").as_string(), "changed") << changed.body;
    EXPECT_EQ(changed.json().at("limit").at("by").as_string(), "hand");
    EXPECT_EQ(changed.json().at("limit").at("names").as_array().size(), 1u);
    boost::asio::post(io, [&] { pool.stop(); });
    runs.join();
}

INSTANTIATE_TEST_SUITE_P(on, limit_routes, testing::Bool(), [](auto const& one) {
    return std::string(one.param ? "redis" : "memory");
});

// Somebody wrote into the store.
TEST(limit_leaks, are_found_and_mended_over_http)
{
    redis_server redis;
    served server(redis.url());
    put_limit(server, "bank", R"({"slots":1,"names":["pay"]})");
    redis.ask("HSET work:{work}:held:bank lost 99");
    EXPECT_TRUE(claimed_payments(server).size() <= 1);
    redis.ask("HSET work:{work}:held:bank lost 99");
    auto const finding = [&] {
        auto const doctor = server.get("/api/v1/doctor?strays=true").json();
        for (auto const& one : doctor.at("findings").as_array())
            if (one.at("check").as_string() == "limits")
                return std::string(one.at("level").as_string()) + ": " +
                       std::string(one.at("sentence").as_string());
        return std::string();
    };
    EXPECT_THAT(
        finding(),
        HasSubstr("problem: 1 slot of limit \"bank\" held by jobs that do not run")
    );
    auto const begun = server.post("/api/v1/doctor/repair", "{}");
    ASSERT_EQ(begun.status, 202) << begun.body;
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::string seen;
    while (!seen.starts_with("ok") && std::chrono::steady_clock::now() < until)
        seen = finding();
    EXPECT_THAT(seen, HasSubstr("ok: "));
    EXPECT_EQ(redis.ask("HEXISTS work:{work}:held:bank lost"), ":0\r\n");
}

}  // namespace
