// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/tool_fixture.hpp"

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace work::testing;

namespace {

class configuration : public tool_test
{
protected:
    configuration()
    {
        std::string pattern = ::testing::TempDir() + "work-config-XXXXXX";
        directory = ::mkdtemp(pattern.data());
        std::filesystem::create_directories(directory + "/xdg/work");
    }
    ~configuration() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
    }

    void write(std::string const& name, std::string const& text) const
    {
        std::ofstream(directory + "/" + name) << text;
    }
    tool_result run_here(
        std::vector<std::string> arguments,
        std::vector<std::string> environment = {}
    ) const
    {
        environment.push_back("XDG_CONFIG_HOME=" + directory + "/xdg");
        return run_tool(std::move(arguments), environment, {}, directory);
    }
    // How many jobs are pending where it looks.
    std::string pending(
        std::vector<std::string> arguments,
        std::vector<std::string> environment = {}
    ) const
    {
        arguments.emplace_back("--json");
        auto const r = run_here(std::move(arguments), std::move(environment));
        auto const at = r.out.find("\"pending\":");
        return r.code != 0 ? r.err : r.out.substr(at + 10, r.out.find(',', at) - at - 10);
    }

    std::string directory;
};

}  // namespace

TEST_F(configuration, is_less_than_options_and_environment)
{
    for (int i = 0; i != 2; ++i)
        enqueued({"a", "[]", "--ns", "two"});
    for (int i = 0; i != 3; ++i)
        enqueued({"a", "[]", "--ns", "three"});
    enqueued({"a", "[]", "--ns", "one"});
    std::string const redis = "redis = \"" + server->url() + "\"\n";
    write("xdg/work/config.toml", redis + "ns = \"one\"\n");
    EXPECT_EQ(pending({"stats"}), "1");
    write("work.toml", "# ours\nns = 'two'  # of the project\n");
    EXPECT_EQ(pending({"stats"}), "2");
    EXPECT_EQ(pending({"stats"}, {"WORK_NAMESPACE=three"}), "3");
    EXPECT_EQ(pending({"stats", "--ns", "one"}, {"WORK_NAMESPACE=three"}), "1");
}

TEST_F(configuration, has_profiles)
{
    enqueued({"a", "[]", "--ns", "p"});
    write(
        "work.toml",
        "profile = \"dev\"\nredis = \"redis://127.0.0.1:1\"\n[profiles.dev]\nns = \"d\"\nredis = "
        "\"" +
            server->url() +
            "\"\n[profiles.prod]\nns = \"p\"\nenvironment = \"production\"\nredis = \"" +
            server->url() + "\"\n"
    );
    EXPECT_EQ(pending({"stats"}), "0");
    EXPECT_EQ(pending({"stats", "--profile", "prod"}), "1");
    EXPECT_EQ(pending({"--profile", "prod", "stats"}), "1");
    EXPECT_EQ(pending({"stats"}, {"WORK_PROFILE=prod"}), "1");
    EXPECT_EQ(pending({"--profile", "dev", "stats"}, {"WORK_PROFILE=prod"}), "0");
    EXPECT_THAT(
        run_here({"top", "--once", "--profile", "prod"}).out,
        HasSubstr(" work top  production / p ")
    );
    EXPECT_EQ(run_here({"pause", "a", "--profile", "prod"}).err, "production / p\n");
    EXPECT_EQ(run_here({"pause", "a", "--profile", "dev"}).err, "");
    EXPECT_THAT(run_here({"kill", "x", "--profile", "prod"}).err, StartsWith("production / p\n"));
    auto const r = run_here({"stats", "--profile", "nope"});
    EXPECT_EQ(r.code, 2);
    EXPECT_THAT(r.err, HasSubstr("there is no profile \"nope\" in work.toml and "));
    EXPECT_THAT(r.err, HasSubstr("; there are dev, prod"));
}

TEST_F(configuration, that_can_not_be_used_names_file_line_and_key)
{
    struct wrong
    {
        std::string text;
        std::string says;
    };
    for (wrong const& one : std::vector<wrong>{
             {"ns = \"a\"\nredis_url = \"x\"\n", "work.toml:2: the key \"redis_url\" is not known"},
             {"\nns = 3\n", "work.toml:2: ns must be text, in quotes"},
             {"ns = \"a\n", "work.toml:1: "},
             {"profiles = 3\n", "work.toml:1: profiles is no table"},
             {"[profiles.a]\nprofile = \"b\"\n", "work.toml:2: the key \"profile\" is not known"},
             {"[profiles]\na = 1\n", "work.toml:2: profiles.a is no table"}
         }) {
        write("work.toml", one.text);
        auto const r = run_here({"stats"});
        EXPECT_EQ(r.code, 2) << r.out;
        EXPECT_THAT(r.err, HasSubstr(one.says));
        EXPECT_EQ(lines_of(r.err).size(), 1u) << r.err;
    }
}

TEST_F(configuration, healthcheck_asks_broker_or_server)
{
    EXPECT_EQ(run({"healthcheck"}).code, 0);
    EXPECT_EQ(run({"healthcheck"}).out, "");
    auto const away = run({"healthcheck", "--redis", "redis://127.0.0.1:1"});
    EXPECT_EQ(away.code, 1);
    EXPECT_THAT(away.err, HasSubstr("can't be reached"));
    auto const no_server = run({"healthcheck", "--server", "http://127.0.0.1:1"});
    EXPECT_EQ(no_server.code, 1);
    int code = -1;
    run_tool(
        {"server", "--listen", "0"},
        environment(),
        [&](std::string const& err, ::pid_t child) {
            auto const at = err.find("http://");
            auto const end = err.find("/api/v1/");
            if (code != -1 || end == std::string::npos)
                return;
            code = run({"healthcheck", "--server", err.substr(at, end - at)}).code;
            ::kill(child, SIGTERM);
        }
    );
    EXPECT_EQ(code, 0);
}
