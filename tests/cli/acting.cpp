// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Acting on all that a filter finds, changing one, failures, the audit.

#include <boost/json/object.hpp>

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/tool_fixture.hpp"

using ::testing::HasSubstr;

namespace {

class acting : public work::testing::tool_test
{};

std::size_t widest_of(std::string const& text)
{
    std::size_t widest = 0;
    for (std::string const& line : work::testing::lines_of(text))
        widest = std::max(widest, line.size());
    return widest;
}

}  // namespace

TEST_F(acting, act_on_all_that_a_filter_finds)
{
    for (int i = 0; i != 12; ++i)
        enqueued({"mail", "[" + std::to_string(i) + "]"});
    enqueued({"bill", "[]"});
    auto const counted = run({"kill", "--name", "mail", "--dry-run"});
    EXPECT_EQ(counted.code, 0) << counted.err;
    EXPECT_THAT(counted.out, HasSubstr("12 jobs match"));
    EXPECT_EQ(json({"kill", "--name", "mail", "--dry-run"}).at("matched").as_int64(), 12);
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 13);
    // Nobody is there to be asked.
    EXPECT_EQ(run({"kill", "--name", "mail"}).code, 5);
    EXPECT_EQ(run({"kill", "--name", "mail", "--yes", "--expect", "1"}).code, 4);
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 13);
    auto const killed = run({"kill", "--name", "mail", "--yes", "--reason", "no use"});
    EXPECT_EQ(killed.code, 0) << killed.err;
    EXPECT_EQ(killed.out, "killed 12 jobs\n");
    EXPECT_THAT(killed.err, HasSubstr("12 jobs match"));
    EXPECT_EQ(json({"stats"}).at("dead").as_int64(), 12);
    EXPECT_EQ(
        run({"requeue", "--state", "dead", "--at-most", "5", "--yes"}).out,
        "requeued 5 jobs\n"
    );
    EXPECT_EQ(json({"delete", "--state", "dead", "--yes"}).at("done").as_int64(), 7);
    EXPECT_EQ(run({"requeue", "--state", "dead", "--yes"}).code, 0);
    auto const without = run({"cancel"});
    EXPECT_EQ(without.code, 2);
    EXPECT_THAT(
        without.err,
        HasSubstr("Filters as work jobs has them, --all, or an ID is required")
    );
    auto const wrong = run({"delete", "--state", "pending", "--yes"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("delete is for jobs that are"));
    EXPECT_EQ(run({"cancel", "--all", "--yes"}).out, "cancelled 6 jobs\n");

    auto const listed = run({"operations"});
    EXPECT_THAT(listed.out, HasSubstr("requeue"));
    EXPECT_THAT(listed.out, HasSubstr("name mail"));
    EXPECT_LE(widest_of(listed.out), 80u);
    EXPECT_EQ(json({"operations"}).at("operations").as_array().size(), 4u);
    EXPECT_EQ(run({"operations", "--stop", "nobody"}).code, 3);
    auto const audit = json({"audit"}).at("entries").as_array();
    ASSERT_EQ(audit.size(), 8u);
    EXPECT_EQ(audit.back().at("reason").as_string(), "no use");
    auto const lines = run({"audit", "--limit", "2"});
    EXPECT_THAT(lines.out, HasSubstr("more: --from 2"));
    EXPECT_LE(widest_of(lines.out), 80u);
}

TEST_F(acting, failures_are_put_together)
{
    EXPECT_THAT(run({"failures"}).out, HasSubstr("0 of 0"));
    std::vector<std::string> kill{"kill"};
    for (int i = 0; i != 3; ++i)
        kill.push_back(enqueued({"mail", "[]"}));
    kill.push_back(enqueued({"bill", "[]"}));
    EXPECT_EQ(run(kill).code, 0);
    auto const found = json({"failures"}).at("groups").as_array();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].at("type").as_string(), "killed");
    EXPECT_EQ(found[0].at("dead").as_int64(), 4);
    auto const text = run({"failures", "--by", "name"});
    EXPECT_THAT(text.out, HasSubstr("4 of 4 retrying and dead jobs looked at"));
    EXPECT_THAT(text.out, HasSubstr("mail"));
    EXPECT_LE(widest_of(text.out), 80u);
    EXPECT_EQ(run({"failures", "--state", "pending"}).code, 2);
}

TEST_F(acting, edit_a_job_that_waits)
{
    std::string const id = enqueued({"mail", "[1]", "--in", "1h"});
    std::string const version(json({"job", id}).at("version").as_string());
    EXPECT_EQ(version.size(), 16u);
    auto const changed = run(
        {"edit",
         id,
         "--args",
         "{\"to\": 9007199254740993}",
         "--priority",
         "7",
         "--queue",
         "slow",
         "--in",
         "5m",
         "--options",
         R"({"max_attempts":3,"tags":["vip"]})",
         "--version",
         version}
    );
    EXPECT_EQ(changed.code, 0) << changed.err;
    EXPECT_EQ(changed.out, id + " changed\n");
    auto const job = json({"job", id});
    EXPECT_EQ(job.at("args").as_string(), "{\"to\": 9007199254740993}") << "byte for byte";
    EXPECT_EQ(job.at("queue").as_string(), "slow");
    EXPECT_EQ(job.at("priority").as_int64(), 7);
    EXPECT_EQ(job.at("options").as_object().at("max_attempts").as_int64(), 3);
    EXPECT_LT(job.at("when_ms").as_int64(), job.at("now_ms").as_int64() + 301'000);
    EXPECT_EQ(run({"edit", id, "--priority", "1", "--version", version}).code, 4);
    EXPECT_EQ(run({"edit", id, "--options", R"({"tags":null,"max_attempts":null})"}).code, 0);
    EXPECT_EQ(run({"requeue", id}).code, 0);
    auto const late = run({"edit", id, "--in", "5m"});
    EXPECT_EQ(late.code, 2);
    EXPECT_THAT(late.err, HasSubstr("scheduled and retrying jobs, and this one is pending"));
    for (std::vector<std::string> const& wrong :
         {std::vector<std::string>{"--args", "7"},
          {"--args", "[1"},
          {"--priority", "101"},
          {"--options", R"({"colour":1})"},
          {"--options", R"({"max_attempts":0})"},
          {"--queue", std::string(200, 'q')},
          {}}) {
        std::vector<std::string> all{"edit", id};
        all.insert(all.end(), wrong.begin(), wrong.end());
        EXPECT_EQ(run(all).code, 2) << (wrong.empty() ? "nothing" : wrong.back());
    }
    EXPECT_EQ(run({"edit", "nobody", "--priority", "1"}).code, 3);
    EXPECT_EQ(run({"cancel", id}).code, 0);
    EXPECT_EQ(run({"edit", id, "--priority", "1"}).code, 4);
    EXPECT_EQ(json({"audit", "--limit", "1"}).at("entries").as_array().size(), 1u);
}

TEST_F(acting, edit_a_job_in_an_editor)
{
    std::string const id = enqueued(
        {"mail", R"({"to": 9007199254740993})", "--in", "1h", "--tag", "vip", "--max-attempts", "3"}
    );
    auto const edit = [&](std::string const& editor) {
        std::vector<std::string> all = environment();
        all.push_back("EDITOR=" + editor);
        return work::testing::run_tool({"edit", id}, all);
    };
    auto const nothing = edit("true");
    EXPECT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_THAT(nothing.err, HasSubstr("nothing was changed"));
    EXPECT_EQ(json({"job", id}).at("args").as_string(), R"({"to": 9007199254740993})");

    auto const changed = edit("sed -i -e 's/^priority: 0/priority: 9/' -e 's/^queue:/queue: slow/' "
                              "-e 's/3}$/4}/' -e 's/0993/0994/' -e 's/,*\"tags\":\\[[^]]*\\]//'");
    EXPECT_EQ(changed.code, 0) << changed.err;
    auto const job = json({"job", id});
    EXPECT_EQ(job.at("priority").as_int64(), 9);
    EXPECT_EQ(job.at("queue").as_string(), "slow");
    EXPECT_FALSE(job.at("options").as_object().contains("tags")) << job.at("options");
    EXPECT_EQ(job.at("options").as_object().at("max_attempts").as_int64(), 3);
    EXPECT_THAT(std::string(job.at("args").as_string()), HasSubstr("9007199254740994"));

    // What was written is not lost.
    auto const wrong = edit("sed -i -e 's/^priority: 9/priority: 1000/'");
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("1000"));
    auto const at = wrong.err.find("what was written is in ");
    ASSERT_NE(at, std::string::npos) << wrong.err;
    std::string const path = wrong.err.substr(at + 23, wrong.err.find('\n', at) - at - 23);
    EXPECT_EQ(::unlink(path.c_str()), 0) << path;
    auto const failed = edit("false");
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.err, HasSubstr("ended with 1: nothing was changed"));
    EXPECT_EQ(run({"cancel", id}).code, 0);
    EXPECT_EQ(edit("true").code, 4);
}
