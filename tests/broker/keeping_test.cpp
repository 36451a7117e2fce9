// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/values/envelope_parts.hpp>

#include <gmock/gmock.h>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using testing::HasSubstr;
using work::job_state;
using work::outcome_kind;

/// What is kept for people, its bounds, and the ways back.
class keeping : public transitions
{
protected:
    work::new_job with_args(std::string id, std::string const& args, std::string list = "a")
    {
        work::new_job j = job(std::move(id), std::move(list));
        std::string envelope(j.envelope.substr(0, j.envelope.size() - 2));
        j.envelope = keep(envelope + args);
        return j;
    }
    /// Takes the jobs there are, and lets them end so.
    work::exchange_answer end(outcome_kind kind, work::retention_limits limits = {})
    {
        limits_ = limits;
        auto const a = claim("A");
        said words{.want = 0};
        for (auto const& j : a.jobs)
            words.outcomes.push_back({a.claim, j.id, kind, 0, "{\"k\":1}"});
        words.close = {a.claim};
        words.limits = limits;
        return exchange("A", std::move(words));
    }
    std::int64_t bytes(std::string const& what)
    {
        auto const text = key("bytes:" + what);
        auto const at = text.find("\n   => ");
        return at == text.npos ? 0 : std::stoll(text.substr(at + 7));
    }
    work::retention_limits limits_;
};

TEST_P(keeping, completed_record_has_the_beginning_of_its_arguments_and_says_how_many_there_were)
{
    enqueue({with_args("x", std::string(5'000, 'y'))});
    end(outcome_kind::complete);
    auto const record = b().job("x");
    ASSERT_EQ(record.state, job_state::completed);
    EXPECT_EQ(record.when_ms, b().now_ms());
    auto const body = work::body_of(record.envelope);
    EXPECT_EQ(body, "\n" + std::string(1'024, 'y'));
    EXPECT_EQ(work::stated_body_bytes(record.envelope), 5'001);
    EXPECT_LT(bytes("kept"), 1'200);
}

TEST_P(keeping, completed_record_is_cut_between_characters)
{
    std::string text;
    while (text.size() < 3'000)
        text += "\u20ac";  // three bytes: 1 024 is no multiple of three
    enqueue({with_args("x", text), with_args("y", "z" + text), with_args("z", "zz" + text)});
    end(outcome_kind::complete);
    EXPECT_EQ(work::body_of(b().job("x").envelope).size(), 1u + 1'023);
    EXPECT_EQ(work::body_of(b().job("y").envelope).size(), 1u + 1'024);
    EXPECT_EQ(work::body_of(b().job("z").envelope).size(), 1u + 1'022);
}

TEST_P(keeping, short_completed_record_is_kept_as_it_is)
{
    auto const x = with_args("x", std::string(1'024, 'y'));
    enqueue({x});
    end(outcome_kind::complete);
    EXPECT_EQ(b().job("x").envelope, x.envelope);
}

TEST_P(keeping, completed_records_of_a_list_are_bounded_and_the_oldest_goes)
{
    work::retention_limits limits;
    limits.completed_per_list = 3;
    for (int i = 0; i != 5; ++i) {
        enqueue({job("x" + std::to_string(i)), job("y" + std::to_string(i), "b")});
        claim("A", 0);
        auto const a = exchange("A", {.fetch_order = {{"a", 9, false}, {"b", 9, false}}});
        said words{.want = 0, .limits = limits};
        for (auto const& j : a.jobs)
            words.outcomes.push_back({a.claim, j.id, outcome_kind::complete, 0, "{}"});
        words.close = {a.claim};
        exchange("A", std::move(words));
        b().pass(1);
    }
    EXPECT_EQ(state("x1"), job_state::unknown);
    EXPECT_EQ(state("x2"), job_state::completed);
    EXPECT_EQ(state("y2"), job_state::completed);
}

TEST_P(keeping, completed_records_of_a_namespace_are_bounded_in_bytes_whatever_their_lists)
{
    work::retention_limits limits;
    limits.completed_bytes = 3'000;
    for (int i = 0; i != 9; ++i) {
        enqueue({with_args(
            "x" + std::to_string(i),
            std::string(900, 'x'),
            std::string(1, static_cast<char>('a' + i % 3))
        )});
        auto const a = claim("A", 9, keep(std::string(1, static_cast<char>('a' + i % 3))));
        exchange(
            "A",
            {.outcomes = {{a.claim, a.jobs.at(0).id, outcome_kind::complete, 0, "{}"}},
             .close = {a.claim},
             .want = 0,
             .limits = limits}
        );
        b().pass(1);
        EXPECT_LE(bytes("kept"), 3'000);
    }
    EXPECT_EQ(state("x5"), job_state::unknown);
    EXPECT_EQ(state("x6"), job_state::completed);
    EXPECT_EQ(key("completed:c").substr(0, 4), "zset");
}

TEST_P(keeping, completed_record_goes_a_day_later)
{
    enqueue({job("x")});
    end(outcome_kind::complete);
    b().pass(86'399'999);
    exchange("A", {.want = 0, .chores = true});
    EXPECT_EQ(state("x"), job_state::completed);
    b().pass(1);
    exchange("A", {.want = 0, .chores = true});
    EXPECT_EQ(state("x"), job_state::unknown);
    EXPECT_EQ(key("bytes:kept"), "-");
    EXPECT_EQ(key("completed:a"), "-");
}

TEST_P(keeping, id_that_completes_again_in_another_list_is_kept_once)
{
    enqueue({chosen("x")});
    end(outcome_kind::complete);
    enqueue({chosen("x", "b")});
    auto const a = claim("A", 1, "b");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::complete, 0, "{}"}}, .want = 0});
    EXPECT_EQ(key("completed:a"), "-");
    EXPECT_NE(key("completed:b"), "-");
}

TEST_P(keeping, dead_jobs_are_bounded_in_number_and_the_oldest_is_told)
{
    work::retention_limits limits;
    limits.dead = 2;
    for (int i = 0; i != 4; ++i) {
        enqueue({job("x" + std::to_string(i))});
        auto const a = end(outcome_kind::dead, limits);
        EXPECT_EQ(a.notes.size(), i < 2 ? 0u : 1u);
        if (i >= 2) {
            EXPECT_EQ(
                a.notes.at(0),
                "dead jobs above 2 or 268435456 bytes: the oldest 1 dropped, "
                "the last of them x" +
                    std::to_string(i - 2)
            );
        }
        b().pass(1);
    }
    EXPECT_EQ(state("x1"), job_state::unknown);
    EXPECT_EQ(failures_key("x1"), "-");
    EXPECT_EQ(b().counts().dead, 2);
}

TEST_P(keeping, dead_jobs_are_bounded_in_bytes_with_their_bodies)
{
    work::retention_limits limits;
    limits.dead_bytes = 100'000;
    for (int i = 0; i != 4; ++i) {
        enqueue({with_args("x" + std::to_string(i), std::string(40'000, 'x'))});
        end(outcome_kind::dead, limits);
        EXPECT_LE(bytes("dead"), 100'000);
        b().pass(1);
    }
    EXPECT_EQ(b().counts().dead, 2);
    b().remove({"x2", "x3"});
    EXPECT_EQ(key("bytes:dead"), "-");
}

TEST_P(keeping, set_aside_records_are_bounded_and_the_oldest_is_told)
{
    work::retention_limits limits;
    limits.set_aside = 1;
    enqueue({job("x")});
    end(outcome_kind::set_aside, limits);
    b().pass(1);
    enqueue({with_args("y", std::string(20'000, 'y'))});
    auto a = end(outcome_kind::set_aside, limits);
    EXPECT_EQ(state("x"), job_state::unknown);
    ASSERT_EQ(a.notes.size(), 2u);
    EXPECT_THAT(a.notes[1], HasSubstr("set aside jobs above 1"));
    limits.set_aside_bytes = 100;
    enqueue({job("z")});
    end(outcome_kind::set_aside, limits);
    EXPECT_EQ(state("y"), job_state::unknown);
    EXPECT_EQ(state("z"), job_state::set_aside);
}

TEST_P(keeping, usual_limits_hold_where_none_are_said)
{
    for (int i = 0; i != 4; ++i)
        enqueue({with_args("x" + std::to_string(i), std::string(1'000, 'x'))});
    end(outcome_kind::complete);
    EXPECT_EQ(b().job("x0").state, job_state::completed);
}

TEST_P(keeping, traces_are_trimmed_a_thousand_at_a_time)
{
    for (int batch = 0; batch != 6; ++batch) {
        std::vector<work::new_job> jobs;
        for (int i = 0; i != 250; ++i)
            jobs.push_back(chosen("x" + std::to_string(batch * 250 + i)));
        enqueue(std::move(jobs));
        auto const a = claim("A");
        said words{.want = 0};
        for (auto const& j : a.jobs)
            words.outcomes.push_back({a.claim, j.id, outcome_kind::discard, 1'000, {}});
        words.close = {a.claim};
        exchange("A", std::move(words));
    }
    b().pass(2'000);
    EXPECT_TRUE(exchange("A", {.want = 0, .chores = true}).more);
    EXPECT_NE(key("traces"), "-");
    EXPECT_FALSE(exchange("A", {.want = 0, .chores = true}).more);
    EXPECT_EQ(key("traces"), "-");
}

TEST_P(keeping, set_aside_record_that_can_be_read_comes_back_by_requeue)
{
    auto const x = with_args("x", std::string(20'000, 'x'));
    enqueue({x});
    end(outcome_kind::set_aside);
    ASSERT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(text_of(b().requeue({"x"})), "m");
    EXPECT_EQ(key("set_aside"), "-");
    auto const a = claim("A");
    ASSERT_EQ(ids(a), "x");
    EXPECT_EQ(work::body_of(a.jobs[0].envelope), work::body_of(x.envelope));
}

TEST_P(keeping, record_that_still_cannot_be_read_stays_until_it_is_mended)
{
    enqueue({job("x")});
    b().overwrite("x", "garbage");
    auto const a = claim("A");
    exchange("A", {.outcomes = {{a.claim, "x", outcome_kind::set_aside, 0, {}}}, .want = 0});
    EXPECT_EQ(text_of(b().requeue({"x"})), "u");
    EXPECT_EQ(b().restore("x", "garbage too"), work::admin_code::unreadable);
    EXPECT_EQ(b().job("x").envelope, "garbage");
    auto const mended = job("x", "b");
    EXPECT_EQ(b().restore("x", std::string(mended.envelope)), work::admin_code::done);
    EXPECT_TRUE(b().take_wakeup("*b"));
    EXPECT_EQ(ids(claim("A", 1, "b")), "x");
    EXPECT_EQ(b().restore("x", std::string(mended.envelope)), work::admin_code::gone);
}

// Were it told by numbers alone that it ended, it would seem to be in its claim again when its id
// is used again.
TEST_P(keeping, what_is_brought_back_may_be_enqueued_again_while_its_claim_goes_on)
{
    auto const mended = job("x");
    enqueue({mended});
    b().overwrite("x", "garbage");
    end(outcome_kind::set_aside);
    ASSERT_EQ(b().restore("x", std::string(mended.envelope)), work::admin_code::done);
    EXPECT_EQ(b().job("x").envelope.substr(0, 6), "2 0001");  // its end is told by name
    enqueue_many(40);
    auto const large = claim("A", 41);
    ASSERT_EQ(large.jobs.size(), 41u);
    ASSERT_EQ(large.claim % 2, 1) << "not a large claim";
    exchange("A", {.outcomes = {{large.claim, "x", outcome_kind::complete, 0, {}}}, .want = 0});
    enqueue({mended});  // the broker's invariants are checked at the end
    EXPECT_EQ(state("x"), job_state::pending);
}

TEST_P(keeping, set_aside_record_can_be_deleted)
{
    enqueue({with_args("x", std::string(20'000, 'x'))});
    end(outcome_kind::set_aside);
    EXPECT_EQ(text_of(b().remove({"x"})), "m");
    EXPECT_EQ(state("x"), job_state::unknown);
    for (char const* const name : {"bytes:set_aside", "set_aside", "set_aside_at"})
        EXPECT_EQ(key(name), "-");
}

TEST_P(keeping, jobs_of_small_and_large_claims_are_found)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 100; ++i)
        jobs.push_back(chosen("x" + std::to_string(i)));
    enqueue(std::move(jobs));
    auto const lone = claim("A", 1);
    auto const small = claim("A", 32);
    auto const large = claim("A", 33);
    EXPECT_EQ(lone.claim % 2, 0);
    EXPECT_EQ(small.claim % 2, 0);
    EXPECT_EQ(large.claim % 2, 1);
    for (auto const* const c : {&lone, &small, &large}) {
        for (auto const& j : c->jobs) {
            auto const record = b().job(std::string(j.id));
            EXPECT_EQ(record.state, job_state::active);
            EXPECT_EQ(record.claim, c->claim);
            EXPECT_EQ(record.pool, "A");
        }
    }
    EXPECT_EQ(state("x99"), job_state::pending);
    EXPECT_EQ(text_of(b().requeue({"x0", "x40", "x99", "none"})), "aapg");
    EXPECT_EQ(text_of(b().cancel({"x0", "x40", "x99", "none"})), "mmmg");
    std::vector<std::string> rest;
    for (int i = 1; i != 99; ++i) {
        if (i != 40)
            rest.push_back("x" + std::to_string(i));
    }
    EXPECT_EQ(text_of(b().cancel(rest)), std::string(97, 'm'));
    rest.insert(rest.end(), {"x0", "x40"});
    cancel_all(rest);
    EXPECT_EQ(b().counts().pending + b().counts().active, 0);
}

TEST_P(keeping, more_large_claims_than_one_call_looks_through)
{
    for (int batch = 0; batch != 70; ++batch) {
        std::vector<work::new_job> jobs;
        for (int i = 0; i != 33; ++i)
            jobs.push_back(chosen("x" + std::to_string(batch * 33 + i)));
        enqueue(std::move(jobs));
        claim("A");
    }
    enqueue({chosen("p")});
    EXPECT_EQ(state("x0"), job_state::active);
    EXPECT_EQ(state("x2309"), job_state::active);
    EXPECT_EQ(state("p"), job_state::pending);
    std::vector<std::string> some{"p"};
    for (int i = 0; i < 2'310; i += 16)
        some.push_back("x" + std::to_string(i));
    EXPECT_EQ(text_of(b().requeue(some)), "p" + std::string(some.size() - 1, 'a'));
    EXPECT_EQ(text_of(b().cancel(some)), std::string(some.size(), 'm'));
}

INSTANTIATE_TEST_SUITE_P(on, keeping, both_sides, side_name);

}  // namespace
