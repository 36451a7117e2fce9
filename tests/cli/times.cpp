// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

#include "cli/tool_fixture.hpp"

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace work::testing;

namespace {

class shown_times : public tool_test
{
protected:
    static std::string in_berlin(std::vector<std::string> words)
    {
        auto const r = run_tool(
            std::move(words),
            {"WORK_REDIS_URL=" + server->url(), "TZ=CET-1CEST,M3.5.0,M10.5.0/3"}
        );
        EXPECT_EQ(r.code, 0) << r.err;
        return r.out;
    }
};

}  // namespace

TEST_F(shown_times, stand_with_their_zone)
{
    enqueued({"mail", "[]", "--id", "s", "--at", "2030-07-01T12:00:00.250Z"});
    enqueued({"mail", "[]", "--id", "w", "--at", "2030-12-31T23:30:00Z"});
    EXPECT_THAT(in_berlin({"job", "s"}), HasSubstr("2030-07-01T12:00:00.250Z (in "));
    EXPECT_THAT(
        in_berlin({"job", "s", "--utc"}),
        HasSubstr("due           2030-07-01 12:00:00.250 UTC\n")
    );
    EXPECT_THAT(
        in_berlin({"job", "s", "--local"}),
        HasSubstr("due           2030-07-01 14:00:00.250 CEST\n")
    );
    auto const listed = in_berlin({"scheduled", "--local"});
    EXPECT_THAT(listed, HasSubstr(" 2030-07-01 14:00:00 CEST "));
    EXPECT_THAT(listed, HasSubstr(" 2031-01-01 00:30:00 CET "));
    EXPECT_THAT(in_berlin({"scheduled", "--utc"}), HasSubstr(" 2030-12-31 23:30:00 UTC "));
    auto const both = run({"scheduled", "--utc", "--local"});
    EXPECT_EQ(both.code, 2);
}

TEST_F(shown_times, are_those_of_every_command)
{
    running_pool const pool(server->url(), {"done"});
    enqueued({"mail", "[]", "--id", "a"});
    enqueued({"mail", "[]", "--id", "b"});
    EXPECT_EQ(run({"kill", "b"}).code, 0);
    EXPECT_EQ(run({"requeue", "--state", "dead", "--yes"}).code, 0);
    EXPECT_EQ(run({"kill", "b"}).code, 0);
    EXPECT_EQ(run({"pause", "mail", "--for", "2h", "--reason", "why"}).code, 0);
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"stats"},
             {"queues"},
             {"names"},
             {"jobs"},
             {"dead"},
             {"failures"},
             {"operations"},
             {"audit"},
             {"pools"},
             {"top", "--once"},
             {"top", "--once", "--page", "pools"},
             {"top", "--once", "--page", "dead"},
             {"job", "b"}
         }) {
        std::vector<std::string> with = words;
        with.emplace_back("--local");
        std::string const shown = in_berlin(with);
        EXPECT_THAT(shown, ContainsRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9:.]+ CES?T"))
            << words[0];
        EXPECT_THAT(shown, Not(HasSubstr(" ago"))) << words[0];
        EXPECT_THAT(shown, Not(ContainsRegex("in [0-9]+[hms]"))) << words[0];
        EXPECT_THAT(shown, Not(ContainsRegex("CE?~"))) << words[0] << shown;
        EXPECT_THAT(in_berlin(words), Not(ContainsRegex(" CES?T"))) << words[0];
    }
    EXPECT_THAT(in_berlin({"queues", "--utc"}), HasSubstr("; resumes at 20"));
}
