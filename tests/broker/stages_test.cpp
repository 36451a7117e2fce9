// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/envelope_parts.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

/// A job that goes on under its id, and jobs that follow upon an outcome.
class next_stage : public transitions
{
protected:
    /// What the job becomes: made now, of no attempt.
    std::string_view stage(std::string list, std::string body = "{}")
    {
        char head[40];
        std::snprintf(
            head,
            sizeof head,
            "2 0000 0000 %013lld ",
            static_cast<long long>(b().now_ms())
        );
        return keep(head + std::move(list) + "\n\n" + std::move(body));
    }
    work::exchange_answer go_on(
        work::exchange_answer const& from,
        std::string_view id,
        std::string_view to,
        std::int64_t in_ms = 0
    )
    {
        return exchange(
            "A",
            {.outcomes = {{from.claim, id, outcome_kind::stage, in_ms, to}}, .want = 0}
        );
    }
    work::job_outcome done(work::exchange_answer const& from, std::string_view id)
    {
        return {from.claim, id, outcome_kind::complete, 0, {}};
    }
};

TEST_P(next_stage, is_pending_in_its_own_list_at_the_end)
{
    enqueue({job("x", "a"), job("y", "b")});
    auto const a = claim("A");
    EXPECT_EQ(codes(go_on(a, "x", stage("b", "{\"n\":2}"))), "k");
    EXPECT_EQ(state("x"), job_state::pending);
    EXPECT_EQ(ids(claim("A", 256, "*b")), "y x");
    EXPECT_EQ(b().job("x").envelope.substr(26), "b\n\n{\"n\":2}");
}

TEST_P(next_stage, is_found_by_a_pool_that_waits_for_it)
{
    enqueue({job("x", "a")});
    auto const a = claim("A");
    b().take_wakeup("*c");
    go_on(a, "x", stage("c"));
    EXPECT_TRUE(b().take_wakeup("*c"));
}

TEST_P(next_stage, may_come_later)
{
    enqueue({job("x", "a")});
    auto const a = claim("A");
    EXPECT_EQ(go_on(a, "x", stage("b"), 5'000).next_due_ms, b().now_ms() + 5'000);
    EXPECT_EQ(state("x"), job_state::scheduled);
    b().pass(5'000);
    EXPECT_EQ(ids(claim("A", 256, "*b")), "x");
}

TEST_P(next_stage, has_its_attempts_again_and_keeps_its_failures)
{
    enqueue({job("x", "a")});
    auto a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::retry, 0, "{\"why\":1}"}}});
    a = claim("A");
    ASSERT_EQ(ids(a), "x");
    go_on(a, "x", stage("b"));
    auto const record = b().job("x");
    EXPECT_EQ(record.envelope.substr(0, 11), "2 0008 0000");
    EXPECT_EQ(record.failures, std::vector<std::string>{"{\"why\":1}"});
    a = claim("A", 256, "*b");
    exchange("A", {.outcomes = {done(a, "x")}, .close = {a.claim}, .want = 0});
    EXPECT_EQ(failures_key("x"), "-");
    EXPECT_EQ(state("x"), job_state::unknown);
}

TEST_P(next_stage, leaves_its_claim)
{
    enqueue({job("x", "a"), job("y", "a")});
    auto const a = claim("A");
    go_on(a, "x", stage("b"));
    EXPECT_EQ(codes(go_on(a, "x", stage("c"))), "l") << "it is not the claim's any more";
    auto const next = claim("A", 256, "*b");
    EXPECT_EQ(ids(next), "x");
    EXPECT_GT(next.claim, a.claim);
    for (int i = 0; i != 4; ++i) {
        b().pass(lease_ms / 3);
        exchange("B", {.renew = {next.claim}, .want = 0});
    }
    EXPECT_EQ(state("y"), job_state::pending) << "the first claim lapsed without it";
    EXPECT_EQ(state("x"), job_state::active);
}

TEST_P(next_stage, changes_nothing_when_the_lease_is_lost)
{
    enqueue({job("x", "a")});
    auto const a = claim("A");
    for (int i = 0; i != 3; ++i) {
        b().pass(lease_ms / 2);
        exchange("B", {.want = 0});
    }
    EXPECT_EQ(codes(go_on(a, "x", stage("b"))), "l");
    EXPECT_EQ(b().job("x").envelope.substr(26, 1), "a");
}

TEST_P(next_stage, of_a_large_job_and_from_one)
{
    std::string const large(20'000, 'x');
    enqueue({job("x", "a")});
    auto a = claim("A");
    go_on(a, "x", stage("b", large));
    a = claim("A", 256, "*b");
    ASSERT_EQ(ids(a), "x");
    EXPECT_EQ(work::body_of(a.jobs[0].envelope), "\n" + large);
    go_on(a, "x", stage("c", large + "y"));
    a = claim("A", 256, "*c");
    EXPECT_EQ(work::body_of(a.jobs.at(0).envelope), "\n" + large + "y");
    go_on(a, "x", stage("a", "{}"));
    EXPECT_EQ(work::body_of(b().job("x").envelope), "\n{}");
    for (auto const& [name, value] : b().dump())
        EXPECT_FALSE(name.starts_with("bodies:")) << name;
}

TEST_P(next_stage, repeated_is_answered_and_not_done_again)
{
    enqueue({job("x", "a")});
    auto const a = claim("A");
    said const words{
        .outcomes = {{a.claim, "x", outcome_kind::stage, 0, stage("b")}},
        .then = {{0, {job("f", "c")}}},
        .want = 0
    };
    EXPECT_EQ(codes(exchange_as("A", 100, words)), "k");
    EXPECT_EQ(codes(exchange_as("A", 100, words)), "k");
    EXPECT_EQ(ids(claim("B", 256, "*b")), "x");
    EXPECT_EQ(ids(claim("B", 256, "*c")), "f");
}

TEST_P(next_stage, follow_ups_are_stored_with_the_outcome_that_is_taken_and_no_other)
{
    enqueue({job("x", "a"), job("y", "a"), job("z", "a")});
    auto const a = claim("A");
    exchange("A", {.outcomes = {done(a, "y")}, .want = 0});
    auto const said = exchange(
        "A",
        {.outcomes = {done(a, "x"), done(a, "y"), done(a, "z")},
         .then = {{0, {job("x1", "b"), job("x2", "c")}}, {1, {job("y1", "b")}}},
         .want = 0}
    );
    EXPECT_EQ(codes(said), "klk");
    EXPECT_EQ(state("x1"), job_state::pending);
    EXPECT_EQ(state("x2"), job_state::pending);
    EXPECT_EQ(state("y1"), job_state::unknown);
    EXPECT_EQ(ids(claim("A", 256, "*b")), "x1");
}

TEST_P(next_stage, follow_ups_of_every_kind)
{
    enqueue({job("x", "a"), chosen("known", "b")});
    auto const a = claim("A");
    work::new_job later = job("later", "b");
    later.delay_ms = 5'000;
    work::new_job large = job("large", "c");
    large.envelope += std::string(20'000, 'x');
    std::vector<work::new_job> then{chosen("known", "b"), chosen("new", "b"), later, large};
    then.push_back(job("first", "b", " p=3"));
    for (int i = 0; i != 100; ++i)
        then.push_back(job("plain" + std::to_string(i), "c"));
    exchange("A", {.outcomes = {done(a, "x")}, .then = {{0, then}}, .want = 0});
    EXPECT_EQ(ids(claim("A", 256, "*b")), "first known new");
    EXPECT_EQ(state("later"), job_state::scheduled);
    auto const plain = claim("A", 256, "*c");
    ASSERT_EQ(plain.jobs.size(), 101u);
    EXPECT_EQ(plain.jobs[0].id, "large");
    EXPECT_EQ(plain.jobs[0].envelope.size(), large.envelope.size() + 8) << "with b= in its header";
    EXPECT_EQ(plain.jobs[100].id, "plain99");
}

TEST_P(next_stage, follow_ups_and_stages_go_on_over_maxmemory)
{
    enqueue({job("x", "a"), job("y", "a")});
    auto const a = claim("A");
    work::exchange_request r;
    r.pool = "A";
    r.number = 1'000;
    r.lease_ms = lease_ms;
    r.lean = true;
    r.outcomes = {done(a, "x"), {a.claim, "y", outcome_kind::stage, 0, stage("b")}};
    r.then = {{0, {job("x1", "c")}}};
    EXPECT_EQ(codes(b().exchange(r)), "kk");
    EXPECT_EQ(state("x1"), job_state::pending);
    EXPECT_EQ(state("y"), job_state::pending);
}

TEST_P(next_stage, counts_that_were_not_taken_are_taken_back)
{
    auto const count = [&](std::int64_t processed, std::int64_t failed) {
        exchange("A", {.counts = {{"a", processed, failed}}, .want = 0});
    };
    count(5, 1);
    count(-2, -1);
    auto const of = b().counts();
    EXPECT_EQ(of.processed, 3);
    EXPECT_EQ(of.failed, 0);
    count(-9, 0);
    EXPECT_EQ(b().counts().processed, 0) << "never below zero";
    EXPECT_EQ(key("stats"), "-");
}

INSTANTIATE_TEST_SUITE_P(on, next_stage, both_sides, side_name);

}  // namespace
