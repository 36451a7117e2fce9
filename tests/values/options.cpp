// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job.hpp>

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "values/error_text.hpp"

namespace {

using work::enqueue_options;
using work::errc;
using work::job_options;
using namespace std::chrono_literals;

std::string fault(enqueue_options const& options, errc code = errc::invalid_option)
{
    return error_text(code, [&] { options.validate(); });
}

std::string fault(job_options const& options)
{
    return error_text(errc::invalid_option, [&] { options.validate(); });
}

TEST(enqueue_options, defaults_and_extremes_are_valid)
{
    EXPECT_NO_THROW(enqueue_options().validate());
    EXPECT_NO_THROW((enqueue_options{
                         .queue = "low",
                         .id = "order-17",
                         .priority = -100,
                         .max_attempts = 1,
                         .timeout = 1ms,
                         .expires_in = 365 * 24h,
                         .deadline = 5min,
                         .backoff = work::backoff::fixed(1s),
                         .skip_dead = true
                     })
                        .validate());
    EXPECT_NO_THROW((enqueue_options{.max_attempts = 1000}).validate());
}

TEST(enqueue_options, faults_name_field_value_and_range)
{
    EXPECT_EQ(
        fault(enqueue_options{.priority = 101}),
        "priority is 101, which is outside -100..100"
    );
    EXPECT_EQ(
        fault(enqueue_options{.priority = -101}),
        "priority is -101, which is outside -100..100"
    );
    EXPECT_EQ(
        fault(enqueue_options{.max_attempts = 0}),
        "max_attempts is 0, which is outside 1..1000"
    );
    EXPECT_EQ(
        fault(enqueue_options{.max_attempts = 1001}),
        "max_attempts is 1001, which is outside 1..1000"
    );
    EXPECT_EQ(fault(enqueue_options{.timeout = 0s}), "timeout is 0s, which is outside 1ms..365d");
    EXPECT_EQ(
        fault(enqueue_options{.expires_in = -5s}),
        "expires_in is -5s, which is outside 1ms..365d"
    );
    EXPECT_EQ(
        fault(enqueue_options{.deadline = 366 * 24h}),
        "deadline is 366d, which is outside 1ms..365d"
    );
    EXPECT_EQ(
        fault(enqueue_options{.backoff = work::backoff::exponential(1s, 0.5)}),
        "backoff.factor is 0.5, which is outside 1..1000"
    );
    EXPECT_EQ(
        fault(enqueue_options{.queue = "a\n"}, errc::invalid_name),
        "queue \"a\\n\" can't be used: it has a control character; a name is 1 to 128 bytes "
        "of UTF-8 without control characters"
    );
    EXPECT_NE(
        fault(enqueue_options{.id = "a b"}, errc::invalid_id).find("job id \"a b\""),
        std::string::npos
    );
}

TEST(enqueue_options, headers_and_tags_are_checked)
{
    using header = std::pair<std::string_view, std::string_view>;
    auto const with = [](std::vector<header> const& headers) {
        return fault(enqueue_options{.headers = headers});
    };
    EXPECT_EQ(with({{"trace", "1"}, {"", "2"}}), "header \"\" can't be used: it is empty");
    EXPECT_EQ(
        with({{"a", "\xFF"}}),
        "header \"a\" has the value \"\\xff\", which is not valid UTF-8"
    );
    EXPECT_EQ(with({{"a", "1"}, {"b", "2"}, {"a", "3"}}), "header \"a\" is given twice");
    EXPECT_EQ(with(std::vector<header>(65)), "the number of headers is 65, which is outside 0..64");
    std::array<std::string_view, 2> const tags{"good", "\n"};
    EXPECT_EQ(
        fault(enqueue_options{.tags = tags}),
        "tag \"\\n\" can't be used: it has a control character"
    );
    EXPECT_EQ(
        fault(enqueue_options{.tags = {"good", "\n"}}),
        "tag \"\\n\" can't be used: it has a control character"
    );
    EXPECT_EQ(
        fault(enqueue_options{.headers = {{"a", "1"}, {"a", "2"}}}),
        "header \"a\" is given twice"
    );
    EXPECT_EQ(
        fault(enqueue_options{.tags = {"1", "2", "3", "4", "5", "6", "7", "8", "9"}}),
        "9 tags are in braces, which hold up to 8; pass a container"
    );
    std::map<std::string, std::string> const large{{"a", std::string(65'536, 'x')}};
    EXPECT_EQ(
        fault(enqueue_options{.headers = large}),
        "the headers are 65537 bytes, the limit is 65536"
    );
}

TEST(enqueue_options, lists_are_kept_in_braces_and_read_from_containers)
{
    work::header_list const few{{"a", "1"}, {"b", "2"}};
    ASSERT_EQ(few.list().size(), 2u);
    EXPECT_EQ(few.list()[1].second, "2");
    std::map<std::string, std::string> const named{{"x", "y"}};
    EXPECT_EQ(work::header_list(named).list()[0].first, "x");
    std::vector<std::string> const texts(20, "t");
    EXPECT_EQ(work::tag_list(texts).list().size(), 20u);
    EXPECT_TRUE(work::tag_list().empty());
    enqueue_options changed;
    changed.headers = named;
    EXPECT_EQ(changed.headers.list()[0].second, "y");
    changed.headers = {{"a", "1"}};
    ASSERT_EQ(changed.headers.list().size(), 1u);
    EXPECT_EQ(changed.headers.list()[0].first, "a");
    changed.headers = {{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(changed.headers.list().size(), 2u);
    std::string const dynamic = "7";
    changed.headers = {{"a", dynamic}};
    EXPECT_EQ(changed.headers.list()[0].second, "7");
    changed.tags = {"t"};
    EXPECT_EQ(changed.tags.list().size(), 1u);
    changed.headers = {};
    EXPECT_TRUE(changed.headers.empty());
    static_assert(std::is_trivially_destructible_v<work::header_list>);
}

TEST(job_options, defaults_are_documented_and_valid)
{
    job_options const options;
    EXPECT_NO_THROW(options.validate());
    EXPECT_EQ(options.max_attempts, 25);
    EXPECT_EQ(options.timeout, 30min);
    EXPECT_FALSE(options.skip_dead);
    EXPECT_EQ(options.on_crash, work::on_crash::rerun);
    EXPECT_FALSE(options.backoff.is_own());
}

TEST(job_options, faults_name_field_value_and_range)
{
    EXPECT_EQ(fault(job_options{.max_attempts = 0}), "max_attempts is 0, which is outside 1..1000");
    EXPECT_EQ(fault(job_options{.timeout = 0s}), "timeout is 0s, which is outside 1ms..365d");
    EXPECT_EQ(fault(job_options{.weight = 0}), "weight is 0, which is outside 1..1000");
    EXPECT_EQ(fault(job_options{.deadline = 0s}), "deadline is 0s, which is outside 1ms..365d");
    EXPECT_EQ(
        fault(job_options{.backoff = work::backoff::fixed(-1s)}),
        "backoff.base is -1s, which is outside 0s..365d"
    );
}

TEST(job_options, backoff_may_be_a_function)
{
    job_options const options{.backoff = [](int failures) { return failures * 1s; }};
    EXPECT_NO_THROW(options.validate());
    EXPECT_EQ(options.backoff.delay(3, 0), 3s);
}

}  // namespace
