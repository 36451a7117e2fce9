// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What people did to a job is kept with it, and goes with it.

#include <work/values/job_log.hpp>
#include <work/values/past_action.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::admin_action;
using work::past_action;

class past_actions : public transitions
{
protected:
    std::string act(admin_action action, std::string const& by = "ada", std::string queue = "")
    {
        work::admin_request request;
        request.action = action;
        request.ids = {"x"};
        request.by = by;
        request.reason = "as \"said\"\n";
        request.queue = std::move(queue);
        return text_of(b().act(request));
    }
    /// "ada requeue dead" for each.
    std::string history()
    {
        std::string all;
        for (past_action const& one : work::detail::read_history(b().job("x").history)) {
            EXPECT_EQ(one.at_ms, b().now_ms());
            EXPECT_EQ(one.reason, one.action == "edit" ? "" : "as \"said\"\n");
            all += one.by + " " + one.action + (one.what.empty() ? "" : " " + one.what) + " " +
                   one.was + "; ";
        }
        return all;
    }
    void edit(std::string const& by)
    {
        work::edit_request request;
        request.id = "x";
        request.version = b().job("x").version;
        request.envelope = b().job("x").envelope;
        request.what = "priority";
        request.by = by;
        EXPECT_EQ(b().edit(request).code, work::admin_code::done);
    }
};

TEST_P(past_actions, are_kept_with_the_job_whatever_becomes_of_it)
{
    enqueue({chosen("x")});
    EXPECT_EQ(history(), "");
    act(admin_action::move, "ada", "q");
    act(admin_action::kill, "bob");
    act(admin_action::requeue);
    EXPECT_EQ(history(), "ada move q pending; bob kill pending; ada requeue dead; ");
    auto const claimed = exchange("A", {.fetch_order = {{"q:a", 1, false}}, .want = 1});
    ASSERT_EQ(ids(claimed), "x");
    EXPECT_EQ(history(), "ada move q pending; bob kill pending; ada requeue dead; ");
    act(admin_action::cancel);
    EXPECT_EQ(history(), "ada move q pending; bob kill pending; ada requeue dead; ")
        << "who holds it is told, and keeps nothing of it";
    exchange(
        "A",
        {.outcomes = {{claimed.claim, "x", work::outcome_kind::retry, 0, "{}"}}, .want = 0}
    );
    EXPECT_EQ(
        history(),
        "ada move q pending; bob kill pending; ada requeue dead; ada cancel active; "
    );
    EXPECT_EQ(b().job("x").state, work::job_state::cancelled);
    act(admin_action::remove);
    EXPECT_EQ(key("log:x"), "-");
}

TEST_P(past_actions, of_one_that_runs_are_kept_from_its_end_on)
{
    for (auto const action : {admin_action::cancel, admin_action::kill}) {
        enqueue({chosen("x")});
        auto const a = claim("A");
        act(action);
        EXPECT_EQ(key("log:x"), "-");
        std::int64_t const asked = b().now_ms();
        b().pass(1'000);
        exchange(
            "A",
            {.outcomes = {{a.claim, "x", work::outcome_kind::retry, 0, "{}"}}, .want = 0}
        );
        auto const kept = work::detail::read_history(b().job("x").history);
        ASSERT_EQ(kept.size(), 1u);
        EXPECT_EQ(kept[0].action, to_string(action));
        EXPECT_EQ(kept[0].by, "ada");
        EXPECT_EQ(kept[0].reason, "as \"said\"\n");
        EXPECT_EQ(kept[0].was, "active");
        EXPECT_EQ(kept[0].at_ms, asked) << "when it was asked for";
        act(admin_action::remove);
        EXPECT_EQ(key("log:x"), "-");
    }
}

TEST_P(past_actions, of_one_that_completes_all_the_same_go_with_it)
{
    enqueue({chosen("x")});
    auto const a = claim("A");
    act(admin_action::cancel);
    exchange("A", {.outcomes = {{a.claim, "x", work::outcome_kind::complete, 0, ""}}, .want = 0});
    EXPECT_NE(b().job("x").state, work::job_state::cancelled);
    EXPECT_EQ(key("log:x"), "-");
}

TEST_P(past_actions, of_one_whose_process_died_are_kept_at_once)
{
    enqueue({chosen("x")});
    make_suspect();
    act(admin_action::kill);
    EXPECT_EQ(history(), "ada kill suspect; ");
}

TEST_P(past_actions, are_not_of_what_changed_nothing_nor_of_nobody)
{
    enqueue({chosen("x")});
    act(admin_action::requeue);
    act(admin_action::remove);
    act(admin_action::move, "ada", "a");
    act(admin_action::move, "", "q");
    EXPECT_EQ(history(), "");
    EXPECT_EQ(key("log:x"), "-");
}

TEST_P(past_actions, are_the_last_twenty_and_are_no_lines_of_its_log)
{
    enqueue({chosen("x")});
    for (int i = 0; i != 25; ++i)
        act(admin_action::move, "ada", "q" + std::to_string(i % 3));
    auto const kept = work::detail::read_history(b().job("x").history);
    ASSERT_EQ(kept.size(), 20u);
    EXPECT_EQ(kept.front().what, "q2");
    EXPECT_EQ(kept.back().what, "q0");
    auto const claimed = exchange("A", {.fetch_order = {{"q0:a", 1, false}}, .want = 1});
    ASSERT_EQ(ids(claimed), "x");
    auto const log = work::read_job_log("x", {std::string(work::detail::history_line), "a line"});
    EXPECT_EQ(log.lines.size(), 1u);
}

TEST_P(past_actions, go_with_what_is_kept_of_a_cancelled_job)
{
    enqueue({chosen("x")});
    act(admin_action::cancel);
    EXPECT_EQ(history(), "ada cancel pending; ");
    EXPECT_NE(key("log:x"), "-");
    act(admin_action::remove);
    EXPECT_EQ(b().job("x").state, work::job_state::unknown);
    EXPECT_EQ(key("log:x"), "-");
}

TEST_P(past_actions, go_with_a_job_that_completes)
{
    enqueue({chosen("x")});
    act(admin_action::move, "ada", "q");
    auto const claimed = exchange("A", {.fetch_order = {{"q:a", 1, false}}, .want = 1});
    ASSERT_EQ(ids(claimed), "x");
    exchange(
        "A",
        {.outcomes = {{claimed.claim, "x", work::outcome_kind::complete, 0, ""}}, .want = 0}
    );
    EXPECT_EQ(key("log:x"), "-");
}

TEST_P(past_actions, tell_of_edits)
{
    enqueue({chosen("x")});
    edit("");
    EXPECT_EQ(history(), "");
    edit("eve");
    EXPECT_EQ(history(), "eve edit priority pending; ");
}

INSTANTIATE_TEST_SUITE_P(on, past_actions, both_sides, side_name);

}  // namespace
