// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 4, 6 and 11: what happens to the server, or between it and us, costs time and nothing
// else.

#include <functional>

#include "scene.hpp"
#include "support/proxy.hpp"

namespace promises {
namespace {

/// Runs jobs on two pools while `disturb` is called every `every`, and checks that each was done
/// exactly once.
void run_disturbed(
    scene& s,
    std::int64_t jobs,
    std::int64_t us,
    std::chrono::milliseconds every,
    std::function<void(int)> const& disturb,
    std::map<std::string, std::string> more = {}
)
{
    auto options = s.worker_options();
    options["concurrency"] = "100";
    options["lease"] = "3000";
    for (auto const& [name, value] : more)
        options[name] = value;
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    std::int64_t stored = 0;
    int times = 0;
    auto next = std::chrono::steady_clock::now() + every;
    auto const begun = steady_us();
    while (stored != jobs) {
        std::int64_t const some = std::min<std::int64_t>(jobs - stored, 200);
        s.enqueue("sleep", stored, stored + some, us);
        stored += some;
        if (std::chrono::steady_clock::now() >= next) {
            disturb(times++);
            next = std::chrono::steady_clock::now() + every;
        }
    }
    ASSERT_TRUE(s.drained(90s, [&] {
        if (std::chrono::steady_clock::now() >= next) {
            disturb(times++);
            next = std::chrono::steady_clock::now() + every;
        }
    }));
    tally const t = count(by_job(s.journal_entries()), jobs, {}, 0);
    std::cout << "[ figures  ] " << jobs << " jobs, disturbed " << times << " times, "
              << static_cast<double>(steady_us() - begun) / 1e6 << " s; again " << t.again << "\n";
    EXPECT_EQ(t.lost, 0);
    // A pool that is not back within a lease has lost its jobs.
    in_time(t.again, 0, "second executions, " + t.example);
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 5s).in_time);
    }
}

std::vector<std::string> const every_write_kept{"--appendonly", "yes", "--appendfsync", "always"};

TEST(server, killed_and_restarted_in_mid_run_loses_and_repeats_nothing)
{
    scene s(every_write_kept);
    int const most = long_run() ? 20 : 4;
    run_disturbed(s, long_run() ? 200'000 : 30'000, 20'000, 400ms, [&](int times) {
        if (times < most)
            s.server.restart();
    });
}

TEST(server, scripts_flushed_every_50_ms)
{
    scene s;
    run_disturbed(s, long_run() ? 300'000 : 50'000, 5'000, 50ms, [&](int) {
        s.server.ask("SCRIPT FLUSH");
    });
}

TEST(server, connections_killed_again_and_again)
{
    scene s;
    run_disturbed(s, long_run() ? 300'000 : 50'000, 10'000, long_run() ? 1000ms : 250ms, [&](int) {
        s.server.ask("CLIENT KILL TYPE normal");
    });
}

TEST(server, stalled_for_longer_than_a_lease_repeats_nothing)
{
    scene s;
    run_disturbed(
        s,
        4'000,
        50'000,
        300ms,
        [&](int times) {
            if (times != 0)
                return;
            s.server.freeze();
            std::this_thread::sleep_for(3s);
            s.server.thaw();
        },
        {{"lease", "1000"}}
    );
}

// Each of the pools must be back within a lease of the first one, or that reaps its jobs.
TEST(server, away_for_two_leases_with_500_handlers_running_repeats_nothing)
{
    scene s(every_write_kept);
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    s.enqueue("sleep", 0, 500, 4'000'000);
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 10; ++i)
        pools.start();
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < 500 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(10ms);
    s.server.kill();
    std::this_thread::sleep_for(2s);
    s.server.start();
    ASSERT_TRUE(s.drained(30s));
    tally const t = count(by_job(s.journal_entries()), 500, {}, 0);
    EXPECT_EQ(t.lost, 0);
    in_time(t.again, 0, "second executions, " + t.example);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST(server, back_after_an_outage_work_resumes_within_5_s)
{
    scene s(every_write_kept);
    auto options = s.worker_options();
    fleet pools(s.server.directory(), options);
    pools.start();
    std::this_thread::sleep_for(500ms);
    s.server.kill();
    std::this_thread::sleep_for(3s);
    s.server.start();
    auto const back = steady_us();
    s.enqueue("sleep", 0, 1, 0);
    ASSERT_TRUE(s.drained(10s));
    auto const resumed = s.journal_entries().at(0).at_us - back;
    std::cout << "[ figures  ] resumed after " << static_cast<double>(resumed) / 1000 << " ms\n";
    in_time(resumed, 5'000'000);
}

TEST(link, cut_before_replies_costs_no_second_execution)
{
    scene s;
    work::testing::proxy between(s.server.port(), 0.05, 7);
    std::int64_t const jobs = long_run() ? 100'000 : 20'000;
    auto options = s.worker_options();
    options["url"] = between.url();
    options["concurrency"] = "50";
    options["lease"] = "30000";  // nothing may have to wait for it
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    {
        work::client_options o = scene::quiet_options();
        work::client client(s.io, between.url(), o);
        work::enqueuer enqueuer(client);
        std::int64_t left = jobs;
        int failed = 0;
        for (std::int64_t i = 0; i != jobs; ++i) {
            boost::asio::co_spawn(
                s.io,
                enqueuer.enqueue("sleep", i, std::int64_t(5000)),
                [&](std::exception_ptr e, work::job_handle) {
                    --left;
                    failed += e != nullptr;
                }
            );
        }
        s.io.restart();
        auto const until = std::chrono::steady_clock::now() + 60s;
        while (left > 0 && std::chrono::steady_clock::now() < until)
            s.io.run_one_for(100ms);
        ASSERT_EQ(left, 0);
        ASSERT_EQ(failed, 0);
    }
    ASSERT_TRUE(s.drained(long_run() ? 300s : 60s));
    between.set_cut_probability(0);
    tally const t = count(by_job(s.journal_entries()), jobs, {}, 0);
    std::cout << "[ figures  ] " << jobs << " jobs, " << between.cuts()
              << " connections cut; again " << t.again << "\n";
    EXPECT_EQ(t.lost, 0);
    EXPECT_EQ(t.again, 0) << t.example;
    EXPECT_EQ(s.processed(jobs), jobs);
    EXPECT_EQ(s.counts().failed, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST(server, full_of_jobs_of_which_half_fail_is_drained)
{
    scene s({"--maxmemory", long_run() ? "64mb" : "12mb", "--maxmemory-policy", "noeviction"});
    // Fills it: half of the jobs fail, once, with a retry in between.
    std::map<std::string, int> others;
    std::int64_t stored = 0;
    work::enqueue_options two;
    two.max_attempts = 2;
    auto const fill = [&]() -> work::task<void> {
        while (stored < 1'000'000) {
            try {
                work::enqueue_options const given = two;
                co_await s.enqueuer.enqueue_with(given, "fail", stored);
                co_await s.enqueuer.enqueue("sleep", stored, std::int64_t(0));
                ++stored;
            } catch (work::error const& e) {
                if (e.code() == work::errc::full)
                    co_return;
                // A machine that stood still for a while: not what this is about.
                ++others[e.what()];
            }
        }
    };
    std::vector<std::exception_ptr> ended;
    for (int i = 0; i != 64; ++i)
        boost::asio::co_spawn(s.io, fill(), [&](std::exception_ptr e) { ended.push_back(e); });
    s.io.restart();
    auto const until = std::chrono::steady_clock::now() + 120s;
    while (ended.size() < 64 && std::chrono::steady_clock::now() < until)
        s.io.run_one_for(100ms);
    ASSERT_EQ(ended.size(), 64u) << testing::PrintToString(others);
    ASSERT_LT(stored, 1'000'000);
    std::int64_t const pending = s.counts().pending;
    auto options = s.worker_options();
    options["concurrency"] = "200";
    fleet pools(s.server.directory(), options);
    pools.start();
    auto const begun = steady_us();
    EXPECT_TRUE(s.drained(long_run() ? 300s : 60s));
    auto const ran_us = steady_us() - begun;
    // What pools count they say once a second, and as they leave.
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        pools.wait(pid, 5s);
    }
    work::broker_counts const c = s.counts();
    std::cout << "[ figures  ] full at " << pending << " pending; drained in "
              << static_cast<double>(ran_us) / 1e6 << " s, dead " << c.dead << ", processed "
              << c.processed << ", failed " << c.failed << "\n";
    EXPECT_GE(c.processed + c.failed / 2, pending)
        << testing::PrintToString(others) << s.workers_last_words();
}

}  // namespace
}  // namespace promises
