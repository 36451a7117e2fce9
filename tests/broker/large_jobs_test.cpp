// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/job_info.hpp>
#include <work/values/envelope_parts.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

/// Jobs whose bodies are stored apart from their records.
class large_jobs : public transitions
{
protected:
    work::new_job large(std::string id, std::size_t bytes, std::string list = "a")
    {
        work::new_job j = job(std::move(id), std::move(list));
        std::string envelope(j.envelope);
        envelope += std::string(bytes, 'x');
        j.envelope = keep(std::move(envelope));
        return j;
    }
    work::new_job large_chosen(std::string id, std::size_t bytes)
    {
        work::new_job j = large(std::move(id), bytes);
        std::string envelope(j.envelope);
        envelope[5] = '1';
        j.envelope = keep(std::move(envelope));
        j.chosen_id = true;
        return j;
    }
    /// As it is given to a pool: behind its first line nothing changed.
    static std::string_view body(std::string_view envelope) { return work::body_of(envelope); }
    std::size_t keys_of_bodies()
    {
        std::size_t n = 0;
        for (auto const& [name, text] : b().dump())
            n += name.starts_with("bodies:");
        return n;
    }
    std::size_t longest_record()
    {
        std::size_t longest = 0;
        for (auto const& [name, text] : b().dump()) {
            if (name.starts_with("jobs:"))
                longest = std::max(longest, text.size());
        }
        return longest;
    }
};

TEST_P(large_jobs, envelope_at_the_limit_stays_whole_and_above_it_is_parted)
{
    auto const small = large("s", 0);
    enqueue({large("s", work::max_whole_envelope - small.envelope.size())});
    EXPECT_EQ(keys_of_bodies(), 0u);
    auto const j = large("x", work::max_whole_envelope - small.envelope.size() + 1);
    enqueue({j});
    EXPECT_EQ(keys_of_bodies(), 1u);
    auto const a = claim("A");
    ASSERT_EQ(ids(a), "s x");
    EXPECT_EQ(body(a.jobs[1].envelope), body(j.envelope));
    EXPECT_EQ(a.jobs[1].envelope.substr(2, 4), "0010");
}

TEST_P(large_jobs, record_of_a_large_job_is_short_in_every_state_and_its_answer_whole)
{
    auto const x = large_chosen("x", 300'000);
    auto const whole = [&] { return body(b().job("x").envelope) == body(x.envelope); };
    enqueue({x});
    EXPECT_TRUE(whole());
    auto a = claim("A");
    EXPECT_EQ(body(a.jobs.at(0).envelope), body(x.envelope));
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::retry, 1'000, "{}"}}, .want = 0});
    EXPECT_EQ(state("x"), job_state::retry);
    EXPECT_TRUE(whole());
    b().pass(1'000);
    a = claim("A");
    ASSERT_EQ(ids(a), "x");
    EXPECT_EQ(body(a.jobs[0].envelope), body(x.envelope));
    EXPECT_EQ(a.jobs[0].envelope.substr(2, 9), "0019 0001");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{}"}}, .want = 0});
    EXPECT_TRUE(whole());
    EXPECT_LT(longest_record(), 2'500u);
    b().requeue({"x"});
    a = claim("A");
    EXPECT_EQ(body(a.jobs.at(0).envelope), body(x.envelope));
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, {}}}, .want = 0});
    EXPECT_EQ(keys_of_bodies(), 0u);
    EXPECT_EQ(state("x"), job_state::unknown);
}

TEST_P(large_jobs, body_goes_with_the_job_wherever_it_is_cancelled)
{
    auto delayed = large("x", 30'000);
    delayed.delay_ms = 1'000;
    enqueue({delayed});
    b().cancel({"x"});
    EXPECT_EQ(keys_of_bodies(), 0u) << "scheduled";
    auto const kept = work::read_record("x", b().job("x"));
    EXPECT_EQ(kept.state, job_state::cancelled);
    EXPECT_EQ(kept.unreadable, "");
    EXPECT_EQ(kept.ended->reason, "because");
    EXPECT_GT(kept.cut_from, 30'000);
    enqueue({large("x", 30'000)});
    b().cancel({"x"});
    EXPECT_EQ(keys_of_bodies(), 0u) << "pending";
    enqueue({large("y", 30'000)});
    claim("A");
    cancel_all({"y"});
    EXPECT_EQ(keys_of_bodies(), 0u) << "active";
    enqueue({large("z", 30'000)});
    b().overwrite("z", "garbage");
    b().cancel({"z"});
    EXPECT_EQ(keys_of_bodies(), 0u) << "unreadable";
    enqueue({large("u", 30'000)});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "u", outcome_kind::discard, 0, {}}}, .want = 0});
    EXPECT_EQ(keys_of_bodies(), 0u) << "discarded";
}

TEST_P(large_jobs, answer_repeated_has_the_whole_job)
{
    auto const x = large("x", 40'000);
    enqueue({x});
    exchange("A", {.want = 0});
    auto const first = exchange_as("A", 2, {.fetch_order = {{"*a", 9, false}}});
    auto const again = exchange_as("A", 2, {.fetch_order = {{"*a", 9, false}}});
    EXPECT_TRUE(again.repeated);
    ASSERT_EQ(ids(again), "x");
    EXPECT_EQ(first.jobs[0].envelope, again.jobs[0].envelope);
    EXPECT_EQ(body(again.jobs[0].envelope), body(x.envelope));
}

TEST_P(large_jobs, bytes_of_bodies_count_in_the_budget_of_a_claim)
{
    for (int i = 0; i != 84; ++i)
        enqueue({job("s" + std::to_string(i))});
    for (int i = 0; i != 5; ++i)
        enqueue({large("L" + std::to_string(i), 600'000)});
    auto const a = claim("A");
    EXPECT_EQ(a.jobs.size(), 86u) << "two of 600 000 bytes are more than 1 MiB";
    EXPECT_EQ(b().outstanding({"a"}).pending, 3);
}

TEST_P(large_jobs, order_of_a_list_holds_between_large_and_small_jobs)
{
    enqueue({job("1"), large("2", 20'000), job("3"), large("4", 20'000), job("5")});
    EXPECT_EQ(ids(claim("A")), "1 2 3 4 5");
}

TEST_P(large_jobs, due_large_jobs_are_moved_by_their_heads)
{
    for (int i = 0; i != 300; ++i) {
        auto x = large("x" + std::to_string(i), 20'000);
        x.delay_ms = 1'000;
        enqueue({x});
    }
    b().pass(1'000);
    auto const a = exchange("A", {.want = 0});
    EXPECT_TRUE(a.more);
    EXPECT_EQ(b().counts().pending, 256);
    exchange("A", {.want = 0});
    EXPECT_EQ(b().counts().scheduled, 0);
}

TEST_P(large_jobs, job_that_fits_into_no_answer_is_set_aside_by_name)
{
    enqueue({large_chosen("x", 20'000), job("y")});
    std::string head(b().job("x").envelope.substr(0, 26));
    head = "2 0011 0000 1790000000000 a b=70000000\n\n" + std::string(1024, 'x');
    b().overwrite("x", head);
    auto const a = claim("A");
    EXPECT_EQ(ids(a), "y");
    ASSERT_EQ(a.notes.size(), 1u);
    EXPECT_EQ(
        a.notes[0],
        "record of " + std::to_string(70'000'000 + head.size()) + " bytes set aside: x"
    );
    EXPECT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(keys_of_bodies(), 1u) << "its bytes are kept";
    enqueue({chosen("x")});
    EXPECT_EQ(keys_of_bodies(), 0u) << "and go when somebody uses the id again";
}

TEST_P(large_jobs, unreadable_large_job_keeps_its_body_while_set_aside)
{
    enqueue({large("x", 20'000)});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::set_aside, 0, {}}}, .want = 0});
    auto const record = b().job("x");
    EXPECT_EQ(record.state, job_state::set_aside);
    EXPECT_GT(record.envelope.size(), 20'000u);
}

INSTANTIATE_TEST_SUITE_P(on, large_jobs, both_sides, side_name);

}  // namespace
