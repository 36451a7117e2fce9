// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class exchange_transition : public transitions
{};

TEST_P(exchange_transition, claim_takes_jobs_in_order_under_one_growing_fence)
{
    enqueue_many(3);
    auto const first = claim("A", 2);
    EXPECT_EQ(ids(first), "j0 j1");
    EXPECT_EQ(first.claim, b().us);
    EXPECT_EQ(text_of(first).find("left *a 1"), text_of(first).find("left"));
    b().us -= 5'000'000;
    auto const second = claim("A", 2);
    EXPECT_EQ(ids(second), "j2");
    EXPECT_EQ(second.claim, first.claim + 2) << "the fence grows though the clock went back";
    EXPECT_TRUE(second.left.empty());
    EXPECT_EQ(key("ready"), "-");
    auto const record = b().job("j0");
    EXPECT_EQ(record.state, job_state::active);
    EXPECT_EQ(record.pool, "A");
    EXPECT_EQ(record.claim, first.claim);
}

TEST_P(exchange_transition, claim_of_nothing_opens_no_claim)
{
    EXPECT_EQ(claim("A").claim, 0);
    EXPECT_EQ(key("leases"), "-");
}

TEST_P(exchange_transition, finished_and_closed_claim_leaves_nothing)
{
    enqueue_many(2);
    auto const a = claim("A");
    auto const done =
        exchange("A", {.finished = {{a.claim, {"j0", "j1"}}}, .close = {a.claim}, .want = 0});
    EXPECT_EQ(codes(done), "k");
    for (auto const& [name, value] : b().dump())
        EXPECT_TRUE(
            name == "broker" || name == "lists" || name.starts_with("producer:") ||
            name.starts_with("wake:") || name.starts_with("pool") || name.starts_with("serves:")
        ) << name
          << " " << value;
}

TEST_P(exchange_transition, finished_job_that_ended_before_is_told_as_partly)
{
    enqueue_many(2);
    auto const a = claim("A");
    cancel_all({"j0"});
    EXPECT_EQ(codes(exchange("A", {.finished = {{a.claim, {"j0", "j1"}}}, .want = 0})), "p");
}

TEST_P(exchange_transition, retry_waits_and_counts_the_attempt)
{
    enqueue({job("x")});
    auto const a = claim("A");
    auto const said = exchange(
        "A",
        {.outcomes = {{a.claim, "x", outcome_kind::retry, 3'000, "{\"why\":1}"}}, .want = 0}
    );
    EXPECT_EQ(codes(said), "k");
    EXPECT_EQ(said.next_due_ms, b().now_ms() + 3'000);
    auto const record = b().job("x");
    EXPECT_EQ(record.state, job_state::retry);
    EXPECT_EQ(record.failures, std::vector<std::string>{"{\"why\":1}"});
    EXPECT_EQ(record.envelope.substr(0, 11), "2 0008 0001") << "one attempt, failures are kept";
    b().pass(3'000);
    EXPECT_EQ(ids(claim("A")), "x");
}

TEST_P(exchange_transition, dead_job_is_kept_with_its_failures)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{}"}}, .close = {a.claim}});
    EXPECT_EQ(state("x"), job_state::dead);
    EXPECT_EQ(key("dead"), "zset\n  " + std::to_string(b().now_ms()) + " x");
}

TEST_P(exchange_transition, failures_of_a_job_are_the_last_ten)
{
    enqueue({job("x")});
    for (int i = 0; i != 12; ++i) {
        auto const a = claim("A");
        auto const text = keep("{\"n\":" + std::to_string(i) + "}");
        exchange(
            "A",
            {.outcomes = {{a.claim, "x", outcome_kind::retry, 0, text}},
             .close = {a.claim},
             .want = 0}
        );
    }
    auto const record = b().job("x");
    ASSERT_EQ(record.failures.size(), 10u);
    EXPECT_EQ(record.failures.front(), "{\"n\":2}");
}

TEST_P(exchange_transition, snoozes_are_counted_in_the_record_until_a_requeue_from_the_dead)
{
    enqueue({job("x")});
    b().overwrite("x", "2 0000 0000 1790000000000 a z=new\n\n{}");
    for (std::string const count : {"1", "2", "3"}) {
        auto const a = claim("A");
        ASSERT_EQ(a.jobs.size(), 1u);
        exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::snooze, 1, {}}}, .want = 0});
        EXPECT_EQ(work::detail::word_of(b().job("x").envelope, "s"), count);
        EXPECT_EQ(work::detail::word_of(b().job("x").envelope, "z"), "new");
        b().pass(2);
    }
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{}"}}, .want = 0});
    EXPECT_EQ(work::detail::word_of(b().job("x").envelope, "s"), "3");
    b().requeue({"x"});
    EXPECT_FALSE(work::detail::word_of(b().job("x").envelope, "s"));
}

TEST_P(exchange_transition, failure_that_does_not_count_is_kept_and_costs_no_attempt)
{
    enqueue({job("x"), job("y")});
    for (std::string const count : {"1", "2", "3"}) {
        auto const a = claim("A");
        ASSERT_EQ(a.jobs.size(), 2u);
        exchange(
            "A",
            {.outcomes =
                 {{a.claim, "x", outcome_kind::uncounted, 500, "{\"why\":1}"},
                  {a.claim, "y", outcome_kind::retry, 500, "{\"why\":2}"}},
             .close = {a.claim},
             .want = 0}
        );
        auto const record = b().job("x");
        EXPECT_EQ(record.state, job_state::retry);
        EXPECT_EQ(record.envelope.substr(0, 11), "2 0008 0000");
        EXPECT_EQ(work::detail::word_of(record.envelope, "s"), count);
        EXPECT_EQ(b().job("y").envelope.substr(0, 11), "2 0008 000" + count);
        b().pass(600);
    }
    EXPECT_EQ(b().job("x").failures.size(), 3u);
    // It ends as a job does that failed: nothing of it stays.
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x"}, {a.claim, "y"}}, .close = {a.claim}, .want = 0});
    EXPECT_EQ(state("x"), job_state::unknown);
    EXPECT_TRUE(b().job("x").failures.empty());
}

TEST_P(exchange_transition, failure_that_does_not_count_of_a_cancelled_job_ends_it)
{
    enqueue({job("x")});
    auto const a = claim("A");
    b().cancel({"x"});
    auto const told =
        exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::uncounted, 1, "{}"}}, .want = 0});
    EXPECT_EQ(told.outcomes.front(), work::outcome_code::cancelled);
    EXPECT_EQ(state("x"), job_state::cancelled);
}

TEST_P(exchange_transition, a_count_of_snoozes_that_is_none_starts_again)
{
    for (std::string const bad : {"-1", "1e9", "0x10", "1234567890", "", "7 s=9"}) {
        std::string const id = "x" + std::to_string(bad.size()) + bad.substr(0, 1);
        enqueue({job(id, "a")});
        b().overwrite(id, "2 0000 0000 1790000000000 a s=" + bad + "\n\n{}");
        auto const a = claim("A");
        exchange("A", {.outcomes = {{a.claim, id, outcome_kind::snooze, 1000, {}}}, .want = 0});
        std::string const expected = bad == "7 s=9" ? "8" : "1";
        EXPECT_EQ(work::detail::word_of(b().job(id).envelope, "s"), expected) << bad;
    }
}

TEST_P(exchange_transition, snooze_costs_no_attempt)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::snooze, 500, {}}}, .want = 0});
    EXPECT_EQ(state("x"), job_state::scheduled);
    EXPECT_EQ(b().job("x").envelope.substr(0, 11), "2 0000 0000");
}

TEST_P(exchange_transition, release_puts_the_job_in_front)
{
    enqueue_many(3);
    auto const a = claim("A", 2);
    b().take_wakeup("*a");
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "j1", outcome_kind::release, 0, {}},
              {a.claim, "j0", outcome_kind::release, 0, {}}},
         .close = {a.claim},
         .want = 0}
    );
    EXPECT_EQ(key("list:a"), "list\n  j0\n  j1\n  j2");
    EXPECT_TRUE(b().take_wakeup("*a"));
}

TEST_P(exchange_transition, completed_job_with_a_record_is_kept_as_sample)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange(
        "A",
        {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, "{\"ms\":3}"}}, .close = {a.claim}}
    );
    auto const record = b().job("x");
    EXPECT_EQ(record.state, job_state::completed);
    EXPECT_EQ(record.kept, "{\"ms\":3}");
    EXPECT_EQ(record.when_ms, b().now_ms());
    EXPECT_TRUE(record.envelope.ends_with("\n\n{}"));
}

TEST_P(exchange_transition, kept_sample_is_the_last_thousand_of_a_list)
{
    for (int i = 0; i != 1'002; ++i) {
        enqueue({job("k" + std::to_string(i))});
        auto const a = claim("A");
        auto const id = keep("k" + std::to_string(i));
        exchange(
            "A",
            {.outcomes = {{a.claim, id, outcome_kind::complete, 0, "{}"}},
             .close = {a.claim},
             .want = 0}
        );
        b().pass(1);
    }
    EXPECT_EQ(state("k1"), job_state::unknown);
    EXPECT_EQ(state("k2"), job_state::completed);
}

TEST_P(exchange_transition, discard_drops_the_job)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::discard, 0, {}}}, .close = {a.claim}});
    EXPECT_EQ(state("x"), job_state::unknown);
}

TEST_P(exchange_transition, unreadable_record_is_set_aside_with_its_bytes_and_blocks_nobody)
{
    enqueue_many(3);
    std::string const bytes("\0garbage\xff\n", 10);
    b().overwrite("j1", bytes);
    auto const a = claim("A");
    EXPECT_EQ(ids(a), "j0 j1 j2");
    auto const said = exchange(
        "A",
        {.finished = {{a.claim, {"j0", "j2"}}},
         .outcomes = {{a.claim, "j1", outcome_kind::set_aside, 0, {}}},
         .close = {a.claim},
         .want = 0}
    );
    EXPECT_EQ(said.notes, std::vector<std::string>{"unreadable record set aside: j1"});
    auto const record = b().job("j1");
    EXPECT_EQ(record.state, job_state::set_aside);
    EXPECT_EQ(record.envelope, bytes);
    EXPECT_EQ(b().counts().set_aside, 1);
}

TEST_P(exchange_transition, word_about_a_finished_job_is_gone_and_after_the_lease_is_lost)
{
    enqueue_many(2);
    auto const a = claim("A");
    cancel_all({"j0"});
    exchange("A", {.finished = {{a.claim, {"j1"}}}, .want = 0});
    auto const words = [&](char const* id) {
        return said{.outcomes = {{a.claim, id, outcome_kind::complete, 0, {}}}, .want = 0};
    };
    EXPECT_EQ(codes(exchange("A", words("j1"))), "g");
    EXPECT_EQ(codes(exchange("A", words("j0"))), "l") << "it left the claim";
    exchange("A", {.close = {a.claim}, .want = 0});
    EXPECT_EQ(codes(exchange("A", words("j1"))), "l");
}

TEST_P(exchange_transition, word_after_the_lease_changes_nothing)
{
    enqueue({job("x")});
    auto const a = claim("A");
    live_through(20'000);
    ASSERT_EQ(state("x"), job_state::pending);
    for (auto const kind :
         {outcome_kind::complete,
          outcome_kind::retry,
          outcome_kind::dead,
          outcome_kind::snooze,
          outcome_kind::release,
          outcome_kind::discard,
          outcome_kind::set_aside}) {
        EXPECT_EQ(
            codes(exchange("A", {.outcomes = {{a.claim, "x", kind, 5, "{}"}}, .want = 0})),
            "l"
        );
        EXPECT_EQ(state("x"), job_state::pending);
    }
    EXPECT_EQ(codes(exchange("A", {.finished = {{a.claim, {"x"}}}, .want = 0})), "l");
    EXPECT_EQ(state("x"), job_state::pending);
}

TEST_P(exchange_transition, renewal_extends_the_lease_or_says_lost)
{
    enqueue({job("x")});
    auto const a = claim("A");
    b().pass(5'000);
    auto const renewed = exchange("A", {.renew = {a.claim, 42}, .want = 0});
    EXPECT_EQ(renewed.lost, std::vector<work::claim_number>{42});
    EXPECT_EQ(b().job("x").when_ms, b().now_ms() + 15'000);
}

TEST_P(exchange_transition, progress_is_shown_while_the_lease_is_valid)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange("A", {.progress = {{a.claim, "x", "half"}}, .want = 0});
    EXPECT_EQ(b().job("x").progress, "half");
    exchange("A", {.progress = {{a.claim + 1, "x", "wrong"}}, .want = 0});
    EXPECT_EQ(b().job("x").progress, "half");
}

TEST_P(exchange_transition, counts_add_up_in_total_and_by_day)
{
    enqueue({job("x")});
    work::exchange_request r;
    r.pool = "A";
    r.number = 1;
    r.serves = {{"*a", 0}};
    r.counts = {{"a", 3, 1}};
    b().exchange(r);
    b().pass(86'400'000);
    r.number = 2;
    b().exchange(r);
    auto const counts = b().counts();
    EXPECT_EQ(counts.processed, 6);
    EXPECT_EQ(counts.failed, 2);
    EXPECT_EQ(counts.processed_today, 3);
    EXPECT_EQ(counts.lists.at(0).pending, 1);
}

TEST_P(exchange_transition, repeated_exchange_gets_the_same_answer_and_jobs)
{
    enqueue_many(3);
    auto const a = claim("A", 1);
    said const words{
        .outcomes = {{a.claim, "j0", outcome_kind::retry, 9, "{}"}},
        .renew = {7},
        .fetch_order = {{"*a", 2, false}}
    };
    auto const first = exchange_as("A", 2, words);
    auto const before = b().dump();
    auto const again = exchange_as("A", 2, words);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(ids(again), "j1 j2");
    EXPECT_EQ(again.claim, first.claim);
    EXPECT_EQ(codes(again), "k");
    EXPECT_EQ(again.lost, first.lost);
    EXPECT_EQ(b().dump(), before);
}

TEST_P(exchange_transition, repeated_exchange_lacks_jobs_that_left_since)
{
    enqueue_many(2);
    auto const a = exchange_as("A", 1, {.fetch_order = {{"*a", 2, false}}});
    auto const leave = [&](std::int64_t number, char const* id) {
        said words{.outcomes = {{a.claim, id, outcome_kind::retry, 60'000, "{}"}}, .want = 0};
        exchange_as("A", number, std::move(words));
    };
    leave(2, "j0");
    EXPECT_EQ(ids(exchange_as("A", 1, {})), "j1");
    leave(5, "j1");
    auto const empty = exchange_as("A", 1, {});
    EXPECT_EQ(empty.claim, a.claim) << "an empty claim still wants to be closed";
    live_through(20'000);
    EXPECT_EQ(exchange_as("A", 1, {}).claim, 0) << "it was reaped";
}

TEST_P(exchange_transition, stale_exchange_is_refused)
{
    exchange_as("A", 1);
    exchange_as("A", 17);
    try {
        exchange_as("A", 1);
        FAIL();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::protocol);
        EXPECT_STREQ(e.what(), "STALE the exchange 1 of pool A came after 17");
    }
}

TEST_P(exchange_transition, unserved_list_is_never_claimed)
{
    enqueue({job("x", "unknown"), job("y", "b")});
    auto const a = exchange("A", {.discover = true});
    EXPECT_EQ(ids(a), "y");
    EXPECT_EQ(state("x"), job_state::pending);
}

TEST_P(exchange_transition, discovered_lists_come_by_rank_and_the_rest_is_told)
{
    enqueue({job("z", "c"), job("y", "b"), job("x", "a")});
    auto const a = exchange("A", {.want = 2, .discover = true});
    EXPECT_EQ(ids(a), "x y");
    EXPECT_EQ(a.left, (std::vector<work::list_left>{{"*c", 1}}));
}

TEST_P(exchange_transition, claim_stops_at_the_byte_budget_with_at_least_one)
{
    auto big = job("big");
    big.envelope = keep(std::string(big.envelope) + std::string(1'000, 'x'));
    enqueue({big, job("j1"), job("j2")});
    EXPECT_EQ(ids(exchange("A", {.fetch_order = {{"*a", 9, false}}, .max_bytes = 10})), "big");
    EXPECT_EQ(ids(exchange("A", {.fetch_order = {{"*a", 9, false}}, .max_bytes = 29})), "j1");
    EXPECT_EQ(ids(exchange("A", {.fetch_order = {{"*a", 9, false}}, .max_bytes = 1 << 20})), "j2");
}

TEST_P(exchange_transition, priority_goes_ahead_and_what_waited_long_goes_first)
{
    enqueue({job("old")});
    b().pass(120'000);
    enqueue({job("plain"), job("low", "a", " p=-1"), job("high", "a", " p=1")});
    EXPECT_EQ(ids(claim("A")), "old high plain low");
}

TEST_P(exchange_transition, look_with_nothing_wanted_tells_what_is_left)
{
    enqueue_many(3);
    auto const a = exchange("A", {.fetch_order = {{"*a", 0, false}, {"*b", 0, false}}, .want = 0});
    EXPECT_EQ(a.left, (std::vector<work::list_left>{{"*a", 3}}));
    EXPECT_EQ(a.claim, 0);
}

INSTANTIATE_TEST_SUITE_P(on, exchange_transition, both_sides, side_name);

}  // namespace
