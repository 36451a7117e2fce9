// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/values/id.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run_tool.hpp"
#include "cli/tool_fixture.hpp"
#include "support/hostile_text.hpp"
#include "support/redis_server.hpp"

using ::testing::HasSubstr;
using ::testing::StartsWith;
using work::testing::redis_server;
using work::testing::run_tool;
using work::testing::tool_result;

namespace {

class commands : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { server = std::make_unique<redis_server>(); }
    static void TearDownTestSuite() { server.reset(); }
    void SetUp() override { server->ask("FLUSHALL"); }

    static tool_result run(std::vector<std::string> arguments)
    {
        return run_tool(std::move(arguments), {"WORK_REDIS_URL=" + server->url()});
    }
    static std::string enqueued(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "enqueue");
        auto const r = run(std::move(arguments));
        EXPECT_EQ(r.code, 0) << r.err;
        return r.out.substr(0, r.out.find('\n'));
    }
    static boost::json::object json(std::vector<std::string> arguments)
    {
        arguments.emplace_back("--json");
        auto const r = run(std::move(arguments));
        EXPECT_EQ(r.code, 0) << r.err;
        EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 1) << r.out;
        return boost::json::parse(r.out).as_object();
    }

    static std::unique_ptr<redis_server> server;
};
std::unique_ptr<redis_server> commands::server;

std::size_t widest_line(std::string const& text)
{
    std::size_t widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        widest = std::max(widest, line.size());
    return widest;
}

}  // namespace

TEST_F(commands, enqueue_then_stats_then_job)
{
    std::string const args = R"([42, "ada@example.com", 9223372036854775807, 1e300, [], {}, 1.10])";
    std::string const id = enqueued({"send_email", args});
    EXPECT_EQ(id.size(), 22u);

    auto const stats = json({"stats"});
    EXPECT_EQ(stats.at("pending").as_int64(), 1);
    auto const& list = stats.at("lists").as_array().at(0).as_object();
    EXPECT_EQ(list.at("name").as_string(), "send_email");
    EXPECT_EQ(list.at("queue").as_string(), "send_email");
    EXPECT_EQ(list.at("pending").as_int64(), 1);

    auto const job = json({"job", id});
    EXPECT_EQ(job.at("id").as_string(), id);
    EXPECT_EQ(job.at("state").as_string(), "pending");
    EXPECT_EQ(job.at("name").as_string(), "send_email");
    EXPECT_EQ(job.at("args").as_string(), args);
    EXPECT_GT(job.at("created_ms").as_int64(), 1'600'000'000'000);

    auto const text = run({"job", id});
    EXPECT_EQ(text.code, 0);
    EXPECT_THAT(text.out, HasSubstr("state         pending\n"));
    EXPECT_THAT(text.out, HasSubstr("    9223372036854775807,\n"));
}

TEST_F(commands, enqueue_options_are_kept)
{
    std::string const id = enqueued(
        {"resize",
         "{\"id\":1}",
         "--in",
         "1h",
         "--queue",
         "images",
         "--id",
         "r:1",
         "--priority",
         "-7",
         "--max-attempts",
         "3"}
    );
    EXPECT_EQ(id, "r:1");
    auto const job = json({"job", "r:1"});
    EXPECT_EQ(job.at("state").as_string(), "scheduled");
    EXPECT_EQ(job.at("queue").as_string(), "images");
    EXPECT_EQ(job.at("priority").as_int64(), -7);
    EXPECT_EQ(job.at("options").at("max_attempts").as_int64(), 3);
    auto const wait_ms = job.at("when_ms").as_int64() - job.at("now_ms").as_int64();
    EXPECT_GT(wait_ms, 3'000'000);
    EXPECT_LE(wait_ms, 3'600'000);

    auto const again = run({"enqueue", "resize", "{\"id\":1}", "--id", "r:1"});
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.out, StartsWith("r:1 duplicate"));
    EXPECT_EQ(json({"stats"}).at("scheduled").as_int64(), 1);
}

TEST_F(commands, requeue_then_cancel_a_scheduled_job)
{
    std::string const id = enqueued({"later", "[]", "--in", "1d"});
    EXPECT_EQ(run({"requeue", id}).out, id + " requeued\n");
    EXPECT_EQ(json({"job", id}).at("state").as_string(), "pending");
    EXPECT_EQ(run({"requeue", id}).out, id + " is pending already\n");
    auto const mixed = run({"cancel", id, "nope"});
    EXPECT_EQ(mixed.out, id + " cancelled\n");
    EXPECT_THAT(mixed.err, HasSubstr("no job \"nope\""));
    EXPECT_EQ(mixed.code, 3);
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 0);
}

TEST_F(commands, job_that_moved_on_is_left_alone_and_said_so)
{
    std::string const id = enqueued({"later", "[]", "--in", "1d"});
    auto const other = run({"cancel", id, "--only", "retry,dead"});
    EXPECT_EQ(other.code, 4);
    EXPECT_THAT(other.err, HasSubstr("is scheduled: --only names other states"));
    auto const deleted = run({"delete", id});
    EXPECT_EQ(deleted.code, 4);
    EXPECT_THAT(deleted.err, HasSubstr("is scheduled: delete is for jobs that will not run"));
    EXPECT_EQ(json({"job", id}).at("state").as_string(), "scheduled");
    auto const unknown = run({"cancel", id, "--only", "retryy"});
    EXPECT_EQ(unknown.code, 2);
    EXPECT_THAT(unknown.err, HasSubstr("--only \"retryy\": no state"));
}

TEST_F(commands, tell_pools_what_to_do)
{
    EXPECT_EQ(run({"quiet", "nobody"}).code, 3);
    EXPECT_THAT(run({"quiet", "nobody"}).out, HasSubstr("work pools lists those that are alive"));
    EXPECT_EQ(run({"resume", "--pool", "nobody"}).code, 3);
    EXPECT_EQ(run({"quiet"}).code, 2);
    EXPECT_EQ(run({"resume", "q", "--pool", "nobody"}).code, 2);
    EXPECT_THAT(run({"stop", "--all"}).out, HasSubstr("no pool has shown a sign of life"));
    // As a pool that runs has them.
    server->ask("HSET work:{work}:pool:one x0 0|||0|");
    server->ask("SADD work:{work}:pools one");
    server->ask(R"(SET work:{work}:status:one '{"pool":"one","state":"running"}')");
    auto const told = [] { return server->ask("SMEMBERS work:{work}:orders:one"); };
    EXPECT_EQ(run({"pool", "one"}).code, 0);
    server->ask(
        R"(SET work:{work}:status:one '{"pool":"one","state":"running","busy":3,"stalled":1,)"
        R"("blocked":{"blocked_ms":41000,"job":"i","name":"a","since_ms":1,"jobs":1},)"
        R"("oldest":{"id":"i","name":"a","since_ms":1},"in_flight":[)"
        R"({"name":"a","jobs":2,"oldest":"i","since_ms":1,"stalled":1},)"
        R"({"name":"","jobs":1,"oldest":"j","since_ms":2,"stalled":0}]}')"
    );
    auto const one = run({"pool", "one"});
    EXPECT_THAT(one.out, HasSubstr("1 job that should have ended has not")) << one.err;
    EXPECT_THAT(one.out, HasSubstr("(other names)"));
    EXPECT_THAT(one.out, HasSubstr("its thread has been blocked for 41s in job i (a)"));
    EXPECT_LE(widest_line(one.out), 80u) << one.out;
    EXPECT_THAT(run({"pools"}).out, HasSubstr("one: 1 job that should have ended has not"));
    EXPECT_LE(widest_line(run({"pools"}).out), 80u);
    EXPECT_EQ(run({"quiet", "one"}).out, "\"one\": claims no more jobs; those that run go on\n");
    EXPECT_THAT(told(), HasSubstr("0 {quiet"));
    EXPECT_EQ(run({"quiet", "one"}).out, "\"one\": was told so before\n");
    EXPECT_EQ(run({"resume", "--pool", "one"}).code, 0);
    EXPECT_THAT(told(), HasSubstr("0 {resume"));
    // Nobody is at a terminal to be asked.
    EXPECT_EQ(run({"stop", "--all"}).code, 5);
    EXPECT_THAT(told(), HasSubstr("0 {resume"));
    auto const stopped = json({"stop", "--all", "--yes"});
    EXPECT_EQ(stopped.at("order").as_string(), "stop");
    EXPECT_EQ(stopped.at("results").as_array().at(0).at("code").as_string(), "done");
    EXPECT_THAT(told(), HasSubstr("0 {stop"));
    EXPECT_THAT(run({"stop", "one", "--grace", "5s"}).out, HasSubstr("does not end in 5s runs"));
    EXPECT_THAT(told(), HasSubstr("0 {stop 5000"));
    EXPECT_EQ(run({"stop", "one", "--grace", "soon"}).code, 2);
    EXPECT_EQ(run({"quiet", "one", "--grace", "5s"}).code, 2);
}

TEST_F(commands, forget_a_queue)
{
    EXPECT_EQ(run({"queues", "delete", "none", "--yes"}).code, 3);
    EXPECT_EQ(run({"queues", "delete", "none"}).code, 5) << "nobody is there to be asked";
    EXPECT_EQ(run({"queues", "delete"}).code, 2);
    ASSERT_EQ(run({"enqueue", "mail", "[]", "--queue", "old", "--id", "j"}).code, 0);
    auto const held = run({"queues", "delete", "old", "--yes"});
    EXPECT_EQ(held.code, 4);
    EXPECT_EQ(held.out, "\"old\": stays: it has 1 job\n");
    ASSERT_EQ(run({"enqueue", "mail", "[]", "--queue", "old", "--id", "k"}).code, 0);
    ASSERT_EQ(run({"kill", "k"}).code, 0);
    EXPECT_THAT(
        run({"queues", "old"}).out,
        HasSubstr("\n  waiting 0, scheduled 0, retry 0, dead 1\n")
    );
    EXPECT_THAT(run({"queues"}).out, Not(HasSubstr("dead 1")));
    ASSERT_EQ(run({"delete", "k", "--yes"}).code, 0);
    ASSERT_EQ(run({"cancel", "j"}).code, 0);
    auto const gone = json({"queues", "delete", "old", "--yes"});
    EXPECT_EQ(gone.at("results").as_array().at(0).at("code").as_string(), "done");
    EXPECT_EQ(run({"queues", "old"}).code, 3);
}

TEST_F(commands, pause_until_a_time)
{
    std::time_t const then = std::time(nullptr) + 3'600;
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&then));
    auto const paused = json({"pause", "slow", "--until", text});
    EXPECT_NEAR(
        static_cast<double>(paused.at("until_ms").as_int64()),
        static_cast<double>(then) * 1000,
        1'000
    );
    auto const late = run({"pause", "slow", "--until", "2020-01-01T00:00:00Z"});
    EXPECT_EQ(late.code, 2);
    EXPECT_THAT(late.err, HasSubstr("that time has passed"));
}

TEST_F(commands, pause_and_resume_a_queue_and_a_name)
{
    enqueued({"mail", "[]", "--queue", "slow"});
    auto const paused =
        run({"pause", "slow", "--for", "2h", "--reason", "the \x1b[1mbank\x1b[0m is away"});
    EXPECT_EQ(paused.out, "queue \"slow\": paused for 2h\n") << paused.err;
    EXPECT_EQ(
        run({"pause", "--name", "other"}).out,
        "jobs named \"other\": paused until work resume\n"
    );
    auto const stats = run({"stats"}).out;
    EXPECT_THAT(stats, HasSubstr("1 paused"));
    EXPECT_THAT(stats, HasSubstr("queue \"slow\" paused "));
    EXPECT_THAT(stats, HasSubstr("bank"));
    EXPECT_THAT(stats, testing::Not(HasSubstr("\x1b")));
    auto const told = json({"stats"});
    EXPECT_EQ(told.at("paused").as_array().size(), 2u);
    EXPECT_TRUE(told.at("lists").as_array().at(0).at("paused").as_bool());
    EXPECT_EQ(json({"pause", "slow"}).at("code").as_string(), "already");
    EXPECT_EQ(run({"resume", "slow"}).out, "queue \"slow\": goes on\n");
    EXPECT_EQ(run({"resume", "slow"}).out, "queue \"slow\": was not paused\n");
    EXPECT_EQ(json({"resume", "--name", "other"}).at("code").as_string(), "done");
    EXPECT_TRUE(json({"stats"}).at("paused").as_array().empty());
    for (auto const& wrong : std::vector<std::vector<std::string>>{
             {"pause"},
             {"pause", "slow", "--name", "other"},
             {"pause", "slow", "--for", "2 weeks"},
             {"resume"}
         })
        EXPECT_EQ(run(wrong).code, 2) << wrong.back();
}

TEST_F(commands, explain_says_why_a_job_waits)
{
    std::string const first = enqueued({"mail", "[]", "--queue", "slow"});
    std::string const id = enqueued({"mail", "[]", "--queue", "slow"});
    run({"pause", "slow", "--for", "2h", "--reason", "the \x1b[1mbank\x1b[0m is away"});
    auto const text = run({"explain", id});
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_THAT(
        text.out,
        testing::StartsWith("pending in queue slow as mail\n- queue \"slow\" is")
    );
    EXPECT_THAT(text.out, HasSubstr("- no pool runs: start one that has a handler for \"mail\"\n"));
    EXPECT_THAT(text.out, HasSubstr("- 1 job of its list is taken before it\n"));
    EXPECT_THAT(text.out, testing::Not(HasSubstr("\x1b")));
    EXPECT_LE(widest_line(text.out), 80u);
    auto const told = json({"explain", id});
    EXPECT_EQ(told.at("ahead").as_int64(), 1);
    EXPECT_EQ(told.at("reasons").as_array().at(0).at("gate").as_string(), "queue_paused");
    run({"cancel", first, "--reason", "enough"});
    EXPECT_THAT(run({"explain", first}).out, HasSubstr("- it ended "));
    auto const nobody = run({"explain", "nobody"});
    EXPECT_EQ(nobody.code, 3);
    EXPECT_THAT(nobody.err, HasSubstr("\"nobody\""));
}

TEST_F(commands, jobs_lists_what_is_asked_for_and_says_how_much_it_looked_at)
{
    std::string const first = enqueued({"later", "[1]", "--in", "1d"});
    std::string const second = enqueued({"later", "[22]", "--in", "2d"});
    std::string const now = enqueued({"soon", "[3]", "--queue", "q"});
    auto const listed = run({"scheduled"}).out;
    EXPECT_THAT(listed, HasSubstr(first + "  later  scheduled"));
    EXPECT_THAT(listed, HasSubstr("2 jobs; 2 of 2 looked at\n"));
    EXPECT_EQ(run({"jobs", "--queue", "q", "--ids"}).out, now + "\n");
    EXPECT_EQ(run({"jobs", "--args", "22", "--ids"}).out, second + "\n");
    EXPECT_EQ(
        run({"jobs", "--state", "scheduled", "--limit", "1", "--all", "--ids"}).out,
        first + "\n" + second + "\n"
    );
    auto const page = json({"jobs", "--state", "scheduled,pending", "--limit", "2"});
    EXPECT_EQ(page.at("jobs").as_array().size(), 2u);
    std::string const next(page.at("next").as_string());
    auto const rest = json({"jobs", "--state", "scheduled,pending", "--cursor", next});
    EXPECT_EQ(rest.at("jobs").as_array().size(), 1u);
    EXPECT_EQ(rest.at("jobs").as_array().at(0).at("id").as_string(), second);
    auto const other = run({"jobs", "--state", "dead", "--cursor", next});
    EXPECT_EQ(other.code, 2);
    EXPECT_THAT(other.err, HasSubstr("of another filter"));
    auto const bad = run({"dead", "--since", "2q"});
    EXPECT_EQ(bad.code, 2);
    EXPECT_THAT(bad.err, HasSubstr("--since: the duration"));
}

TEST_F(commands, kill_requeue_move_cancel_and_delete_a_job)
{
    ::setenv("WORK_USER", "ada", 1);
    std::string const id = enqueued({"later", "[]", "--in", "1d"});
    EXPECT_EQ(run({"kill", id, "--reason", "too late"}).out, id + " killed\n");
    auto const killed = json({"job", id});
    EXPECT_EQ(killed.at("state").as_string(), "dead");
    auto const& failure = killed.at("failures").as_array().at(0);
    EXPECT_EQ(failure.at("type").as_string(), "killed");
    EXPECT_EQ(failure.at("message").as_string(), "killed by ada: too late");
    EXPECT_EQ(run({"move", id, "--to", "night"}).out, id + " moved to night\n");
    EXPECT_EQ(run({"move", id, "--to", "night"}).out, id + " is there already\n");
    EXPECT_EQ(run({"requeue", id}).out, id + " requeued\n");
    EXPECT_EQ(json({"job", id}).at("queue").as_string(), "night");
    EXPECT_EQ(run({"move", id, "--to", ""}).out, id + " moved to the queue of its name\n");
    EXPECT_EQ(run({"cancel", id, "--reason", "no use"}).out, id + " cancelled\n");
    auto const shown = run({"job", id}).out;
    EXPECT_THAT(shown, HasSubstr("state         cancelled"));
    EXPECT_THAT(shown, HasSubstr("reason        no use"));
    EXPECT_THAT(shown, HasSubstr("by            ada"));
    auto const results = json({"delete", id}).at("results").as_array();
    EXPECT_EQ(results.at(0).at("code").as_string(), "done");
    EXPECT_EQ(results.at(0).at("state").as_string(), "cancelled");
    EXPECT_EQ(run({"job", id}).code, 3);
    ::unsetenv("WORK_USER");
}

TEST_F(commands, doctor_finds_jobs_that_are_in_no_place_and_puts_them_back)
{
    auto const well = run({"doctor"});
    EXPECT_EQ(well.code, 0) << well.out << well.err;
    EXPECT_THAT(well.out, HasSubstr("strays      none"));
    EXPECT_THAT(well.out, HasSubstr("none is alive"));
    for (int i = 0; i != 3; ++i)
        enqueued({"resize", "[1]"});
    server->ask("DEL work:{work}:list:resize");
    auto const ill = run({"doctor"});
    EXPECT_EQ(ill.code, 1);
    EXPECT_THAT(ill.out, HasSubstr("3 jobs in no list, claim or set"));
    EXPECT_THAT(ill.out, HasSubstr("work doctor --repair"));
    auto const mended = run({"doctor", "--repair"});
    EXPECT_EQ(mended.code, 0);
    EXPECT_THAT(mended.out, HasSubstr("3 jobs given back; 0 jobs had only moved"));
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 3);
    EXPECT_EQ(json({"doctor"}).at("strays").as_array().size(), 0u);
    // A server that may evict jobs is a finding, too.
    server->ask("CONFIG SET maxmemory-policy allkeys-lru");
    auto const evicting = run({"doctor"});
    server->ask("CONFIG SET maxmemory-policy noeviction");
    EXPECT_EQ(evicting.code, 1);
    EXPECT_THAT(evicting.out, HasSubstr("allkeys-lru"));
}

TEST_F(commands, doctor_has_a_line_a_check_and_fails_for_warnings_when_it_is_strict)
{
    enqueued({"resize", "[1]"});
    auto const all = run({"doctor", "--quick"});
    EXPECT_EQ(all.code, 0);
    EXPECT_THAT(all.out, HasSubstr("ok  server      answers"));
    EXPECT_THAT(all.out, HasSubstr("??  pools       none is alive, and 1 job wait"));
    EXPECT_THAT(all.out, HasSubstr("(docs/operations.md#doctor-pools)"));
    EXPECT_THAT(all.out, HasSubstr("--  strays      not looked for"));
    EXPECT_EQ(run({"doctor", "--strict"}).code, 1);
    auto const findings = json({"doctor"}).at("findings").as_array();
    EXPECT_EQ(findings.size(), 18u);
    EXPECT_EQ(findings.at(0).at("check").as_string(), "server");
}

TEST_F(commands, broker_says_how_it_does_and_why)
{
    // Figures are of how long answers take, which a busy machine draws out.
    auto shown = run({"broker"});
    for (int i = 0; i != 100 && shown.out.find("fine: ") == shown.out.npos; ++i)
        shown = run({"broker"});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("verdict     fine: it answers in "));
    EXPECT_THAT(shown.out, HasSubstr(", primary, up "));
    EXPECT_THAT(shown.out, HasSubstr("of work: commands 1"));
    for (std::string const& line : work::testing::lines_of(shown.out))
        EXPECT_LE(line.size(), 80u) << line;
    auto how = json({"broker"});
    for (int i = 0; i != 100 && how.at("verdict").as_string() != "fine"; ++i)
        how = json({"broker"});
    EXPECT_EQ(how.at("verdict").as_string(), "fine");
    EXPECT_EQ(how.at("server").at("kind").as_string(), "redis");
    auto const memory = run_tool({"broker", "--redis", "memory:"}, {});
    EXPECT_EQ(memory.code, 0) << memory.err;
    EXPECT_THAT(memory.out, HasSubstr("gone with it"));
    auto const away = run_tool({"broker", "--redis", "redis://127.0.0.1:1"}, {});
    EXPECT_EQ(away.code, 1);
}

TEST_F(commands, job_unknown_is_not_found)
{
    auto const r = run({"job", "nope"});
    EXPECT_EQ(r.code, 3);
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr("no job \"nope\" in namespace \"work\""));
}

TEST_F(commands, names_with_every_delimiter_forge_no_key)
{
    std::vector<std::string> const names =
        {"a{b}:c", "work:{work}:ready", "h\u00e4user \u5bb6 %41", "*?[x]"};
    for (std::string const& name : names) {
        std::string const id = enqueued({name, "[]", "--queue", "q{" + name});
        auto const job = json({"job", id});
        EXPECT_EQ(job.at("name").as_string(), name);
        EXPECT_EQ(job.at("queue").as_string(), "q{" + name);
    }
    EXPECT_EQ(json({"stats"}).at("lists").as_array().size(), 4u);
    auto const text = run({"stats"});
    EXPECT_THAT(text.out, HasSubstr("a{b}:c"));
}

TEST_F(commands, namespaces_are_apart)
{
    enqueued({"a", "[]", "--ns", "shop{1}"});
    EXPECT_EQ(json({"stats"}).at("pending").as_int64(), 0);
    EXPECT_EQ(json({"stats", "--ns", "shop{1}"}).at("pending").as_int64(), 1);
    auto const by_environment = run_tool(
        {"stats", "--json"},
        {"WORK_REDIS_URL=" + server->url(), "WORK_NAMESPACE=shop{1}"}
    );
    EXPECT_THAT(by_environment.out, HasSubstr("\"pending\":1,"));
}

TEST_F(commands, output_fits_80_columns)
{
    enqueued({std::string(128, 'n'), "[1]", "--queue", std::string(128, 'q')});
    EXPECT_LE(widest_line(run({"stats"}).out), 80u);
    EXPECT_LE(widest_line(run({"pools"}).out), 80u);
}

TEST_F(commands, a_record_written_by_hand_is_shown)
{
    auto const segment = work::id_segment("x");
    server->ask(
        "HSET work:{work}:jobs:" + std::string(segment.data(), 2) + " x \"garbage\\x1b[31m\""
    );
    auto const r = run({"job", "x"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("a stored job has at least 26 bytes"));
    EXPECT_THAT(r.out, HasSubstr("garbage\\x1b[31m"));
    EXPECT_EQ(r.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(json({"job", "x"}).at("bytes").as_string(), "garbage\\x1b[31m");
}

TEST_F(commands, text_from_outside_is_fit_to_show)
{
    std::string const name = "evil\u202e\u200f";
    std::string const hostile = "\u009b31m\u202egpj\x7f\u2028end";
    std::string const id = enqueued({name, "[\"" + hostile + "\"]", "--queue", "q\u2066"});
    for (std::vector<std::string> const& command :
         {std::vector<std::string>{"job", id},
          {"job", id, "--json"},
          {"stats"},
          {"stats", "--json"},
          {"job", name + "\x1b[2J"},
          {"cancel", "\u202e"},
          {"move", id, "--to", "q\u202e"},
          {"kill", id, "--reason", hostile},
          {"job", id},
          {"jobs"},
          {"\u202e"},
          {"--ns", "a\u009b"}}) {
        auto const r = run(command);
        std::istringstream lines(r.out + "\n" + r.err);
        for (std::string line; std::getline(lines, line);)
            EXPECT_TRUE(work::testing::is_fit_to_show(line)) << command[0];
    }
    // Escaped as JSON does it, so that it reads back as it was.
    auto const job = json({"job", id});
    EXPECT_EQ(job.at("name").as_string(), name);
    EXPECT_EQ(job.at("args").as_string(), "[\"" + hostile + "\"]");
}

TEST_F(commands, progress_is_shown_as_people_read_numbers)
{
    std::string const id = enqueued({"a", "[]"});
    server->ask("DEL work:{work}:list:a");
    server->ask("ZADD work:{work}:leases 9999999999999 5");
    server->ask("ZADD work:{work}:large_claims 5 5");
    server->ask("SET work:{work}:claim:5 \"pool j 15000 0 \\n," + id + ",\"");
    server->ask(
        "HSET work:{work}:progress:5 " + id + R"( "{\"message\":\"half\",\"percent\":50.5}")"
    );
    auto const r = run({"job", id});
    EXPECT_THAT(r.out, HasSubstr("half (50.5 %)\n")) << r.out << r.err;
}

TEST_F(commands, pools_without_any)
{
    EXPECT_EQ(json({"pools"}).at("pools").as_array().size(), 0u);
    EXPECT_EQ(run({"pools"}).code, 0);
}

TEST(version, prints_one_line)
{
    auto const r = run_tool({"version"});
    EXPECT_EQ(r.code, 0);
    EXPECT_THAT(r.out, StartsWith("work "));
}
