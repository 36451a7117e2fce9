// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace {

using work::errc;
using namespace std::chrono_literals;

template <typename T>
T decoded(std::string_view text)
{
    work::args_parser parser;
    return work::decode<T>(parser.parse(text));
}

template <typename T>
std::string refusal(std::string_view text, std::string_view subject = {})
{
    return error_text(errc::invalid_arguments, [&] {
        work::args_parser parser;
        (void)work::decode<T>(parser.parse(text), subject);
    });
}

template <typename T>
void expect_round_trip(T const& value)
{
    auto const text = work::to_json(value);
    EXPECT_EQ(decoded<T>(text), value) << text;
}

TEST(decode, integers_at_their_limits)
{
    auto const limits = [](auto... zero) {
        ((expect_round_trip(std::numeric_limits<decltype(zero)>::min()),
          expect_round_trip(std::numeric_limits<decltype(zero)>::max())),
         ...);
    };
    limits(
        std::int8_t{},
        std::uint8_t{},
        std::int16_t{},
        std::uint16_t{},
        std::int32_t{},
        std::uint32_t{},
        std::int64_t{},
        std::uint64_t{},
        0LL,
        0ULL
    );
}

TEST(decode, integers_past_their_limits_say_the_range)
{
    EXPECT_EQ(
        refusal<std::int8_t>("128"),
        "arguments: expected an integer -128..127, found integer 128"
    );
    EXPECT_EQ(
        refusal<std::int8_t>("\"x\""),
        "arguments: expected an integer -128..127, found string \"x\""
    );
    EXPECT_EQ(
        refusal<std::uint8_t>("-1"),
        "arguments: expected an integer 0..255, found integer -1"
    );
    EXPECT_EQ(
        refusal<std::uint64_t>("-1"),
        "arguments: expected an integer 0..18446744073709551615, found integer -1"
    );
    EXPECT_EQ(
        refusal<std::int64_t>("9223372036854775808"),
        "arguments: expected an integer -9223372036854775808..9223372036854775807, found "
        "integer 9223372036854775808"
    );
    EXPECT_EQ(
        refusal<std::int64_t>("-9223372036854775809"),
        "arguments: expected an integer -9223372036854775808..9223372036854775807, found "
        "number -9223372036854775808.0"
    );
    EXPECT_EQ(
        refusal<std::uint64_t>("18446744073709551616"),
        "arguments: expected an integer 0..18446744073709551615, found number "
        "18446744073709551616.0"
    );
    EXPECT_EQ(
        refusal<std::uint64_t>("123456789012345678901234567890"),
        "arguments: expected an integer 0..18446744073709551615, found number "
        "1.2345678901234568e+29"
    );
}

TEST(decode, integers_are_not_made_of_other_kinds)
{
    EXPECT_EQ(refusal<std::int64_t>("1.5"), "arguments: expected an integer, found number 1.5");
    EXPECT_NE(refusal<int>("1.0"), "nothing was thrown");
    EXPECT_EQ(refusal<std::int64_t>("true"), "arguments: expected an integer, found true");
    EXPECT_EQ(refusal<std::int64_t>("null"), "arguments: expected an integer, found null");
    EXPECT_EQ(
        refusal<std::int64_t>("[1,2]"),
        "arguments: expected an integer, found an array of 2"
    );
    EXPECT_EQ(refusal<std::int64_t>("{}"), "arguments: expected an integer, found an object");
    EXPECT_EQ(refusal<bool>("1"), "arguments: expected true or false, found integer 1");
    EXPECT_EQ(refusal<std::string>("1"), "arguments: expected a string, found integer 1");
}

TEST(decode, found_text_is_cut)
{
    EXPECT_EQ(
        refusal<std::int64_t>('"' + std::string(100, 'x') + '"'),
        "arguments: expected an integer, found string \"" + std::string(64, 'x') +
            "\"... (100 bytes)"
    );
}

TEST(decode, doubles_round_trip_exactly)
{
    using limits = std::numeric_limits<double>;
    for (double const value :
         {0.0,
          -0.0,
          0.1,
          1.0 / 3,
          1e21,
          1e22,
          1e23,
          123456789012345677.0,
          9007199254740993.0,
          limits::max(),
          limits::lowest(),
          limits::min(),
          limits::denorm_min(),
          limits::epsilon(),
          7.2057594037927933e16,
          8.5e15,
          2.2250738585072011e-308,
          5e-324})
        EXPECT_EQ(
            std::bit_cast<std::uint64_t>(decoded<double>(work::to_json(value))),
            std::bit_cast<std::uint64_t>(value)
        ) << value;
    std::mt19937_64 random(3);
    for (int i = 0; i < 200'000; ++i) {
        auto const value = std::bit_cast<double>(random());
        if (!std::isfinite(value))
            continue;
        ASSERT_EQ(
            std::bit_cast<std::uint64_t>(decoded<double>(work::to_json(value))),
            std::bit_cast<std::uint64_t>(value)
        ) << value;
    }
}

TEST(decode, floats_round_trip_exactly)
{
    std::mt19937 random(4);
    for (int i = 0; i < 50'000; ++i) {
        auto const value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (!std::isfinite(value))
            continue;
        ASSERT_EQ(
            std::bit_cast<std::uint32_t>(decoded<float>(work::to_json(value))),
            std::bit_cast<std::uint32_t>(value)
        ) << value;
    }
    EXPECT_EQ(
        refusal<float>("1e39"),
        "arguments: expected a number in the range of float, found number 1e+39"
    );
    EXPECT_EQ(
        refusal<float>("16777217"),
        "arguments: expected an integer that a float holds exactly, found integer 16777217"
    );
}

TEST(decode, doubles_take_integers_that_they_hold_exactly)
{
    EXPECT_EQ(decoded<double>("7"), 7.0);
    EXPECT_EQ(decoded<double>("9007199254740992"), 9007199254740992.0);
    EXPECT_EQ(decoded<double>("-9223372036854775808"), -0x1p63);
    EXPECT_EQ(decoded<double>("9223372036854775808"), 0x1p63);
    EXPECT_EQ(
        refusal<double>("9007199254740993"),
        "arguments: expected an integer that a double holds exactly, found integer "
        "9007199254740993"
    );
    EXPECT_EQ(
        refusal<double>("18446744073709551615"),
        "arguments: expected an integer that a double holds exactly, found integer "
        "18446744073709551615"
    );
    EXPECT_EQ(refusal<double>("\"1\""), "arguments: expected a number, found string \"1\"");
}

TEST(decode, strings_of_any_code_point_round_trip)
{
    expect_round_trip(std::string());
    expect_round_trip(std::string("a\0b", 3));
    expect_round_trip(std::string("\x01\x1F\x7F \"\\/\b\f\n\r\t"));
    expect_round_trip(std::string("\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF"));
    EXPECT_EQ(decoded<std::string>(R"("\ud83d\ude80\u00e9")"), "\U0001F680\u00E9");
}

TEST(decode, optionals_take_null_and_absence)
{
    EXPECT_EQ(decoded<std::optional<int>>("null"), std::nullopt);
    EXPECT_EQ(decoded<std::optional<int>>("1"), 1);
    EXPECT_EQ(
        refusal<std::optional<std::string>>("1"),
        "arguments: expected a string, found integer 1"
    );
    EXPECT_EQ(
        decoded<std::vector<std::optional<int>>>("[1,null]"),
        (std::vector<std::optional<int>>{1, std::nullopt})
    );
}

TEST(decode, sizes_of_fixed_arrays_are_exact)
{
    EXPECT_EQ((decoded<std::array<int, 2>>("[1,2]")), (std::array<int, 2>{1, 2}));
    EXPECT_EQ(
        (refusal<std::array<int, 2>>("[1]")),
        "arguments: expected an array of 2, found an array of 1"
    );
    EXPECT_EQ(
        (refusal<std::pair<int, int>>("{}")),
        "arguments: expected an array of 2, found an object"
    );
    EXPECT_EQ(
        (refusal<std::tuple<int, std::string>>("[1,2]")),
        "argument [1]: expected a string, found integer 2"
    );
}

TEST(decode, variants_take_the_first_that_fits)
{
    using number_or_text = std::variant<std::int64_t, double, std::string>;
    EXPECT_EQ(decoded<number_or_text>("1").index(), 0u);
    EXPECT_EQ(decoded<number_or_text>("1.0").index(), 1u);
    EXPECT_EQ(decoded<number_or_text>("\"1\"").index(), 2u);
    EXPECT_EQ(
        refusal<number_or_text>("[]"),
        "arguments: expected one of the 3 types it may have, found an array of 0"
    );
    using line_or_list = std::variant<shapes::line, std::vector<shapes::line>>;
    EXPECT_EQ(decoded<line_or_list>(R"([{"zip":1}])").index(), 1u);
}

TEST(decode, enumerators_by_name)
{
    EXPECT_EQ(decoded<shapes::colour>("\"blue\""), shapes::colour::blue);
    EXPECT_EQ(
        refusal<shapes::colour>("\"pink\""),
        "arguments: expected one of red, green, blue, found string \"pink\""
    );
    EXPECT_EQ(
        refusal<shapes::colour>("1"),
        "arguments: expected one of red, green, blue, found integer 1"
    );
    EXPECT_EQ(decoded<shapes::plain>("1"), shapes::plain::one);
    EXPECT_EQ(
        refusal<shapes::plain>("256"),
        "arguments: expected an integer 0..255, found integer 256"
    );
}

TEST(decode, durations_and_times)
{
    EXPECT_EQ(decoded<std::chrono::milliseconds>("1500"), 1500ms);
    EXPECT_EQ(decoded<std::chrono::milliseconds>("\"1h30m\""), 90min);
    EXPECT_EQ(decoded<std::chrono::seconds>("2000"), 2s);
    EXPECT_EQ(decoded<std::chrono::microseconds>("2"), 2000us);
    EXPECT_EQ(decoded<std::chrono::duration<double>>("0.5"), std::chrono::duration<double>(0.0005));
    EXPECT_EQ(
        refusal<std::chrono::seconds>("1500"),
        "arguments: expected a duration that is a multiple of 1000 ms, found integer 1500"
    );
    EXPECT_EQ(
        refusal<std::chrono::nanoseconds>("9223372036854775807"),
        "arguments: expected a shorter duration, found integer 9223372036854775807"
    );
    EXPECT_EQ(
        refusal<std::chrono::milliseconds>("\"soon\""),
        "arguments: expected a duration (ms, or text like \"1h30m\"), found string \"soon\""
    );

    using clock = std::chrono::system_clock;
    EXPECT_EQ(decoded<clock::time_point>("1500"), clock::time_point(1500ms));
    EXPECT_EQ(
        decoded<std::chrono::sys_seconds>("\"1970-01-01T00:01:00Z\""),
        std::chrono::sys_seconds(60s)
    );
    EXPECT_EQ(
        refusal<clock::time_point>("9223372036854775807"),
        "arguments: expected a time in the range of the clock, found integer "
        "9223372036854775807"
    );
    EXPECT_EQ(
        refusal<clock::time_point>("1.5"),
        "arguments: expected a time (ms since 1970, or RFC 3339), found number 1.5"
    );
}

TEST(decode, structs_ignore_the_unknown_and_keep_defaults)
{
    auto const line = decoded<shapes::line>(R"({"new":[{}],"zip":7})");
    EXPECT_EQ(line.zip, 7);
    EXPECT_EQ(line.street, "unknown");
    EXPECT_EQ(decoded<shapes::order>("{}"), shapes::order());
    EXPECT_EQ(decoded<shapes::empty>(R"({"a":1})"), shapes::empty());
}

TEST(decode, structs_take_members_in_any_order)
{
    auto const mail = decoded<shapes::send_email>(R"({"address":"a","x":1,"user_id":2})");
    EXPECT_EQ(mail, (shapes::send_email{2, "a"}));
    auto const derived = decoded<shapes::derived>(R"({"in_derived":5,"in_base":4})");
    EXPECT_EQ(derived.in_base, 4);
    EXPECT_EQ(derived.in_derived, 5);
}

TEST(decode, structs_with_duplicate_members_take_the_last)
{
    EXPECT_EQ(decoded<shapes::line>(R"({"zip":1,"zip":2})").zip, 2);
}

TEST(decode, errors_name_the_path)
{
    EXPECT_EQ(
        refusal<shapes::order>(R"({"address":{"lines":[{},{"zip":"x"}]}})", "ship"),
        "ship: argument address.lines[1].zip: expected an integer -128..127, found string "
        "\"x\""
    );
    EXPECT_EQ(
        refusal<shapes::order>(R"({"address":{"by_name":{"a.b":{"zip":300}}}})", "ship"),
        "ship: argument address.by_name[\"a.b\"].zip: expected an integer -128..127, found "
        "integer 300"
    );
    EXPECT_EQ(
        refusal<shapes::order>(R"({"address":7})", "ship"),
        "ship: argument address: expected an object, found integer 7"
    );
    EXPECT_EQ(
        refusal<shapes::order>("7", "ship"),
        "ship: arguments: expected an object, found integer 7"
    );
}

TEST(decode, deep_paths_are_cut_to_their_end)
{
    std::string text;
    for (int i = 0; i < 40; ++i)
        text += R"({"children":[)";
    text += "7";
    for (int i = 0; i < 40; ++i)
        text += "]}";
    EXPECT_EQ(
        refusal<shapes::tree>(text, "t"),
        "t: argument ....children[0].children[0].children[0].children[0].children[0]"
        ".children[0].children[0].children[0]: expected an object, found integer 7"
    );
}

TEST(decode, raw_json_outlives_the_parser)
{
    boost::json::value raw;
    {
        work::args_parser parser;
        raw = work::decode<boost::json::value>(parser.parse(R"({"a":["b",{"c":1}]})"));
        (void)parser.parse(R"(["something else of about that size"])");
    }
    EXPECT_EQ(work::to_json(raw), R"({"a":["b",{"c":1}]})");
    EXPECT_EQ(
        refusal<boost::json::object>("[]"),
        "arguments: expected an object, found an array of 0"
    );
    EXPECT_EQ(refusal<boost::json::array>("{}"), "arguments: expected an array, found an object");
}

TEST(decode, everything_round_trips)
{
    std::mt19937_64 random(5);
    auto const text = [&] {
        static constexpr char const* pieces[] =
            {"a", "\"", "\\", "\n", "ü", "\u20AC", "\U0001F680", "/", "\x7F"};
        std::string out;
        for (auto i = random() % 12; i > 0; --i)
            out += random() % 10 == 0 ? std::string(1, '\0') : std::string(pieces[random() % 9]);
        return out;
    };
    expect_round_trip(shapes::everything());
    for (int round = 0; round < 2000; ++round) {
        shapes::everything e;
        e.flag = random() % 2;
        e.i8 = static_cast<std::int8_t>(random());
        e.u8 = static_cast<std::uint8_t>(random());
        e.i16 = static_cast<std::int16_t>(random());
        e.u16 = static_cast<std::uint16_t>(random());
        e.i32 = static_cast<std::int32_t>(random());
        e.u32 = static_cast<std::uint32_t>(random());
        e.i64 = static_cast<std::int64_t>(random());
        e.u64 = random();
        e.f = static_cast<float>(e.i32) / 7;
        e.d = static_cast<double>(e.i64) / 3;
        e.s = text();
        if (random() % 2)
            e.o = e.i16;
        if (random() % 2)
            e.os = text();
        for (auto i = random() % 4; i > 0; --i) {
            e.v.push_back(static_cast<int>(random()));
            e.vb.push_back(random() % 2);
            e.dq.push_back(text());
            e.st.insert(text());
            e.m[text()] = static_cast<int>(random());
            e.um[text()] = {1, static_cast<int>(i)};
            e.holes.push_back(random() % 2 ? std::optional(static_cast<int>(i)) : std::nullopt);
        }
        e.a = {1, e.i32, 3};
        e.p = {e.i16, text()};
        e.t = {e.flag, e.d, text()};
        switch (random() % 5) {
        case 0: break;
        case 1: e.var = e.i64; break;
        case 2: e.var = e.d; break;
        case 3: e.var = text(); break;
        default: e.var = shapes::line{e.i8, text()};
        }
        e.c = static_cast<shapes::colour>(random() % 3);
        e.pl = static_cast<shapes::plain>(random() % 256);
        e.ms = std::chrono::milliseconds(e.i64);
        e.sec = std::chrono::seconds(e.i32);
        e.at = std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(e.i64));
        e.clock = std::chrono::system_clock::time_point(std::chrono::milliseconds(e.i32));
        e.nested = {e.i8, text()};
        if (random() % 2)
            e.maybe = e.nested;
        expect_round_trip(e);
        if (HasFailure())
            break;
    }
}

}  // namespace
