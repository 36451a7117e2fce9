// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "web/served.hpp"

using namespace std::chrono_literals;
using work::web_options;
using work::testing::raw_connection;
using work::testing::served;

namespace {

std::string repeated(std::string const& text, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i != times; ++i)
        out += text;
    return out;
}

std::string job_with(std::string const& args)
{
    return R"({"name":"a","args":)" + args + "}";
}

}  // namespace

TEST(limits, of_the_head_hold_at_the_limit_and_one_beyond)
{
    served server("memory:");
    std::string const begin = "GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nA: ";
    std::size_t const room = (8 << 10) - begin.size() - 4;
    EXPECT_EQ(server.send(begin + std::string(room, 'x') + "\r\n\r\n").status, 200);
    EXPECT_EQ(server.send(begin + std::string(room + 1, 'x') + "\r\n\r\n").status, 431);
    EXPECT_EQ(server.get("/healthz/live", repeated("A: b\r\n", 63)).status, 200);
    EXPECT_EQ(server.get("/healthz/live", repeated("A: b\r\n", 64)).status, 431);

    std::string const target = "/api/v1/queues?q=" + std::string(1024, 'a');
    EXPECT_EQ(server.get(target).status, 200);
    EXPECT_EQ(server.get(target + "a").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/" + std::string(4095, 'a')).status, 404);
    EXPECT_EQ(server.get("/" + std::string(4096, 'a')).status, 414);
    EXPECT_EQ(server.get("/healthz/live?" + repeated("a&", 32)).slug(), "unknown-parameter");
    EXPECT_EQ(server.get("/healthz/live?" + repeated("a&", 33)).slug(), "bad-parameter");
}

TEST(limits, of_bodies_hold_at_the_limit_and_one_beyond)
{
    web_options options;
    options.limits.body_bytes = 1'000;
    options.limits.bulk_bytes = 5'000;
    options.limits.bulk_jobs = 10;
    served server("memory:", options);
    std::string const job = job_with("[]");
    EXPECT_EQ(server.post("/api/v1/jobs", job + std::string(1'000 - job.size(), ' ')).status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs", job + std::string(1'001 - job.size(), ' ')).status, 413);
    std::string const lines = "Content-Type: application/x-ndjson\r\n";
    EXPECT_EQ(server.post("/api/v1/jobs/bulk", repeated(job + "\n", 10), lines).status, 200);
    EXPECT_EQ(server.post("/api/v1/jobs/bulk", repeated(job + "\n", 11), lines).status, 413);
    EXPECT_EQ(server.post("/api/v1/jobs/bulk", std::string(5'001, '\n'), lines).status, 413);

    // Chunked, nobody knows beforehand.
    raw_connection to(server.port());
    to.send(
        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
        job + std::string(1'001 - job.size(), ' ') + "\r\n0\r\n\r\n"
    );
    EXPECT_EQ(to.read().status, 413);
}

TEST(limits, of_json_hold_at_the_limit_and_one_beyond)
{
    served server("memory:");
    auto const nested = [](std::size_t depth) {
        return repeated("[", depth) + repeated("]", depth);
    };
    EXPECT_EQ(server.post("/api/v1/jobs", job_with(nested(31))).status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs", job_with(nested(32))).slug(), "bad-json");
    EXPECT_EQ(server.post("/api/v1/jobs", job_with("\"" + nested(32) + "\"")).status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs", job_with(nested(100'000))).slug(), "bad-json");
    for (std::string const body :
         {"",
          "[]",
          "1",
          "{",
          "{\"name\":\"a\",\"args\":[]}x",
          "{\"name\":\"a\",\"args\":[],}",
          "{\"name\":\"a\",\"name\":\"b\",\"args\":[]}",
          "{\"name\":\"\xff\",\"args\":[]}"})
        EXPECT_EQ(server.post("/api/v1/jobs", body).slug(), "bad-json") << body;
}

TEST(limits, of_bodies_in_memory_hold_for_all_together)
{
    web_options options;
    options.limits.bodies_bytes = 1'500;
    served server("memory:", options);
    std::string const head =
        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n";
    raw_connection first(server.port());
    first.send(head);
    EXPECT_EQ(first.read().status, 100);
    raw_connection second(server.port());
    second.send(head);
    auto const refused = second.read();
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.field("Retry-After"), "");
    std::string const job = job_with("[]");
    first.send(job + std::string(1'000 - job.size(), ' '));
    EXPECT_EQ(first.read().status, 201);
    raw_connection third(server.port());
    third.send(head);
    EXPECT_EQ(third.read().status, 100);
}

TEST(limits, of_connections_and_of_requests_on_one)
{
    web_options options;
    options.limits.connections = 20;
    options.limits.connections_per_token = 10;
    options.limits.requests_per_connection = 3;
    served server("memory:", options);
    std::string const ask = "GET /healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    std::vector<raw_connection> open;
    for (int i = 0; i != 10; ++i) {
        open.emplace_back(server.port());
        open.back().send(ask);
        ASSERT_EQ(open.back().read().status, 200) << i;
    }
    {
        raw_connection beyond(server.port());
        beyond.send(ask);
        EXPECT_EQ(beyond.read().status, 429);
    }
    open[0].send(ask + ask + ask);
    EXPECT_EQ(open[0].read().status, 200);
    auto const last = open[0].read();
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.field("Connection"), "close");
    EXPECT_EQ(open[0].read().status, 0);
}

TEST(limits, two_hundred_connections_are_served_at_once)
{
    served server("memory:");
    std::string const ask = "GET /api/v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";
    std::vector<raw_connection> open;
    for (int i = 0; i != 200; ++i) {
        open.emplace_back(server.port());
        open.back().send(ask.substr(0, 20));
    }
    for (auto& one : open)
        one.send(ask.substr(20));
    for (auto& one : open)
        EXPECT_EQ(one.read().status, 200);
    EXPECT_LT(server.stop(), 10s) << "idle connections hold up the stop";
}

TEST(limits, the_slow_are_told_and_do_not_hold_up_the_stop)
{
    web_options options;
    options.limits.head_in = 1'500ms;
    options.limits.body_in = 1'500ms;
    options.limits.keep_alive = 1'500ms;
    served server("memory:", options);
    raw_connection silent(server.port());
    EXPECT_TRUE(silent.ended());
    raw_connection half_head(server.port());
    half_head.send("GET / HTTP/1.1\r\nHo");
    EXPECT_EQ(half_head.read().status, 408);
    raw_connection half_body(server.port());
    half_body.send("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                   "application/json\r\nContent-Length: 100\r\n\r\n{");
    EXPECT_EQ(half_body.read().status, 408);
    raw_connection kept(server.port());
    kept.send("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(kept.read().status, 200);
    EXPECT_TRUE(kept.ended());

    served patient("memory:");
    raw_connection slow(patient.port());
    slow.send("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
              "application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(slow.read().status, 100);
    EXPECT_LT(patient.stop(), 10s);
}

TEST(transport, takes_requests_cut_anywhere_byte_by_byte_and_in_a_row)
{
    served server("memory:");
    std::string const post = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                             "application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "8\r\n{\"name\":\r\ne\r\n\"a\",\"args\":[]}\r\n0\r\nX: y\r\n\r\n";
    for (std::size_t cut = 1; cut != post.size(); ++cut) {
        raw_connection to(server.port());
        to.send(post.substr(0, cut));
        // What was sent is read before the rest comes: another request is answered between.
        ASSERT_EQ(server.get("/healthz/live").status, 200);
        to.send(post.substr(cut));
        ASSERT_EQ(to.read().status, 201) << cut;
        raw_connection gone(server.port());
        gone.send(post.substr(0, cut));
        gone.end_sending();
        auto const answer = gone.read();
        ASSERT_TRUE(answer.status == 0 || answer.status == 400) << cut << answer.head;
    }
    raw_connection slow(server.port());
    for (char const c : post)
        slow.send(std::string(1, c));
    EXPECT_EQ(slow.read().status, 201);

    raw_connection row(server.port());
    std::string many;
    for (int i = 0; i != 100; ++i)
        many += i % 2 == 0 ? post : "HEAD /healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    row.send(many);
    for (int i = 0; i != 100; ++i)
        ASSERT_EQ(row.read(i % 2 == 1).status, i % 2 == 0 ? 201 : 200) << i;
    EXPECT_EQ(
        server.get("/api/v1/stats").json().at("pending").as_int64(),
        static_cast<std::int64_t>(post.size() - 1 + 1 + 50)
    );
}
