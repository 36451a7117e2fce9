// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Nobody could reach the broker for a while: who could not renew loses nothing, and nobody waits
// for longer than one lease of its own.

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;

class absence : public transitions
{
protected:
    work::exchange_answer claim_for(std::int64_t lease, std::string const& pool, int take = 1)
    {
        lease_ms = lease;
        return claim(pool, take);
    }
    work::exchange_answer look(
        std::int64_t lease,
        std::string const& pool = "idle",
        bool chores = false
    )
    {
        lease_ms = lease;
        return exchange(pool, {.want = 0, .wait = true, .chores = chores});
    }
    /// A pool of that lease that has nothing to do comes when it is told, and every 5 s at least;
    /// how long it takes until the job is pending.
    std::int64_t rescued_after(
        std::int64_t lease,
        std::string const& id,
        std::int64_t look_period = 5'000
    )
    {
        std::int64_t const begun = b().now_ms();
        for (int i = 0; i != 40'000; ++i) {
            auto const seen = look(lease);
            if (state(id) != job_state::active)
                return b().now_ms() - begun;
            std::int64_t next = b().now_ms() + std::min(look_period, lease * 2 / 5);
            if (seen.next_lapse_ms != 0)
                next = std::min(next, std::max(seen.next_lapse_ms, b().now_ms() + 10));
            b().us = next * 1'000;
        }
        return -1;
    }
};

TEST_P(absence, gives_claims_that_lapsed_in_it_one_lease_more_from_its_end)
{
    enqueue_many(1);
    auto const a = claim("A");
    b().pass(40'000);
    auto const back = exchange("B", {.want = 0});
    EXPECT_EQ(state("j0"), job_state::active);
    EXPECT_EQ(b().job("j0").when_ms, b().now_ms() + 15'000);
    EXPECT_EQ(back.next_lapse_ms, b().now_ms() + 5'000) << "soon enough to be no silence itself";
    b().pass(5'000);
    EXPECT_TRUE(exchange("A", {.renew = {a.claim}, .want = 0}).lost.empty());
    live_through(14'000);
    EXPECT_EQ(state("j0"), job_state::active);
    live_through(6'000);
    EXPECT_EQ(state("j0"), job_state::pending);
}

TEST_P(absence, gives_claims_that_lapse_soon_after_it_as_much)
{
    enqueue_many(1);
    claim("A");
    b().pass(14'000);
    exchange("B", {.want = 0});
    std::int64_t const back = b().now_ms();
    b().pass(1'500);
    exchange("B", {.want = 0});
    EXPECT_EQ(state("j0"), job_state::active);
    EXPECT_EQ(b().job("j0").when_ms, back + 15'000);
}

TEST_P(absence, that_is_short_for_a_lease_gives_it_nothing)
{
    enqueue_many(2);
    claim_for(15'000, "long");
    b().pass(9'000);
    claim_for(2'000, "short");
    b().pass(900);
    look(2'000);
    b().pass(900);
    look(2'000);
    b().pass(900);
    look(2'000);
    EXPECT_EQ(state("j1"), job_state::pending);
}

TEST_P(absence, is_remembered_for_claims_that_one_exchange_does_not_reach)
{
    enqueue_many(100);
    for (int i = 0; i != 100; ++i)
        claim("A", 1);
    b().pass(40'000);
    EXPECT_TRUE(exchange("B", {.want = 0}).more);
    b().pass(10);
    EXPECT_FALSE(exchange("B", {.want = 0}).more);
    EXPECT_EQ(b().counts().active, 100);
    live_through(14'900);
    EXPECT_EQ(b().counts().active, 100);
    live_through(1'000);
    exchange("B", {.want = 0});
    EXPECT_EQ(b().counts().active, 0);
}

TEST_P(absence, that_held_no_claims_delays_nothing)
{
    exchange("A", {.want = 0});
    b().pass(3'600'000);
    enqueue_many(1);
    claim_for(1'000, "A");
    EXPECT_LE(rescued_after(1'000, "j0"), 1'010);
}

TEST_P(absence, of_a_pool_with_a_long_lease_that_lived_before_delays_nothing)
{
    enqueue_many(2);
    auto const slow = claim_for(3'600'000, "slow");
    cancel_all({"j0"});
    exchange("slow", {.close = {slow.claim}, .want = 0});
    b().pass(60'000);
    claim_for(1'000, "A");
    EXPECT_LE(rescued_after(1'000, "j1"), 1'010);
    EXPECT_EQ(key("broker").find("lease"), std::string::npos);
}

TEST_P(absence, short_and_repeated_puts_off_reaping_by_one_lease_after_the_last)
{
    enqueue_many(1);
    claim_for(2'000, "A");
    for (int i = 0; i != 6; ++i) {
        b().pass(1'900);
        look(2'000);
    }
    EXPECT_LE(rescued_after(2'000, "j0"), 2'010);
}

// Every lease beside every other, whose pool idles, comes often, or holds a claim of its own.
TEST_P(absence, leases_of_all_lengths_do_not_delay_each_other)
{
    std::int64_t const leases[] = {500, 1'000, 15'000, 3'600'000};
    int n = 0;
    for (std::int64_t const own : leases) {
        for (std::int64_t const others : leases) {
            SCOPED_TRACE(std::to_string(own) + " beside " + std::to_string(others));
            std::string const id = "x" + std::to_string(++n);
            enqueue({job(id)});
            claim_for(own, "dies" + id);
            std::int64_t const bound = own + (others <= own ? 1'000 : 6'000);
            std::int64_t const took = rescued_after(others, id);
            EXPECT_GE(took, own);
            EXPECT_LE(took, bound);
            cancel_all({id});
            // And while the others hold a claim that they renew, and come very often.
            std::string const held = "h" + id, again = "y" + id;
            enqueue({job(held)});
            auto const busy = claim_for(others, "busy" + id);
            enqueue({job(again)});
            claim_for(own, "dies2" + id);
            std::int64_t const begun = b().now_ms();
            std::int64_t const step = std::min<std::int64_t>(others / 3, own / 8);
            while (state(again) == job_state::active && b().now_ms() < begun + own + 10'000) {
                b().pass(step);
                lease_ms = others;
                exchange("busy" + id, {.renew = {busy.claim}, .want = 0});
            }
            EXPECT_GE(b().now_ms() - begun, own);
            EXPECT_LE(b().now_ms() - begun, own + std::max<std::int64_t>(step, 1'000));
            EXPECT_EQ(state(held), job_state::active);
            cancel_all({held, again});
            exchange("busy" + id, {.close = {busy.claim}, .want = 0});
        }
    }
}

TEST_P(absence, chores_clamp_a_lease_to_one_of_its_own)
{
    enqueue_many(2);
    claim_for(15'000, "A");
    auto const until = b().job("j0").when_ms;
    look(2'000, "B", true);
    EXPECT_EQ(b().job("j0").when_ms, until) << "of a short lease, they leave a long one alone";
    claim_for(2'000, "short");
    b().pass(-4'000);
    look(3'600'000, "C", true);
    EXPECT_EQ(b().job("j1").when_ms, b().now_ms() + 2'000);
    EXPECT_EQ(b().job("j0").when_ms, until);
}

INSTANTIATE_TEST_SUITE_P(on, absence, both_sides, side_name);

}  // namespace
