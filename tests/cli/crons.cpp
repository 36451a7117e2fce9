// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"
#include "support/pause.hpp"

using namespace work::testing;
using ::testing::HasSubstr;

namespace {

using cron_commands = tool_test;

// Over the broker, and through a server: what they print is the same but for times.
void go_through(std::vector<std::string> const& environment)
{
    auto const run = [&](std::vector<std::string> words) { return run_tool(words, environment); };
    EXPECT_THAT(run({"cron", "list"}).out, HasSubstr("there are no cron entries"));
    auto const made = run(
        {"cron",
         "put",
         "nightly",
         "0 3 * * *",
         "mail",
         "[1.10]",
         "--zone",
         "Europe/Berlin",
         "--missed",
         "all",
         "--queue",
         "slow",
         "--max-attempts",
         "4"}
    );
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("cron entry \"nightly\": made, next: in "));
    EXPECT_THAT(
        run({"cron",
             "put",
             "nightly",
             "0 3 * * *",
             "mail",
             "[1.10]",
             "--zone",
             "Europe/Berlin",
             "--missed",
             "all",
             "--queue",
             "slow",
             "--max-attempts",
             "4"})
            .out,
        HasSubstr(": was so before")
    );
    auto const listed = run({"cron", "list"}).out;
    EXPECT_THAT(listed, HasSubstr("nightly"));
    EXPECT_THAT(listed, HasSubstr("03:00:00 +0"));
    auto const shown = run({"cron", "show", "nightly"}).out;
    EXPECT_THAT(shown, HasSubstr("0 3 * * * (at 03:00)"));
    EXPECT_THAT(shown, HasSubstr("arguments     [1.10]"));
    EXPECT_THAT(shown, HasSubstr("mail in slow"));
    EXPECT_THAT(shown, HasSubstr("{\"max_attempts\":4}"));
    EXPECT_THAT(shown, HasSubstr("it has not fired yet"));
    EXPECT_THAT(run({"cron", "pause", "nightly"}).out, HasSubstr(": paused\n"));
    EXPECT_THAT(run({"cron", "pause", "nightly"}).out, HasSubstr(": was paused before\n"));
    auto const ran = run({"cron", "run", "nightly"});
    EXPECT_TRUE(ran.out.starts_with("cron:nightly:now:")) << ran.out << ran.err;
    EXPECT_THAT(run({"cron", "show", "nightly"}).out, HasSubstr("run by "));
    EXPECT_THAT(run({"cron", "resume", "nightly"}).out, HasSubstr(": goes on\n"));
    EXPECT_EQ(run({"cron", "delete", "nightly"}).code, 0);
    for (char const* const verb : {"show", "pause", "resume", "run", "delete"}) {
        auto const missing = run({"cron", verb, "nightly"});
        EXPECT_EQ(missing.code, 3) << verb;
        EXPECT_THAT(missing.err, HasSubstr("there is no cron entry \"nightly\"")) << verb;
    }
    auto const bad = run({"cron", "put", "a", "0 25 * * *", "mail"});
    EXPECT_EQ(bad.code, 2);
    EXPECT_THAT(bad.err, HasSubstr("write 0 to 23"));
    EXPECT_EQ(run({"cron", "put", "a b", "@daily", "mail"}).code, 2);
    EXPECT_EQ(run({"cron", "put", "a", "@daily", "mail", "[1"}).code, 2);
    EXPECT_EQ(run({"cron", "put", "a", "@daily", "mail", "--missed", "some"}).code, 2);
    EXPECT_EQ(run({"cron"}).code, 2);
}

TEST_F(cron_commands, go_over_the_broker)
{
    go_through(environment());
    auto const all = json({"cron", "list"});
    EXPECT_EQ(all.at("crons").as_array().size(), 0u);
    EXPECT_EQ(run({"audit"}).code, 0);
}

TEST_F(cron_commands, go_through_a_server)
{
    running_server const at(server->url());
    go_through({"WORK_URL=" + at.url()});
}

// Also where no pool knows of it.
TEST_F(cron_commands, entries_are_fired_by_a_server)
{
    running_server const at(server->url());
    EXPECT_EQ(run({"cron", "put", "often", "* * * * * *", "mail"}).code, 0);
    std::int64_t fired = 0;
    soon([&] {
        auto const shown = json({"cron", "show", "often"});
        fired = static_cast<std::int64_t>(shown.at("history").as_array().size());
        return fired >= 2;
    });
    EXPECT_GE(fired, 2);
}

TEST_F(cron_commands, say_when_a_spec_is_due_without_a_broker)
{
    auto const next =
        run_tool({"cron", "next", "0 2 * * 7", "--zone", "Europe/Berlin", "-n", "3"}, {});
    EXPECT_EQ(next.code, 0) << next.err;
    EXPECT_THAT(next.out, HasSubstr("at 02:00 on Sunday (Europe/Berlin)"));
    EXPECT_EQ(lines_of(next.out).size(), 4u);
    EXPECT_EQ(run_tool({"cron", "next", "nonsense"}, {}).code, 2);
}

}  // namespace
