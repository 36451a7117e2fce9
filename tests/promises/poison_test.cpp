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
    work::job_info const record = s.get(s.inspector.job(poison.id()));
    EXPECT_EQ(record.state, work::job_state::dead);
    ASSERT_FALSE(record.failures.empty());
    EXPECT_EQ(record.failures.back().type, "crash_loop");
    EXPECT_LE(all.at(-1).size(), 10u);
}

// Of jobs that must not run twice only those are dead that may have run.
TEST(poison, dead_on_crash_buries_what_had_started_alone)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    options["once"] = "1";
    fleet pools(s.server.directory(), options);
    // Some run already, and are in an await, when the first one blocks the thread.
    s.enqueue("once", 1, 11, 60'000'000);
    ::pid_t const first = pools.start();
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < 10 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    s.enqueue("once", 0, 1, 0);
    s.enqueue("once", 11, 50, 1000);
    while (!by_job(s.journal_entries()).contains(0) && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    std::this_thread::sleep_for(200ms);
    auto const before = by_job(s.journal_entries());
    pools.kill(first);
    pools.start();
    ASSERT_TRUE(s.drained(20s));
    auto const all = by_job(s.journal_entries());
    std::int64_t begun = 0;
    for (std::int64_t i = 0; i != 50; ++i) {
        ASSERT_TRUE(all.contains(i)) << i;
        EXPECT_EQ(all.at(i).size(), 1u) << i;
        bool const cut_off = before.contains(i) && !before.at(i)[0].ended;
        begun += cut_off;
        EXPECT_NE(all.at(i)[0].ended, cut_off) << i;
    }
    std::cout << "[ figures  ] " << begun << " had started and are dead, " << 50 - begun
              << " ran\n";
    EXPECT_GE(begun, 11);
    EXPECT_EQ(s.counts().dead, begun);
}

// The poison acts when the innocents run for long, whatever time it takes.
TEST(poison, long_jobs_beside_one_that_kills_later_outlive_it)
{
    for (std::int64_t const delay_ms : {0, 300}) {
        scene s;
        auto options = s.worker_options();
        options["concurrency"] = "100";
        options["lease"] = "1000";
        s.enqueue("sleep", 0, 7, 3'000'000);
        work::job_handle const poison =
            s.get(s.enqueuer.enqueue("abort_later", std::int64_t(-1), delay_ms));
        fleet pools(s.server.directory(), options);
        pools.start();
        int deaths = 0;
        auto const begun = steady_us();
        ASSERT_TRUE(s.drained(120s, [&] {
            for ([[maybe_unused]] ::pid_t const pid : pools.fallen()) {
                ++deaths;
                pools.start();
            }
        }));
        std::cout << "[ figures  ] kills after " << delay_ms << " ms: " << deaths << " deaths, "
                  << static_cast<double>(steady_us() - begun) / 1e6 << " s\n";
        EXPECT_EQ(s.counts().dead, 1) << delay_ms;
        EXPECT_EQ(s.get(s.inspector.job(poison.id())).state, work::job_state::dead);
        EXPECT_LE(deaths, 12);
    }
}

}  // namespace
}  // namespace promises
