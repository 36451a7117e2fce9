// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What is asked for in another form than usual: media, files, waits, topics, filters.

#include <boost/json/parse.hpp>

#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <string>

#include "support/pause.hpp"
#include "support/redis_server.hpp"
#include "web/served.hpp"

using namespace std::chrono_literals;
using work::web_options;
using work::testing::http_answer;
using work::testing::pause_for;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;
using work::testing::soon;

namespace {

std::string accept(std::string const& what)
{
    return "Accept: " + what + "\r\n";
}

void store_job(served& server, std::string const& id, std::string const& args = "[]")
{
    auto const answer =
        server.post("/api/v1/jobs", R"({"name":"mail","id":")" + id + R"(","args":)" + args + "}");
    ASSERT_EQ(answer.status, 201) << answer.body;
}

raw_connection stream_of(served& server, std::string const& topics)
{
    raw_connection to(server.port());
    to.send("GET /api/v1/events?topics=" + topics + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return to;
}

boost::json::object event_of(raw_connection& from, std::string const& name)
{
    if (from.read_until("event: " + name + "\ndata: ").empty())
        return {};
    return boost::json::parse(from.read_until("\n")).as_object();
}

}  // namespace

TEST(accepting, takes_what_the_route_gives_in_any_way_that_says_so)
{
    served server("memory:");
    for (char const* const taken :
         {"application/json",
          "*/*",
          "application/*",
          "text/html, */*;q=0.1",
          "text/html;q=1.0, APPLICATION/JSON; q=0.5",
          "application/json;q=0.001",
          ""}) {
        EXPECT_EQ(server.get("/api/v1/queues", accept(taken)).status, 200) << taken;
    }
    for (char const* const refused :
         {"text/html",
          "text/*",
          "application/xml",
          "application/json;q=0",
          "application/json;q=0.0, */*",
          "application/*;q=0"}) {
        auto const answer = server.get("/api/v1/queues", accept(refused));
        EXPECT_EQ(answer.status, 406) << refused;
        EXPECT_EQ(answer.slug(), "not-acceptable") << refused;
    }
    EXPECT_EQ(server.get("/metrics", accept("text/plain")).status, 200);
    EXPECT_EQ(server.get("/metrics", accept("application/json")).status, 406);
    EXPECT_EQ(server.get("/api/v1/events", accept("application/json")).status, 406);
    std::string const json = "Content-Type: application/json\r\n";
    EXPECT_EQ(
        server.post("/api/v1/jobs", R"({"name":"x","args":[]})", json + accept("text/html")).status,
        406
    );
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 0) << "it was stored";
}

TEST(files, have_arguments_and_results_byte_for_byte)
{
    served server("memory:");
    std::string const args = R"([1.10, 12345678901234567890123,  {"b":1,"a":[ ]}])";
    store_job(server, "j/1", args);
    auto const whole = server.get("/api/v1/job/args?id=j/1");
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, args);
    EXPECT_EQ(whole.field("Content-Type"), "application/json");
    EXPECT_EQ(whole.field("Content-Disposition"), "attachment; filename=\"j_1.args.json\"");
    EXPECT_EQ(server.get("/api/v1/job/result?id=j/1").slug(), "not-kept");
    EXPECT_EQ(server.get("/api/v1/jobs/none/args").slug(), "no-such-job");
    server.ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"mail"}]})");
    auto const claim = server.post("/api/v1/pools/p/claim", R"({"number":1})").json();
    auto const fence = claim.at("jobs").as_array().at(0).as_object().at("fence").as_int64();
    server.post(
        "/api/v1/job/complete?id=j/1",
        R"({"pool":"p","number":1,"fence":)" + std::to_string(fence) + R"(,"result":"[ 1.50 ]"})"
    );
    EXPECT_EQ(server.get("/api/v1/job/result?id=j/1").body, "[ 1.50 ]");
    web_options hiding;
    hiding.hide_args = true;
    served hidden("memory:", hiding);
    store_job(hidden, "j");
    EXPECT_EQ(hidden.get("/api/v1/jobs/j/args").slug(), "forbidden");
    EXPECT_EQ(hidden.get("/api/v1/jobs/j/result").slug(), "forbidden");
}

TEST(waits, end_with_the_job_or_with_their_time)
{
    served server("memory:");
    store_job(server, "j");
    auto const from = std::chrono::steady_clock::now();
    auto const not_yet = server.get("/api/v1/jobs/j/wait?wait_ms=300");
    EXPECT_EQ(not_yet.status, 204);
    EXPECT_EQ(not_yet.field("Content-Length"), "");
    EXPECT_GE(std::chrono::steady_clock::now() - from, 290ms);
    EXPECT_EQ(server.get("/api/v1/jobs/j/wait").status, 204);
    EXPECT_EQ(server.get("/api/v1/jobs/j/wait?wait_ms=55001").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/jobs/none/wait?wait_ms=5000").slug(), "no-such-job");
    auto waiting = std::async(std::launch::async, [&] {
        return server.get("/api/v1/jobs/j/wait?wait_ms=20000");
    });
    pause_for(200ms);
    EXPECT_EQ(server.post("/api/v1/jobs/j/cancel", "{}").status, 200);
    auto const ended = waiting.get();
    EXPECT_EQ(ended.status, 200) << ended.body;
    EXPECT_EQ(ended.json().at("state").as_string(), "cancelled");
    web_options few;
    few.limits.parked_claims = 1;
    served narrow("memory:", few);
    store_job(narrow, "j");
    raw_connection first(narrow.port());
    first.send("GET /api/v1/jobs/j/wait?wait_ms=20000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(soon([&] { return narrow.get("/api/v1/jobs/j/wait").slug() == "too-many"; }));
    EXPECT_LT(narrow.stop(), 10s);
}

TEST(topics, tell_of_operations_from_their_start_to_their_end)
{
    redis_server redis;
    served server(redis.url());
    std::string thousand;
    for (int i = 0; i != 1'000; ++i)
        thousand += std::string(i == 0 ? "" : ",") + R"({"name":"mail","args":[]})";
    for (int i = 0; i != 20; ++i)
        server.post("/api/v1/jobs/bulk", R"({"jobs":[)" + thousand + "]}");
    auto stream = stream_of(server, "operations");
    stream.read_until("retry: 2000");
    auto const begun = server.post(
        "/api/v1/operations",
        R"({"action":"cancel","filter":{"name":"mail"},"expected":20000})"
    );
    ASSERT_EQ(begun.status, 202) << begun.body;
    auto told = event_of(stream, "operation");
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.at("id").as_string(), begun.json().at("id").as_string());
    EXPECT_NE(told.at("state").as_string(), "done");
    while (!told.empty() && told.at("state").as_string() != "done")
        told = event_of(stream, "operation");
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.at("done").as_int64(), 20'000);
}

TEST(topics, tell_of_pools_that_come_change_and_go)
{
    served server("memory:");
    auto stream = stream_of(server, "pools");
    server.ask("PUT", "/api/v1/pools/p", R"({"job_types":[{"name":"mail"}],"name":"mailer"})");
    server.post("/api/v1/pools/p/claim", R"({"number":1})");
    auto const came = event_of(stream, "pool");
    ASSERT_FALSE(came.empty());
    EXPECT_EQ(came.at("pool").as_string(), "p");
    EXPECT_EQ(came.at("name").as_string(), "mailer");
    server.ask("DELETE", "/api/v1/pools/p", "", "");
    EXPECT_EQ(event_of(stream, "pool_gone").at("pool").as_string(), "p");
    EXPECT_EQ(server.get("/api/v1/events?topics=pool").slug(), "bad-parameter");
}

TEST(filters, of_pools_and_of_paused_queues)
{
    served server("memory:");
    for (char const* const one : {"p1", "p2"}) {
        server.ask(
            "PUT",
            "/api/v1/pools/" + std::string(one),
            R"({"job_types":[{"name":"mail"}],"name":"n)" + std::string(one) + R"(","host":"h"})"
        );
        server.post("/api/v1/pools/" + std::string(one) + "/claim", R"({"number":1})");
    }
    auto const count = [&](std::string const& query) {
        return server.get("/api/v1/pools?" + query).json().at("pools").as_array().size();
    };
    EXPECT_EQ(count("name=np1"), 1u);
    EXPECT_EQ(count("host=h"), 2u);
    EXPECT_EQ(count("host=h&name=np2&state=running"), 1u);
    EXPECT_EQ(count("state=quiet"), 0u);
    store_job(server, "j");
    server.post("/api/v1/queues/billing/pause", "{}");
    auto const queues = [&](std::string const& query) {
        std::string names;
        auto const answer = server.get("/api/v1/queues?" + query).json();
        for (auto const& one : answer.at("queues").as_array())
            names.append(one.as_object().at("queue").as_string()).append(" ");
        return names;
    };
    ASSERT_TRUE(soon([&] { return queues("paused=true") == "billing "; }));
    EXPECT_EQ(queues("paused=false"), "mail ");
    EXPECT_EQ(queues(""), "billing mail ");
    EXPECT_EQ(server.get("/api/v1/queues?paused=1").slug(), "bad-parameter");
}

TEST(writing, a_caller_who_takes_nothing_is_let_go_and_holds_up_nobody)
{
    web_options options;
    options.limits.write_out = 400ms;
    served server("memory:", options);
    store_job(server, "j", "[\"" + std::string(900'000, 'x') + "\"]");
    raw_connection lazy(server.port());
    std::string many;
    for (int i = 0; i != 60; ++i)
        many += "GET /api/v1/jobs/j/args HTTP/1.1\r\nHost: localhost\r\n\r\n";
    lazy.send(many);
    auto const from = std::chrono::steady_clock::now();
    EXPECT_EQ(server.get("/api/v1/queues").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - from, 10s);
    // Until the buffers between are full, and it has been waited for.
    auto const answered = [&] {
        std::string const text = server.get("/metrics").body;
        std::string const line = "work_http_requests_total{route=\"/api/v1/jobs/{id}/args\"";
        auto const at = text.find(line);
        return at == std::string::npos ? std::string() : text.substr(at, text.find('\n', at) - at);
    };
    EXPECT_TRUE(soon(
        [&] {
            std::string const before = answered();
            pause_for(1'500ms);
            return !before.empty() && answered() == before;
        },
        60s
    ));
    // What was in the buffers between comes, and then the end: not all sixty.
    int whole = 0;
    while (lazy.read().status == 200)
        ++whole;
    EXPECT_LT(whole, 60);
    EXPECT_TRUE(lazy.ended());
}

TEST(refusals, are_counted_by_their_reason)
{
    web_options options;
    options.read_only = true;
    served server("memory:", options);
    server.get("/api/v1/queues", "Sec-Fetch-Site: cross-site\r\n");
    server.get("/api/v1/queues", "Sec-Fetch-Site: cross-site\r\n");
    server.post("/api/v1/jobs", "{}");
    server.send("GET /api/v1/queues HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
    server.get("/api/v1/jobs/none");
    std::string const text = server.get("/metrics").body;
    for (char const* const line :
         {"work_http_refused_total{reason=\"cross-site\"} 2\n",
          "work_http_refused_total{reason=\"read-only\"} 1\n",
          "work_http_refused_total{reason=\"bad-host\"} 1\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    EXPECT_EQ(text.find("no-such-job"), std::string::npos) << "a route ran";
}
