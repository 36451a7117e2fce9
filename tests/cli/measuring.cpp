// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/pseudo_terminal.hpp"
#include "cli/tool_fixture.hpp"

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace work::testing;

namespace {

class measuring : public tool_test
{
protected:
    // Of a Redis that has a job of somebody else, nothing but that is left.
    static void expect_nothing_left()
    {
        EXPECT_EQ(json({"job", "mine"}).at("state").as_string(), "pending");
        for (std::string const& key : keys())
            EXPECT_THAT(key, StartsWith("work:{work}:"));
    }
    static std::vector<std::string> keys()
    {
        std::vector<std::string> all;
        for (std::string line : lines_of(server->ask("KEYS *"))) {
            line.pop_back();  // what is left of the end of a line
            if (!line.starts_with('*') && !line.starts_with('$'))
                all.push_back(std::move(line));
        }
        return all;
    }
};

}  // namespace

TEST_F(measuring, a_bench_runs_all_jobs_and_leaves_nothing)
{
    enqueued({"a", "[]", "--id", "mine"});
    auto const told = json({"bench", "--jobs", "1500", "--runs", "2", "--yes"});
    EXPECT_TRUE(told.at("whole").as_bool());
    EXPECT_EQ(told.at("runs").as_array().size(), 2u);
    for (auto const& one : told.at("runs").as_array()) {
        EXPECT_EQ(one.at("stored").as_int64(), 1500);
        EXPECT_EQ(one.at("done").as_int64(), 1500);
        EXPECT_GT(one.at("done_per_s").as_int64(), 0);
    }
    EXPECT_GT(told.at("done_per_s").as_int64(), 0);
    expect_nothing_left();
    auto const r = run({"bench", "--redis", "memory:", "--jobs", "100", "--runs", "1"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr(", ran 100 ("));
    EXPECT_THAT(r.out, HasSubstr(" jobs a second with 100 at once, in one thread\n"));
}

TEST_F(measuring, a_bench_is_bounded_in_time)
{
    enqueued({"a", "[]", "--id", "mine"});
    auto const told = json(
        {"bench",
         "--jobs",
         "500",
         "--sleep",
         "1s",
         "--concurrency",
         "10",
         "--runs",
         "1",
         "--for",
         "1500ms",
         "--yes"}
    );
    EXPECT_FALSE(told.at("whole").as_bool());
    EXPECT_LT(told.at("runs").at(0).at("done").as_int64(), 100);
    expect_nothing_left();
}

TEST_F(measuring, it_is_asked_before_anything_is_stored)
{
    enqueued({"a", "[]", "--id", "mine"});
    for (char const* const command : {"bench", "tune"}) {
        auto const r = run({command});
        EXPECT_EQ(r.code, 5);
        EXPECT_THAT(r.err, HasSubstr("--yes says that it is meant"));
    }
    pseudo_terminal terminal({"bench", "--jobs", "10"}, environment());
    ASSERT_TRUE(terminal.shows("store and run 3 times 10 jobs")) << terminal.seen();
    ASSERT_TRUE(terminal.shows("in a namespace of its own? [y/N]")) << terminal.seen();
    terminal.type("n\n");
    EXPECT_EQ(terminal.end(), 5);
    expect_nothing_left();
}

TEST_F(measuring, what_was_stored_goes_when_it_is_interrupted)
{
    enqueued({"a", "[]", "--id", "mine"});
    bool told = false;
    auto const r = run_tool(
        {"tune", "--yes", "--for", "20s", "--concurrency", "2,4", "--sleep", "10ms"},
        environment(),
        [&](std::string const& err, ::pid_t child) {
            if (told || err.find("2 at once") == err.npos)
                return;
            told = true;
            auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
            while (keys().size() < 20 && std::chrono::steady_clock::now() < until) {
            }
            ::kill(child, SIGINT);
        }
    );
    EXPECT_EQ(r.code, 130) << r.err;
    EXPECT_EQ(r.out, "");
    expect_nothing_left();
}

TEST_F(measuring, tune_takes_the_fewest_that_do_as_well)
{
    enqueued({"a", "[]", "--id", "mine"});
    // 4 at once that sleep 50 ms do four times what one does; but where the machine stops for as
    // long as is measured: then once more.
    bool much_better = false;
    for (int turn = 0; turn != 10 && !much_better; ++turn) {
        auto const told =
            json({"tune", "--yes", "--for", "400ms", "--concurrency", "4,1", "--sleep", "50ms"});
        auto const& curve = told.at("curve").as_array();
        ASSERT_EQ(curve.size(), 2u);
        EXPECT_EQ(curve.at(0).at("concurrency").as_int64(), 1);
        auto const one = curve.at(0).at("done_per_s").as_int64();
        much_better = curve.at(1).at("done_per_s").as_int64() > 2 * one;
        if (much_better) {
            EXPECT_EQ(told.at("take").as_int64(), 4);
        }
        expect_nothing_left();
    }
    EXPECT_TRUE(much_better);
    auto const words =
        run({"tune", "--yes", "--for", "1s", "--concurrency", "2", "--sleep", "1ms"});
    EXPECT_EQ(words.code, 0);
    EXPECT_THAT(words.out, HasSubstr("take 2: the fewest within 5 % of the best, "));
    EXPECT_THAT(words.out, HasSubstr("########################################\n"));
}

TEST_F(measuring, what_can_not_be_used_is_refused_before)
{
    for (auto const& wrong : std::vector<std::vector<std::string>>{
             {"bench", "--jobs", "0"},
             {"bench", "--sleep", "1 apple"},
             {"bench", "--cpu", "11s"},
             {"bench", "--for", "x"},
             {"tune", "--for", "1ms"},
             {"tune", "--concurrency", "1,x"},
             {"tune", "--ns", "mine"}
         }) {
        auto const r = run(wrong);
        EXPECT_EQ(r.code, 2) << wrong[0] << wrong[1];
        EXPECT_EQ(lines_of(r.err).size(), 1u) << r.err;
    }
}
