// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

#include "cli/run_tool.hpp"

using ::testing::HasSubstr;
using ::testing::StartsWith;
using work::testing::run_tool;

TEST(server, ends_soon_after_sigterm)
{
    std::chrono::steady_clock::time_point told;
    auto const r = run_tool(
        {"server", "--redis", "memory:", "--listen", "127.0.0.1:0"},
        {},
        [&](std::string const& text, ::pid_t child) {
            if (text.find("/api/v1/, namespace work") == std::string::npos ||
                told != std::chrono::steady_clock::time_point())
                return;
            told = std::chrono::steady_clock::now();
            ::kill(child, SIGTERM);
        }
    );
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.err, HasSubstr("server on http://127.0.0.1:"));
    EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::seconds(10));
}

// Each connection takes a descriptor, and the usual limit is below that of connections.
TEST(server, opens_as_many_files_as_the_system_lets_it)
{
    ::rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    ::rlimit const low{200, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    ::rlimit raised{};
    bool asked = false;
    auto const r = run_tool(
        {"server", "--redis", "memory:", "--listen", "127.0.0.1:0"},
        {},
        [&](std::string const& text, ::pid_t child) {
            if (text.find("/api/v1/, namespace work") == std::string::npos || asked)
                return;
            asked = true;
            ::prlimit(child, RLIMIT_NOFILE, nullptr, &raised);
            ::kill(child, SIGTERM);
        }
    );
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(raised.rlim_cur, before.rlim_max);
}

TEST(server, says_what_it_can_not_do)
{
    auto const refused = [](std::vector<std::string> more) {
        std::vector<std::string> words{"server", "--redis", "memory:"};
        words.insert(words.end(), more.begin(), more.end());
        auto r = run_tool(std::move(words));
        EXPECT_THAT(r.err, StartsWith("work: "));
        return r;
    };
    auto const open = refused({"--listen", "0.0.0.0:0"});
    EXPECT_EQ(open.code, 2);
    EXPECT_THAT(open.err, HasSubstr("--tokens FILE"));
    EXPECT_EQ(refused({"--listen", "127.0.0.1"}).code, 2);
    EXPECT_EQ(refused({"--listen", "127.0.0.1:65536"}).code, 2);
    EXPECT_EQ(refused({"--listen", "localhost:0"}).code, 2);
    EXPECT_EQ(refused({"--listen", "127.0.0.1:0", "--tokens", "/nowhere"}).code, 2);
    auto const named = refused({"--listen", "127.0.0.1:0", "--environment", "<b>"});
    EXPECT_EQ(named.code, 2);
    EXPECT_THAT(named.err, HasSubstr("environment is \"<b>\", it must be at most 32 of"));
    auto const taken = refused({"--listen", "192.0.2.1:0", "--insecure"});
    EXPECT_EQ(taken.code, 1);
    EXPECT_THAT(taken.err, HasSubstr("can't listen on 192.0.2.1:0"));
}

TEST(server, token_prints_a_line_and_shows_the_secret_once)
{
    auto const r = run_tool({"token", "shop", "--role", "producer", "--queues", "mail,bulk"});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, StartsWith("shop producer sha256:"));
    EXPECT_THAT(r.out, HasSubstr(" queues=mail,bulk\n"));
    auto const at = r.err.find("work_");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(r.err.substr(at).size(), 5u + 64u + 1u);
    EXPECT_EQ(r.out.find("work_"), std::string::npos);
    auto const other = run_tool({"token", "shop", "--role", "producer"});
    EXPECT_NE(r.err, other.err);
    EXPECT_EQ(run_tool({"token", "shop", "--role", "root"}).code, 2);
    EXPECT_EQ(run_tool({"token", "shop"}).code, 2);
}
