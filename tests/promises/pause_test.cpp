// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 3 and 13: one valid lease per job, and a hung job is not alive.

#include <fstream>
#include <sstream>

#include "scene.hpp"

namespace promises {
namespace {

TEST(pause, a_pool_stopped_for_three_leases_is_told_and_changes_nothing)
{
    constexpr std::int64_t jobs = 300;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "300";
    options["lease"] = "1000";
    s.enqueue("sleep", 0, jobs, 5'000'000);
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start();
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < jobs && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(10ms);
    pools.signal(first, SIGSTOP);
    auto const stopped = steady_us();
    pools.start();
    std::this_thread::sleep_for(3s);
    // The other one may have been slow to take them.
    work::testing::soon([&] { return s.journal_entries().size() >= 2 * jobs; });
    pools.signal(first, SIGCONT);
    ASSERT_TRUE(s.drained(40s));
    auto const all = by_job(s.journal_entries());
    std::int64_t told = 0;
    std::int64_t again = 0;
    std::int64_t done_by_second = 0;
    std::int64_t slowest = 0;
    for (std::int64_t i = 0; i != jobs; ++i) {
        auto const& runs = all.at(i);
        ASSERT_EQ(runs.size(), 2u) << i;
        again += runs[1].start.attempt == 1 && runs[1].start.pid != first;
        told += runs[0].interrupted && runs[0].reason == "lease_lost";
        done_by_second += runs[1].ended && !runs[1].interrupted;
        EXPECT_GT(runs[1].start.fence, runs[0].start.fence);
        slowest = std::max(slowest, (runs[1].start.at_us - stopped) / 1000);
    }
    std::cout << "[ figures  ] all " << jobs << " ran again within " << slowest << " ms\n";
    EXPECT_EQ(again, jobs);
    EXPECT_EQ(told, jobs);
    EXPECT_EQ(done_by_second, jobs);
    EXPECT_EQ(s.processed(jobs), jobs);
    work::broker_counts const c = s.counts();
    EXPECT_EQ(c.failed, 0);
    EXPECT_EQ(c.dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 5s).in_time);
    }
}

TEST(pause, a_pool_that_finished_its_jobs_while_it_was_away_is_refused)
{
    constexpr std::int64_t jobs = 200;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "200";
    options["lease"] = "1000";
    s.enqueue("sleep", 0, jobs, 1'500'000);
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start();
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < jobs && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(10ms);
    pools.signal(first, SIGSTOP);
    pools.start();
    std::this_thread::sleep_for(3s);
    work::testing::soon([&] { return s.journal_entries().size() >= 2 * jobs; });
    pools.signal(first, SIGCONT);
    ASSERT_TRUE(s.drained(40s));
    // The other pool did the jobs while the first was away, so it may not have spoken yet.
    auto const said = [&] {
        std::ostringstream log;
        log << std::ifstream(s.server.directory() + "/worker.1.log").rdbuf();
        return log.str();
    };
    auto const patience = std::chrono::steady_clock::now() + 20s;
    while (said().find("was lost") == std::string::npos &&
           std::chrono::steady_clock::now() < patience)
        std::this_thread::sleep_for(20ms);
    EXPECT_THAT(said(), testing::HasSubstr("was lost"));
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 5s).in_time);
    }
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_EQ(s.counts().failed, 0);
}

TEST(pause, a_handler_that_never_ends_moves_on_alone_after_its_timeout)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    options["grace"] = "500";
    s.enqueue("sleep", 0, 20, 4'000'000);
    work::enqueue_options how;
    how.timeout = 500ms;
    how.max_attempts = 1;
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start();
    auto until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < 20 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    work::job_handle const hung = s.get(s.enqueuer.enqueue_with(how, "forever", std::int64_t(-1)));
    until = std::chrono::steady_clock::now() + 15s;
    work::job_info record;
    while (record.state != work::job_state::dead && std::chrono::steady_clock::now() < until) {
        record = s.get(s.inspector.job(hung.id()));
        std::this_thread::sleep_for(20ms);
    }
    ASSERT_EQ(record.state, work::job_state::dead);
    ASSERT_FALSE(record.failures.empty());
    EXPECT_EQ(record.failures.back().type, "timed_out");
    // The others are still held by the pool whose thread is blocked, though another is there.
    ::pid_t const second = pools.start();
    std::this_thread::sleep_for(2500ms);
    for (entry const& e : s.journal_entries())
        EXPECT_NE(e.pid, second);
    EXPECT_EQ(s.counts().active, 20);
    pools.kill(first);
    ASSERT_TRUE(s.drained(30s));
    tally const t = count(by_job(s.journal_entries()), 20, pools.ended_at_us(), 1000);
    EXPECT_EQ(t.lost, 0);
    EXPECT_EQ(t.unexplained, 0);
    in_time(t.slowest_ms, 2000 + 500);
    EXPECT_EQ(s.counts().dead, 1);
}

// A pool that waits has a claim on_wake with the server, which may bring a job when its thread is
// blocked by another.
TEST(pause, a_job_that_comes_to_a_blocked_pool_runs_elsewhere_and_once)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "15000";
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start();
    // All lists are known, and the last wakeup came long after the one before.
    for (std::int64_t i = 10; i != 14; ++i) {
        s.enqueue(i % 2 ? "sleep" : "spin_later", i, i + 1, 1'000);
        ASSERT_TRUE(s.drained(20s));
    }
    s.enqueue("spin_later", 1, 2, 8'000'000);
    auto const started = [&](std::int64_t index) {
        auto const patience = std::chrono::steady_clock::now() + 20s;
        executions all;
        while (!all.contains(index) && std::chrono::steady_clock::now() < patience) {
            std::this_thread::sleep_for(5ms);
            all = by_job(s.journal_entries());
        }
        return all[index];
    };
    EXPECT_EQ(started(1).size(), 1u);
    std::this_thread::sleep_for(300ms);
    auto const enqueued = steady_us();
    s.enqueue("sleep", 2, 3, 1'000);
    ::pid_t const second = pools.start();
    auto const runs = started(2);
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].start.pid, second);
    in_time(runs[0].start.at_us - enqueued, 6'000'000);
    std::cout << "[ figures  ] started after " << (runs[0].start.at_us - enqueued) / 1000
              << " ms\n";
    ASSERT_TRUE(s.drained(30s));
    auto const all = by_job(s.journal_entries());
    EXPECT_EQ(all.at(2).size(), 1u);
    EXPECT_EQ(all.at(1).size(), 1u);
    EXPECT_EQ(all.at(1)[0].start.pid, first);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

}  // namespace
}  // namespace promises
