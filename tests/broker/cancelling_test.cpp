// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/cancel_word.hpp>
#include <work/job_info.hpp>

#include <string>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::admin_action;
using work::job_state;
using work::outcome_kind;

/// Jobs that are cancelled or killed while they run.
class cancelling : public transitions
{
protected:
    /// `x` runs in pool A, beside so many others.
    work::exchange_answer run(int others = 0, bool as_suspect = false)
    {
        enqueue({job("x")});
        if (as_suspect) {
            make_suspect();
            auto const a = exchange("A", {.suspects = true});
            EXPECT_EQ(ids(a), "x");
            return a;
        }
        enqueue_many(others);
        return claim("A");
    }
    std::string act(admin_action what)
    {
        work::admin_request request;
        request.action = what;
        request.ids = {"x"};
        request.reason = "100 % \"wrong\"";
        request.by = "ada b";
        return text_of(b().act(request));
    }
    std::string report(work::exchange_answer const& from, outcome_kind kind)
    {
        std::string_view text = "{}";
        if (kind == outcome_kind::stage)
            text = keep(job("x", "b").envelope);
        else if (kind != outcome_kind::retry && kind != outcome_kind::dead)
            text = {};
        said words{.outcomes = {{from.claim, "x", kind, 0, text}}, .want = 0};
        words.then = {{0, {job("follows", "b")}}};
        return codes(exchange("A", std::move(words)));
    }
    void ends_as(admin_action what)
    {
        auto const record = b().job("x");
        work::job_info const info = work::read_record("x", record);
        EXPECT_EQ(work::detail::word_of(record.envelope, "c"), std::nullopt);
        if (what == admin_action::kill) {
            EXPECT_EQ(info.state, job_state::dead);
            ASSERT_FALSE(info.failures.empty());
            EXPECT_EQ(info.failures.back().type, "killed");
            EXPECT_EQ(info.failures.back().message, "killed by ada b: 100 % \"wrong\"");
            EXPECT_EQ(info.failures.back().attempt, 1);
            EXPECT_EQ(info.failures.back().at_ms, b().now_ms());
        } else {
            EXPECT_EQ(info.state, job_state::cancelled);
            ASSERT_TRUE(info.ended);
            EXPECT_EQ(info.ended->by, "ada b");
            EXPECT_EQ(info.ended->reason, "100 % \"wrong\"");
            EXPECT_EQ(info.ended->at_ms, b().now_ms());
        }
    }
    void forget()
    {
        for (char const* const id : {"x", "follows"}) {
            cancel_all({id});
            b().remove({id});
        }
    }
    /// Each way in which a job may be run, and be asked to end.
    template <typename Check>
    void each_way(Check check)
    {
        for (int const others : {0, 3, 200})
            for (bool const as_suspect : {false, true})
                for (admin_action const what : {admin_action::cancel, admin_action::kill}) {
                    if (as_suspect && others > 0)
                        continue;
                    SCOPED_TRACE(
                        std::to_string(others) + " others, " + (as_suspect ? "suspect, " : "") +
                        std::string(to_string(what))
                    );
                    start_over();
                    check(run(others, as_suspect), what);
                }
    }
};

TEST_P(cancelling, leaves_a_job_active_and_tells_its_pool)
{
    each_way([&](work::exchange_answer const& a, admin_action what) {
        EXPECT_EQ(act(what), "m");
        EXPECT_EQ(act(what), "p") << "it was asked for";
        auto const record = b().job("x");
        EXPECT_EQ(record.state, job_state::active);
        EXPECT_EQ(record.claim, a.claim);
        auto const info = work::read_record("x", record);
        ASSERT_TRUE(info.cancelling);
        EXPECT_EQ(info.cancelling->killed, what == admin_action::kill);
        EXPECT_EQ(info.cancelling->asked_ms, b().now_ms());
        EXPECT_NE(info.cancelling->reason.find("100 % \"wrong\""), std::string::npos);
        auto const told = exchange("A", {.renew = {a.claim}, .want = 0}).cancels;
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].id, "x");
        EXPECT_EQ(told[0].reason, info.cancelling->reason);
        EXPECT_EQ(b().outstanding({"*a"}).active, static_cast<std::int64_t>(a.jobs.size()));
    });
}

TEST_P(cancelling, ends_it_with_whatever_would_make_it_run_again)
{
    for (outcome_kind const kind :
         {outcome_kind::retry,
          outcome_kind::dead,
          outcome_kind::snooze,
          outcome_kind::release,
          outcome_kind::stage,
          outcome_kind::discard,
          outcome_kind::set_aside,
          outcome_kind::cancelled})
        each_way([&](work::exchange_answer const& a, admin_action what) {
            SCOPED_TRACE(static_cast<char>(kind));
            act(what);
            live_through(1'000, {a.claim});
            EXPECT_EQ(report(a, kind), kind == outcome_kind::cancelled ? "k" : "z");
            ends_as(what);
            EXPECT_EQ(
                state("follows"),
                kind == outcome_kind::cancelled ? job_state::pending : job_state::unknown
            );
            EXPECT_EQ(report(a, kind), "l") << "its claim has no word about it any more";
        });
}

TEST_P(cancelling, loses_against_a_completion)
{
    each_way([&](work::exchange_answer const& a, admin_action what) {
        act(what);
        EXPECT_EQ(report(a, outcome_kind::complete), "k");
        EXPECT_EQ(state("x"), job_state::unknown);
        EXPECT_EQ(state("follows"), job_state::pending);
    });
    each_way([&](work::exchange_answer const& a, admin_action what) {
        act(what);
        EXPECT_EQ(codes(exchange("A", {.finished = {{a.claim, {"x"}}}, .want = 0})), "k");
        EXPECT_EQ(state("x"), job_state::unknown);
        auto const told = exchange("A", {.want = 0}).cancels;
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].reason, "") << "it ended already";
    });
    each_way([&](work::exchange_answer const& a, admin_action what) {
        act(what);
        std::string_view const kept = "{\"outcome\":\"done\",\"at_ms\":5}";
        said words{.outcomes = {{a.claim, "x", outcome_kind::complete, 0, kept}}, .want = 0};
        EXPECT_EQ(codes(exchange("A", std::move(words))), "k");
        EXPECT_EQ(state("x"), job_state::completed);
        EXPECT_EQ(work::detail::word_of(b().job("x").envelope, "c"), std::nullopt);
    });
}

TEST_P(cancelling, ends_it_when_its_pool_died)
{
    each_way([&](work::exchange_answer const&, admin_action what) {
        act(what);
        live_through(16'000);
        auto const state_then = state("x");
        EXPECT_EQ(state_then, what == admin_action::kill ? job_state::dead : job_state::cancelled);
        EXPECT_EQ(b().outstanding({"*a"}).active, 0);
    });
}

TEST_P(cancelling, ends_one_that_was_dead_on_crash)
{
    enqueue({job("x")});
    auto const a = exchange("A", {.fetch_order = {{"*a", 1, true}}});
    exchange("A", {.started = {{a.claim, "x"}}, .want = 0});
    act(admin_action::cancel);
    live_through(16'000);
    EXPECT_EQ(state("x"), job_state::cancelled);
}

TEST_P(cancelling, forbids_a_start)
{
    enqueue({job("x"), job("y")});
    auto const a = exchange("A", {.fetch_order = {{"*a", 2, true}}});
    act(admin_action::cancel);
    EXPECT_EQ(codes(exchange("A", {.started = {{a.claim, "x"}, {a.claim, "y"}}, .want = 0})), "zk");
    EXPECT_EQ(report(a, outcome_kind::cancelled), "k");
    ends_as(admin_action::cancel);
}

TEST_P(cancelling, of_two_words_the_last_counts)
{
    auto const a = run();
    EXPECT_EQ(act(admin_action::kill), "m");
    EXPECT_EQ(act(admin_action::cancel), "m");
    EXPECT_EQ(report(a, outcome_kind::release), "z");
    ends_as(admin_action::cancel);
    forget();
    auto const c = run();
    EXPECT_EQ(act(admin_action::cancel), "m");
    EXPECT_EQ(act(admin_action::kill), "m");
    EXPECT_EQ(report(c, outcome_kind::release), "z");
    ends_as(admin_action::kill);
}

TEST_P(cancelling, comes_with_an_answer_that_is_repeated)
{
    enqueue({job("x")});
    auto const a = exchange_as("A", 1, {.fetch_order = {{"*a", 1, false}}});
    act(admin_action::cancel);
    auto const again = exchange_as("A", 1, {.fetch_order = {{"*a", 1, false}}});
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(ids(again), "x");
    ASSERT_EQ(again.cancels.size(), 1u);
    EXPECT_EQ(again.cancels[0].id, "x");
    EXPECT_EQ(again.cancels[0].claim, a.claim);
}

TEST_P(cancelling, ends_at_once_what_is_known_to_have_lost_its_process)
{
    for (admin_action const what : {admin_action::cancel, admin_action::kill}) {
        enqueue({job("x")});
        make_suspect();
        exchange("dying", {.suspects = true});
        // Its claim lapses, and the dead are gathered for a while.
        b().pass(16'000);
        exchange("A", {.want = 0});
        act(what);
        live_through(16'000);
        EXPECT_EQ(state("x"), what == admin_action::kill ? job_state::dead : job_state::cancelled);
        forget();
    }
}

TEST_P(cancelling, of_a_set_aside_record_is_forgotten_when_it_comes_back)
{
    auto const a = run();
    act(admin_action::cancel);
    std::string const envelope = b().job("x").envelope;
    b().overwrite("x", "garbage");
    report(a, outcome_kind::release);
    ASSERT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(text_of(b().restore("x", envelope)), "m");
    EXPECT_EQ(work::detail::word_of(b().job("x").envelope, "c"), std::nullopt);
    EXPECT_EQ(ids(claim("A")), "x");
}

TEST_P(cancelling, that_the_store_forgot_gives_the_job_back)
{
    auto const a = run();
    EXPECT_EQ(report(a, outcome_kind::cancelled), "k");
    EXPECT_EQ(state("x"), job_state::pending);
    EXPECT_EQ(b().job("x").envelope.substr(7, 4), "0000") << "at no cost";
}

TEST_P(cancelling, ends_what_a_claim_was_closed_without)
{
    each_way([&](work::exchange_answer const& a, admin_action what) {
        act(what);
        auto const jobs = static_cast<std::int64_t>(a.jobs.size());
        exchange("A", {.close = {{a.claim, jobs}}, .want = 0});
        ends_as(what);
    });
}

TEST_P(cancelling, word_that_somebody_wrote_by_hand_cancels)
{
    for (std::string const word : {"", "?", "x", "k", "xx,", "k1", "x99999999999999999999,}"}) {
        SCOPED_TRACE(word);
        auto const a = run();
        std::string const envelope = b().job("x").envelope;
        b().overwrite("x", work::detail::with_word("2 0008" + envelope.substr(6), "c", word));
        auto const info = work::read_record("x", b().job("x"));
        EXPECT_TRUE(info.cancelling);
        report(a, outcome_kind::release);
        EXPECT_NE(state("x"), job_state::active);
        forget();
    }
}

INSTANTIATE_TEST_SUITE_P(on, cancelling, both_sides, side_name);

}  // namespace
