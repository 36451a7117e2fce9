// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/log.hpp>
#include <work/printable.hpp>
#include <work/values/progress.hpp>
#include <work/values/text.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/hostile_text.hpp"

using work::printable;
using work::testing::hostile_text;
using work::testing::is_fit_to_show;

TEST(printable, escapes_what_moves_the_cursor_ends_the_line_or_turns_it)
{
    EXPECT_EQ(printable("caf\u00e9 \u4f60\u597d \U0001F600"), "caf\u00e9 \u4f60\u597d \U0001F600");
    EXPECT_EQ(printable("a\nb\r\t\x1b[2J"), R"(a\nb\r\t\x1b[2J)");
    EXPECT_EQ(printable(std::string_view("\0\x7f\xff\xc3", 4)), R"(\x00\x7f\xff\xc3)");
    EXPECT_EQ(printable("\u0085\u009b31m"), R"(\u0085\u009b31m)");
    EXPECT_EQ(
        printable("\u202egpj.exe\u2066\u200f\u2028\ufeff"),
        R"(\u202egpj.exe\u2066\u200f\u2028\ufeff)"
    );
}

TEST(printable, cuts_at_whole_characters_and_says_the_size)
{
    EXPECT_EQ(printable("abcdef", 6), "abcdef");
    EXPECT_EQ(printable("abcdefg", 6), "abcdef... (7 bytes)");
    EXPECT_EQ(printable("abcde\u00e9", 6), "abcde... (7 bytes)");
    EXPECT_EQ(printable("abcd\x1b", 6), "abcd... (5 bytes)");
    EXPECT_EQ(printable("", 0), "");
}

TEST(printable, any_text_is_fit_to_show)
{
    std::mt19937 random(7);
    for (int round = 0; round != 20'000; ++round) {
        std::string const text = hostile_text(random, 200);
        std::string const shown = printable(text);
        ASSERT_TRUE(is_fit_to_show(shown)) << work::detail::quote(text, 1000);
        ASSERT_EQ(printable(shown), shown);
        ASSERT_TRUE(is_fit_to_show(printable(text, 50)));
        ASSERT_LE(printable(text, 50).size(), 50 + 20u);
        ASSERT_TRUE(is_fit_to_show(work::detail::quote(text, 50)));
        ASSERT_TRUE(is_fit_to_show(work::detail::log_field(text, 50)));
    }
}

TEST(printable, log_field_is_one_value)
{
    using work::detail::log_field;
    EXPECT_EQ(log_field("send_email"), "send_email");
    EXPECT_EQ(log_field("a attempt=9"), "\"a attempt=9\"");
    EXPECT_EQ(log_field(""), "\"\"");
    EXPECT_EQ(log_field("a\"b"), R"("a\"b")");
}

TEST(printable, messages_of_errors_are)
{
    work::error const e(work::errc::refused, "the server said \x1b[31mno\n and \xff");
    EXPECT_STREQ(e.what(), R"(the server said \x1b[31mno\n and \xff)");
    work::error const large(work::errc::refused, std::string(1 << 20, 'x'));
    EXPECT_LT(std::string_view(large.what()).size(), 5000u);
    EXPECT_TRUE(std::string_view(large.what()).ends_with("... (1048576 bytes)"));
}

TEST(printable, lines_that_are_logged_are_and_a_logger_that_throws_is_held)
{
    std::vector<std::string> lines;
    auto const to = work::detail::safe_logger([&](work::log_level, std::string_view line) {
        lines.emplace_back(line);
        throw std::runtime_error("disk full");
    });
    std::mt19937 random(11);
    for (int round = 0; round != 200; ++round)
        EXPECT_NO_THROW(to(work::log_level::info, hostile_text(random, 20'000)));
    ASSERT_EQ(lines.size(), 200u);
    for (std::string const& line : lines) {
        ASSERT_TRUE(is_fit_to_show(line));
        ASSERT_LE(line.size(), work::max_log_line + 20);
    }
    EXPECT_NO_THROW(work::detail::safe_logger({})(work::log_level::info, "nobody listens"));
}

TEST(progress, is_valid_json_of_bounded_size_whatever_the_message)
{
    using work::detail::encode_progress;
    bool mended = true;
    double const none = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(encode_progress("half", 50.5, mended), R"({"message":"half","percent":50.5})");
    EXPECT_FALSE(mended);
    EXPECT_EQ(encode_progress("", none, mended), R"({"message":""})");
    EXPECT_EQ(encode_progress("x", 1e300, mended), R"({"message":"x","percent":100.0})");
    EXPECT_EQ(encode_progress("x", -HUGE_VAL, mended), R"({"message":"x","percent":0.0})");
    EXPECT_FALSE(mended);
    EXPECT_EQ(encode_progress("caf\xe9", none, mended), "{\"message\":\"caf\xEF\xBF\xBD\"}");
    EXPECT_TRUE(mended);
    for (char const fill : {'x', '\x01', '"', '\xff'}) {
        std::string const text = encode_progress(std::string(100'000, fill), 3, mended);
        EXPECT_TRUE(mended);
        EXPECT_LE(text.size(), work::max_progress);
        EXPECT_GT(text.size(), work::max_progress / 2);
        EXPECT_NE(text.find("... (100000 bytes)\",\"percent\":3.0}"), std::string::npos);
        EXPECT_EQ(work::detail::find_invalid_utf8(text), std::string_view::npos);
    }
}
