// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What ran in two processes that died: groups, quarantine, isolation, and what counts.

#include <work/broker/memory/records.hpp>

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class suspects : public transitions
{
protected:
    /// A pool takes suspects, or what else there is, and is never heard of again.
    work::exchange_answer die_with(said words = {.suspects = true})
    {
        auto a = exchange("dying" + std::to_string(++died_), std::move(words));
        live_through(22'000);
        return a;
    }
    /// How many jobs the groups hold, the one to be taken first in front.
    std::vector<std::size_t> group_sizes()
    {
        std::map<int, std::size_t, std::greater<>> sizes;
        for (auto const& [key, text] : b().dump()) {
            if (!key.starts_with("group:"))
                continue;
            auto const commas = std::count(text.begin(), text.end(), ',');
            auto lines = std::ptrdiff_t{0};
            for (auto at = text.find("\\n"); at != text.npos; at = text.find("\\n", at + 1))
                ++lines;
            sizes[std::stoi(key.substr(6))] = static_cast<std::size_t>(commas - lines);
        }
        std::vector<std::size_t> all;
        for (auto const& [number, size] : sizes)
            all.push_back(size);
        return all;
    }
    work::detail::crash_state crashes(std::string const& id)
    {
        return work::detail::read_crashes(b().job(id).envelope);
    }
    void finish(std::string const& pool, work::exchange_answer const& a)
    {
        said words{.close = {a.claim}, .want = 0};
        for (auto const& j : a.jobs)
            words.outcomes.push_back(
                {a.claim, keep(std::string(j.id)), outcome_kind::complete, 0, {}}
            );
        exchange(pool, words);
    }

private:
    int died_ = 0;
};

TEST_P(suspects, are_what_ran_in_two_processes_that_died_and_nothing_else)
{
    enqueue_many(2);
    claim("A");
    live_through(16'000);
    enqueue({job("new")});
    EXPECT_EQ(ids(claim("B")), "j0 j1 new");
    live_through(16'000);
    EXPECT_EQ(state("new"), job_state::pending) << "its first crash";
    EXPECT_EQ(state("j0"), job_state::suspect) << "no other claim of its pool can lapse";
    EXPECT_EQ(group_sizes(), (std::vector<std::size_t>{1, 1}));
    EXPECT_EQ(b().counts().suspect, 2);
    EXPECT_EQ(ids(claim("C")), "new") << "who did not ask for suspects gets none";
    auto const d = exchange("D", {.suspects = true});
    EXPECT_TRUE(d.suspects);
    EXPECT_FALSE(d.isolate);
    EXPECT_EQ(d.jobs.size(), 1u);
}

TEST_P(suspects, have_a_quarantine_of_twice_the_longest_time_to_a_death)
{
    enqueue_many(1);
    auto const a = claim("A");
    live_through(60'000, {a.claim});
    live_through(16'000);
    EXPECT_EQ(crashes("j0").longest, 65'000);
    claim("B");
    live_through(22'000);
    EXPECT_EQ(exchange("C", {.suspects = true}).quarantine_ms, 130'000);
    enqueue({job("quick", "b")});
    make_suspect("*b");
    EXPECT_EQ(exchange("D", {.suspects = true}).quarantine_ms, 10'000)
        << "that a pool died before its first renewal is known to a third of its lease";
}

TEST_P(suspects, of_a_process_are_merged_and_split_in_eight_the_most_recent_first)
{
    enqueue_many(40);
    claim("A");
    live_through(16'000);
    for (int i = 0; i != 4; ++i) {
        claim("B", 10);
        b().pass(1);
    }
    live_through(22'000);
    EXPECT_EQ(group_sizes(), std::vector<std::size_t>(8, 5));
    EXPECT_EQ(b().counts().suspect, 40);
    EXPECT_EQ(ids(exchange("C", {.suspects = true})), "j39 j38 j37 j36 j35");
    EXPECT_TRUE(b().job("j0").failures.empty()) << "it counts against none of them";
}

TEST_P(suspects, of_two_pools_of_one_process_are_one_group)
{
    enqueue({job("x", "a"), job("y", "b")});
    make_suspect();
    make_suspect("*b");
    std::string const one = "0000GENER00AA99999000A", two = "0000GENER00BB99999000B";
    EXPECT_EQ(exchange(one, {.suspects = true}).jobs.size(), 1u);
    EXPECT_EQ(exchange(two, {.suspects = true}).jobs.size(), 1u);
    live_through(22'000);
    EXPECT_EQ(b().counts().suspect, 2);
    EXPECT_EQ(crashes("x").counted + crashes("y").counted, 0);
    EXPECT_EQ(b().job("x").failures.size(), 1u) << "when it was alone before";
}

TEST_P(suspects, alone_three_times_the_third_in_isolation_are_dead_a_lease_later)
{
    enqueue_many(1);
    make_suspect();
    EXPECT_EQ(crashes("j0").counted, 0);
    EXPECT_GT(crashes("j0").pending, 0);
    auto a = die_with();
    EXPECT_FALSE(a.isolate);
    EXPECT_EQ(crashes("j0").counted, 1);
    a = die_with();
    EXPECT_TRUE(a.isolate);
    EXPECT_EQ(state("j0"), job_state::active) << "until it is known who else died then";
    EXPECT_EQ(exchange("E", {.suspects = true}).claim, 0);
    live_through(16'000);
    auto const dead = b().job("j0");
    EXPECT_EQ(dead.state, job_state::dead);
    ASSERT_EQ(dead.failures.size(), 3u);
    EXPECT_NE(dead.failures[0].find("\"type\":\"crash\""), std::string::npos);
    EXPECT_NE(dead.failures[2].find("\"type\":\"crash_loop\""), std::string::npos);
    EXPECT_EQ(dead.envelope.find(" x="), std::string::npos) << "a requeue starts over";
}

TEST_P(suspects, that_die_while_others_die_too_are_not_counted)
{
    enqueue_many(1);
    make_suspect();
    for (int i = 0; i != 6; ++i) {
        enqueue({job("n" + std::to_string(i), "b")});
        exchange("other" + std::to_string(i), {.fetch_order = {{"*b", 1, false}}, .want = 1});
        auto const a = die_with();
        EXPECT_EQ(ids(a), "j0") << i;
        live_through(16'000);
    }
    EXPECT_EQ(state("j0"), job_state::suspect);
    EXPECT_LE(crashes("j0").counted, 1);
    for (int i = 0; i != 3; ++i) {
        live_through(30'000);
        die_with();
    }
    live_through(16'000);
    EXPECT_EQ(state("j0"), job_state::dead) << "once the others stopped";
}

TEST_P(suspects, that_ran_beside_others_are_not_counted_in_isolation_either)
{
    enqueue_many(1);
    make_suspect();
    die_with();
    auto const isolated = exchange("I", {.suspects = true});
    ASSERT_TRUE(isolated.isolate);
    enqueue({job("x", "b")});
    make_suspect("*b", {isolated.claim});
    auto const beside = exchange("I", {.suspects = true});
    EXPECT_EQ(ids(beside), "x");
    exchange("I", {.outcomes = {{beside.claim, "x", outcome_kind::discard, 0, {}}}, .want = 0});
    enqueue({job("y", "c")});
    live_through(22'000);
    EXPECT_NE(state("j0"), job_state::dead);
}

TEST_P(suspects, that_are_released_are_a_group_again_with_their_state)
{
    enqueue_many(3);
    make_suspect();
    auto const before = crashes("j0").longest;
    auto const a = exchange("B", {.suspects = true});
    EXPECT_EQ(ids(a), "j2");
    auto const c = exchange("C", {.suspects = true});
    exchange("B", {.outcomes = {{a.claim, "j2", outcome_kind::release, 0, {}}}, .want = 0});
    EXPECT_EQ(state("j2"), job_state::suspect);
    EXPECT_EQ(crashes("j2").longest, before);
    EXPECT_EQ(ids(exchange("D", {.suspects = true})), "j2");
    EXPECT_EQ(ids(c), "j1");
}

TEST_P(suspects, whose_attempt_ends_normally_start_over)
{
    enqueue_many(2);
    claim("A");
    live_through(16'000);
    auto const a = claim("B");
    EXPECT_TRUE(crashes("j0").any);
    exchange(
        "B",
        {.outcomes =
             {{a.claim, "j0", outcome_kind::retry, 1'000, "{}"},
              {a.claim, "j1", outcome_kind::snooze, 1'000, {}}}}
    );
    EXPECT_FALSE(crashes("j0").any);
    EXPECT_FALSE(crashes("j1").any);
}

TEST_P(suspects, of_names_that_nobody_here_serves_wait_and_hold_up_nothing)
{
    enqueue({job("x", "unknown"), job("y")});
    for (int i = 0; i != 2; ++i) {
        exchange(
            "A" + std::to_string(i),
            {.fetch_order = {{"unknown", 1, false}, {"*a", 1, false}}}
        );
        live_through(22'000);
    }
    EXPECT_EQ(ids(exchange("B", {.suspects = true})), "y");
    EXPECT_EQ(exchange("B", {.suspects = true}).claim, 0);
    EXPECT_EQ(state("x"), job_state::suspect);
    EXPECT_EQ(b().counts().suspect, 1);
}

TEST_P(suspects, of_several_lists_in_one_group_are_taken_by_whom_serves_them)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 10; ++i)
        jobs.push_back(job("j" + std::to_string(i), i % 2 == 0 ? "a" : "q:a"));
    enqueue(std::move(jobs));
    for (int i = 0; i != 2; ++i) {
        auto const pool = "A" + std::to_string(i);
        EXPECT_EQ(
            exchange(pool, {.fetch_order = {{"a", 5, false}, {"q:a", 5, false}}}).jobs.size(),
            10u
        );
        live_through(22'000);
    }
    EXPECT_EQ(group_sizes(), (std::vector<std::size_t>{2, 2, 2, 2, 2}));
    work::exchange_request r;
    r.lease_ms = 15'000;
    r.pool = "only a";
    r.want = 256;
    r.take_suspects = true;
    r.serves = {{"a", 0}};
    std::vector<std::string> got;
    for (r.number = 1; r.number != 5; ++r.number) {
        auto const a = b().exchange(r);
        for (auto const& j : a.jobs)
            got.emplace_back(j.id);
    }
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, (std::vector<std::string>{"j0", "j2", "j4", "j6", "j8"}));
    EXPECT_EQ(text_of(b().outstanding({"a"})), "0 5");
    EXPECT_EQ(text_of(b().outstanding({"q:a"})), "5 0");
    EXPECT_EQ(text_of(b().outstanding({"*a"})), "5 5");
    EXPECT_EQ(exchange("B", {.suspects = true}).jobs.size(), 2u);
}

TEST_P(suspects, that_cannot_be_read_are_set_aside)
{
    enqueue_many(2);
    make_suspect();
    b().overwrite("j0", "garbage");
    b().overwrite("j1", "garbage");
    EXPECT_EQ(exchange("B", {.suspects = true}).claim, 0);
    EXPECT_EQ(state("j0"), job_state::set_aside);
    EXPECT_EQ(state("j1"), job_state::set_aside);
    EXPECT_EQ(key("suspects"), "-");
    EXPECT_EQ(key("suspects:a"), "-");
}

TEST_P(suspects, that_are_cancelled_before_their_death_is_settled_are_not_counted)
{
    enqueue_many(2);
    claim("A");
    live_through(16'000);
    claim("B", 2);
    enqueue({job("later")});
    live_through(4'000);
    claim("B");
    live_through(12'000);
    ASSERT_EQ(state("j0"), job_state::active) << "until all claims of its pool have lapsed";
    b().cancel({"j0"});
    live_through(6'000);
    EXPECT_EQ(state("j0"), job_state::cancelled);
    EXPECT_EQ(state("j1"), job_state::suspect);
    EXPECT_EQ(key("fallen"), "-");
}

// What a storm leaves; else what did kill waits behind hundreds of groups.
TEST_P(suspects, of_many_small_groups_are_taken_as_one_when_nobody_dies)
{
    enqueue_many(100);
    claim("A");
    live_through(16'000);
    for (int i = 0; i != 25; ++i) {
        claim("B" + std::to_string(i), 4);
        b().pass(1);
    }
    live_through(22'000);
    ASSERT_EQ(group_sizes(), std::vector<std::size_t>(100, 1));
    auto a = exchange("C", {.suspects = true, .joins = true});
    EXPECT_EQ(a.jobs.size(), 1u) << "some just died";
    finish("C", a);
    live_through(20'000);
    a = exchange("D", {.suspects = true});
    EXPECT_EQ(a.jobs.size(), 1u) << "who is young may be next";
    finish("D", a);
    for (int i = 0; i != 6; ++i) {
        auto const pool = "E" + std::to_string(i);
        EXPECT_EQ(exchange(pool, {.suspects = true, .joins = true}).jobs.size(), 1u)
            << "what was split last is tried as it is";
    }
    auto const many = exchange("F", {.suspects = true, .joins = true});
    EXPECT_GE(many.jobs.size(), 32u);
    EXPECT_LE(many.jobs.size(), 64u);
    EXPECT_FALSE(many.isolate);
    EXPECT_EQ(exchange("G", {.suspects = true, .joins = true}).jobs.size(), 1u) << "few are left";
}

TEST_P(suspects, by_the_thousand_stay_together)
{
    for (int from = 0; from != 1'000; from += 250) {
        std::vector<work::new_job> jobs;
        for (int i = from; i != from + 250; ++i)
            jobs.push_back(job("j" + std::to_string(i)));
        enqueue(std::move(jobs));
    }
    std::string last;
    for (int i = 0; i != 2; ++i) {
        for (int part = 0; part != 4; ++part)
            last = claim("A" + std::to_string(i), 250).jobs.back().id;
        live_through(16'000);
        for (int n = 0; n != 4; ++n)
            exchange("beat", {.want = 0});
        live_through(6'000);
        for (int n = 0; n != 4; ++n)
            exchange("beat", {.want = 0});
    }
    EXPECT_EQ(b().counts().suspect, 1'000);
    EXPECT_EQ(b().counts().active, 0);
    auto const sizes = group_sizes();
    EXPECT_LE(sizes.size(), 16u);
    auto const first = exchange("B", {.suspects = true});
    ASSERT_FALSE(first.jobs.empty());
    EXPECT_EQ(first.jobs.front().id, last);
}

INSTANTIATE_TEST_SUITE_P(on, suspects, both_sides, side_name);

}  // namespace
