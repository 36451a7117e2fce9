// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 7: poison is contained, innocents are not.

#include "scene.hpp"

namespace promises {
namespace {

TEST(poison, a_job_that_aborts_dies_alone)
{
    std::int64_t const jobs = long_run() ? 10'000 : 4'000;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "1000";
    options["lease"] = long_run() ? "2000" : "1000";
    s.enqueue("sleep", 0, jobs / 2, 50'000);
    work::job_handle const poison = s.get(s.enqueuer.enqueue("abort", std::int64_t(-1)));
    s.enqueue("sleep", jobs / 2, jobs, 50'000);
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    int deaths = 0;
    auto const begun = steady_us();
    ASSERT_TRUE(s.drained(long_run() ? 300s : 100s, [&] {
        for ([[maybe_unused]] ::pid_t const pid : pools.fallen()) {
            ++deaths;
            pools.start();
        }
    }));
    std::cout << "[ figures  ] " << jobs << " sleepers, " << deaths << " deaths, "
              << static_cast<double>(steady_us() - begun) / 1e6 << " s\n";
    auto const all = by_job(s.journal_entries());
    tally const t = count(all, jobs, pools.ended_at_us(), long_run() ? 2000 : 1000);
    EXPECT_EQ(t.lost, 0);
    EXPECT_EQ(t.unexplained, 0) << t.example;
    work::broker_counts const counts = s.counts();
    EXPECT_EQ(counts.dead, 1);
    EXPECT_EQ(counts.set_aside, 0);
    work::job_record const record = s.get(s.inspector.job(poison.id()));
    EXPECT_EQ(record.state, work::job_state::dead);
    ASSERT_FALSE(record.failures.empty());
    EXPECT_THAT(record.failures.back(), testing::HasSubstr("\"crash_loop\""));
    EXPECT_LE(all.at(-1).size(), 10u);
}

}  // namespace
}  // namespace promises
