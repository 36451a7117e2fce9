// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Each client of examples/clients by itself: what it stores, how it works, what it survives. All of
// them together are in clients_together_test.cpp.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "support/proxy.hpp"
#include "support/redis_server.hpp"
#include "web/client_fixture.hpp"

using work::testing::address;
using work::testing::client_in;
using work::testing::client_languages;
using work::testing::eventually;
using work::testing::program;
using work::testing::proxy;
using work::testing::redis_server;
using work::testing::served;
using work::testing::text_of;

TEST_P(client_in, stores_jobs_byte_for_byte_and_a_repetition_stores_nothing_more)
{
    std::string const url = address(server().port());
    if (is.threads) {
        program producer({is.commands[0], "tests/web/workers/" + is.producer, url});
        ASSERT_EQ(producer.wait(), 0) << producer.complaints();
        EXPECT_EQ(args_of("many").size(), 3u);
        ASSERT_EQ(args_of("plain").size(), 1u);
        auto const plain = boost::json::parse(args_of("plain")[0]);
        EXPECT_EQ(boost::json::serialize(plain), R"(["cat.png",300,null])");
    } else {
        for (int i = 0; i != 2; ++i) {
            program producer(
                {"sh",
                 "examples/clients/shell/work.sh",
                 "enqueue",
                 "once",
                 "[12345678901234567890, 1.10, {}]"},
                {"WORK_URL=" + url, "WORK_KEY=a"}
            );
            ASSERT_EQ(producer.wait(), 0) << producer.complaints();
        }
    }
    EXPECT_EQ(args_of("once"), std::vector<std::string>{"[12345678901234567890, 1.10, {}]"});
}

TEST_P(client_in, completes_jobs_and_hands_arguments_on_byte_for_byte)
{
    program const worker = work("echo");
    enqueue("echo", R"([12345678901234567890,  1.10, {"a": "\u00e9"}])");
    ASSERT_TRUE(is_in("echo", "completed")) << worker.complaints();
    auto const result = boost::json::parse(text_of(job("echo").at("result")));
    EXPECT_EQ(text_of(result.at("text")), R"([12345678901234567890,  1.10, {"a": "\u00e9"}])");
    auto const told = server().get("/api/v1/pools").json();
    EXPECT_EQ(text_of(told.at("pools").at(0).at("language")), is.name);
    if (!is.threads)
        return;
    auto const log = server().get("/api/v1/jobs/" + text_of(job("echo").at("id")) + "/logs").json();
    auto const& lines = log.at("lines").as_array();
    ASSERT_EQ(lines.size(), 100u) << "the last ones";
    EXPECT_EQ(text_of(lines.front().at("text")), "line 30");
    EXPECT_EQ(text_of(lines.back().at("text")), "line 129");
    ASSERT_EQ(
        server()
            .post(
                "/api/v1/jobs",
                R"({"id":"named","name":")" + is.mark + R"(-echo","args":{"b":2}})"
            )
            .status,
        201
    );
    ASSERT_TRUE(is_in("named", "completed")) << worker.complaints();
    auto const named = boost::json::parse(text_of(job("named").at("result")));
    EXPECT_EQ(boost::json::serialize(named.at("args")), R"({"b":2})");
}

TEST_P(client_in, a_failure_is_seen_with_its_type_message_and_backtrace)
{
    program const worker = work("broken");
    enqueue("broken", R"(["no such cat"])", R"(,"max_attempts":1)");
    ASSERT_TRUE(is_in("broken", "dead")) << worker.complaints();
    auto const kept = job("broken");
    auto const failure = kept.at("failures").at(0);
    std::string const message = text_of(failure.at("message"));
    EXPECT_EQ(text_of(failure.at("type")), is.threads ? "Broken" : "exit");
    EXPECT_EQ(message.rfind("no such cat\n", 0), 0u) << message;
    bool const points_at_the_line = message.find(is.worker) != std::string::npos;
    EXPECT_EQ(points_at_the_line, is.threads) << message;
}

TEST_P(client_in, a_failed_job_is_tried_again_until_its_attempts_are_used)
{
    program const worker = work("again");
    enqueue("again", "[]", R"(,"max_attempts":2,"backoff":{"kind":"fixed","base_ms":1})");
    ASSERT_TRUE(is_in("again", "dead")) << worker.complaints();
    EXPECT_EQ(done.read()[is.mark], (std::multiset<std::string>{"attempt-1", "attempt-2"}));
}

TEST_P(client_in, handlers_say_outcomes_and_one_that_is_refused_takes_no_other_along)
{
    std::string many = R"({"jobs":[)";
    for (std::string const how : {"snooze", "discard", "fatal", "free", "large", "text"}) {
        many += R"({"name":")" + is.mark + R"(-ends","id":")" + how + R"(","max_attempts":1,)" +
                R"("args":[")" + how + R"("]},{"name":")" + is.mark + R"(-echo","id":"beside-)" +
                how + R"(","args":[]},)";
    }
    many.back() = ']';
    ASSERT_EQ(server().post("/api/v1/jobs/bulk", many + "}").json().at("stored").as_int64(), 12);
    program const worker = work("ends");
    // One of the shell runs jobs of one name.
    program const beside = work(is.threads ? "ends" : "echo");
    EXPECT_TRUE(is_in("snooze", "scheduled")) << worker.complaints();
    EXPECT_TRUE(is_in("discard", "completed") && is_in("fatal", "dead")) << worker.complaints();
    // It has one attempt, and that is left.
    EXPECT_TRUE(is_in("free", "retry")) << worker.complaints();
    EXPECT_EQ(job("free").at("failed_attempts").as_int64(), 0);
    auto const discarded = job("discard").at("ended");
    EXPECT_EQ(text_of(discarded.at("outcome")), "discarded");
    EXPECT_EQ(text_of(discarded.at("reason")), "not wanted");
    // A result over 1 MiB, and one that is no JSON or no Unicode.
    EXPECT_TRUE(is_in("large", "dead") && is_in("text", "dead")) << worker.complaints();
    for (std::string const how : {"snooze", "discard", "fatal", "free", "large", "text"})
        EXPECT_TRUE(is_in("beside-" + how, "completed")) << how << worker.complaints();
    EXPECT_EQ(count("active"), 0);
    EXPECT_EQ(done.read()[is.mark].size(), 12u) << "a job ran again";
}

TEST_P(client_in, hears_that_a_job_is_cancelled)
{
    // With one beside it in its claim, whose lease is kept: so only `cancels` can tell.
    enqueue("hold", R"(["a"])");
    std::string const beside = R"({"name":")" + is.mark + R"(-hold","args":["b"]})";
    ASSERT_EQ(server().post("/api/v1/jobs", beside).status, 201);
    program const worker = work("hold");
    ASSERT_TRUE(eventually([&] {
        return done.has(is.mark, "began-a") && (!is.threads || done.has(is.mark, "began-b"));
    })) << worker.complaints();
    ASSERT_EQ(server().post("/api/v1/jobs/hold/cancel", "{}").status, 200);
    EXPECT_TRUE(eventually([&] { return done.has(is.mark, "cancelled-a"); }))
        << worker.complaints();
    EXPECT_TRUE(is_in("hold", "cancelled")) << worker.complaints();
    // What is beside it, or comes after it, goes on.
    EXPECT_TRUE(eventually([&] { return done.has(is.mark, "began-b"); })) << worker.complaints();
    EXPECT_FALSE(done.has(is.mark, "cancelled-b"));
}

TEST_P(client_in, keeps_the_lease_of_a_job_that_takes_longer)
{
    program const first = work("slow");
    program const second = work("slow");
    enqueue("slow", R"(["a",10000])");  // leases are 6 s
    ASSERT_TRUE(is_in("slow", "completed")) << first.complaints() << second.complaints();
    EXPECT_EQ(done.read()[is.mark], (std::multiset<std::string>{"began-a", "ended-a"}));
    EXPECT_EQ(count("failed"), 0);
}

TEST_P(client_in, finishes_its_jobs_and_leaves_when_it_is_told_to_end)
{
    program worker = work("slow");
    enqueue("slow", R"(["a",700])");
    ASSERT_TRUE(eventually([&] { return done.has(is.mark, "began-a"); })) << worker.complaints();
    ASSERT_EQ(worker.end(SIGTERM), 0) << worker.complaints();
    EXPECT_EQ(text_of(job("slow").at("state")), "completed");
    EXPECT_TRUE(done.has(is.mark, "ended-a"));
    EXPECT_TRUE(eventually([&] { return pools().empty(); }));
}

TEST_P(client_in, gives_its_jobs_back_when_it_is_told_twice_to_end)
{
    if (!is.threads)
        GTEST_SKIP() << "the shell finishes its job";
    program worker = work("hold");
    enqueue("hold", R"(["a"])");
    ASSERT_TRUE(eventually([&] { return done.has(is.mark, "began-a"); })) << worker.complaints();
    auto const fence = job("hold").at("fence").as_int64();
    worker.signal(SIGTERM);
    // It takes no more jobs, but waits for those that it runs.
    EXPECT_TRUE(eventually([&] {
        return server().get("/metrics").body.find("work_http_parked_claims 0") != std::string::npos;
    }));
    enqueue("slow", R"(["late",1])");
    EXPECT_TRUE(eventually([&] { return count("pending") == 1; }));
    worker.signal(SIGINT);
    ASSERT_EQ(worker.wait(), 0) << worker.complaints();
    EXPECT_EQ(text_of(job("hold").at("state")), "pending");
    EXPECT_EQ(job("hold").at("failed_attempts").as_int64(), 0);
    EXPECT_GT(fence, 0);
    EXPECT_FALSE(done.has(is.mark, "began-late"));
}

TEST_P(client_in, registers_again_when_its_pool_is_not_known_any_more)
{
    program const worker = work("echo");
    ASSERT_TRUE(eventually([&] { return pools().size() == 1; })) << worker.complaints();
    std::string const pool = pools()[0];
    ASSERT_EQ(server().ask("DELETE", "/api/v1/pools/" + pool, "").status, 200);
    enqueue("echo", "[]");
    EXPECT_TRUE(is_in("echo", "completed")) << worker.complaints();
    EXPECT_EQ(pools(), std::vector<std::string>{pool});
}

TEST_P(client_in, goes_on_after_numbers_that_others_used)
{
    server_ = std::make_unique<served>("memory:numbers-" + is.name);
    served const other("memory:numbers-" + is.name);
    program const worker = work("echo");
    ASSERT_TRUE(eventually([&] { return pools().size() == 1; })) << worker.complaints();
    std::string const pool = "/api/v1/pools/" + pools()[0];
    ASSERT_EQ(other.post(pool + "/claim", R"({"number":5000})").status, 200);
    ASSERT_EQ(other.post(pool + "/report", R"({"number":5000})").status, 200);
    enqueue("echo", "[]");
    EXPECT_TRUE(is_in("echo", "completed")) << worker.complaints();
}

TEST_P(client_in, ends_with_a_sentence_when_the_server_refuses_it)
{
    std::string const path = ::testing::TempDir() + "client-tokens-" + std::to_string(::getpid());
    std::ofstream(path) << "other worker sha256:" << std::string(64, '0') << "\n";
    ::chmod(path.c_str(), 0600);
    work::web_options options;
    options.tokens_file = path;
    server_ = std::make_unique<served>("memory:", options);
    program worker = work("echo");
    EXPECT_EQ(worker.wait(), 1) << worker.complaints();
    EXPECT_NE(worker.complaints().find("oken"), std::string::npos) << worker.complaints();
    ::unlink(path.c_str());
}

TEST_P(client_in, loses_nothing_and_does_nothing_twice_where_answers_get_lost)
{
    proxy between(server().port(), 0.2, 7);
    program const worker = work("shared", address(between.port()));
    int const jobs = is.threads ? 100 : 15;
    enqueue_shared(jobs);
    EXPECT_TRUE(eventually([&] { return count("processed") == jobs; })) << worker.complaints();
    EXPECT_GT(between.cuts(), 3);
    auto const ran = done.read()[is.mark];
    EXPECT_EQ(ran.size(), static_cast<std::size_t>(jobs)) << "a job ran twice";
    EXPECT_EQ(std::set<std::string>(ran.begin(), ran.end()).size(), ran.size());
}

TEST_P(client_in, is_killed_and_loses_nothing)
{
    redis_server redis;
    server_ = std::make_unique<served>(redis.url());
    program victim = work("slow");
    enqueue("slow", R"(["a",1500])");
    ASSERT_TRUE(eventually([&] { return done.has(is.mark, "began-a"); })) << victim.complaints();
    victim.end(SIGKILL);
    program const other = work("slow");
    ASSERT_TRUE(is_in("slow", "completed")) << other.complaints();
    auto const ran = done.read()[is.mark];
    EXPECT_EQ(ran.count("began-a"), 2u);
    EXPECT_EQ(ran.count("ended-a"), 1u);
    EXPECT_TRUE(eventually([&] { return count("processed") == 1; }));
}

TEST_P(client_in, works_on_when_the_store_was_restarted_and_forgot_everything)
{
    redis_server redis;
    server_ = std::make_unique<served>(redis.url());
    program const worker = work("echo");
    ASSERT_TRUE(eventually([&] { return pools().size() == 1; })) << worker.complaints();
    redis.restart();
    ASSERT_TRUE(eventually([&] {
        return server()
                   .post(
                       "/api/v1/jobs",
                       R"({"name":")" + is.mark + R"(-echo","id":"echo","args":[]})"
                   )
                   .status < 300;
    }));
    EXPECT_TRUE(is_in("echo", "completed")) << worker.complaints();
}

INSTANTIATE_TEST_SUITE_P(
    clients,
    client_in,
    ::testing::ValuesIn(client_languages),
    [](auto const& one) { return one.param.name; }
);
