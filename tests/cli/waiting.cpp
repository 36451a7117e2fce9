// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/tool_fixture.hpp"

using ::testing::HasSubstr;
using namespace work::testing;

namespace {

class wait : public tool_test
{};
class args : public tool_test
{};

}  // namespace

TEST_F(wait, ends_when_the_jobs_have_and_prints_each)
{
    std::string const first = enqueued({"mail", "[]"});
    std::string const second = enqueued({"mail", "[]"});
    running_pool const pool(server->url(), {"mail"});
    auto const r = run({"wait", first, second, first, "--timeout", "30s"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(lines_of(r.out).size(), 2u) << r.out;
    EXPECT_THAT(r.out, HasSubstr(first + " completed\n"));
    EXPECT_THAT(r.out, HasSubstr(second + " completed\n"));
    auto const told = json({"wait", first});
    EXPECT_FALSE(told.at("timed_out").as_bool());
    EXPECT_EQ(told.at("jobs").at(0).at("state").as_string(), "completed");
}

TEST_F(wait, is_over_after_its_time_and_says_which_job_has_not_ended)
{
    std::string const dead = enqueued({"mail", "[]"});
    std::string const open = enqueued({"mail", "[]", "--in", "1d"});
    EXPECT_EQ(run({"kill", dead}).code, 0);
    auto const r = run({"wait", dead, open, "--timeout", "120ms"});
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, dead + " dead\n");
    EXPECT_EQ(r.err, "work: job \"" + open + "\" is scheduled after 120ms\n");
    auto const told = json({"wait", dead, open, "--timeout", "0"}, 1);
    EXPECT_TRUE(told.at("timed_out").as_bool());
    EXPECT_EQ(told.at("jobs").at(1).at("state").as_string(), "scheduled");
    EXPECT_FALSE(told.at("jobs").at(1).at("ended").as_bool());
}

TEST_F(wait, tells_by_its_code_how_jobs_ended)
{
    std::string const id = enqueued({"mail", "[]"});
    EXPECT_EQ(run({"cancel", id}).code, 0);
    auto const cancelled = run({"wait", id});
    EXPECT_EQ(cancelled.code, 4);
    EXPECT_EQ(cancelled.out, id + " cancelled\n");
    auto const unknown = run({"wait", id, "nope\x1b"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.err, HasSubstr("no job \"nope\\x1b\""));
    EXPECT_EQ(run({"wait"}).code, 2);
    EXPECT_EQ(run({"wait", id, "--timeout", "soon"}).code, 2);
    EXPECT_EQ(lines_of(run({"wait", id, "--jsonl"}).out).size(), 1u);
}

TEST_F(wait, asks_for_many_jobs_over_one_connection)
{
    std::vector<std::string> command{"wait", "--timeout", "0"};
    for (int i = 0; i != 300; ++i)
        command.push_back("no-such-job-" + std::to_string(i));
    auto const connections = [] {
        std::string const info = server->ask("INFO stats");
        auto const at = info.find("total_connections_received:");
        return std::stoll(info.substr(at + 27));
    };
    long long const before = connections();
    EXPECT_EQ(run(command).code, 3);
    EXPECT_LE(connections() - before, 5);  // this look, the program's ping, and what a client opens
}

TEST_F(args, are_the_bytes_as_stored)
{
    std::string const text = R"([ 12345678901234567890 , "\u00e4" , 1.10, {"b":1,"a":2} ])";
    auto const r = run({"args", enqueued({"mail", text})});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, text);
    auto const unknown = run({"args", "nope"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_EQ(unknown.out, "");
    EXPECT_EQ(run({"args"}).code, 2);
}

TEST_F(args, that_are_not_kept_whole_are_not_written)
{
    std::string const id = enqueued({"text", "[\"" + std::string(5'000, 'x') + "\"]"});
    running_pool const pool(server->url(), {});
    EXPECT_EQ(run({"wait", id, "--timeout", "30s"}).code, 0);
    EXPECT_GT(json({"job", id}).at("cut_from").as_int64(), 0);
    auto const r = run({"args", id});
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr("only the beginning"));
}
