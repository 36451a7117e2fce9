// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/bounds.hpp>
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/limits.hpp>
#include <work/make.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"
#include "support/run_task.hpp"

using namespace work::testing;

namespace {

/// A command, and what it must end with whichever way it goes.
struct spoken
{
    char const* name;
    std::vector<std::string> words;
    int code = 0;
    bool figures = false;  ///< its numbers move from look to look
    bool json = true;      ///< it has --json
};

std::string times_masked(std::string text, bool figures)
{
    static std::regex const time(R"(\d{4}-\d\d-\d\dT[0-9:.]+Z|\d\d:\d\d:\d\dZ)");
    static std::regex const id(R"(\b[0-9A-Z]{22}\b)");
    static std::regex const span(R"((in )?\b(\d+(\.\d+)?(ms|us|s|m|h|d) ?)+(ago)?|\bnow\b)");
    // How much of a text fits depends on how wide the times beside it are.
    static std::regex const cut("[a-z]+~( |$)");
    static std::regex const cut_behind_a_time("SPAN [^~]*~");
    static std::regex const short_time(R"(\b\d+(\.\d+)? (us|ms|s)\b)");
    static std::regex const number(R"(\d+([. ]\d+)*)");
    static std::regex const spaces("^ +|[ ]+");
    text = std::regex_replace(text, time, "TIME");
    text = std::regex_replace(text, id, "ID");
    text = std::regex_replace(text, short_time, "N us");
    text = std::regex_replace(text, cut, "~$1");
    text = std::regex_replace(text, span, "SPAN ");
    text = std::regex_replace(text, cut_behind_a_time, "SPAN ~");
    if (figures)
        text = std::regex_replace(text, number, "N");
    text = std::regex_replace(text, spaces, " ");
    return text.starts_with(' ') ? text.substr(1) : text;
}

// What is another one at each run, though nothing else is.
bool moves(std::string_view key)
{
    for (char const* const end : {"_ms", "_us", "_kb", "_id", "_per_s"})
        if (key.ends_with(end))
            return true;
    for (char const* const name : {"pid", "pool", "fence", "version", "cursor", "next"})
        if (key == name)
            return true;
    return false;
}

boost::json::value without_times(boost::json::value of, bool figures)
{
    if (of.is_string())
        return boost::json::value(
            boost::json::string(times_masked(std::string(of.get_string()), figures))
        );
    if (figures && of.is_number())
        return boost::json::value("N");
    if (of.is_array())
        for (boost::json::value& one : of.get_array())
            one = without_times(one, figures);
    if (of.is_object())
        for (auto& [key, value] : of.get_object())
            value = moves(key) && !value.is_object() && !value.is_null()
                        ? boost::json::value("moves")
                        : without_times(value, figures);
    return of;
}

// Where a sentence breaks depends on how wide the times in it are: a break counts as a space.
std::string lines_masked(std::string const& text, bool json, bool figures)
{
    static std::regex const broken_span(R"(SPAN (\s*SPAN )+)");
    static std::regex const breaks(R"(\s+)");
    std::string all;
    for (std::string const& line : lines_of(text)) {
        boost::system::error_code ec;
        boost::json::value const value = boost::json::parse(line, ec);
        bool const is_json = !ec && (value.is_object() || value.is_array());
        EXPECT_TRUE(is_json || !json) << line;
        all += is_json ? boost::json::serialize(without_times(value, figures))
                       : times_masked(line, figures);
        all += "\n";
    }
    if (json)
        return all;
    return std::regex_replace(std::regex_replace(all, broken_span, "SPAN "), breaks, " ");
}

class both_ways : public tool_test, public ::testing::WithParamInterface<spoken>
{
protected:
    static void SetUpTestSuite()
    {
        tool_test::SetUpTestSuite();
        std::ofstream(file()) << R"({"name":"mail","args":[1],"id":"f1","tags":["t"]})"
                              << "\n\n"
                              << R"({"name":"mail","args":{"deep":[1.0,2e3]},"id":"f2"})"
                              << "\n"
                              << R"({"name":"mail","args":[],"id":"j1"})"
                              << "\n";
        std::ofstream(file() + ".bad") << R"({"name":"mail","args":[1],"id":"f1"})"
                                       << "\n{\"name\":\"mail\"}\n";
    }
    static void TearDownTestSuite()
    {
        std::filesystem::remove(file());
        std::filesystem::remove(file() + ".bad");
        tool_test::TearDownTestSuite();
    }
    // Tests of this kind run side by side.
    static std::string file()
    {
        return ::testing::TempDir() + "work-both-ways-" + std::to_string(::getpid()) + ".jsonl";
    }

    struct pair_of_runs
    {
        tool_result straight, over;
    };
    static pair_of_runs run_both(std::vector<std::string> const& said)
    {
        pair_of_runs both;
        fill();
        both.straight = run_tool(
            said,
            {"WORK_REDIS_URL=" + server->url(), "WORK_USER=anonymous", "EDITOR=true"}
        );
        fill();
        running_server const through(server->url());
        both.over = run_tool(said, {"WORK_URL=" + through.url(), "EDITOR=true"});
        return both;
    }
    static bool alike(pair_of_runs const& of, bool json)
    {
        return of.straight.code == of.over.code &&
               lines_masked(of.straight.out, json, true) == lines_masked(of.over.out, json, true);
    }

    /// The same jobs each time.
    static void fill()
    {
        server->ask("FLUSHALL");
        boost::asio::io_context io{1};
        work::client_options quiet;
        quiet.logger = [](work::log_level, std::string_view) {};
        work::client at{io, server->url(), quiet};
        run_task(io, fill(at));
    }
    static work::task<void> fill(work::client& at)
    {
        using namespace std::chrono_literals;
        work::enqueuer store{at};
        work::inspector steer{at};
        work::worker_pool pool{at, {.concurrency = 1}};
        pool.handle("done", [](work::context& job) -> work::task<void> {
            job.log("one\ntwo");
            job.log("three");
            co_return;
        });
        std::vector<work::new_job> jobs;
        jobs.push_back(work::make_json("done", "[]", {.id = "c1"}));
        co_await store.enqueue(std::move(jobs));
        co_await pool.run_until_empty();
        std::vector<work::new_job> more;
        std::vector<std::string> const tags{"t"};
        std::vector<std::pair<std::string, std::string>> const headers{{"h", "v"}};
        more.push_back(work::make_json(
            "mail",
            "[1,\"a\",2.50,12345678901234567890]",
            {.id = "j1", .tags = tags}
        ));
        more.push_back(work::make_json(
            "mail",
            "{\"a\":1}",
            {.id = "j2", .max_attempts = 3, .headers = headers}
        ));
        more.push_back(
            work::make_json("mail", "[]", {.queue = "later \u00e9", .id = "j3", .in = 1h})
        );
        more.push_back(work::make_json("resize", "[\"\u202e\"]", {.queue = "images", .id = "d1"}));
        more.push_back(
            work::make_json("resize", "[2]", {.queue = "images", .id = "d2", .priority = 7})
        );
        more.push_back(work::make_json("mail", "[3]", {.id = "x/%2F~", .priority = -3}));
        co_await store.enqueue(std::move(more));
        std::vector<std::string> dead{"d1", "d2"};
        work::admin_options why;
        why.reason = "a \"reason\"";
        why.by = "anonymous";
        co_await steer.kill(std::move(dead), why);
        std::vector<std::string> cancelled{"x/%2F~"};
        co_await steer.cancel(std::move(cancelled), why);
        work::pause_options full;
        full.reason = "disk full";
        full.by = "anonymous";
        co_await steer.pause(work::pause_kind::queue, "images", full);
        full.lasting = 2h;
        co_await steer.pause(work::pause_kind::name, "mail", full);
        work::limits limits{at};
        work::limit_options two_slots;
        two_slots.slots = 2;
        two_slots.scope = work::limit_scope{{"images"}, {"mail"}};
        two_slots.by = "anonymous";
        co_await limits.set("bank", two_slots);
        work::bounds bounds{at};
        work::bound_options few;
        few.most = 40;
        few.full = work::when_full::drop_oldest;
        few.by = "anonymous";
        co_await bounds.set("mail", few);
        work::job_filter two;
        two.states = {work::job_state::dead};
        two.args = "2]";
        work::operation_options how;
        how.by = "anonymous";
        co_await steer.act_on_all(work::admin_action::requeue, two, how);
    }
};

}  // namespace

TEST_P(both_ways, a_command_says_the_same_and_ends_the_same)
{
    auto const& [name, words, code, figures, has_json] = GetParam();
    for (bool const json : {false, true}) {
        if (json && !has_json)
            continue;
        std::vector<std::string> said = words;
        for (std::string& one : said)
            if (one.starts_with("FILE"))
                one = file() + one.substr(4);
        if (json)
            said.emplace_back("--json");
        pair_of_runs both = run_both(said);
        // What is measured may call for another sentence on a busy machine, so that one look may
        // differ from the next whichever way they went.
        for (int look = 1; figures && look < 5 && !alike(both, json); ++look)
            both = run_both(said);
        auto const& [straight, over] = both;
        EXPECT_EQ(straight.code, code) << straight.out << straight.err;
        EXPECT_EQ(over.code, code) << over.out << over.err;
        EXPECT_EQ(lines_masked(over.out, json, figures), lines_masked(straight.out, json, figures));
        EXPECT_EQ(
            lines_masked(over.err, false, figures),
            lines_masked(straight.err, false, figures)
        );
    }
}

INSTANTIATE_TEST_SUITE_P(
    looking,
    both_ways,
    ::testing::Values(
        spoken{"stats", {"stats"}},
        spoken{"limits", {"limits"}},
        spoken{"bounds", {"bounds"}},
        spoken{"bound", {"bounds", "show", "mail"}},
        spoken{"bound_unknown", {"bounds", "show", "nope"}, 3, false, false},
        spoken{"limit", {"limits", "show", "bank"}},
        spoken{"limit_unknown", {"limits", "show", "nope"}, 3, false, false},
        spoken{"queues_limited", {"queues", "mail"}},
        spoken{"stats_range", {"stats", "--range", "1h", "--step", "1m"}, 0, true},
        spoken{"stats_wrong_range", {"stats", "--range", "1m"}, 2},
        spoken{"names_range", {"names", "--range", "1d", "--sort", "name"}, 0, true},
        spoken{"queues", {"queues"}},
        spoken{"queues_all", {"queues", "--all", "--sort", "name"}},
        spoken{"queues_unknown", {"queues", "mail", "nope"}, 3},
        spoken{"names", {"names", "--all", "--sort", "oldest"}},
        spoken{"job", {"job", "j1"}},
        spoken{"job_dead", {"job", "d1"}},
        spoken{"job_completed", {"job", "c1"}},
        spoken{"job_of_any_id", {"job", "x/%2F~"}},
        spoken{"job_unknown", {"job", "nope"}, 3, false, false},
        spoken{"args", {"args", "j1"}, 0, false, false},
        spoken{"args_unknown", {"args", "nope"}, 3, false, false},
        spoken{"explain", {"explain", "j1"}},
        spoken{"explain_dead", {"explain", "d1"}},
        spoken{"explain_unknown", {"explain", "nope"}, 3, false, false},
        spoken{"logs", {"logs", "c1"}},
        spoken{"logs_unknown", {"logs", "nope"}, 3, false, false},
        spoken{"jobs", {"jobs"}},
        spoken{"jobs_a_line", {"jobs", "--jsonl"}, 0, false, false},
        spoken{"jobs_paged", {"jobs", "--limit", "1", "--all", "--ids"}, 0, false, false},
        spoken{"jobs_filtered", {"jobs", "--name", "mail", "--tag", "t", "--args", "2.50"}},
        spoken{"jobs_of_a_time", {"jobs", "--since", "1h", "--until", "0s", "--min-attempt", "0"}},
        spoken{"jobs_wrong_cursor", {"jobs", "--cursor", "x"}, 2},
        spoken{"jobs_wrong_limit", {"jobs", "--limit", "501"}, 2},
        spoken{"jobs_wrong_state", {"jobs", "--state", "deaf"}, 2},
        spoken{"dead", {"dead", "--failure", "killed"}},
        spoken{"scheduled", {"scheduled"}},
        spoken{"retries", {"retries"}},
        spoken{"busy", {"busy"}},
        spoken{"failures", {"failures"}},
        spoken{"failures_by_name", {"failures", "--by", "name", "--state", "dead"}},
        spoken{"failures_of_no_state", {"failures", "--state", "active"}, 2},
        spoken{"operations", {"operations"}},
        spoken{"audit", {"audit"}},
        spoken{"audit_part", {"audit", "--limit", "2", "--from", "1"}},
        spoken{"audit_wrong", {"audit", "--limit", "1001"}, 2},
        spoken{"pools", {"pools"}},
        spoken{"broker", {"broker"}, 0, true},
        spoken{"doctor", {"doctor"}, 0, true},
        spoken{"doctor_quick", {"doctor", "--quick", "--strict"}, 1, true},
        spoken{"healthcheck", {"healthcheck"}, 0, false, false},
        spoken{"wait", {"wait", "c1", "d1"}, 4},
        spoken{"wait_too_long", {"wait", "j1", "c1", "--timeout", "300ms"}, 1},
        spoken{"wait_unknown", {"wait", "nope", "c1"}, 3}
    ),
    [](auto const& of) { return std::string(of.param.name); }
);

INSTANTIATE_TEST_SUITE_P(
    acting,
    both_ways,
    ::testing::Values(
        spoken{"limit_set", {"limits", "set", "bank", "3"}},
        spoken{"bound_set", {"bounds", "set", "mail", "3"}},
        spoken{"bound_made", {"bounds", "set", "new", "1", "--full", "wait"}},
        spoken{"bound_wrong", {"bounds", "set", "new", "0"}, 2, false, false},
        spoken{"bound_removed", {"bounds", "remove", "mail"}},
        spoken{"bound_not_removed", {"bounds", "remove", "nope"}, 3, false, false},
        spoken{"limit_made", {"limits", "set", "name:mail", "0"}},
        spoken{"limit_for_nothing", {"limits", "set", "new", "1"}, 2, false, false},
        spoken{"limit_removed", {"limits", "remove", "bank"}},
        spoken{"limit_not_removed", {"limits", "remove", "nope"}, 3, false, false},
        spoken{
            "enqueue",
            {"enqueue",
             "mail",
             "[1,{\"a\":[1.50]}]",
             "--id",
             "n",
             "--tag",
             "a",
             "--header",
             "b=c",
             "--timeout",
             "5s",
             "--expires-in",
             "2h",
             "--in",
             "1h"}
        },
        spoken{"enqueue_known", {"enqueue", "mail", "[]", "--id", "j1", "--in", "5m"}},
        spoken{"enqueue_wrong", {"enqueue", "mail", "7", "--id", "n"}, 2},
        spoken{"enqueue_a_file", {"enqueue", "--jsonl", "FILE"}},
        spoken{"enqueue_a_bad_file", {"enqueue", "--jsonl", "FILE.bad"}, 2},
        spoken{"cancel", {"cancel", "j1", "j3", "x/%2F~", "--reason", "why"}, 4},
        spoken{"cancel_moved_on", {"cancel", "d1"}, 4},
        spoken{"cancel_only", {"cancel", "j1", "--only", "dead,retry"}, 4},
        spoken{"requeue", {"requeue", "d1", "j1"}},
        spoken{"requeue_unknown", {"requeue", "d1", "nope", "c1"}, 3},
        spoken{"kill", {"kill", "j1", "j2", "d1"}},
        spoken{"delete_dead", {"delete", "d1", "c1"}},
        spoken{"delete_moved_on", {"delete", "j1"}, 4},
        spoken{"move", {"move", "j1", "j3", "--to", "other"}},
        spoken{"move_home", {"move", "j3", "--to", ""}},
        spoken{"move_wrong", {"move", "j3", "--to", std::string(129, 'q')}, 2},
        spoken{"all_that_match", {"kill", "--name", "mail", "--yes"}},
        spoken{"all_dry", {"cancel", "--name", "mail", "--dry-run"}},
        spoken{"all_none", {"cancel", "--name", "nope", "--yes"}},
        spoken{"all_unasked", {"delete", "--all"}, 5},
        spoken{"all_at_most", {"cancel", "--state", "pending", "--at-most", "1", "--yes"}},
        spoken{"all_of_a_wrong_state", {"delete", "--state", "pending", "--yes"}, 2},
        spoken{"edit", {"edit", "j1", "--args", "[7.0]", "--priority", "5", "--queue", "z"}},
        spoken{"edit_options", {"edit", "j2", "--options", R"({"max_attempts":9,"headers":null})"}},
        spoken{"edit_time", {"edit", "j3", "--in", "2h"}},
        spoken{"edit_nothing", {"edit", "j3"}},
        spoken{"edit_wrong_options", {"edit", "j2", "--options", R"({"colour":1})"}, 2},
        spoken{"edit_wrong_args", {"edit", "j2", "--args", "7"}, 2},
        spoken{"edit_old", {"edit", "j2", "--priority", "1", "--version", "old"}, 4},
        spoken{"edit_ended", {"edit", "c1", "--priority", "1"}, 4},
        spoken{"edit_unknown", {"edit", "nope", "--priority", "1"}, 3},
        spoken{"pause", {"pause", "mail", "--reason", "so \u00e9"}},
        spoken{"pause_again", {"pause", "images", "--for", "30m"}},
        spoken{"pause_a_name", {"pause", "--name", "resize"}},
        spoken{"pause_wrong", {"pause", "mail", "--for", "2 apples"}, 2},
        spoken{"resume", {"resume", "images"}},
        spoken{"resume_a_name", {"resume", "--name", "mail"}},
        spoken{"resume_what_goes", {"resume", "nope"}},
        spoken{"resume_no_pool", {"resume", "--pool", "nope"}, 3},
        spoken{"quiet_no_pool", {"quiet", "nope"}, 3},
        spoken{"quiet_none", {"quiet", "--all"}},
        spoken{"stop_none", {"stop", "--all", "--yes"}},
        spoken{"operation_unknown", {"operations", "--stop", "nope"}, 3, false, false}
    ),
    [](auto const& of) { return std::string(of.param.name); }
);
