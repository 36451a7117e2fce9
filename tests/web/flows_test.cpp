// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Flows over HTTP.

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>
#include <map>
#include <string>

#include "web/both_brokers.hpp"
#include "web/served.hpp"

using work::testing::http_answer;
using work::testing::misfit;
using work::testing::on_both_brokers;
using work::testing::served;

namespace {

class flow_routes : public on_both_brokers
{};

/// The later one stands first.
constexpr char const* words_flow =
    R"({"name":"words","jobs":[)"
    R"({"key":"count","name":"count","args":[],)"
    R"("after":[{"key":"page","as":"text"}]},)"
    R"({"key":"page","name":"fetch","queue":"web","args":["secret"]},)"
    R"({"key":"tell","name":"tell","args":[],"priority":5,)"
    R"("after":[{"key":"count","otherwise":"run"}]}]})";

std::map<std::string, std::string> keys_of(http_answer const& stored)
{
    std::map<std::string, std::string> ids;
    auto const answer = stored.json();
    for (auto const& one : answer.at("jobs").as_array())
        ids[std::string(one.at("key").as_string())] = one.at("id").as_string();
    return ids;
}

TEST_P(flow_routes, store_one_and_show_it)
{
    served server(url_);
    auto const none = server.get("/api/v1/flows");
    EXPECT_EQ(misfit(server, none, "Flows"), "");
    EXPECT_EQ(none.json().at("of").as_int64(), 0);
    auto const stored = server.post("/api/v1/flows", words_flow);
    ASSERT_EQ(stored.status, 201) << stored.body;
    EXPECT_EQ(misfit(server, stored, "StoredFlow"), "");
    std::string const id(stored.json().at("id").as_string());
    EXPECT_EQ(stored.field("Location"), "/api/v1/flows/" + id);
    EXPECT_EQ(stored.json().at("jobs").at(0).at("key").as_string(), "count") << "as it was sent";
    auto ids = keys_of(stored);

    auto const all = server.get("/api/v1/flows");
    EXPECT_EQ(misfit(server, all, "Flows"), "");
    EXPECT_EQ(all.json().at("flows").at(0).at("name").as_string(), "words");
    auto const one = server.get("/api/v1/flows/" + id);
    EXPECT_EQ(misfit(server, one, "Flow"), "");
    EXPECT_EQ(one.json().at("flow").at("state").as_string(), "running");
    EXPECT_EQ(one.json().at("counts").at("waiting").as_int64(), 2);
    EXPECT_EQ(one.json().at("counts").at("pending").as_int64(), 1);
    EXPECT_EQ(one.json().at("jobs").at(0).at("id").as_string(), ids["page"]);
    EXPECT_EQ(one.json().at("jobs").at(0).at("queue").as_string(), "web");
    EXPECT_EQ(one.json().at("jobs").at(1).at("needs").at(0).as_string(), ids["page"]);

    // The state is counted wherever states are.
    EXPECT_EQ(server.get("/api/v1/stats").json().at("waiting").as_int64(), 2);
    EXPECT_EQ(server.get("/api/v1/queues/tell").json().at("waiting").at("count").as_int64(), 1);
    EXPECT_EQ(server.get("/api/v1/jobs?state=waiting").json().at("jobs").as_array().size(), 2u);
    EXPECT_NE(
        server.get("/metrics").body.find("work_jobs{state=\"waiting\"} 2"),
        std::string::npos
    );

    auto const tell = server.get("/api/v1/jobs/" + ids["tell"]);
    EXPECT_EQ(misfit(server, tell, "Job"), "");
    EXPECT_EQ(tell.json().at("state").as_string(), "waiting");
    EXPECT_EQ(tell.json().at("priority").as_int64(), 5);
    auto const bound = tell.json().at("bound").as_object();
    EXPECT_EQ(bound.at("flow").as_string(), id);
    EXPECT_EQ(bound.at("waits_for").at(0).at("id").as_string(), ids["count"]);
    EXPECT_EQ(bound.at("waits_for").at(0).at("otherwise").as_string(), "run");
    auto const page = server.get("/api/v1/jobs/" + ids["page"]).json();
    EXPECT_EQ(page.at("bound").at("needed_by").at(0).as_string(), ids["count"]);

    auto const off = server.post("/api/v1/flows/" + id + "/cancel", R"({"reason":"no"})");
    ASSERT_EQ(off.status, 200) << off.body;
    EXPECT_EQ(misfit(server, off, "FlowCancelled"), "");
    EXPECT_EQ(off.json().at("done").as_int64(), 3);
    auto const after = server.get("/api/v1/flows/" + id).json();
    EXPECT_EQ(after.at("flow").at("state").as_string(), "ended");
    EXPECT_EQ(after.at("counts").at("cancelled").as_int64(), 3);
    auto const again = server.post("/api/v1/flows/" + id + "/cancel", "{}");
    EXPECT_EQ(again.json().at("code").as_string(), "already");
    EXPECT_EQ(
        server.get("/api/v1/audit").json().at("entries").at(0).at("what").as_string(),
        "flow " + id
    );
}

TEST_P(flow_routes, say_what_is_wrong_and_with_which_key)
{
    served server(url_);
    auto const says = [&](std::string const& jobs, int status, std::string const& what) {
        auto const answer = server.post("/api/v1/flows", R"({"jobs":[)" + jobs + "]}");
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(misfit(server, answer, "Problem"), "");
        std::string const said(answer.json().at("detail").as_string());
        EXPECT_NE(said.find(what), said.npos) << said;
    };
    std::string const a = R"({"key":"a","name":"x","args":[])";
    says("", 422, "a flow has at least one");
    says(R"({"name":"x","args":[]})", 422, "jobs[0] has no key");
    says(a + "}," + a + "}", 422, "The key \"a\" comes twice");
    says(R"({"key":"b","queue":"q","args":[]})", 422, "Job \"b\": name is missing");
    says(R"({"key":"b","name":"x","args":[],"priority":101})", 422, "Job \"b\": ");
    says(R"({"key":"b","name":"x","args":[],"then":[]})", 422, "Job \"b\": This server does not");
    says(a + R"(,"after":[{"key":"z"}]})", 422, "Job \"a\" needs \"z\", which no job");
    says(a + R"(,"after":[{"key":"a"}]})", 422, "\"a\" -> \"a\"");
    says(
        a + R"(,"after":[{"key":"c"}]},{"key":"b","name":"x","args":[],"after":[{"key":"a"}]},)" +
            R"({"key":"c","name":"x","args":[],"after":[{"key":"b"}]})",
        422,
        "\"a\" -> \"c\" -> \"b\" -> \"a\""
    );
    says(a + R"(,"after":[{}]})", 422, "Job \"a\": after needs either key");
    says(a + R"(,"after":[{"key":"a","id":"b"}]})", 422, "Job \"a\": after needs either key");
    says(a + R"(,"after":[{"key":"b","otherwhise":"run"}]})", 422, "the member \"otherwhise\"");
    says(a + R"(,"after":[{"id":"b","otherwise":"die"}]})", 422, "Job \"a\": ");
    says(a + R"(,"after":[{"id":"b"},{"id":"b"}]})", 422, "Job \"a\": a job needs b twice");
    says(a + R"(,"after":{}})", 422, "Job \"a\": after is no array");
    says(a + R"(,"after":[{"id":"none"}]})", 404, "job \"a\": ");
    std::string many;
    for (int i = 0; i != 257; ++i)
        many += (i == 0 ? "" : ",") + (R"({"key":")" + std::to_string(i)) +
                R"(","name":"x","args":[]})";
    says(many, 413, "There are 257 jobs");
    EXPECT_EQ(server.post("/api/v1/flows", "[]").slug(), "bad-json");
    EXPECT_EQ(server.post("/api/v1/flows", R"({"jobs":{}})").slug(), "bad-json");
    EXPECT_EQ(server.post("/api/v1/flows", R"({"jobs":[1]})").slug(), "bad-json");
    EXPECT_EQ(server.get("/api/v1/flows/none").slug(), "no-such-flow");
    EXPECT_EQ(server.post("/api/v1/flows/none/cancel", "{}").slug(), "no-such-flow");
    EXPECT_EQ(server.get("/api/v1/flows?limit=501").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/jobs/none/given").slug(), "no-such-job");
    // What a job of no flow can't say.
    auto const alone =
        server.post("/api/v1/jobs", R"({"name":"x","args":[],"after":[{"id":"b"}]})");
    EXPECT_EQ(alone.status, 422);
    EXPECT_NE(alone.body.find("POST /api/v1/flows stores them"), alone.body.npos);
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 0);
}

TEST_P(flow_routes, are_stored_once)
{
    served server(url_);
    std::string const key = "Content-Type: application/json\r\nIdempotency-Key: one\r\n";
    auto const first = server.ask("POST", "/api/v1/flows", words_flow, key);
    ASSERT_EQ(first.status, 201) << first.body;
    auto const again = server.ask("POST", "/api/v1/flows", words_flow, key);
    EXPECT_EQ(again.status, 409) << again.body;
    EXPECT_EQ(again.slug(), "in-use");
    EXPECT_NE(again.body.find("job \\\"page\\\": job "), again.body.npos) << again.body;
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 1);
}

TEST_P(flow_routes, hand_results_on_to_workers_and_to_nobody_else)
{
    work::web_options hiding;
    hiding.hide_args = true;
    served open(url_);
    served closed(url_, hiding);
    auto ids = keys_of(open.post("/api/v1/flows", words_flow));
    open.ask(
        "PUT",
        "/api/v1/pools/p",
        R"({"job_types":[{"name":"fetch","queue":"web"},{"name":"count","queue":"count"}]})",
        "Content-Type: application/json\r\n"
    );
    int number = 0;
    auto const claim = [&] {
        auto const got = open.post(
            "/api/v1/pools/p/claim",
            R"({"wait_ms":2000,"want":1,"number":)" + std::to_string(++number) + "}"
        );
        EXPECT_EQ(got.json().at("jobs").as_array().size(), 1u) << got.body;
        return got.json().at("jobs").as_array().at(0).as_object();
    };
    auto const page = claim();
    ASSERT_EQ(page.at("id").as_string(), ids["page"]);
    auto const done = open.post(
        "/api/v1/jobs/" + ids["page"] + "/complete",
        R"({"pool":"p","number":1,"fence":)" + boost::json::serialize(page.at("fence")) +
            R"(,"result":"\"c4n4ry\""})"
    );
    ASSERT_EQ(done.status, 200) << done.body;
    auto const count = claim();
    ASSERT_EQ(count.at("id").as_string(), ids["count"]);
    std::string const path = "/api/v1/jobs/" + ids["count"] + "/given";
    auto const given = open.get(path);
    EXPECT_EQ(misfit(open, given, "Given"), "");
    auto const gift = given.json().at("given").at(0).as_object();
    EXPECT_EQ(gift.at("from").as_string(), "text");
    EXPECT_EQ(gift.at("state").as_string(), "completed");
    EXPECT_EQ(gift.at("result").as_string(), "\"c4n4ry\"");
    EXPECT_EQ(
        open.get("/api/v1/job/given?id=" + ids["count"]).body.substr(0, 40),
        given.body.substr(0, 40)
    );
    EXPECT_NE(open.get("/api/v1/jobs/" + ids["count"]).body.find("c4n4ry"), std::string::npos);

    auto const hidden = closed.get(path);
    EXPECT_EQ(misfit(closed, hidden, "Given"), "");
    EXPECT_EQ(hidden.body.find("c4n4ry"), hidden.body.npos) << hidden.body;
    EXPECT_TRUE(hidden.json().at("given").at(0).at("result").is_null());
    EXPECT_EQ(closed.get("/api/v1/jobs/" + ids["count"]).body.find("c4n4ry"), std::string::npos);
    std::string const fence = boost::json::serialize(count.at("fence"));
    EXPECT_EQ(closed.get(path + "?pool=p&fence=1").body.find("c4n4ry"), std::string::npos);
    EXPECT_EQ(closed.get(path + "?pool=q&fence=" + fence).body.find("c4n4ry"), std::string::npos);
    EXPECT_NE(closed.get(path + "?pool=p&fence=" + fence).body.find("c4n4ry"), std::string::npos)
        << "who runs it has its arguments, too";
}

TEST_P(flow_routes, hide_why_another_one_failed)
{
    work::web_options hiding;
    hiding.hide_args = true;
    served open(url_);
    served closed(url_, hiding);
    auto ids = keys_of(open.post(
        "/api/v1/flows",
        R"({"jobs":[{"key":"bad","name":"bad","args":[],"max_attempts":1},)"
        R"({"key":"then","name":"then","args":[],"after":[{"key":"bad","otherwise":"run"}]}]})"
    ));
    open.ask(
        "PUT",
        "/api/v1/pools/p",
        R"({"job_types":[{"name":"bad"}]})",
        "Content-Type: application/json\r\n"
    );
    auto const got =
        open.post("/api/v1/pools/p/claim", R"({"wait_ms":2000,"want":1,"number":1})").json();
    auto const failed = open.post(
        "/api/v1/jobs/" + ids["bad"] + "/fail",
        R"({"pool":"p","number":1,"fence":)" +
            boost::json::serialize(got.at("jobs").at(0).at("fence")) +
            R"(,"type":"io","message":"c4n4ry"})"
    );
    ASSERT_EQ(failed.status, 200) << failed.body;
    for (std::string const path : {"/given", ""}) {
        EXPECT_NE(
            open.get("/api/v1/jobs/" + ids["then"] + path).body.find("c4n4ry"),
            std::string::npos
        );
        EXPECT_EQ(
            closed.get("/api/v1/jobs/" + ids["then"] + path).body.find("c4n4ry"),
            std::string::npos
        );
    }
}

INSTANTIATE_TEST_SUITE_P(, flow_routes, ::testing::Bool(), [](auto const& one) {
    return one.param ? std::string("redis") : std::string("memory");
});

}  // namespace
