// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "cli/run_tool.hpp"
#include "support/redis_server.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using work::testing::redis_server;
using work::testing::run_tool;

namespace {

// Keys that are left, one after the other.
std::string left_keys(redis_server const& server)
{
    return server.ask("EVAL \"return table.concat(redis.call('KEYS','*'),' ')\" 0");
}

}  // namespace

TEST(demo, in_memory_runs_every_job_once)
{
    auto const r = run_tool({"demo", "--jobs", "40"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("40 of 40 jobs done, none twice"));
    EXPECT_THAT(r.err, HasSubstr("40 jobs enqueued, in memory"));
    EXPECT_THAT(r.err, HasSubstr("40/40 done"));
    auto const first = r.err.find("heard: pool ");
    ASSERT_NE(first, std::string::npos);
    EXPECT_NE(r.err.find("heard: pool ", first + 1), std::string::npos);
}

TEST(demo, in_memory_does_not_read_the_environment)
{
    auto const r = run_tool({"demo", "--jobs", "2"}, {"WORK_REDIS_URL=redis://127.0.0.1:1"});
    EXPECT_EQ(r.code, 0) << r.err;
}

TEST(demo, one_job_is_enough)
{
    auto const r = run_tool({"demo", "--jobs", "1", "--concurrency", "2"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("1 of 1 jobs done"));
}

TEST(demo, on_redis_runs_every_job_once_and_leaves_no_key)
{
    redis_server const server;
    auto const r = run_tool({"demo", "--jobs", "40", "--redis", server.url()});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("40 of 40 jobs done, none twice"));
    EXPECT_EQ(left_keys(server), "$0\r\n\r\n");
}

TEST(demo, interrupted_on_redis_drops_the_rest_and_leaves_no_key)
{
    redis_server const server;
    bool sent = false;
    auto const r = run_tool(
        {"demo", "--jobs", "5000", "--redis", server.url()},
        {},
        [&](std::string const& seen, ::pid_t child) {
            if (!sent && seen.find("jobs enqueued") != std::string::npos) {
                sent = true;
                ::kill(child, SIGINT);
            }
        }
    );
    EXPECT_EQ(r.code, 130) << r.err;
    EXPECT_THAT(r.err, HasSubstr("of 5000 jobs done, the others are dropped"));
    EXPECT_EQ(left_keys(server), "$0\r\n\r\n");
}

TEST(demo, without_a_server_says_so)
{
    auto const r = run_tool({"demo", "--redis", "redis://127.0.0.1:1"});
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, HasSubstr("redis://127.0.0.1:1 can't be reached: Connection refused"));
    EXPECT_THAT(r.err, Not(HasSubstr("terminate")));
}
