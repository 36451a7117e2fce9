// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 1, 2 and 4: kill -9 costs seconds, loses nothing, and explains every second execution.

#include <string>

#include "killing.hpp"
#include "scene.hpp"

namespace promises {
namespace {

struct storm
{
    char const* kind;
    int concurrency;
    int us;  ///< a job takes
    int jobs;
    int long_jobs;
};

class kill_storm : public testing::TestWithParam<storm>
{};

TEST_P(kill_storm, pools_killed_every_300_ms_lose_nothing)
{
    storm const how = GetParam();
    std::int64_t const jobs = long_run() ? how.long_jobs : how.jobs;
    constexpr int lease_ms = 2000;
    scene s;
    s.enqueue(how.kind, 0, jobs, how.us);
    auto options = s.worker_options();
    options["concurrency"] = std::to_string(how.concurrency);
    options["lease"] = std::to_string(lease_ms);
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    killing storm(s, pools, 300ms);
    auto const begun = std::chrono::steady_clock::now();
    bool const drained = s.drained(long_run() ? 900s : 120s, [&] { storm.go_on(); });
    auto const took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    ASSERT_TRUE(drained);
    // What a killed pool had reported and not closed goes with its lease.
    work::testing::soon([&] { return s.server.ask("EXISTS work:{t}:leases") != ":1\r\n"; }, 20s);
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 5s).in_time);
    }
    auto const runs = by_job(s.journal_entries());
    tally const t = count(runs, jobs, pools.ended_at_us(), lease_ms);
    std::cout << "[ figures  ] " << how.kind << " x " << how.concurrency << ": " << jobs
              << " jobs, " << storm.kills() << " kills, " << took << " s; again " << t.again
              << ", done twice " << t.twice_done << ", slowest rerun " << t.slowest_ms << " ms\n";
    EXPECT_EQ(t.lost, 0);
    EXPECT_EQ(t.unexplained, 0) << t.example;
    EXPECT_EQ(t.same_fence, 0);
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_EQ(s.counts().set_aside, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

// The other pool had nothing to do, so it has to find out by itself, and in time.
TEST(kill, jobs_of_a_killed_pool_run_again_on_an_idle_one_within_a_lease_and_a_second)
{
    int const rounds = long_run() ? 30 : 4;
    constexpr int lease_ms = 2000;
    std::int64_t slowest = 0;
    for (int round = 0; round != rounds; ++round) {
        scene s;
        auto options = s.worker_options();
        options["lease"] = std::to_string(lease_ms);
        fleet pools(s.server.directory(), options);
        ::pid_t const first = pools.start();
        auto until = std::chrono::steady_clock::now() + 10s;
        while (s.get(s.inspector.pools()).empty() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(5ms);
        s.enqueue("sleep", 0, 1, 10'000'000);
        until = std::chrono::steady_clock::now() + 10s;
        while (s.journal_entries().empty() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(1ms);
        // Whichever moment of the other pool's watch this is.
        pools.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(200 + 370 * round % 2500));
        pools.kill(first);
        until = std::chrono::steady_clock::now() + 10s;
        while (s.journal_entries().size() < 2 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(1ms);
        auto const all = s.journal_entries();
        ASSERT_EQ(all.size(), 2u);
        slowest = std::max(slowest, (all[1].at_us - pools.ended_at_us().at(first)) / 1000);
    }
    std::cout << "[ figures  ] " << rounds << " pools killed, slowest rerun " << slowest << " ms\n";
    in_time(slowest, lease_ms + 1000);
}

// Whichever pool takes the job dies at once; the other one last looked before that claim was made.
TEST(kill, a_job_whose_pool_died_at_once_runs_again_within_a_lease_and_a_second)
{
    int const rounds = long_run() ? 30 : 5;
    constexpr int lease_ms = 2000;
    std::int64_t slowest = 0;
    for (int round = 0; round != rounds; ++round) {
        scene s;
        auto options = s.worker_options();
        options["lease"] = std::to_string(lease_ms);
        fleet pools(s.server.directory(), options);
        pools.start();
        pools.start();
        auto until = std::chrono::steady_clock::now() + 10s;
        while (s.get(s.inspector.pools()).size() < 2 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(5ms);
        std::this_thread::sleep_for(std::chrono::milliseconds(310 * round));
        s.enqueue("abort", 0, 1, 0);
        until = std::chrono::steady_clock::now() + 10s;
        while (s.journal_entries().size() < 2 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(1ms);
        auto const all = s.journal_entries();
        ASSERT_EQ(all.size(), 2u);
        EXPECT_NE(all[0].pid, all[1].pid);
        slowest = std::max(slowest, (all[1].at_us - all[0].at_us) / 1000);
    }
    std::cout << "[ figures  ] " << rounds << " pools died, slowest rerun " << slowest << " ms\n";
    in_time(slowest, lease_ms + 1000);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    kill_storm,
    testing::Values(
        storm{"sleep", 50, 1000, 50'000, 1'000'000},
        storm{"sleep", 1000, 50'000, 50'000, 1'000'000},
        storm{"spin", 50, 1000, 5'000, 50'000},
        storm{"spin", 1000, 1000, 5'000, 50'000}
    ),
    [](auto const& storm_info) {
        return std::string(storm_info.param.kind) + "_" +
               std::to_string(storm_info.param.concurrency);
    }
);

}  // namespace
}  // namespace promises
