// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// `work enqueue` with all that it takes, and `work fake`.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"
#include "support/pause.hpp"

namespace {

using namespace work::testing;
using ::testing::HasSubstr;

class enqueueing : public tool_test
{
protected:
    /// A file of the test's own, with this in it.
    static std::string file_of(std::string const& text)
    {
        std::string const path =
            ::testing::TempDir() + "enqueueing-" + std::to_string(::getpid()) + ".jsonl";
        std::ofstream(path) << text;
        return path;
    }
    static tool_result piped(std::string const& text, std::string const& command)
    {
        return run_program(
            "/bin/sh",
            {"sh", "-c", "printf '%s' \"$1\" | \"$WORK_TOOL\" " + command, "sh", text},
            environment()
        );
    }
};

TEST_F(enqueueing, takes_a_time_tags_headers_and_limits)
{
    std::time_t const then = std::time(nullptr) + 7'200;
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&then));
    std::string const id = enqueued(
        {"mail",
         "[1]",
         "--at",
         text,
         "--tag",
         "vip",
         "--tag",
         "nightly",
         "--header",
         "tenant=acme=1",
         "--timeout",
         "90s",
         "--expires-in",
         "3h"}
    );
    auto const job = json({"job", id});
    EXPECT_EQ(job.at("state").as_string(), "scheduled");
    EXPECT_EQ(job.at("when_ms").as_int64(), static_cast<std::int64_t>(then) * 1000);
    auto const& options = job.at("options").as_object();
    EXPECT_EQ(options.at("tags").as_array().size(), 2u);
    EXPECT_EQ(options.at("headers").as_object().at("tenant").as_string(), "acme=1");
    EXPECT_EQ(options.at("timeout_ms").as_int64(), 90'000);
    // By the clock of this machine, the next one that comes.
    std::time_t const asked = std::time(nullptr);
    auto const noon = json({"job", enqueued({"mail", "[2]", "--at", "12:00"})});
    std::time_t const due = noon.at("when_ms").as_int64() / 1000;
    EXPECT_EQ(std::localtime(&due)->tm_hour, 12);
    EXPECT_GE(due, asked);
    EXPECT_LE(due, std::time(nullptr) + 90'000);
    auto const told = json({"enqueue", "mail", "[3]", "--id", "mine"});
    EXPECT_EQ(told.at("id").as_string(), "mine");
    EXPECT_EQ(told.at("code").as_string(), "stored");
    EXPECT_EQ(json({"enqueue", "mail", "[3]", "--id", "mine"}).at("code").as_string(), "duplicate");
}

TEST_F(enqueueing, of_which_version_the_arguments_are)
{
    std::string const id = enqueued({"mail", "[1]", "--args-version", "3"});
    EXPECT_EQ(json({"job", id}).at("args_version").as_int64(), 3);
    EXPECT_THAT(run({"job", id}).out, HasSubstr("version 3"));
    std::string const old = enqueued({"mail", "[1]"});
    EXPECT_THAT(run({"job", old}).out, ::testing::Not(HasSubstr("args are of")));
    EXPECT_EQ(run({"enqueue", "mail", "[1]", "--args-version", "0"}).code, 2);
}

TEST_F(enqueueing, durably_says_who_has_it_and_stores_it_all_the_same)
{
    redis_server primary({"--repl-diskless-sync-delay", "0"});
    redis_server replica({"--replicaof", "127.0.0.1", std::to_string(primary.port())});
    ASSERT_TRUE(soon(
        [&] { return primary.ask("INFO replication").find("state=online") != std::string::npos; },
        std::chrono::seconds(60)
    ));
    std::vector<std::string> const at{"WORK_REDIS_URL=" + primary.url()};
    std::vector<std::string> const good_for{"--durable", "1", "--durable-for", "10s"};
    auto const with = [](std::vector<std::string> words, std::vector<std::string> const& more) {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    // Where the machine is slow, the replica has it later than after 50 ms.
    auto const as_one_of_two = [&](std::vector<std::string> const& words, auto const& where) {
        tool_result few;
        for (char const* const time : {"50ms", "500ms", "5s"}) {
            few = run_tool(with(words, {"--durable", "2", "--durable-for", time}), where);
            EXPECT_EQ(few.code, 1);
            if (few.err.find("1 of 2 replicas had it after " + std::string(time)) != few.err.npos)
                break;
        }
        return few;
    };
    auto const good = run_tool(with({"enqueue", "mail", "[1]"}, good_for), at);
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(good.err, "");
    auto const few = as_one_of_two({"enqueue", "mail", "[2]"}, at);
    EXPECT_THAT(few.err, HasSubstr("stored, but 1 of 2 replicas had it after "));
    EXPECT_EQ(run_tool({"job", few.out.substr(0, few.out.find('\n'))}, at).code, 0);
    std::string const file =
        file_of("{\"name\":\"mail\",\"args\":[]}\n{\"name\":\"mail\",\"args\":[]}\n");
    auto const lines = run_tool(with({"enqueue", "--jsonl", file}, good_for), at);
    EXPECT_EQ(lines.code, 0) << lines.err;
    auto const none = run({"enqueue", "mail", "[1]", "--durable", "1", "--durable-for", "20ms"});
    EXPECT_EQ(none.code, 1);
    EXPECT_THAT(none.err, HasSubstr("0 of 1 replicas"));
    EXPECT_THAT(
        run({"enqueue", "mail", "[1]", "--durable-for", "20ms"}).err,
        HasSubstr("neither --durable nor --durable-aof")
    );
    // Through a server it is the same.
    running_server const there(primary.url());
    std::vector<std::string> const through{"WORK_URL=" + there.url()};
    EXPECT_EQ(run_tool(with({"enqueue", "mail", "[3]"}, good_for), through).code, 0);
    auto const one_of_two = as_one_of_two({"enqueue", "--jsonl", file}, through);
    EXPECT_THAT(one_of_two.err, HasSubstr("1 of 2 replicas"));
}

TEST_F(enqueueing, tracks_jobs_either_way)
{
    running_server const there(server->url());
    std::string const id = enqueued({"mail", "[1]"});
    for (auto const& way : {environment(), std::vector<std::string>{"WORK_URL=" + there.url()}}) {
        auto const none = run_tool({"tracked"}, way);
        EXPECT_THAT(none.out, HasSubstr("no job is tracked")) << none.err;
        auto const on = run_tool({"track", id, "nobody"}, way);
        EXPECT_EQ(on.code, 3) << on.err;
        EXPECT_THAT(on.out, HasSubstr("is tracked\n"));
        EXPECT_THAT(on.out, HasSubstr("no such job"));
        EXPECT_THAT(run_tool({"track", id}, way).out, HasSubstr("is tracked already"));
        auto const all = run_tool({"tracked"}, way);
        EXPECT_THAT(all.out, HasSubstr(id + "  pending  mail"));
        auto const told = boost::json::parse(run_tool({"tracked", "--json"}, way).out);
        EXPECT_EQ(told.at("tracked").as_array().size(), 1u);
        EXPECT_EQ(run_tool({"track", "--remove", id}, way).code, 0);
        EXPECT_THAT(run_tool({"track", "--remove", id}, way).out, HasSubstr("was not tracked"));
    }
}

TEST_F(enqueueing, says_what_becomes_of_unique_jobs)
{
    auto const code = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"enqueue", "draft", "[1]"};
        words.insert(words.end(), more.begin(), more.end());
        return std::string(json(words).at("code").as_string());
    };
    EXPECT_EQ(code({"--unique", "--in", "1h"}), "stored");
    EXPECT_EQ(code({"--unique"}), "duplicate");
    EXPECT_EQ(code({"--on-conflict", "replace"}), "replaced");
    EXPECT_EQ(code({"--on-conflict", "extend", "--in", "2h"}), "extended");
    EXPECT_EQ(code({"--on-conflict", "renew", "--unique-until", "started"}), "renewed");
    EXPECT_EQ(code({"--unique-key", "k", "--unique-for", "1h"}), "stored");
    EXPECT_EQ(code({"--unique-key", "k"}), "duplicate");
    auto const again = run({"enqueue", "draft", "[1]", "--unique"});
    EXPECT_THAT(again.out, HasSubstr("known already"));
    std::string const id = again.out.substr(0, again.out.find(' '));
    EXPECT_THAT(run({"job", id}).out, HasSubstr("until it has succeeded or is dead, by the key "));
    EXPECT_EQ(run({"enqueue", "draft", "[1]", "--unique-until", "never"}).code, 2);
    EXPECT_EQ(
        run({"enqueue", "draft", "[1]", "--unique-until", "ended", "--unique-for", "1h"}).code,
        2
    );
}

TEST_F(enqueueing, reads_arguments_from_standard_input)
{
    auto const r = piped("{\"n\": 9007199254740993}\n", "enqueue mail -");
    ASSERT_EQ(r.code, 0) << r.err;
    auto const job = json({"job", r.out.substr(0, r.out.find('\n'))});
    EXPECT_EQ(job.at("args").as_string(), "{\"n\": 9007199254740993}");
    EXPECT_EQ(piped("7", "enqueue mail -").code, 2);
}

TEST_F(enqueueing, takes_what_jobs_printed)
{
    for (int i = 0; i != 3; ++i)
        enqueued(
            {"mail",
             "[" + std::to_string(i) + ", 1.50]",
             "--queue",
             "slow",
             "--priority",
             "4",
             "--tag",
             "vip",
             "--id",
             "job-" + std::to_string(i)}
        );
    auto const exported = run({"jobs", "--state", "pending", "--jsonl"});
    ASSERT_EQ(lines_of(exported.out).size(), 3u) << exported.err;
    server->ask("FLUSHALL");
    std::string const path = file_of(exported.out + "\n");
    auto const again = run({"enqueue", "--jsonl", path});
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr("3 stored"));
    auto const job = json({"job", "job-2"});
    EXPECT_EQ(job.at("args").as_string(), "[2, 1.50]") << "byte for byte";
    EXPECT_EQ(job.at("queue").as_string(), "slow");
    EXPECT_EQ(job.at("priority").as_int64(), 4);
    EXPECT_EQ(job.at("options").as_object().at("tags").as_array().size(), 1u);
    // Said again, it stores nothing more.
    EXPECT_THAT(run({"enqueue", "--jsonl", path}).err, HasSubstr("0 stored, 3 known already"));
    auto const many = piped(exported.out, "enqueue --jsonl - --json");
    EXPECT_THAT(many.out, HasSubstr("{\"id\":\"job-0\",\"code\":\"duplicate\"}\n"));
    ::unlink(path.c_str());
}

TEST_F(enqueueing, names_the_line_that_is_no_job_and_stores_those_before_it)
{
    std::string lines;
    for (int i = 0; i != 700; ++i)
        lines += "{\"name\":\"mail\",\"args\":[" + std::to_string(i) + "]}\n";
    std::string const path = file_of(lines + "{\"name\":\"\"}\n{\"name\":\"mail\",\"args\":[]}\n");
    auto const r = run({"enqueue", "--jsonl", path});
    EXPECT_EQ(r.code, 2);
    EXPECT_THAT(r.err, HasSubstr(path + ", line 701: name is missing"));
    EXPECT_THAT(r.err, HasSubstr("700 stored"));
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 700);
    for (auto const& [line, why] : std::vector<std::pair<std::string, std::string>>{
             {"[1]", "must be a JSON object"},
             {"{\"name\":\"a\",\"args\":1}", "a"},
             {"{\"name\":\"a\",\"args\":[],\"unique\":1}", "unique"},
             {"{\"name\":\"a\",\"args\":\"[1\",\"args_bytes\":90}",
              "its args are cut: 2 bytes of 90"}
         }) {
        auto const bad = piped(line, "enqueue --jsonl -");
        EXPECT_EQ(bad.code, 2) << line;
        EXPECT_THAT(bad.err, HasSubstr("standard input, line 1: ")) << line;
        EXPECT_THAT(bad.err, HasSubstr(why)) << line;
    }
    EXPECT_EQ(run({"enqueue", "--jsonl", "/nonexistent"}).code, 2);
    ::unlink(path.c_str());
}

TEST_F(enqueueing, fake_jobs_come_run_fail_and_stay)
{
    boost::json::object end;
    std::int64_t processed = 0, failed = 0;
    // For longer where the machine is slow.
    for (std::string const time : {"2s", "8s", "30s"}) {
        server->ask("FLUSHALL");
        end = json({"fake", "--rate", "200/s", "--for", time, "--fail", "50%"});
        processed = end.at("processed").as_int64();
        failed = end.at("failed").as_int64();
        if (processed > 20 && failed > 0 && end.at("enqueued").as_int64() >= 200)
            break;
    }
    EXPECT_GE(end.at("enqueued").as_int64(), 200);
    EXPECT_GT(processed, 20);
    EXPECT_GT(failed, 0);
    auto const stats = json({"stats"});
    EXPECT_EQ(stats.at("processed").as_int64(), processed);
    EXPECT_GT(stats.at("retry").as_int64() + stats.at("dead").as_int64(), 0);
    EXPECT_THAT(run({"failures", "--by", "type"}).out, HasSubstr("smtp::refused"));
}

TEST_F(enqueueing, fake_jobs_do_not_mix_with_others)
{
    enqueued({"invoice", "[]"});
    auto const r = run({"fake", "--for", "1s"});
    EXPECT_EQ(r.code, 2);
    EXPECT_THAT(r.err, HasSubstr("has jobs named \"invoice\""));
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 1);
    EXPECT_EQ(run({"fake", "--for", "1s", "--ns", "other"}).code, 0);
    EXPECT_EQ(run({"fake", "--for", "1s", "--yes"}).code, 0);
}

}  // namespace
