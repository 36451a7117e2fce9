// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What handlers do, and what becomes of their jobs.

#include <work/broker/broker.hpp>
#include <work/values/envelope.hpp>

#include <stdexcept>

#include "bench.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

TEST(outcome_of_handler, returns_the_job_is_gone_but_for_a_kept_sample)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        ++runs;
        EXPECT_EQ(job.attempt(), 1);
        EXPECT_EQ(job.max_attempts(), 25);
        EXPECT_EQ(job.name(), "a");
        EXPECT_EQ(job.arguments(), "[]");
        EXPECT_GT(job.fence(), 0);
        EXPECT_FALSE(job.stopping());
        co_return;
    });
    std::string const id = b.enqueue("a");
    b.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(b.job(id).state, work::job_state::completed);
    EXPECT_THAT(b.job(id).kept, HasSubstr("\"outcome\":\"done\""));
    EXPECT_EQ(b.counts().processed, 1);
    EXPECT_EQ(b.pool->processed(), 1);
}

TEST(outcome_of_handler, throws_anything_runs_again_and_is_dead_in_the_end)
{
    bench b;
    int what = 0;
    int runs = 0;
    b.pool->handle(
        "a",
        [&](work::context& job) -> work::task<void> {
            EXPECT_EQ(job.attempt(), ++runs);
            switch (what++ % 4) {
            case 0: throw std::runtime_error("one");
            case 1: throw 42;
            case 2: throw std::string("three");
            default: throw boost::system::system_error(boost::asio::error::connection_refused);
            }
            co_return;
        },
        at_once(4)
    );
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 4; }));
    b.stop();
    work::job_record const record = b.job(id);
    EXPECT_EQ(record.state, work::job_state::dead);
    ASSERT_EQ(record.failures.size(), 4u);
    EXPECT_THAT(record.failures[0], HasSubstr("one"));
    EXPECT_THAT(record.failures[0], HasSubstr("std::runtime_error"));
    EXPECT_THAT(record.failures[1], HasSubstr("int"));
    EXPECT_THAT(record.failures[2], HasSubstr("string"));
    EXPECT_THAT(record.failures[3], HasSubstr("refused"));
    EXPECT_EQ(b.pool->failed(), 4);
    EXPECT_EQ(b.counts().failed, 4);
}

TEST(outcome_of_handler, throws_before_its_coroutine_starts_runs_again)
{
    bench b;
    int runs = 0;
    b.pool->handle(
        "a",
        [&](work::context& job) -> work::task<void> {
            if (++runs == 1)
                throw std::logic_error("no coroutine at all");
            return nothing(job);
        },
        at_once()
    );
    b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 2; }));
    b.stop();
    EXPECT_EQ(b.counts().retry, 0);
}

TEST(outcome_of_handler, fatal_is_dead_at_once)
{
    bench b;
    b.pool->handle("a", [](work::context&) -> work::task<void> {
        throw work::fatal("no use");
        co_return;
    });
    std::string const id = b.enqueue("a");
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
    EXPECT_EQ(b.job(id).failures.size(), 1u);
}

TEST(outcome_of_handler, uncounted_failures_are_kept_and_cost_no_attempt)
{
    bench b;
    int runs = 0;
    std::vector<int> attempts;
    b.pool->handle(
        "a",
        [&](work::context& c) -> work::task<void> {
            attempts.push_back(c.attempt());
            if (++runs < 4)
                throw work::uncounted("the mail server is away", 1ms);
            throw std::runtime_error("no such user");
            co_return;
        },
        at_once(1)
    );
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 4 && b.counts().dead == 1; }));
    b.stop();
    EXPECT_EQ(attempts, (std::vector<int>{1, 1, 1, 1}));
    auto const job = b.job(id);
    ASSERT_EQ(job.failures.size(), 4u);
    EXPECT_THAT(
        job.failures.front(),
        testing::HasSubstr(R"("type":"work::uncounted","message":"the mail server is away")")
    );
    EXPECT_EQ(b.counts().failed, 4);
    EXPECT_THROW(work::uncounted("x", -1ms), work::error);
}

TEST(outcome_of_handler, skip_dead_drops_the_job)
{
    bench b;
    work::job_options how = at_once(1);
    how.skip_dead = true;
    b.pool->handle(
        "a",
        [](work::context&) -> work::task<void> {
            throw std::runtime_error("x");
            co_return;
        },
        how
    );
    std::string const id = b.enqueue("a");
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::unknown);
    EXPECT_EQ(b.counts().dead, 0);
    EXPECT_EQ(b.counts().failed, 1);
}

TEST(outcome_of_handler, snooze_comes_back_and_costs_no_attempt)
{
    bench b;
    std::vector<int> attempts;
    b.pool->handle("a", [&](work::context& job) -> work::task<work::outcome> {
        attempts.push_back(job.attempt());
        if (attempts.size() < 3)
            co_return work::snooze(2ms);
        co_return work::done();
    });
    b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return attempts.size() == 3; }));
    b.stop();
    EXPECT_THAT(attempts, testing::ElementsAre(1, 1, 1));
    EXPECT_EQ(b.counts().failed, 0);
}

TEST(outcome_of_handler, snoozes_are_counted_and_bounded)
{
    bench b;
    std::vector<int> counted;
    work::job_options how = at_once(2);
    how.max_snoozes = 3;
    b.pool->handle(
        "poll",
        [&](work::context& job) -> work::task<work::outcome> {
            counted.push_back(job.snoozes());
            co_return work::snooze(1ms);
        },
        how
    );
    std::string const id = b.enqueue("poll");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 2; }));
    b.stop();
    EXPECT_THAT(counted, testing::ElementsAre(0, 1, 2, 3, 3));
    work::job_record const record = b.job(id);
    EXPECT_EQ(record.state, work::job_state::dead);
    ASSERT_EQ(record.failures.size(), 2u);
    EXPECT_THAT(record.failures[1], HasSubstr("\"type\":\"too_many_snoozes\""));
    EXPECT_THAT(record.failures[1], HasSubstr("poll snoozed 3 times"));
    EXPECT_EQ(work::decode_envelope(record.envelope)->snoozes, 3);
}

TEST(outcome_of_handler, discard_is_kept_with_its_reason)
{
    bench b;
    b.pool->handle("a", [](work::context&) -> work::task<work::outcome> {
        co_return work::discard("the order is gone");
    });
    std::string const id = b.enqueue("a");
    b.drain();
    EXPECT_THAT(b.job(id).kept, HasSubstr("discarded"));
    EXPECT_THAT(b.job(id).kept, HasSubstr("the order is gone"));
}

TEST(outcome_of_handler, value_is_kept_as_the_result)
{
    bench b;
    b.pool->handle("a", [](work::context&, int x) -> work::task<int> { co_return x + 1; });
    std::string const id = b.enqueue("a", 41);
    b.drain();
    EXPECT_THAT(b.job(id).kept, HasSubstr("\"result\":42"));
}

TEST(outcome_of_handler, arguments_by_const_reference_live_as_long_as_the_handler)
{
    bench b;
    std::string seen;
    b.pool->handle("a", [&](work::context&, std::string const& text) -> work::task<void> {
        co_await wait_for(1ms);
        seen = text;
    });
    b.enqueue("a", std::string(100, 'x'));
    b.drain();
    EXPECT_EQ(seen, std::string(100, 'x'));
}

TEST(outcome_of_handler, wrong_arguments_fail_the_job_by_name)
{
    bench b;
    b.pool->handle(
        "a",
        [](work::context&, std::int64_t) -> work::task<void> { co_return; },
        at_once(1)
    );
    std::string const id = b.enqueue("a", "seven");
    b.drain();
    ASSERT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_THAT(b.job(id).failures[0], HasSubstr("argument"));
    EXPECT_THAT(b.job(id).failures[0], HasSubstr("seven"));
}

TEST(outcome_of_handler, unreadable_record_is_set_aside_and_holds_up_nobody)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        co_return;
    });
    work::enqueue_request bad;
    bad.producer = "test";
    bad.number = 1;
    work::new_job job;
    job.id = "0000000000000000000bad";
    job.list = "a";
    job.envelope = "this is no envelope";
    bad.jobs.push_back(job);
    b.get(b.client->broker()->enqueue(bad));
    b.enqueue("a");
    b.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(b.counts().set_aside, 1);
    EXPECT_EQ(b.job(std::string(job.id)).envelope, "this is no envelope");
}

TEST(outcome_of_handler, many_jobs_that_never_wait_and_many_that_do)
{
    bench b;
    int quick = 0;
    int slow = 0;
    b.pool->handle("quick", [&](work::context&) -> work::task<void> {
        ++quick;
        co_return;
    });
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        co_await wait_for(1ms);
        ++slow;
    });
    for (int i = 0; i != 1500; ++i) {
        b.enqueue("quick");
        if (i % 3 == 0)
            b.enqueue("slow");
    }
    b.drain();
    EXPECT_EQ(quick, 1500);
    EXPECT_EQ(slow, 500);
    EXPECT_EQ(b.counts().processed, 2000);
    EXPECT_EQ(b.counts().active, 0);
}

}  // namespace
}  // namespace pool_tests
