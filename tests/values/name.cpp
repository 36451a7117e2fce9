// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/name.hpp>

#include <gtest/gtest.h>
#include <random>

#include "values/error_text.hpp"

namespace {

using work::errc;

TEST(name, validate_good_names_pass)
{
    for (std::string const& name :
         {std::string("send_email"),
          std::string("a"),
          std::string("%"),
          std::string("{x}:y z"),
          std::string("größe"),
          std::string("\xF0\x9F\x9A\x80"),
          std::string(128, 'n')})
        EXPECT_NO_THROW(work::validate_name("job name", name)) << name;
}

TEST(name, validate_bad_names_say_what_which_and_the_rule)
{
    auto const text = [](std::string_view name) {
        return error_text(errc::invalid_name, [&] { work::validate_name("job name", name); });
    };
    std::string const rule = "; a name is 1 to 128 bytes of UTF-8 without control characters";
    EXPECT_EQ(text(""), "job name \"\" can't be used: it is empty" + rule);
    EXPECT_EQ(text("a\nb"), "job name \"a\\nb\" can't be used: it has a control character" + rule);
    EXPECT_EQ(
        text(std::string_view("a\0b", 3)),
        "job name \"a\\x00b\" can't be used: it has a control character" + rule
    );
    EXPECT_EQ(text("\x7F"), "job name \"\\x7f\" can't be used: it has a control character" + rule);
    EXPECT_EQ(
        text("\xC2\x85"),
        "job name \"\\u0085\" can't be used: it has a control character" + rule
    );
    EXPECT_EQ(text("a\xFF"), "job name \"a\\xff\" can't be used: it is not valid UTF-8" + rule);
    EXPECT_EQ(text("a\xC3"), "job name \"a\\xc3\" can't be used: it is not valid UTF-8" + rule);
    EXPECT_EQ(
        text(std::string(129, 'x')),
        "job name \"" + std::string(64, 'x') +
            "\"... (129 bytes) can't be used: it is longer "
            "than 128 bytes" +
            rule
    );
}

TEST(name, encode_leaves_only_harmless_characters)
{
    EXPECT_EQ(work::encode_name("send_email-2.x"), "send_email-2.x");
    EXPECT_EQ(work::encode_name("{a}:b%c\n"), "%7Ba%7D%3Ab%25c%0A");
    EXPECT_EQ(work::encode_name("ü"), "%C3%BC");
    EXPECT_EQ(work::encode_name(""), "");
}

TEST(name, encode_any_bytes_round_trip)
{
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        std::string name(random() % 40, ' ');
        for (char& c : name)
            c = static_cast<char>(random());
        std::string const encoded = work::encode_name(name);
        EXPECT_EQ(encoded.find_first_of("{}:\n ,"), std::string::npos);
        EXPECT_EQ(work::decode_name(encoded), name);
    }
}

TEST(name, decode_refuses_what_encode_does_not_write)
{
    auto const text = [](std::string_view name) {
        return error_text(errc::unreadable, [&] { (void)work::decode_name(name); });
    };
    EXPECT_EQ(
        text("a b"),
        "the encoded name \"a b\" can't be read: it has a character that should "
        "be encoded"
    );
    for (char const* name : {"%", "%2", "%2g", "%3a", "% 1"})
        EXPECT_EQ(
            text(name),
            "the encoded name \"" + std::string(name) +
                "\" can't be read: a '%' is not followed by two upper-case "
                "hexadecimal digits"
        );
    EXPECT_EQ(
        text("%41"),
        "the encoded name \"%41\" can't be read: it encodes a character that "
        "needs no encoding"
    );
}

TEST(list_id, own_queue_is_written_once)
{
    EXPECT_EQ(work::list_id("", "send_email"), "send_email");
    EXPECT_EQ(work::list_id("send_email", "send_email"), "send_email");
    EXPECT_EQ(work::list_id("low", "send_email"), "low:send_email");
    EXPECT_EQ(work::list_id("a:b", "c{}"), "a%3Ab:c%7B%7D");
}

TEST(list_id, names_round_trip)
{
    for (work::list_name const& list :
         {work::list_name{"q", "q"},
          work::list_name{"low", "send"},
          work::list_name{"a:b", "a"},
          work::list_name{"%3A", ":"}})
        EXPECT_EQ(work::parse_list_id(work::list_id(list.queue, list.name)), list);
}

TEST(list_id, parse_refuses_forgeries)
{
    for (char const* id : {"", ":", "a:", ":a", "a:b:c", "a:a", "a b", "%", "%0A", "a:%FF"})
        EXPECT_NE(
            error_text(errc::unreadable, [&] { (void)work::parse_list_id(id); })
                .find("can't be read"),
            std::string::npos
        ) << id;
    EXPECT_EQ(
        error_text(errc::unreadable, [] { (void)work::parse_list_id("a:a"); }),
        "the list id \"a:a\" can't be read: queue and job name are the same, which is "
        "written once"
    );
}

}  // namespace
