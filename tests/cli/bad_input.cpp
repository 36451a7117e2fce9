// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "cli/run_tool.hpp"

using ::testing::HasSubstr;
using ::testing::StartsWith;
using work::testing::run_tool;

namespace {

struct bad
{
    std::vector<std::string> arguments;
    int code;
    std::string says;
};

// Nothing listens on port 1; what is wrong must show before anybody asks.
std::vector<bad> const table = {
    {{}, 2, "subcommand is required"},
    {{"nope"}, 2, "there is no command \"nope\""},
    {{"enqueue"}, 2, "NAME is required"},
    {{"enqueue", "a"}, 2, "ARGS_JSON is required"},
    {{"enqueue", "a", "[]", "--what"}, 2, "--what"},
    {{"enqueue", "a", ""}, 2, "neither an array nor an object"},
    {{"enqueue", "a", "1"}, 2, "neither an array nor an object"},
    {{"enqueue", "a", "[1,"}, 2, "incomplete JSON at byte 3"},
    {{"enqueue", "a", "[1] x"}, 2, "extra data at byte 4, before \"x\""},
    {{"enqueue", "a", "{\"a\":nul}"}, 2, "at byte"},
    {{"enqueue", "a", std::string(600, '[') + std::string(600, ']')}, 2, "nesting deeper than 512"},
    {{"enqueue", "a", "[]", "--in", "5x"}, 2, "--in: the duration \"5x\" can't be read"},
    {{"enqueue", "a", "[]", "--in", "-5m"}, 2, "--in"},
    {{"enqueue", "a", "[]", "--in", "9999999999999999999w"}, 2, "it is too long"},
    {{"enqueue", "a", "[]", "--priority", "101"}, 2, "priority is 101, which is outside -100..100"},
    {{"enqueue", "a", "[]", "--priority", "x"}, 2, "--priority"},
    {{"enqueue", "a", "[]", "--max-attempts", "0"}, 2, "not in range 1 to 1000"},
    {{"enqueue", "a", "[]", "--at", "tomorrow"}, 2, "--at: the time \"tomorrow\" can't be read"},
    {{"enqueue", "a", "[]", "--at", "25:00"}, 2, "write 18:00"},
    {{"enqueue", "a", "[]", "--at", "18:00", "--in", "5m"}, 2, "--in excludes --at"},
    {{"enqueue", "a", "[]", "--timeout", "5x"}, 2, "--timeout: the duration"},
    {{"enqueue", "a", "[]", "--header", "tenant"}, 2, "write NAME=VALUE"},
    {{"enqueue", "a", "[]", "--tag", std::string(300, 't')}, 2, "tag"},
    {{"enqueue", "a", "--jsonl", "x"}, 2, "NAME excludes --jsonl"},
    {{"pause"}, 2, "QUEUE or --name is required"},
    {{"resume"}, 2, "QUEUE or --name is required"},
    {{"pause", "q", "--until", "x"}, 2, "--until: the time \"x\" can't be read"},
    {{"edit", "x", "--at", "x"}, 2, "--at: the time \"x\" can't be read"},
    {{"fake", "--rate", "0"}, 2, "--rate \"0\": jobs a second"},
    {{"fake", "--rate", "many"}, 2, "--rate \"many\""},
    {{"fake", "--fail", "101%"}, 2, "--fail \"101%\": of a hundred attempts"},
    {{"fake", "--for", "x"}, 2, "--for: the duration \"x\" can't be read"},
    {{"enqueue", "", "[]"}, 2, "job name \"\" can't be used: it is empty"},
    {{"enqueue", "a\nb", "[]"}, 2, "job name \"a\\nb\" can't be used: it has a control character"},
    {{"enqueue", "a\xff", "[]"}, 2, "it is not valid UTF-8"},
    {{"enqueue", "a", "[]", "--queue", std::string(129, 'q')}, 2, "longer than 128 bytes"},
    {{"enqueue", "a", "[]", "--id", "a b"}, 2, "job id \"a b\" can't be used"},
    {{"enqueue", "a", "[]", "--id", "a{b"}, 2, "it has a brace or a comma"},
    {{"stats", "--ns", "a\nb"}, 2, "namespace \"a\\nb\" can't be used"},
    {{"stats", "--redis", "nowhere"}, 2, "the Redis URL has no scheme"},
    {{"stats", "--redis", "http://a"}, 2, "the scheme \"http\" is not known here"},
    {{"stats", "--redis", "redis://a:99999"}, 2, "is not a number from 1 to 65535"},
    {{"stats", "--redis", "redis://127.0.0.1:1"}, 1, "127.0.0.1:1 can't be reached"},
    {{"enqueue", "a", "[]", "--redis", "redis://127.0.0.1:1"}, 1, "127.0.0.1:1 can't be reached"},
    {{"job"}, 2, "ID is required"},
    {{"cancel"}, 2, "ID is required"},
    {{"demo", "--jobs", "0"}, 2, "not in range"},
    {{"demo", "--jobs", "x"}, 2, "--jobs"},
    {{"demo", "--redis", "nowhere"}, 2, "the Redis URL has no scheme"},
};

class bad_input : public ::testing::TestWithParam<std::size_t>
{};

}  // namespace

TEST_P(bad_input, is_one_sentence_on_stderr)
{
    bad const& b = table[GetParam()];
    auto const r = run_tool(b.arguments, {"WORK_REDIS_URL=redis://127.0.0.1:1"});
    EXPECT_EQ(r.code, b.code) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, StartsWith("work: "));
    EXPECT_THAT(r.err, HasSubstr(b.says));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
}

INSTANTIATE_TEST_SUITE_P(rows, bad_input, ::testing::Range(std::size_t(0), table.size()));
