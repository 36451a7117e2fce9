// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/pseudo_terminal.hpp"
#include "cli/running_server.hpp"
#include "cli/tool_fixture.hpp"

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace work::testing;

namespace {

class through_server : public tool_test
{
protected:
    through_server()
    {
        std::string pattern = ::testing::TempDir() + "work-through-XXXXXX";
        directory = ::mkdtemp(pattern.data());
    }
    ~through_server() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
    }

    void write(std::string const& name, std::string const& text) const
    {
        std::ofstream(directory + "/" + name) << text;
        std::filesystem::permissions(
            directory + "/" + name,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write
        );
    }
    /// A line for --tokens; the token itself goes into a file of its name.
    std::string token(std::string const& name, std::string const& role) const
    {
        auto const made = run_tool({"token", name, "--role", role});
        auto const at = made.err.find("work_");
        write(name, made.err.substr(at));
        return made.out;
    }
    std::string text_of(std::string const& name) const
    {
        std::ifstream in(directory + "/" + name);
        std::string line;
        std::getline(in, line);
        return line;
    }

    std::string directory;
};

}  // namespace

TEST_F(through_server, needs_the_right_token_and_the_right_role)
{
    write("tokens", token("ada", "operator") + token("eve", "viewer") + token("shop", "producer"));
    running_server const there(server->url(), {"--tokens", directory + "/tokens"});
    std::string const url = "WORK_URL=" + there.url();
    auto const none = run_tool({"stats"}, {url});
    EXPECT_EQ(none.code, 1);
    EXPECT_EQ(
        none.err,
        "work: the server at " + there.url() +
            " wants a token: WORK_TOKEN or --token-file FILE gives it one\n"
    );
    auto const wrong = run_tool({"stats"}, {url, "WORK_TOKEN=work_wrong"});
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.err, HasSubstr(" does not know this token: work token NAME --role ROLE "));
    auto const stored =
        run_tool({"enqueue", "a", "[]", "--id", "j"}, {url, "WORK_TOKEN=" + text_of("shop")});
    EXPECT_EQ(stored.out, "j\n") << stored.err;
    auto const forbidden = run_tool({"kill", "j", "--token-file", directory + "/eve"}, {url});
    EXPECT_EQ(forbidden.code, 1);
    EXPECT_EQ(forbidden.err, "work: \"eve\" has not the right operate, which this needs\n");
    // The option is more than the environment.
    auto const killed =
        run_tool({"kill", "j", "--token-file", directory + "/ada"}, {url, "WORK_TOKEN=work_wrong"});
    EXPECT_EQ(killed.out, "j killed\n") << killed.err;
    auto const deleted = run_tool({"delete", "j"}, {url, "WORK_TOKEN=" + text_of("ada")});
    EXPECT_EQ(deleted.code, 1);
    EXPECT_THAT(deleted.err, HasSubstr("needs the right destroy"));
    EXPECT_THAT(run({"audit"}).out, HasSubstr("ada  kill"));
    auto const lost = run_tool({"stats", "--token-file", directory + "/no"}, {url});
    EXPECT_EQ(lost.code, 2);
    EXPECT_THAT(lost.err, HasSubstr("can't be read, or its first line is empty"));
}

TEST_F(through_server, what_is_hidden_is_said_to_be)
{
    write("tokens", token("eve", "viewer"));
    enqueued({"a", "[\"secret\"]", "--id", "j"});
    EXPECT_EQ(run({"kill", "j", "--reason", "secret"}).code, 0);
    running_server const there(server->url(), {"--tokens", directory + "/tokens", "--hide-args"});
    std::vector<std::string> const environment{
        "WORK_URL=" + there.url(),
        "WORK_TOKEN=" + text_of("eve")
    };
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"job", "j"},
             {"job", "j", "--json"},
             {"jobs"},
             {"dead"},
             {"failures"},
             {"explain", "j"}
         }) {
        auto const r = run_tool(words, environment);
        EXPECT_EQ(r.code, 0) << words[0] << r.err;
        EXPECT_THAT(r.out, Not(HasSubstr("secret"))) << words[0];
    }
    EXPECT_THAT(run_tool({"job", "j"}, environment).out, HasSubstr("args\n  (hidden)\n"));
    auto const args = run_tool({"args", "j"}, environment);
    EXPECT_EQ(args.code, 1);
    EXPECT_EQ(args.out, "");
    EXPECT_EQ(args.err, "work: job \"j\": what jobs hold is hidden from you here\n");
    EXPECT_EQ(run_tool({"jobs", "--args", "secret"}, environment).code, 1);
}

TEST_F(through_server, that_is_none_or_away_fails_with_a_sentence)
{
    auto const away = run_tool({"stats", "--url", "http://127.0.0.1:1"});
    EXPECT_EQ(away.code, 1);
    EXPECT_EQ(
        away.err,
        "work: the server at http://127.0.0.1:1 can't be reached: Connection refused\n"
    );
    auto const redis = run_tool({"stats", "--url", "http" + server->url().substr(5)});
    EXPECT_EQ(redis.code, 1);
    EXPECT_THAT(redis.err, StartsWith("work: the server at http://127.0.0.1:"));
    for (char const* const url :
         {"127.0.0.1:5040",
          "redis://127.0.0.1",
          "http://",
          "http://a:b",
          "http://a/?b",
          "http://u@a"}) {
        auto const r = run_tool({"stats", "--url", url});
        EXPECT_EQ(r.code, 2) << url;
        EXPECT_THAT(r.err, HasSubstr("write http://HOST:PORT or https://HOST:PORT")) << url;
    }
    redis_server own;
    running_server const there(own.url());
    EXPECT_EQ(run_tool({"stats"}, {"WORK_URL=" + there.url()}).code, 0);
    own.stop();
    auto const r = run_tool({"job", "j"}, {"WORK_URL=" + there.url()});
    EXPECT_EQ(r.code, 1);
    EXPECT_THAT(r.err, StartsWith("work: "));
    EXPECT_EQ(lines_of(r.err).size(), 1u) << r.err;
    auto const broker = run_tool({"broker"}, {"WORK_URL=" + there.url()});
    EXPECT_EQ(broker.code, 1);
    EXPECT_THAT(broker.out, HasSubstr("verdict     away: "));
}

TEST_F(through_server, is_not_for_commands_that_need_the_broker)
{
    running_server const there(server->url());
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"server"},
             {"fake"},
             {"bench", "--yes"},
             {"tune", "--yes"},
             {"demo", "--url", there.url()}
         }) {
        auto const r = run_tool(words, {"WORK_URL=" + there.url()});
        EXPECT_EQ(r.code, 2) << words[0];
        EXPECT_THAT(r.err, HasSubstr("on the broker itself")) << words[0];
        EXPECT_THAT(r.err, HasSubstr("say --redis URL")) << words[0];
        EXPECT_EQ(lines_of(r.err).size(), 1u) << r.err;
    }
}

TEST_F(through_server, repairs_as_an_operation_that_stands_in_the_audit)
{
    for (int i = 0; i != 3; ++i)
        enqueued({"resize", "[1]"});
    running_server const there(server->url());
    std::vector<std::string> const where{"WORK_URL=" + there.url()};
    server->ask("DEL work:{work}:list:resize");
    EXPECT_EQ(run_tool({"doctor"}, where).code, 1);
    auto const mended = run_tool({"doctor", "--repair"}, where);
    EXPECT_EQ(mended.code, 0) << mended.out << mended.err;
    EXPECT_THAT(mended.out, HasSubstr("3 jobs given back; 0 jobs had only moved"));
    auto const again = run_tool({"doctor", "--repair"}, where);
    EXPECT_THAT(again.out, HasSubstr("strays      none"));
    EXPECT_THAT(run_tool({"operations"}, where).out, HasSubstr("repair"));
    EXPECT_THAT(run_tool({"audit", "--json"}, where).out, HasSubstr("jobs that are in no place"));
    EXPECT_THAT(run_tool({"stats", "--json"}, where).out, HasSubstr("\"pending\":3"));
}

TEST_F(through_server, is_named_by_option_environment_or_profile)
{
    enqueued({"a", "[]", "--ns", "shop"});
    running_server const there(server->url(), {"--ns", "shop"});
    auto const run_here = [&](std::vector<std::string> words, std::vector<std::string> more) {
        return run_tool(std::move(words), more, {}, directory);
    };
    EXPECT_THAT(run_here({"stats", "--url", there.url() + "/"}, {}).out, HasSubstr("\na    =  "));
    write(
        "work.toml",
        "[profiles.p]\nurl = \"" + there.url() + "\"\nenvironment = \"production\"\n"
    );
    // The namespace of the server is what stands before what is changed.
    EXPECT_EQ(run_here({"pause", "a", "--profile", "p"}, {}).err, "production / shop\n");
    EXPECT_EQ(run_here({"stats", "--profile", "p", "--ns", "shop"}, {}).code, 0);
    auto const other = run_here({"stats", "--profile", "p", "--ns", "other"}, {});
    EXPECT_EQ(other.code, 2);
    EXPECT_EQ(
        other.err,
        "work: the server has the namespace \"shop\", and not \"other\": leave --ns and "
        "WORK_NAMESPACE out, or ask another server\n"
    );
    // What is nearer to the command decides; of two that are as near, neither.
    EXPECT_EQ(run_here({"job", "j", "--profile", "p"}, environment()).code, 3);
    auto const both = run_here({"stats"}, {"WORK_URL=" + there.url(), environment().at(0)});
    EXPECT_EQ(both.code, 2);
    EXPECT_THAT(both.err, HasSubstr("WORK_REDIS_URL and WORK_URL are both set"));
    EXPECT_EQ(run_here({"stats", "--url", there.url(), "--redis", "memory:"}, {}).code, 2);
    EXPECT_EQ(run_here({"stats", "--url", there.url()}, environment()).code, 0);
    write("work.toml", "url = \"http://a\"\nredis = \"redis://a\"\n");
    auto const wrong = run_here({"stats"}, {});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("work.toml:1: redis and url stand together"));
}

TEST_F(through_server, worker_pools_are_told_and_jobs_waited_for)
{
    running_server const there(server->url());
    std::string const url = "WORK_URL=" + there.url();
    running_pool const pool(server->url(), {"mail"});
    auto const stored = run_tool({"enqueue", "mail", "[]"}, {url});
    std::string const id = stored.out.substr(0, stored.out.size() - 1);
    EXPECT_EQ(run_tool({"wait", id, "--timeout", "30s"}, {url}).code, 0);
    auto const seen = run_tool({"pools"}, {url});
    EXPECT_THAT(seen.out, HasSubstr("running")) << seen.err;
    // The same over the broker and through a server.
    std::string const name = seen.out.substr(seen.out.find('\n') + 1, 22);
    for (auto const& where : {std::vector<std::string>{url}, environment()}) {
        auto const one = run_tool({"pool", name}, where);
        EXPECT_EQ(one.code, 0) << one.err;
        EXPECT_THAT(one.out, HasSubstr("handles       mail")) << one.err;
        auto const as_json = run_tool({"pool", name, "--json"}, where);
        EXPECT_THAT(as_json.out, HasSubstr("\"in_flight\":[],\"oldest\":null,\"stalled\":0"));
        EXPECT_EQ(run_tool({"pool", "nobody"}, where).code, 3);
    }
    auto const quiet = run_tool({"quiet", "--all"}, {url});
    EXPECT_EQ(quiet.code, 0) << quiet.err;
    EXPECT_THAT(quiet.out, HasSubstr("claims no more jobs"));
    EXPECT_THAT(
        run_tool({"top", "--once", "--page", "broker"}, {url}).out,
        HasSubstr("broker            " + there.url())
    );
    // More than a server takes at once.
    std::string ids;
    std::vector<std::string> words{"cancel"};
    for (int i = 0; i != 300; ++i) {
        ids += "{\"name\":\"mail\",\"args\":[],\"id\":\"m" + std::to_string(i) + "\"}\n";
        words.push_back("m" + std::to_string(i));
    }
    write("jobs", ids);
    auto const many = run_tool({"enqueue", "--jsonl", directory + "/jobs"}, {url});
    EXPECT_EQ(many.code, 0) << many.err;
    EXPECT_EQ(lines_of(many.out).size(), 300u);
    EXPECT_EQ(lines_of(run_tool(words, {url}).out).size(), 300u);
}

TEST_F(through_server, a_live_picture_says_that_the_server_is_away_and_goes_on)
{
    enqueued({"mail", "[]"});
    running_server there(server->url());
    pseudo_terminal terminal({"top"}, {"WORK_URL=" + there.url()});
    ASSERT_TRUE(terminal.shows("mail")) << terminal.seen();
    there.stop();
    EXPECT_TRUE(terminal.shows("away for")) << terminal.seen();
    terminal.type("q");
    EXPECT_EQ(terminal.end(), 0);
}
