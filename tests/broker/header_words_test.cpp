// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/memory/records.hpp>

#include <gtest/gtest.h>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::detail::with_word;
using work::detail::word_of;

std::string const plain = "2 0000 0000 1790000000000 a\n\n{\"text\":\" x=9\"}";

TEST(header_words, are_added_changed_and_taken_out_and_others_are_kept)
{
    std::string const args = plain.substr(plain.find('\n'));
    EXPECT_FALSE(word_of(plain, "x"));
    std::string const one = with_word(plain, "x", "1,2");
    EXPECT_EQ(one, "2 0000 0000 1790000000000 a x=1,2" + args);
    EXPECT_EQ(word_of(one, "x"), "1,2");
    std::string const two = with_word(with_word(one, "s", "3"), "x", "4");
    EXPECT_EQ(two, "2 0000 0000 1790000000000 a s=3 x=4" + args);
    EXPECT_EQ(word_of(two, "s"), "3");
    EXPECT_EQ(with_word(two, "s", std::nullopt), "2 0000 0000 1790000000000 a x=4" + args);
    EXPECT_EQ(with_word(one, "x", std::nullopt), plain);
    EXPECT_EQ(with_word(plain, "x", std::nullopt), plain);
}

TEST(header_words, say_since_when_a_job_waits)
{
    using work::detail::waits_since;
    EXPECT_EQ(waits_since(plain), 1'790'000'000'000);
    EXPECT_EQ(waits_since(with_word(plain, "d", "1790000005000")), 1'790'000'005'000);
    EXPECT_EQ(waits_since(with_word(plain, "d", "17")), 1'790'000'000'000)
        << "not before it was stored";
    EXPECT_EQ(waits_since(with_word(plain, "d", "soon")), 1'790'000'000'000);
    EXPECT_FALSE(waits_since("no job"));
}

class header_words_of_others : public transitions
{};

TEST_P(header_words_of_others, survive_whatever_the_broker_writes)
{
    enqueue({job("x", "a", " p=3")});
    b().overwrite("x", "2 0002 0000 1790000000000 a z=new p=3 y=\n\n{}");
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", work::outcome_kind::retry, 1'000, "{}"}}});
    EXPECT_EQ(b().job("x").envelope, "2 000A 0001 1790000000000 a z=new p=3 y=\n\n{}");
}

TEST_P(header_words_of_others, say_since_when_the_oldest_of_a_list_waits)
{
    enqueue({job("x", "a")});
    b().overwrite("x", "2 0000 0000 1790000000000 a d=1790000005000\n\n{}");
    EXPECT_EQ(b().counts().lists.at(0).oldest_ms, 1'790'000'005'000);
    b().overwrite("x", "2 0000 0000 1790000000000 a\n\n{}");
    EXPECT_EQ(b().counts().lists.at(0).oldest_ms, 1'790'000'000'000);
}

INSTANTIATE_TEST_SUITE_P(on, header_words_of_others, both_sides, side_name);

}  // namespace
