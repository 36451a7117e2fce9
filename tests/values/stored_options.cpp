// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/stored_options.hpp>

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace {

using work::decode_options;
using work::encode_options;
using work::enqueue_options;
using work::stored_options;
using namespace std::chrono_literals;

TEST(stored_options, defaults_are_empty_text)
{
    EXPECT_EQ(encode_options({}), "");
    std::vector<std::pair<std::string, std::string>> const no_headers;
    std::vector<std::string> const no_tags;
    enqueue_options nothing;
    nothing.headers = no_headers;
    nothing.tags = no_tags;
    EXPECT_EQ(encode_options(nothing), "") << "an empty container is written";
    EXPECT_EQ(encode_options({.queue = "low", .id = "x"}), "");
    auto const read = decode_options("");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, stored_options());
}

TEST(stored_options, text_is_as_documented)
{
    EXPECT_EQ(encode_options({.max_attempts = 3}), R"({"max_attempts":3})");
    EXPECT_EQ(
        encode_options({.priority = -5, .timeout = 30s, .skip_dead = false}),
        R"({"priority":-5,"timeout_ms":30000,"skip_dead":false})"
    );
    EXPECT_EQ(encode_options({.args_version = 1}), "") << "which is what it is without";
    EXPECT_EQ(encode_options({.args_version = 3}), R"({"args_version":3})");
    EXPECT_EQ(
        encode_options({.backoff = work::backoff::polynomial()}),
        R"({"backoff":{"kind":"polynomial"}})"
    );
    EXPECT_EQ(
        encode_options({.backoff = work::backoff::exponential(1s, 3, 1h)}),
        R"({"backoff":{"kind":"exponential","base_ms":1000,"factor":3.0,"cap_ms":3600000,)"
        R"("jitter":0.1}})"
    );
}

TEST(stored_options, everything_round_trips)
{
    std::array<std::pair<std::string_view, std::string_view>, 2> const headers{
        std::pair<std::string_view, std::string_view>{"traceparent", "00-\"1\"\n"},
        std::pair<std::string_view, std::string_view>{"b", ""}
    };
    std::array<std::string_view, 2> const tags{"nightly", "ü"};
    enqueue_options const options{
        .priority = 100,
        .max_attempts = 7,
        .timeout = 1ms,
        .expires_in = 2h,
        .deadline = 3h,
        .backoff = work::backoff::fixed(17s),
        .skip_dead = true,
        .args_version = 2,
        .headers = headers,
        .tags = tags
    };
    options.validate();
    auto const text = encode_options(options);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    auto const read = decode_options(text);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->priority, 100);
    EXPECT_EQ(read->max_attempts, 7);
    EXPECT_EQ(read->timeout, 1ms);
    EXPECT_EQ(read->expires_in, 2h);
    EXPECT_EQ(read->deadline, 3h);
    EXPECT_EQ(read->backoff, work::backoff::fixed(17s));
    EXPECT_EQ(read->skip_dead, true);
    EXPECT_EQ(read->args_version, 2);
    ASSERT_EQ(read->headers.size(), 2u);
    EXPECT_EQ(read->headers[0], (std::pair<std::string, std::string>("traceparent", "00-\"1\"\n")));
    EXPECT_EQ(read->tags, (std::vector<std::string>{"nightly", "ü"}));
}

TEST(stored_options, unknown_members_are_ignored)
{
    auto const read =
        decode_options(R"({"from_the_future":[1],"max_attempts":4,"timeout_ms":null})");
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->max_attempts, 4);
    EXPECT_EQ(read->timeout, std::nullopt);
}

TEST(stored_options, faults_are_texts)
{
    auto const fault = [](std::string_view text) {
        auto const read = decode_options(text);
        return read ? std::string("none") : read.error();
    };
    EXPECT_EQ(fault("{"), "options: arguments are not JSON: incomplete JSON at byte 1");
    EXPECT_EQ(fault("[]"), "options: member: expected an object, found an array of 0");
    EXPECT_EQ(
        fault(R"({"max_attempts":"3"})"),
        "options: member max_attempts: expected an integer -2147483648..2147483647, found "
        "string \"3\""
    );
    EXPECT_EQ(fault(R"({"max_attempts":0})"), "max_attempts is 0, which is outside 1..1000");
    EXPECT_EQ(
        fault(R"({"backoff":{"kind":"odd"}})"),
        "options: member backoff.kind: expected one of polynomial, fixed, exponential, found "
        "string \"odd\""
    );
    EXPECT_EQ(
        fault(R"({"headers":{"a":1}})"),
        "options: header: expected a string, found integer 1"
    );
    EXPECT_EQ(
        fault(R"({"tags":[1]})"),
        "options: member tags[0]: expected a string, found integer 1"
    );
}

}  // namespace
