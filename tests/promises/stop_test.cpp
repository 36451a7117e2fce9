// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 5: a stop is clean, in time, and costs no attempt.

#include <algorithm>
#include <fstream>
#include <random>

#include "scene.hpp"

namespace promises {
namespace {

bool logs_mention(std::string const& directory, std::string const& what)
{
    for (auto const& file : std::filesystem::directory_iterator(directory)) {
        if (!file.path().filename().string().starts_with("worker."))
            continue;
        std::ifstream log(file.path());
        for (std::string line; std::getline(log, line);) {
            if (line.find(what) != std::string::npos)
                return true;
        }
    }
    return false;
}

// Every execution after a job's first follows one that was told to stop for the shutdown.
void expect_released_only(executions const& all, std::int64_t jobs)
{
    int lost = 0;
    int twice = 0;
    int attempts = 0;
    int unexplained = 0;
    for (std::int64_t i = 0; i != jobs; ++i) {
        auto const found = all.find(i);
        int ends = 0;
        if (found != all.end()) {
            for (std::size_t k = 0; k != found->second.size(); ++k) {
                execution const& run = found->second[k];
                ends += run.ended && !run.interrupted;
                attempts += run.start.attempt != 1;
                if (k > 0) {
                    execution const& before = found->second[k - 1];
                    unexplained += !(before.interrupted && before.reason == "shutting_down");
                }
            }
        }
        lost += ends == 0;
        twice += ends > 1;
    }
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(twice, 0);
    EXPECT_EQ(attempts, 0);
    EXPECT_EQ(unexplained, 0);
}

TEST(stop, sigterm_at_random_moments_loses_nothing_and_costs_no_attempt)
{
    int const rounds = long_run() ? 200 : 25;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "100";
    options["grace"] = "200";
    options["lease"] = "30000";  // nothing may have to wait for it
    fleet pools(s.server.directory(), options);
    std::mt19937 random(7);
    std::int64_t next = 0;
    double slowest = 0;
    for (int round = 0; round != rounds; ++round) {
        s.enqueue("sleep", next, next + 400, 1000);
        s.enqueue("sleep", next + 400, next + 440, 50'000);
        s.enqueue("sleep", next + 440, next + 450, 600'000);
        s.enqueue("spin", next + 450, next + 460, 2'000);
        next += 460;
        ::pid_t const pid = pools.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        pools.signal(pid, SIGTERM);
        auto const told = steady_us();
        ended const how = pools.wait(pid, 5s);
        double const took = static_cast<double>(steady_us() - told) / 1000;
        slowest = std::max(slowest, took);
        EXPECT_TRUE(how.in_time);
        in_time(took, 200 + 1000 + (long_run() ? 0 : 500));
        // Before it listens to signals, it has claimed nothing either.
        EXPECT_TRUE(how.signal == SIGTERM || (how.signal == 0 && how.code == 0))
            << "signal " << how.signal << " code " << how.code;
    }
    // What a pool can't say in its last second goes to its lease.
    bool const left = logs_mention(s.server.directory(), "left to the lease");
    happened(!left, "all pools could release their jobs in time");
    if (left)
        return;
    pools.start();
    ASSERT_TRUE(s.drained(20s));
    std::cout << "[ figures  ] " << rounds << " stops, slowest " << slowest
              << " ms with a grace of 200\n";
    expect_released_only(by_job(s.journal_entries()), next);
    EXPECT_FALSE(logs_mention(s.server.directory(), "lapsed"));
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST(stop, sigterm_with_a_blocked_thread_ends_the_process_in_time)
{
    int const rounds = long_run() ? 40 : 4;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["grace"] = "200";
    options["lease"] = "1000";
    fleet pools(s.server.directory(), options);
    std::mt19937 random(7);
    std::int64_t next = 0;
    for (int round = 0; round != rounds; ++round) {
        s.enqueue("sleep", next, next + 20, 20'000);
        s.enqueue("spin", next + 20, next + 21, 1'500'000);
        next += 21;
        ::pid_t const pid = pools.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 300));
        pools.signal(pid, SIGTERM);
        auto const told = steady_us();
        ended const how = pools.wait(pid, 5s);
        EXPECT_TRUE(how.in_time);
        EXPECT_EQ(how.signal, 0);
        in_time(steady_us() - told, (200 + 1000 + 300) * 1000);
        // What ran was released before the process ended, and not left to a lease.
        int held = 0;
        for (auto const& [index, runs] : by_job(s.journal_entries())) {
            bool const done = std::any_of(runs.begin(), runs.end(), [](execution const& run) {
                return run.ended;
            });
            if (done)
                continue;
            work::job_info const job = s.get(s.inspector.job(runs.back().start.id));
            held += job.state != work::job_state::pending;
        }
        in_time(held, 0, "jobs that were left to the lease");
    }
    pools.start();
    ASSERT_TRUE(s.drained(120s));
    auto const all = by_job(s.journal_entries());
    for (std::int64_t i = 0; i != next; ++i) {
        ASSERT_TRUE(all.contains(i)) << i;
        auto const& runs = all.at(i);
        EXPECT_TRUE(std::any_of(runs.begin(), runs.end(), [](execution const& run) {
            return run.ended && !run.interrupted;
        })) << i;
        for (execution const& run : runs)
            EXPECT_EQ(run.start.attempt, 1) << i;
    }
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST(stop, an_idle_pool_stops_at_once)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "1000";
    std::vector<double> took;
    for (int i = 0; i != 5; ++i) {
        fleet pools(s.server.directory(), options);
        ::pid_t const pid = pools.start();
        auto const until = std::chrono::steady_clock::now() + 10s;
        while (s.get(s.inspector.pools()).empty() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(5ms);
        std::this_thread::sleep_for(100ms);
        pools.signal(pid, SIGTERM);
        auto const told = steady_us();
        ended const how = pools.wait(pid, 5s);
        took.push_back(static_cast<double>(steady_us() - told) / 1000);
        EXPECT_TRUE(how.in_time);
        EXPECT_EQ(how.code, 0);
        EXPECT_THAT(s.get(s.inspector.pools()), testing::IsEmpty());
    }
    std::sort(took.begin(), took.end());
    std::cout << "[ figures  ] idle stop: median " << took[2] << " ms, slowest " << took[4]
              << " ms\n";
    in_time(took[2], 100);
}

}  // namespace
}  // namespace promises
