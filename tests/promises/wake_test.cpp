// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 9 and 12: lone jobs start at once, and due ones on time, without a polling tick.

#include <work/broker/broker.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <regex>

#include "scene.hpp"

namespace promises {
namespace {

double percentile(std::vector<double> values, double p)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(
        values.size() - 1,
        static_cast<std::size_t>(p * static_cast<double>(values.size()))
    )];
}

/// Pools in this process that note when their jobs start.
struct pools_here
{
    pools_here(scene& s, int pools, bool one_client) : at(s)
    {
        for (int i = 0; i != pools; ++i) {
            if (clients.empty() || !one_client)
                clients.emplace_back(s.io, s.server.url(), scene::quiet_options());
            work::pool_options how;
            how.concurrency = 10;
            work::worker_pool& pool = all.emplace_back(clients.back(), how);
            pool.handle(
                "name" + std::to_string(i),
                [this](work::context& job, std::int64_t index) -> work::task<void> {
                    started[index] = steady_us();
                    attempts += job.attempt();
                    co_return;
                }
            );
            boost::asio::co_spawn(s.io, pool.run(), [this](std::exception_ptr) { ++ended; });
        }
    }
    ~pools_here()
    {
        for (work::worker_pool& pool : all)
            pool.stop();
        at.io.restart();
        auto const until = std::chrono::steady_clock::now() + 10s;
        while (ended < all.size() && std::chrono::steady_clock::now() < until)
            at.io.run_one_for(10ms);
    }
    bool settle(std::function<bool()> const& done, std::chrono::milliseconds patience)
    {
        at.io.restart();
        auto const until = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < until)
            at.io.run_one_for(20ms);
        return done();
    }

    scene& at;
    std::deque<work::client> clients;
    std::deque<work::worker_pool> all;
    std::map<std::int64_t, std::int64_t> started;
    int attempts = 0;
    std::size_t ended = 0;
};

class lone_jobs : public testing::TestWithParam<bool>
{};

TEST_P(lone_jobs, of_8_pools_with_disjoint_names_start_at_once)
{
    std::int64_t const jobs = long_run() ? 100'000 : 4'000;
    scene s;
    pools_here pools(s, 8, GetParam());
    pools.settle([] { return false; }, 300ms);
    std::mt19937 random(11);
    std::vector<double> took;
    for (std::int64_t i = 0; i != jobs; ++i) {
        auto const before = steady_us();
        bool stored = false;
        boost::asio::co_spawn(
            s.io,
            s.enqueuer.enqueue("name" + std::to_string(random() % 8), i),
            [&](std::exception_ptr, work::job_handle) { stored = true; }
        );
        ASSERT_TRUE(pools.settle([&] { return stored && pools.started.contains(i); }, 10s)) << i;
        took.push_back(static_cast<double>(pools.started[i] - before) / 1000);
        // Now and then long enough for the pools to go to sleep.
        if (random() % 8 == 0)
            pools.settle([] { return false; }, 2ms);
    }
    std::cout << "[ figures  ] enqueue to start: p50 " << percentile(took, 0.5) << " ms, p99 "
              << percentile(took, 0.99) << ", p99.9 " << percentile(took, 0.999) << ", slowest "
              << percentile(took, 1) << "\n";
    in_time(percentile(took, 0.99), long_run() ? 5 : 20);
    in_time(percentile(took, 1), long_run() ? 50 : 1000);
}

INSTANTIATE_TEST_SUITE_P(, lone_jobs, testing::Bool(), [](auto const& one_client) {
    return one_client.param ? "of_one_client" : "of_clients_of_their_own";
});

TEST(scheduled, jobs_start_on_time_and_never_early)
{
    std::int64_t const jobs = long_run() ? 2'000 : 300;
    scene s;
    pools_here pools(s, 4, false);
    pools.settle([] { return false; }, 300ms);
    std::mt19937 random(12);
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> due;  // not before, not after
    std::int64_t stored = 0;
    for (std::int64_t i = 0; i != jobs; ++i) {
        auto const delay = std::chrono::milliseconds(50 + random() % (long_run() ? 20'000 : 4'000));
        auto const before = steady_us();
        std::string const name = "name" + std::to_string(random() % 4);
        boost::asio::co_spawn(
            s.io,
            s.enqueuer.enqueue_in(delay, name, i),
            [&due, &stored, i, before, delay](std::exception_ptr, work::job_handle) {
                // The broker's clock may go faster by a thousandth, while it is being set right.
                due[i] = {before + delay.count() * 999, steady_us() + delay.count() * 1000};
                ++stored;
            }
        );
        if (i % 10 == 0)
            pools.settle([] { return false; }, 1ms);
    }
    ASSERT_TRUE(
        pools.settle([&] { return static_cast<std::int64_t>(pools.started.size()) == jobs; }, 40s)
    );
    std::vector<double> late;
    int early = 0;
    for (auto const& [i, bounds] : due) {
        // The broker counts whole milliseconds.
        early += pools.started[i] < bounds.first - 1000;
        late.push_back(static_cast<double>(pools.started[i] - bounds.second) / 1000);
    }
    std::cout << "[ figures  ] " << jobs << " scheduled jobs: p50 " << percentile(late, 0.5)
              << " ms late, p99 " << percentile(late, 0.99) << ", slowest " << percentile(late, 1)
              << "\n";
    EXPECT_EQ(early, 0);
    in_time(percentile(late, 0.99), long_run() ? 50 : 200);
}

TEST(scheduled, jobs_start_though_pools_that_hold_the_alarm_are_killed)
{
    scene s;
    auto options = s.worker_options();
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 4; ++i)
        pools.start();
    auto until = std::chrono::steady_clock::now() + 10s;
    while (s.get(s.inspector.pools()).size() < 4 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    std::int64_t const jobs = long_run() ? 400 : 60;
    std::map<std::int64_t, std::int64_t> due;
    for (std::int64_t i = 0; i != jobs; ++i) {
        auto const delay = std::chrono::milliseconds(1000 + i * 100);
        s.get(s.enqueuer.enqueue_in(delay, "sleep", i, std::int64_t(0)));
        due[i] = steady_us() + delay.count() * 1000;
    }
    int kills = 0;
    auto next = std::chrono::steady_clock::now() + 1500ms;
    std::regex const pid_of("\"pid\":(\\d+)");
    ASSERT_TRUE(s.drained(long_run() ? 120s : 30s, [&] {
        if (std::chrono::steady_clock::now() < next)
            return;
        next += 1500ms;
        std::string const holder = s.server.ask("HGET work:{t}:alarm holder");
        for (work::pool_status const& pool : s.get(s.client.broker()->pools())) {
            std::smatch found;
            if (holder.find(pool.pool) == std::string::npos &&
                holder.find("$") != std::string::npos &&
                pool.status.find(holder.substr(holder.find('\n') + 1, 22)) == std::string::npos)
                continue;
            if (std::regex_search(pool.status, found, pid_of)) {
                pools.kill(std::stoi(found[1]));
                pools.start();
                ++kills;
                return;
            }
        }
    }));
    std::vector<double> late;
    for (entry const& e : s.journal_entries()) {
        if (e.kind == '+')
            late.push_back(static_cast<double>(e.at_us - due[e.index]) / 1000);
    }
    std::cout << "[ figures  ] " << jobs << " scheduled jobs, " << kills
              << " alarm holders killed: p50 " << percentile(late, 0.5) << " ms late, p90 "
              << percentile(late, 0.9) << ", p99 " << percentile(late, 0.99) << ", slowest "
              << percentile(late, 1) << "\n";
    happened(kills >= 2, "pools that held the alarm were killed");
    in_time(percentile(late, 0.9), long_run() ? 50 : 200);
}

}  // namespace
}  // namespace promises
