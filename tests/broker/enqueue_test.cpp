// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;

class enqueue_transition : public transitions
{};

TEST_P(enqueue_transition, enqueue_plain_job_is_pending_and_woken)
{
    EXPECT_EQ(text_of(enqueue({job("x")})), "now " + std::to_string(b().now_ms()) + " s");
    EXPECT_EQ(state("x"), job_state::pending);
    EXPECT_EQ(key("list:a"), "list\n  x");
    EXPECT_EQ(key("ready"), "set\n  a");
    EXPECT_EQ(key("lists"), "zset\n  1790000000000 a");
    EXPECT_TRUE(b().take_wakeup("*a"));
    EXPECT_FALSE(b().take_wakeup("*a"));
}

TEST_P(enqueue_transition, enqueue_batch_keeps_the_order_of_each_list)
{
    enqueue({job("1"), job("2", "b"), chosen("3"), job("4"), job("5", "b")});
    EXPECT_EQ(key("list:a"), "list\n  1\n  3\n  4");
    EXPECT_EQ(key("list:b"), "list\n  2\n  5");
}

TEST_P(enqueue_transition, enqueue_chosen_id_that_exists_is_duplicate)
{
    enqueue({chosen("mine")});
    EXPECT_EQ(text_of(enqueue({chosen("mine"), chosen("other")})).back(), 's');
    EXPECT_EQ(enqueue({chosen("mine")}).jobs[0].code, work::enqueue_code::duplicate);
    EXPECT_EQ(key("list:a"), "list\n  mine\n  other");
}

TEST_P(enqueue_transition, enqueue_chosen_id_twice_in_a_batch_is_stored_once)
{
    EXPECT_TRUE(text_of(enqueue({chosen("mine"), chosen("mine")})).ends_with(" sd"));
}

TEST_P(enqueue_transition, enqueue_chosen_id_within_its_trace_is_duplicate_and_later_is_not)
{
    enqueue({chosen("mine")});
    auto const a = claim("A");
    exchange(
        "A",
        {.outcomes = {{a.claim, "mine", work::outcome_kind::complete, 10'000, {}}},
         .close = {a.claim},
         .want = 0}
    );
    b().pass(9'999);
    EXPECT_EQ(enqueue({chosen("mine")}).jobs[0].code, work::enqueue_code::duplicate);
    b().pass(1);
    EXPECT_EQ(enqueue({chosen("mine")}).jobs[0].code, work::enqueue_code::stored);
    EXPECT_EQ(key("traces"), "-");
}

TEST_P(enqueue_transition, enqueue_delayed_job_is_scheduled_until_then)
{
    auto later = job("later");
    later.delay_ms = 1'000;
    auto at = job("at");
    at.at_ms = b().now_ms() + 2'000;
    auto past = job("past");
    past.at_ms = b().now_ms() - 5;
    enqueue({later, at, past});
    EXPECT_EQ(state("later"), job_state::scheduled);
    EXPECT_EQ(b().job("at").when_ms, b().now_ms() + 2'000);
    EXPECT_EQ(state("past"), job_state::pending);
    auto const due = [&](std::string const& id) {
        return work::decode_envelope(b().job(id).envelope)->due_ms;
    };
    EXPECT_EQ(due("later"), b().now_ms() + 1'000);
    EXPECT_EQ(due("at"), b().now_ms() + 2'000);
    EXPECT_EQ(due("past"), 0);
    EXPECT_EQ(ids(claim("A")), "past");
    b().pass(999);
    auto const early = claim("A");
    EXPECT_EQ(ids(early), "");
    EXPECT_EQ(early.next_due_ms, b().now_ms() + 1);
    b().pass(1);
    EXPECT_EQ(ids(claim("A")), "later");
    b().pass(1'000);
    EXPECT_EQ(ids(claim("A")), "at");
}

TEST_P(enqueue_transition, enqueue_expiring_job_gets_the_brokers_time)
{
    auto expiring = job("x");
    expiring.envelope = "2 0004 0000 0000000000007 a\n\n{}";
    expiring.stamp = true;
    enqueue({expiring});
    EXPECT_EQ(b().job("x").envelope, "2 0004 0000 " + std::to_string(b().now_ms()) + " a\n\n{}");
}

TEST_P(enqueue_transition, repeated_batch_changes_nothing_and_gets_the_stored_answer)
{
    enqueue_as(1, {chosen("x"), job("y")});
    auto const before = b().dump();
    auto const again = enqueue_as(1, {chosen("x"), job("y")});
    EXPECT_TRUE(again.repeated);
    EXPECT_TRUE(text_of(again).ends_with(" ss"));
    EXPECT_EQ(b().dump(), before);
    for (std::int64_t number = 2; number <= work::policy::stored_batches; ++number)
        enqueue_as(number, {chosen("x")});
    EXPECT_TRUE(enqueue_as(1, {chosen("x"), job("y")}).repeated) << "16 numbers may be in flight";
}

TEST_P(enqueue_transition, stale_batch_is_refused)
{
    enqueue_as(1, {job("1")});
    enqueue_as(17, {job("17")});
    try {
        enqueue_as(1, {job("1")});
        FAIL();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::protocol);
        EXPECT_STREQ(e.what(), "STALE the batch 1 of producer p came after 17");
    }
}

TEST_P(enqueue_transition, first_use_of_a_list_wakes_who_serves_its_name_and_nobody_else)
{
    exchange("pool");
    enqueue({job("x", "new:c")});
    EXPECT_FALSE(b().take_wakeup("pool"));
    EXPECT_TRUE(b().take_wakeup("*c"));
    EXPECT_FALSE(b().take_wakeup("new:c")) << "nobody waits for it";
    enqueue({job("y", "new:c")});
    EXPECT_TRUE(b().take_wakeup("*c"));
}

INSTANTIATE_TEST_SUITE_P(on, enqueue_transition, both_sides, side_name);

}  // namespace
