// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the conformance suite can't see from outside: rights, limits, connections, the broker away,
// shapes of answers. The suite itself is run by conformance_test.cpp.

#include <work/broker/broker.hpp>
#include <work/web/routes/worker_bodies.hpp>
#include <work/web/sha256.hpp>
#include <work/web/worker_registration.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "support/pause.hpp"
#include "support/redis_server.hpp"
#include "web/schema.hpp"
#include "web/served.hpp"

using work::web_options;
using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::schema_check;
using work::testing::served;

namespace {

std::string const json_header = "Content-Type: application/json\r\n";

std::string register_body(std::string const& name = "mail", std::string const& more = "")
{
    return R"({"job_types":[{"name":")" + name + R"("}])" + more + "}";
}

http_answer put(served& at, std::string const& pool, std::string const& body = register_body())
{
    return at.ask("PUT", "/api/v1/pools/" + pool, body);
}

http_answer claim(served& at, std::string const& pool, int number, std::string const& more = "")
{
    return at.post(
        "/api/v1/pools/" + pool + "/claim",
        R"({"number":)" + std::to_string(number) + more + "}"
    );
}

http_answer report(served& at, std::string const& pool, int number, std::string const& members)
{
    return at.post(
        "/api/v1/pools/" + pool + "/report",
        R"({"number":)" + std::to_string(number) + "," + members + "}"
    );
}

void enqueue(served& at, std::string const& name = "mail")
{
    ASSERT_EQ(at.post("/api/v1/jobs", R"({"name":")" + name + R"(","args":[]})").status, 201);
}

std::string numbers(std::size_t count, std::string const& one)
{
    std::string out = "[";
    for (std::size_t i = 0; i != count; ++i)
        out += (i == 0 ? "" : ",") + one;
    return out + "]";
}

/// A file of tokens, gone at the end.
class tokens
{
public:
    explicit tokens(std::string const& text)
    {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), 0600);
    }
    ~tokens() { ::unlink(path_.c_str()); }
    web_options options() const
    {
        web_options all;
        all.tokens_file = path_;
        return all;
    }
    static std::string line(
        std::string const& name,
        std::string const& roles,
        std::string const& more = ""
    )
    {
        using namespace work::web;
        return name + " " + roles + " sha256:" + hex(sha256("secret-" + name)) + more + "\n";
    }
    static std::string as(std::string const& name)
    {
        return json_header + "Authorization: Bearer secret-" + name + "\r\n";
    }

private:
    std::string path_ = ::testing::TempDir() + "worker-tokens-" + std::to_string(::getpid());
};

class workers : public ::testing::TestWithParam<bool>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }
    void SetUp() override
    {
        redis->ask("FLUSHALL");
        static int next = 0;
        url_ = GetParam() ? redis->url() : "memory:workers" + std::to_string(++next);
    }

    std::string url_;
    static std::unique_ptr<redis_server> redis;
};
std::unique_ptr<redis_server> workers::redis;

}  // namespace

TEST_P(workers, answers_fit_the_document_that_the_server_serves)
{
    served server(url_);
    auto const document = server.get("/api/v1/openapi.json").json();
    auto const fits = [&](http_answer const& answer, std::string const& schema) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        auto const& all = document.at("components").as_object().at("schemas").as_object();
        return schema_check(document).check(
            boost::json::parse(answer.body),
            all.at(schema).as_object()
        );
    };
    EXPECT_EQ(fits(put(server, "p"), "Registered"), "");
    ASSERT_EQ(
        server
            .post(
                "/api/v1/jobs",
                R"({"name":"mail","args":[],"headers":{"a":"b"},"tags":["t"],"timeout_ms":60000,)"
                R"("args_version":3})"
            )
            .status,
        201
    );
    auto const claimed = claim(server, "p", 1);
    EXPECT_EQ(fits(claimed, "Claimed"), "");
    auto const job = claimed.json().at("jobs").as_array().at(0).as_object();
    EXPECT_EQ(job.at("args_version").as_int64(), 3);
    std::string const of = R"({"id":)" + boost::json::serialize(job.at("id")) + R"(,"fence":)" +
                           boost::json::serialize(job.at("fence"));
    auto const extended = report(
        server,
        "p",
        1,
        R"("extend":[{"fence":)" + boost::json::serialize(job.at("fence")) + R"(,"ids":[)" +
            boost::json::serialize(job.at("id")) + R"(]}],"checkins":[)" + of + "}]"
    );
    EXPECT_EQ(fits(extended, "Reported"), "");
    EXPECT_EQ(
        fits(
            report(server, "p", 2, R"("outcomes":[)" + of + R"(,"outcome":"complete"}])"),
            "Reported"
        ),
        ""
    );
    EXPECT_EQ(fits(server.ask("DELETE", "/api/v1/pools/p", "", ""), "Left"), "");
    auto const unknown = claim(server, "p", 2);
    EXPECT_EQ(unknown.slug(), "no-such-pool");
    std::string const features = boost::json::serialize(server.get("/api/v1/").json());
    EXPECT_NE(features.find("\"workers\""), features.npos) << features;
}

TEST_P(workers, a_pool_belongs_to_the_token_that_made_it)
{
    tokens const file(
        tokens::line("a", "worker") + tokens::line("b", "worker") + tokens::line("ada", "admin")
    );
    served server(url_, file.options());
    std::string const pool = "/api/v1/pools/p";
    std::string const out = R"({"number":1,"outcomes":[]})";
    ASSERT_EQ(server.ask("PUT", pool, register_body(), tokens::as("a")).status, 200);
    for (std::string const other : {"b", "ada"}) {
        EXPECT_EQ(server.ask("PUT", pool, register_body(), tokens::as(other)).slug(), "forbidden");
        EXPECT_EQ(
            server.post(pool + "/claim", R"({"number":1})", tokens::as(other)).slug(),
            "forbidden"
        );
        EXPECT_EQ(server.post(pool + "/report", out, tokens::as(other)).slug(), "forbidden");
        EXPECT_EQ(
            server
                .post(
                    "/api/v1/jobs/x/release",
                    R"({"pool":"p","number":1,"fence":1})",
                    tokens::as(other)
                )
                .slug(),
            "forbidden"
        );
        EXPECT_EQ(server.ask("DELETE", pool, "", tokens::as(other)).slug(), "forbidden");
    }
    EXPECT_EQ(server.post(pool + "/claim", R"({"number":1})", tokens::as("a")).status, 200);
    EXPECT_EQ(server.ask("DELETE", pool, "", tokens::as("a")).status, 200);
    EXPECT_EQ(server.ask("PUT", pool, register_body(), tokens::as("b")).status, 200);
}

TEST_P(workers, the_queues_of_a_token_bind_names_and_what_comes)
{
    tokens const file(
        tokens::line("w", "worker", " queues=mail,slow") + tokens::line("ada", "admin")
    );
    served server(url_, file.options());
    auto const types = [&](std::string const& all) {
        return server.ask("PUT", "/api/v1/pools/p", R"({"job_types":)" + all + "}", tokens::as("w"))
            .slug();
    };
    EXPECT_EQ(types(R"([{"name":"pay"}])"), "forbidden");
    EXPECT_EQ(types(R"([{"name":"mail","queue":"pay"}])"), "forbidden");
    EXPECT_EQ(types(R"([{"name":"mail"},{"name":"pay","queue":"slow"}])"), "");
    auto const store = [&](std::string const& more) {
        auto const stored = server.post(
            "/api/v1/jobs",
            R"({"name":"mail","args":[])" + more + "}",
            tokens::as("ada")
        );
        ASSERT_EQ(stored.status, 201) << stored.body;
    };
    store(R"(,"queue":"secret")");
    auto const asked = [&](int number) {
        auto const answer = server.post(
            "/api/v1/pools/p/claim",
            R"({"number":)" + std::to_string(number) + "}",
            tokens::as("w")
        );
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.json().at("jobs").as_array().size();
    };
    EXPECT_EQ(asked(1), 0u) << "a job of a queue that is not the token's";
    store("");
    EXPECT_EQ(asked(2), 1u);
}

TEST_P(workers, the_queues_of_a_token_bind_what_follows_and_what_is_asked_for)
{
    tokens const file(
        tokens::line("w", "worker", " queues=mail,slow") +
        tokens::line("v", "viewer,producer,worker", " queues=mail") + tokens::line("ada", "admin")
    );
    served server(url_, file.options());
    auto const as_w = tokens::as("w");
    std::string const pool = "/api/v1/pools/p";
    ASSERT_EQ(server.ask("PUT", pool, register_body(), as_w).status, 200);
    EXPECT_EQ(
        server.post(pool + "/claim", R"({"number":1,"names":["pay"]})", as_w).slug(),
        "invalid-option"
    ) << "it did not register that";
    int number = 0;
    auto const taken = [&] {
        EXPECT_EQ(server.post("/api/v1/jobs", R"({"name":"mail","args":[]})", as_w).status, 201);
        auto const got =
            server.post(pool + "/claim", R"({"number":)" + std::to_string(++number) + "}", as_w);
        auto const jobs = got.json().at("jobs").as_array();
        EXPECT_EQ(jobs.size(), 1u) << got.body;
        return R"({"id":)" + boost::json::serialize(jobs.at(0).at("id")) + R"(,"fence":)" +
               boost::json::serialize(jobs.at(0).at("fence"));
    };
    auto const says = [&](std::string const& job, std::string const& more) {
        return server
            .post(
                pool + "/report",
                R"({"number":)" + std::to_string(++number) + R"(,"outcomes":[)" + job + more +
                    "}]}",
                as_w
            )
            .slug();
    };
    std::string job = taken();
    std::string const pay = R"({"name":"pay","args":[]})";
    EXPECT_EQ(says(job, R"(,"outcome":"complete","then":[)" + pay + "]"), "forbidden");
    EXPECT_EQ(
        says(job, R"(,"outcome":"complete","then":[{"name":"mail","queue":"pay","args":[]}])"),
        "forbidden"
    );
    EXPECT_EQ(says(job, R"(,"outcome":"next","name":"pay")"), "forbidden");
    EXPECT_EQ(says(job, R"(,"outcome":"next","queue":"pay")"), "forbidden");
    EXPECT_EQ(says(job, R"(,"outcome":"next","queue":"slow")"), "");
    job = taken();
    EXPECT_EQ(
        says(job, R"(,"outcome":"complete","then":[{"name":"x","queue":"slow","args":[]}])"),
        ""
    );
    EXPECT_EQ(
        server.post("/api/v1/flows", R"({"jobs":[{"key":"a","name":"pay","args":[]}]})", as_w)
            .slug(),
        "forbidden"
    );
    // To see everything is not to store and run everything.
    auto const as_v = tokens::as("v");
    auto const other = server.post("/api/v1/jobs", pay, tokens::as("ada"));
    std::string const id(other.json().at("id").as_string());
    EXPECT_EQ(server.get("/api/v1/jobs/" + id, as_v).status, 200);
    EXPECT_EQ(server.get("/api/v1/jobs/" + id, as_w).slug(), "no-such-job");
    EXPECT_EQ(server.post("/api/v1/jobs", pay, as_v).slug(), "forbidden");
    EXPECT_EQ(server.ask("PUT", "/api/v1/pools/v", register_body("pay"), as_v).slug(), "forbidden");
    EXPECT_EQ(server.ask("PUT", "/api/v1/pools/v", register_body(), as_v).status, 200);
}

TEST_P(workers, the_id_of_a_cpp_pool_is_taken)
{
    served server(url_);
    work::exchange_request comes;
    comes.pool = "cpp-pool";
    comes.number = 1;
    comes.serves = {{"*mail", 0}};
    auto const broker = server.at().broker();
    server.run(broker->exchange(comes));
    auto const port = broker->make_lease_port(server.at().executor(), std::chrono::seconds(15));
    ASSERT_FALSE(server.run(port->heartbeat("cpp-pool", "{}", std::chrono::seconds(15))));
    EXPECT_EQ(put(server, "cpp-pool").slug(), "duplicate-id");
    EXPECT_EQ(put(server, "another").status, 200);
}

TEST_P(workers, limits_hold_at_the_limit_and_one_beyond)
{
    served server(url_);
    auto const slug = [](http_answer const& answer) {
        EXPECT_TRUE(answer.status == 200 || answer.status >= 400) << answer.body;
        return answer.slug();
    };
    EXPECT_EQ(slug(put(server, std::string(64, 'a'))), "");
    EXPECT_EQ(slug(put(server, std::string(65, 'a'))), "bad-parameter");
    EXPECT_EQ(slug(put(server, "a.heartbeat")), "bad-parameter");
    EXPECT_EQ(slug(put(server, "a:b")), "bad-parameter");
    auto const with = [&](std::string const& member) {
        return slug(put(server, "p", register_body("mail", "," + member)));
    };
    EXPECT_EQ(with(R"("concurrency":10000)"), "");
    EXPECT_EQ(with(R"("concurrency":10001)"), "invalid-option");
    EXPECT_EQ(with(R"("concurrency":0)"), "invalid-option");
    EXPECT_EQ(with(R"("lease_ms":3600001)"), "invalid-option");
    EXPECT_EQ(with(R"("lease_ms":499)"), "invalid-option");
    EXPECT_EQ(with(R"("lease_ms":500)"), "");
    EXPECT_EQ(with(R"("lease_ms":3600000)"), "");
    EXPECT_EQ(with(R"("labels":["gpu"])"), "invalid-option");
    EXPECT_EQ(with(R"("colour":"red")"), "") << "what is not known changes nothing";
    EXPECT_EQ(with(R"("language":")" + std::string(128, 'x') + '"'), "");
    EXPECT_EQ(with(R"("language":")" + std::string(129, 'x') + '"'), "invalid-option");

    auto const types = [&](std::string const& pool, std::size_t count) {
        std::string all = R"({"job_types":[)";
        for (std::size_t i = 0; i != count; ++i)
            all += std::string(i == 0 ? "" : ",") + R"({"name":"n)" + std::to_string(i) + R"("})";
        return slug(put(server, pool, all + "]}"));
    };
    EXPECT_EQ(types("many", 1'000), "");
    EXPECT_EQ(types("more", 1'001), "invalid-option");
    EXPECT_EQ(types("none", 0), "invalid-option");
    EXPECT_EQ(
        slug(put(server, "x", R"({"job_types":[{"name":"a"},{"name":"a"}]})")),
        "invalid-option"
    );
    EXPECT_EQ(
        slug(put(server, "x", R"({"job_types":[{"name":"a"},{"name":"b","queue":"q"}]})")),
        "invalid-option"
    );
    EXPECT_EQ(
        slug(put(server, "x", R"({"job_types":[{"name":"a","on_crash":"no"}]})")),
        "invalid-option"
    );
    EXPECT_EQ(
        slug(put(server, "x", R"({"job_types":[{"name":"a","max_attempts":0}]})")),
        "invalid-option"
    );

    int number = 0;
    auto const claims = [&](std::string const& member) {
        return slug(claim(server, "many", ++number, "," + member));
    };
    EXPECT_EQ(claims(R"("want":256)"), "");
    EXPECT_EQ(claims(R"("want":257)"), "invalid-option");
    EXPECT_EQ(claims(R"("want":0)"), "invalid-option");
    EXPECT_EQ(claims(R"("wait_ms":55001)"), "invalid-option");
    EXPECT_EQ(claims(R"("wait_ms":-1)"), "invalid-option");
    EXPECT_EQ(claims(R"("max_bytes":1048576)"), "");
    EXPECT_EQ(claims(R"("max_bytes":1048577)"), "invalid-option");
    EXPECT_EQ(claims(R"("names":)" + numbers(1'000, R"("n1")")), "");
    EXPECT_EQ(claims(R"("names":)" + numbers(1'001, R"("n1")")), "invalid-option");

    int reports = 0;
    auto const says = [&](std::string const& members) {
        return slug(report(server, "many", ++reports, members));
    };
    auto const outcomes = [](int count) {
        std::string all = R"("outcomes":[)";
        for (int i = 0; i != count; ++i)
            all += std::string(i == 0 ? "" : ",") + R"({"id":"j)" + std::to_string(i) +
                   R"(","fence":1,"outcome":"release"})";
        return all + "]";
    };
    EXPECT_EQ(says(outcomes(256)), "");
    EXPECT_EQ(says(outcomes(257)), "invalid-option");
    auto const followed = [](std::size_t jobs) {
        return R"("outcomes":[{"id":"a","fence":1,"outcome":"complete","then":)" +
               numbers(jobs, R"({"name":"n1","args":[]})") + "}]";
    };
    EXPECT_EQ(says(followed(256)), "");
    EXPECT_EQ(says(followed(257)), "invalid-option");
    std::string const row = R"({"id":"a","fence":1})";
    for (std::string const member : {"checkins", "cancels_seen"}) {
        EXPECT_EQ(says('"' + member + "\":" + numbers(1'024, row)), "") << member;
        EXPECT_EQ(says('"' + member + "\":" + numbers(1'025, row)), "invalid-option") << member;
    }
    std::string const log = R"({"id":"a","fence":1,"lines":["x"]})";
    EXPECT_EQ(says(R"("logs":)" + numbers(1'024, log)), "");
    EXPECT_EQ(says(R"("logs":)" + numbers(1'025, log)), "invalid-option");
    auto const log_of = [](std::size_t lines) {
        return R"("logs":[{"id":"a","fence":1,"lines":)" + numbers(lines, R"("x")") + "}]";
    };
    EXPECT_EQ(says(log_of(100)), "");
    EXPECT_EQ(says(log_of(101)), "invalid-option");
    EXPECT_EQ(says(R"("close":)" + numbers(1'024, "1")), "");
    EXPECT_EQ(says(R"("close":)" + numbers(1'025, "1")), "invalid-option");
    auto const ids = [](std::size_t count) {
        return R"("extend":[{"fence":1,"ids":)" + numbers(count, R"("a")") + "}]";
    };
    EXPECT_EQ(says(ids(1'024)), "");
    EXPECT_EQ(says(ids(1'025)), "invalid-option");
    EXPECT_EQ(says(R"("extend":[{"fence":1,"ids":[]}])"), "invalid-option");
    auto const one = [&](std::string const& members) {
        return says(R"("outcomes":[{"id":"a","fence":1,)" + members + "}]");
    };
    EXPECT_EQ(one(R"("outcome":"fail","type":")" + std::string(128, 'x') + '"'), "");
    EXPECT_EQ(one(R"("outcome":"fail","type":")" + std::string(129, 'x') + '"'), "invalid-option");
    EXPECT_EQ(one(R"("outcome":"fail","backtrace":")" + std::string(8192, 'x') + '"'), "");
    EXPECT_EQ(
        one(R"("outcome":"fail","backtrace":")" + std::string(8193, 'x') + '"'),
        "invalid-option"
    );
    EXPECT_EQ(one(R"("outcome":"snooze","in_ms":31536000000)"), "");
    EXPECT_EQ(one(R"("outcome":"snooze","in_ms":31536000001)"), "invalid-option");
    EXPECT_EQ(one(R"("outcome":"snooze")"), "invalid-option");
    EXPECT_EQ(one(R"("outcome":"done")"), "invalid-option");
    std::string const result(1'048'574, 'x');
    EXPECT_EQ(one(R"("outcome":"complete","result":"\")" + result + R"(\"")"), "");
    EXPECT_EQ(one(R"("outcome":"complete","result":"\")" + result + R"(x\"")"), "invalid-option");
}

TEST(worker_limits, of_bodies_pools_and_parked_claims_hold)
{
    web_options options;
    options.limits.report_bytes = 2'000;
    options.limits.pools_per_token = 2;
    options.limits.parked_claims = 1;
    served server("memory:", options);
    EXPECT_EQ(put(server, "a").status, 200);
    EXPECT_EQ(put(server, "b").status, 200);
    EXPECT_EQ(put(server, "a").status, 200) << "it is none more";
    auto const third = put(server, "c");
    EXPECT_EQ(third.slug(), "too-many");
    EXPECT_NE(third.field("Retry-After"), "");
    EXPECT_EQ(server.ask("DELETE", "/api/v1/pools/b", "", "").status, 200);
    EXPECT_EQ(put(server, "c").status, 200);

    std::string const body = R"({"number":1,"outcomes":[]})";
    auto const sized = [&](std::size_t size) {
        return server.post("/api/v1/pools/a/report", body + std::string(size - body.size(), ' '))
            .status;
    };
    EXPECT_EQ(sized(2'000), 200);
    EXPECT_EQ(sized(2'001), 413);

    raw_connection parked(server.port());
    std::string const wait = R"({"number":1,"wait_ms":20000})";
    parked.send(
        "POST /api/v1/pools/a/claim HTTP/1.1\r\nHost: localhost\r\n" + json_header +
        "Content-Length: " + std::to_string(wait.size()) + "\r\n\r\n" + wait
    );
    // The other one is turned away once the first is parked.
    http_answer second;
    for (int number = 1; number != 1'000 && second.status != 429; ++number)
        second = claim(server, "c", number, R"(,"wait_ms":50)");
    EXPECT_EQ(second.slug(), "too-many");
    EXPECT_EQ(claim(server, "c", 500).status, 200) << "without waiting it may ask";
    EXPECT_LT(server.stop(), std::chrono::seconds(10)) << "a parked claim held the stop up";
    auto const answer = parked.read();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json().at("jobs").as_array().size(), 0u);
}

TEST_P(workers, parked_claims_share_one_connection)
{
    served server(url_);
    std::vector<raw_connection> parked;
    for (int i = 0; i != 100; ++i) {
        std::string const pool = "p" + std::to_string(i);
        std::string const name = "n" + std::to_string(i);
        ASSERT_EQ(put(server, pool, register_body(name)).status, 200);
        std::string const body = R"({"number":1,"wait_ms":30000})";
        parked.emplace_back(server.port())
            .send(
                "POST /api/v1/pools/" + pool + "/claim HTTP/1.1\r\nHost: localhost\r\n" +
                json_header + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
            );
    }
    // Each is woken by a job of its own name, whenever it came to be parked.
    for (int i = 99; i >= 0; --i)
        enqueue(server, "n" + std::to_string(i));
    for (int i = 0; i != 100; ++i) {
        auto const answer = parked[static_cast<std::size_t>(i)].read();
        ASSERT_EQ(answer.status, 200) << answer.body;
        auto const jobs = answer.json().at("jobs").as_array();
        ASSERT_EQ(jobs.size(), 1u);
        EXPECT_EQ(jobs[0].at("name").as_string(), "n" + std::to_string(i));
    }
    if (GetParam()) {
        std::string const clients = redis->ask("CLIENT LIST");
        std::size_t waiting = 0;
        for (auto at = clients.find(":wait"); at != clients.npos;
             at = clients.find(":wait", at + 1))
            ++waiting;
        EXPECT_EQ(waiting, 1u) << clients;
    }
}

TEST(workers_without_broker, are_answered_503_and_go_on_when_it_is_back)
{
    auto redis = std::make_unique<redis_server>();
    served server(redis->url());
    ASSERT_EQ(put(server, "p").status, 200);
    ASSERT_EQ(claim(server, "p", 1).status, 200);
    raw_connection parked(server.port());
    std::string const wait = R"({"number":2,"wait_ms":30000})";
    parked.send(
        "POST /api/v1/pools/p/claim HTTP/1.1\r\nHost: localhost\r\n" + json_header +
        "Content-Length: " + std::to_string(wait.size()) + "\r\n\r\n" + wait
    );
    // It is parked, or about to be, when another one of the pool is refused.
    while (claim(server, "p", 1).slug() != "in-flight") {
    }
    redis->kill();
    auto const ended = parked.read();
    EXPECT_TRUE(ended.status == 503 || ended.status == 502) << ended.status << ended.body;
    auto const away = claim(server, "p", 2);
    EXPECT_EQ(away.status, 503) << away.body;
    EXPECT_NE(away.field("Retry-After"), "");
    redis->restart();
    // This Redis forgot everything, so the pool comes anew.
    http_answer back;
    work::testing::soon([&] {
        back = put(server, "p");
        return back.status == 200;
    });
    EXPECT_EQ(back.status, 200) << back.body;
    EXPECT_EQ(claim(server, "p", 4).status, 200);
}

TEST(workers_at_a_full_broker, drain_it)
{
    redis_server redis;
    served server(redis.url());
    ASSERT_EQ(put(server, "p").status, 200);
    for (int i = 0; i != 3; ++i)
        enqueue(server);
    auto const first = claim(server, "p", 1).json().at("jobs").as_array().at(0).as_object();
    redis.ask("CONFIG SET maxmemory 1");
    auto const of = [](boost::json::object const& job, std::string const& what) {
        return R"("outcomes":[{"id":)" + boost::json::serialize(job.at("id")) + R"(,"fence":)" +
               boost::json::serialize(job.at("fence")) + R"(,"outcome":)" + what + "}]";
    };
    auto const code = [](http_answer const& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        auto const codes = answer.json().at("outcomes").as_array();
        return std::string(codes.at(0).as_object().at("code").as_string());
    };
    EXPECT_EQ(server.post("/api/v1/jobs", R"({"name":"mail","args":[]})").status, 507);
    EXPECT_EQ(code(report(server, "p", 1, of(first, R"("complete","result":"[1]")"))), "ok");
    auto const second = claim(server, "p", 2);
    ASSERT_EQ(second.status, 200) << second.body;
    auto const job = second.json().at("jobs").as_array().at(0).as_object();
    std::string const long_text(3'000, 'x');
    EXPECT_EQ(
        code(report(server, "p", 2, of(job, R"("fail","fatal":true,"message":")" + long_text + '"'))
        ),
        "ok"
    );
    EXPECT_EQ(claim(server, "p", 3).json().at("jobs").as_array().size(), 1u);
    auto const failed = server.get("/api/v1/jobs/" + std::string(job.at("id").as_string())).json();
    auto const& why = failed.at("failures").as_array().at(0).as_object();
    EXPECT_LE(why.at("message").as_string().size(), 300u) << "it was not cut";
    EXPECT_EQ(why.at("pool").as_string(), "p");
    EXPECT_GE(why.at("run_ms").as_int64(), 0);
    EXPECT_GE(why.at("wait_ms").as_int64(), 0) << "it was its first attempt";
}

INSTANTIATE_TEST_SUITE_P(brokers, workers, ::testing::Bool(), [](auto const& of) {
    return std::string(of.param ? "redis" : "memory");
});
