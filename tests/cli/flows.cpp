// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <cstdio>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"

using namespace work::testing;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

using flow_commands = tool_test;

/// A file with this text, for as long as it lives.
struct flow_file
{
    explicit flow_file(std::string const& text)
        : path(::testing::TempDir() + "flow-" + std::to_string(::getpid()) + ".json")
    {
        std::ofstream(path) << text;
    }
    ~flow_file() { std::remove(path.c_str()); }
    flow_file(flow_file const&) = delete;
    flow_file& operator=(flow_file const&) = delete;

    std::string path;
};

constexpr char const* album_flow = R"({"name":"album","jobs":[)"
                                   R"({"key":"a","name":"fetch","args":[1]},)"
                                   R"({"key":"b","name":"fetch","args":[2]},)"
                                   R"({"key":"count","name":"count","queue":"fetch","args":[],)"
                                   R"("after":[{"key":"a"},{"key":"b"}]},)"
                                   R"({"key":"tell","name":"tell","args":[],)"
                                   R"("after":[{"key":"count","otherwise":"run","as":"words"}]}]})";

// Over the broker, and through a server.
void go_through_flows(std::vector<std::string> const& environment)
{
    auto const run = [&](std::vector<std::string> words) { return run_tool(words, environment); };
    EXPECT_THAT(run({"flows"}).out, HasSubstr("0 of 0 flows"));
    flow_file const file(album_flow);
    auto const started = run({"flow", "start", file.path});
    ASSERT_EQ(started.code, 0) << started.err;
    auto const lines = lines_of(started.out);
    ASSERT_EQ(lines.size(), 5u) << started.out;
    std::string const id = lines[0].substr(5);
    std::string const count = lines[3].substr(0, lines[3].find(' '));
    EXPECT_EQ(lines[3], count + " count");

    auto const listed = run({"flows"}).out;
    EXPECT_THAT(listed, HasSubstr(id));
    EXPECT_THAT(listed, HasSubstr("album"));
    EXPECT_THAT(listed, HasSubstr("running"));
    EXPECT_THAT(listed, HasSubstr("1 of 1 flow\n"));
    auto const shown = run({"flow", id});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("album  running, 4 of 4 left"));
    EXPECT_THAT(shown.out, HasSubstr(" ago)"));
    EXPECT_THAT(shown.out, HasSubstr("2 waiting, 2 pending"));
    EXPECT_THAT(shown.out, HasSubstr("waiting    └─ fetch:count +1"));
    EXPECT_THAT(shown.out, HasSubstr("waiting       └─ tell "));
    EXPECT_THAT(shown.out, HasSubstr("+N: it needs N more"));
    for (std::string const& line : lines_of(shown.out))
        EXPECT_LE(line.size(), 80u + 8u) << line << " (each sign of a branch has three bytes)";
    auto const json = boost::json::parse(run({"flow", id, "--json"}).out).as_object();
    EXPECT_EQ(json.at("counts").at("waiting").as_int64(), 2);
    EXPECT_EQ(json.at("jobs").as_array().size(), 4u);

    // The state is one as any other.
    EXPECT_THAT(run({"jobs", "--state", "waiting", "--ids"}).out, HasSubstr(count));
    EXPECT_THAT(run({"stats"}).out, HasSubstr("waiting"));
    EXPECT_THAT(run({"queues", "fetch"}).out, HasSubstr("waiting 1, "));
    // A queue with nothing but jobs that wait is there.
    auto const tell = run({"queues", "tell"});
    EXPECT_EQ(tell.code, 0) << tell.err;
    EXPECT_EQ(tell.err, "");
    EXPECT_THAT(tell.out, HasSubstr("waiting 1, "));
    auto const job = run({"job", count}).out;
    EXPECT_THAT(job, HasSubstr("flow          " + id));
    EXPECT_THAT(job, HasSubstr("waits for     "));
    EXPECT_THAT(job, HasSubstr("needed by     "));
    EXPECT_THAT(run({"explain", count}).out, HasSubstr("to end first"));

    auto const off = run({"flow", "cancel", id, "--reason", "not today"});
    EXPECT_EQ(off.code, 0) << off.err;
    EXPECT_THAT(off.out, HasSubstr("4 of 4 jobs cancelled"));
    EXPECT_THAT(run({"flow", id}).out, HasSubstr("ended, 0 of 4 left"));
    EXPECT_THAT(run({"flow", "cancel", id}).out, HasSubstr("nothing of it may still run"));
    EXPECT_THAT(run({"audit"}).out, HasSubstr("flow " + id));

    for (std::vector<std::string> const& words :
         {std::vector<std::string>{"flow", "none"}, {"flow", "cancel", "none"}}) {
        auto const missing = run(words);
        EXPECT_EQ(missing.code, 3);
        EXPECT_THAT(missing.err, HasSubstr("there is no flow \"none\""));
    }
    EXPECT_EQ(run({"flow"}).code, 2);
    EXPECT_EQ(run({"flow", "start", "/no/such/file"}).code, 2);
    flow_file const circle(R"({"jobs":[{"key":"a","name":"x","args":[],"after":[{"key":"a"}]}]})");
    auto const bad = run({"flow", "start", circle.path});
    EXPECT_EQ(bad.code, 2);
    EXPECT_THAT(bad.err, HasSubstr("\"a\" -> \"a\""));
    flow_file const lacks(R"({"jobs":[{"key":"a","name":"x","args":[],"after":[{"id":"none"}]}]})");
    auto const refused = run({"flow", "start", lacks.path});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("job \"a\": job "));
    EXPECT_THAT(refused.err, HasSubstr("nothing of the flow runs"));
}

TEST_F(flow_commands, go_over_the_broker)
{
    go_through_flows(environment());
}

TEST_F(flow_commands, go_through_a_server)
{
    running_server const at(server->url());
    go_through_flows({"WORK_URL=" + at.url()});
}

TEST_F(flow_commands, large_ones_are_cut_unless_all_is_asked_for)
{
    std::string jobs;
    for (int i = 0; i != 250; ++i)
        jobs += (i == 0 ? "" : ",") + (R"({"key":")" + std::to_string(i)) +
                R"(","name":"x","args":[])" +
                (i == 0 ? "}" : R"(,"after":[{"key":")" + std::to_string(i - 1) + "\"}]}");
    flow_file const file("{\"jobs\":[" + jobs + "]}");
    auto const stored = json({"flow", "start", file.path});
    std::string const id(stored.at("id").as_string());
    auto const cut = run({"flow", id}).out;
    EXPECT_THAT(cut, HasSubstr("and 50 more: --all"));
    auto const all = run({"flow", id, "--all"}).out;
    EXPECT_THAT(all, Not(HasSubstr("more: --all")));
    EXPECT_GE(lines_of(all).size(), 253u);
}

}  // namespace
