// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Limits: how many jobs of some lists may run at a time.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::limit_code;
using work::outcome_kind;

class limits : public transitions
{
protected:
    limit_code set(
        std::string name,
        std::int64_t slots,
        std::optional<work::limit_scope> scope = std::nullopt
    )
    {
        work::limit_change change;
        change.name = std::move(name);
        change.slots = slots;
        change.scope = std::move(scope);
        change.who = "ada";
        return b().change_limit(change);
    }
    limit_code remove(std::string name)
    {
        work::limit_change change;
        change.name = std::move(name);
        change.remove = true;
        return b().change_limit(change);
    }
    work::limit_state state_of(std::string const& name)
    {
        auto const found = b().limits({.name = name}).limits;
        return found.empty() ? work::limit_state() : found.front();
    }
    std::int64_t held(std::string const& name = "x") { return state_of(name).held; }
    static std::size_t count(work::exchange_answer const& a) { return a.jobs.size(); }
    bool wakes(std::string const& what) { return b().take_wakeup(what); }
    static work::limit_scope of_names(std::vector<std::string> names)
    {
        return {{}, std::move(names)};
    }
    /// All that is asked for of an exchange that says this.
    work::exchange_answer say(said words, int want = 10)
    {
        words.want = want;
        words.fetch_order = {{"*a", 256, false}};
        return exchange("A", std::move(words));
    }
};

TEST_P(limits, let_so_many_run_and_no_more)
{
    EXPECT_EQ(set("x", 3, of_names({"a"})), limit_code::done);
    EXPECT_EQ(set("x", 3, of_names({"a"})), limit_code::already);
    enqueue_many(5);
    auto const first = claim("A", 10);
    EXPECT_EQ(ids(first), "j0 j1 j2");
    EXPECT_TRUE(first.left.empty());
    EXPECT_EQ(held(), 3);
    EXPECT_EQ(key("ready"), "-");
    EXPECT_EQ(ids(claim("B", 10)), "");
    auto const state = state_of("x");
    EXPECT_EQ(state.waiters, std::vector<std::string>{"a"});
    EXPECT_EQ(state.waiting, 1);
    EXPECT_EQ(state.names, std::vector<std::string>{"a"});
    EXPECT_EQ(state.who, "ada");
    EXPECT_EQ(state.holders.size(), 3u);
    auto const of_list = b().limits({.list = "a"});
    EXPECT_EQ(of_list.waits_at, "x");
    ASSERT_EQ(of_list.limits.size(), 1u);
}

// Who frees a slot fills it in the same call.
TEST_P(limits, are_filled_again_by_the_words_that_free_them)
{
    set("x", 2, of_names({"a"}));
    enqueue_many(5);
    auto const first = claim("A", 10);
    auto const next = say({.finished = {{first.claim, {"j0", "j1"}}}, .close = {{first.claim, 2}}});
    EXPECT_EQ(ids(next), "j2 j3");
    EXPECT_EQ(held(), 2);
    auto const last = say({.finished = {{next.claim, {"j2"}}}});
    EXPECT_EQ(ids(last), "j4");
    EXPECT_EQ(held(), 2);
}

// Every way out of a claim gives the slot back, of small claims and of large ones.
TEST_P(limits, get_each_slot_back_however_a_job_leaves_its_claim)
{
    enum class way { finished, word, closed, cancelled, dropped, killed, set_aside, lapsed };
    struct
    {
        char const* name;
        way how;
        outcome_kind kind;
    } const ways[] = {
        {"finished", way::finished, {}},
        {"complete", way::word, outcome_kind::complete},
        {"retry", way::word, outcome_kind::retry},
        {"dead", way::word, outcome_kind::dead},
        {"snooze", way::word, outcome_kind::snooze},
        {"release", way::word, outcome_kind::release},
        {"discard", way::word, outcome_kind::discard},
        {"stage", way::word, outcome_kind::stage},
        {"set aside", way::word, outcome_kind::set_aside},
        {"forgotten words", way::closed, {}},
        {"cancelled", way::cancelled, {}},
        {"killed", way::killed, {}},
        {"unreadable", way::set_aside, outcome_kind::complete},
        {"lapsed", way::lapsed, {}},
    };
    for (int const size : {2, 40}) {
        for (bool const together : {false, true}) {
            for (auto const& way_out : ways) {
                start_over();
                SCOPED_TRACE(way_out.name + std::string(" of ") + std::to_string(size));
                set("x", size, of_names({"a"}));
                enqueue_many(size);
                auto const a = claim("A", size);
                ASSERT_EQ(held(), size);
                std::size_t const leaving = together ? a.jobs.size() : 1;
                said words;
                words.want = 0;
                for (std::size_t i = 0; i != leaving; ++i) {
                    std::string const id(a.jobs[i].id);
                    work::job_outcome o{a.claim, keep(id), way_out.kind, 0, {}};
                    switch (way_out.how) {
                    case way::finished: words.finished.push_back({a.claim, {keep(id)}}); break;
                    case way::set_aside: b().overwrite(id, "garbage"); [[fallthrough]];
                    case way::word:
                        if (o.kind == outcome_kind::retry || o.kind == outcome_kind::dead)
                            o.text = "{\"why\":1}";
                        if (o.kind == outcome_kind::stage)
                            o.text = keep(std::string(job("stage", "unlimited").envelope));
                        if (o.kind == outcome_kind::retry || o.kind == outcome_kind::snooze)
                            o.number = 60'000;
                        words.outcomes.push_back(o);
                        break;
                    case way::cancelled: cancel_all({id}); break;
                    case way::killed:
                        b().kill({id});
                        words.outcomes.push_back({a.claim, keep(id), outcome_kind::cancelled, 0, {}}
                        );
                        break;
                    case way::dropped:
                    case way::closed:
                    case way::lapsed: break;
                    }
                }
                auto expected = size - static_cast<std::int64_t>(leaving);
                if (way_out.how == way::closed) {
                    words.close = {{a.claim, size}};
                    expected = 0;
                }
                if (way_out.how == way::lapsed) {
                    live_through(16'000);
                    expected = 0;
                } else {
                    exchange("A", words);
                }
                EXPECT_EQ(held(), expected);
                for (std::string const& broken : broker_invariants::broken(b().dump()))
                    ADD_FAILURE() << broken;
            }
        }
    }
}

TEST_P(limits, wake_a_list_that_waits_as_soon_as_there_is_room)
{
    set("x", 1, of_names({"a"}));
    enqueue_many(3);
    auto const a = claim("A", 1);
    while (wakes("*a")) {
    }
    enqueue({job("more")});
    EXPECT_FALSE(wakes("*a"));  // nobody could take it
    exchange("A", {.finished = {{a.claim, {"j0"}}}, .want = 0});
    EXPECT_TRUE(wakes("*a"));
    EXPECT_EQ(ids(claim("B", 5)), "j1");
}

TEST_P(limits, that_are_lowered_take_nothing_from_anyone)
{
    set("x", 4, of_names({"a"}));
    enqueue_many(8);
    auto const a = claim("A", 10);
    EXPECT_EQ(set("x", 2), limit_code::done);
    EXPECT_EQ(held(), 4);
    auto next = say({.finished = {{a.claim, {"j0", "j1"}}}});
    EXPECT_EQ(ids(next), "");
    next = say({.finished = {{a.claim, {"j2"}}}});
    EXPECT_EQ(ids(next), "j4");
    EXPECT_EQ(held(), 2);
}

TEST_P(limits, that_are_raised_wake_who_waits)
{
    set("x", 0, of_names({"a"}));
    enqueue_many(4);
    EXPECT_EQ(ids(claim("A", 10)), "");
    while (wakes("*a")) {
    }
    set("x", 3);
    EXPECT_TRUE(wakes("*a"));
    EXPECT_EQ(ids(claim("A", 10)), "j0 j1 j2");
}

TEST_P(limits, that_are_removed_let_all_run)
{
    set("x", 1, of_names({"a"}));
    enqueue_many(4);
    EXPECT_EQ(ids(claim("A", 10)), "j0");
    while (wakes("*a")) {
    }
    EXPECT_EQ(remove("x"), limit_code::done);
    EXPECT_EQ(remove("x"), limit_code::gone);
    EXPECT_TRUE(wakes("*a"));
    EXPECT_EQ(ids(claim("A", 10)), "j1 j2 j3");
    EXPECT_EQ(key("side:a"), "-");
    EXPECT_EQ(key("waits:x"), "-");
    EXPECT_EQ(key("held:x"), "-");
    EXPECT_EQ(key("limited"), "-");
}

TEST_P(limits, count_what_runs_when_they_are_made)
{
    enqueue_many(6);
    auto const a = claim("A", 4);
    set("x", 2, of_names({"a"}));
    EXPECT_EQ(held(), 4);
    EXPECT_EQ(ids(claim("A", 10)), "");
    auto const next = say({.finished = {{a.claim, {"j0", "j1", "j2"}}}});
    EXPECT_EQ(ids(next), "j4");
    EXPECT_EQ(held(), 2);
}

TEST_P(limits, of_two_kinds_hold_together_and_at_once)
{
    set("x", 3, of_names({"a", "b"}));
    set("y", 1, of_names({"b"}));
    enqueue({job("b0", "b"), job("b1", "b"), job("a0"), job("a1"), job("a2")});
    auto const b0 = claim("A", 10, "*b");
    EXPECT_EQ(ids(b0), "b0");
    EXPECT_EQ(held("x"), 1);
    EXPECT_EQ(held("y"), 1);
    EXPECT_EQ(state_of("y").waiters, std::vector<std::string>{"b"});
    EXPECT_EQ(ids(claim("A", 10)), "a0 a1");
    EXPECT_EQ(state_of("x").waiters, std::vector<std::string>{"a"});
    // b1 passes y, and x again: a slot is free for each.
    exchange("A", {.finished = {{b0.claim, {"b0"}}}, .want = 0});
    EXPECT_EQ(key("waits:x"), "-");
    EXPECT_EQ(key("waits:y"), "-");
    EXPECT_EQ(ids(claim("A", 10, "*b")), "b1");
    EXPECT_EQ(ids(claim("A", 10)), "");
    EXPECT_EQ(held("x"), 3);
}

TEST_P(limits, that_lists_share_go_first_to_one_that_is_served)
{
    exchange("A");
    set("x", 1, of_names({"a", "unserved"}));
    enqueue({job("u0", "unserved"), job("u1", "unserved"), job("a0"), job("a1")});
    auto const u0 = claim("U", 1, "unserved");
    EXPECT_EQ(ids(u0), "u0");
    b().pass(1);
    EXPECT_EQ(ids(claim("A", 5)), "");
    ASSERT_EQ(state_of("x").waiters, (std::vector<std::string>{"unserved", "a"}));
    // Somebody who serves a frees it: first in would have been a list that he does not serve.
    live_through(16'000);
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(ids(exchange("A", {.fetch_order = {{"*a", 9, false}}, .chores = true})), "a0");
}

TEST_P(limits, of_a_queue_are_for_all_its_names_and_for_lists_to_come)
{
    set("x", 2, work::limit_scope{{"q"}, {}});
    enqueue({job("a0", "q:a"), job("b0", "q:b"), job("b1", "q:b"), job("c0", "c")});
    auto const first = exchange("A", {.discover = true});
    EXPECT_EQ(count(first), 3u);
    EXPECT_EQ(held(), 2);
    EXPECT_EQ(state("c0"), job_state::active);
    enqueue({job("c1", "q:c")});
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "");
    EXPECT_EQ(state_of("x").waiting, 2);
}

TEST_P(limits, let_suspects_pass_as_they_do_others)
{
    enqueue_many(4);
    make_suspect();
    set("x", 1, of_names({"a"}));
    auto const first = exchange("A", {.suspects = true});
    ASSERT_EQ(count(first), 1u);
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(count(exchange("A", {.suspects = true})), 0u);
    exchange(
        "A",
        {.finished = {{first.claim, {first.jobs[0].id}}}, .close = {{first.claim, 1}}, .want = 0}
    );
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(count(exchange("A", {.suspects = true})), 1u);
}

TEST_P(limits, are_not_charged_twice_for_a_repeated_exchange)
{
    exchange("A");
    set("x", 3, of_names({"a"}));
    enqueue_many(6);
    said ask;
    ask.fetch_order = {{"*a", 2, false}};
    ask.want = 2;
    auto const first = exchange_as("A", 5, ask);
    auto const again = exchange_as("A", 5, ask);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(ids(again), ids(first));
    EXPECT_EQ(held(), 2);
    said done;
    done.finished = {{first.claim, {"j0"}}};
    done.want = 0;
    exchange_as("A", 6, done);
    exchange_as("A", 6, done);
    EXPECT_EQ(held(), 1);
}

TEST_P(limits, that_a_pool_names_leave_alone_what_a_hand_set)
{
    auto const say_so = [&](std::int64_t number, std::int64_t slots) {
        work::exchange_request r;
        r.pool = "A";
        r.number = number;
        r.serves = {{"*a", 0}};
        r.max_concurrency = {{"a", slots}};
        return b().exchange(r);
    };
    say_so(1, 7);
    auto state = state_of("name:a");
    EXPECT_EQ(state.slots, 7);
    EXPECT_EQ(state.by, work::limit_origin::pool);
    EXPECT_EQ(state.names, std::vector<std::string>{"a"});
    EXPECT_EQ(state.who, "A");
    say_so(2, 8);
    EXPECT_EQ(state_of("name:a").slots, 8);
    set("name:a", 2);
    say_so(3, 9);
    state = state_of("name:a");
    EXPECT_EQ(state.slots, 2);
    EXPECT_EQ(state.by, work::limit_origin::hand);
    EXPECT_EQ(state.names, std::vector<std::string>{"a"});
}

TEST_P(limits, of_one_name_are_eight_at_most)
{
    for (int i = 0; i != 8; ++i)
        EXPECT_EQ(set("x" + std::to_string(i), 5, of_names({"a"})), limit_code::done);
    EXPECT_EQ(set("y", 5, of_names({"a"})), limit_code::full);
    EXPECT_EQ(set("y", 5, of_names({"b"})), limit_code::done);
    EXPECT_EQ(set("x0", 4, of_names({"a"})), limit_code::done);
}

TEST_P(limits, are_told_with_a_pause_as_with_anything_else)
{
    set("x", 1, of_names({"a"}));
    enqueue_many(3);
    auto const a = claim("A", 5);
    work::pause_request pause;
    pause.name = "a";
    b().pause(pause);
    exchange("A", {.finished = {{a.claim, {"j0"}}}, .want = 0});
    EXPECT_EQ(ids(claim("A", 5)), "");
    pause.pause = false;
    b().pause(pause);
    EXPECT_EQ(ids(claim("A", 5)), "j1");
}

TEST_P(limits, of_jobs_with_priorities_and_of_cancelled_ones)
{
    set("x", 2, of_names({"a"}));
    enqueue_many(3);
    enqueue({job("first", "a", " p=5"), job("second", "a", " p=4")});
    b().cancel({"j0"});
    EXPECT_EQ(ids(claim("A", 9)), "first second");
    EXPECT_EQ(held(), 2);
}

INSTANTIATE_TEST_SUITE_P(on, limits, both_sides, side_name);

// What leaked, or was written by hand, is no holder: it is found out before a limit is said to be
// full.
TEST(limits_on_redis, believe_no_holder_that_does_not_run)
{
    auto const server = std::make_shared<private_redis>();
    redis_connection by_hand(*server);
    redis_subject b(server);
    work::limit_change change;
    change.name = "x";
    change.slots = 2;
    change.scope = work::limit_scope{{}, {"a"}};
    b.change_limit(change);
    work::enqueue_request stored;
    stored.producer = "p";
    stored.number = 1;
    work::new_job job;
    job.id = "j0";
    job.list = "a";
    job.envelope = "2 0000 0000 1790000000000 a\n\n{}";
    stored.jobs = {job};
    b.enqueue(stored);
    for (char const* const id : {"leaked", "another"})
        by_hand.call("HSET", "work:{t}:held:x", id, "1790000000000000");
    ASSERT_EQ(b.limits({}).limits.at(0).held, 2);
    work::exchange_request r;
    r.pool = "A";
    r.number = 1;
    r.want = 5;
    r.fetch_order = {{"*a", 5, false}};
    EXPECT_EQ(b.exchange(r).jobs.size(), 1u);
    EXPECT_EQ(b.limits({}).limits.at(0).held, 1);
}

// Chores find what leaked though nobody asks, and wake a list that nobody woke.
TEST(limits_on_redis, are_looked_through_by_chores)
{
    auto const server = std::make_shared<private_redis>();
    redis_connection by_hand(*server);
    redis_subject b(server);
    work::limit_change change;
    change.name = "x";
    change.slots = 1;
    change.scope = work::limit_scope{{}, {"a"}};
    b.change_limit(change);
    by_hand.call("HSET", "work:{t}:held:x", "leaked", "1790000000000000");
    work::exchange_request r;
    r.pool = "A";
    r.number = 1;
    r.chores = true;
    b.exchange(r);
    EXPECT_EQ(b.limits({}).limits.at(0).held, 0);
}

}  // namespace
