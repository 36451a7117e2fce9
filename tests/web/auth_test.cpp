// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/web/auth.hpp>
#include <work/web/request_rates.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "web/served.hpp"

using work::web_options;
using work::testing::served;
namespace web = work::web;

namespace {

std::string line(std::string const& name, std::string const& role, std::string const& more = "")
{
    return name + " " + role + " sha256:" + web::hex(web::sha256("secret-" + name)) + more + "\n";
}
std::string bearer(std::string const& name)
{
    return "Authorization: Bearer secret-" + name + "\r\n";
}

/// A file of tokens that goes with the test.
class token_path
{
public:
    explicit token_path(std::string const& text)
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "work-XXXXXX").string();
        ::close(::mkstemp(pattern.data()));
        path = pattern;
        write(text);
    }
    ~token_path() { std::filesystem::remove(path); }
    void write(std::string const& text) const { std::ofstream(path) << text; }

    std::string path;
};

web_options with_tokens(token_path const& file)
{
    web_options options;
    options.tokens_file = file.path;
    return options;
}

}  // namespace

TEST(sha256, of_known_texts)
{
    EXPECT_EQ(
        web::hex(web::sha256("")),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    EXPECT_EQ(
        web::hex(web::sha256("abc")),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    EXPECT_EQ(
        web::hex(web::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    EXPECT_EQ(
        web::hex(web::sha256(std::string(1'000'000, 'a'))),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

TEST(tokens, lines_that_can_not_be_read_say_why)
{
    EXPECT_EQ(
        web::read_tokens("# none\n\n" + line("a", "viewer,producer", " queues=x,y")).size(),
        1u
    );
    for (std::string const bad :
         {"a viewer", "a viewer sha256:00", "a root sha256:00", "a:b viewer sha256:00"})
        EXPECT_THROW(web::read_tokens(bad), work::error) << bad;
    EXPECT_THROW(web::read_tokens(line("a", "viewer", " queue=x")), work::error);
    EXPECT_THROW(web::read_tokens(line("a", "root")), work::error);
    auto const limited = web::read_tokens(line("a", "viewer", " rate=200/s queues=x"));
    EXPECT_EQ(limited[0].user.rate, 200);
    EXPECT_TRUE(limited[0].user.bound);
    EXPECT_EQ(web::read_tokens(line("a", "viewer", " rate=100000/s"))[0].user.rate, 100'000);
    for (std::string const bad :
         {"rate=",
          "rate=0/s",
          "rate=100001/s",
          "rate=5",
          "rate=5/m",
          "rate=x/s",
          "rate=1/s rate=1/s"})
        EXPECT_THROW(web::read_tokens(line("a", "viewer", " " + bad)), work::error) << bad;
}

TEST(tokens, are_found_by_bearer_and_by_basic)
{
    auto const known = web::read_tokens(line("ada", "viewer") + line("bob", "admin"));
    EXPECT_EQ(web::find_user(known, "Bearer secret-bob")->name, "bob");
    EXPECT_EQ(web::find_user(known, "bearer secret-ada")->name, "ada");
    EXPECT_EQ(web::find_user(known, "Basic YWRhOnNlY3JldC1hZGE=")->name, "ada");
    EXPECT_FALSE(web::find_user(known, "Basic Ym9iOnNlY3JldC1hZGE="));  // bob:secret-ada
    for (std::string const bad :
         {"",
          "Bearer",
          "Bearer ",
          "Bearer secret",
          "Bearer secret-ada ",
          "Basic",
          "Basic x",
          "Basic ====",
          "Digest secret-ada",
          "secret-ada",
          "Bearer  secret-ada"})
        EXPECT_FALSE(web::find_user(known, bad)) << bad;
}

TEST(tokens, of_a_file_are_read_again_and_bad_ones_change_nothing)
{
    token_path const file(line("ada", "viewer"));
    work::web::token_file tokens(file.path, [](work::log_level, std::string_view) {});
    tokens.refresh(10'000);
    EXPECT_EQ(tokens.tokens().size(), 1u);
    file.write(line("ada", "viewer") + line("bob", "viewer"));
    tokens.refresh(10'500);
    EXPECT_EQ(tokens.tokens().size(), 1u) << "it looks once a second";
    tokens.refresh(11'500);
    EXPECT_EQ(tokens.tokens().size(), 2u);
    file.write("nonsense\n");
    tokens.refresh(13'000);
    EXPECT_EQ(tokens.tokens().size(), 2u);
    file.write(line("ada", "viewer") + line("bob", "viewer") + line("eve", "viewer"));
    std::filesystem::permissions(file.path, std::filesystem::perms(0666));
    tokens.refresh(15'000);
    EXPECT_EQ(tokens.tokens().size(), 2u) << "others may write it";
    std::filesystem::remove(file.path);
    tokens.refresh(17'000);
    EXPECT_EQ(tokens.tokens().size(), 2u);
}

// The table of rights: each role, each route. A route that is not in it fails.
TEST(roles, may_what_the_table_says_on_every_route)
{
    std::string const see = "viewer operator admin";
    std::string const everyone = "viewer producer worker operator admin";
    std::map<std::string, std::string> const table{
        {"GET /healthz/live", "metrics viewer operator admin"},
        {"GET /healthz/ready", "metrics viewer operator admin"},
        {"GET /metrics", "metrics viewer operator admin"},
        {"GET /", everyone},
        {"GET /ui/{file}", everyone},
        {"GET /plain", everyone},
        {"GET /plain.css", everyone},
        {"POST /plain/requeue", "operator admin"},
        {"GET /worker_pools", see},
        {"GET /busy_workers", see},
        {"GET /queues", see},
        {"GET /jobs", see},
        {"GET /scheduled_jobs", see},
        {"GET /retry_jobs", see},
        {"GET /dead_jobs", see},
        {"POST /retry_dead_job/{died_at}/{id}", "operator admin"},
        {"POST /delete_dead_job/{died_at}/{id}", "admin"},
        {"POST /retry_all_dead_jobs", "operator admin"},
        {"POST /delete_all_dead_jobs", "admin"},
        {"GET /api/v1/", everyone},
        {"GET /api/v1/openapi.json", everyone},
        {"GET /api/v1/snapshot", see},
        {"GET /api/v1/events", see},
        {"GET /api/v1/broker", see},
        {"GET /api/v1/doctor", "operator admin"},
        {"POST /api/v1/doctor/repair", "admin"},
        {"GET /api/v1/stats", see},
        {"GET /api/v1/stats/names", see},
        {"GET /api/v1/stats/queues", see},
        {"GET /api/v1/queues", see},
        {"GET /api/v1/queues/{queue}", see},
        {"GET /api/v1/queue", see},
        {"DELETE /api/v1/queues/{queue}", "admin"},
        {"DELETE /api/v1/queue", "admin"},
        {"GET /api/v1/pools", see},
        {"GET /api/v1/pools/{pool}", see},
        {"GET /api/v1/pool", see},
        {"GET /api/v1/jobs", see},
        {"GET /api/v1/jobs/{id}", everyone},
        {"GET /api/v1/job", everyone},
        {"GET /api/v1/jobs/{id}/explain", everyone},
        {"GET /api/v1/job/explain", everyone},
        {"GET /api/v1/jobs/{id}/logs", everyone},
        {"GET /api/v1/job/logs", everyone},
        {"GET /api/v1/jobs/{id}/args", everyone},
        {"GET /api/v1/job/args", everyone},
        {"GET /api/v1/jobs/{id}/result", everyone},
        {"GET /api/v1/job/result", everyone},
        {"GET /api/v1/jobs/{id}/wait", everyone},
        {"GET /api/v1/job/wait", everyone},
        {"POST /api/v1/pools/{pool}/quiet", "operator admin"},
        {"POST /api/v1/pools/{pool}/resume", "operator admin"},
        {"POST /api/v1/pools/{pool}/stop", "admin"},
        {"POST /api/v1/pool/quiet", "operator admin"},
        {"POST /api/v1/pool/resume", "operator admin"},
        {"POST /api/v1/pool/stop", "admin"},
        {"POST /api/v1/queues/{queue}/pause", "operator admin"},
        {"POST /api/v1/queues/{queue}/resume", "operator admin"},
        {"POST /api/v1/queue/pause", "operator admin"},
        {"POST /api/v1/queue/resume", "operator admin"},
        {"POST /api/v1/names/{name}/pause", "operator admin"},
        {"POST /api/v1/names/{name}/resume", "operator admin"},
        {"POST /api/v1/name/pause", "operator admin"},
        {"POST /api/v1/name/resume", "operator admin"},
        {"GET /api/v1/tracked", "viewer operator admin"},
        {"POST /api/v1/jobs/{id}/track", "operator admin"},
        {"POST /api/v1/job/track", "operator admin"},
        {"DELETE /api/v1/jobs/{id}/track", "operator admin"},
        {"DELETE /api/v1/job/track", "operator admin"},
        {"GET /api/v1/crons", "viewer operator admin"},
        {"GET /api/v1/crons/{cron}", "viewer operator admin"},
        {"GET /api/v1/cron/next", everyone},
        {"PUT /api/v1/crons/{cron}", "admin"},
        {"DELETE /api/v1/crons/{cron}", "admin"},
        {"POST /api/v1/crons/{cron}/pause", "operator admin"},
        {"POST /api/v1/crons/{cron}/resume", "operator admin"},
        {"POST /api/v1/crons/{cron}/trigger", "operator admin"},
        {"GET /api/v1/limits", see},
        {"GET /api/v1/limits/{limit}", see},
        {"GET /api/v1/limit", see},
        {"PUT /api/v1/limits/{limit}", "admin"},
        {"PUT /api/v1/limit", "admin"},
        {"DELETE /api/v1/limits/{limit}", "admin"},
        {"DELETE /api/v1/limit", "admin"},
        {"GET /api/v1/bounds", see},
        {"GET /api/v1/bounds/{queue}", see},
        {"GET /api/v1/bound", see},
        {"PUT /api/v1/bounds/{queue}", "admin"},
        {"PUT /api/v1/bound", "admin"},
        {"DELETE /api/v1/bounds/{queue}", "admin"},
        {"DELETE /api/v1/bound", "admin"},
        {"GET /api/v1/flows", see},
        {"GET /api/v1/flows/{flow}", see},
        {"POST /api/v1/flows", "producer worker admin"},
        {"POST /api/v1/flows/{flow}/cancel", "operator admin"},
        {"GET /api/v1/jobs/{id}/given", everyone},
        {"GET /api/v1/job/given", everyone},
        {"POST /api/v1/jobs", "producer worker admin"},
        {"POST /api/v1/jobs/bulk", "producer worker admin"},
        {"POST /api/v1/jobs/{id}/cancel", "operator admin"},
        {"POST /api/v1/job/cancel", "operator admin"},
        {"POST /api/v1/jobs/{id}/requeue", "operator admin"},
        {"POST /api/v1/job/requeue", "operator admin"},
        {"POST /api/v1/jobs/{id}/kill", "operator admin"},
        {"POST /api/v1/job/kill", "operator admin"},
        {"POST /api/v1/jobs/{id}/delete", "admin"},
        {"POST /api/v1/job/delete", "admin"},
        {"POST /api/v1/jobs/{id}/move", "operator admin"},
        {"POST /api/v1/job/move", "operator admin"},
        {"POST /api/v1/jobs/actions", "operator admin"},
        {"PATCH /api/v1/jobs/{id}", "admin"},
        {"PATCH /api/v1/job", "admin"},
        {"POST /api/v1/operations", "operator admin"},
        {"GET /api/v1/operations", see},
        {"GET /api/v1/operations/{operation}", see},
        {"DELETE /api/v1/operations/{operation}", "operator admin"},
        {"GET /api/v1/failures", see},
        {"GET /api/v1/audit", see},
        {"PUT /api/v1/pools/{pool}", "worker admin"},
        {"DELETE /api/v1/pools/{pool}", "worker admin"},
        {"POST /api/v1/pools/{pool}/claim", "worker admin"},
        {"POST /api/v1/pools/{pool}/report", "worker admin"},
        {"POST /api/v1/jobs/{id}/complete", "worker admin"},
        {"POST /api/v1/job/complete", "worker admin"},
        {"POST /api/v1/jobs/{id}/fail", "worker admin"},
        {"POST /api/v1/job/fail", "worker admin"},
        {"POST /api/v1/jobs/{id}/snooze", "worker admin"},
        {"POST /api/v1/job/snooze", "worker admin"},
        {"POST /api/v1/jobs/{id}/discard", "worker admin"},
        {"POST /api/v1/job/discard", "worker admin"},
        {"POST /api/v1/jobs/{id}/release", "worker admin"},
        {"POST /api/v1/job/release", "worker admin"},
        {"POST /api/v1/jobs/{id}/extend", "worker admin"},
        {"POST /api/v1/job/extend", "worker admin"},
        {"POST /api/v1/jobs/{id}/next", "worker admin"},
        {"POST /api/v1/job/next", "worker admin"},
        {"POST /api/v1/jobs/{id}/logs", "worker admin"},
        {"POST /api/v1/job/logs", "worker admin"},
        {"POST /api/v1/jobs/{id}/checkin", "worker admin"},
        {"POST /api/v1/job/checkin", "worker admin"},
    };
    std::string text;
    for (web::role_rights const& role : web::roles)
        text += line(std::string(role.name), std::string(role.name));
    token_path const file(text);
    served server("memory:", with_tokens(file));
    web_options frozen = with_tokens(file);
    frozen.read_only = true;
    frozen.environment = "production";
    served read_only("memory:", frozen);
    auto const told = read_only.get("/api/v1/", bearer("viewer")).json();
    EXPECT_EQ(told.at("environment").as_string(), "production");
    EXPECT_TRUE(told.at("read_only").as_bool());
    EXPECT_EQ(server.get("/api/v1/", bearer("viewer")).json().at("environment"), "");
    std::set<std::string> walked;
    for (web::route const& one : web::all_routes()) {
        std::string const key = std::string(one.method) + " " + std::string(one.path);
        walked.insert(key);
        ASSERT_TRUE(table.contains(key)) << key << " is not in the table of rights";
        std::string path(one.path);
        for (auto at = path.find('{'); at != path.npos; at = path.find('{'))
            path.replace(at, path.find('}') - at + 1, "x");
        for (auto const& parameter : one.query)
            path += parameter.required ? "?" + std::string(parameter.name) + "=x" : "";
        bool const form = one.body == web::body_kind::form;
        std::string const media =
            form ? "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: "
                   "same-origin\r\n"
                 : "Content-Type: application/json\r\n";
        auto const ask = [&](served& at, std::string const& fields) {
            return one.method == "GET" ? at.get(path, fields)
                                       : at.ask(
                                             std::string(one.method),
                                             path,
                                             one.body == web::body_kind::none ? "" : "{}",
                                             media + fields
                                         );
        };
        auto const nobody = ask(server, "");
        EXPECT_EQ(nobody.slug(), "unauthenticated") << key;
        EXPECT_NE(nobody.field("WWW-Authenticate"), "") << key;
        EXPECT_EQ(ask(server, bearer("stranger")).slug(), "unauthenticated") << key;
        for (web::role_rights const& role : web::roles) {
            std::string const name(role.name);
            bool const may =
                (" " + table.at(key) + " ").find(" " + name + " ") != std::string::npos;
            EXPECT_EQ(ask(server, bearer(name)).slug() != "forbidden", may) << name << " " << key;
            if (one.changes() && may) {
                EXPECT_EQ(ask(read_only, bearer(name)).slug(), "read-only") << name << " " << key;
            }
        }
    }
    EXPECT_EQ(walked.size(), table.size()) << "the table has a route that is gone";
}

TEST(roles, nobody_deletes_where_nothing_is_to_be_deleted)
{
    web_options keeps;
    keeps.no_delete = true;
    served server("memory:", keeps);
    std::string const json = "Content-Type: application/json\r\n";
    EXPECT_EQ(server.post("/api/v1/jobs", R"({"name":"x","id":"j","args":[]})").status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs/j/kill", "{}").status, 200);
    for (auto const& [method, path, body] : std::vector<std::array<std::string, 3>>{
             {"POST", "/api/v1/jobs/j/delete", "{}"},
             {"POST", "/api/v1/job/delete?id=j", "{}"},
             {"POST", "/api/v1/jobs/actions", R"({"action":"delete","ids":["j"]})"},
             {"POST", "/api/v1/operations", R"({"action":"delete","all":true,"dry_run":true})"},
             {"POST", "/delete_dead_job/1/j", "{}"},
             {"POST", "/delete_all_dead_jobs", R"({"expected":1})"}
         }) {
        auto const r = server.ask(method, path, body, body.empty() ? "" : json);
        EXPECT_EQ(r.status, 403) << method << " " << path << " " << r.body;
        EXPECT_NE(r.body.find("--no-delete"), std::string::npos) << path << " " << r.body;
    }
    auto const job = server.get("/api/v1/jobs/j").json();
    EXPECT_EQ(job.at("state").as_string(), "dead");
    for (auto const& can : job.at("can").as_array())
        EXPECT_NE(can.as_string(), "delete");
    EXPECT_EQ(server.post("/api/v1/jobs/j/requeue", "{}").status, 200);
}

TEST(roles, a_producer_uses_the_queues_of_its_token)
{
    token_path const file(
        line("shop", "producer", " queues=mail,bulk") + line("ada", "admin") +
        line("any", "producer")
    );
    served server("memory:", with_tokens(file));
    std::string const json = "Content-Type: application/json\r\n";
    auto const post = [&](std::string const& body, std::string const& who) {
        return server.post("/api/v1/jobs", body, json + bearer(who));
    };
    auto const own = post(R"({"name":"mail","args":[]})", "shop");
    EXPECT_EQ(own.status, 201);
    EXPECT_EQ(post(R"({"name":"x","queue":"bulk","args":[]})", "shop").status, 201);
    EXPECT_EQ(post(R"({"name":"x","args":[]})", "shop").slug(), "forbidden");
    EXPECT_EQ(post(R"({"name":"mail","queue":"x","args":[]})", "shop").slug(), "forbidden");
    EXPECT_EQ(post(R"({"name":"x","args":[]})", "any").status, 201);
    auto const other = post(R"({"name":"x","args":[]})", "ada");
    auto const look = [&](auto const& answer, std::string const& who) {
        return server
            .get("/api/v1/jobs/" + std::string(answer.json().at("id").as_string()), bearer(who))
            .status;
    };
    EXPECT_EQ(look(own, "shop"), 200);
    EXPECT_EQ(look(other, "shop"), 404);
    EXPECT_EQ(look(other, "ada"), 200);
    // Two users with the same key store two jobs.
    std::string const key = "Idempotency-Key: k\r\n";
    std::string const body = R"({"name":"mail","args":[]})";
    EXPECT_EQ(server.post("/api/v1/jobs", body, json + key + bearer("shop")).status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs", body, json + key + bearer("ada")).status, 201);
    EXPECT_EQ(server.post("/api/v1/jobs", body, json + key + bearer("ada")).status, 200);
    EXPECT_EQ(server.log().find("secret-"), std::string::npos) << "the log holds a token";
}

TEST(rates, hold_for_each_token_and_never_for_reports)
{
    web::request_rates rates;
    for (int i = 0; i != 3; ++i)
        EXPECT_TRUE(rates.take("a", 3, 1'000));
    EXPECT_FALSE(rates.take("a", 3, 1'000));
    EXPECT_TRUE(rates.take("b", 3, 1'000)) << "another's";
    EXPECT_FALSE(rates.take("a", 3, 1'333));
    EXPECT_TRUE(rates.take("a", 3, 1'334));
    EXPECT_FALSE(rates.take("a", 3, 1'335));
    for (int i = 0; i != 3; ++i)
        EXPECT_TRUE(rates.take("a", 3, 60'000)) << "no more than a second's are saved";
    EXPECT_FALSE(rates.take("a", 3, 60'000));

    token_path const file(line("slow", "worker", " rate=2/s") + line("any", "worker"));
    served server("memory:", with_tokens(file));
    int refused = 0;
    for (int i = 0; i != 60 && refused != 4; ++i) {
        auto const answer = server.get("/api/v1/", bearer("slow"));
        refused += answer.status == 429 ? 1 : 0;
        if (answer.status == 429) {
            EXPECT_EQ(answer.slug(), "too-many");
            EXPECT_EQ(answer.field("Retry-After"), "1");
        }
        EXPECT_EQ(server.get("/api/v1/", bearer("any")).status, 200);
    }
    EXPECT_EQ(refused, 4);
    std::string const json = "Content-Type: application/json\r\n";
    for (int i = 0; i != 8; ++i)
        EXPECT_NE(
            server.post("/api/v1/pools/p/report", R"({"number":1})", json + bearer("slow")).status,
            429
        );
}

TEST(options, beyond_loopback_credentials_are_needed)
{
    web_options options;
    options.address = "0.0.0.0";
    EXPECT_THROW(options.validate(), work::error);
    options.insecure = true;
    EXPECT_NO_THROW(options.validate());
    options.insecure = false;
    options.tokens_file = "x";
    EXPECT_NO_THROW(options.validate());
    options.address = "localhost";
    EXPECT_THROW(options.validate(), work::error);
    options.address = "::1";
    options.tokens_file = "";
    EXPECT_NO_THROW(options.validate());
}
