// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/policy.hpp>

#include <algorithm>
#include <gmock/gmock.h>

#include "support/needs_fixture.hpp"

namespace {

using namespace work_test;
using testing::HasSubstr;
using work::job_state;
using work::otherwise;
using work::outcome_kind;
using work::detail::job_need;

/// Jobs of whom it is said in parts whom they need, and that wait at a gate of their own.
class needs_in_parts : public needs_fixture
{
protected:
    work::new_job first_of(
        std::string const& id,
        std::vector<job_need> needed,
        std::vector<std::string> beside = {}
    )
    {
        work::detail::job_links links;
        links.needs = std::move(needed);
        links.beside = std::move(beside);
        links.gate = "g";
        return bound(job(id, "b"), std::move(links));
    }
    static work::new_job more_of(std::string id, std::vector<job_need> needed)
    {
        return needs_fixture::more_of(std::move(id), "g", std::move(needed));
    }
    void expect_consistent()
    {
        for (std::string const& broken : broker_invariants::broken(b().dump()))
            ADD_FAILURE() << broken;
    }
    void chores()
    {
        b().pass(5'000);
        exchange("A", {.want = 0, .chores = true});
    }
};

TEST_P(needs_in_parts, run_when_all_have_completed_and_all_are_said)
{
    // Those that are said already end before, between and after the parts.
    for (int const end_early : {0, 1, 2, 3}) {
        start_over();
        SCOPED_TRACE(end_early);
        enqueue({job("x"), job("y"), job("z")});
        auto const a = claim("A");
        auto const end_of = [&](std::string const& id) {
            work::finished_jobs done{a.claim, {id}};
            exchange("A", {.finished = {done}, .want = 0});
        };
        EXPECT_EQ(store({first_of("child", {{"x"}})}), "s");
        if (end_early > 0)
            end_of("x");
        EXPECT_EQ(store({more_of("child", {{"y"}})}), "s");
        if (end_early > 1)
            end_of("y");
        expect_consistent();
        EXPECT_EQ(store({more_of("child", {{"z"}})}), "s");
        if (end_early > 2)
            end_of("z");
        EXPECT_EQ(state("child"), job_state::waiting);
        EXPECT_THAT(key("uncommitted"), HasSubstr("g"));
        EXPECT_EQ(store({commit("g", 1)}), "s");
        int at = 0;
        for (std::string const id : {"x", "y", "z"}) {
            if (end_early > at++)
                continue;
            EXPECT_EQ(state("child"), job_state::waiting);
            end_of(id);
        }
        EXPECT_EQ(state("child"), job_state::pending);
        expect_consistent();
        for (char const* const name : {"needs:child", "flow:g", "uncommitted", "then:{g", "flows"})
            EXPECT_EQ(key(name), "-") << name;
    }
}

TEST_P(needs_in_parts, are_said_in_one_batch_as_well)
{
    enqueue({job("x"), job("y")});
    auto const a = claim("A");
    EXPECT_EQ(
        store(
            {first_of("child", {{"x"}}),
             more_of("child", {{"y"}}),
             after("next", {{"child"}}),
             commit("g", 1)}
        ),
        "s s s s"
    );
    end(a, outcome_kind::complete);
    EXPECT_EQ(state("child"), job_state::pending);
    EXPECT_EQ(state("next"), job_state::waiting);
    end(claim("A", 1, "b"), outcome_kind::complete);
    EXPECT_EQ(state("next"), job_state::pending);
    expect_consistent();
}

TEST_P(needs_in_parts, that_were_there_before_hand_on_what_they_left)
{
    enqueue({job("x"), job("y")});
    end(claim("A"), outcome_kind::complete, R"({"outcome":"done","result":1})");
    enqueue({job("z")});
    EXPECT_EQ(store({first_of("child", {{"z"}})}), "s");
    EXPECT_EQ(
        store({more_of("child", {{"x", otherwise::cancel, "one"}, {"y", otherwise::run}})}),
        "s"
    );
    EXPECT_EQ(given("child", "one"), "completed\n{\"outcome\":\"done\",\"result\":1}");
    EXPECT_EQ(given("child", "y"), "completed\n{\"outcome\":\"done\",\"result\":1}");
    EXPECT_EQ(b().job("child").bonds.needs_left, 2) << "z, and the gate";
}

TEST_P(needs_in_parts, that_left_no_result_leave_nothing_though_they_are_kept)
{
    enqueue({job("x"), job("y")});
    auto const a = claim("A");
    EXPECT_EQ(store({after("child", {{"x"}})}), "s");
    end(a, outcome_kind::complete, R"({"outcome":"done","run_us":3})");
    EXPECT_EQ(state("child"), job_state::pending);
    EXPECT_EQ(given("child", "x"), "-");
    EXPECT_EQ(store({after("late", {{"y"}})}), "s");
    EXPECT_EQ(given("late", "y"), "-");
    EXPECT_EQ(key("given:child"), "-");
}

TEST_P(needs_in_parts, that_cant_be_met_cancel_the_job)
{
    enqueue({job("x"), job("dead")});
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "dead", outcome_kind::dead, 0, "{}"}}, .want = 0});
    for (std::string const no : {"never", "dead"}) {
        SCOPED_TRACE(no);
        std::string const child = "child" + no;
        std::string const next = "next" + no;
        EXPECT_EQ(store({first_of(child, {{"x"}}), after(next, {{child}})}), "s s");
        EXPECT_EQ(store({more_of(child, {{no}})}), "n" + no);
        EXPECT_EQ(state(child), job_state::cancelled);
        EXPECT_THAT(b().job(child).kept, HasSubstr("what it needs is not there"));
        EXPECT_EQ(state(next), job_state::cancelled);
        // What is said after that changes nothing.
        EXPECT_EQ(store({more_of(child, {{"x"}})}), "s");
        EXPECT_EQ(state(child), job_state::cancelled);
        expect_consistent();
    }
}

TEST_P(needs_in_parts, may_not_close_a_circle)
{
    enqueue({job("x"), chosen("y")});
    auto const a = claim("A");
    // `behind` waits for x; the child comes beside x, so that `behind` waits for it as well.
    EXPECT_EQ(store({after("behind", {{"x"}})}), "s");
    EXPECT_EQ(store({first_of("child", {{"y"}}, {"x"})}), "s");
    EXPECT_EQ(store({after("far", {{"behind"}})}), "s");
    EXPECT_EQ(store({more_of("child", {{"far"}})}), "nchild");
    EXPECT_EQ(state("child"), job_state::cancelled);
    expect_consistent();
}

// What is known to close none is not looked at, however much it is.
TEST_P(needs_in_parts, that_are_closed_may_be_many_beside_one_that_is_waited_for)
{
    enqueue({job("x")});
    auto const a = claim("A");
    EXPECT_EQ(store({after("behind", {{"x"}})}), "s");
    constexpr int parts = 6;
    constexpr int size = 120;
    std::vector<job_need> ends;
    for (int i = 0; i != parts; ++i) {
        std::vector<work::new_job> some;
        std::vector<job_need> all;
        work::detail::job_links links;
        links.beside = {"x"};
        links.closed = true;
        links.gate = "g";
        for (int k = 0; k != size; ++k) {
            all.push_back({std::to_string(i) + "-" + std::to_string(k)});
            some.push_back(bound(job(all.back().id, "b"), links));
        }
        links.gate = "";
        links.needs = all;
        ends.push_back({"end" + std::to_string(i)});
        some.push_back(bound(job(ends.back().id, "b"), links));
        for (work::enqueued const& one : enqueue(std::move(some)).jobs)
            ASSERT_EQ(one.code, work::enqueue_code::stored) << one.other;
    }
    work::detail::job_links links;
    links.beside = {"x"};
    links.closed = true;
    links.gate = "g";
    links.needs = {ends.begin(), ends.begin() + 3};
    work::detail::job_links more = links;
    more.more_of = "last";
    more.needs = {ends.begin() + 3, ends.end()};
    work::new_job rest;
    rest.links = std::make_shared<work::detail::job_links const>(more);
    EXPECT_EQ(store({bound(job("last", "b"), links), rest}), "s s");
    links.closed = false;
    EXPECT_EQ(store({bound(job("open", "b"), links)}), "nbehind") << "too many to look at";
    EXPECT_EQ(store({commit("g", parts * size + 1)}), "s");
    end(a, outcome_kind::complete);
    settle();
    for (int left = parts * size + parts + 1; left > 0;) {
        auto const some = claim("A", 200, "b");
        ASSERT_FALSE(some.jobs.empty()) << left;
        left -= static_cast<int>(some.jobs.size());
        EXPECT_EQ(state("behind"), job_state::waiting);
        end(some, outcome_kind::complete);
        settle();
    }
    EXPECT_EQ(state("behind"), job_state::pending);
    expect_consistent();
}

TEST_P(needs_in_parts, that_are_never_all_said_are_given_up)
{
    for (bool const other_count : {false, true}) {
        start_over();
        enqueue({job("x")});
        EXPECT_EQ(store({first_of("child", {{"x"}}), after("next", {{"child"}})}), "s s");
        end(claim("A"), outcome_kind::complete);
        for (std::int64_t waited = 0; waited < work::policy::commit_ms - 5'000; waited += 5'000) {
            chores();
            ASSERT_EQ(state("child"), job_state::waiting) << waited;
        }
        if (other_count)
            EXPECT_EQ(store({commit("g", 2)}), "n{g");
        else
            chores();
        EXPECT_EQ(state("child"), job_state::cancelled);
        EXPECT_THAT(b().job("child").kept, HasSubstr("its flow was not stored whole"));
        EXPECT_EQ(state("next"), job_state::cancelled);
        EXPECT_EQ(store({commit("g", 1)}), "n{g");
        expect_consistent();
        for (char const* const name : {"flow:g", "uncommitted", "waiting"})
            EXPECT_EQ(key(name), "-") << name;
    }
}

// A gate that has opened is gone, and those that are still to be told of it don't take that for an
// end of another kind.
TEST_P(needs_in_parts, chores_give_up_nobody_who_is_still_to_be_told_of_the_gate)
{
    constexpr int many = 200;
    std::vector<work::new_job> all;
    for (int i = 0; i != many; ++i)
        all.push_back(first_of("c" + std::to_string(i), {}));
    all.push_back(commit("g", many));
    enqueue(std::move(all));
    EXPECT_GT(b().counts().waiting, 0) << "all were told in one call";
    chores();
    settle();
    EXPECT_EQ(b().counts().pending, many);
}

TEST_P(needs_in_parts, of_one_that_people_made_run_or_cancelled_are_not_heard)
{
    enqueue({job("x")});
    EXPECT_EQ(store({first_of("run", {{"x"}}), first_of("drop", {{"x"}})}), "s s");
    EXPECT_EQ(text_of(b().requeue({"run"})), "m");
    EXPECT_EQ(text_of(b().cancel({"drop"})), "m");
    EXPECT_EQ(store({more_of("run", {{"x"}}), more_of("drop", {{"x"}})}), "s s");
    EXPECT_EQ(state("run"), job_state::pending);
    EXPECT_EQ(state("drop"), job_state::cancelled);
    for (char const* const name : {"needs:run", "needs:drop"})
        EXPECT_EQ(key(name), "-") << name;
    expect_consistent();
}

TEST_P(needs_in_parts, of_very_many_are_looked_at_by_chores_in_steps)
{
    constexpr int parts = 4;
    constexpr int size = 200;
    std::vector<work::new_job> all;
    std::vector<work::new_job> said{first_of("child", {})};
    for (int i = 0; i != parts; ++i) {
        std::vector<job_need> some;
        for (int k = 0; k != size; ++k) {
            some.push_back({"x" + std::to_string(i * size + k)});
            all.push_back(job(some.back().id));
        }
        said.push_back(more_of("child", std::move(some)));
    }
    for (std::size_t i = 0; i != all.size(); i += 200)
        enqueue(
            {all.begin() + static_cast<std::ptrdiff_t>(i),
             all.begin() + static_cast<std::ptrdiff_t>(i + 200)}
        );
    said.push_back(commit("g", 1));
    EXPECT_EQ(store(std::move(said)), "s s s s s s");
    EXPECT_EQ(b().job("child").bonds.needs_left, parts * size);
    for (int left = parts * size - 1; left > 0;) {
        auto const some = claim("A", std::min(left, 200));
        left -= static_cast<int>(some.jobs.size());
        end(some, outcome_kind::complete);
        settle();
    }
    EXPECT_EQ(b().job("child").bonds.needs_left, 1);
    exchange("A", {.want = 0, .chores = true});
    EXPECT_EQ(state("child"), job_state::waiting);
    end(claim("A", 1), outcome_kind::complete);
    EXPECT_EQ(state("child"), job_state::pending);
}

// One of very many ended, and its record said nothing of who needs it.
TEST_P(needs_in_parts, of_very_many_chores_find_each_that_went_unheard)
{
    constexpr int size = 800;
    std::vector<work::new_job> said{first_of("child", {})};
    for (int i = 0; i != size; i += 200) {
        std::vector<work::new_job> all;
        std::vector<job_need> some;
        for (int k = i; k != i + 200; ++k) {
            some.push_back({"x" + std::to_string(999 - k)});
            all.push_back(job(some.back().id));
        }
        enqueue(std::move(all));
        said.push_back(more_of("child", std::move(some)));
    }
    said.push_back(commit("g", 1));
    EXPECT_EQ(store(std::move(said)), "s s s s s s");
    b().overwrite("x999", std::string(job("x999").envelope));
    auto const first = claim("A", 1);
    ASSERT_EQ(first.jobs.front().id, "x999");
    end(first, outcome_kind::complete);
    EXPECT_EQ(b().job("child").bonds.needs_left, size) << "nobody told it";
    int steps = 0;
    for (; state("child") == job_state::waiting && steps != 300; ++steps)
        chores();
    EXPECT_EQ(state("child"), job_state::cancelled) << "nothing is known of one that it needs";
}

TEST_P(needs_in_parts, nobody_is_added_beside_one_that_too_many_need)
{
    enqueue({job("x")});
    auto const many = static_cast<int>(work::policy::most_bonds);
    std::vector<work::new_job> children;
    for (int i = 0; i != many; ++i)
        children.push_back(after("c" + std::to_string(i), {{"x"}}));
    enqueue(std::move(children));
    work::detail::job_links links;
    links.beside = {"x"};
    EXPECT_EQ(store({bound(job("beside"), links)}), "s");
    EXPECT_EQ(store({after("onemore", {{"x"}})}), "s");
    EXPECT_EQ(store({bound(job("no"), links)}), "n=x");
    EXPECT_EQ(state("no"), job_state::unknown);
}

INSTANTIATE_TEST_SUITE_P(on, needs_in_parts, both_sides, side_name);

}  // namespace
