// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A store that went back in time has forgotten what was said about jobs: the close of their claim
// counts more than was heard.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class forgotten : public transitions
{
protected:
    std::string done(work::claim_number of, char const* id)
    {
        return codes(
            exchange("A", {.outcomes = {{of, id, outcome_kind::complete, 0, {}}}, .want = 0})
        );
    }
    void close(work::claim_number of, std::int64_t jobs)
    {
        exchange("A", {.close = {work::closed_claim(of, jobs)}, .want = 0});
    }
    /// A job of the id `x` that has nothing to do with the one before.
    void bring_another_to(job_state wanted)
    {
        auto x = chosen("x", "b");
        x.delay_ms = wanted == job_state::scheduled ? 1'000 : 0;
        enqueue({x});
        if (wanted == job_state::pending || wanted == job_state::scheduled)
            return;
        auto const a = exchange("B", {.fetch_order = {{"*b", 1}}});
        ASSERT_EQ(ids(a), "x");
        if (wanted == job_state::retry)
            exchange(
                "B",
                {.outcomes = {{a.claim, "x", outcome_kind::retry, 1'000, "{}"}}, .want = 0}
            );
        if (wanted == job_state::dead)
            exchange("B", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{}"}}, .want = 0});
    }
};

TEST_P(forgotten, words_bring_back_what_nobody_else_has)
{
    for (int heard = 0; heard <= 4; ++heard) {
        SCOPED_TRACE(heard);
        enqueue_many(4);
        auto const a = claim("A");
        std::string back;
        for (int i = 0; i != 4; ++i) {
            if (i < heard)
                done(a.claim, keep("j" + std::to_string(i)).data());
            else
                back += (back.empty() ? "j" : " j") + std::to_string(i);
        }
        std::int64_t const before = b().counts().forgotten;
        close(a.claim, 4);
        EXPECT_EQ(b().counts().forgotten - before, 4 - heard);
        auto const again = claim("B");
        EXPECT_EQ(ids(again), back);
        for (auto const& job : again.jobs)
            exchange(
                "B",
                {.outcomes = {{again.claim, job.id, outcome_kind::complete, 0, {}}}, .want = 0}
            );
        EXPECT_EQ(b().counts().pending, 0);
    }
}

// Its id was used again since: the other job stays where it is, whatever that is, and runs once.
TEST_P(forgotten, words_leave_another_job_of_the_same_id_alone)
{
    for (job_state const state_of_other :
         {job_state::pending,
          job_state::scheduled,
          job_state::active,
          job_state::retry,
          job_state::dead}) {
        SCOPED_TRACE(work::to_string(state_of_other));
        enqueue({chosen("x"), job("y")});
        auto const a = claim("A");
        ASSERT_EQ(ids(a), "x y");
        exchange("A", {.finished = {{a.claim, {"x"}}}, .want = 0});
        EXPECT_EQ(state("x"), job_state::unknown);
        live_through(5);
        bring_another_to(state_of_other);
        close(a.claim, 2);
        EXPECT_EQ(state("x"), state_of_other);
        EXPECT_EQ(state("y"), job_state::pending);
        auto const counts = b().counts();
        EXPECT_EQ(counts.pending, state_of_other == job_state::pending ? 2 : 1);
        EXPECT_EQ(counts.active, state_of_other == job_state::active ? 1 : 0);
        cancel_all({"x", "y"});
        b().remove({"x", "y"});
        EXPECT_EQ(b().counts().pending, 0);
        EXPECT_EQ(b().counts().active, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(on, forgotten, both_sides, side_name);

}  // namespace
