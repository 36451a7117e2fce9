// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"

using namespace work::testing;
using ::testing::HasSubstr;

namespace {

using bound_commands = tool_test;

// Over the broker, and through a server: what they print is the same but for times.
void bound_and_unbound(std::vector<std::string> const& environment)
{
    auto const run = [&](std::vector<std::string> words) { return run_tool(words, environment); };
    EXPECT_THAT(run({"bounds"}).out, HasSubstr("no queue is bounded; work bounds set bounds one"));
    auto const made = run({"bounds", "set", "mail", "2"});
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(
        made.out,
        "queue \"mail\": bounded, at most 2 may wait, more are refused; 0 wait now\n"
    );
    EXPECT_THAT(run({"bounds", "set", "mail", "2"}).out, HasSubstr(": was so before, at most 2"));
    EXPECT_EQ(
        run({"bounds", "set", "mail", "1", "--full", "drop-oldest"}).out,
        "queue \"mail\": changed, at most 1 may wait, the oldest are cancelled for more; "
        "0 wait now\n"
    );
    // Without --full it stays as it was.
    EXPECT_EQ(run({"enqueue", "mail", "[1]"}).code, 0);
    EXPECT_EQ(run({"enqueue", "mail", "[2]"}).code, 0);
    EXPECT_THAT(
        run({"bounds", "set", "mail", "1000"}).out,
        HasSubstr("at most 1 000 may wait, the oldest are cancelled for more; 1 wait now")
    );
    run({"bounds", "set", "mail", "1"});
    auto const listed = run({"bounds"}).out;
    EXPECT_THAT(listed, HasSubstr("drop-oldest"));
    for (std::string const& line : lines_of(listed))
        EXPECT_LE(line.size(), 80u) << line;
    auto const shown = run({"bounds", "show", "mail"}).out;
    EXPECT_THAT(shown, HasSubstr("most          1 may wait\n"));
    EXPECT_THAT(shown, HasSubstr("pending       1: it is full\n"));
    EXPECT_THAT(shown, HasSubstr("dropped       1\n"));
    EXPECT_THAT(shown, HasSubstr("set           by "));
    EXPECT_THAT(
        run({"queues"}).out,
        HasSubstr("  at most 1 may wait: drops the oldest for more; it "
                  "is full\n")
    );
    EXPECT_EQ(run({"bounds", "set", "mail", "5", "--full", "refuse"}).code, 0);
    EXPECT_THAT(run({"queues", "mail"}).out, HasSubstr("  at most 5 may wait: refuses more\n"));
    EXPECT_EQ(run({"bounds", "remove", "mail"}).out, "queue \"mail\": its bound is removed\n");
    EXPECT_THAT(run({"queues", "mail"}).out, Not(HasSubstr("may wait")));
    for (char const* const verb : {"show", "remove"}) {
        auto const missing = run({"bounds", verb, "mail"});
        EXPECT_EQ(missing.code, 3) << verb;
        EXPECT_THAT(missing.err, HasSubstr("queue \"mail\" has no bound; work bounds lists those"));
    }
    EXPECT_EQ(run({"bounds", "set", "mail", "0"}).code, 2);
    EXPECT_EQ(run({"bounds", "set", "mail", "many"}).code, 2);
    EXPECT_EQ(run({"bounds", "set", "mail", "1", "--full", "explode"}).code, 2);
    EXPECT_EQ(run({"bounds", "set", std::string(129, 'x'), "1"}).code, 2);
}

TEST_F(bound_commands, go_over_the_broker)
{
    bound_and_unbound(environment());
    EXPECT_EQ(run({"bounds", "set", "mail", "7", "--full", "wait"}).code, 0);
    EXPECT_EQ(json({"bounds"}).at("bounds").as_array().size(), 1u);
    auto const bound = json({"bounds", "show", "mail"}).at("bound").as_object();
    EXPECT_EQ(bound.at("most").as_int64(), 7);
    EXPECT_EQ(bound.at("full").as_string(), "wait");
    auto const row = json({"queues", "mail"}).at("queues").as_array().at(0).as_object();
    EXPECT_EQ(row.at("bound").at("most").as_int64(), 7);
    EXPECT_EQ(json({"bounds", "set", "mail", "8"}).at("code").as_string(), "changed");
    EXPECT_EQ(json({"bounds", "remove", "mail"}).at("code").as_string(), "done");
    EXPECT_THAT(run({"audit"}).out, HasSubstr("remove bound"));
}

TEST_F(bound_commands, go_through_a_server)
{
    running_server const at(server->url());
    bound_and_unbound({"WORK_URL=" + at.url()});
}

// A producer of this program would wait 30 s for room; a request to a server is answered.
TEST_F(bound_commands, hold_up_no_request_to_a_server)
{
    running_server const at(server->url());
    std::vector<std::string> const environment{"WORK_URL=" + at.url()};
    EXPECT_EQ(run({"bounds", "set", "mail", "1", "--full", "wait"}).code, 0);
    EXPECT_EQ(run_tool({"enqueue", "mail", "[]"}, environment).code, 0);
    auto const from = std::chrono::steady_clock::now();
    auto const refused = run_tool({"enqueue", "mail", "[]"}, environment);
    EXPECT_LT(std::chrono::steady_clock::now() - from, std::chrono::seconds(15));
    EXPECT_EQ(refused.code, 1) << refused.out;
    EXPECT_THAT(refused.err, HasSubstr("queue \"mail\" is full: its bound lets 1 jobs wait in it"));
}

}  // namespace
