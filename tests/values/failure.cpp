// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/error.hpp>
#include <work/values/failure.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace shop {

struct odd
{};

struct declined : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

}  // namespace shop

namespace {

using work::failure;

template <typename T>
work::exception_text described(T const& thrown)
{
    return work::describe_exception(std::make_exception_ptr(thrown));
}

TEST(failure, text_round_trips)
{
    failure const what{3, "std::runtime_error", "no \"luck\"\n\U0001F680", 1'790'000'000'000};
    auto const text = work::encode_failure(what);
    EXPECT_EQ(
        text,
        R"({"attempt":3,"type":"std::runtime_error","message":"no \"luck\"\n)"
        "\U0001F680\",\"at_ms\":1790000000000}"
    );
    auto const read = work::decode_failure(text);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, what);
}

TEST(failure, text_says_where_it_ran_and_for_how_long_as_far_as_that_is_known)
{
    failure what{3, "t", "m", 5};
    what.run_ms = 0;
    EXPECT_EQ(
        work::encode_failure(what),
        R"({"attempt":3,"type":"t","message":"m","at_ms":5,"run_ms":0})"
    );
    what.wait_ms = 2'100;
    what.run_ms = 30'000;
    what.pool = "p\xFF\"";
    auto const read = work::decode_failure(work::encode_failure(what));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->wait_ms, 2'100);
    EXPECT_EQ(read->run_ms, 30'000);
    EXPECT_EQ(read->pool, "p\xEF\xBF\xBD\"");
}

TEST(failure, message_is_cut_and_cleaned)
{
    failure const what{1, "t\xFF", std::string(5000, 'x') + "\xFF", 0};
    EXPECT_EQ(
        work::decode_failure(work::encode_failure(what))->message,
        std::string(4096 - 16, 'x') + "... (5001 bytes)"
    );
    EXPECT_EQ(
        work::decode_failure(work::encode_failure(what, work::lean_failure_message))->message,
        std::string(256 - 16, 'x') + "... (5001 bytes)"
    );
    EXPECT_EQ(work::decode_failure(work::encode_failure(what))->type, "t\xEF\xBF\xBD");
    failure const invalid{1, "t", "a\xC3(\xFF", 0};
    EXPECT_EQ(
        work::decode_failure(work::encode_failure(invalid))->message,
        "a\xEF\xBF\xBD(\xEF\xBF\xBD"
    );
}

TEST(failure, garbage_gives_an_error_text)
{
    EXPECT_FALSE(work::decode_failure("x"));
    EXPECT_EQ(
        work::decode_failure(R"({"attempt":"x"})").error(),
        "failure: member attempt: expected an integer -2147483648..2147483647, found string "
        "\"x\""
    );
    EXPECT_TRUE(work::decode_failure("{}"));
}

TEST(describe_exception, standard_exceptions_by_what)
{
    using text = work::exception_text;
    EXPECT_EQ(described(std::runtime_error("no luck")), (text{"std::runtime_error", "no luck"}));
    EXPECT_EQ(described(shop::declined("card")), (text{"shop::declined", "card"}));
    EXPECT_EQ(
        described(work::error(work::errc::closed, "the pool is closed")),
        (text{"work::error", "the pool is closed"})
    );
}

TEST(describe_exception, anything_else_by_value_or_type)
{
    using text = work::exception_text;
    EXPECT_EQ(described<char const*>("oops"), (text{"char const*", "oops"}));
    EXPECT_EQ(described(std::string("oops")), (text{"std::string", "oops"}));
    EXPECT_EQ(described(42), (text{"int", "42"}));
    EXPECT_EQ(
        described(shop::odd{}),
        (text{"shop::odd", "something of type shop::odd, which has no message"})
    );
    EXPECT_EQ(work::describe_exception(nullptr), (text{"none", "no exception"}));
}

TEST(describe_exception, causes_follow)
{
    std::exception_ptr thrown;
    try {
        try {
            try {
                throw 42;
            } catch (...) {
                std::throw_with_nested(shop::declined("card"));
            }
        } catch (...) {
            std::throw_with_nested(std::runtime_error("no luck"));
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    EXPECT_EQ(
        work::describe_exception(thrown).message,
        "no luck; caused by shop::declined: card; caused by int"
    );
}

}  // namespace
