// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/text.hpp>

#include <cstdint>
#include <gtest/gtest.h>

namespace {

using namespace work::detail;

constexpr auto npos = std::string_view::npos;

std::string encode_utf8(std::uint32_t point)
{
    auto const byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (point < 0x80)
        return {byte(point)};
    if (point < 0x800)
        return {byte(0xC0 | point >> 6), byte(0x80 | (point & 63))};
    if (point < 0x10000)
        return {
            byte(0xE0 | point >> 12),
            byte(0x80 | (point >> 6 & 63)),
            byte(0x80 | (point & 63))
        };
    return {
        byte(0xF0 | point >> 18),
        byte(0x80 | (point >> 12 & 63)),
        byte(0x80 | (point >> 6 & 63)),
        byte(0x80 | (point & 63))
    };
}

TEST(text, utf8_every_code_point_is_valid_but_surrogates)
{
    for (std::uint32_t point = 0; point < 0x120000; ++point) {
        std::string const text = encode_utf8(point);
        bool const valid = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        ASSERT_EQ(find_invalid_utf8(text) == npos, valid) << point;
        if (valid) {
            ASSERT_EQ(utf8_length(text, 0), text.size());
        }
    }
}

TEST(text, utf8_cut_and_overlong_sequences_are_invalid)
{
    for (std::string_view const text :
         {"\x80",
          "\xC3",
          "\xE2\x82",
          "\xF0\x9F\x9A",
          "\xC0\x80",
          "\xC1\xBF",
          "\xE0\x9F\xBF",
          "\xF0\x8F\xBF\xBF",
          "\xF5\x80",
          "\xFE",
          "\xFF",
          "\xC3\x28",
          "\xE2\x28\xA1"})
        EXPECT_EQ(find_invalid_utf8(text), 0u);
    EXPECT_EQ(find_invalid_utf8("abc\xC3"), 3u);
    EXPECT_EQ(utf8_length("", 0), 0u);
}

TEST(text, sanitized_replaces_and_cuts_at_code_points)
{
    EXPECT_EQ(sanitized_utf8("a\xFFz", 100), "a\xEF\xBF\xBDz");
    EXPECT_EQ(sanitized_utf8("aü", 2), "a");
    EXPECT_EQ(sanitized_utf8("aü", 3), "aü");
    EXPECT_EQ(sanitized_utf8("a\xFF", 3), "a");
    EXPECT_EQ(sanitized_utf8("", 0), "");
}

TEST(text, quote_escapes_and_cuts)
{
    EXPECT_EQ(quote("a\"b\\c\n\r\t\x01\xFF"), R"("a\"b\\c\n\r\t\x01\xff")");
    EXPECT_EQ(quote(std::string(64, 'a')), '"' + std::string(64, 'a') + '"');
    EXPECT_EQ(quote(std::string(65, 'a')), '"' + std::string(64, 'a') + "\"... (65 bytes)");
    EXPECT_EQ(quote("aüb", 2), "\"a\"... (4 bytes)");
}

TEST(text, json_string_escapes)
{
    std::string out;
    EXPECT_EQ(append_json_string(out, std::string_view("\0\b\t\n\v\f\r\x1F\"\\/ü", 13)), npos);
    EXPECT_EQ(out, "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/ü\"");
}

TEST(text, json_string_refuses_invalid_utf8_and_leaves_out_as_it_was)
{
    std::string out = "x";
    EXPECT_EQ(append_json_string(out, "ab\nc\xFF"), 4u);
    EXPECT_EQ(out, "x");
}

TEST(text, doubles_show_that_they_are_doubles)
{
    auto const text = [](double value) {
        std::string out;
        append_double(out, value);
        return out;
    };
    EXPECT_EQ(text(1), "1.0");
    EXPECT_EQ(text(-0.0), "-0.0");
    EXPECT_EQ(text(0.1), "0.1");
    EXPECT_EQ(text(1e300), "1e+300");
    EXPECT_EQ(text(5e-324), "5e-324");
}

}  // namespace
