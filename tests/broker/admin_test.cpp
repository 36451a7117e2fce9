// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_kind;

class admin : public transitions
{
protected:
    std::string cancel(std::string id) { return text_of(b().cancel({std::move(id)})); }
    /// Cancelled, or if that is not for it, deleted.
    std::string drop(std::string id)
    {
        auto const results = b().cancel({id});
        cancel_all({id});
        bool const ended = results[0].code == work::admin_code::moved_on;
        return text_of(ended ? b().remove({std::move(id)}) : results);
    }
    std::string requeue(std::string id) { return text_of(b().requeue({std::move(id)})); }
    /// Job `x` in a state.
    work::exchange_answer bring_to(job_state wanted)
    {
        auto x = chosen("x");
        x.delay_ms = wanted == job_state::scheduled ? 1'000 : 0;
        enqueue({x});
        work::exchange_answer a;
        if (wanted == job_state::pending || wanted == job_state::scheduled)
            return a;
        if (wanted == job_state::suspect)
            make_suspect();
        else
            a = claim("A");
        if (wanted == job_state::retry)
            exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::retry, 1'000, "{}"}}});
        if (wanted == job_state::completed)
            exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, "{}"}}});
        if (wanted == job_state::cancelled)
            cancel_all({"x"});
        if (wanted == job_state::set_aside) {
            b().overwrite("x", "garbage");
            exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, {}}}});
        }
        if (wanted == job_state::dead)
            exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{}"}}});
        EXPECT_EQ(state("x"), wanted);
        return a;
    }
};

constexpr job_state all_states[] = {
    job_state::scheduled,
    job_state::pending,
    job_state::suspect,
    job_state::active,
    job_state::retry,
    job_state::dead
};

TEST_P(admin, out_of_every_state_a_job_goes_with_its_failures)
{
    for (job_state const from : all_states) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        EXPECT_EQ(drop("x"), "m");
        EXPECT_EQ(state("x"), from == job_state::dead ? job_state::unknown : job_state::cancelled);
        EXPECT_EQ(failures_key("x"), "-");
        auto const counts = b().counts();
        EXPECT_EQ(
            counts.pending + counts.active + counts.suspect + counts.scheduled + counts.retry +
                counts.dead,
            0
        );
        EXPECT_EQ(cancel("x"), from == job_state::dead ? "g" : "v");
        b().remove({"x"});
        EXPECT_EQ(state("x"), job_state::unknown);
        EXPECT_EQ(cancel("x"), "g");
    }
}

TEST_P(admin, cancelled_id_can_be_enqueued_again_and_runs_once)
{
    for (job_state const from : all_states) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        drop("x");
        EXPECT_EQ(enqueue({chosen("x"), job("next")}).jobs[0].code, work::enqueue_code::stored);
        auto const a = claim("B");
        EXPECT_EQ(ids(a), "x next");
        EXPECT_EQ(
            codes(exchange(
                "B",
                {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, {}}}, .want = 0}
            )),
            "k"
        );
        cancel("next");
        live_through(30'000);
        EXPECT_EQ(b().counts().suspect, 0);
    }
}

TEST_P(admin, cancel_in_the_middle_keeps_the_length_exact)
{
    enqueue_many(5);
    b().cancel({"j1", "j3"});
    EXPECT_EQ(b().counts().lists.at(0).pending, 3);
    EXPECT_EQ(b().outstanding({"*a"}).pending, 3);
    EXPECT_EQ(ids(claim("A")), "j0 j2 j4");
    EXPECT_EQ(key("side:a"), "-");
    EXPECT_EQ(key("ready"), "-");
}

TEST_P(admin, cancel_of_priority_job_leaves_no_ghost)
{
    enqueue({job("x", "a", " p=3")});
    EXPECT_EQ(cancel("x"), "m");
    EXPECT_EQ(key("side:a"), "-");
    EXPECT_EQ(key("ready"), "-");
}

TEST_P(admin, cancel_twice_enqueued_twice_consumes_both_ghosts)
{
    for (int i = 0; i != 2; ++i) {
        enqueue({chosen("x")});
        cancel("x");
    }
    enqueue({job("y"), chosen("x")});
    EXPECT_EQ(b().outstanding({"*a"}).pending, 2);
    EXPECT_EQ(ids(claim("A")), "y x");
    EXPECT_EQ(key("side:a"), "-");
}

TEST_P(admin, cancel_of_active_job_is_told_to_pool_and_heartbeat_until_seen)
{
    auto const a = bring_to(job_state::active);
    b().take_wakeup("A");
    cancel("x");
    EXPECT_TRUE(b().take_wakeup("A"));
    std::vector<work::job_cancel> const told{{a.claim, "x", "because", "ada"}};
    EXPECT_EQ(exchange("A", {.want = 0}).cancels, told);
    EXPECT_EQ(exchange("A.heartbeat", {.want = 0}).cancels, told);
    EXPECT_TRUE(exchange("A", {.cancels_seen = told, .want = 0}).cancels.empty());
    EXPECT_EQ(key("orders:A"), "-");
    check_invariants_ = false;  // the heartbeat sent what a pool says first
}

TEST_P(admin, pool_is_told_why_and_by_whom)
{
    enqueue({job("x"), job("y"), job("z")});
    auto const a = claim("A");
    work::admin_request request;
    request.ids = {"x"};
    request.reason = "\"wrong\"\nname \xff";
    request.by = "ada";
    b().act(request);
    request.action = work::admin_action::kill;
    request.ids = {"y"};
    b().act(request);
    request.action = work::admin_action::cancel;
    request.ids = {"z"};
    request.reason.clear();
    request.by.clear();
    b().act(request);
    auto told = exchange("A", {.want = 0}).cancels;
    ASSERT_EQ(told.size(), 3u);
    std::sort(told.begin(), told.end(), [](auto const& l, auto const& r) { return l.id < r.id; });
    EXPECT_EQ(told[0].reason, "\"wrong\"\nname \xEF\xBF\xBD");
    EXPECT_EQ(told[0].by, "ada");
    EXPECT_NE(told[1].reason.find("wrong"), std::string::npos) << told[1].reason;
    EXPECT_EQ(told[2].reason, "");
}

TEST_P(admin, cancel_for_a_pool_that_left_tells_nobody)
{
    bring_to(job_state::active);
    b().leave("A", {});
    EXPECT_EQ(cancel("x"), "m");
    EXPECT_EQ(key("orders:A"), "-");
    EXPECT_FALSE(b().take_wakeup("A"));
}

TEST_P(admin, requeue_moves_what_waits_for_a_time)
{
    for (job_state const from : {job_state::scheduled, job_state::retry, job_state::dead}) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        EXPECT_EQ(requeue("x"), "m");
        auto const record = b().job("x");
        EXPECT_EQ(record.state, job_state::pending);
        if (from == job_state::dead) {
            EXPECT_EQ(record.envelope.substr(7, 4), "0000");
            EXPECT_EQ(record.failures.size(), 1u) << "its history stays";
        }
        cancel("x");
    }
}

TEST_P(admin, requeue_leaves_others_alone)
{
    EXPECT_EQ(requeue("none"), "g");
    bring_to(job_state::pending);
    EXPECT_EQ(requeue("x"), "p");
    cancel("x");
    bring_to(job_state::active);
    EXPECT_EQ(requeue("x"), "a");
    live_through(16'000);
    EXPECT_EQ(requeue("x"), "p") << "a suspect is pending";
}

TEST_P(admin, requeue_of_unreadable_dead_job_sets_it_aside)
{
    bring_to(job_state::dead);
    b().overwrite("x", "garbage");
    EXPECT_EQ(requeue("x"), "u");
    EXPECT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(key("dead"), "-");
}

/// What becomes of a job in each state: the code, and where it is afterwards.
TEST_P(admin, actions_are_for_the_states_they_name)
{
    using enum job_state;
    struct row
    {
        job_state from;
        char const* cancel;
        job_state cancel_to;
        char const* requeue;
        job_state requeue_to;
        char const* kill;
        job_state kill_to;
        char const* remove;
        job_state remove_to;
        char const* move;
        job_state move_to;
    };
    row const rows[] = {
        {scheduled, "m", cancelled, "m", pending, "m", dead, "v", scheduled, "m", scheduled},
        {pending, "m", cancelled, "p", pending, "m", dead, "v", pending, "m", pending},
        {suspect, "m", cancelled, "p", suspect, "m", dead, "v", suspect, "v", suspect},
        {active, "m", active, "a", active, "m", active, "v", active, "a", active},
        {retry, "m", cancelled, "m", pending, "m", dead, "v", retry, "m", retry},
        {dead, "v", dead, "m", pending, "p", dead, "m", unknown, "m", dead},
        {completed, "v", completed, "v", completed, "v", completed, "m", unknown, "v", completed},
        {cancelled, "v", cancelled, "v", cancelled, "v", cancelled, "m", unknown, "v", cancelled},
        {set_aside, "v", set_aside, "u", set_aside, "v", set_aside, "m", unknown, "v", set_aside}
    };
    auto const check = [&](row const& r, char const* code, job_state to, auto act) {
        bring_to(r.from);
        std::vector<work::admin_result> const results = act();
        ASSERT_EQ(results.size(), 1u);
        EXPECT_EQ(text_of(results), code);
        EXPECT_EQ(results[0].state, r.from);
        EXPECT_EQ(state("x"), to);
        cancel_all({"x"});
        b().remove({"x"});
        ASSERT_EQ(state("x"), unknown);
        live_through(1'000);
    };
    for (row const& r : rows) {
        SCOPED_TRACE(work::to_string(r.from));
        check(r, r.cancel, r.cancel_to, [&] { return b().cancel({"x"}); });
        check(r, r.requeue, r.requeue_to, [&] { return b().requeue({"x"}); });
        check(r, r.kill, r.kill_to, [&] { return b().kill({"x"}); });
        check(r, r.remove, r.remove_to, [&] { return b().remove({"x"}); });
        check(r, r.move, r.move_to, [&] { return b().move({"x"}, "q"); });
    }
    EXPECT_EQ(text_of(b().kill({"none"})) + text_of(b().move({"none"}, "q")), "gg");
}

TEST_P(admin, cancelled_job_says_who_did_it_and_why)
{
    bring_to(job_state::retry);
    cancel("x");
    auto const record = b().job("x");
    EXPECT_EQ(record.state, job_state::cancelled);
    EXPECT_EQ(record.when_ms, b().now_ms());
    EXPECT_EQ(
        record.kept,
        "{\"outcome\":\"cancelled\",\"at_ms\":" + std::to_string(b().now_ms()) +
            ",\"reason\":\"because\",\"by\":\"ada\"}"
    );
}

TEST_P(admin, killed_job_says_who_did_it_and_why_and_has_its_attempts)
{
    for (job_state const from : {job_state::pending, job_state::active}) {
        auto const a = bring_to(from);
        b().kill({"x"});
        if (from == job_state::active)
            exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::cancelled, 0, {}}}});
        auto const record = b().job("x");
        ASSERT_EQ(record.failures.size(), 1u);
        EXPECT_EQ(
            record.failures[0],
            std::string("{\"attempt\":") + (from == job_state::active ? "1" : "0") +
                ",\"type\":\"killed\",\"message\":\"killed by ada: because\",\"at_ms\":" +
                std::to_string(b().now_ms()) + "}"
        );
        EXPECT_EQ(record.envelope.substr(7, 4), "0000");
        b().remove({"x"});
    }
}

TEST_P(admin, pool_is_told_of_a_killed_job)
{
    auto const a = bring_to(job_state::active);
    b().kill({"x"});
    auto const told = exchange("A", {.want = 0}).cancels;
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].claim, a.claim);
    EXPECT_EQ(told[0].id, "x");
}

TEST_P(admin, only_what_was_asked_for_is_touched)
{
    bring_to(job_state::retry);
    work::job_states const others{job_state::scheduled, job_state::dead};
    EXPECT_EQ(text_of(b().act(work::admin_action::cancel, {"x"}, others)), "v");
    EXPECT_EQ(text_of(b().act(work::admin_action::requeue, {"x"}, others)), "v");
    EXPECT_EQ(state("x"), job_state::retry);
    EXPECT_EQ(text_of(b().act(work::admin_action::requeue, {"x"}, {job_state::retry})), "m");
}

TEST_P(admin, what_came_into_its_state_later_is_not_touched)
{
    auto const die_now = [&](std::string const& id) {
        enqueue({chosen(id)});
        auto const a = claim("A");
        exchange("A", {.outcomes = {{a.claim, id, outcome_kind::dead, 0, "{}"}}});
    };
    die_now("old");
    std::int64_t const seen = b().now_ms();
    live_through(1);
    die_now("new");
    EXPECT_EQ(text_of(b().act(work::admin_action::remove, {"old", "new"}, {}, seen)), "mv");
    EXPECT_EQ(state("new"), job_state::dead);
}

TEST_P(admin, retrying_job_counts_from_its_last_failure)
{
    enqueue({chosen("x")});
    auto const a = claim("A");
    std::string const failure =
        "{\"attempt\":1,\"type\":\"t\",\"message\":\"\\\"at_ms\\\":1\",\"at_ms\":" +
        std::to_string(b().now_ms()) + "}";
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::retry, 1'000, failure}}});
    std::int64_t const now = b().now_ms();
    EXPECT_EQ(text_of(b().act(work::admin_action::requeue, {"x"}, {}, now - 1)), "v");
    EXPECT_EQ(text_of(b().act(work::admin_action::requeue, {"x"}, {}, now)), "m");
}

TEST_P(admin, moved_jobs_are_found_in_their_new_queue)
{
    enqueue({job("1"), chosen("x"), job("p", "a", " p=3"), job("2")});
    EXPECT_EQ(text_of(b().move({"x", "p"}, "q")), "mm");
    EXPECT_EQ(text_of(b().move({"x"}, "q")), "p");
    EXPECT_EQ(text_of(b().outstanding({"a"})), "2 0");
    EXPECT_EQ(text_of(b().outstanding({"q:a"})), "2 0");
    EXPECT_EQ(b().job("x").envelope.substr(26, 4), "q:a\n");
    EXPECT_EQ(text_of(b().move({"x"}, "")), "m");
    EXPECT_EQ(text_of(b().move({"p"}, "a")), "m");
    EXPECT_EQ(ids(claim("A")), "p 1 2 x");
    EXPECT_EQ(key("side:a") + key("side:q:a"), "--");
}

TEST_P(admin, moved_jobs_come_to_their_new_queue_when_they_are_due)
{
    for (job_state const from : {job_state::scheduled, job_state::retry, job_state::dead}) {
        SCOPED_TRACE(work::to_string(from));
        bring_to(from);
        EXPECT_EQ(text_of(b().move({"x"}, "an odd/queue")), "m");
        if (from == job_state::dead)
            requeue("x");
        else
            live_through(1'000);
        EXPECT_EQ(text_of(b().outstanding({"an%20odd%2Fqueue:a"})), "1 0");
        cancel("x");
    }
}

TEST_P(admin, cancel_of_unreadable_pending_job_takes_it_off_its_list)
{
    enqueue({chosen("x"), job("y")});
    b().overwrite("x", "garbage");
    EXPECT_EQ(cancel("x"), "m");
    EXPECT_EQ(key("list:a"), "list\n  y");
    enqueue({chosen("x")});
    EXPECT_EQ(ids(claim("A")), "y x");
}

TEST_P(admin, outstanding_counts_pending_suspect_and_active_of_the_lists)
{
    enqueue({job("1"), job("2"), job("3", "b"), job("4", "c")});
    claim("A", 1);
    EXPECT_EQ(text_of(b().outstanding({"*a", "*b"})), "2 1");
    live_through(16'000);
    EXPECT_EQ(text_of(b().outstanding({"*a", "*b"})), "3 0");
    make_suspect("*b");
    EXPECT_EQ(b().counts().suspect, 1);
    EXPECT_EQ(text_of(b().outstanding({"*a", "*b"})), "3 0");
    EXPECT_EQ(text_of(b().outstanding({"b"})), "1 0");
    EXPECT_EQ(text_of(b().outstanding({"q:b", "a"})), "2 0");
}

TEST_P(admin, first_due_appoints_a_holder_and_a_backup)
{
    b().show("A");
    b().show("B");
    exchange("B");
    auto x = job("x");
    x.delay_ms = 60'000;
    enqueue({x});
    while (b().take_wakeup("B"))
        ;
    auto const due = b().now_ms() + 60'000;
    EXPECT_EQ(exchange("A", {.wait = true}).alarm_ms, due);
    EXPECT_TRUE(b().take_wakeup("B")) << "asked to be the backup";
    EXPECT_EQ(exchange("B", {.wait = true}).alarm_ms, due + 25);
    exchange("C");
    EXPECT_EQ(exchange("C", {.wait = true}).alarm_ms, 0) << "nobody else stirs";
    EXPECT_EQ(exchange("A", {.wait = true}).alarm_ms, due) << "it keeps the alarm";
}

TEST_P(admin, earlier_job_wakes_the_holder)
{
    b().show("A");
    auto x = job("x");
    x.delay_ms = 60'000;
    enqueue({x});
    exchange("A", {.wait = true});
    while (b().take_wakeup("A"))
        ;
    auto y = job("y");
    y.delay_ms = 90'000;
    enqueue({y});
    EXPECT_FALSE(b().take_wakeup("A"));
    auto z = job("z");
    z.delay_ms = 30'000;
    enqueue({z});
    EXPECT_TRUE(b().take_wakeup("A"));
}

TEST_P(admin, holder_that_does_not_come_is_replaced)
{
    auto x = job("x", "unserved");
    x.delay_ms = 1'000;
    auto y = job("y");
    y.delay_ms = 600'000;
    enqueue({x, y});
    auto const due = b().now_ms() + 600'000;
    b().show("A");
    exchange("A", {.wait = true});
    b().pass(1'025);
    EXPECT_EQ(exchange("B", {.wait = true}).alarm_ms, due + 25) << "A may still come";
    b().pass(2'000);
    EXPECT_EQ(exchange("B", {.wait = true}).alarm_ms, due);
}

TEST_P(admin, leave_hands_the_alarm_on_and_gives_hints_again)
{
    b().show("A");
    b().show("B");
    auto x = job("x");
    x.delay_ms = 60'000;
    enqueue({x, job("y", "b")});
    exchange("A", {.wait = true});
    exchange("B", {.wait = true});
    b().take_wakeup("B");
    b().take_wakeup("*b");
    b().leave("A", {"*a", "*b"});
    EXPECT_TRUE(b().take_wakeup("B")) << "the backup takes over";
    EXPECT_TRUE(b().take_wakeup("*b"));
    EXPECT_FALSE(b().take_wakeup("*a")) << "there is nothing in it";
    EXPECT_EQ(key("pool:A"), "-");
    auto const before = b().dump();
    b().leave("A", {"*a", "*b"});
    b().take_wakeup("*b");
    EXPECT_EQ(exchange("B", {.wait = true}).alarm_ms, b().now_ms() + 60'000);
}

TEST_P(admin, cancelling_what_cannot_be_read_leaves_no_log)
{
    enqueue({job("x")});
    auto const a = claim("A");
    exchange("A", {.logs = {{a.claim, "x", {"a line"}}}, .want = 0});
    EXPECT_NE(key("log:x"), "-");
    b().overwrite("x", "garbage");
    b().cancel({"x"});
    EXPECT_EQ(state("x"), job_state::unknown);
    EXPECT_EQ(key("log:x"), "-");
}

INSTANTIATE_TEST_SUITE_P(on, admin, both_sides, side_name);

}  // namespace
