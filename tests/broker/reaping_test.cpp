// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A lapsed lease: which claims it ends, and where their jobs go.

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class reaping : public transitions
{};

TEST_P(reaping, first_crash_puts_jobs_back_in_front_in_their_order)
{
    enqueue_many(3);
    auto const a = claim("A");
    enqueue({job("later")});
    live_through(14'000);
    EXPECT_EQ(state("j0"), job_state::active);
    live_through(1'000);
    EXPECT_EQ(state("j0"), job_state::pending);
    EXPECT_TRUE(b().take_wakeup("*a"));
    auto const next = claim("B");
    EXPECT_EQ(ids(next), "j0 j1 j2 later");
    EXPECT_FALSE(next.suspects);
    EXPECT_GT(next.claim, a.claim);
    EXPECT_TRUE(b().job("j0").failures.empty());
    EXPECT_EQ(
        codes(exchange(
            "B",
            {.finished = {{next.claim, {"j0", "j1", "j2", "later"}}},
             .close = {next.claim},
             .want = 0}
        )),
        "k"
    );
    EXPECT_EQ(state("j0"), job_state::unknown);
}

TEST_P(reaping, first_crash_keeps_priorities_and_lists_that_were_empty_are_ready_again)
{
    enqueue({job("p", "a", " p=3"), job("x", "b"), job("y", "c")});
    auto const a = exchange("A", {.discover = true});
    EXPECT_EQ(a.jobs.size(), 3u);
    EXPECT_EQ(key("ready"), "-");
    live_through(16'000);
    EXPECT_EQ(key("ready"), "set\n  a\n  b\n  c");
    EXPECT_NE(key("prio:a"), "-");
}

TEST_P(reaping, of_many_lone_claims_64_end_in_one_exchange_and_in_their_order)
{
    enqueue_many(100);
    for (int i = 0; i != 100; ++i)
        claim("A", 1);
    for (int i = 0; i != 3; ++i) {
        b().pass(5'000);
        if (i == 2)
            break;
        exchange("B", {.want = 0});
    }
    auto const first = exchange("B", {.want = 0});
    EXPECT_TRUE(first.more);
    EXPECT_EQ(first.notes, std::vector<std::string>{"lapsed: 64 claim(s) of A"});
    EXPECT_EQ(first.next_lapse_ms, b().now_ms());
    EXPECT_FALSE(exchange("B", {.want = 0}).more);
    auto const again = claim("B", 2);
    EXPECT_EQ(ids(again), "j64 j65");
    EXPECT_EQ(b().counts().pending, 98);
}

TEST_P(reaping, of_large_claims_few_end_in_one_exchange)
{
    for (int from = 0; from != 200; from += 100) {
        std::vector<work::new_job> jobs;
        for (int i = from; i != from + 100; ++i) {
            auto j = job("j" + std::to_string(i));
            j.envelope = keep(std::string(j.envelope) + std::string(8'000, ' '));
            jobs.push_back(j);
        }
        enqueue(jobs);
    }
    for (int i = 0; i != 50; ++i)
        claim("A", 4);
    live_through(14'000);
    b().pass(1'000);
    EXPECT_TRUE(exchange("B", {.want = 0}).more);
    EXPECT_EQ(b().counts().pending, 132) << "a megabyte";
}

TEST_P(reaping, pool_that_renews_in_time_keeps_its_jobs)
{
    enqueue_many(1);
    auto const a = claim("A");
    live_through(60'000, {a.claim});
    EXPECT_EQ(state("j0"), job_state::active);
}

TEST_P(reaping, own_renewal_comes_before_reaping)
{
    enqueue_many(1);
    auto const a = claim("A");
    live_through(10'000);
    b().pass(7'000);
    auto const late = exchange("A", {.renew = {a.claim}, .want = 0});
    EXPECT_TRUE(late.lost.empty());
    EXPECT_EQ(state("j0"), job_state::active);
}

TEST_P(reaping, dead_on_crash_buries_what_may_have_started_and_nothing_else)
{
    enqueue_many(4);
    auto const a = exchange("A", {.fetch_order = {{"*a", 4, true}}});
    b().cancel({"j2"});
    said words{.started = {{a.claim, "j1"}, {a.claim, "j2"}, {99, "j3"}}, .want = 0};
    EXPECT_EQ(codes(exchange_as("A", 2, words)), "kzl");
    EXPECT_EQ(codes(exchange_as("A", 2, words)), "kzl") << "again, the same answer";
    exchange_as(
        "A",
        5,
        {.outcomes = {{a.claim, "j0", outcome_kind::release, 0, {}}},
         .started = {{a.claim, "j0"}},
         .want = 0}
    );
    auto const other = exchange("B", {.fetch_order = {{"*a", 1, false}}, .want = 1});
    EXPECT_EQ(ids(other), "j0");
    live_through(16'000, {other.claim});
    EXPECT_EQ(state("j1"), job_state::dead);
    EXPECT_EQ(state("j3"), job_state::pending);
    EXPECT_EQ(key("started:" + std::to_string(a.claim)), "-");
}

TEST_P(reaping, dead_on_crash_jobs_that_did_not_start_keep_their_order_at_the_front)
{
    enqueue_many(3);
    exchange("A", {.fetch_order = {{"*a", 3, true}}});
    enqueue({job("later")});
    live_through(16'000);
    EXPECT_EQ(ids(claim("B")), "j0 j1 j2 later");
}

TEST_P(reaping, dead_on_crash_job_is_dead_also_when_discovered)
{
    enqueue({job("x", "a"), job("y", "b")});
    auto const a = exchange("A", {.fetch_order = {{"*a", 0, true}}, .discover = true});
    exchange("A", {.started = {{a.claim, "x"}}, .want = 0});
    live_through(16'000);
    EXPECT_EQ(state("x"), job_state::dead);
    EXPECT_EQ(state("y"), job_state::pending);
}

TEST_P(reaping, dead_on_crash_holds_for_suspects_too)
{
    enqueue({job("x")});
    make_suspect();
    EXPECT_EQ(state("x"), job_state::suspect);
    auto const again = exchange("B", {.fetch_order = {{"*a", 9, true}}, .suspects = true});
    ASSERT_TRUE(again.suspects);
    EXPECT_EQ(ids(again), "x");
    exchange("B", {.started = {{again.claim, "x"}}, .want = 0});
    live_through(16'000);
    EXPECT_EQ(state("x"), job_state::dead);
}

TEST_P(reaping, what_left_the_claim_before_is_not_reaped)
{
    enqueue_many(4);
    auto const a = claim("A");
    b().cancel({"j0"});
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "j1", outcome_kind::retry, 99'000, "{}"},
              {a.claim, "j2", outcome_kind::release, 0, {}}},
         .want = 0}
    );
    auto const other = claim("B");
    EXPECT_EQ(ids(other), "j2");
    live_through(16'000, {other.claim});
    EXPECT_EQ(state("j0"), job_state::cancelled);
    EXPECT_EQ(state("j1"), job_state::retry);
    EXPECT_EQ(state("j2"), job_state::active);
    EXPECT_EQ(state("j3"), job_state::pending);
}

TEST_P(reaping, unreadable_record_is_set_aside)
{
    enqueue_many(2);
    claim("A");
    b().overwrite("j0", "garbage");
    live_through(16'000);
    EXPECT_EQ(state("j0"), job_state::set_aside);
    EXPECT_EQ(state("j1"), job_state::pending);
}

TEST_P(reaping, clock_step_forward_doubles_nothing)
{
    enqueue_many(1);
    auto const a = claim("A");
    b().pass(7'200'000);
    exchange("B", {.want = 0, .suspects = true});
    EXPECT_TRUE(exchange("A", {.renew = {a.claim}, .want = 0}).lost.empty());
    EXPECT_EQ(state("j0"), job_state::active);
}

TEST_P(reaping, clock_step_back_holds_nothing_hostage)
{
    enqueue_many(1);
    claim("A");
    b().pass(-7'200'000);
    exchange("B", {.want = 0, .chores = true});
    EXPECT_EQ(b().job("j0").when_ms, b().now_ms() + 15'000) << "clamped to one lease";
    live_through(20'000);
    EXPECT_EQ(state("j0"), job_state::pending);
}

TEST_P(reaping, chores_of_a_short_lease_leave_a_long_one_alone)
{
    enqueue_many(1);
    claim("A");
    auto const until = b().job("j0").when_ms;
    lease_ms = 2'000;
    exchange("B", {.want = 0, .chores = true});
    EXPECT_EQ(b().job("j0").when_ms, until);
}

INSTANTIATE_TEST_SUITE_P(on, reaping, both_sides, side_name);

}  // namespace
