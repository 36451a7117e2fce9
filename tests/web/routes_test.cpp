// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/web/head.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>
#include <work/worker_pool.hpp>

#include <boost/json/serialize.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>

#include "support/redis_server.hpp"
#include "web/bodies.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

using work::testing::body_for;
using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::schema_check;
using work::testing::served;

namespace {

/// Each case on both brokers.
class routes : public ::testing::TestWithParam<bool>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }
    void SetUp() override
    {
        redis->ask("FLUSHALL");
        static int next = 0;
        url_ = GetParam() ? redis->url() : "memory:web" + std::to_string(++next);
    }

    std::string url_;
    static std::unique_ptr<redis_server> redis;
};
std::unique_ptr<redis_server> routes::redis;

std::string const json = "Content-Type: application/json\r\n";

std::string id_of(http_answer const& answer)
{
    return std::string(answer.json().at("id").as_string());
}

/// What a route of the table answered, against the document that the server serves.
std::string check_answer(
    boost::json::object const& document,
    std::string const& method,
    std::string const& path,
    http_answer const& answer
)
{
    auto const& operation =
        document.at("paths").as_object().at(path).as_object().at(method).as_object();
    auto const& answers = operation.at("responses").as_object();
    auto const* told = answers.if_contains(std::to_string(answer.status));
    if (!told && answer.status < 400)
        return "status " + std::to_string(answer.status) + " is not told";
    auto const& response = (told ? *told : answers.at("default")).as_object();
    auto const* content = response.if_contains("content");
    if (!content)
        return answer.body.empty() ? "" : "a body that is not told";
    std::string const type = answer.field("Content-Type");
    auto const* media = content->as_object().if_contains(type.substr(0, type.find(';')));
    if (!media)
        return "another media type: " + type;
    if (type.find("json") == type.npos)
        return type.starts_with("text/") ? "" : "neither JSON nor text";
    return schema_check(document).check(
        boost::json::parse(answer.body),
        media->as_object().at("schema").as_object()
    );
}

/// A stream's second snapshot is about a second later.
void watch_a_second(served& server)
{
    raw_connection to(server.port());
    to.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i != 2; ++i)
        to.read_until("event: snapshot\n");
}

}  // namespace

TEST_P(routes, a_job_is_stored_seen_and_cancelled)
{
    served server(url_);
    std::string const args = R"([1.10, 12345678901234567890123, "\u00e9\n",  {"b":1,"a":[ ]}])";
    auto const stored = server.post(
        "/api/v1/jobs",
        R"({"name":"mail","queue":"slow","args":)" + args +
            R"(,"priority":3,"max_attempts":4,"headers":{"tenant":"a"},"tags":["t"],"in_ms":60000})"
    );
    ASSERT_EQ(stored.status, 201) << stored.body;
    std::string const id = id_of(stored);
    EXPECT_EQ(stored.field("Location"), "/api/v1/jobs/" + id);
    auto const shown = server.get("/api/v1/jobs/" + id);
    ASSERT_EQ(shown.status, 200) << shown.body;
    auto const job = shown.json();
    EXPECT_EQ(job.at("args").as_string(), args) << "not byte for byte";
    EXPECT_EQ(job.at("name").as_string(), "mail");
    EXPECT_EQ(job.at("queue").as_string(), "slow");
    EXPECT_EQ(job.at("state").as_string(), "scheduled");
    EXPECT_EQ(job.at("priority").as_int64(), 3);
    EXPECT_EQ(job.at("options").as_object().at("max_attempts").as_int64(), 4);
    EXPECT_EQ(boost::json::serialize(job.at("can")), R"(["cancel","requeue","kill","move"])");

    std::string const etag = shown.field("ETag");
    EXPECT_EQ(server.get("/api/v1/jobs/" + id, "If-None-Match: " + etag + "\r\n").status, 304);
    EXPECT_EQ(
        server.post("/api/v1/jobs/" + id + "/requeue", "{}", json + "If-Match: \"x\"\r\n").slug(),
        "changed"
    );
    auto const requeued =
        server.post("/api/v1/jobs/" + id + "/requeue", "{}", json + "If-Match: " + etag + "\r\n");
    EXPECT_EQ(requeued.status, 200) << requeued.body;
    EXPECT_EQ(requeued.json().at("code").as_string(), "done");
    EXPECT_NE(server.get("/api/v1/jobs/" + id).field("ETag"), etag);
    EXPECT_EQ(
        server.post("/api/v1/job/requeue?id=" + id, "", "").json().at("code").as_string(),
        "already"
    );
    EXPECT_EQ(
        server.post("/api/v1/jobs/" + id + "/cancel", R"({"only":["dead"]})").slug(),
        "moved-on"
    );
    auto const why = server.get("/api/v1/jobs/" + id + "/explain");
    ASSERT_EQ(why.status, 200) << why.body;
    EXPECT_EQ(why.json().at("ahead").as_int64(), 0);
    EXPECT_EQ(why.json().at("reasons").as_array().at(0).at("gate").as_string(), "no_pool");
    EXPECT_EQ(server.get("/api/v1/job/explain?id=" + id).json().at("id").as_string(), id);
    EXPECT_EQ(server.get("/api/v1/jobs/nobody/explain").slug(), "no-such-job");
    auto const log = server.get("/api/v1/jobs/" + id + "/logs");
    ASSERT_EQ(log.status, 200) << log.body;
    EXPECT_TRUE(log.json().at("lines").as_array().empty());
    EXPECT_EQ(server.get("/api/v1/job/logs?id=" + id).json().at("id").as_string(), id);
    EXPECT_EQ(server.get("/api/v1/jobs/nobody/logs").slug(), "no-such-job");
    auto const cancelled =
        server.post("/api/v1/jobs/" + id + "/cancel", R"({"only":["pending"],"reason":"no use"})");
    EXPECT_EQ(cancelled.status, 200) << cancelled.body;
    EXPECT_EQ(cancelled.json().at("state").as_string(), "cancelled");
    auto const kept = server.get("/api/v1/jobs/" + id).json();
    EXPECT_EQ(kept.at("state").as_string(), "cancelled");
    EXPECT_EQ(kept.at("ended").at("reason").as_string(), "no use");
    EXPECT_EQ(server.post("/api/v1/jobs/" + id + "/cancel", "", "").slug(), "moved-on");
    EXPECT_EQ(server.post("/api/v1/jobs/" + id + "/delete", "", "").status, 200);
    EXPECT_EQ(server.get("/api/v1/jobs/" + id).slug(), "no-such-job");
    EXPECT_EQ(server.post("/api/v1/jobs/" + id + "/cancel", "", "").slug(), "no-such-job");
}

TEST_P(routes, jobs_are_listed_and_acted_on_together)
{
    served server(url_);
    std::vector<std::string> ids;
    for (int i = 0; i != 5; ++i)
        ids.push_back(id_of(server.post(
            "/api/v1/jobs",
            R"({"name":"mail","args":[)" + std::to_string(i) + R"(],"in_ms":60000,"tags":["t"]})"
        )));
    auto const first = server.get("/api/v1/jobs?state=scheduled,dead&limit=3").json();
    EXPECT_EQ(first.at("jobs").as_array().size(), 3u);
    EXPECT_EQ(first.at("of").as_int64(), 5);
    std::string const next(first.at("next").as_string());
    auto const rest =
        server.get("/api/v1/jobs?state=scheduled,dead&cursor=" + work::web::percent_encode(next))
            .json();
    EXPECT_EQ(rest.at("jobs").as_array().size(), 2u);
    EXPECT_TRUE(rest.at("next").is_null());
    EXPECT_EQ(
        server.get("/api/v1/jobs?state=dead&cursor=" + work::web::percent_encode(next)).slug(),
        "bad-cursor"
    );
    EXPECT_EQ(server.get("/api/v1/jobs?state=undead").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/jobs?scan=0").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/jobs?statee=dead").slug(), "unknown-parameter");
    auto const found = server.get("/api/v1/jobs?args=%5B3%5D&tag=t").json();
    ASSERT_EQ(found.at("jobs").as_array().size(), 1u);
    EXPECT_EQ(found.at("jobs").at(0).at("id").as_string(), ids[3]);

    auto const acted = server.post(
        "/api/v1/jobs/actions",
        R"({"action":"kill","ids":[")" + ids[0] + R"(","none",")" + ids[1] +
            R"("],"reason":"late"})"
    );
    ASSERT_EQ(acted.status, 200) << acted.body;
    auto const results = acted.json().at("results").as_array();
    EXPECT_EQ(results.at(0).at("code").as_string(), "done");
    EXPECT_EQ(results.at(0).at("state").as_string(), "dead");
    EXPECT_EQ(results.at(1).at("code").as_string(), "gone");
    auto const slug = [&](std::string const& body) {
        return server.post("/api/v1/jobs/actions", body).slug();
    };
    EXPECT_EQ(slug(R"({"action":"bury","ids":["x"]})"), "invalid-option");
    EXPECT_EQ(slug(R"({"action":"kill","ids":[]})"), "invalid-option");
    EXPECT_EQ(slug(R"({"action":"kill","ids":["x"],"queue":"q"})"), "invalid-option");
    EXPECT_EQ(slug(R"({"action":"kill","ids":["x"],"only":["undead"]})"), "invalid-option");
    EXPECT_EQ(server.post("/api/v1/jobs/" + ids[2] + "/move", R"({"queue":"slow"})").status, 200);
    EXPECT_EQ(server.get("/api/v1/jobs/" + ids[2]).json().at("queue").as_string(), "slow");
}

TEST_P(routes, queues_and_names_are_paused_and_go_on)
{
    served server(url_);
    server.post("/api/v1/jobs", R"({"name":"mail","queue":"slow","args":[]})");
    auto const paused =
        server.post("/api/v1/queues/slow/pause", R"({"reason":"<b>why</b>","for_ms":60000})")
            .json();
    EXPECT_EQ(paused.at("code").as_string(), "done");
    EXPECT_TRUE(paused.at("paused").as_bool());
    EXPECT_EQ(paused.at("reason").as_string(), "<b>why</b>");
    EXPECT_EQ(paused.at("by").as_string(), "anonymous");
    EXPECT_EQ(paused.at("until_ms").as_int64(), paused.at("now_ms").as_int64() + 60'000);
    // A name that a path can't carry, and one that nobody used.
    EXPECT_EQ(server.post("/api/v1/name/pause?name=a%2Fb", "{}").status, 200);
    // What is shown is at most a second old.
    auto const shown = [&] {
        for (int i = 0; i != 40; ++i) {
            auto const queue = server.get("/api/v1/queues/slow").json();
            if (!queue.at("paused").is_null())
                return queue;
            watch_a_second(server);
        }
        return boost::json::object();
    }();
    ASSERT_FALSE(shown.empty());
    EXPECT_EQ(shown.at("paused").at("reason").as_string(), "<b>why</b>");
    EXPECT_TRUE(shown.at("lists").at(0).at("paused").as_bool());
    EXPECT_EQ(
        server.post("/api/v1/queues/slow/pause", "{}").json().at("code").as_string(),
        "already"
    );
    EXPECT_EQ(
        server.post("/api/v1/queues/slow/resume", "{}").json().at("code").as_string(),
        "done"
    );
    EXPECT_EQ(
        server.post("/api/v1/queues/slow/resume", "{}").json().at("code").as_string(),
        "already"
    );
    for (std::string const bad :
         {R"({"for_ms":0})", R"({"for_ms":604800001})", R"({"for_ms":"1h"})", R"({"reason":7})"}) {
        auto const refused = server.post("/api/v1/queues/slow/pause", bad);
        EXPECT_EQ(refused.status, 422) << bad;
        EXPECT_EQ(refused.slug(), "invalid-option") << bad;
    }
    std::string const long_reason(201, 'x');
    EXPECT_EQ(
        server.post("/api/v1/queues/slow/pause", R"({"reason":")" + long_reason + "\"}").status,
        422
    );
    EXPECT_EQ(
        server.post("/api/v1/queues/slow/pause", R"({"reason":")" + long_reason.substr(1) + "\"}")
            .status,
        200
    );
}

TEST_P(routes, what_can_not_be_stored_says_why)
{
    served server(url_);
    auto const slug = [&](std::string const& body) {
        return server.post("/api/v1/jobs", body).slug();
    };
    EXPECT_EQ(slug(R"({"args":[]})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a"})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"","args":[]})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":1,"args":[]})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":1})"), "invalid-arguments");
    EXPECT_EQ(slug(R"({"name":"a","args":"[1"})"), "invalid-arguments");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"id":"a b"})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"id":""})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"priority":101})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"max_attempts":0})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"in_ms":-1})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"in_ms":1,"at_ms":1})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"at_ms":9223372036854775807})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"track":true})"), "invalid-option");
    EXPECT_EQ(slug(R"({"name":"a","args":[],"whatever":1})"), "");
    EXPECT_EQ(slug(R"({"name":"a","args":"{\"x\":1}"})"), "");
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 2);
}

TEST_P(routes, what_is_stored_is_run)
{
    served server(url_);
    std::string const id = id_of(server.post("/api/v1/jobs", R"({"name":"resize","args":[7]})"));
    std::atomic<int> width{0};
    {
        boost::asio::io_context io{1};
        work::client client{io, url_};
        work::worker_pool pool{client};
        pool.handle("resize", [&width](int given) -> work::task<void> {
            width = given;
            co_return;
        });
        boost::asio::co_spawn(io, pool.run_until_empty(), work::rethrow);
        io.run();
        EXPECT_EQ(pool.processed(), 1);
    }
    EXPECT_EQ(width, 7);
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 0);
}

TEST_P(routes, a_key_stores_once_also_after_a_restart_of_the_server)
{
    std::string const body = R"({"name":"mail","args":[1]})";
    std::string const bulk = R"({"jobs":[{"name":"a","args":[]},{"name":"a","args":[]}]})";
    std::string const key = json + "Idempotency-Key: order-7\r\n";
    served keeps(url_);  // a memory broker lives as long as one of its clients
    std::string id;
    {
        served server(url_);
        auto const first = server.post("/api/v1/jobs", body, key);
        ASSERT_EQ(first.status, 201) << first.body;
        id = id_of(first);
        EXPECT_EQ(id.size(), 22u);
        EXPECT_EQ(
            server.post("/api/v1/jobs/bulk", bulk, json + "Idempotency-Key: b\r\n")
                .json()
                .at("stored")
                .as_int64(),
            2
        );
    }
    served server(url_);
    auto const again = server.post("/api/v1/jobs", body, key);
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(id_of(again), id);
    EXPECT_EQ(again.json().at("code").as_string(), "duplicate");
    EXPECT_EQ(
        server.post("/api/v1/jobs/bulk", bulk, json + "Idempotency-Key: b\r\n")
            .json()
            .at("duplicates")
            .as_int64(),
        2
    );
    EXPECT_NE(id_of(server.post("/api/v1/jobs", body, json + "Idempotency-Key: order-8\r\n")), id);
    EXPECT_EQ(server.get("/api/v1/stats").json().at("pending").as_int64(), 4);
    for (std::string const bad : {"", "a b", "a/b"})
        EXPECT_EQ(
            server.post("/api/v1/jobs", body, json + "Idempotency-Key: " + bad + "\r\n").slug(),
            "bad-parameter"
        );
    std::string const longest(64, 'k');
    EXPECT_EQ(
        server.post("/api/v1/jobs", body, json + "Idempotency-Key: " + longest + "\r\n").status,
        201
    );
    EXPECT_EQ(
        server.post("/api/v1/jobs", body, json + "Idempotency-Key: " + longest + "k\r\n").status,
        400
    );
}

TEST_P(routes, many_jobs_each_have_an_answer)
{
    served server(url_);
    std::string lines;
    for (int i = 0; i != 1'000; ++i)
        lines += R"({"name":"n)" + std::to_string(i % 7) + R"(","args":[)" + std::to_string(i) +
                 (i == 500 ? "" : "]") + "}\n";
    auto const answer =
        server.post("/api/v1/jobs/bulk", lines, "Content-Type: application/x-ndjson\r\n");
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto const told = answer.json();
    EXPECT_EQ(told.at("stored").as_int64(), 999);
    EXPECT_EQ(told.at("refused").as_int64(), 1);
    EXPECT_TRUE(told.at("results").as_array().at(500).as_object().contains("status"));
    auto const seven = told.at("results").as_array().at(7).as_object().at("id").as_string();
    EXPECT_EQ(
        server.get("/api/v1/job?id=" + std::string(seven)).json().at("args").as_string(),
        "[7]"
    );
    EXPECT_EQ(server.post("/api/v1/jobs/bulk", R"({"jobs":[],"atomic":true})").status, 422);
    EXPECT_EQ(server.post("/api/v1/jobs/bulk", R"({"jobs":{}})").status, 400);

    EXPECT_EQ(server.get("/api/v1/queues").json().at("queues").as_array().size(), 7u);
    auto const page = server.get("/api/v1/queues?limit=5").json();
    EXPECT_EQ(page.at("of").as_int64(), 7);
    std::string const next(page.at("next").as_string());
    auto const rest = server.get("/api/v1/queues?limit=5&cursor=" + next).json();
    EXPECT_EQ(rest.at("queues").as_array().size(), 2u);
    EXPECT_TRUE(rest.at("next").is_null());
    EXPECT_EQ(server.get("/api/v1/queues?q=n1&cursor=" + next).slug(), "bad-cursor");
    EXPECT_EQ(server.get("/api/v1/queues?limit=0").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/queues?limit=501").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/queues?sort=nmae").slug(), "bad-parameter");
}

TEST_P(routes, every_answer_is_as_the_document_says)
{
    served server(url_);
    auto const document = server.get("/api/v1/openapi.json").json();
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    std::string const id =
        id_of(server.post("/api/v1/jobs", R"({"name":"mail","args":[],"tags":["x"],"queue":"q"})"));
    std::string const flow = id_of(server.post(
        "/api/v1/flows",
        R"({"jobs":[{"key":"a","name":"x","args":[]},)"
        R"({"key":"b","name":"y","args":[],"after":[{"key":"a"}]}]})"
    ));
    std::size_t walked = 0;
    for (work::web::route const& one : work::web::all_routes()) {
        std::string path(one.path);
        for (auto const& [name, value] :
             {std::pair<std::string, std::string>("{id}", id),
              {"{queue}", "q"},
              {"{name}", "n"},
              {"{died_at}", "1"},
              {"{file}", "app.js"},
              {"{cron}", "nightly"},
              {"{flow}", flow},
              {"{limit}", "bank"},
              {"{pool}", "p"}})
            if (auto const at = path.find(name); at != path.npos)
                path.replace(at, name.size(), value);
        for (auto const& parameter : one.query)
            if (parameter.required)
                path += "?" + std::string(parameter.name) + "=" +
                        (parameter.name == "id"      ? id
                         : parameter.name == "queue" ? "q"
                                                     : "p");
        std::string method(one.method);
        for (char& c : method)
            c = static_cast<char>(c + 32);
        std::string const verb(one.method);
        std::string const body = body_for(one.body);
        std::string const fields =
            one.body == work::web::body_kind::form
                ? "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://localhost\r\n"
                : "Content-Type: application/json\r\n";
        auto const good = method == "get" ? server.get(path) : server.ask(verb, path, body, fields);
        EXPECT_EQ(check_answer(document, method, std::string(one.path), good), "")
            << path << good.head << good.body;
        auto const bad = method == "get"
                             ? server.get(path + (path.find('?') == path.npos ? "?" : "&") + "zz=1")
                             : server.ask(verb, path, "[", fields);
        EXPECT_EQ(bad.status, 400) << path;
        EXPECT_EQ(check_answer(document, method, std::string(one.path), bad), "")
            << path << bad.body;
        ++walked;
    }
    std::size_t told = 0;
    for (auto const& [path, methods] : document.at("paths").as_object())
        told += methods.as_object().size();
    EXPECT_EQ(told, walked);
}

TEST_P(routes, hostile_names_and_ids_stay_what_they_are)
{
    served server(url_);
    std::string const name = R"(a\"b<script>alert(1)</script>\u202e\ud83d\ude00{:}%2F..)";
    auto const stored = server.post(
        "/api/v1/jobs",
        R"({"name":")" + name + R"(","args":[],"id":"<b>\"'&/../%00"})"
    );
    ASSERT_EQ(stored.status, 201) << stored.body;
    EXPECT_EQ(stored.field("Location"), "/api/v1/job?id=%3Cb%3E%22%27%26%2F..%2F%2500");
    auto const shown = server.get(stored.field("Location"));
    ASSERT_EQ(shown.status, 200) << shown.body;
    std::string const expected(boost::json::parse("\"" + name + "\"").as_string());
    EXPECT_EQ(shown.json().at("name").as_string(), expected);
    EXPECT_EQ(
        server.get("/api/v1/queues").json().at("queues").as_array().at(0).at("queue").as_string(),
        expected
    );
    for (std::string const bad : {"\\n", "\\u0000", "\\r\\nX: y", " "})
        EXPECT_EQ(
            server.post("/api/v1/jobs", R"({"name":"a","args":[],"id":")" + bad + "\"}").slug(),
            "invalid-option"
        );
    server.get("/api/v1/x%20y?\x01");
    server.get("/api/v1/job?id=%0d%0aX:%20y");
    EXPECT_EQ(server.log().find("\r"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, routes, ::testing::Bool(), [](auto const& one) {
    return one.param ? std::string("redis") : std::string("memory");
});

TEST(redis_away, is_a_problem_and_not_an_empty_answer)
{
    redis_server redis;
    served server(redis.url());
    EXPECT_EQ(server.get("/api/v1/stats").status, 200);
    EXPECT_EQ(server.get("/healthz/live").status, 200);
    redis.kill();
    auto const job = server.get("/api/v1/jobs/none");
    EXPECT_EQ(job.status, 503) << job.body;
    EXPECT_EQ(job.slug(), "broker-unavailable");
    EXPECT_NE(job.field("Retry-After"), "");
    EXPECT_LT(server.stop(), std::chrono::seconds(10));
}

TEST(redis_away, what_is_under_way_does_not_hold_up_the_stop)
{
    redis_server redis;
    served server(redis.url());
    EXPECT_EQ(server.get("/api/v1/stats").status, 200);
    redis.freeze();
    raw_connection job(server.port());
    job.send("GET /api/v1/jobs/none HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw_connection pools(server.port());
    pools.send("GET /api/v1/pools HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(server.get("/healthz/live").status, 200);
    EXPECT_LT(server.stop(), std::chrono::seconds(5));
    EXPECT_TRUE(job.ended());
    EXPECT_TRUE(pools.ended());
}

TEST(redis_cost, a_job_costs_one_script)
{
    redis_server redis;
    served server(redis.url());
    std::string const id = id_of(server.post("/api/v1/jobs", R"({"name":"a","args":[]})"));
    server.get("/api/v1/jobs/" + id);
    redis.ask("CONFIG RESETSTAT");
    for (int i = 0; i != 5; ++i)
        server.get("/api/v1/jobs/" + id);
    auto const calls = [&](std::string const& of) {
        std::string const all = redis.ask("INFO commandstats");
        auto const at = all.find("cmdstat_" + of + ":calls=");
        return at == all.npos ? 0 : std::stoi(all.substr(at + 15 + of.size()));
    };
    EXPECT_EQ(calls("evalsha") + calls("evalsha_ro") + calls("fcall"), 5)
        << redis.ask("INFO commandstats");
}
