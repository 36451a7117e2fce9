// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Attacks on what jobs hold that no other test makes: the list is in docs/design-notes.md.

#include <work/broker/policy.hpp>

#include <string>
#include <vector>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::limit_code;
using work::outcome_kind;

constexpr char const* lock_key = "0123456789abcdef0123456789abcdef";

limit_code set_limit(
    broker_subject& b,
    std::string name,
    std::int64_t slots,
    std::vector<std::string> names
)
{
    work::limit_change change;
    change.name = std::move(name);
    change.slots = slots;
    change.scope = work::limit_scope{{}, std::move(names)};
    return b.change_limit(change);
}

class attacks : public transitions
{
protected:
    std::int64_t held(std::string const& name = "x")
    {
        auto const found = b().limits({.name = name}).limits;
        return found.empty() ? -1 : found.front().held;
    }
    work::new_job unique(std::string id, char mode = 'f')
    {
        work::new_job one = job(std::move(id));
        one.lock.key = lock_key;
        one.lock.mode = mode;
        one.envelope.insert(
            one.envelope.find('\n'),
            std::string(" u=").append(1, mode).append(lock_key)
        );
        one.envelope[4] = '2';
        return one;
    }
    work::new_job after(std::string id, std::string parent, std::string list = "b")
    {
        work::detail::job_links links;
        links.needs = {{std::move(parent), work::otherwise::cancel, {}}};
        work::new_job one = job(std::move(id), std::move(list));
        one.envelope = work::detail::with_word(
            work::detail::with_flags(one.envelope, work::envelope_flags::holds),
            "n",
            "1"
        );
        one.links = std::make_shared<work::detail::job_links const>(std::move(links));
        return one;
    }
};

// 3: the reply of a completion is lost, its lease lapses, and another pool has the job by then.
TEST_P(attacks, what_is_said_of_an_earlier_run_frees_no_slot_of_the_next)
{
    set_limit(b(), "x", 2, {"a"});
    enqueue_many(3);
    auto const first = claim("A", 2);
    ASSERT_EQ(ids(first), "j0 j1");
    live_through(16'000);
    auto const second = claim("B", 2);
    ASSERT_EQ(second.jobs.size(), 2u);
    ASSERT_EQ(held(), 2);
    for (outcome_kind const kind :
         {outcome_kind::complete,
          outcome_kind::retry,
          outcome_kind::release,
          outcome_kind::cancelled,
          outcome_kind::discard}) {
        exchange("A", {.outcomes = {{first.claim, "j0", kind, 0, "{\"why\":1}"}}, .want = 0});
        EXPECT_EQ(held(), 2) << static_cast<char>(kind);
        EXPECT_EQ(state("j0"), job_state::active) << static_cast<char>(kind);
    }
    exchange("A", {.finished = {{first.claim, {"j1"}}}, .close = {{first.claim, 2}}, .want = 0});
    EXPECT_EQ(held(), 2);
    EXPECT_EQ(ids(claim("C", 5)), "");
}

// 9: a job that runs is cancelled. It has its slot until its handler has ended, and gives it back
// once; deleted it can't be before.
TEST_P(attacks, a_job_that_is_cancelled_while_it_runs_gives_its_slot_back_once)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue_many(3);
    auto const a = claim("A", 5);
    ASSERT_EQ(ids(a), "j0");
    b().cancel({"j0"});
    b().remove({"j0"});
    EXPECT_EQ(state("j0"), job_state::active);
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(ids(claim("B", 5)), "");
    exchange("A", {.outcomes = {{a.claim, "j0", outcome_kind::cancelled, 0, {}}}, .want = 0});
    ASSERT_EQ(held(), 0);
    EXPECT_EQ(ids(claim("B", 5)), "j1");
    exchange("A", {.finished = {{a.claim, {"j0"}}}, .close = {{a.claim, 1}}, .want = 0});
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(ids(claim("C", 5)), "");
}

// 10: from 20 to 5 while 12 run, in claims of several pools: nothing starts before eight have
// ended.
TEST_P(attacks, a_limit_that_is_lowered_below_what_runs_lets_it_run_out)
{
    set_limit(b(), "x", 20, {"a"});
    enqueue_many(40);
    auto const a = claim("A", 7);
    auto const c = claim("C", 5);
    set_limit(b(), "x", 5, {"a"});
    EXPECT_EQ(held(), 12);
    for (std::size_t i = 0; i != 7; ++i) {
        exchange("A", {.finished = {{a.claim, {a.jobs[i].id}}}, .want = 0});
        EXPECT_EQ(ids(claim("B", 10)), "") << i;
    }
    live_through(8'000, {c.claim});
    EXPECT_EQ(held(), 5);
    exchange("C", {.finished = {{c.claim, {c.jobs[0].id, c.jobs[1].id}}}, .want = 0});
    EXPECT_EQ(claim("B", 10).jobs.size(), 2u);
    EXPECT_EQ(held(), 5);
}

// 11: a limit is attached to thousands that run, in large claims and in lone ones.
TEST_P(attacks, a_limit_that_is_made_for_thousands_that_run_counts_each)
{
    std::vector<work::exchange_answer> claims;
    for (int i = 0; i != 8; ++i) {
        std::vector<work::new_job> jobs;
        for (int k = 0; k != 256; ++k)
            jobs.push_back(job("l" + std::to_string(i) + "." + std::to_string(k)));
        enqueue(std::move(jobs));
        claims.push_back(claim("A", 256));
    }
    for (int i = 0; i != 60; ++i) {
        enqueue({job("s" + std::to_string(i))});
        claims.push_back(claim("C", 1));
    }
    enqueue_many(5);
    set_limit(b(), "x", 7, {"a"});
    EXPECT_EQ(held(), 8 * 256 + 60);
    EXPECT_EQ(ids(claim("B", 10)), "");
    for (work::exchange_answer const& one : claims) {
        said words{.want = 0};
        words.finished = {{one.claim, {}}};
        for (auto const& j : one.jobs)
            words.finished[0].ids.push_back(j.id);
        words.close = {{one.claim, static_cast<std::int64_t>(one.jobs.size())}};
        exchange("A", std::move(words));
    }
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(claim("B", 10).jobs.size(), 5u);
}

// 12: what a limit is for changes while it is full, there and back.
TEST_P(attacks, a_limit_that_is_moved_to_another_list_leaves_nothing_behind)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue({job("a0"), job("a1"), job("b0", "b"), job("b1", "b")});
    auto const a = claim("A", 5);
    ASSERT_EQ(ids(a), "a0");
    ASSERT_EQ(ids(claim("A", 5)), "");
    set_limit(b(), "x", 1, {"b"});
    // Nothing is in the way of a any more, and at most one of b runs.
    auto const more = claim("B", 5);
    EXPECT_EQ(ids(more), "a1");
    auto of_b = claim("B", 5, "*b");
    EXPECT_LE(of_b.jobs.size(), 1u);
    exchange("A", {.finished = {{a.claim, {"a0"}}}, .close = {{a.claim, 1}}, .want = 0});
    if (of_b.jobs.empty())
        of_b = claim("B", 5, "*b");
    ASSERT_EQ(ids(of_b), "b0");
    EXPECT_EQ(held(), 1);
    set_limit(b(), "x", 1, {"a"});
    enqueue({job("a2")});
    // It counts what runs of a, and of b what has its slot until that ends; no other of b.
    EXPECT_EQ(ids(claim("C", 5)), "");
    EXPECT_EQ(ids(claim("C", 5, "*b")), "b1");
    exchange("B", {.finished = {{more.claim, {"a1"}}}, .close = {{more.claim, 1}}, .want = 0});
    EXPECT_EQ(ids(claim("C", 5)), "");
    exchange("B", {.finished = {{of_b.claim, {"b0"}}}, .close = {{of_b.claim, 1}}, .want = 0});
    EXPECT_EQ(ids(claim("C", 5)), "a2");
    EXPECT_EQ(held(), 1);
}

// 25: a child goes before its parent, whatever takes it away; the parent ends as if there were
// none.
TEST_P(attacks, a_child_that_goes_before_its_parent_leaves_nothing_to_tell)
{
    for (int how = 0; how != 4; ++how) {
        start_over();
        SCOPED_TRACE(how);
        enqueue({job("p"), after("c", "p"), after("other", "p")});
        auto const a = claim("A");
        if (how == 0)
            b().cancel({"c"});
        if (how == 1)
            b().remove({"c"});
        if (how == 2)
            b().kill({"c"});
        if (how == 3)
            b().requeue({"c"});
        exchange(
            "A",
            {.outcomes = {{a.claim, "p", outcome_kind::complete, 0, {}}},
             .close = {{a.claim, 1}},
             .want = 0}
        );
        EXPECT_EQ(state("other"), job_state::pending);
        EXPECT_EQ(state("p"), job_state::unknown);
        EXPECT_EQ(key("then:p"), "-");
        EXPECT_EQ(key("needs:c"), "-");
        EXPECT_EQ(key("waiting"), "-");
        for (std::string const& broken : broker_invariants::broken(b().dump()))
            ADD_FAILURE() << broken;
    }
}

// 24: of those who wait for many that ended at once some are told, and no record says any more what
// became of the others' parents, when chores look who waits in vain. Nobody does.
TEST_P(attacks, chores_between_two_tellings_cancel_nobody)
{
    constexpr int parents = 200, children = 3;
    std::vector<work::new_job> all;
    for (int i = 0; i != parents; ++i)
        all.push_back(job("p" + std::to_string(i)));
    for (int i = 0; i != parents; ++i)
        for (int k = 0; k != children; ++k)
            all.push_back(
                after("c" + std::to_string(i) + "." + std::to_string(k), "p" + std::to_string(i))
            );
    enqueue(std::move(all));
    auto const a = claim("A", parents);
    said words{.want = 0};
    for (auto const& one : a.jobs)
        words.outcomes.push_back({a.claim, one.id, outcome_kind::complete, 0, {}});
    words.close = {{a.claim, parents}};
    exchange("A", std::move(words));
    ASSERT_EQ(b().counts().waiting, parents * children - work::policy::told_jobs);
    for (int i = 0; i != 50; ++i) {
        b().pass(1'000);
        exchange("C", {.want = 0, .chores = true});
    }
    auto const counts = b().counts();
    EXPECT_EQ(counts.waiting, 0);
    EXPECT_EQ(counts.pending, parents * children);
}

// 1 and 27 together: a unique job under a limit, whose pool dies twice, keeps others out and runs
// in its slot when it is suspect; then both are free.
TEST_P(attacks, a_suspect_keeps_its_lock_and_passes_its_limit_again)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue({unique("u"), job("next")});
    make_suspect();
    ASSERT_EQ(state("u"), job_state::suspect);
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(enqueue({unique("second")}).jobs[0].code, work::enqueue_code::kept);
    auto const group = exchange("A", {.suspects = true});
    ASSERT_EQ(ids(group), "u");
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(enqueue({unique("third")}).jobs[0].code, work::enqueue_code::kept);
    EXPECT_EQ(ids(claim("B", 5)), "");
    exchange(
        "A",
        {.outcomes = {{group.claim, "u", outcome_kind::complete, 0, {}}},
         .close = {{group.claim, 1}},
         .want = 0}
    );
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(ids(claim("B", 5)), "next");
    EXPECT_EQ(enqueue({unique("fourth")}).jobs[0].code, work::enqueue_code::stored);
}

INSTANTIATE_TEST_SUITE_P(on, attacks, both_sides, side_name);

/// What only somebody at the server itself can do.
class attacks_by_hand : public attacks
{
protected:
    attacks_by_hand() : hand_(dynamic_cast<redis_subject&>(b()).connection()) {}

    redis_connection& hand_;
};

// 5: who has which slots is deleted. As many more may start as ran; all of it heals as they end.
TEST_P(attacks_by_hand, slots_that_are_deleted_heal_as_jobs_end)
{
    set_limit(b(), "x", 2, {"a"});
    enqueue_many(8);
    auto const first = claim("A", 5);
    hand_.call("DEL", "work:{t}:held:x");
    // Who wakes the list are chores: nobody gave a slot back.
    exchange("B", {.want = 0, .chores = true});
    auto const second = claim("B", 5);
    EXPECT_EQ(ids(second), "j2 j3");
    EXPECT_EQ(held(), 2);
    exchange(
        "A",
        {.finished = {{first.claim, {"j0", "j1"}}}, .close = {{first.claim, 2}}, .want = 0}
    );
    EXPECT_EQ(held(), 2) << "what had no slot gives none back";
    EXPECT_EQ(ids(claim("C", 5)), "");
    exchange("B", {.finished = {{second.claim, {"j2"}}}, .want = 0});
    EXPECT_EQ(ids(claim("C", 5)), "j4");
    EXPECT_EQ(held(), 2);
}

// 7: the record of a job that has a slot is deleted. Chores find it.
TEST_P(attacks_by_hand, a_slot_of_a_job_without_a_record_is_free)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue_many(3);
    auto const a = claim("A", 5);
    ASSERT_EQ(ids(a), "j0");
    auto const segment = work::id_segment("j0");
    hand_.call("HDEL", "work:{t}:jobs:" + std::string(segment.data(), segment.size()), "j0");
    exchange("B", {.want = 0, .chores = true});
    EXPECT_EQ(ids(claim("B", 5)), "j1");
    EXPECT_EQ(held(), 1);
    check_invariants_ = false;  // of the job that somebody took away
}

// 28: the lock of a job is deleted. Two of its key run; neither gives the other's lock back.
TEST_P(attacks_by_hand, a_lock_that_is_deleted_is_the_next_ones_alone)
{
    enqueue({unique("u")});
    auto const first = claim("A", 5);
    auto const segment = work::id_segment(lock_key);
    std::string const locks = "work:{t}:unique:" + std::string(segment.data(), segment.size());
    hand_.call("HDEL", locks, lock_key);
    EXPECT_EQ(enqueue({unique("v")}).jobs[0].code, work::enqueue_code::stored);
    auto const second = claim("B", 5);
    ASSERT_EQ(ids(second), "v");
    exchange("A", {.finished = {{first.claim, {"u"}}}, .close = {{first.claim, 1}}, .want = 0});
    exchange("A", {.outcomes = {{first.claim, "u", outcome_kind::complete, 0, {}}}, .want = 0});
    EXPECT_EQ(hand_.call("HGET", locks, lock_key).text(), "v");
    EXPECT_EQ(enqueue({unique("w")}).jobs[0].code, work::enqueue_code::kept);
    exchange(
        "B",
        {.outcomes = {{second.claim, "v", outcome_kind::complete, 0, {}}},
         .close = {{second.claim, 1}},
         .want = 0}
    );
    EXPECT_EQ(hand_.call("EXISTS", locks).integer(), 0);
    EXPECT_EQ(enqueue({unique("w")}).jobs[0].code, work::enqueue_code::stored);
}

// 38: there is no memory any more. Slots, locks and children of what ends are free nevertheless,
// and the next job starts; what is enqueued is refused.
TEST_P(attacks_by_hand, what_jobs_hold_is_given_back_without_memory)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue({unique("u"), job("next"), after("child", "u")});
    auto const a = claim("A", 5);
    ASSERT_EQ(ids(a), "u");
    hand_.call("CONFIG", "SET", "maxmemory", "1");
    work::exchange_request r;
    r.pool = "A";
    r.number = 1'000;
    r.lease_ms = lease_ms;
    r.lean = true;
    r.want = 5;
    r.fetch_order = {{"*a", 5, false}};
    r.outcomes = {{a.claim, "u", outcome_kind::complete, 0, {}}};
    r.close = {a.claim};
    EXPECT_EQ(ids(b().exchange(r)), "next");
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(state("child"), job_state::pending);
    EXPECT_ANY_THROW(enqueue({unique("v")}));
    hand_.call("CONFIG", "SET", "maxmemory", "0");
    EXPECT_EQ(enqueue({unique("v")}).jobs[0].code, work::enqueue_code::stored);
}

// 39: the store is one that lost the last writes. What it holds runs again, in its slot and with
// its lock; what is said of claims that it does not know frees nothing of others.
TEST_P(attacks_by_hand, a_store_that_went_back_has_slots_and_locks_of_one_moment)
{
    set_limit(b(), "x", 1, {"a"});
    enqueue({unique("u"), job("next")});
    auto const first = claim("A", 5);
    ASSERT_EQ(ids(first), "u");
    std::vector<std::pair<std::string, std::string>> copy;
    auto const keys = hand_.call("KEYS", "*");
    for (work::redis::value const key : keys.root())
        copy.emplace_back(key.text(), hand_.call("DUMP", key.text()).text());
    exchange(
        "A",
        {.outcomes = {{first.claim, "u", outcome_kind::complete, 0, {}}},
         .close = {{first.claim, 1}},
         .want = 0}
    );
    auto const second = claim("A", 5);
    ASSERT_EQ(ids(second), "next");
    EXPECT_EQ(enqueue({unique("v")}).jobs[0].code, work::enqueue_code::stored);
    hand_.call("FLUSHALL");
    for (auto const& [key, bytes] : copy)
        hand_.call("RESTORE", key, 0, bytes);
    ASSERT_EQ(state("u"), job_state::active);
    exchange(
        "A",
        {.finished = {{second.claim, {"next"}}}, .close = {{second.claim, 1}}, .want = 0}
    );
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(enqueue({unique("w")}).jobs[0].code, work::enqueue_code::kept);
    EXPECT_EQ(ids(claim("B", 5)), "");
    live_through(16'000);
    auto const again = claim("B", 5);
    ASSERT_EQ(ids(again), "u");
    EXPECT_EQ(held(), 1);
    exchange(
        "B",
        {.outcomes = {{again.claim, "u", outcome_kind::complete, 0, {}}},
         .close = {{again.claim, 1}},
         .want = 0}
    );
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(enqueue({unique("w")}).jobs[0].code, work::enqueue_code::stored);
}

INSTANTIATE_TEST_SUITE_P(on, attacks_by_hand, testing::Values("redis"), side_name);

}  // namespace
