// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/args_parser.hpp>
#include <work/values/encode.hpp>
#include <work/values/json_path.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <gtest/gtest.h>
#include <random>

#include "values/error_text.hpp"

namespace {

using work::errc;

std::string fault(std::string_view text, std::string_view subject = {})
{
    return error_text(errc::invalid_arguments, [&] {
        work::args_parser parser;
        (void)parser.parse(text, subject);
    });
}

std::string again(std::string_view text)
{
    work::args_parser parser;
    return work::to_json(parser.parse(text));
}

TEST(args_parser, values_keep_their_kind_and_digits)
{
    for (char const* text :
         {"null",
          "true",
          "[]",
          "{}",
          "0",
          "-1",
          "9223372036854775807",
          "-9223372036854775808",
          "18446744073709551615",
          "0.5",
          "\"\"",
          R"({"":[{}]})",
          R"([[],{},[[]]])"})
        EXPECT_EQ(again(text), text);
    EXPECT_EQ(again(" [ 1 ,\n2 ] \t"), "[1,2]");
    EXPECT_EQ(again("-0.0"), "-0.0");
    EXPECT_EQ(again("1E2"), "100.0");
    EXPECT_EQ(again("[1.25,1e-400]"), "[1.25,0.0]");
}

TEST(args_parser, empty_text_is_no_arguments)
{
    EXPECT_EQ(again(""), "[]");
}

TEST(args_parser, errors_say_where_and_why)
{
    EXPECT_EQ(fault("[1,", "job"), "job: arguments are not JSON: incomplete JSON at byte 3");
    EXPECT_EQ(fault("[1,]"), "arguments are not JSON: syntax error at byte 3, before \"]\"");
    EXPECT_EQ(fault("[1] x"), "arguments are not JSON: extra data at byte 4, before \"x\"");
    EXPECT_EQ(fault("nul"), "arguments are not JSON: incomplete JSON at byte 3");
    for (char const* text : {" ",
                             "{",
                             "{\"a\"}",
                             "[1 2]",
                             "01",
                             "+1",
                             ".5",
                             "1.",
                             "'a'",
                             "NaN",
                             "Infinity",
                             "\"a",
                             "\"\n\"",
                             "\"\\x\"",
                             "\"\xFF\"",
                             "\"\\ud800\"",
                             "[1]]",
                             "// c\n1",
                             "\xEF\xBB\xBF[1]",
                             "1e400",
                             "-1e999"})
        EXPECT_TRUE(fault(text).starts_with("arguments are not JSON: ")) << text << fault(text);
}

TEST(args_parser, nesting_up_to_512_levels)
{
    auto const nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(again(nested(work::max_args_depth)), nested(work::max_args_depth));
    auto const text = fault(nested(work::max_args_depth + 1), "job");
    EXPECT_TRUE(text.starts_with("job: arguments are not JSON: nesting deeper than 512 levels"))
        << text;
}

TEST(args_parser, is_used_again_after_any_outcome)
{
    work::args_parser parser;
    std::string const large = '"' + std::string(100'000, 'x') + '"';
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(
            parser.parse("[1,{\"a\":\"a string that needs memory of its own\"}]").as_array().size(),
            2u
        );
        EXPECT_EQ(parser.parse(large).as_string().size(), 100'000u);
        EXPECT_THROW(
            (void)parser.parse("[{\"a\":[\"a string that needs memory of its own\", 1"),
            work::error
        );
        EXPECT_THROW(
            (void)parser.parse("[\"" + std::string(10'000, 'y') + "\", {\"b\":1}, x"),
            work::error
        );
        parser.clear();
    }
    work::args_parser moved = std::move(parser);
    EXPECT_EQ(moved.parse("7").as_int64(), 7);
}

TEST(args_parser, any_bytes_are_safe)
{
    std::mt19937 random(6);
    work::args_parser parser;
    static constexpr std::string_view alphabet = "[]{}:,\"\\u0123456789.eE+-truefalsn \n\xC3\xBC";
    for (int i = 0; i < 100'000; ++i) {
        std::string text(random() % 24, ' ');
        for (char& c : text)
            c = alphabet[random() % alphabet.size()];
        try {
            auto const written = work::to_json(parser.parse(text));
            EXPECT_EQ(again(written), written);
        } catch (work::error const&) {
        }
    }
}

}  // namespace
