// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Outcomes that come in a row are carried out together: each must come to what it would alone.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_outcome;
using work::job_state;
using work::outcome_kind;

class outcomes_in_a_row : public transitions
{
protected:
    static job_outcome word(work::claim_number claim, std::string_view id, outcome_kind kind)
    {
        bool const fails = kind == outcome_kind::retry || kind == outcome_kind::dead;
        return {claim, id, kind, 60'000, fails ? "{\"why\":1}" : ""};
    }
};

TEST_P(outcomes_in_a_row, about_records_that_lost_their_end_set_them_aside)
{
    for (std::string const head : {"2 0000 0000 1790000000000 a", "2 0008 0001 1790000000000"})
        for (std::string const rest : {"", " x=1,2,3,4,5", " s=3"})
            for (outcome_kind const kind :
                 {outcome_kind::complete,
                  outcome_kind::retry,
                  outcome_kind::dead,
                  outcome_kind::snooze,
                  outcome_kind::discard,
                  outcome_kind::release}) {
                SCOPED_TRACE(head + rest + " " + static_cast<char>(kind));
                enqueue({job("x"), job("y"), job("z")});
                auto const a = claim("A");
                ASSERT_EQ(a.jobs.size(), 3u);
                b().overwrite("y", head + rest);
                check_invariants_ = false;
                said words;
                for (char const* id : {"x", "y", "z"})
                    words.outcomes.push_back(word(a.claim, id, kind));
                words.close = {a.claim};
                words.want = 0;
                EXPECT_EQ(codes(exchange("A", words)), "kkk");
                EXPECT_EQ(state("y"), job_state::set_aside);
                EXPECT_EQ(b().job("y").envelope, head + rest);
                b().remove({"x", "y", "z"});
                b().cancel({"x", "z"});
                b().pass(61'000);
            }
}

TEST_P(outcomes_in_a_row, of_thousands_of_jobs_hold)
{
    std::vector<std::string> names;
    std::vector<work::exchange_answer> claims;
    for (int i = 0; i != 2'048; ++i)
        names.push_back("x" + std::to_string(i));
    for (std::string const& name : names)
        enqueue({job(name)});
    for (int i = 0; i != 8; ++i)
        claims.push_back(claim("A", 256));
    said words;
    for (auto const& a : claims) {
        for (auto const& one : a.jobs)
            words.outcomes.push_back(word(a.claim, one.id, outcome_kind::retry));
        words.close.push_back(work::closed_claim(a.claim, 256));
    }
    words.want = 0;
    std::string const heard = codes(exchange("A", words));
    EXPECT_EQ(heard, std::string(2'048, 'k'));
    EXPECT_EQ(b().counts().retry, 2'048);
    EXPECT_EQ(b().counts().active, 0);
    EXPECT_EQ(b().job("x2047").failures.size(), 1u);
}

TEST_P(outcomes_in_a_row, keep_the_ten_newest_failures)
{
    enqueue({job("x"), job("y")});
    for (int i = 1; i <= 13; ++i) {
        auto const a = claim("A");
        ASSERT_EQ(a.jobs.size(), 2u);
        std::string const why = "{\"why\":" + std::to_string(i) + "}";
        said words;
        for (char const* id : {"x", "y"})
            words.outcomes.push_back({a.claim, id, outcome_kind::retry, 0, why});
        words.close = {a.claim};
        words.want = 0;
        EXPECT_EQ(codes(exchange("A", words)), "kk");
        auto const failures = b().job("y").failures;
        EXPECT_EQ(failures.size(), static_cast<std::size_t>(std::min(i, 10)));
        EXPECT_EQ(failures.back(), why);
    }
    EXPECT_EQ(b().job("x").failures.front(), "{\"why\":4}");
}

INSTANTIATE_TEST_SUITE_P(on, outcomes_in_a_row, both_sides, side_name);

}  // namespace
