// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "cli/pseudo_terminal.hpp"
#include "cli/tool_fixture.hpp"
#include "layout.hpp"
#include "web/client_programs.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace work::testing;

namespace {

class histories : public tool_test
{
protected:
    /// Seven jobs of one name and two of another, done.
    static void do_some()
    {
        for (int i = 0; i != 7; ++i)
            enqueued({"mail", "[]"});
        for (int i = 0; i != 2; ++i)
            enqueued({"resize", "[]", "--queue", "images"});
        running_pool const pool(server->url(), {"mail", "resize"});
        // What it wrote not yet is written at its end.
        EXPECT_TRUE(eventually([] { return json({"stats"}).at("processed").as_int64() == 9; }));
    }
    static std::int64_t done(std::vector<std::string> arguments)
    {
        std::int64_t all = 0;
        auto const told = json(std::move(arguments));
        for (auto const& point : told.at("points").as_array())
            all += point.as_object().at("done").as_int64();
        return all;
    }
};

}  // namespace

TEST_F(histories, of_nothing_say_so)
{
    EXPECT_THAT(run({"stats", "--range", "1h"}).out, StartsWith("nothing was done since 20"));
    EXPECT_EQ(run({"names", "--range", "1h"}).out, "nothing was done in this time\n");
    EXPECT_TRUE(json({"stats", "--step", "1m"}).at("points").as_array().empty());
}

TEST_F(histories, show_what_was_done_and_how_long_it_took)
{
    do_some();
    EXPECT_EQ(done({"stats", "--range", "1h"}), 9);
    EXPECT_EQ(done({"stats", "--name", "mail"}), 7);
    EXPECT_EQ(done({"stats", "--queue", "images", "--range", "7d", "--step", "1d"}), 2);
    EXPECT_EQ(done({"stats", "--name", "nobody"}), 0);
    auto const r = run({"stats", "--range", "1h"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, StartsWith("UTC"));
    EXPECT_THAT(r.out, HasSubstr("9 done, 0 failed attempts, each line 1m;"));
    EXPECT_THAT(r.out, Not(HasSubstr("█"))) << "no terminal";
    for (std::string const& line : lines_of(r.out))
        EXPECT_LE(work::tool::columns_of(line), 80u) << line;

    auto const names = run({"names", "--range", "1h"});
    ASSERT_GE(lines_of(names.out).size(), 3u) << names.out << names.err;
    EXPECT_THAT(lines_of(names.out).at(1), StartsWith("mail"));
    EXPECT_THAT(lines_of(names.out).at(2), StartsWith("resize"));
    auto const sorted = json({"names", "--range", "1h", "--sort", "name", "--limit", "1"});
    ASSERT_EQ(sorted.at("names").as_array().size(), 1u);
    auto const& mail = sorted.at("names").as_array()[0].as_object();
    EXPECT_EQ(mail.at("done").as_int64(), 7);
    EXPECT_EQ(mail.at("run").as_object().at("buckets").as_array().size(), 24u);
    auto const one = run({"names", "resize", "nobody", "--range", "1h", "--jsonl"});
    EXPECT_EQ(one.code, 3);
    EXPECT_EQ(lines_of(one.out).size(), 1u);
    EXPECT_THAT(one.err, HasSubstr("nothing was done of name \"nobody\""));
}

TEST_F(histories, refuse_what_is_not_kept)
{
    auto const refused = [](std::vector<std::string> arguments) {
        auto const r = run(std::move(arguments));
        EXPECT_EQ(r.code, 2) << r.out;
        return r.err;
    };
    EXPECT_THAT(refused({"stats", "--range", "1m"}), HasSubstr("it must be 15m to 90d"));
    EXPECT_THAT(refused({"stats", "--range", "soon"}), HasSubstr("--range: "));
    EXPECT_THAT(refused({"stats", "--range", "1d", "--step", "1m"}), HasSubstr("2h are kept"));
    EXPECT_THAT(
        refused({"names", "--range", "1h", "--sort", "pending"}),
        HasSubstr("\"pending\" is no order of histories")
    );
    EXPECT_THAT(refused({"names", "--range", "1h", "--watch", "2s"}), HasSubstr("--watch"));
    EXPECT_THAT(refused({"names", "--sort", "done"}), HasSubstr("done"));
}

TEST_F(histories, draw_curves_on_a_terminal_that_shows_them)
{
    do_some();
    auto variables = environment();
    variables.emplace_back("LC_ALL=C.UTF-8");
    pseudo_terminal terminal({"stats", "--range", "1h"}, variables);
    EXPECT_TRUE(terminal.shows("█"));
    EXPECT_TRUE(terminal.shows("9 done, 0 failed attempts"));
}
