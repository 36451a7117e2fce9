// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Records that a claim does not bring, since whoever claims them reads them: he gets what others
// get.

#include <work/values/envelope_parts.hpp>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;

class long_records : public transitions
{
protected:
    work::new_job sized(std::string id, std::size_t bytes)
    {
        work::new_job j = job(std::move(id));
        j.envelope += std::string(bytes, 'x') + j.id;
        return j;
    }
    /// Each of another length.
    std::vector<work::new_job> some(int count, std::size_t bytes)
    {
        std::vector<work::new_job> jobs;
        for (int i = 0; i != count; ++i)
            jobs.push_back(
                sized("x" + std::to_string(1'000 + i), bytes + static_cast<std::size_t>(i))
            );
        return jobs;
    }
    static void expect_whole(
        work::exchange_answer const& a,
        std::vector<work::new_job> const& jobs,
        std::size_t from = 0
    )
    {
        for (std::size_t i = 0; i != a.jobs.size(); ++i) {
            work::new_job const& job = jobs.at(from + i);
            EXPECT_EQ(a.jobs[i].id, job.id);
            EXPECT_EQ(work::body_of(a.jobs[i].envelope), work::body_of(job.envelope)) << job.id;
        }
    }
};

TEST_P(long_records, come_whole_and_in_their_order)
{
    for (std::size_t const bytes : {100u, 1'900u, 2'100u, 4'000u}) {
        SCOPED_TRACE(bytes);
        auto const jobs = some(40, bytes);
        enqueue(jobs);
        auto const a = claim("A");
        EXPECT_EQ(a.jobs.size(), jobs.size());
        expect_whole(a, jobs);
        work::finished_jobs all{a.claim, {}};
        for (auto const& one : a.jobs)
            all.ids.push_back(one.id);
        exchange("A", {.finished = {all}, .close = {a.claim}, .want = 0});
    }
}

TEST_P(long_records, count_in_the_budget_of_a_claim)
{
    auto const jobs = some(60, 4'000);
    enqueue(jobs);
    auto const a = exchange("A", {.fetch_order = {{"*a", 60, false}}, .max_bytes = 100'000});
    EXPECT_GE(a.jobs.size(), 24u);
    EXPECT_LE(a.jobs.size(), 26u);
    expect_whole(a, jobs);
    auto const b = claim("A");
    EXPECT_EQ(a.jobs.size() + b.jobs.size(), jobs.size());
    expect_whole(b, jobs, a.jobs.size());
}

TEST_P(long_records, beside_short_large_and_broken_ones)
{
    auto jobs = some(12, 3'000);
    jobs.insert(jobs.begin() + 6, sized("y", 1));
    jobs.insert(jobs.begin() + 8, sized("z", work::max_whole_envelope));
    enqueue(jobs);
    b().overwrite("x1009", "");
    check_invariants_ = false;
    auto const a = claim("A");
    ASSERT_EQ(a.jobs.size(), jobs.size());
    for (std::size_t i = 0; i != a.jobs.size(); ++i) {
        EXPECT_EQ(a.jobs[i].id, jobs[i].id);
        if (jobs[i].id == "x1009")
            EXPECT_EQ(a.jobs[i].envelope, "");
        else
            EXPECT_EQ(work::body_of(a.jobs[i].envelope), work::body_of(jobs[i].envelope));
    }
}

TEST_P(long_records, of_a_repeated_answer_come_whole_too)
{
    auto const jobs = some(20, 3'000);
    enqueue(jobs);
    exchange("A", {.want = 0});
    said const asks{.fetch_order = {{"*a", 20, false}}};
    auto const first = exchange_as("A", 2, asks);
    auto const again = exchange_as("A", 2, asks);
    EXPECT_TRUE(again.repeated);
    expect_whole(first, jobs);
    ASSERT_EQ(again.jobs.size(), first.jobs.size());
    expect_whole(again, jobs);
}

INSTANTIATE_TEST_SUITE_P(on, long_records, both_sides, side_name);

}  // namespace
