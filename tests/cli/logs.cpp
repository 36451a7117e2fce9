// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// `work logs`: what handlers logged, as the broker keeps it.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "cli/tool_fixture.hpp"

namespace {

using testing::HasSubstr;

struct logs_of_jobs : work::testing::tool_test
{
    static void add(std::string const& id, std::string const& line)
    {
        server->ask("RPUSH work:{work}:log:" + id + " '" + line + "'");
    }
};

TEST_F(logs_of_jobs, are_shown_line_by_line_and_say_what_is_lost)
{
    std::string const id = enqueued({"mail", "[]"});
    auto const none = run({"logs", id});
    EXPECT_EQ(none.code, 0) << none.err;
    EXPECT_EQ(none.out, "");
    add(id, R"({"at_ms":1790000000123,"attempt":1,"number":1,"text":"begins"})");
    add(id, R"({"at_ms":1790000000456,"attempt":1,"number":4,"text":"\u001b[1mends"})");
    auto const shown = run({"logs", id});
    EXPECT_EQ(
        shown.out,
        "2026-09-21T14:13:20.123Z  attempt 1  begins\n"
        "2026-09-21T14:13:20.456Z  attempt 1  \\x1b[1mends\n"
        "2 line(s) are not kept\n"
    );
    auto const told = json({"logs", id});
    EXPECT_EQ(told.at("lost").as_int64(), 2);
    EXPECT_EQ(told.at("lines").as_array().at(1).at("number").as_int64(), 4);
}

TEST_F(logs_of_jobs, are_followed_until_the_job_has_ended)
{
    std::string const id = enqueued({"mail", "[]"});
    add(id, R"({"at_ms":1790000000123,"attempt":1,"number":1,"text":"begins"})");
    run({"kill", id});
    auto const shown = run({"logs", id, "-f", "--json"});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr(R"("text":"begins"})"));
    EXPECT_EQ(std::count(shown.out.begin(), shown.out.end(), '\n'), 1);
}

TEST_F(logs_of_jobs, that_are_not_there_are_an_error)
{
    auto const nobody = run({"logs", "nobody"});
    EXPECT_EQ(nobody.code, 3);
    EXPECT_THAT(nobody.err, HasSubstr("\"nobody\""));
}

}  // namespace
