// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/make_job.hpp>

#include <gtest/gtest.h>

#include "values/error_text.hpp"
#include "values/shapes.hpp"

namespace {

using shapes::send_email;
using work::errc;
using work::make_job;

struct mixed
{
    std::uint8_t small = 9;
    double ratio = 0.5;
    std::optional<std::int8_t> maybe;
    std::optional<bool> flag;
    std::string text = "default";
    shapes::line line;
};
BOOST_DESCRIBE_STRUCT(mixed, (), (small, ratio, maybe, flag, text, line))

TEST(make_job, members_in_order)
{
    EXPECT_EQ((make_job<send_email>(42, "ada@example.com")), (send_email{42, "ada@example.com"}));
    std::string address = "moved: long enough for the heap";
    EXPECT_EQ(
        make_job<send_email>(1, std::move(address)).address,
        "moved: long enough for the heap"
    );
}

TEST(make_job, members_without_a_value_keep_their_defaults)
{
    auto const job = make_job<mixed>(1);
    EXPECT_EQ(job.small, 1);
    EXPECT_EQ(job.ratio, 0.5);
    EXPECT_EQ(job.text, "default");
    EXPECT_EQ(make_job<mixed>().small, 9);
}

TEST(make_job, values_convert)
{
    auto const job =
        make_job<mixed>(255, 2, 7, true, std::string_view("t").data(), shapes::line{1, "s"});
    EXPECT_EQ(job.small, 255);
    EXPECT_EQ(job.ratio, 2.0);
    EXPECT_EQ(job.maybe, 7);
    EXPECT_EQ(job.flag, true);
    EXPECT_EQ(job.text, "t");
    EXPECT_EQ(job.line.street, "s");
    EXPECT_EQ(make_job<mixed>(1, 1, std::nullopt).maybe, std::nullopt);
}

TEST(make_job, bases_come_first)
{
    auto const job = make_job<shapes::derived>(4, 5);
    EXPECT_EQ(job.in_base, 4);
    EXPECT_EQ(job.in_derived, 5);
}

TEST(make_job, integers_out_of_range_are_refused)
{
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { (void)make_job<mixed>(256); }),
        "mixed: argument small: 256 is outside the range of its type"
    );
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { (void)make_job<mixed>(-1); }),
        "mixed: argument small: -1 is outside the range of its type"
    );
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { (void)make_job<mixed>(1, 1, 300); }),
        "mixed: argument maybe: 300 is outside the range of its type"
    );
    EXPECT_EQ(
        error_text(errc::invalid_arguments, [] { (void)make_job<send_email>(UINT64_MAX, ""); }),
        "send_email: argument user_id: 18446744073709551615 is outside the range of its "
        "type"
    );
}

TEST(make_job, what_fits_is_known_at_compile_time)
{
    using work::detail::fits_member;
    static_assert(fits_member<int, std::int64_t>);
    static_assert(fits_member<char const(&)[2], std::string>);
    static_assert(fits_member<int, double>);
    static_assert(!fits_member<double, int>);
    static_assert(!fits_member<double, std::optional<int>>);
    static_assert(!fits_member<char const*, bool>);
    static_assert(!fits_member<char const*, std::optional<bool>>);
    static_assert(!fits_member<int, bool>);
    static_assert(!fits_member<int, std::string>);
    static_assert(!fits_member<int, std::chrono::milliseconds>);
    static_assert(fits_member<std::chrono::seconds, std::chrono::milliseconds>);
}

}  // namespace
