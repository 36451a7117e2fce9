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

using limit_commands = tool_test;

// Over the broker, and through a server: what they print is the same but for times.
void set_and_remove(std::vector<std::string> const& environment)
{
    auto const run = [&](std::vector<std::string> words) { return run_tool(words, environment); };
    EXPECT_THAT(run({"limits"}).out, HasSubstr("there are no limits; work limits set makes one"));
    auto const made =
        run({"limits", "set", "bank", "2", "--name", "charge", "--name", "refund", "--queue", "a"});
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.out, "limit \"bank\": made, 2 slots, 0 held\n");
    EXPECT_EQ(
        run({"limits", "set", "bank", "2"}).out,
        "limit \"bank\": was so before, 2 slots, 0 held\n"
    );
    EXPECT_EQ(run({"limits", "set", "bank", "1"}).out, "limit \"bank\": changed, 1 slot, 0 held\n");
    auto const listed = run({"limits"}).out;
    EXPECT_THAT(listed, HasSubstr("queue a; names charge, refund"));
    for (std::string const& line : lines_of(listed))
        EXPECT_LE(line.size(), 80u) << line;
    auto const shown = run({"limits", "show", "bank"}).out;
    EXPECT_THAT(shown, HasSubstr("slots         1\n"));
    EXPECT_THAT(shown, HasSubstr("held          0\n"));
    EXPECT_THAT(shown, HasSubstr("for           queue a; names charge, refund\n"));
    EXPECT_THAT(shown, HasSubstr("set           by "));
    EXPECT_THAT(shown, HasSubstr("waiting       0 lists\n"));
    EXPECT_EQ(run({"limits", "remove", "bank"}).out, "limit \"bank\": removed\n");
    for (char const* const verb : {"show", "remove"}) {
        auto const missing = run({"limits", verb, "bank"});
        EXPECT_EQ(missing.code, 3) << verb;
        EXPECT_THAT(missing.err, HasSubstr("there is no limit \"bank\"; work limits lists them"));
    }
    auto const for_nothing = run({"limits", "set", "bank", "2"});
    EXPECT_EQ(for_nothing.code, 2);
    EXPECT_THAT(for_nothing.err, HasSubstr("limit \"bank\" is for nothing"));
    EXPECT_EQ(run({"limits", "set", "bank", "-1", "--name", "a"}).code, 2);
    EXPECT_EQ(run({"limits", "set", "bank", "many", "--name", "a"}).code, 2);
    std::string const long_name(129, 'x');
    EXPECT_EQ(run({"limits", "set", long_name, "1", "--name", "a"}).code, 2);
    auto const unnamed = run({"limits", "set", "bank", "1", "--name", long_name});
    EXPECT_EQ(unnamed.code, 2);
    EXPECT_THAT(unnamed.err, HasSubstr("job name of a limit"));
    // The one that a name has of its own is for that name.
    EXPECT_EQ(run({"limits", "set", "name:mail", "3"}).code, 0);
    EXPECT_THAT(run({"limits"}).out, HasSubstr("name mail"));
    for (int i = 0; i != 7; ++i)
        EXPECT_EQ(run({"limits", "set", "l" + std::to_string(i), "1", "--name", "mail"}).code, 0);
    auto const full = run({"limits", "set", "l7", "1", "--name", "mail"});
    EXPECT_EQ(full.code, 1);
    EXPECT_THAT(full.err, HasSubstr("8 of one of its queues or names; remove one first"));
}

TEST_F(limit_commands, go_over_the_broker)
{
    set_and_remove(environment());
    auto const all = json({"limits"});
    EXPECT_EQ(all.at("limits").as_array().size(), 8u);
    EXPECT_EQ(json({"limits", "show", "name:mail"}).at("limit").at("slots").as_int64(), 3);
    EXPECT_EQ(json({"limits", "set", "name:mail", "4"}).at("code").as_string(), "changed");
    EXPECT_EQ(json({"limits", "remove", "name:mail"}).at("code").as_string(), "done");
    EXPECT_THAT(run({"audit"}).out, HasSubstr("remove limit"));
}

TEST_F(limit_commands, go_through_a_server)
{
    running_server const at(server->url());
    set_and_remove({"WORK_URL=" + at.url()});
}

TEST_F(limit_commands, say_where_jobs_wait_and_who_holds_a_slot)
{
    EXPECT_EQ(run({"limits", "set", "shut", "0", "--name", "mail"}).code, 0);
    std::string const id = enqueued({"mail", "[]"});
    running_pool const pool(server->url(), {"mail"});
    std::string queues;
    soon([&] {
        queues = run({"queues"}).out;
        return queues.find("waits at") != queues.npos;
    });
    EXPECT_THAT(queues, HasSubstr("  waits at shut\n"));
    EXPECT_THAT(run({"queues", "mail"}).out, HasSubstr("  limited by shut; waits at shut\n"));
    auto const row = json({"queues", "mail"}).at("queues").as_array().at(0).as_object();
    EXPECT_EQ(row.at("waits_at").as_array().at(0).as_string(), "shut");
    EXPECT_THAT(run({"limits", "show", "shut"}).out, HasSubstr("waiting       1 list\n"));
    EXPECT_THAT(run({"limits", "show", "shut"}).out, HasSubstr("lists         mail\n"));
    EXPECT_THAT(run({"explain", id}).out, HasSubstr("limit \"shut\" lets 0 jobs run"));
    EXPECT_THAT(run({"doctor"}).out, HasSubstr("??  limits      \"shut\" with 0 slots"));
    EXPECT_EQ(run({"limits", "set", "shut", "1"}).code, 0);
    EXPECT_EQ(run({"wait", id, "--timeout", "60s"}).code, 0);
}

TEST_F(limit_commands, doctor_mends_what_limits_keep)
{
    EXPECT_EQ(run({"limits", "set", "bank", "1", "--name", "mail"}).code, 0);
    enqueued({"mail", "[]"});
    server->ask("HSET work:{work}:held:bank lost 99");
    server->ask("HSET work:{work}:side:mail {parked nowhere");
    auto const ill = run({"doctor", "--quick"});
    EXPECT_EQ(ill.code, 1) << ill.out;
    EXPECT_THAT(
        ill.out,
        HasSubstr(
            "!!  limits      1 slot of limit \"bank\" held by jobs that do not run, and 1 list "
            "waiting at a limit that does not know of it: \"mail\""
        )
    );
    auto const mended = run({"doctor", "--repair"});
    EXPECT_EQ(mended.code, 0) << mended.out;
    EXPECT_THAT(mended.out, HasSubstr("ok  limits      mended: 1 slot of limit"));
    EXPECT_THAT(run({"audit"}).out, HasSubstr("what limits kept"));
    EXPECT_THAT(run({"doctor"}).out, HasSubstr("ok  limits      their slots are held"));
    running_pool const pool(server->url(), {"mail"});
    std::string queues;
    soon([&] {
        queues = run({"queues"}).out;
        return queues.find("all are empty") != queues.npos;
    });
    EXPECT_THAT(queues, HasSubstr("all are empty")) << "what waited at no limit runs";
}

}  // namespace
