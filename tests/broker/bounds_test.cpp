// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Bounds: how many jobs may wait in a queue, and what becomes of those that come when it is full.

#include <work/broker/bounds.hpp>

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::bound_code;
using work::enqueue_code;
using work::job_state;
using work::outcome_kind;
using work::when_full;

class bounds : public transitions
{
protected:
    bound_code set(std::string queue, std::int64_t most, when_full full = when_full::refuse)
    {
        work::bound_change change;
        change.queue = std::move(queue);
        change.most = most;
        change.full = full;
        change.who = "ada";
        return b().change_bound(change);
    }
    bound_code remove(std::string queue)
    {
        work::bound_change change;
        change.queue = std::move(queue);
        change.remove = true;
        return b().change_bound(change);
    }
    work::bound_state of(std::string const& queue)
    {
        auto const found = b().bounds(queue).bounds;
        return found.empty() ? work::bound_state() : found.front();
    }
    /// What became of each, a letter.
    static std::string codes(work::enqueue_answer const& answer)
    {
        std::string all;
        for (work::enqueued const& one : answer.jobs)
            all += static_cast<char>(one.code);
        return all;
    }
    std::vector<work::new_job> many(std::string const& prefix, int count, std::string list = "a")
    {
        std::vector<work::new_job> jobs;
        for (int i = 0; i != count; ++i)
            jobs.push_back(job(prefix + std::to_string(i), list));
        return jobs;
    }
    work::new_job after(work::new_job made, std::int64_t delay_ms)
    {
        made.delay_ms = delay_ms;
        return made;
    }
};

TEST_P(bounds, let_as_many_wait_and_no_more)
{
    EXPECT_EQ(set("a", 3), bound_code::done);
    EXPECT_EQ(set("a", 3), bound_code::already);
    auto const answer = enqueue(many("j", 5));
    EXPECT_EQ(codes(answer), "sssff");
    EXPECT_EQ(answer.jobs[3].other, "3");
    EXPECT_EQ(state("j2"), job_state::pending);
    EXPECT_EQ(state("j3"), job_state::unknown);
    auto const bound = of("a");
    EXPECT_EQ(bound.most, 3);
    EXPECT_EQ(bound.full, when_full::refuse);
    EXPECT_EQ(bound.who, "ada");
    EXPECT_EQ(bound.pending, 3);
    EXPECT_EQ(bound.refused, 2);
    EXPECT_EQ(bound.full_at_ms, b().now_ms());
    claim("A", 2);
    EXPECT_EQ(codes(enqueue(many("k", 5))), "ssfff") << "what runs does not wait";
}

TEST_P(bounds, tell_producers_to_wait)
{
    set("a", 1, when_full::wait);
    EXPECT_EQ(codes(enqueue(many("j", 3))), "sww");
    EXPECT_EQ(of("a").refused, 2);
    EXPECT_EQ(state("j1"), job_state::unknown);
}

TEST_P(bounds, are_of_a_queue_with_all_its_lists)
{
    enqueue({job("x", "mail:a"), job("y", "mail:b"), job("z", "other:a")});
    set("mail", 3);
    EXPECT_EQ(of("mail").pending, 2) << "what waited there before counts";
    EXPECT_EQ(
        codes(enqueue({job("m0", "mail:c"), job("m1", "mail:d"), job("o", "other:a")})),
        "sfs"
    );
    EXPECT_EQ(of("mail").pending, 3);
    EXPECT_EQ(key("bounded:mail"), "set\n  mail:a\n  mail:b\n  mail:c");
}

TEST_P(bounds, of_a_name_that_needs_encoding)
{
    set("an odd/queue", 1);
    EXPECT_EQ(codes(enqueue(many("j", 2, "an%20odd%2Fqueue:a"))), "sf");
    EXPECT_EQ(of("an odd/queue").pending, 1);
    EXPECT_EQ(codes(enqueue(many("k", 2, "odd%2Fqueue:a"))), "ss") << "another queue";
}

// However a job is told: alone, with a chosen id, a priority, as a large one, late.
TEST_P(bounds, ask_each_kind_of_job_and_keep_the_order_of_answers)
{
    set("a", 2);
    auto const answer = enqueue(
        {job("first", "a", " p=5"),
         chosen("mine"),
         job("plain0"),
         after(job("later"), 7'200'000),
         job("second", "a", " p=4"),
         chosen("mine"),
         job("elsewhere", "b")}
    );
    // Plain ones and chosen ones of a list are one order; those with priorities come behind.
    EXPECT_EQ(codes(answer), "fsssfds");
    EXPECT_EQ(of("a").pending, 2);
    EXPECT_EQ(state("later"), job_state::scheduled);
    EXPECT_EQ(state("first"), job_state::unknown);
    EXPECT_EQ(codes(enqueue({chosen("mine")})), "d")
        << "known before it is asked whether there is room";
    EXPECT_EQ(codes(enqueue({chosen("other")})), "f");
    EXPECT_EQ(state("other"), job_state::unknown);
}

TEST_P(bounds, answer_a_repeated_batch_as_before)
{
    set("a", 2);
    auto const jobs = many("j", 4);
    EXPECT_EQ(codes(enqueue_as(7, jobs)), "ssff");
    claim("A", 9);
    auto const again = enqueue_as(7, jobs);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(codes(again), "ssff");
    EXPECT_EQ(again.jobs[3].other, "2");
    EXPECT_EQ(of("a").pending, 0);
    EXPECT_EQ(of("a").refused, 2);
}

TEST_P(bounds, cancel_the_oldest_where_they_are_to)
{
    set("a", 3, when_full::drop_oldest);
    enqueue(many("j", 3));
    b().pass(10);
    EXPECT_EQ(codes(enqueue(many("k", 2))), "ss");
    EXPECT_EQ(state("j0"), job_state::cancelled);
    EXPECT_EQ(state("j1"), job_state::cancelled);
    EXPECT_EQ(state("j2"), job_state::pending);
    EXPECT_NE(b().job("j0").kept.find("the oldest of a full queue"), std::string::npos);
    EXPECT_EQ(of("a").dropped, 2);
    EXPECT_EQ(of("a").pending, 3);
    EXPECT_EQ(ids(claim("A", 9)), "j2 k0 k1");
}

TEST_P(bounds, drop_across_the_lists_of_a_queue_by_age)
{
    set("mail", 4, when_full::drop_oldest);
    for (char const* const one : {"a0", "b0", "a1", "b1"}) {
        enqueue({job(one, std::string("mail:") + one[0])});
        b().pass(5);
    }
    enqueue({job("b2", "mail:b"), job("b3", "mail:b"), job("b4", "mail:b")});
    EXPECT_EQ(state("a0"), job_state::cancelled);
    EXPECT_EQ(state("b0"), job_state::cancelled);
    EXPECT_EQ(state("a1"), job_state::cancelled);
    EXPECT_EQ(state("b1"), job_state::pending);
    EXPECT_EQ(key("list:mail:a"), "-");
    EXPECT_EQ(key("ready").find("mail:a"), std::string::npos) << "it is empty";
}

TEST_P(bounds, pass_ghosts_and_records_that_are_gone_when_they_drop)
{
    set("a", 2, when_full::drop_oldest);
    enqueue(many("j", 2));
    b().cancel({"j0"});
    EXPECT_EQ(of("a").pending, 1);
    b().pass(1);
    enqueue(many("k", 2));
    EXPECT_EQ(state("j1"), job_state::cancelled);
    EXPECT_EQ(of("a").pending, 2);
    EXPECT_EQ(of("a").dropped, 1);
    EXPECT_EQ(ids(claim("A", 9)), "k0 k1");
}

// Its id stands in the list twice: where it was before it was moved away, and where it came back.
TEST_P(bounds, drop_a_job_at_its_own_place_and_not_at_an_earlier_ones)
{
    set("a", 2, when_full::drop_oldest);
    enqueue({job("mine"), job("other")});
    EXPECT_EQ(b().move({"mine"}, "b").at(0).code, work::admin_code::done);
    EXPECT_EQ(b().move({"mine"}, "a").at(0).code, work::admin_code::done);
    EXPECT_EQ(of("a").pending, 2);
    b().pass(1);
    enqueue(many("k", 1));
    EXPECT_EQ(state("other"), job_state::cancelled) << "in front of the one that came back";
    EXPECT_EQ(state("mine"), job_state::pending);
    EXPECT_EQ(of("a").pending, 2);
    EXPECT_EQ(ids(claim("A", 9)), "mine k0");
}

TEST_P(bounds, drop_those_with_priorities_last_and_the_least_urgent_first)
{
    set("a", 2, when_full::drop_oldest);
    enqueue({job("urgent", "a", " p=9"), job("less", "a", " p=1")});
    b().pass(5);
    enqueue({job("plain")});
    EXPECT_EQ(state("plain"), job_state::cancelled) << "the one without a priority goes";
    set("a", 1, when_full::drop_oldest);
    enqueue({job("more", "a", " p=5")});
    EXPECT_EQ(state("urgent"), job_state::pending);
    EXPECT_EQ(state("less"), job_state::cancelled);
    EXPECT_EQ(state("more"), job_state::cancelled);
}

// One batch may be larger than the bound.
TEST_P(bounds, keep_the_newest_of_a_batch_that_is_too_large)
{
    set("a", 3, when_full::drop_oldest);
    enqueue(many("j", 200));
    EXPECT_EQ(ids(claim("A", 256)), "j197 j198 j199");
}

TEST_P(bounds, turn_away_nothing_that_was_stored_before)
{
    enqueue({after(job("due"), 1'000), job("fails"), job("given")});
    auto const a = claim("A");
    set("a", 1);
    enqueue({job("full")});
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "fails", outcome_kind::retry, 10, "{}"},
              {a.claim, "given", outcome_kind::release, 0, {}}},
         .want = 0}
    );
    b().pass(1'500);
    EXPECT_EQ(ids(claim("A")), "given full due fails") << "it comes back, falls due, is retried";
}

TEST_P(bounds, that_are_lowered_let_what_waits_be)
{
    enqueue(many("j", 5));
    set("a", 2);
    EXPECT_EQ(of("a").pending, 5);
    EXPECT_EQ(codes(enqueue({job("k")})), "f");
    claim("A", 4);
    EXPECT_EQ(codes(enqueue(many("l", 2))), "sf");
}

TEST_P(bounds, that_are_changed_and_removed)
{
    set("a", 1);
    EXPECT_EQ(codes(enqueue(many("j", 2))), "sf");
    EXPECT_EQ(set("a", 3), bound_code::done);
    EXPECT_EQ(codes(enqueue(many("k", 3))), "ssf");
    EXPECT_EQ(set("a", 3, when_full::wait), bound_code::done);
    EXPECT_EQ(codes(enqueue(many("l", 1))), "w");
    EXPECT_EQ(remove("a"), bound_code::done);
    EXPECT_EQ(remove("a"), bound_code::gone);
    EXPECT_EQ(codes(enqueue(many("m", 9))), "sssssssss");
    EXPECT_TRUE(b().bounds().bounds.empty());
    for (char const* const gone : {"bounds", "bound:a", "bounded:a"})
        EXPECT_EQ(key(gone), "-");
}

TEST_P(bounds, of_many_queues_are_a_hundred_at_most)
{
    for (int i = 0; i != 100; ++i)
        ASSERT_EQ(set("q" + std::to_string(i), 1), bound_code::done);
    EXPECT_EQ(set("one more", 1), bound_code::full);
    EXPECT_EQ(set("q7", 2), bound_code::done) << "one that is there may change";
    EXPECT_EQ(codes(enqueue(many("j", 3, "q7:a"))), "ssf");
    EXPECT_EQ(codes(enqueue(many("k", 2, "q70:a"))), "sf") << "one name begins as another";
}

TEST_P(bounds, of_a_paused_queue_hold_too)
{
    set("a", 2);
    work::pause_request pause;
    pause.kind = work::pause_kind::queue;
    pause.name = "a";
    b().pause(pause);
    EXPECT_EQ(codes(enqueue(many("j", 3))), "ssf");
    set("a", 2, when_full::drop_oldest);
    b().pass(1);
    enqueue(many("k", 1));
    pause.pause = false;
    b().pause(pause);
    EXPECT_EQ(ids(claim("A", 5)), "j1 k0");
}

// Seeds vary what comes, in which kinds, and into which lists: the sum holds.
TEST_P(bounds, are_kept_whatever_comes)
{
    for (int most : {1, 2, 7, 40}) {
        start_over();
        set("q", most);
        int stored = 0;
        for (int batch = 0; batch != 6; ++batch) {
            std::vector<work::new_job> jobs;
            for (int i = 0; i != 9; ++i) {
                std::string const id = "j" + std::to_string(batch) + "x" + std::to_string(i);
                std::string const list = i % 2 == 0 ? "q:a" : "q:b";
                switch ((batch + i) % 3) {
                case 0: jobs.push_back(job(id, list)); break;
                case 1: jobs.push_back(chosen(id, list)); break;
                default: jobs.push_back(job(id, list, " p=3")); break;
                }
            }
            std::string const went = codes(enqueue(jobs));
            auto const now = static_cast<int>(std::count(went.begin(), went.end(), 's'));
            stored += now;
            EXPECT_EQ(went.size(), 9u);
            EXPECT_EQ(of("q").pending, stored) << "bound " << most << " batch " << batch;
            EXPECT_EQ(stored, std::min(most, 9 * (batch + 1)));
        }
    }
}

TEST_P(bounds, that_drop_a_record_of_garbage_after_a_refused_exchange_set_it_aside)
{
    set("a", 2, when_full::drop_oldest);
    enqueue(many("j", 2));
    exchange_as("A", 1, {.want = 0});
    exchange_as("A", 17, {.want = 0});
    EXPECT_ANY_THROW(exchange_as("A", 1, {.want = 0})) << "it came after a later one";
    b().overwrite("j0", "garbage");
    EXPECT_EQ(codes(enqueue({job("x")})), "s");
    EXPECT_EQ(state("j0"), job_state::set_aside);
}

INSTANTIATE_TEST_SUITE_P(on, bounds, both_sides, side_name);

}  // namespace
