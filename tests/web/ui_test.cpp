// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/web/file.hpp>
#include <work/web/options.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>

#include "web/served.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using work::testing::served;

namespace {

std::string const as_browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
std::string const gzip = "Accept-Encoding: gzip, deflate, br\r\n";

/// A UI of three files; what is gzipped is not looked into, so any bytes do.
work::web_options with_ui()
{
    work::web_options options;
    options.ui = {
        {"", "text/html; charset=utf-8", "<!doctype html><p>ui", "PAGE\x1f\x8b", "\"page\""},
        {"app.0a1b.js", "text/javascript; charset=utf-8", "run();", "SCRIPT\x1f\x8b", "\"js\""},
        {"app.0a1b.css", "text/css; charset=utf-8", "p{}", "", "\"css\""}
    };
    return options;
}

served with_a_ui()
{
    static int n = 0;
    return served("memory:ui" + std::to_string(++n), with_ui());
}

}  // namespace

TEST(web_ui, is_the_front_page_of_browsers_and_json_stays_for_programs)
{
    served const server = with_a_ui();
    auto const page = server.get("/", as_browser);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "<!doctype html><p>ui");
    EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.field("Cache-Control"), "no-cache");
    EXPECT_EQ(page.field("Vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(page.field("Referrer-Policy"), "same-origin");
    EXPECT_EQ(server.get("/").json().at("api").as_int64(), 1);
    EXPECT_EQ(server.get("/", "Accept: image/png\r\n").slug(), "not-acceptable");
    auto const plain = server.get("/plain", as_browser);
    EXPECT_EQ(plain.status, 200);
    EXPECT_THAT(plain.body, HasSubstr("Worker pools"));
    EXPECT_EQ(server.get("/plain").json().at("api").as_int64(), 1);
}

TEST(web_ui, runs_scripts_of_its_own_alone)
{
    served const server = with_a_ui();
    for (char const* const path : {"/", "/ui/app.0a1b.js", "/ui/app.0a1b.css"}) {
        auto const answer = server.get(path, as_browser);
        std::string const policy = answer.field("Content-Security-Policy");
        EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'")) << path;
        EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'")) << path;
        EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << path;
        EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << path;
    }
}

TEST(web_ui, files_are_gzipped_for_those_who_take_it)
{
    served const server = with_a_ui();
    std::string const path = "/ui/app.0a1b.js";
    auto const small = server.get(path, gzip);
    EXPECT_EQ(small.status, 200);
    EXPECT_EQ(small.body, "SCRIPT\x1f\x8b");
    EXPECT_EQ(small.field("Content-Encoding"), "gzip");
    EXPECT_EQ(small.field("Content-Length"), "8");
    EXPECT_EQ(small.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(small.field("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(small.field("Cache-Control"), "private, max-age=31536000, immutable");
    std::map<std::string, bool> const taken{
        {"", false},
        {"identity", false},
        {"br", false},
        {"xgzip", false},
        {"gzip;q=0", false},
        {"gzip; q=0.000, br", false},
        {"*;q=0", false},
        {"gzip;q=0, *", false},
        {"GZIP", true},
        {"br;q=1.0, gzip;q=0.8", true},
        {"*", true}
    };
    for (auto const& [accepts, gzipped] : taken) {
        auto const answer = server.get(path, "Accept-Encoding: " + accepts + "\r\n");
        EXPECT_EQ(answer.body, gzipped ? "SCRIPT\x1f\x8b" : "run();") << accepts;
        EXPECT_EQ(answer.field("Content-Encoding"), gzipped ? "gzip" : "") << accepts;
    }
    // One that is too small to be gzipped.
    EXPECT_EQ(server.get("/ui/app.0a1b.css", gzip).body, "p{}");
    EXPECT_EQ(server.get("/ui/app.0a1b.css", gzip).field("Content-Encoding"), "");
}

TEST(web_ui, what_was_seen_is_not_sent_again)
{
    served const server = with_a_ui();
    for (std::string const seen : {"\"js\"", "W/\"js\"", "\"x\", \"js\"", "*"}) {
        auto const same = server.get("/ui/app.0a1b.js", gzip + "If-None-Match: " + seen + "\r\n");
        EXPECT_EQ(same.status, 304) << seen;
        EXPECT_EQ(same.body, "") << seen;
        EXPECT_EQ(same.field("ETag"), "\"js\"") << seen;
    }
    EXPECT_EQ(server.get("/ui/app.0a1b.js", "If-None-Match: \"css\"\r\n").status, 200);
    EXPECT_EQ(server.get("/", as_browser + "If-None-Match: \"page\"\r\n").status, 304);
}

TEST(web_ui, heads_have_the_length_and_no_body)
{
    served const server = with_a_ui();
    auto const head =
        server.send("HEAD /ui/app.0a1b.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), "6");
    EXPECT_EQ(head.body, "");
}

TEST(web_ui, files_that_are_not_there_are_a_problem)
{
    served const server = with_a_ui();
    for (char const* const path : {"/ui/app.9999.js", "/ui/index.html", "/ui/..%2f..%2fx"}) {
        auto const answer = server.get(path);
        EXPECT_GE(answer.status, 400) << path;
        EXPECT_LT(answer.status, 500) << path;
        EXPECT_EQ(answer.field("Content-Type"), "application/problem+json") << path;
    }
    EXPECT_EQ(server.get("/ui/app.9999.js").slug(), "no-such-file");
    served const bare("memory:");
    EXPECT_EQ(bare.get("/ui/app.0a1b.js").slug(), "no-such-file");
    EXPECT_THAT(bare.get("/", as_browser).body, HasSubstr("Worker pools"));
}

// Relative, so that they lead below the prefix that a proxy adds.
TEST(web_ui, pages_of_gocraft_lead_to_those_of_the_ui)
{
    served const server = with_a_ui();
    std::map<std::string, std::string> const pages{
        {"/worker_pools", "./#/pools"},
        {"/busy_workers", "./#/jobs?state=active"},
        {"/queues", "./#/queues"},
        {"/jobs", "./#/jobs?state=pending"},
        {"/scheduled_jobs", "./#/jobs?state=scheduled"},
        {"/retry_jobs", "./#/jobs?state=retry"},
        {"/dead_jobs", "./#/jobs?state=dead"}
    };
    served const bare("memory:");
    for (auto const& [path, there] : pages) {
        auto const moved = server.get(path, as_browser);
        EXPECT_EQ(moved.status, 302) << path;
        EXPECT_EQ(moved.field("Location"), there);
        EXPECT_EQ(server.get(path).field("Content-Type"), "application/json") << path;
        EXPECT_EQ(bare.get(path, as_browser).status, 200) << path;
    }
}

TEST(web_ui, names_of_files_fit_into_a_path)
{
    for (std::string const name : {"a/b", "..\\x", "a b", "\xc3\xa4"}) {
        work::web_options options = with_ui();
        options.ui.push_back({name, "text/css", "", "", "\"x\""});
        EXPECT_THROW(options.validate(), work::error) << name;
    }
    EXPECT_NO_THROW(with_ui().validate());
}
