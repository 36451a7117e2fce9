// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Bounds of queues over HTTP: set, shown, removed; what a producer is told while a queue is full.

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "web/both_brokers.hpp"
#include "web/served.hpp"

using ::testing::HasSubstr;
using work::testing::http_answer;
using work::testing::misfit;
using work::testing::on_both_brokers;
using work::testing::served;

namespace {

class bound_routes : public on_both_brokers
{};

http_answer put_bound(
    served& server,
    std::string const& queue,
    std::string const& body,
    std::string const& fields = ""
)
{
    return server
        .ask("PUT", "/api/v1/bounds/" + queue, body, "Content-Type: application/json\r\n" + fields);
}

http_answer store_mail(served& server)
{
    return server.post("/api/v1/jobs", R"({"name":"mail","args":[]})");
}

std::string bound_of(http_answer const& queue)
{
    return boost::json::serialize(queue.json().at("bound"));
}

TEST_P(bound_routes, set_show_and_remove_bounds)
{
    served server(url_);
    auto const none = server.get("/api/v1/bounds");
    EXPECT_EQ(misfit(server, none, "Bounds"), "");
    EXPECT_TRUE(none.json().at("bounds").as_array().empty());
    auto const made = put_bound(server, "mail", R"({"most":2,"full":"drop_oldest"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(misfit(server, made, "BoundPut"), "");
    EXPECT_EQ(made.json().at("code").as_string(), "created");
    // What becomes of more stays as it was, if nothing is said of it.
    auto const again = put_bound(server, "mail", R"({"most":2})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json().at("code").as_string(), "unchanged") << again.body;
    auto const changed = put_bound(server, "mail", R"({"most":3,"full":"refuse"})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.json().at("code").as_string(), "changed") << changed.body;
    store_mail(server);
    auto const one = server.get("/api/v1/bounds/mail");
    EXPECT_EQ(misfit(server, one, "Bound"), "");
    auto const bound = one.json().at("bound").as_object();
    EXPECT_EQ(bound.at("most").as_int64(), 3);
    EXPECT_EQ(bound.at("full").as_string(), "refuse");
    EXPECT_EQ(bound.at("who").as_string(), "anonymous");
    EXPECT_EQ(bound.at("pending").as_int64(), 1);
    EXPECT_EQ(bound.at("refused").as_int64(), 0);
    auto const all = server.get("/api/v1/bounds");
    EXPECT_EQ(misfit(server, all, "Bounds"), "");
    EXPECT_EQ(all.json().at("bounds").as_array().size(), 1u);
    auto const audit = server.get("/api/v1/audit").json().at("entries").as_array();
    EXPECT_EQ(audit.at(0).at("what").as_string(), "queue mail: 3, refuse");
    EXPECT_EQ(audit.at(0).at("by").as_string(), "anonymous");
    auto const gone = server.ask("DELETE", "/api/v1/bounds/mail", "", "");
    EXPECT_EQ(gone.status, 200) << gone.body;
    EXPECT_EQ(misfit(server, gone, "BoundRemoved"), "");
    EXPECT_TRUE(server.get("/api/v1/bounds").json().at("bounds").as_array().empty());
    EXPECT_EQ(server.ask("DELETE", "/api/v1/bounds/mail", "", "").slug(), "no-such-bound");
    EXPECT_EQ(server.get("/api/v1/bounds/mail").slug(), "no-such-bound");
    EXPECT_EQ(server.get("/api/v1/bounds/mail").status, 404);
}

TEST_P(bound_routes, show_at_queues_how_they_are_bounded)
{
    served server(url_);
    store_mail(server);
    EXPECT_EQ(bound_of(server.get("/api/v1/queues/mail")), "null");
    put_bound(server, "mail", R"({"most":5,"full":"wait"})");
    put_bound(server, "empty", R"({"most":1})");
    for (char const* const path : {"/api/v1/queues/mail", "/api/v1/queue?queue=mail"}) {
        auto const queue = server.get(path);
        EXPECT_EQ(misfit(server, queue, "Queue"), "");
        EXPECT_EQ(bound_of(queue), R"({"most":5,"full":"wait"})");
    }
    // One that is bounded is there before it had jobs.
    EXPECT_EQ(bound_of(server.get("/api/v1/queues/empty")), R"({"most":1,"full":"refuse"})");
    auto const queues = server.get("/api/v1/queues");
    EXPECT_EQ(misfit(server, queues, "Queues"), "");
    EXPECT_EQ(queues.json().at("of").as_int64(), 2);
    EXPECT_EQ(server.get("/api/v1/queues?q=emp").json().at("of").as_int64(), 1);
}

TEST_P(bound_routes, tell_a_producer_that_its_queue_is_full)
{
    served server(url_);
    put_bound(server, "mail", R"({"most":2})");
    auto const bulk = server.post(
        "/api/v1/jobs/bulk",
        R"({"jobs":[{"name":"mail","args":[]},{"name":"mail","args":[]},)"
        R"({"name":"mail","args":[]},{"name":"other","args":[]}]})"
    );
    ASSERT_EQ(bulk.status, 200) << bulk.body;
    EXPECT_EQ(bulk.json().at("stored").as_int64(), 3);
    EXPECT_EQ(bulk.json().at("refused").as_int64(), 1);
    auto const told = bulk.json().at("results").as_array().at(2).as_object();
    EXPECT_EQ(told.at("status").as_int64(), 429);
    EXPECT_EQ(told.at("type").as_string(), "urn:work:queue-full");
    EXPECT_EQ(told.at("errc").as_string(), "queue_full");
    auto const one = store_mail(server);
    EXPECT_EQ(one.status, 429) << one.body;
    EXPECT_EQ(one.slug(), "queue-full");
    EXPECT_FALSE(one.field("Retry-After").empty());
    EXPECT_THAT(one.body, HasSubstr(R"(queue \"mail\" is full: its bound lets 2 jobs wait)"));
    EXPECT_EQ(one.json().at("errc").as_string(), "queue_full");
    // Where all of them are refused, the request is.
    auto const none = server.post("/api/v1/jobs/bulk", R"({"jobs":[{"name":"mail","args":[]}]})");
    EXPECT_EQ(none.status, 429);
    EXPECT_FALSE(none.field("Retry-After").empty());
    EXPECT_EQ(server.get("/api/v1/bounds/mail").json().at("bound").at("refused").as_int64(), 3);
    auto const metrics = server.get("/metrics").body;
    EXPECT_THAT(metrics, HasSubstr("work_queue_bound{queue=\"mail\"} 2\n"));
    EXPECT_THAT(metrics, HasSubstr("work_queue_refused_total{queue=\"mail\"} 3\n"));
    EXPECT_THAT(metrics, HasSubstr("work_queue_dropped_total{queue=\"mail\"} 0\n"));
    put_bound(server, "mail", R"({"most":2,"full":"drop_oldest"})");
    EXPECT_EQ(store_mail(server).status, 201);
    auto const bound = server.get("/api/v1/bounds/mail").json().at("bound").as_object();
    EXPECT_EQ(bound.at("dropped").as_int64(), 1);
    EXPECT_EQ(bound.at("pending").as_int64(), 2);
    EXPECT_GT(bound.at("full_at_ms").as_int64(), 0);
}

TEST_P(bound_routes, say_what_is_wrong)
{
    served server(url_);
    auto const refused = [&](std::string const& body, std::string const& queue = "a") {
        auto const answer = put_bound(server, queue, body);
        EXPECT_EQ(answer.status, 422) << answer.body;
        return std::string(answer.json().at("detail").as_string());
    };
    EXPECT_THAT(refused(R"({"full":"refuse"})"), HasSubstr("most is missing"));
    EXPECT_THAT(refused(R"({"most":0})"), HasSubstr("most is 0, it must be 1 to 1000000000"));
    EXPECT_THAT(refused(R"({"most":1000000001})"), HasSubstr("most is 1000000001"));
    EXPECT_THAT(refused(R"({"most":"x"})"), HasSubstr("most"));
    EXPECT_THAT(refused(R"({"most":1,"full":"explode"})"), HasSubstr("full"));
    std::string const long_name(129, 'x');
    EXPECT_THAT(refused(R"({"most":1})", long_name), HasSubstr("queue \"xx"));
    EXPECT_EQ(put_bound(server, "a", "[1]").status, 400);
    EXPECT_EQ(server.get("/api/v1/bounds/" + long_name).status, 422);
    EXPECT_EQ(server.get("/api/v1/bounds?limit=5").status, 400);
    for (int i = 0; i != 100; ++i)
        ASSERT_EQ(put_bound(server, "q" + std::to_string(i), R"({"most":1})").status, 201);
    auto const full = put_bound(server, "one-more", R"({"most":1})");
    EXPECT_EQ(full.status, 409) << full.body;
    EXPECT_EQ(full.slug(), "too-many-bounds");
    EXPECT_THAT(full.body, HasSubstr("100 queues are; remove a bound first"));
    EXPECT_EQ(put_bound(server, "q7", R"({"most":2})").status, 200) << "one that is there";
}

TEST_P(bound_routes, change_what_was_seen)
{
    served server(url_);
    auto const made = put_bound(server, "a", R"({"most":1})", "If-None-Match: *\r\n");
    ASSERT_EQ(made.status, 201) << made.body;
    std::string const tag = made.field("ETag");
    server.post("/api/v1/jobs", R"({"name":"a","args":[]})");
    EXPECT_EQ(server.get("/api/v1/bounds/a").field("ETag"), tag) << "of how it is set alone";
    EXPECT_EQ(put_bound(server, "a", R"({"most":2})", "If-None-Match: *\r\n").slug(), "changed");
    auto const changed = put_bound(server, "a", R"({"most":2})", "If-Match: " + tag + "\r\n");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.field("ETag"), tag);
    EXPECT_EQ(put_bound(server, "a", R"({"most":3})", "If-Match: " + tag + "\r\n").status, 412);
    EXPECT_EQ(
        server.ask("DELETE", "/api/v1/bounds/a", "", "If-Match: " + tag + "\r\n").status,
        412
    );
    EXPECT_EQ(server.get("/api/v1/bounds/a").json().at("bound").at("most").as_int64(), 2);
    EXPECT_EQ(server.ask("DELETE", "/api/v1/bounds/a", "", "If-Match: *\r\n").status, 200);
    EXPECT_EQ(put_bound(server, "a", R"({"most":3})", "If-Match: *\r\n").status, 412);
    std::string const any = "/api/v1/bound?queue=%C3%A9%2Fx";
    EXPECT_EQ(
        server.ask("PUT", any, R"({"most":1})", "Content-Type: application/json\r\n").status,
        201
    );
    EXPECT_EQ(server.get(any).json().at("bound").at("queue").as_string(), "\u00e9/x");
    EXPECT_EQ(server.ask("DELETE", any, "", "").status, 200);
}

INSTANTIATE_TEST_SUITE_P(on, bound_routes, testing::Bool(), [](auto const& one) {
    return std::string(one.param ? "redis" : "memory");
});

}  // namespace
