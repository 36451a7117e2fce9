// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/pseudo_terminal.hpp"
#include "cli/tool_fixture.hpp"
#include "conformance/http_caller.hpp"
#include "support/hostile_text.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace work::testing;

namespace {

class queues : public tool_test
{};
class names : public tool_test
{};

// The line that begins with the word, its columns one space apart.
std::string row(std::string const& text, std::string const& first)
{
    for (std::string const& line : lines_of(text)) {
        if (!line.starts_with(first + " "))
            continue;
        std::istringstream words(line);
        std::string out;
        for (std::string word; words >> word;)
            out += (out.empty() ? "" : " ") + word;
        return out;
    }
    return "no line " + first + " in\n" + text;
}

}  // namespace

TEST_F(queues, of_an_empty_broker_say_so)
{
    auto const r = run({"queues"});
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.out, "no queue: no job was ever stored\n") << r.err;
    EXPECT_EQ(json({"queues"}).at("queues").as_array().size(), 0u);
}

TEST_F(queues, show_what_waits_and_that_nobody_takes_it)
{
    for (int i = 0; i != 3; ++i)
        enqueued({"mail", "[]"});
    enqueued({"resize", "[]", "--queue", "images"});
    auto const r = run({"queues"});
    EXPECT_THAT(lines_of(r.out).at(0), StartsWith("QUEUE   STATE    PENDING  ACTIVE"));
    EXPECT_THAT(row(r.out, "mail"), StartsWith("mail NO POOL 3 0 ")) << r.err;
    EXPECT_THAT(row(r.out, "images"), StartsWith("images NO POOL 1 0 "));
    EXPECT_EQ(lines_of(r.out).size(), 3u) << r.out;
}

TEST_F(queues, with_a_pool_are_taken_and_the_empty_ones_hidden)
{
    enqueued({"mail", "[]"});
    enqueued({"unknown", "[]"});
    {
        running_pool const pool(server->url(), {"mail"});
        auto const ended = run({"wait", "--timeout", "30s", enqueued({"mail", "[]"})});
        EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
        auto const r = run({"queues"});
        EXPECT_THAT(row(r.out, "unknown"), StartsWith("unknown NO POOL 1 0"));
        EXPECT_THAT(r.out, Not(HasSubstr("mail")));
        EXPECT_THAT(r.out, HasSubstr("1 of 2 queues; the others are empty (--all)\n"));
        auto const all = run({"queues", "--all"});
        EXPECT_THAT(row(all.out, "mail"), StartsWith("mail ok 0 0 - "));
        EXPECT_THAT(row(run({"queues", "mail"}).out, "mail"), StartsWith("mail ok 0 0 - "));
        auto const names = json({"names", "mail"}).at("names").as_array();
        EXPECT_EQ(names.at(0).at("pools").as_int64(), 1);
        EXPECT_EQ(names.at(0).at("processed").as_int64(), 2);
    }
}

TEST_F(queues, that_are_paused_say_by_whom_and_why)
{
    enqueued({"resize", "[]"});
    enqueued({"mail", "[]", "--queue", "q"});
    ::setenv("WORK_USER", "ada", 1);
    EXPECT_EQ(run({"pause", "resize", "--for", "2h", "--reason", "disk \x1b[31mfull"}).code, 0);
    EXPECT_EQ(run({"pause", "--name", "mail"}).code, 0);
    ::unsetenv("WORK_USER");
    auto const r = run({"queues"});
    EXPECT_THAT(row(r.out, "resize"), StartsWith("resize paused 1 0"));
    EXPECT_THAT(row(r.out, "q"), StartsWith("q paused 1 0"));
    EXPECT_THAT(r.out, HasSubstr("\n  by ada "));
    EXPECT_THAT(r.out, HasSubstr(" ago: \"disk \\x1b[31mfull\"; resumes in 1h59m\n"));
    EXPECT_THAT(r.out, HasSubstr("\n  \"mail\" paused by ada "));
    EXPECT_THAT(r.out, HasSubstr("; resumes with work resume\n"));
    EXPECT_THAT(r.out, Not(HasSubstr("\x1b")));
    EXPECT_EQ(
        json({"queues", "resize"}).at("queues").at(0).at("paused").at("by").as_string(),
        "ada"
    );
}

TEST_F(queues, are_sorted_and_limited)
{
    enqueued({"old", "[]"});
    for (int i = 0; i != 2; ++i)
        enqueued({"big", "[]"});
    enqueued({"a", "[]"});
    auto const order = [&](std::string const& by) {
        std::string all;
        auto const told = json({"queues", "--sort", by});
        for (auto const& one : told.at("queues").as_array())
            all += std::string(one.at("queue").as_string()) + " ";
        return all;
    };
    EXPECT_EQ(order("pending"), "big a old ");
    EXPECT_EQ(order("oldest"), "old big a ");
    EXPECT_EQ(order("name"), "a big old ");
    auto const r = run({"queues", "--limit", "1"});
    EXPECT_EQ(lines_of(r.out).size(), 3u);
    EXPECT_THAT(r.out, HasSubstr("1 of 3 queues; more: --limit 3\n"));
    EXPECT_EQ(lines_of(run({"queues", "--jsonl"}).out).size(), 3u);
    for (auto const& wrong : std::vector<std::vector<std::string>>{
             {"queues", "--sort", "size"},
             {"queues", "--limit", "0"},
             {"queues", "--watch", "2 apples"},
             {"queues", "--watch", "1ms"}
         })
        EXPECT_EQ(run(wrong).code, 2) << wrong.back();
}

TEST_F(queues, of_jobs_with_priorities_have_an_oldest)
{
    enqueued({"mail", "[]", "--priority", "5", "--id", "a"});
    auto const created = json({"job", "a"}).at("created_ms").as_int64();
    auto const oldest = [] {
        return json({"queues", "mail"}).at("queues").at(0).at("oldest_ms").as_int64();
    };
    EXPECT_EQ(oldest(), created);
    enqueued({"mail", "[]", "--id", "b"});
    EXPECT_EQ(oldest(), created);
    EXPECT_EQ(run({"cancel", "a"}).code, 0);
    EXPECT_EQ(oldest(), json({"job", "b"}).at("created_ms").as_int64());
}

TEST_F(queues, that_are_not_known_are_not_found)
{
    enqueued({"mail", "[]"});
    auto const r = run({"queues", "mail", "nope"});
    EXPECT_EQ(r.code, 3);
    EXPECT_THAT(row(r.out, "mail"), StartsWith("mail NO POOL 1"));
    EXPECT_EQ(r.err, "work: no job was ever stored in queue \"nope\"\n");
}

TEST_F(queues, with_long_and_wide_names_fit_80_columns_and_line_up)
{
    std::string wide;
    for (int i = 0; i != 40; ++i)
        wide += "\u5bb6";
    enqueued({std::string(128, 'n'), "[]", "--queue", std::string(128, 'q')});
    enqueued({"n", "[]", "--queue", wide});
    enqueued({"evil\u202e", "[]", "--queue", "q\u2066"});
    for (char const* const command : {"queues", "names"}) {
        auto const r = run({command});
        for (std::string const& line : lines_of(r.out)) {
            EXPECT_TRUE(is_fit_to_show(line)) << line;
            EXPECT_LE(line.size(), line.find("\u5bb6") == line.npos ? 80u : 120u) << line;
        }
    }
    // Each of the 40 takes two columns: what stands behind them begins where it does elsewhere.
    auto const lines = lines_of(run({"queues"}).out);
    auto const at = [](std::string const& line) { return line.find("NO POOL"); };
    std::string cut;
    for (std::string const& line : lines)
        if (line.find("\u5bb6") != line.npos)
            cut = line;
    std::size_t const shown = (cut.rfind("\u5bb6") + 3) / 3;  // of 3 bytes and 2 columns each
    EXPECT_GT(shown, 10u) << cut;
    std::string other = lines.at(1);
    if (other == cut)
        other = lines.at(2);
    EXPECT_EQ(at(cut) - shown, at(other)) << cut << "\n" << other;
}

TEST_F(queues, that_are_watched_are_shown_again_with_rates_until_interrupted)
{
    enqueued({"mail", "[]"});
    pseudo_terminal terminal({"queues", "--watch", "200ms"}, environment());
    ASSERT_TRUE(terminal.shows("DONE  FAILED")) << terminal.seen();
    EXPECT_TRUE(terminal.shows("DONE/S  FAIL/S")) << terminal.seen();
    enqueued({"later", "[]"});
    EXPECT_TRUE(terminal.shows("later  NO POOL        1")) << terminal.seen();
    EXPECT_TRUE(terminal.shows("\x1b[H\x1b[2J")) << terminal.seen();
    terminal.type("\x03");
    EXPECT_EQ(terminal.end(), 130);
}

TEST_F(queues, that_are_named_say_in_json_what_is_scheduled_waits_for_a_retry_and_is_dead)
{
    enqueued({"mail", "[]", "--in", "1h"});
    enqueued({"mail", "[]", "--in", "2h"});
    enqueued({"other", "[]", "--in", "2h"});
    auto const id = enqueued({"mail", "[]"});
    EXPECT_EQ(run({"kill", id, "--yes"}).code, 0);
    auto const told = json({"queues", "mail"}).at("queues").at(0).as_object();
    EXPECT_EQ(boost::json::serialize(told.at("scheduled")), R"({"count":2,"scanned":3,"of":3})");
    EXPECT_EQ(boost::json::serialize(told.at("retry")), R"({"count":0,"scanned":0,"of":0})");
    EXPECT_EQ(boost::json::serialize(told.at("dead")), R"({"count":1,"scanned":1,"of":1})");
    auto const line = run({"queues", "mail", "--jsonl"}).out;
    EXPECT_THAT(line, HasSubstr(R"("dead":{"count":1,"scanned":1,"of":1}})"));
    EXPECT_FALSE(json({"queues", "--all"}).at("queues").at(0).as_object().contains("dead"))
        << "what all queues cost is another question";
}

TEST_F(queues, as_json_are_what_the_server_answers)
{
    enqueued({"mail", "[]", "--queue", "q"});
    enqueued({"resize", "[]", "--queue", "q"});
    EXPECT_EQ(run({"pause", "q", "--reason", "why"}).code, 0);
    auto ours = json({"queues", "--sort", "name"});
    boost::json::value theirs;
    run_tool(
        {"server", "--listen", "0"},
        environment(),
        [&](std::string const& err, ::pid_t child) {
            auto const at = err.find("http://");
            auto const end = err.find("/api/v1/");
            if (!theirs.is_null() || end == std::string::npos)
                return;
            work::tool::http_caller const caller(err.substr(at, end - at), "");
            theirs = caller.call("GET", "/api/v1/queues").json();
            ::kill(child, SIGTERM);
        }
    );
    ASSERT_TRUE(theirs.is_object());
    ours.erase("now_ms");
    theirs.as_object().erase("now_ms");
    EXPECT_EQ(boost::json::value(ours), theirs);
}

TEST_F(names, sum_over_queues)
{
    enqueued({"mail", "[]"});
    enqueued({"mail", "[]", "--queue", "slow"});
    enqueued({"other", "[]"});
    auto const r = run({"names"});
    EXPECT_THAT(lines_of(r.out).at(0), StartsWith("NAME   STATE    PENDING  ACTIVE  POOLS"));
    EXPECT_THAT(row(r.out, "mail"), StartsWith("mail NO POOL 2 0 0 ")) << r.err;
    auto const told = json({"names", "--sort", "name"});
    EXPECT_EQ(told.at("of").as_int64(), 2);
    EXPECT_EQ(told.at("names").at(0).at("name").as_string(), "mail");
    EXPECT_EQ(told.at("names").at(0).at("pending").as_int64(), 2);
    EXPECT_EQ(run({"pause", "--name", "other"}).code, 0);
    EXPECT_THAT(row(run({"names"}).out, "other"), StartsWith("other paused 1 0 0 "));
    EXPECT_EQ(run({"names", "nope"}).code, 3);
}
