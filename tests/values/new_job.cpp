// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A job before it is stored: what it says of itself, and what is written for the broker.

#include <work/make.hpp>
#include <work/values/envelope.hpp>
#include <work/values/stored_options.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "values/error_text.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using work::errc;

struct mail
{
    std::int64_t user_id = 7;
    std::string address = "nobody";
};
BOOST_DESCRIBE_STRUCT(mail, (), (user_id, address))

std::string arguments(work::new_job const& job)
{
    return std::string(job.arguments());
}

TEST(new_job, is_made_of_whatever_can_be_enqueued)
{
    mail const one{42, "ada@example.com"};
    work::q const named{{"user_id", 42}};
    EXPECT_EQ(arguments(work::make(one)), R"({"user_id":42,"address":"ada@example.com"})");
    EXPECT_EQ(arguments(work::make<mail>(42)), R"({"user_id":42,"address":"nobody"})");
    EXPECT_EQ(arguments(work::make<mail>()), R"({"user_id":7,"address":"nobody"})");
    EXPECT_EQ(arguments(work::make("resize", 7, "cat.png")), R"([7,"cat.png"])");
    EXPECT_EQ(arguments(work::make("resize")), "[]");
    EXPECT_EQ(arguments(work::make("mail", named)), R"({"user_id":42})");
    EXPECT_EQ(arguments(work::make_json("mail", R"({ "user_id": 42 })")), R"({ "user_id": 42 })");
    EXPECT_EQ(work::make(one).name(), "mail");
    EXPECT_EQ(work::make(one).queue(), "mail");
    EXPECT_EQ(work::make("a name: with tab's", 1).with({.queue = "q:1"}).queue(), "q:1");
}

TEST(new_job, has_what_its_options_say_in_its_envelope)
{
    work::new_job const job = work::make<mail>(1).with(
        {.queue = "slow", .id = "mine", .priority = -3, .max_attempts = 4, .expires_in = 1h}
    );
    auto const stored = work::decode_envelope(job.envelope);
    ASSERT_TRUE(stored) << stored.error();
    EXPECT_EQ(job.list, "slow:mail");
    EXPECT_EQ(stored->list, job.list);
    EXPECT_EQ(stored->priority, -3);
    EXPECT_EQ(stored->created_ms, 0);
    EXPECT_EQ(stored->args, job.arguments());
    EXPECT_EQ(
        stored->flags,
        work::envelope_flags::chosen_id | work::envelope_flags::priority |
            work::envelope_flags::expires
    );
    auto const options = work::decode_options(stored->options);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->max_attempts, 4);
    EXPECT_EQ(options->expires_in, 1h);
    EXPECT_TRUE(job.chosen_id && job.stamp);
    EXPECT_EQ(job.id, "mine");
}

// Also the time, and back to none of them.
TEST(new_job, takes_options_in_the_place_of_those_it_had)
{
    work::new_job job = work::make("resize", "a\nb", 2).with({.queue = "slow", .in = 5min});
    EXPECT_EQ(job.delay_ms, 300'000);
    job.with({.priority = 2, .headers = {{"tenant", "acme"}}});
    EXPECT_EQ(job.list, "resize");
    EXPECT_EQ(job.delay_ms, 0);
    EXPECT_EQ(job.priority, 2);
    EXPECT_EQ(arguments(job), R"(["a\nb",2])");
    job.with({});
    EXPECT_EQ(job.envelope, work::make("resize", "a\nb", 2).envelope);
    EXPECT_TRUE(job.plain());
}

TEST(new_job, is_a_value)
{
    work::new_job const one = work::make("resize", 7).with({.in = 1s});
    work::new_job other = one;
    EXPECT_EQ(other.envelope, one.envelope);
    work::new_job const moved = std::move(other).with({.at = {}});
    EXPECT_EQ(moved.delay_ms, 0);
    EXPECT_EQ(arguments(moved), "[7]");
    EXPECT_EQ(one.delay_ms, 1000);
}

TEST(new_job, is_due_in_the_future_or_now)
{
    using std::chrono::system_clock;
    EXPECT_EQ(work::make("a").with({.in = -5s}).delay_ms, 0);
    EXPECT_EQ(work::make("a").with({.at = system_clock::time_point(-5s)}).at_ms, 0);
    // Whole ms, and never before.
    EXPECT_EQ(work::make("a").with({.at = system_clock::time_point(1'000'001us)}).at_ms, 1001);
    EXPECT_THAT(
        error_text(
            errc::invalid_option,
            [] { (void)work::make("a").with({.in = 1s, .at = system_clock::now()}); }
        ),
        HasSubstr("in and at both say when")
    );
    EXPECT_THAT(
        error_text(
            errc::invalid_option,
            [] { (void)work::detail::due(work::make("a").with({.in = 1s}), 2s); }
        ),
        HasSubstr("a is told twice when to run")
    );
}

TEST(new_job, refuses_what_no_worker_could_read)
{
    auto const json_error = [](std::string_view json) {
        return error_text(errc::invalid_arguments, [&] { (void)work::make_json("a", json); });
    };
    EXPECT_THAT(json_error("5"), HasSubstr("a: arguments must be a JSON array or object"));
    EXPECT_THAT(json_error(""), HasSubstr("found no text"));
    EXPECT_THAT(json_error("{broken"), HasSubstr("a"));
    EXPECT_THAT(
        error_text(errc::invalid_name, [] { (void)work::make("", 1); }),
        HasSubstr("job name")
    );
    EXPECT_THAT(
        error_text(errc::invalid_option, [] { (void)work::make("a").with({.max_attempts = 0}); }),
        HasSubstr("max_attempts")
    );
}

TEST(new_job, shares_its_text_with_others_of_a_range)
{
    std::vector<mail> const some{{1, "a"}, {2, "b"}};
    auto const jobs = work::detail::make_all(some, {.queue = "bulk", .in = 3s});
    ASSERT_EQ(jobs.size(), 2u);
    EXPECT_EQ(jobs[1].envelope, work::make(some[1], {.queue = "bulk"}).envelope);
    EXPECT_EQ(jobs[1].delay_ms, 3000);
    EXPECT_THAT(
        error_text(errc::invalid_option, [&] { (void)work::detail::make_all(some, {.id = "x"}); }),
        HasSubstr("more than one job of mail")
    );
}

}  // namespace
