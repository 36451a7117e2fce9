// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::conflict;
using work::job_state;
using work::outcome_kind;

class unique_jobs : public transitions
{
protected:
    static constexpr char const* lock = "0123456789abcdef0123456789abcdef";

    work::new_job unique(
        std::string id,
        char mode = 'f',
        conflict what = conflict::keep,
        std::string list = "a"
    )
    {
        work::new_job one = job(std::move(id), std::move(list));
        one.lock.key = lock;
        one.lock.mode = mode;
        one.lock.on_conflict = what;
        one.envelope.insert(
            one.envelope.find('\n'),
            std::string(" u=").append(1, mode).append(lock)
        );
        one.envelope[4] = '2';
        return one;
    }
    work::new_job with_args(work::new_job one, std::string const& args)
    {
        one.envelope.replace(one.envelope.size() - 2, 2, args);
        return one;
    }
    std::string stored(work::enqueue_answer const& answer)
    {
        std::string const text = text_of(answer);
        return text.substr(text.rfind(' ') + 1);
    }
    /// Who has the lock, as it is kept; "-": nobody.
    std::string owner()
    {
        auto const segment = work::id_segment(lock);
        std::string const text = key("unique:" + std::string(segment.data(), segment.size()));
        return text == "-" ? text : text.substr(text.find(" => ") + 4);
    }
    void end(work::exchange_answer const& of, std::string const& id, outcome_kind kind)
    {
        work::job_outcome said{of.claim, id, kind, 0, {}};
        if (kind == outcome_kind::dead || kind == outcome_kind::retry)
            said.text = "{\"why\":1}";
        exchange("A", {.outcomes = {said}, .want = 0});
    }
    std::string args_of(std::string const& id)
    {
        std::string const text = b().job(id).envelope;
        return text.substr(text.rfind('\n') + 1);
    }
};

TEST_P(unique_jobs, another_of_its_key_is_not_stored_and_learns_who_is_there)
{
    EXPECT_EQ(stored(enqueue({unique("x"), unique("y"), job("z")})), "sux,s");
    EXPECT_EQ(key("list:a"), "list\n  x\n  z");
    EXPECT_EQ(state("y"), job_state::unknown);
    EXPECT_EQ(owner(), "x");
}

TEST_P(unique_jobs, a_repeated_batch_gets_the_same_answer)
{
    enqueue_as(1, {unique("x")});
    std::string const first = stored(enqueue_as(2, {unique("y"), job("z")}));
    auto const again = enqueue_as(2, {unique("y"), job("z")});
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(stored(again), first);
    EXPECT_EQ(again.jobs[0].other, "x");
}

// In which state it lets others in, by mode.
TEST_P(unique_jobs, are_let_in_when_the_mode_says)
{
    struct
    {
        char mode;
        bool claimed, retrying, snoozed, released, dead;
    } const modes[] = {
        {'s', true, true, true, true, true},
        {'f', false, false, false, false, true},
        {'u', false, false, false, false, false},
    };
    for (auto const& m : modes) {
        auto const lets_in = [&](char const* when, bool expected) {
            EXPECT_EQ(owner() == "-", expected) << m.mode << " " << when;
        };
        for (outcome_kind const kind :
             {outcome_kind::complete,
              outcome_kind::discard,
              outcome_kind::retry,
              outcome_kind::snooze,
              outcome_kind::release,
              outcome_kind::dead}) {
            start_over();
            enqueue({unique("x", m.mode)});
            lets_in("pending", false);
            auto const a = claim("A");
            ASSERT_EQ(ids(a), "x");
            lets_in("claimed", m.claimed);
            end(a, "x", kind);
            switch (kind) {
            case outcome_kind::retry: lets_in("retrying", m.retrying); break;
            case outcome_kind::snooze: lets_in("snoozed", m.snoozed); break;
            case outcome_kind::release: lets_in("released", m.released); break;
            case outcome_kind::dead: lets_in("dead", m.dead); break;
            default: lets_in("ended", true); break;
            }
        }
        for (job_state const from : {job_state::pending, job_state::dead, job_state::active}) {
            start_over();
            enqueue({unique("x", m.mode)});
            if (from != job_state::pending) {
                auto const a = claim("A");
                if (from == job_state::dead)
                    end(a, "x", outcome_kind::dead);
            }
            if (from == job_state::dead)
                b().remove({"x"});
            else
                cancel_all({"x"});
            lets_in("cancelled", true);
        }
    }
}

TEST_P(unique_jobs, that_end_in_a_row_let_others_in_too)
{
    for (outcome_kind const kind : {outcome_kind::complete, outcome_kind::discard}) {
        start_over();
        enqueue({unique("x"), job("y"), job("z")});
        auto const a = claim("A");
        std::vector<work::job_outcome> words;
        for (char const* const id : {"y", "x", "z"})
            words.push_back({a.claim, id, kind, 0, {}});
        exchange("A", {.outcomes = words, .close = {work::closed_claim(a.claim, 3)}, .want = 0});
        EXPECT_EQ(owner(), "-");
        EXPECT_EQ(stored(enqueue({unique("w")})), "s");
    }
}

TEST_P(unique_jobs, for_a_time_keep_others_out_whatever_becomes_of_them)
{
    work::new_job one = unique("x", 't');
    one.lock.time_ms = 10'000;
    enqueue({one});
    end(claim("A"), "x", outcome_kind::complete);
    b().pass(9'999);
    EXPECT_EQ(stored(enqueue({unique("y", 't', conflict::replace)})), "ux,");
    b().pass(1);
    EXPECT_EQ(stored(enqueue({unique("y", 't')})), "s");
}

TEST_P(unique_jobs, that_wait_are_replaced_with_all_that_is_new)
{
    for (char const* const where : {"pending", "scheduled", "retry"}) {
        start_over();
        work::new_job first = unique("x");
        if (where == std::string_view("scheduled"))
            first.delay_ms = 5'000;
        enqueue({first, job("later")});
        if (where == std::string_view("retry")) {
            auto const a = claim("A", 1);
            exchange(
                "A",
                {.outcomes = {{a.claim, "x", outcome_kind::retry, 5'000, "{\"why\":1}"}}, .want = 0}
            );
        }
        auto const when = b().job("x").when_ms;
        auto const again = with_args(unique("y", 'f', conflict::replace), "{\"a\":2}");
        EXPECT_EQ(stored(enqueue({again})), "rx,") << where;
        EXPECT_EQ(args_of("x"), "{\"a\":2}");
        EXPECT_EQ(b().job("x").when_ms, when) << "its time stays";
        EXPECT_EQ(to_string(state("x")), where);
        EXPECT_EQ(b().job("x").failures.size(), where == std::string_view("retry") ? 1u : 0u);
        b().pass(5'000);
        EXPECT_EQ(args_of("x"), "{\"a\":2}");
        end(claim("A"), "x", outcome_kind::complete);
        EXPECT_EQ(owner(), "-") << where;
    }
}

TEST_P(unique_jobs, that_run_or_are_dead_are_not_replaced)
{
    for (std::size_t const others : {0u, 40u}) {  // in a small claim, and in a large one
        start_over();
        enqueue({unique("x", 'u')});
        for (std::size_t i = 0; i != others; ++i)
            enqueue({job("j" + std::to_string(i))});
        auto const a = claim("A");
        auto const again = with_args(unique("y", 'u', conflict::renew), "{\"a\":2}");
        EXPECT_EQ(stored(enqueue({again})), "ux,");
        EXPECT_EQ(args_of("x"), "{}");
        end(a, "x", outcome_kind::dead);
        EXPECT_EQ(stored(enqueue_as(50 + static_cast<std::int64_t>(others), {again})), "ux,");
        EXPECT_EQ(args_of("x"), "{}");
    }
}

TEST_P(unique_jobs, that_are_scheduled_get_the_new_time)
{
    work::new_job first = unique("x");
    first.delay_ms = 5'000;
    enqueue({first});
    work::new_job again = with_args(unique("y", 'f', conflict::extend), "{\"a\":2}");
    again.delay_ms = 9'000;
    EXPECT_EQ(stored(enqueue({again})), "ex,");
    EXPECT_EQ(b().job("x").when_ms, b().now_ms() + 9'000);
    EXPECT_EQ(args_of("x"), "{}");
    again.lock.on_conflict = conflict::renew;
    again.delay_ms = 0;
    EXPECT_EQ(stored(enqueue({again})), "bx,");
    EXPECT_EQ(args_of("x"), "{\"a\":2}");
    EXPECT_EQ(ids(claim("A")), "x") << "it is due now";
}

TEST_P(unique_jobs, change_their_size_when_they_are_replaced)
{
    std::string const large = "{\"a\":\"" + std::string(20'000, 'x') + "\"}";
    enqueue({unique("x")});
    EXPECT_EQ(stored(enqueue({with_args(unique("y", 'f', conflict::replace), large)})), "rx,");
    EXPECT_EQ(args_of("x"), large);
    EXPECT_EQ(stored(enqueue({with_args(unique("y", 'f', conflict::replace), "[1]")})), "rx,");
    EXPECT_EQ(args_of("x"), "[1]");
    EXPECT_EQ(stored(enqueue({with_args(unique("y", 'f', conflict::replace), large)})), "rx,");
    auto const a = claim("A");
    EXPECT_TRUE(a.jobs.at(0).envelope.ends_with(large));
    end(a, "x", outcome_kind::complete);
}

TEST_P(unique_jobs, a_dead_one_runs_again_only_while_its_key_is_free)
{
    enqueue({unique("x")});
    end(claim("A"), "x", outcome_kind::dead);
    EXPECT_EQ(stored(enqueue({unique("y")})), "s");
    EXPECT_EQ(b().requeue({"x"}).at(0).code, work::admin_code::locked);
    EXPECT_EQ(state("x"), job_state::dead);
    end(claim("A"), "y", outcome_kind::complete);
    EXPECT_EQ(b().requeue({"x"}).at(0).code, work::admin_code::done);
    EXPECT_EQ(owner(), "x");
    EXPECT_EQ(stored(enqueue({unique("z")})), "ux,");
}

TEST_P(unique_jobs, keep_their_lock_from_stage_to_stage_and_across_a_move)
{
    enqueue({unique("x")});
    work::new_job const next = job("x", "b");
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::stage, 0, next.envelope}}, .want = 0});
    EXPECT_EQ(key("list:b"), "list\n  x");
    EXPECT_EQ(stored(enqueue({unique("y")})), "ux,");
    EXPECT_EQ(b().move({"x"}, "other").at(0).code, work::admin_code::done);
    EXPECT_EQ(stored(enqueue({unique("y")})), "ux,");
    cancel_all({"x"});
    EXPECT_EQ(owner(), "-");
}

TEST_P(unique_jobs, in_a_stage_of_another_name_are_not_replaced)
{
    enqueue({unique("x")});
    work::new_job const next = job("x", "b");
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::stage, 0, next.envelope}}, .want = 0});
    auto const again = with_args(unique("y", 'f', conflict::replace), "{\"a\":2}");
    EXPECT_EQ(stored(enqueue({again})), "ux,");
    EXPECT_EQ(args_of("x"), "{}");
}

TEST_P(unique_jobs, that_are_replaced_expire_from_then_on)
{
    work::new_job first = unique("x");
    first.delay_ms = 60'000;
    enqueue({first});
    b().pass(5'000);
    work::new_job again = unique("y", 'f', conflict::renew);
    again.stamp = true;
    again.envelope[5] = '4';
    again.delay_ms = 60'000;
    EXPECT_EQ(stored(enqueue({again})), "bx,");
    auto const header = work::detail::read_header(b().job("x").envelope);
    EXPECT_EQ(header->created, b().now_ms());
}

TEST_P(unique_jobs, whose_record_is_gone_keep_nobody_out)
{
    check_invariants_ = false;
    enqueue({unique("x")});
    b().overwrite("x", "garbage");
    EXPECT_EQ(stored(enqueue({unique("y")})), "s");
    EXPECT_EQ(owner(), "y");
}

TEST_P(unique_jobs, locks_that_nobody_has_are_swept)
{
    work::new_job one = unique("x", 't');
    one.lock.time_ms = 1'000;
    enqueue({one});
    end(claim("A"), "x", outcome_kind::complete);
    for (int i = 0; i != 65 && owner() != "-"; ++i) {
        b().pass(5'000);
        exchange("A", {.want = 0, .chores = true});
    }
    EXPECT_EQ(owner(), "-");
}

TEST_P(unique_jobs, dropped_with_the_oldest_dead_ones_let_others_in)
{
    enqueue({unique("x", 'u'), job("y")});
    auto const a = claim("A");
    std::vector<work::job_outcome> const words = {
        {a.claim, "x", outcome_kind::dead, 0, "{\"why\":1}"},
        {a.claim, "y", outcome_kind::dead, 0, "{\"why\":1}"}
    };
    work::retention_limits few;
    few.dead = 1;
    exchange("A", {.outcomes = words, .want = 0, .chores = true, .limits = few});
    EXPECT_EQ(state("x"), job_state::unknown);
    EXPECT_EQ(owner(), "-");
}

TEST_P(unique_jobs, that_follow_upon_an_outcome_are_unique_too)
{
    enqueue({job("parent"), unique("x")});
    auto const a = claim("A");
    work::follow_ups then{0};
    then.jobs.push_back(unique("y"));
    then.jobs.push_back(job("z"));
    exchange(
        "A",
        {.outcomes = {{a.claim, "parent", outcome_kind::complete, 0, {}}}, .then = {then}, .want = 0
        }
    );
    EXPECT_EQ(state("y"), job_state::unknown);
    EXPECT_EQ(state("z"), job_state::pending);
    EXPECT_EQ(owner(), "x");
}

INSTANTIATE_TEST_SUITE_P(on, unique_jobs, both_sides, side_name);

}  // namespace
