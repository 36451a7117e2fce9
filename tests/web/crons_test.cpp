// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>
#include <string>

#include "web/both_brokers.hpp"
#include "web/served.hpp"

using work::testing::http_answer;
using work::testing::misfit;
using work::testing::on_both_brokers;
using work::testing::served;

namespace {

class cron_routes : public on_both_brokers
{};

std::string const cron_json = "Content-Type: application/json\r\n";

TEST_P(cron_routes, put_show_and_change_entries)
{
    served server(url_);
    EXPECT_EQ(server.get("/api/v1/crons").json().at("crons").as_array().size(), 0u);
    std::string const body =
        R"({"spec":"0 3 * * *","zone":"Europe/Berlin","missed":"all","most_missed":7,)"
        R"("name":"mail","queue":"slow","args":[1.10,"x"],"max_attempts":4})";
    auto const made = server.ask("PUT", "/api/v1/crons/nightly", body, cron_json);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(misfit(server, made, "CronPut"), "");
    EXPECT_EQ(made.json().at("code").as_string(), "created");
    auto const again = server.ask("PUT", "/api/v1/crons/nightly", body, cron_json);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json().at("code").as_string(), "unchanged");

    auto const all = server.get("/api/v1/crons");
    EXPECT_EQ(misfit(server, all, "Crons"), "");
    auto const one = server.get("/api/v1/crons/nightly");
    EXPECT_EQ(misfit(server, one, "Cron"), "");
    auto const entry = one.json().at("cron").as_object();
    EXPECT_EQ(entry.at("words").as_string(), "at 03:00");
    EXPECT_EQ(entry.at("args").as_string(), R"([1.10,"x"])");
    EXPECT_EQ(entry.at("queue").as_string(), "slow");
    EXPECT_EQ(boost::json::serialize(entry.at("options")), R"({"max_attempts":4})");
    EXPECT_EQ(entry.at("next_ms"), made.json().at("next_ms"));
    EXPECT_EQ(entry.at("upcoming").as_array().size(), 5u);

    auto const paused = server.post("/api/v1/crons/nightly/pause", "{}");
    EXPECT_EQ(misfit(server, paused, "CronActed"), "");
    EXPECT_EQ(paused.json().at("code").as_string(), "done");
    auto const ran = server.post("/api/v1/crons/nightly/trigger", "{}");
    ASSERT_EQ(ran.status, 201) << ran.body;
    EXPECT_EQ(misfit(server, ran, "CronRun"), "");
    std::string const id(ran.json().at("job").as_string());
    EXPECT_EQ(server.get("/api/v1/job?id=" + id).json().at("state").as_string(), "pending");
    auto const history = server.get("/api/v1/crons/nightly");
    EXPECT_EQ(misfit(server, history, "Cron"), "");
    EXPECT_EQ(history.json().at("history").as_array().at(0).at("by").as_string(), "anonymous");
    EXPECT_TRUE(history.json().at("cron").at("paused").as_bool());
    EXPECT_EQ(
        server.post("/api/v1/crons/nightly/resume", "{}").json().at("code").as_string(),
        "done"
    );
    auto const audit = server.get("/api/v1/audit").json().at("entries").as_array();
    ASSERT_EQ(audit.size(), 4u);
    EXPECT_EQ(audit.at(0).at("what").as_string(), "cron nightly");
    EXPECT_EQ(server.ask("DELETE", "/api/v1/crons/nightly", "", "").status, 200);
    EXPECT_EQ(server.ask("DELETE", "/api/v1/crons/nightly", "", "").slug(), "no-such-cron");
    EXPECT_EQ(server.get("/api/v1/crons/nightly").slug(), "no-such-cron");
    EXPECT_EQ(server.post("/api/v1/crons/nightly/trigger", "{}").slug(), "no-such-cron");
}

TEST_P(cron_routes, change_what_was_seen)
{
    served server(url_);
    auto const put = [&](std::string const& spec, std::string const& fields) {
        return server.ask(
            "PUT",
            "/api/v1/crons/a",
            R"({"spec":")" + spec + R"(","name":"mail","args":[]})",
            cron_json + fields
        );
    };
    EXPECT_EQ(put("0 3 * * *", "If-Match: *\r\n").slug(), "changed") << "there is none";
    auto const made = put("0 3 * * *", "If-None-Match: *\r\n");
    ASSERT_EQ(made.status, 201) << made.body;
    std::string const tag = made.field("ETag");
    auto const seen = server.get("/api/v1/crons/a");
    EXPECT_EQ(seen.field("ETag"), tag);
    EXPECT_EQ(seen.json().at("cron").at("etag").as_string(), tag);
    EXPECT_EQ(server.get("/api/v1/crons").json().at("crons").at(0).at("etag").as_string(), tag);
    EXPECT_EQ(put("0 4 * * *", "If-None-Match: *\r\n").slug(), "changed");
    // Pausing it and letting it fire change nothing of how it is set.
    server.post("/api/v1/crons/a/pause", "{}");
    server.post("/api/v1/crons/a/trigger", "{}");
    EXPECT_EQ(server.get("/api/v1/crons/a").field("ETag"), tag);
    auto const changed = put("0 4 * * *", "If-Match: " + tag + "\r\n");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.field("ETag"), tag);
    auto const late = put("0 5 * * *", "If-Match: " + tag + "\r\n");
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.slug(), "changed");
    std::string const path = "/api/v1/crons/a";
    EXPECT_EQ(server.ask("DELETE", path, "", "If-Match: " + tag + "\r\n").status, 412);
    EXPECT_EQ(server.get(path).json().at("cron").at("spec").as_string(), "0 4 * * *");
    std::string const now = changed.field("ETag");
    EXPECT_EQ(server.ask("DELETE", path, "", "If-Match: " + now + "\r\n").status, 200);
}

TEST_P(cron_routes, say_what_is_wrong)
{
    served server(url_);
    auto const refused = [&](std::string const& body, std::string const& name = "a") {
        auto const answer = server.ask("PUT", "/api/v1/crons/" + name, body, cron_json);
        EXPECT_EQ(answer.status, 422) << answer.body;
        return std::string(answer.json().at("detail").as_string());
    };
    EXPECT_EQ(refused(R"({"name":"mail","args":[]})"), "spec is missing: as \"0 3 * * *\".");
    EXPECT_NE(
        refused(R"({"spec":"0 25 * * *","name":"mail","args":[]})").find("write 0 to 23"),
        std::string::npos
    );
    EXPECT_NE(
        refused(R"({"spec":"@daily","zone":"Europe/Berlim","name":"mail","args":[]})")
            .find("did you mean Europe/Berlin"),
        std::string::npos
    );
    EXPECT_NE(
        refused(R"({"spec":"@daily","name":"mail","args":[],"in_ms":5000})").find("a time of its"),
        std::string::npos
    );
    EXPECT_NE(
        refused(R"({"spec":"@daily","name":"mail","args":[]})", "a@b").find("[A-Za-z0-9._-]"),
        std::string::npos
    );
    auto const next = server.get("/api/v1/cron/next?spec=30%202%20*%20*%20*&zone=Europe%2FBerlin");
    ASSERT_EQ(next.status, 200) << next.body;
    EXPECT_EQ(misfit(server, next, "CronTimes"), "");
    EXPECT_EQ(next.json().at("upcoming").as_array().size(), 5u);
    EXPECT_EQ(server.get("/api/v1/cron/next?spec=nonsense").status, 422);
}

TEST_P(cron_routes, hide_what_jobs_hold)
{
    work::web_options hides;
    hides.hide_args = true;
    served server(url_, hides);
    std::string const body = R"({"spec":"@daily","name":"mail","args":["secret"],)"
                             R"("headers":{"tenant":"secret"}})";
    ASSERT_EQ(server.ask("PUT", "/api/v1/crons/a", body, cron_json).status, 201);
    for (char const* const path : {"/api/v1/crons", "/api/v1/crons/a"}) {
        auto const answer = server.get(path);
        EXPECT_EQ(answer.body.find("secret"), std::string::npos) << answer.body;
        EXPECT_EQ(
            misfit(server, answer, path == std::string("/api/v1/crons") ? "Crons" : "Cron"),
            ""
        );
    }
}

INSTANTIATE_TEST_SUITE_P(on, cron_routes, testing::Bool(), [](auto const& one) {
    return std::string(one.param ? "redis" : "memory");
});

}  // namespace
