// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/tool_fixture.hpp"

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace work::testing;

namespace {

// What bash offers behind these words, the last of which is being written.
std::vector<std::string> offered(std::vector<std::string> words)
{
    std::string script = "eval \"$(\"$WORK_TOOL\" completion bash)\"\nCOMP_WORDS=(work";
    for (std::string const& word : words)
        script += " '" + word + "'";
    script += ")\nCOMP_CWORD=" + std::to_string(words.size()) +
              "\n_work\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    auto const r = run_program("/bin/bash", {"bash", "--norc", "-c", script});
    EXPECT_EQ(r.err, "");
    auto all = lines_of(r.out);
    std::erase(all, "");
    return all;
}

}  // namespace

TEST(completion, of_bash_offers_commands)
{
    EXPECT_THAT(offered({""}), Contains("queues"));
    EXPECT_EQ(offered({"que"}), std::vector<std::string>{"queues"});
    EXPECT_EQ(offered({"--pro"}), std::vector<std::string>{"--profile"});
    EXPECT_EQ(offered({"--profile", "x", "he"}), std::vector<std::string>{"healthcheck"});
    EXPECT_EQ(offered({"completion", "z"}), std::vector<std::string>{"zsh"});
}

TEST(completion, of_bash_offers_the_options_of_the_command)
{
    EXPECT_THAT(offered({"queues", "--"}), Contains("--sort"));
    EXPECT_THAT(offered({"queues", "--"}), Contains("--redis"));
    EXPECT_THAT(offered({"queues", "--"}), Not(Contains("--reason")));
    EXPECT_EQ(offered({"cancel", "id", "--rea"}), std::vector<std::string>{"--reason"});
    EXPECT_THAT(offered({"queues", "--sort", ""}), IsEmpty()) << "its value is to be written";
    EXPECT_THAT(offered({"queues", "--all", "--s"}), Contains("--sort"));
}

TEST(completion, knows_every_command_in_every_shell)
{
    auto const help = run_tool({"--help"}).out;
    auto const commands = offered({""});
    EXPECT_GT(commands.size(), 20u);
    for (char const* const shell : {"bash", "zsh", "fish"}) {
        auto const r = run_tool({"completion", shell});
        EXPECT_EQ(r.code, 0) << r.err;
        for (std::string const& command : commands) {
            EXPECT_THAT(r.out, HasSubstr(command.starts_with("--") ? command.substr(2) : command));
            EXPECT_THAT(help, HasSubstr(command));
        }
    }
    EXPECT_EQ(run_tool({"completion", "tcsh"}).code, 2);
    EXPECT_EQ(run_tool({"completion"}).code, 2);
}
