// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The suite that any server of the protocol can be tried with, at our own: two servers of one
// namespace, on each broker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <tuple>

#include "cli/run_tool.hpp"
#include "support/redis_server.hpp"
#include "web/served.hpp"

using ::testing::HasSubstr;
using work::testing::redis_server;
using work::testing::run_tool;
using work::testing::served;

namespace {

class conformance : public ::testing::TestWithParam<std::tuple<std::string, std::string>>
{
protected:
    static void SetUpTestSuite() { redis = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { redis.reset(); }

    static std::string url()
    {
        static int next = 0;
        return std::get<0>(GetParam()) == "redis" ? redis->url()
                                                  : "memory:conformance" + std::to_string(++next);
    }
    static std::string of(served const& server)
    {
        return "http://127.0.0.1:" + std::to_string(server.port());
    }
    static std::unique_ptr<redis_server> redis;
};
std::unique_ptr<redis_server> conformance::redis;

}  // namespace

TEST_P(conformance, each_case_that_the_server_has_the_feature_for_holds)
{
    std::string const broker = url();
    served first(broker);
    served second(broker);
    auto const r = run_tool(
        {"conformance",
         "--url",
         of(first),
         "--second",
         of(second),
         "--only",
         std::get<1>(GetParam()) + ": "}
    );
    EXPECT_EQ(r.code, 0) << r.out << r.err;
    EXPECT_THAT(r.out, HasSubstr(": ok\n"));
    EXPECT_THAT(r.out, HasSubstr(" 0 failed, "));
}

INSTANTIATE_TEST_SUITE_P(
    servers,
    conformance,
    ::testing::Combine(
        ::testing::Values("memory", "redis"),
        ::testing::
            Values("enqueue", "claim", "wait", "numbers", "outcomes", "lease", "steer", "http")
    ),
    [](auto const& of) { return std::get<0>(of.param) + "_" + std::get<1>(of.param); }
);

TEST(conformance_suite, a_server_that_does_not_hold_it_fails_the_case_by_name)
{
    work::web_options frozen;
    frozen.read_only = true;
    served server("memory:", frozen);
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    auto const r = run_tool({"conformance", "--url", url, "--only", "claim: one"});
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.out, HasSubstr("claim: one: FAILED: the answer is 403 instead of 201"));
    EXPECT_THAT(r.out, HasSubstr("0 ok, 1 failed, 0 skipped\n"));
}

TEST(conformance_suite, says_what_it_skips_and_why)
{
    served server("memory:");
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    auto const features = run_tool({"conformance", "--url", url, "--only", "labels_respected"});
    EXPECT_EQ(features.code, 0);
    EXPECT_THAT(
        features.out,
        HasSubstr("labels_respected: skipped: the server does not have the feature")
    );
    auto const second = run_tool({"conformance", "--url", url, "--only", "key_on_second_server"});
    EXPECT_THAT(second.out, HasSubstr("skipped: it needs --second"));
    auto const none = run_tool({"conformance", "--url", url, "--only", "nonsense"});
    EXPECT_EQ(none.code, 2);
    EXPECT_THAT(none.err, HasSubstr("--only nonsense is part of no case's name"));
    EXPECT_EQ(run_tool({"conformance", "--url", "localhost"}).code, 2);
}
