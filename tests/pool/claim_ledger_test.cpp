// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a pool reports about its claims, and when it closes and forgets them.

#include <work/pool/claim_ledger.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "claims.hpp"

namespace {

using namespace work::detail;
using pool_tests::claimed;
using work::claim_number;
using work::outcome_kind;

struct ledger_test : testing::Test
{
    claim& add(int jobs) { return ledger.add(claimed(++number, jobs)); }
    exchange_round take()
    {
        exchange_round round;
        ledger.take(round);
        return round;
    }
    void finish(claim& c, std::string_view id)
    {
        ledger.report_finished(c, work::detail::finished_apart{id}, "list");
        ledger.release(c);
    }
    void fail(claim& c, std::string_view id)
    {
        ledger.report(job_report{&c, id, outcome_kind::retry, 0, {}, {}});
        ledger.release(c);
    }
    static std::vector<claim_number> closes(exchange_round const& round)
    {
        std::vector<claim_number> numbers;
        for (work::closed_claim const& c : round.request.close)
            numbers.push_back(c.number);
        return numbers;
    }

    claim_ledger ledger;
    std::uint64_t number = 0;
};

TEST_F(ledger_test, a_claim_is_closed_with_its_last_report_and_forgotten_with_the_answer)
{
    claim& c = add(2);
    EXPECT_FALSE(ledger.has_reports());
    finish(c, "a");
    exchange_round const first = take();
    ASSERT_EQ(first.request.finished.size(), 1u);
    EXPECT_EQ(first.request.finished[0].ids, std::vector<std::string_view>{"a"});
    EXPECT_TRUE(first.request.close.empty());
    ledger.answered(first);
    EXPECT_FALSE(ledger.can_close());
    finish(c, "b");
    exchange_round const last = take();
    EXPECT_EQ(closes(last), std::vector<claim_number>{1});
    EXPECT_FALSE(ledger.empty());
    ledger.answered(last);
    EXPECT_TRUE(ledger.empty());
    EXPECT_TRUE(ledger.all_reported());
    EXPECT_EQ(ledger.unconfirmed(), 0u);
}

// With what is to stay known as long, and of a claim; what was counted goes with the first.
TEST_F(ledger_test, jobs_that_leave_the_same_behind_are_reported_together)
{
    using work::detail::finished_apart;
    claim& c = add(6);
    claim& other = add(1);
    for (auto const& [of, what] : std::vector<std::pair<claim*, finished_apart>>{
             {&c, {"a", 500, false}},
             {&c, {"b", {}, true}},
             {&c, {"c"}},
             {&other, {"x", 500, false}},
             {&c, {"d", 500, false}},
             {&c, {"e", 500, true}},
             {&c, {"f"}}
         }) {
        ledger.report_finished(*of, what, "list");
        ledger.release(*of);
    }
    EXPECT_EQ(ledger.unconfirmed(), 7u);
    exchange_round const round = take();
    std::string text;
    for (work::finished_jobs const& f : round.request.finished) {
        text += std::to_string(f.claim) + (f.known_ms ? " " + std::to_string(*f.known_ms) : "") +
                (f.forgets ? " forgets" : "") + ":";
        for (std::string_view const id : f.ids)
            text += " " + std::string(id);
        text += "\n";
    }
    EXPECT_EQ(text, "2 500: x\n1: c f\n1 500: a d\n1 forgets: b\n1 500 forgets: e\n");
    ASSERT_EQ(round.counted_of_finished.size(), 5u);
    EXPECT_EQ(round.counted_of_finished[0].front().jobs, 1);
    EXPECT_EQ(round.counted_of_finished[1].front().jobs, 6);
    EXPECT_TRUE(round.counted_of_finished[2].empty());
    EXPECT_EQ(closes(round), (std::vector<claim_number>{2, 1}));
    ledger.answered(round);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, a_claim_with_a_report_on_its_way_is_closed_after_the_answer)
{
    claim& c = add(2);
    finish(c, "a");
    exchange_round const first = take();
    fail(c, "b");
    exchange_round const second = take();
    EXPECT_TRUE(second.request.close.empty());
    ledger.answered(second);
    EXPECT_FALSE(ledger.can_close()) << "the first may come later";
    ledger.answered(first);
    EXPECT_TRUE(ledger.can_close());
    exchange_round const last = take();
    EXPECT_EQ(closes(last), std::vector<claim_number>{1});
    ledger.answered(last);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, a_claim_is_kept_while_a_frame_uses_its_bytes)
{
    claim& c = add(1);
    ledger.settled(c);  // it was cancelled, and its handler goes on
    exchange_round const round = take();
    EXPECT_EQ(closes(round), std::vector<claim_number>{1});
    ledger.answered(round);
    EXPECT_FALSE(ledger.empty());
    ledger.release(c);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, nothing_is_reported_about_a_lost_claim)
{
    claim& c = add(3);
    finish(c, "a");
    fail(c, "b");
    EXPECT_EQ(ledger.lose(1), &c);
    EXPECT_EQ(ledger.lose(1), nullptr) << "once";
    EXPECT_EQ(ledger.lose(2), nullptr) << "of another pool";
    exchange_round const round = take();
    EXPECT_TRUE(round.request.finished.empty());
    EXPECT_TRUE(round.outcomes.empty());
    EXPECT_TRUE(round.request.close.empty());
    ledger.answered(round);
    EXPECT_FALSE(ledger.empty()) << "a job of it still runs";
    ledger.release(c);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, of_a_closing_claim_its_last_request_tells)
{
    claim& c = add(1);
    finish(c, "a");
    exchange_round const round = take();
    EXPECT_EQ(ledger.lose(1), nullptr);
    EXPECT_FALSE(c.lost);
    ledger.answered(round);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, reports_of_a_request_that_nobody_answered_are_counted)
{
    claim& c = add(4);
    finish(c, "a");
    fail(c, "b");
    exchange_round const round = take();
    EXPECT_EQ(ledger.unconfirmed(), 2u);
    finish(c, "c");
    EXPECT_EQ(ledger.unconfirmed(), 3u);
    ledger.unanswered(round);
    EXPECT_EQ(ledger.unconfirmed(), 3u);
    ledger.begin_run();
    EXPECT_EQ(ledger.unconfirmed(), 1u);
}

TEST_F(ledger_test, suspects_count_until_their_claim_closes_or_is_lost)
{
    for (bool const lost : {false, true}) {
        auto answer = claimed(++number, 1);
        answer.suspects = true;
        claim& c = ledger.add(answer);
        EXPECT_EQ(ledger.suspects(), 1);
        if (lost) {
            ledger.lose(c.number);
        } else {
            finish(c, "a");
            EXPECT_EQ(ledger.suspects(), 1);
            static_cast<void>(take());
        }
        EXPECT_EQ(ledger.suspects(), 0);
    }
}

TEST_F(ledger_test, one_request_takes_a_bounded_share)
{
    constexpr int claims = 1'000;
    for (int i = 0; i != claims; ++i)
        finish(add(1), "id");
    std::size_t named = 0, requests = 0;
    while (ledger.has_reports() || ledger.can_close()) {
        exchange_round const round = take();
        EXPECT_LE(round.reported.size(), 512u);
        EXPECT_LE(round.closed.size(), 512u);
        named += round.closed.size();
        ++requests;
        ledger.answered(round);
    }
    EXPECT_EQ(named, static_cast<std::size_t>(claims));
    EXPECT_EQ(requests, 2u);
    EXPECT_TRUE(ledger.empty());
}

TEST_F(ledger_test, held_claims_are_those_to_renew)
{
    claim& first = add(1);
    add(1);
    add(1);
    finish(first, "a");
    static_cast<void>(take());
    ledger.lose(2);
    EXPECT_EQ(ledger.held(10), std::vector<claim_number>{3});
    EXPECT_TRUE(ledger.held(0).empty());
}

}  // namespace
