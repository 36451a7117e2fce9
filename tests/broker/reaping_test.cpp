// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

#include <algorithm>

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class reaping : public transitions
{
protected:
    /// A pool claims (suspects first) and is never heard of again. Returns how many it took.
    std::size_t die_with(said words = {.suspects = true})
    {
        auto const a = exchange("victim" + std::to_string(++victims_), std::move(words));
        live_through(16'000);
        return a.jobs.size();
    }
    std::vector<std::size_t> group_sizes()
    {
        std::vector<std::size_t> sizes;
        auto const text = key("suspects");
        for (auto at = text.find("\n  "); at != text.npos;) {
            auto const next = text.find("\n  ", at + 1);
            auto const line = text.substr(at, next - at);
            sizes.push_back(
                static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) - 1);
            at = next;
        }
        return sizes;
    }

private:
    int victims_ = 0;
};

TEST_P(reaping, lapsed_lease_makes_its_jobs_suspect_and_another_pool_takes_them)
{
    enqueue_many(2);
    auto const a = claim("A");
    live_through(14'000);
    EXPECT_EQ(state("j0"), job_state::active);
    live_through(1'000);
    EXPECT_EQ(state("j0"), job_state::suspect);
    EXPECT_EQ(claim("B").claim, 0) << "who has suspects on probation takes no others";
    auto const b = exchange("B", {.suspects = true});
    EXPECT_EQ(ids(b), "j0 j1");
    EXPECT_TRUE(b.suspects);
    EXPECT_GT(b.claim, a.claim);
    EXPECT_EQ(codes(exchange("B", {.outcomes = {{b.claim, "j0", outcome_kind::complete, 0, {}},
                                                {b.claim, "j1", outcome_kind::complete, 0, {}}},
                                   .close = {b.claim},
                                   .want = 0})),
              "kk");
    EXPECT_EQ(state("j0"), job_state::unknown);
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

TEST_P(reaping, outage_of_the_store_gives_everybody_a_lease_of_grace)
{
    enqueue_many(1);
    auto const a = claim("A");
    b().pass(40'000);
    auto const back = exchange("B", {.want = 0});
    EXPECT_EQ(state("j0"), job_state::active);
    EXPECT_EQ(back.next_lapse_ms, b().now_ms() + 5'000) << "soon enough to be no outage itself";
    b().pass(5'000);
    EXPECT_TRUE(exchange("A", {.renew = {a.claim}, .want = 0}).lost.empty());
    live_through(14'000);
    EXPECT_EQ(state("j0"), job_state::active);
    live_through(6'000);
    EXPECT_EQ(state("j0"), job_state::suspect);
}

TEST_P(reaping, lone_idle_pool_that_comes_when_told_reaps_in_the_end)
{
    enqueue_many(1);
    claim("A");
    int rounds = 0;
    for (; state("j0") == job_state::active && rounds != 20; ++rounds) {
        auto const idle = exchange("B", {.want = 0, .wait = true});
        b().us = std::max(b().us + 1'000, idle.next_lapse_ms * 1'000);
    }
    EXPECT_LE(rounds, 5);
}

TEST_P(reaping, grace_lasts_as_long_as_the_longest_lease)
{
    enqueue_many(1);
    auto const slow = claim("slow");
    lease_ms = 2'000;
    b().pass(30'000);
    exchange("quick", {.want = 0});
    for (int i = 0; i != 10; ++i) {
        b().pass(900);
        exchange("quick", {.want = 0, .chores = true});
    }
    lease_ms = 15'000;
    EXPECT_TRUE(exchange("slow", {.renew = {slow.claim}, .want = 0}).lost.empty());
}

TEST_P(reaping, suspects_split_until_the_guilty_is_alone_and_dead_after_three_deaths)
{
    enqueue_many(256);
    EXPECT_EQ(die_with({.plan = {{"*a", 256, false}}}), 256u);
    EXPECT_EQ(group_sizes(), (std::vector<std::size_t>{256}));
    EXPECT_EQ(die_with(), 256u);
    EXPECT_EQ(group_sizes(), std::vector<std::size_t>(8, 32));
    // Others complete their groups; the victim's shrinks.
    auto const complete_others = [&](std::string const& guilty) {
        while (b().counts().suspect > 1) {
            auto const a = exchange("good", {.suspects = true});
            said words{.close = {a.claim}, .want = 0};
            bool has_guilty = false;
            for (auto const& j : a.jobs)
                has_guilty = has_guilty || j.id == guilty;
            if (has_guilty) {
                live_through(16'000);
                continue;
            }
            for (auto const& j : a.jobs)
                words.outcomes.push_back(
                    {a.claim, keep(std::string(j.id)), outcome_kind::complete, 0, {}});
            exchange("good", words);
        }
    };
    complete_others("j77");
    EXPECT_EQ(b().counts().suspect, 1);
    auto const once = b().job("j77");
    ASSERT_EQ(once.failures.size(), 1u);
    EXPECT_NE(once.failures[0].find("\"type\":\"crash\""), std::string::npos);
    EXPECT_EQ(die_with(), 1u);
    EXPECT_EQ(state("j77"), job_state::suspect);
    EXPECT_EQ(die_with(), 1u);
    auto const dead = b().job("j77");
    EXPECT_EQ(dead.state, job_state::dead);
    EXPECT_EQ(dead.failures.size(), 3u);
    EXPECT_NE(dead.failures[2].find("\"type\":\"crash_loop\""), std::string::npos);
    auto const counts = b().counts();
    EXPECT_EQ(counts.dead, 1);
    EXPECT_EQ(counts.suspect + counts.active + counts.pending, 0);
}

TEST_P(reaping, split_is_256_32_4_1)
{
    enqueue_many(256);
    die_with({.plan = {{"*a", 256, false}}});
    EXPECT_EQ(die_with(), 256u);
    EXPECT_EQ(group_sizes(), std::vector<std::size_t>(8, 32));
    for (int i = 0; i != 8; ++i)
        EXPECT_EQ(die_with(), 32u);
    EXPECT_EQ(group_sizes(), std::vector<std::size_t>(64, 4));
    EXPECT_EQ(die_with(), 4u);
    std::vector<std::size_t> sizes(63, 4);
    sizes.resize(67, 1);
    EXPECT_EQ(group_sizes(), sizes);
}

TEST_P(reaping, dead_on_crash_buries_what_may_have_started_and_nothing_else)
{
    enqueue_many(4);
    auto const a = exchange("A", {.plan = {{"*a", 4, true}}});
    b().cancel({"j2"});
    said words{.started = {{a.claim, "j1"}, {a.claim, "j2"}, {99, "j3"}}, .want = 0};
    EXPECT_EQ(codes(exchange_as("A", 2, words)), "kll");
    EXPECT_EQ(codes(exchange_as("A", 2, words)), "kll") << "again, the same answer";
    exchange_as("A", 5, {.outcomes = {{a.claim, "j0", outcome_kind::release, 0, {}}},
                         .started = {{a.claim, "j0"}}, .want = 0});
    auto const other = exchange("B", {.plan = {{"*a", 1, false}}, .want = 1});
    EXPECT_EQ(ids(other), "j0");
    live_through(16'000, {other.claim});
    EXPECT_EQ(state("j1"), job_state::dead);
    EXPECT_EQ(state("j3"), job_state::pending);
    EXPECT_EQ(key("started:" + std::to_string(a.claim)), "-");
}

TEST_P(reaping, dead_on_crash_jobs_that_did_not_start_keep_their_order_at_the_front)
{
    enqueue_many(3);
    exchange("A", {.plan = {{"*a", 3, true}}});
    enqueue({job("later")});
    live_through(16'000);
    EXPECT_EQ(ids(claim("B")), "j0 j1 j2 later");
}

TEST_P(reaping, dead_on_crash_job_is_dead_also_when_discovered)
{
    enqueue({job("x", "a"), job("y", "b")});
    auto const a = exchange("A", {.plan = {{"*a", 0, true}}, .discover = true});
    exchange("A", {.started = {{a.claim, "x"}}, .want = 0});
    live_through(16'000);
    EXPECT_EQ(state("x"), job_state::dead);
    EXPECT_EQ(state("y"), job_state::suspect);
}

TEST_P(reaping, what_left_the_claim_before_is_not_reaped)
{
    enqueue_many(4);
    auto const a = claim("A");
    b().cancel({"j0"});
    exchange("A", {.outcomes = {{a.claim, "j1", outcome_kind::retry, 99'000, "{}"},
                                {a.claim, "j2", outcome_kind::release, 0, {}}},
                   .want = 0});
    auto const other = claim("B");
    EXPECT_EQ(ids(other), "j2");
    live_through(16'000, {other.claim});
    EXPECT_EQ(state("j0"), job_state::unknown);
    EXPECT_EQ(state("j1"), job_state::retry);
    EXPECT_EQ(state("j2"), job_state::active);
    EXPECT_EQ(state("j3"), job_state::suspect);
}

TEST_P(reaping, suspects_nobody_here_serves_wait)
{
    enqueue({job("x", "unknown"), job("y")});
    exchange("A", {.plan = {{"unknown", 1, false}, {"*a", 1, false}}});
    live_through(16'000);
    EXPECT_EQ(ids(exchange("B", {.suspects = true})), "y");
    EXPECT_EQ(state("x"), job_state::suspect);
}

TEST_P(reaping, unreadable_suspect_is_set_aside)
{
    enqueue_many(2);
    claim("A");
    b().overwrite("j0", "garbage");
    live_through(16'000);
    EXPECT_EQ(state("j0"), job_state::set_aside);
    b().overwrite("j1", "garbage");
    exchange("B", {.suspects = true});
    EXPECT_EQ(state("j1"), job_state::set_aside);
    EXPECT_EQ(key("suspects"), "-");
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
    EXPECT_EQ(state("j0"), job_state::suspect);
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

TEST_P(reaping, dead_pool_is_forgotten_after_an_hour)
{
    exchange("A", {.wait = true});
    exchange("B", {.wait = true});
    b().pass(3'599'999);
    exchange("B", {.chores = true});
    EXPECT_NE(key("pool:A"), "-");
    b().pass(2);
    exchange("B", {.chores = true});
    EXPECT_EQ(key("pool:A"), "-");
    EXPECT_EQ(key("pools"), "set\n  B");
}

INSTANTIATE_TEST_SUITE_P(on, reaping, both_sides, side_name);

}  // namespace
