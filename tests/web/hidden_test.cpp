// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What jobs hold, where it is to be shown to nobody: every text of a job has a canary in it, which
// is looked for in every answer.

#include <work/web/hidden.hpp>
#include <work/web/routes/routes.hpp>

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "web/served.hpp"

namespace {

using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;

constexpr char const* canary = "c4n4ry";

work::web_options hiding(bool hide)
{
    work::web_options options;
    options.hide_args = hide;
    return options;
}

/// Jobs in every state, told from one server of the namespace.
struct told_jobs
{
    explicit told_jobs(served& through) : at(through)
    {
        std::string const c = canary;
        EXPECT_EQ(
            at.ask(
                  "PUT",
                  "/api/v1/pools/p",
                  R"({"job_types":[{"name":"mail","max_attempts":1},{"name":"later"}]})"
            )
                .status,
            200
        );
        ids["completed"] = store("mail");
        ids["dead"] = store("mail");
        ids["active"] = store("mail");
        ids["retry"] = store("later");
        for (int i = 0; i != 4; ++i)
            claim();
        speak("complete", "completed", R"("result":"\")" + c + R"(\"")");
        speak("fail", "dead", R"("type":"io","message":")" + c + R"(","backtrace":")" + c + "\"");
        speak("fail", "retry", R"("type":"io","message":")" + c + R"(","retry_in_ms":600000)");
        speak("checkin", "active", R"("message":")" + c + R"(","percent":50)");
        auto const logged = at.post(
            "/api/v1/pools/p/report",
            R"({"number":)" + std::to_string(++reports) + R"(,"logs":[{"id":")" + ids["active"] +
                R"(","fence":)" + std::to_string(fences.at(ids["active"])) + R"(,"lines":[")" + c +
                R"("]}]})"
        );
        EXPECT_EQ(logged.status, 200) << logged.body;
        ids["pending"] = store("nobody");
        ids["scheduled"] = store("nobody", R"(,"in_ms":600000)");
        ids["cancelled"] = store("nobody");
        EXPECT_EQ(at.post("/api/v1/jobs/" + ids["cancelled"] + "/cancel", "{}").status, 200);
    }

    std::string store(std::string const& name, std::string const& more = {})
    {
        auto const answer = at.post(
            "/api/v1/jobs",
            R"({"name":")" + name + R"(","args":[")" + canary + R"("],"headers":{"h":")" + canary +
                "\"}" + more + "}"
        );
        EXPECT_EQ(answer.status, 201) << answer.body;
        return std::string(answer.json().at("id").as_string());
    }
    void claim()
    {
        auto const answer = at.post(
            "/api/v1/pools/p/claim",
            R"({"number":)" + std::to_string(++number) + R"(,"want":1})"
        );
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_NE(answer.body.find(canary), std::string::npos) << "a worker gets its job whole";
        auto const body = answer.json();
        auto const& job = body.at("jobs").at(0);
        fences[std::string(job.at("id").as_string())] = job.at("fence").to_number<std::int64_t>();
    }
    void speak(std::string const& verb, std::string const& which, std::string const& members)
    {
        std::string const id = ids.at(which);
        auto const answer = at.post(
            "/api/v1/jobs/" + id + "/" + verb,
            R"({"pool":"p","number":)" + std::to_string(++reports) + R"(,"fence":)" +
                std::to_string(fences.at(id)) + "," + members + "}"
        );
        EXPECT_EQ(answer.status, 200) << verb << answer.body;
    }

    served& at;
    std::map<std::string, std::string> ids;
    std::map<std::string, std::int64_t> fences;
    int number = 0;
    int reports = 0;
};

/// Each GET there is, for each job, as JSON and as a page.
std::map<std::string, std::string> all_answers(
    served const& server,
    std::map<std::string, std::string> const& ids
)
{
    std::map<std::string, std::string> all;
    for (work::web::route const& one : work::web::all_routes()) {
        if (one.method != "GET" || one.path == "/api/v1/events")
            continue;
        for (auto const& [state, id] : ids) {
            std::string path(one.path);
            for (auto const& [name, value] :
                 {std::pair<std::string, std::string>("{id}", id),
                  {"{queue}", "mail"},
                  {"{name}", "mail"},
                  {"{pool}", "p"}})
                if (auto const at = path.find(name); at != path.npos)
                    path.replace(at, name.size(), value);
            for (auto const& parameter : one.query)
                if (parameter.required)
                    path += "?" + std::string(parameter.name) + "=" +
                            (parameter.name == "id"     ? id
                             : parameter.name == "pool" ? "p"
                                                        : "mail");
            if (all.contains(path))
                continue;
            all[path] = server.get(path).body;
            auto const page = server.get(path, "Accept: text/html,*/*;q=0.1\r\n");
            if (page.field("Content-Type").starts_with("text/html"))
                all[path + " (page)"] = page.body;
        }
    }
    return all;
}

/// The first event of a job that a stream is told of.
std::string event_of(served const& server, std::string const& id)
{
    raw_connection to(server.port());
    to.send("GET /api/v1/events?topics=job:" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    to.read_until("event: job\ndata: ");
    return to.read_until("\n");
}

class hidden : public ::testing::TestWithParam<bool>
{};

TEST_P(hidden, what_jobs_hold_is_in_no_answer)
{
    std::unique_ptr<redis_server> redis;
    if (GetParam())
        redis = std::make_unique<redis_server>();
    std::string const url = redis ? redis->url() : "memory:hidden";
    served open(url);
    told_jobs jobs(open);
    std::size_t shown = 0;
    for (auto const& [path, body] : all_answers(open, jobs.ids))
        shown += body.find(canary) != body.npos ? 1 : 0;
    EXPECT_GE(shown, 25u) << "the canary is not where it should be looked for";
    EXPECT_NE(event_of(open, jobs.ids["dead"]).find(canary), std::string::npos);
    for (char const* const state : {"dead", "retry"})
        EXPECT_NE(
            open.get("/api/v1/jobs/" + jobs.ids[state] + "/explain").body.find(canary),
            std::string::npos
        );

    served closed(url, hiding(true));
    auto const answers = all_answers(closed, jobs.ids);
    for (auto const& [path, body] : answers)
        EXPECT_EQ(body.find(canary), body.npos) << path << "\n" << body;
    for (auto const& [state, id] : jobs.ids) {
        std::string const event = event_of(closed, id);
        EXPECT_NE(event.find(id), event.npos) << state;
        EXPECT_EQ(event.find(canary), event.npos) << state << event;
        auto const job = closed.get("/api/v1/jobs/" + id).json();
        EXPECT_EQ(job.at("state").as_string(), state);
        EXPECT_TRUE(job.at("args").is_null());
        EXPECT_TRUE(job.at("result").is_null());
        EXPECT_TRUE(job.at("hidden").as_bool());
    }
    auto const dead = closed.get("/api/v1/jobs/" + jobs.ids["dead"]).json();
    auto const& failure = dead.at("failures").at(0);
    EXPECT_EQ(failure.at("type").as_string(), "io");
    EXPECT_TRUE(failure.at("message").is_null());
    EXPECT_NE(answers.at("/dead_jobs (page)").find("(hidden)"), std::string::npos);
    EXPECT_NE(answers.at("/").size(), 0u);
    // What an operation shows of the jobs that it would touch.
    std::string const all = R"({"action":"cancel","all":true,"dry_run":true})";
    EXPECT_NE(open.post("/api/v1/operations", all).body.find(canary), std::string::npos);
    auto const counted = closed.post("/api/v1/operations", all);
    EXPECT_GE(counted.json().at("samples").as_array().size(), 3u);
    EXPECT_EQ(counted.body.find(canary), std::string::npos) << counted.body;
}

TEST(hidden_args, what_is_hidden_can_not_be_looked_for)
{
    served closed("memory:", hiding(true));
    EXPECT_EQ(closed.get("/api/v1/jobs?args=a").slug(), "forbidden");
    EXPECT_EQ(closed.get("/api/v1/jobs?message=a").slug(), "forbidden");
    EXPECT_EQ(closed.get("/api/v1/jobs?failure=io&name=mail").status, 200);
    for (char const* const what : {"args", "message"})
        EXPECT_EQ(
            closed
                .post(
                    "/api/v1/operations",
                    R"({"action":"cancel","dry_run":true,"filter":{")" + std::string(what) +
                        R"(":"a"}})"
                )
                .slug(),
            "forbidden"
        );
    EXPECT_EQ(closed.ask("PATCH", "/api/v1/jobs/x", R"({"priority":1})").slug(), "forbidden");
    served open("memory:");
    EXPECT_EQ(open.get("/api/v1/jobs?args=a").status, 200);
    auto const rights = [](served const& at) { return at.get("/api/v1/").body; };
    EXPECT_NE(rights(open).find("\"see_args\""), std::string::npos);
    EXPECT_EQ(rights(closed).find("\"see_args\""), std::string::npos);
}

// Two jobs that differ in what is hidden alone can't be told apart by their tags; and what a caller
// saw is still what it acts on.
TEST(hidden_args, tags_of_versions_tell_nothing)
{
    served closed("memory:", hiding(true));
    EXPECT_EQ(closed.post("/api/v1/jobs", R"({"name":"a","args":["x"],"id":"j"})").status, 201);
    auto const tag = closed.get("/api/v1/jobs/j").field("ETag");
    std::string const fields = "Content-Type: application/json\r\nIf-Match: ";
    EXPECT_EQ(closed.post("/api/v1/jobs/j/kill", "{}", fields + tag + "\r\n").status, 200);
    EXPECT_EQ(closed.post("/api/v1/jobs/j/requeue", "{}", fields + tag + "\r\n").status, 412);
    work::job_info one, other;
    one.args = "[1]";
    other.args = "[2]";
    EXPECT_EQ(
        work::web::shown_json(work::to_json(one), true),
        work::web::shown_json(work::to_json(other), true)
    );
    EXPECT_NE(
        work::web::shown_json(work::to_json(one), false),
        work::web::shown_json(work::to_json(other), false)
    );
}

INSTANTIATE_TEST_SUITE_P(, hidden, ::testing::Bool(), [](auto const& one) {
    return one.param ? std::string("redis") : std::string("memory");
});

}  // namespace
