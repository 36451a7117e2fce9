// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/web/connections.hpp>
#include <work/web/impl/session.hpp>
#include <work/web/router.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "web/served.hpp"

using work::testing::raw_connection;
using work::testing::served;

namespace {

std::string with_fields(std::string const& fields)
{
    return "GET /healthz/live HTTP/1.1\r\n" + fields + "\r\n";
}

struct refused_request
{
    std::string request;
    int status;
    std::string slug;
};

}  // namespace

TEST(guards, each_refuses_what_it_is_for)
{
    served server("memory:");
    std::string const host = "Host: localhost\r\n";
    std::vector<refused_request> const all{
        {with_fields("Host: localhost:5040\r\n"), 200, ""},
        {with_fields("Host: 127.0.0.1\r\n"), 200, ""},
        {with_fields("Host: 127.8.9.1:1\r\n"), 200, ""},
        {with_fields("Host: [::1]:5040\r\n"), 200, ""},
        {with_fields("Host: LOCALHOST\r\n"), 200, ""},
        {with_fields("Host: evil.example\r\n"), 403, "bad-host"},
        {with_fields("Host: localhost.evil.example\r\n"), 403, "bad-host"},
        {with_fields("Host: 127.0.0.1.nip.io\r\n"), 403, "bad-host"},
        {with_fields("Host: localhost:x\r\n"), 403, "bad-host"},
        {with_fields("Host: \r\n"), 403, "bad-host"},
        {with_fields(""), 400, "bad-request"},
        {with_fields(host + host), 400, "bad-request"},
        {"GET /healthz/live HTTP/1.0\r\n\r\n", 403, "bad-host"},
        {with_fields(host + "X-Forwarded-For: 1.2.3.4\r\n"), 403, "forbidden"},
        {with_fields(host + "Forwarded: for=1.2.3.4\r\n"), 403, "forbidden"},
        {with_fields(host + "X-Real-IP: 1.2.3.4\r\n"), 403, "forbidden"},
        {with_fields(host + "Via: 1.1 proxy\r\n"), 403, "forbidden"},
        {with_fields(host + "Sec-Fetch-Site: cross-site\r\n"), 403, "cross-site"},
        {with_fields(host + "Sec-Fetch-Site: same-site\r\n"), 403, "cross-site"},
        {with_fields(host + "Sec-Fetch-Site: same-origin\r\n"), 200, ""},
        {with_fields(host + "Sec-Fetch-Site: none\r\n"), 200, ""},
        {with_fields(
             host + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
                    "Sec-Fetch-Dest: document\r\n"
         ),
         403,
         "cross-site"},
        {"GET /healthz/live HTTP/2.0\r\n" + host + "\r\n", 505, "bad-request"},
        {"GET http://localhost/ HTTP/1.1\r\n" + host + "\r\n", 400, "bad-request"},
        {"GET /healthz/live\r\n" + host + "\r\n", 400, "bad-request"},
        {"G\x01T / HTTP/1.1\r\n" + host + "\r\n", 400, "bad-request"},
        {"OPTIONS /healthz/live HTTP/1.1\r\n" + host + "\r\n", 405, "method"},
        {"TRACE /healthz/live HTTP/1.1\r\n" + host + "\r\n", 405, "method"},
        {with_fields(host + "A : b\r\n"), 400, "bad-request"},
        {with_fields(host + "A: b\r\n c\r\n"), 400, "bad-request"},
        {with_fields(host + "A: b\nC: d\r\n"), 400, "bad-request"},
        {with_fields(host + "A: b\rC: d\r\n"), 400, "bad-request"},
    };
    for (refused_request const& one : all) {
        auto const answer = server.send(one.request);
        EXPECT_EQ(answer.status, one.status) << one.request << answer.body;
        EXPECT_EQ(answer.slug(), one.slug) << one.request << answer.body;
        EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << one.request;
        EXPECT_EQ(answer.field("Cache-Control"), "no-store") << one.request;
        EXPECT_NE(answer.field("Content-Security-Policy"), "") << one.request;
        EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "") << one.request;
    }
    EXPECT_EQ(
        server.send("OPTIONS /healthz/live HTTP/1.1\r\n" + host + "\r\n").field("Allow"),
        "GET, HEAD"
    );
}

TEST(guards, what_changes_something_needs_json_and_the_own_origin)
{
    served server("memory:");
    std::string const job = R"({"name":"a","args":[]})";
    std::string const json = "Content-Type: application/json\r\n";
    auto const post = [&](std::string const& fields) {
        return server.post("/api/v1/jobs", job, fields);
    };
    EXPECT_EQ(post(json).status, 201);
    EXPECT_EQ(post("Content-Type: application/json; charset=utf-8\r\n").status, 201);
    EXPECT_EQ(post(json + "Origin: http://localhost\r\n").status, 201);
    EXPECT_EQ(post("").slug(), "media-type");
    EXPECT_EQ(post("Content-Type: text/plain\r\n").slug(), "media-type");
    EXPECT_EQ(post("Content-Type: application/x-ndjson\r\n").slug(), "media-type");
    EXPECT_EQ(post("Content-Type: application/x-www-form-urlencoded\r\n").slug(), "media-type");
    EXPECT_EQ(post(json + "Content-Encoding: gzip\r\n").slug(), "media-type");
    EXPECT_EQ(post(json + "Origin: http://evil.example\r\n").slug(), "cross-site");
    EXPECT_EQ(post(json + "Origin: null\r\n").slug(), "cross-site");
    EXPECT_EQ(post(json + "Origin: http://localhost.evil\r\n").slug(), "cross-site");
    EXPECT_EQ(post(json + "Sec-Fetch-Site: cross-site\r\n").slug(), "cross-site");
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 3);
}

TEST(guards, no_request_is_two_to_a_proxy)
{
    served server("memory:");
    std::string const head = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                             "application/json\r\n";
    for (std::string const fields :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nContent-Length: 5\r\n",
          "Content-Length: 5, 5\r\n",
          "Content-Length: +5\r\n",
          "Content-Length: 0x5\r\n",
          "Content-Length: -1\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Content-Length:\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: xchunked\r\n",
          "Transfer-Encoding : chunked\r\n",
          "Transfer-Encoding:\x0b"
          "chunked\r\n"}) {
        raw_connection to(server.port());
        to.send(
            head + fields + "\r\n0\r\n\r\nGET /healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
        );
        auto const answer = to.read();
        EXPECT_TRUE(answer.status == 400 || answer.status == 501) << fields << answer.head;
        EXPECT_EQ(answer.field("Connection"), "close") << fields;
        EXPECT_EQ(to.read().status, 0) << fields << "the rest was taken for a request";
    }
    for (std::string const body :
         {"5\r\nabcde0\r\n\r\n", "zz\r\n", "-1\r\n\r\n", "5 \nabcde\r\n", "ffffffffffffffffff\r\n"
         }) {
        raw_connection to(server.port());
        to.send(head + "Transfer-Encoding: chunked\r\n\r\n" + body);
        to.end_sending();
        EXPECT_EQ(to.read().status, 400) << body;
    }
    raw_connection get(server.port());
    get.send("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(get.read().status, 400);
}

TEST(guards, paths_are_decoded_once_and_lead_nowhere_else)
{
    served server("memory:");
    EXPECT_EQ(server.get("/healthz/liv%65").status, 200);
    EXPECT_EQ(server.get("/healthz/liv%2565").status, 400);
    for (std::string const path :
         {"/healthz%2Flive",
          "/healthz/../healthz/live",
          "/healthz/./live",
          "/healthz/%2e%2e/live",
          "/healthz/live%00",
          "/healthz/live%",
          "/healthz/live%4",
          "/healthz/live%zz",
          "/healthz/live%c3%a9",
          "/healthz\\live",
          "/healthz/live#a"})
        EXPECT_EQ(server.get(path).status, 400) << path;
    for (std::string const path :
         {"//healthz/live",
          "/healthz//live",
          "/healthz/live/",
          "/healthz",
          "/HEALTHZ/live",
          "/api/v2/",
          "/api/v1/job/",
          "/api/v1/jobs/a/b",
          "/crons"})
        EXPECT_EQ(server.get(path).slug(), "no-route") << path;
    EXPECT_EQ(server.get("/api/v1/jobs/a%2Fb").status, 400);
    EXPECT_EQ(server.get("/api/v1/job?id=a%2Fb").slug(), "no-such-job");
    EXPECT_EQ(server.get("/api/v1/job?id=..").slug(), "no-such-job");
    EXPECT_EQ(server.get("/api/v1/job").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/job?id=a&id=b").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/job?id=%zz").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/job?id=%ff").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/stats?nmae=x").slug(), "unknown-parameter");
}

TEST(connections, are_counted_at_their_limits)
{
    work::web_limits limits;
    work::web::connections count(limits);
    for (int i = 0; i != 256; ++i)
        ASSERT_TRUE(count.admit("10.0.0.1", false));
    EXPECT_FALSE(count.admit("10.0.0.1", false));
    EXPECT_TRUE(count.admit("10.0.0.2", false));
    count.leave("10.0.0.1", false);
    EXPECT_TRUE(count.admit("10.0.0.1", false));
    for (int i = 257; i != 8'192; ++i)
        ASSERT_TRUE(count.admit("127.0.0.1", true));
    EXPECT_FALSE(count.admit("127.0.0.1", true));
    EXPECT_FALSE(count.admit("10.0.0.3", false));
    for (int i = 0; i != 4'096; ++i)
        ASSERT_TRUE(count.admit_user("shop"));
    EXPECT_FALSE(count.admit_user("shop"));
    EXPECT_TRUE(count.admit_user("mail"));
    EXPECT_TRUE(count.reserve(128 << 20));
    EXPECT_FALSE(count.reserve(1));
    count.release(1);
    EXPECT_TRUE(count.reserve(1));
}

TEST(connections, of_trusted_proxies_and_of_this_machine_count_for_who_asks)
{
    boost::asio::io_context io;
    work::web::connection one{boost::asio::ip::tcp::socket(io)};
    EXPECT_FALSE(one.by_token());
    one.trusted = true;
    EXPECT_TRUE(one.by_token());
    one.trusted = false;
    one.loopback = true;
    EXPECT_TRUE(one.by_token());
}

TEST(connections, have_a_second_more_for_every_256_kib_of_a_body)
{
    using work::web::body_time;
    using namespace std::chrono_literals;
    work::web_limits const limits;
    EXPECT_EQ(body_time(limits, 0), 10s);
    EXPECT_EQ(body_time(limits, (256 << 10) - 1), 10s);
    EXPECT_EQ(body_time(limits, 256 << 10), 11s);
    EXPECT_EQ(body_time(limits, limits.body_bytes), 14s);
    EXPECT_EQ(body_time(limits, limits.bulk_bytes), 42s);
}

// What is documented is what holds where nobody says otherwise.
TEST(limits, are_those_that_the_page_names)
{
    work::web_limits const all;
    EXPECT_EQ(all.head_bytes, 8u << 10);
    EXPECT_EQ(all.fields, 64u);
    EXPECT_EQ(all.target_bytes, 4u << 10);
    EXPECT_EQ(all.parameters, 32u);
    EXPECT_EQ(all.parameter_bytes, 1u << 10);
    EXPECT_EQ(all.body_bytes, 1u << 20);
    EXPECT_EQ(all.bulk_bytes, 8u << 20);
    EXPECT_EQ(all.report_bytes, 4u << 20);
    EXPECT_EQ(all.bulk_jobs, 1'000u);
    EXPECT_EQ(all.parked_claims, 4'096u);
    EXPECT_EQ(all.pools_per_token, 1'000u);
    EXPECT_EQ(all.requests_per_connection, 1'000u);
    EXPECT_EQ(all.streams, 256u);
    EXPECT_EQ(all.head_in.count(), 5'000);
    EXPECT_EQ(all.write_out.count(), 10'000);
    EXPECT_EQ(all.keep_alive.count(), 15'000);
    EXPECT_EQ(work::max_web_json_depth, 32u);
}
