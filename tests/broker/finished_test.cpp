// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The fast path of what completed: ids that callers chose, and jobs that failed before.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::enqueue_code;
using work::job_state;
using work::outcome_kind;

class finished_transition : public transitions
{
protected:
    std::vector<std::string_view> enqueue_chosen(int count)
    {
        std::vector<work::new_job> jobs;
        std::vector<std::string_view> ids;
        for (int i = 0; i != count; ++i) {
            ids.push_back(keep("order-" + std::to_string(i)));
            jobs.push_back(chosen(std::string(ids.back())));
        }
        enqueue(std::move(jobs));
        return ids;
    }
    enqueue_code again(std::string const& id) { return enqueue({chosen(id)}).jobs[0].code; }
    static work::finished_jobs of_chosen(
        work::claim_number claim,
        std::vector<std::string_view> ids,
        std::int64_t known_ms
    )
    {
        work::finished_jobs all{claim, std::move(ids)};
        all.known_ms = known_ms;
        return all;
    }
    std::string failing(work::claim_number claim, char const* id)
    {
        work::job_outcome failed{claim, id, outcome_kind::retry, 100, R"({"type":"e"})"};
        return codes(exchange("A", {.outcomes = {failed}, .close = {claim}, .want = 0}));
    }
};

// One, some and very many; with the end of their claim and without it.
TEST_P(finished_transition, chosen_ids_stay_known_as_long_as_is_said)
{
    for (int const count : {1, 2, 40, 256}) {
        for (bool const closes : {true, false}) {
            start_over();
            SCOPED_TRACE(std::to_string(count) + (closes ? " with their claim" : ""));
            auto const all = enqueue_chosen(count);
            auto const a = claim("A");
            ASSERT_EQ(a.jobs.size(), static_cast<std::size_t>(count));
            said words{.finished = {of_chosen(a.claim, all, 3'000)}, .want = 0};
            if (closes)
                words.close = {work::closed_claim(a.claim, count)};
            EXPECT_EQ(codes(exchange("A", words)), "k");
            EXPECT_EQ(again("order-0"), enqueue_code::duplicate);
            b().pass(3'001);
            EXPECT_EQ(again("order-0"), enqueue_code::stored);
            EXPECT_EQ(b().counts().active, 0);
            exchange("A", {.want = 0, .chores = true});
            EXPECT_EQ(key("traces"), "-");
        }
    }
}

// The claim goes on with others: an id that nobody knows any more may be another job at once.
TEST_P(finished_transition, a_chosen_id_that_is_enqueued_anew_is_not_in_the_claim_of_before)
{
    for (int const count : {2, 40}) {
        start_over();
        SCOPED_TRACE(count);
        auto const all = enqueue_chosen(count);
        auto const a = claim("A");
        EXPECT_EQ(
            codes(exchange("A", {.finished = {of_chosen(a.claim, {all[1]}, 0)}, .want = 0})),
            "k"
        );
        EXPECT_EQ(again("order-1"), enqueue_code::stored);
        EXPECT_EQ(b().job("order-1").state, job_state::pending);
        EXPECT_EQ(b().job("order-0").state, job_state::active);
        // What is said of it under the old claim is not of this one.
        work::job_outcome late{a.claim, "order-1", outcome_kind::dead, 0, "{}"};
        EXPECT_EQ(codes(exchange("A", {.outcomes = {late}, .want = 0})), "l");
        EXPECT_EQ(
            codes(exchange("A", {.finished = {of_chosen(a.claim, {all[1]}, 0)}, .want = 0})),
            "p"
        );
        std::vector<std::string_view> rest(all.begin() + 2, all.end());
        rest.push_back(all[0]);
        said last{.finished = {of_chosen(a.claim, rest, 0)}, .want = 0};
        last.close = {work::closed_claim(a.claim, count)};
        EXPECT_EQ(codes(exchange("A", last)), "k");
        EXPECT_EQ(ids(claim("B")), "order-1");
    }
}

// Somebody wrote over the record of one that runs: it ends as the others that are told with it,
// whether some of its claim left before or not.
TEST_P(finished_transition, a_chosen_id_whose_record_is_garbage_ends_as_those_beside_it)
{
    for (bool const some_left : {false, true})
        for (bool const closes : {false, true}) {
            start_over();
            SCOPED_TRACE(std::to_string(some_left) + std::to_string(closes));
            auto const all = enqueue_chosen(4);
            auto const a = claim("A");
            if (some_left)
                exchange("A", {.finished = {of_chosen(a.claim, {all[0]}, 0)}, .want = 0});
            b().overwrite("order-2", "nonsense");
            check_invariants_ = false;
            said words{.want = 0};
            words.finished = {of_chosen(a.claim, {all[1], all[2], all[3]}, 3'000)};
            if (closes)
                words.close = {work::closed_claim(a.claim, 4)};
            auto const answer = exchange("A", words);
            EXPECT_EQ(codes(answer), "k");
            for (char const* id : {"order-1", "order-2", "order-3"}) {
                EXPECT_EQ(state(id), job_state::unknown) << id;
                EXPECT_EQ(again(id), enqueue_code::duplicate) << id;
            }
            EXPECT_EQ(key("set_aside"), "-");
        }
}

TEST_P(finished_transition, of_those_that_failed_before_failures_and_logs_go)
{
    enqueue({job("f"), chosen("order-f")});
    auto const first = claim("A", 1);
    EXPECT_EQ(failing(first.claim, "f"), "k");
    auto const second = claim("A", 1);
    EXPECT_EQ(failing(second.claim, "order-f"), "k");
    b().pass(200);
    auto const both = claim("A");
    ASSERT_EQ(both.jobs.size(), 2u);
    work::job_log_lines log{both.claim, "f", {"a line"}};
    exchange("A", {.logs = {log}, .want = 0});
    EXPECT_NE(key("log:f"), "-");
    work::finished_jobs plain{both.claim, {"f"}};
    plain.forgets = true;
    work::finished_jobs known = of_chosen(both.claim, {"order-f"}, 1'000);
    known.forgets = true;
    EXPECT_EQ(
        codes(exchange("A", {.finished = {plain, known}, .close = {both.claim}, .want = 0})),
        "kk"
    );
    for (auto const& [name, value] : b().dump())
        EXPECT_FALSE(name.starts_with("failures:") || name.starts_with("log:")) << name << value;
    EXPECT_EQ(again("order-f"), enqueue_code::duplicate);
    EXPECT_EQ(b().counts().active, 0);
}

// Closed at the same time and later, of chosen ids and others, with what failed and without it.
TEST_P(finished_transition, slots_are_given_back)
{
    for (bool const closes : {true, false}) {
        for (bool const forgets : {true, false}) {
            for (bool const is_chosen : {true, false}) {
                start_over();
                SCOPED_TRACE(
                    std::string(closes ? "closes " : "") + (forgets ? "forgets " : "") +
                    (is_chosen ? "chosen" : "")
                );
                work::limit_change two{"some"};
                two.slots = 2;
                two.scope.emplace().names.emplace_back("a");
                ASSERT_EQ(b().change_limit(two), work::limit_code::done);
                enqueue({is_chosen ? chosen("x") : job("x"), is_chosen ? chosen("y") : job("y")});
                auto const a = claim("A");
                ASSERT_EQ(ids(a), "x y");
                enqueue({job("z")});
                EXPECT_EQ(ids(claim("B")), "");
                work::finished_jobs done{a.claim, {"x"}};
                done.forgets = forgets;
                if (is_chosen)
                    done.known_ms = 1'000;
                said words{.finished = {done}, .want = 0};
                if (closes) {
                    words.finished[0].ids.emplace_back("y");
                    words.close = {work::closed_claim(a.claim, 2)};
                }
                EXPECT_EQ(codes(exchange("A", words)), "k");
                EXPECT_EQ(ids(claim("B")), "z");
            }
        }
    }
}

TEST_P(finished_transition, what_is_not_there_any_more_is_told_as_partly_and_stays_unknown)
{
    auto const all = enqueue_chosen(3);
    auto const a = claim("A");
    cancel_all({"order-1"});
    auto const gone = exchange("A", {.finished = {of_chosen(a.claim, all, 9'000)}, .want = 0});
    EXPECT_EQ(codes(gone), "p");
    EXPECT_EQ(again("order-0"), enqueue_code::duplicate);
    exchange("A", {.close = {a.claim}, .want = 0});
    EXPECT_EQ(codes(exchange("A", {.finished = {of_chosen(a.claim, all, 9'000)}, .want = 0})), "l");
}

INSTANTIATE_TEST_SUITE_P(on, finished_transition, both_sides, side_name);

}  // namespace
