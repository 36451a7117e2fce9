// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Acting on all jobs of a filter over HTTP, failures put together, the audit.

#include <work/web/server.hpp>
#include <work/web/sha256.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "support/redis_server.hpp"
#include "web/served.hpp"

using testing::HasSubstr;
using work::testing::http_answer;
using work::testing::redis_server;
using work::testing::served;

namespace {

class bulk_actions : public ::testing::TestWithParam<bool>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }
    void SetUp() override
    {
        redis->ask("FLUSHALL");
        static int next = 0;
        url_ = GetParam() ? redis->url() : "memory:bulk" + std::to_string(++next);
    }
    /// So many jobs of a name, dead.
    static void bury(served& server, std::string const& name, int count)
    {
        for (int done = 0; done != count;) {
            int const some = std::min(count - done, 250);
            std::string jobs;
            std::string ids;
            for (int i = 0; i != some; ++i) {
                std::string const id = name + std::to_string(done + i);
                jobs += std::string(i == 0 ? "" : ",") + R"({"name":")" + name +
                        R"(","args":[],"id":")" + id + R"("})";
                ids += std::string(i == 0 ? "\"" : ",\"") + id + "\"";
            }
            ASSERT_EQ(server.post("/api/v1/jobs/bulk", "{\"jobs\":[" + jobs + "]}").status, 200);
            auto const killed =
                server.post("/api/v1/jobs/actions", R"({"action":"kill","ids":[)" + ids + "]}");
            ASSERT_EQ(killed.status, 200) << killed.body;
            done += some;
        }
    }
    static boost::json::object ended(served& server, std::string const& id)
    {
        auto const by = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (;;) {
            auto const now = server.get("/api/v1/operations/" + id);
            EXPECT_EQ(now.status, 200) << now.body;
            if (now.json().at("ended_ms").as_int64() != 0 || std::chrono::steady_clock::now() > by)
                return now.json();
        }
    }
    static std::int64_t pending(served& server)
    {
        return server.get("/api/v1/jobs?state=pending").json().at("of").as_int64();
    }

    std::string url_;
    static std::unique_ptr<redis_server> redis;
};
std::unique_ptr<redis_server> bulk_actions::redis;

}  // namespace

TEST_P(bulk_actions, are_counted_begun_and_seen_to_their_end)
{
    served server(url_);
    bury(server, "mail", 320);
    bury(server, "bill", 5);
    std::string const mails = R"("filter":{"states":["dead"],"name":"mail"})";
    auto const counted =
        server.post("/api/v1/operations", R"({"action":"requeue","dry_run":true,)" + mails + "}");
    ASSERT_EQ(counted.status, 200) << counted.body;
    EXPECT_EQ(counted.json().at("matched").as_int64(), 320);
    EXPECT_EQ(counted.json().at("samples").as_array().size(), 5u);
    EXPECT_TRUE(counted.json().at("whole").as_bool());
    EXPECT_EQ(server.get("/api/v1/operations").json().at("operations").as_array().size(), 0u);

    auto const moved =
        server.post("/api/v1/operations", R"({"action":"requeue","expected":100,)" + mails + "}");
    EXPECT_EQ(moved.slug(), "count-moved");
    EXPECT_EQ(moved.json().at("matched").as_int64(), 320);

    auto const begun = server.post(
        "/api/v1/operations",
        R"({"action":"requeue","expected":320,"reason":"the bank is back",)" + mails + "}"
    );
    ASSERT_EQ(begun.status, 202) << begun.body;
    std::string const id(begun.json().at("id").as_string());
    EXPECT_EQ(begun.field("Location"), "operations/" + id);
    // What it was not asked for is not in it, so that it may be given back as it is.
    auto const asked = boost::json::parse(R"({"states":["dead"],"name":"mail"})");
    EXPECT_EQ(begun.json().at("filter"), asked);
    auto const went = ended(server, id);
    EXPECT_EQ(went.at("state").as_string(), "done");
    EXPECT_EQ(went.at("done").as_int64(), 320);
    EXPECT_EQ(went.at("filter"), asked);
    auto const listed = server.get("/api/v1/operations").json();
    EXPECT_EQ(listed.at("operations").at(0).at("filter"), asked);
    EXPECT_GT(listed.at("now_ms").as_int64(), 0);
    EXPECT_EQ(pending(server), 320);
    EXPECT_EQ(server.get("/api/v1/jobs?state=dead").json().at("of").as_int64(), 5);
    EXPECT_EQ(
        server.ask("DELETE", "/api/v1/operations/" + id, "", "").json().at("code").as_string(),
        "already"
    );
    EXPECT_EQ(server.get("/api/v1/operations/nobody").slug(), "no-such-operation");
    EXPECT_EQ(
        server.ask("DELETE", "/api/v1/operations/nobody", "", "").slug(),
        "no-such-operation"
    );
    // Another server of the namespace knows it, too.
    served other(url_);
    EXPECT_EQ(other.get("/api/v1/operations/" + id).json().at("done").as_int64(), 320);
    auto const audit = other.get("/api/v1/audit?limit=1").json();
    auto const& line = audit.at("entries").as_array().at(0).as_object();
    EXPECT_EQ(line.at("action").as_string(), "requeue");
    EXPECT_EQ(line.at("done").as_int64(), 320);
    EXPECT_EQ(line.at("reason").as_string(), "the bank is back");
    EXPECT_EQ(audit.at("next").as_int64(), 1);
}

TEST_P(bulk_actions, refuse_what_could_mean_something_else)
{
    served server(url_);
    auto const fault = [&](std::string const& body) {
        auto const answer = server.post("/api/v1/operations", body);
        return std::to_string(answer.status) + " " + answer.slug() + " " +
               std::string(answer.json().at("detail").as_string());
    };
    EXPECT_THAT(fault(R"({"action":"delete","expected":1})"), HasSubstr("asks for nothing"));
    EXPECT_THAT(
        fault(R"({"action":"delete","expected":1,"filter":{"state":"dead"}})"),
        HasSubstr("filter.state is no member")
    );
    EXPECT_THAT(
        fault(R"({"action":"delete","exepcted":1,"all":true})"),
        HasSubstr("exepcted is no member")
    );
    EXPECT_THAT(
        fault(R"({"action":"delete","expected":1,"filter":{"states":["pending"]}})"),
        HasSubstr("delete is for jobs that are")
    );
    EXPECT_THAT(
        fault(R"({"action":"delete","expected":1,"filter":{"states":["ded"]}})"),
        HasSubstr("422 invalid-option")
    );
    EXPECT_THAT(fault(R"({"action":"explode","expected":1,"all":true})"), HasSubstr("explode"));
    EXPECT_THAT(fault(R"({"action":"cancel","all":true})"), HasSubstr("expected is missing"));
    EXPECT_THAT(
        fault(R"({"action":"cancel","all":true,"expected":-1})"),
        HasSubstr("are 0 or more")
    );
    EXPECT_THAT(
        fault(R"({"action":"cancel","all":true,"expected":1,"queue":"x"})"),
        HasSubstr("queue is for move")
    );
    EXPECT_THAT(fault("[]"), HasSubstr("400 bad-json"));
}

TEST_P(bulk_actions, by_operators_are_small_ones)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "work-ops-XXXXXX").string();
    ::close(::mkstemp(pattern.data()));
    std::string const digest = work::web::hex(work::web::sha256("secret"));
    std::ofstream(pattern) << "olga operator sha256:" << digest << "\n"
                           << "ada admin sha256:" << work::web::hex(work::web::sha256("root"))
                           << "\n";
    work::web_options options;
    options.tokens_file = pattern;
    served plain(url_);
    bury(plain, "mail", 1'001);
    served server(url_, options);
    std::filesystem::remove(pattern);
    std::string const media = "Content-Type: application/json\r\nAuthorization: Bearer ";
    std::string const body = R"({"action":"requeue","expected":1001,"filter":{"name":"mail"})";
    auto const ask = [&](std::string const& token, std::string const& text) {
        return server.post("/api/v1/operations", text, media + token + "\r\n");
    };
    EXPECT_THAT(ask("secret", body + "}").body, HasSubstr("needs the right destroy"));
    auto const few = ask("secret", body + R"(,"at_most":3})");
    EXPECT_EQ(few.status, 202) << few.body;
    EXPECT_EQ(few.json().at("by").as_string(), "olga");
    EXPECT_EQ(
        ask("secret", R"({"action":"delete","expected":9,"at_most":3,"all":true})").slug(),
        "forbidden"
    );
    EXPECT_EQ(ask("root", body + "}").status, 202);
}

TEST_P(bulk_actions, stop_when_somebody_says_so)
{
    served server(url_);
    bury(server, "mail", 3'000);
    auto const begun = server.post(
        "/api/v1/operations",
        R"({"action":"requeue","expected":3000,"filter":{"states":["dead"]}})"
    );
    ASSERT_EQ(begun.status, 202) << begun.body;
    std::string const id(begun.json().at("id").as_string());
    auto const told = server.ask("DELETE", "/api/v1/operations/" + id, "", "");
    EXPECT_EQ(told.status, 200) << told.body;
    auto const went = ended(server, id);
    // It may have been faster than the word.
    if (went.at("state").as_string() != "done") {
        EXPECT_EQ(went.at("state").as_string(), "stopped");
        EXPECT_LT(went.at("done").as_int64(), 3'000);
    }
    EXPECT_EQ(pending(server), went.at("done").as_int64());
}

TEST_P(bulk_actions, failures_are_put_together)
{
    served server(url_);
    bury(server, "mail", 30);
    bury(server, "bill", 2);
    auto const by_name = server.get("/api/v1/failures?by=name").json();
    EXPECT_EQ(by_name.at("scanned").as_int64(), 32);
    auto const& groups = by_name.at("groups").as_array();
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].at("name").as_string(), "mail");
    EXPECT_EQ(groups[0].at("dead").as_int64(), 30);
    auto const by_type = server.get("/api/v1/failures?state=dead").json();
    EXPECT_EQ(by_type.at("groups").at(0).at("type").as_string(), "killed");
    EXPECT_EQ(by_type.at("groups").at(0).at("names").as_array().size(), 2u);
    EXPECT_EQ(server.get("/api/v1/failures?state=retry").json().at("of").as_int64(), 0);
    EXPECT_EQ(server.get("/api/v1/failures?state=pending").slug(), "bad-parameter");
    EXPECT_EQ(server.get("/api/v1/failures?by=day").slug(), "bad-parameter");
}

TEST_P(bulk_actions, a_job_is_changed_as_it_was_seen)
{
    served server(url_);
    auto const stored = server.post("/api/v1/jobs", R"({"name":"mail","args":[1],"in_ms":60000})");
    std::string const at = "/api/v1/jobs/" + std::string(stored.json().at("id").as_string());
    std::string const media = "Content-Type: application/json\r\n";
    auto const etag = [&] { return server.get(at).field("ETag"); };
    auto const patch = [&](std::string const& body, std::string const& tag) {
        return server.ask("PATCH", at, body, media + "If-Match: " + tag + "\r\n");
    };
    EXPECT_EQ(server.ask("PATCH", at, "{}", media).slug(), "precondition-required");
    std::string const seen = etag();
    auto const changed = patch(
        R"({"args":{"n": 1.10},"queue":"slow","priority":3,"in_ms":5000,"tags":["a"]})",
        seen
    );
    ASSERT_EQ(changed.status, 200) << changed.body;
    auto const job = changed.json();
    EXPECT_EQ(job.at("args").as_string(), "{\"n\": 1.10}");
    EXPECT_EQ(job.at("queue").as_string(), "slow");
    EXPECT_EQ(job.at("priority").as_int64(), 3);
    EXPECT_EQ(changed.field("ETag"), etag());
    EXPECT_EQ(patch(R"({"priority":4})", seen).slug(), "changed");
    EXPECT_EQ(patch(R"({"colour":4})", etag()).slug(), "invalid-option");
    EXPECT_EQ(patch(R"({"priority":400})", etag()).slug(), "invalid-option");
    EXPECT_EQ(patch(R"({"in_ms":1,"at_ms":1})", etag()).slug(), "invalid-option");
    EXPECT_EQ(patch(R"({"args":7})", etag()).status, 422);
    EXPECT_EQ(patch(R"({"max_attempts":9})", etag()).status, 200);
    EXPECT_EQ(patch(R"({"args":[2]})", etag()).status, 200);
    EXPECT_EQ(patch("{}", etag()).slug(), "invalid-option");
    EXPECT_EQ(server.post(at + "/cancel", "{}").status, 200);
    EXPECT_EQ(patch(R"({"priority":4})", etag()).slug(), "moved-on");
    EXPECT_EQ(
        server.ask("PATCH", "/api/v1/job?id=nobody", "{}", media + "If-Match: \"x\"\r\n").slug(),
        "no-such-job"
    );
}

TEST_P(bulk_actions, a_job_that_waits_for_others_is_changed_too)
{
    served server(url_);
    auto const stored = server.post(
        "/api/v1/flows",
        R"({"jobs":[{"key":"a","name":"first","args":[],"id":"a"},)"
        R"({"key":"b","name":"mail","args":[1],"id":"b","after":[{"key":"a"}]}]})"
    );
    ASSERT_EQ(stored.status, 201) << stored.body;
    auto const seen = server.get("/api/v1/jobs/b");
    ASSERT_EQ(seen.json().at("state").as_string(), "waiting");
    std::string const media = "Content-Type: application/json\r\n";
    auto const patch = [&](std::string const& body, std::string const& tag) {
        return server.ask("PATCH", "/api/v1/jobs/b", body, media + "If-Match: " + tag + "\r\n");
    };
    EXPECT_THAT(
        patch(R"({"in_ms":5000})", seen.field("ETag")).body,
        HasSubstr("a time is for scheduled and retrying jobs, and this one is waiting")
    );
    auto const changed =
        patch(R"({"args":[2],"queue":"slow","priority":3,"tags":["t"]})", seen.field("ETag"));
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.json().at("state").as_string(), "waiting");
    EXPECT_EQ(changed.json().at("args").as_string(), "[2]");
    EXPECT_EQ(changed.json().at("queue").as_string(), "slow");
    EXPECT_EQ(changed.json().at("priority").as_int64(), 3);
    EXPECT_EQ(patch(R"({"priority":4})", seen.field("ETag")).slug(), "changed");
    EXPECT_EQ(server.get("/api/v1/jobs?tag=t").json().at("jobs").as_array().size(), 1u);
    EXPECT_EQ(changed.json().at("bound").at("waits_for").at(0).at("id").as_string(), "a");
}

INSTANTIATE_TEST_SUITE_P(on, bulk_actions, ::testing::Bool(), [](auto const& with) {
    return with.param ? "redis" : "memory";
});
