// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/web/html.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/hostile_text.hpp"
#include "web/served.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using work::testing::http_answer;
using work::testing::served;

namespace {

std::string const browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
std::string const as_form = "Content-Type: application/x-www-form-urlencoded\r\n";
std::string const from_here = as_form + "Sec-Fetch-Site: same-origin\r\n";

/// A server on a broker of its own, with jobs in several states.
struct pages
{
    explicit pages(work::web_options options = {})
        : server("memory:plain" + std::to_string(next()), std::move(options))
    {}
    static int next()
    {
        static int n = 0;
        return ++n;
    }
    std::string stored(std::string const& body)
    {
        auto const answer = server.post("/api/v1/jobs", body);
        EXPECT_EQ(answer.status, 201) << answer.body;
        return std::string(answer.json().at("id").as_string());
    }
    /// A job that was killed.
    std::string dead(std::string const& id, std::string const& args = "[1]")
    {
        stored(R"({"name":"resize","args":)" + args + R"(,"id":")" + id + "\"}");
        auto const killed = server.post("/api/v1/job/kill?id=" + id, R"({"reason":"no"})");
        EXPECT_EQ(killed.status, 200) << killed.body;
        return id;
    }
    std::string state(std::string const& id)
    {
        auto const answer = server.get("/api/v1/job?id=" + id);
        return answer.status == 200 ? std::string(answer.json().at("state").as_string()) : "gone";
    }
    std::string page(std::string const& target = "/", std::string const& fields = "")
    {
        auto const answer = server.get(target, browser + fields);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(answer.field("Referrer-Policy"), "same-origin");
        EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
        EXPECT_THAT(answer.body, Not(HasSubstr("style=")));
        return answer.body;
    }

    served server;
};

char const* const all_pages[] = {
    "/",
    "/plain",
    "/worker_pools",
    "/busy_workers",
    "/queues",
    "/jobs",
    "/scheduled_jobs",
    "/retry_jobs",
    "/dead_jobs"
};

std::string golden(std::string const& name)
{
    std::ifstream file("tests/web/golden/" + name + ".json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What differs from run to run.
std::string masked(std::string text)
{
    text = std::regex_replace(text, std::regex("\"(t|\\w+_at)\":[1-9]\\d{9}"), "\"$1\":TIME");
    text = std::regex_replace(text, std::regex("\"(latency|pid)\":\\d+"), "\"$1\":N");
    text = std::regex_replace(text, std::regex("\"host\":\"[^\"]*\""), "\"host\":\"HOST\"");
    return text + "\n";
}

}  // namespace

TEST(plain_page, shows_what_there_is_and_what_nobody_runs)
{
    pages at;
    at.stored(R"({"name":"send_email","args":[1]})");
    at.stored(R"({"name":"report","args":[],"queue":"slow"})");
    at.dead("lost");
    at.server.post("/api/v1/queues/slow/pause", R"({"reason":"disk full","for_ms":60000})");
    std::string const page = at.page();
    EXPECT_THAT(page, HasSubstr("no worker pool that is alive runs them: report (1), send_email"));
    EXPECT_THAT(page, HasSubstr("The queue slow is paused by"));
    EXPECT_THAT(page, HasSubstr("disk full"));
    EXPECT_THAT(page, HasSubstr(">send_email</a></td>"));
    EXPECT_THAT(page, HasSubstr("value=\"lost\""));
    EXPECT_THAT(page, HasSubstr("href=\"plain.css\""));
    auto const style = at.server.get("/plain.css");
    EXPECT_EQ(style.field("Content-Type"), "text/css; charset=utf-8");
    EXPECT_THAT(style.body, HasSubstr("prefers-color-scheme:dark"));
}

TEST(plain_page, is_json_for_programs_and_406_for_what_takes_neither)
{
    pages at;
    for (std::string const accepts : {"", "Accept: */*\r\n", "Accept: application/json\r\n"}) {
        auto const answer = at.server.get("/", accepts);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.json().at("api").as_int64(), 1) << accepts;
        EXPECT_EQ(at.server.get("/queues", accepts).body, "[]");
    }
    for (char const* const path : all_pages) {
        auto const refused = at.server.get(path, "Accept: image/png\r\n");
        EXPECT_EQ(refused.status, 406) << path;
        EXPECT_EQ(refused.slug(), "not-acceptable") << path;
    }
}

TEST(plain_page, is_empty_and_says_so)
{
    pages at;
    EXPECT_THAT(at.page(), HasSubstr("nothing waits, and nothing runs"));
    EXPECT_THAT(at.page(), HasSubstr("None showed a sign of life"));
    for (char const* const path : all_pages)
        EXPECT_THAT(at.page(path), HasSubstr("None")) << path;
}

TEST(plain_page, escapes_whatever_stands_in_jobs)
{
    pages at;
    std::string const evil = R"(<img src=x onerror=alert(1)>\"'&)";
    at.stored(R"({"name":"a<b>&\"","args":[")" + evil + R"("],"queue":"<script>"})");
    at.dead("x1", R"(["<script>alert(1)</script>\u202e\u0007"])");
    for (char const* const path : all_pages) {
        std::string const page = at.page(path);
        EXPECT_THAT(page, Not(HasSubstr("<img"))) << path;
        EXPECT_THAT(page, Not(HasSubstr("\xE2\x80\xAE"))) << path;
        EXPECT_THAT(page, Not(HasSubstr("a<b>"))) << path;
    }
    EXPECT_THAT(at.page("/jobs"), HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
    EXPECT_EQ(work::web::html_text("<&>\"'"), "&lt;&amp;&gt;&quot;&#39;");
    std::mt19937 random(20'261'129);
    for (int i = 0; i != 2'000; ++i) {
        std::string const html = work::web::html_text(work::testing::hostile_text(random, 200));
        ASSERT_EQ(html.find_first_of("<>\"'\x1b\x7f\n"), html.npos) << html;
    }
}

TEST(plain_form, requeues_dead_jobs_and_tells)
{
    pages at;
    at.dead("one");
    at.dead("two");
    at.dead("three");
    at.stored(R"({"name":"resize","args":[],"id":"runs"})");
    auto const sent = at.server.post("/plain/requeue", "id=one&id=three&id=runs", from_here);
    EXPECT_EQ(sent.status, 303) << sent.body;
    EXPECT_EQ(sent.field("Location"), "../plain?requeued=2&left=1");
    EXPECT_EQ(at.state("one"), "pending");
    EXPECT_EQ(at.state("two"), "dead");
    std::string const page = at.page("/plain?requeued=2&left=1");
    EXPECT_THAT(page, HasSubstr("2 job(s) requeued. 1 were no longer dead"));
    EXPECT_THAT(at.page("/?requeued=%3Cb%3E&left=1"), Not(HasSubstr("requeued.")));
}

TEST(plain_form, comes_from_this_server_alone)
{
    pages at;
    at.dead("one");
    std::string const port = std::to_string(at.server.port());
    auto const slug = [&](std::string const& fields) {
        return at.server.post("/plain/requeue", "id=one", fields).slug();
    };
    EXPECT_EQ(slug(as_form), "cross-site") << "neither field says where it is from";
    EXPECT_EQ(slug(as_form + "Sec-Fetch-Site: cross-site\r\n"), "cross-site");
    EXPECT_EQ(slug(as_form + "Sec-Fetch-Site: same-site\r\n"), "cross-site");
    EXPECT_EQ(slug(as_form + "Sec-Fetch-Site: none\r\n"), "cross-site");
    EXPECT_EQ(slug(as_form + "Origin: http://evil.example\r\n"), "cross-site");
    EXPECT_EQ(slug(as_form + "Origin: null\r\n"), "cross-site");
    EXPECT_EQ(slug(from_here + "Origin: http://evil.example\r\n"), "cross-site");
    EXPECT_EQ(slug("Content-Type: text/plain\r\nSec-Fetch-Site: same-origin\r\n"), "media-type");
    EXPECT_EQ(at.state("one"), "dead");
    EXPECT_EQ(slug(as_form + "Origin: http://localhost\r\n"), "");
    EXPECT_EQ(at.state("one"), "pending");
    // And nothing else takes a form.
    EXPECT_EQ(at.server.post("/api/v1/jobs", "name=x", from_here).slug(), "media-type");
}

TEST(plain_form, of_what_it_does_not_take_is_refused_whole)
{
    pages at;
    at.dead("one");
    EXPECT_EQ(at.server.post("/plain/requeue", "", from_here).status, 422);
    EXPECT_EQ(at.server.post("/plain/requeue", "id=one&x=1", from_here).status, 400);
    EXPECT_EQ(at.server.post("/plain/requeue", "id=%zz", from_here).status, 400);
    std::string many = "id=one";
    for (int i = 0; i != 50; ++i)
        many += "&id=j" + std::to_string(i);
    EXPECT_EQ(at.server.post("/plain/requeue", many, from_here).status, 422);
    EXPECT_EQ(at.state("one"), "dead");
    EXPECT_EQ(
        at.server.post("/plain/requeue", many.substr(0, many.rfind('&')), from_here).status,
        303
    );
    EXPECT_EQ(at.state("one"), "pending");
}

TEST(plain_form, is_not_shown_where_it_may_not_be_sent)
{
    work::web_options options;
    options.read_only = true;
    pages at(std::move(options));
    EXPECT_THAT(at.page(), Not(HasSubstr("<form")));
    EXPECT_EQ(at.server.post("/plain/requeue", "id=one", from_here).slug(), "read-only");
}

TEST(plain_page, may_be_gone_to_from_elsewhere_and_nothing_else)
{
    pages at;
    std::string const from_elsewhere =
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    for (char const* const path : all_pages) {
        EXPECT_EQ(at.server.get(path, browser + from_elsewhere).status, 200) << path;
        EXPECT_EQ(at.server.get(path, from_elsewhere).slug(), "cross-site") << path;
        EXPECT_EQ(
            at.server.get(path, browser + "Sec-Fetch-Site: cross-site\r\n").slug(),
            "cross-site"
        ) << path;
    }
    EXPECT_EQ(at.server.get("/api/v1/jobs", browser + from_elsewhere).slug(), "cross-site");
}

TEST(founders_routes, are_in_their_json)
{
    pages at;
    at.stored(R"({"name":"send_email","args":{"to":"ada","n":9007199254740993},"id":"p1"})");
    at.stored(R"({"name":"send_email","args":[],"id":"p2","queue":"other"})");
    at.stored(R"({"name":"later","args":[true],"id":"s1","in_ms":3600000})");
    at.dead("d1");
    at.stored(R"({"name":"big","args":[")" + std::string(400, 'x') + R"("],"id":"p3"})");
    auto const json = "Content-Type: application/json\r\n";
    at.server.ask(
        "PUT",
        "/api/v1/pools/py-1",
        R"({"job_types":[{"name":"run"}],"language":"python","concurrency":4,"host":"h","pid":7})",
        json
    );
    at.stored(R"({"name":"run","args":[7],"id":"a1"})");
    auto const claimed = at.server.post("/api/v1/pools/py-1/claim", R"({"number":1})").json();
    std::string const fence =
        std::to_string(claimed.at("jobs").as_array().at(0).at("fence").as_int64());
    at.server.post(
        "/api/v1/pools/py-1/report",
        R"({"number":1,"outcomes":[],"checkins":[{"id":"a1","fence":)" + fence +
            R"(,"message":"half way"}]})"
    );
    at.stored(R"({"name":"run","args":[8],"id":"r1"})");
    auto const next = at.server.post("/api/v1/pools/py-1/claim", R"({"number":2})").json();
    std::string const second =
        std::to_string(next.at("jobs").as_array().at(0).at("fence").as_int64());
    at.server.post(
        "/api/v1/pools/py-1/report",
        R"({"number":2,"outcomes":[{"id":"r1","fence":)" + second +
            R"(,"outcome":"fail","type":"io","message":"no \"disk\"","retry_in_ms":60000}]})"
    );
    for (char const* const path : all_pages) {
        std::string const name(path + 1);
        if (name.empty() || name == "plain")
            continue;
        std::string const got = masked(at.server.get(path).body);
        EXPECT_EQ(got, golden(name)) << path;
        EXPECT_NO_THROW(static_cast<void>(boost::json::parse(at.server.get(path).body)));
    }
}

// A text that was cut is never taken for JSON, however long it is with its size behind it.
TEST(founders_routes, are_json_whatever_the_length_of_arguments)
{
    pages at;
    for (std::size_t size = 240; size != 300; ++size) {
        std::string const args = "[\"" + std::string(size - 4, 'x') + "\"]";
        at.stored(R"({"name":"n","args":)" + args + R"(,"id":"j)" + std::to_string(size) + "\"}");
    }
    int whole = 0;
    for (int page = 1; page != 4; ++page) {
        auto const answer = at.server.get("/jobs?page=" + std::to_string(page)).json();
        for (auto const& one : answer.at("jobs").as_array())
            whole += one.at("args").is_array();
    }
    EXPECT_EQ(whole, 17) << "240 to 256 bytes";
}

TEST(founders_routes, are_paged_by_twenties)
{
    pages at;
    for (int i = 0; i != 45; ++i)
        at.stored(R"({"name":"n","args":[],"id":"j)" + std::to_string(100 + i) + "\"}");
    std::vector<std::string> met;
    for (int page = 1; page != 5; ++page) {
        auto const answer = at.server.get("/jobs?page=" + std::to_string(page)).json();
        EXPECT_EQ(answer.at("count").as_int64(), 45);
        for (auto const& one : answer.at("jobs").as_array())
            met.emplace_back(one.at("id").as_string());
        EXPECT_EQ(met.size(), std::min<std::size_t>(45, static_cast<std::size_t>(page) * 20));
    }
    std::sort(met.begin(), met.end());
    EXPECT_EQ(std::unique(met.begin(), met.end()), met.end());
    for (std::string const bad : {"0", "51", "x", "-1", "1e9"}) {
        EXPECT_EQ(at.server.get("/jobs?page=" + bad).slug(), "bad-parameter") << bad;
    }
    EXPECT_EQ(at.server.get("/jobs?Page=1").slug(), "unknown-parameter");
    EXPECT_THAT(at.page("/jobs?page=2"), HasSubstr("jobs?page=3"));
    EXPECT_THAT(at.page("/jobs?page=3"), Not(HasSubstr("page=4")));
}

TEST(founders_routes, act_on_the_death_that_was_seen)
{
    pages at;
    at.dead("one");
    auto const died_at = [&] {
        return std::to_string(
            at.server.get("/dead_jobs").json().at("jobs").as_array().at(0).at("died_at").as_int64()
        );
    };
    auto const path = "/retry_dead_job/";
    EXPECT_EQ(at.server.post(path + std::string("100/one"), "{}").slug(), "moved-on");
    EXPECT_EQ(at.server.post(path + std::string("x/one"), "{}").slug(), "bad-parameter");
    EXPECT_EQ(at.server.post(path + died_at() + "/nobody", "{}").slug(), "no-such-job");
    EXPECT_EQ(at.server.post(path + died_at() + "/one", "{}").body, R"({"status":"ok"})");
    EXPECT_EQ(at.state("one"), "pending");
    at.dead("two");
    EXPECT_EQ(at.server.post("/delete_dead_job/" + died_at() + "/two", "{}").status, 200);
    EXPECT_EQ(at.state("two"), "gone");
}

TEST(founders_routes, act_on_all_that_were_counted)
{
    pages at;
    for (int i = 0; i != 30; ++i)
        at.dead("d" + std::to_string(i));
    auto const moved = at.server.post("/retry_all_dead_jobs", R"({"expected":19})");
    EXPECT_EQ(moved.slug(), "count-moved");
    EXPECT_EQ(moved.json().at("matched").as_int64(), 30);
    EXPECT_EQ(at.server.post("/retry_all_dead_jobs", "{}").slug(), "invalid-option");
    EXPECT_EQ(
        at.server.post("/retry_all_dead_jobs", R"({"expected":"x"})").slug(),
        "invalid-option"
    );
    auto const all = at.server.post("/retry_all_dead_jobs", R"({"expected":20})");
    EXPECT_EQ(all.json().at("done").as_int64(), 30);
    EXPECT_EQ(at.state("d7"), "pending");
    for (int i = 0; i != 30; ++i)
        at.server.post("/api/v1/job/kill?id=d" + std::to_string(i), "{}");
    auto const deleted = at.server.post("/delete_all_dead_jobs", R"({"expected":30})");
    EXPECT_EQ(deleted.json().at("done").as_int64(), 30);
    EXPECT_EQ(at.state("d7"), "gone");
}
