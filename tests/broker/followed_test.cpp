// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::admin_code;
using work::job_state;
using work::outcome_kind;

class followed : public transitions
{
protected:
    work::admin_result follow(std::string id, std::string who = "c1")
    {
        return b().follow({std::move(id)}, who).at(0);
    }
    std::string who_follows(std::string const& id)
    {
        return std::string(
            work::detail::word_of(b().job(id).envelope, "w").value_or(std::string_view("-"))
        );
    }
};

TEST_P(followed, jobs_that_live_are_noted_once_for_each_client)
{
    enqueue({job("x")});
    EXPECT_EQ(follow("x"), (work::admin_result{admin_code::done, job_state::pending}));
    EXPECT_EQ(follow("x").code, admin_code::already);
    EXPECT_EQ(follow("x", "c2").code, admin_code::done);
    EXPECT_EQ(follow("x", "c").code, admin_code::done) << "the beginning of another name";
    EXPECT_EQ(who_follows("x"), "c1,c2,c");
    auto const a = claim("A");
    EXPECT_EQ(follow("x", "c3"), (work::admin_result{admin_code::done, job_state::active}));
    EXPECT_EQ(key("followed:" + std::to_string(a.claim)), "set\n  x");
}

TEST_P(followed, jobs_that_have_ended_say_how)
{
    enqueue({job("done"), job("dead"), job("gone")});
    auto const a = claim("A");
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "done", outcome_kind::complete, 0, "{\"outcome\":\"done\"}"},
              {a.claim, "dead", outcome_kind::dead, 0, "{\"why\":1}"},
              {a.claim, "gone", outcome_kind::complete, 0, {}}},
         .want = 0}
    );
    EXPECT_EQ(follow("done"), (work::admin_result{admin_code::moved_on, job_state::completed}));
    EXPECT_EQ(follow("dead"), (work::admin_result{admin_code::moved_on, job_state::dead}));
    EXPECT_EQ(follow("gone"), (work::admin_result{admin_code::gone, job_state::unknown}));
    EXPECT_EQ(follow("never").code, admin_code::gone);
}

// The pool does not know, and says so on the fast path.
TEST_P(followed, jobs_that_run_are_completed_one_by_one)
{
    for (int const many : {3, 40}) {
        start_over();
        enqueue_many(many);
        auto const a = claim("A");
        follow("j1");
        work::finished_jobs done{a.claim, {}};
        std::vector<std::string> names;
        for (int i = 0; i != many; ++i)
            names.push_back("j" + std::to_string(i));
        for (std::string const& name : names)
            done.ids.push_back(name);
        auto const said = exchange(
            "A",
            {.finished = {done}, .close = {work::closed_claim(a.claim, many)}, .want = 0}
        );
        EXPECT_EQ(codes(said), "k");
        EXPECT_EQ(state("j1"), job_state::unknown);
        EXPECT_EQ(key("stats"), "-") << "nothing was forgotten";
        EXPECT_EQ(key("followed:" + std::to_string(a.claim)), "-");
    }
}

TEST_P(followed, jobs_stay_so_until_they_are_dead_or_have_ended)
{
    enqueue({job("x")});
    follow("x");
    auto a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::retry, 0, "{\"why\":1}"}}, .want = 0});
    EXPECT_EQ(who_follows("x"), "c1");
    a = claim("A");
    work::new_job const next = job("x", "b");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::stage, 0, next.envelope}}, .want = 0});
    EXPECT_EQ(who_follows("x"), "c1");
    a = claim("A", 256, "*b");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::dead, 0, "{\"why\":2}"}}, .want = 0});
    EXPECT_EQ(who_follows("x"), "-");
}

TEST_P(followed, by_too_many_say_so)
{
    enqueue({job("x")});
    for (int i = 0; i != 16; ++i)
        EXPECT_EQ(follow("x", "c" + std::to_string(i)).code, admin_code::done);
    EXPECT_EQ(follow("x", "more"), (work::admin_result{admin_code::moved_on, job_state::pending}));
}

TEST_P(followed, jobs_of_a_claim_that_lapses_leave_nothing)
{
    enqueue({job("x")});
    auto const a = claim("A");
    follow("x");
    live_through(20'000);
    EXPECT_EQ(key("followed:" + std::to_string(a.claim)), "-");
    EXPECT_EQ(who_follows("x"), "c1");
}

INSTANTIATE_TEST_SUITE_P(on, followed, both_sides, side_name);

}  // namespace
