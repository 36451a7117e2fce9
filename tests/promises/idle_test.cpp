// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 12: idle is quiet; and what many sleeping jobs cost.

#include <fstream>

#include "command_count.hpp"
#include "scene.hpp"

namespace promises {
namespace {

std::int64_t resident_kib(::pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmRSS:"))
            return std::stoll(line.substr(6));
    }
    return 0;
}

class idle : public testing::TestWithParam<int>
{};

TEST_P(idle, a_process_with_10_000_workers_sends_at_most_one_command_a_second)
{
    int const processes = GetParam();
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "10000";
    options["lease"] = "15000";
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != processes; ++i)
        pools.start();
    // They have had work before.
    s.enqueue("sleep", 0, 1000, 1000);
    ASSERT_TRUE(s.drained(20s));
    std::this_thread::sleep_for(7s);
    int const seconds = long_run() ? 60 : 15;
    std::int64_t const before = commands(s.server);
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    // Without the INFO before.
    std::int64_t const sent = commands(s.server) - before - 1;
    double const rate = static_cast<double>(sent) / seconds / processes;
    std::cout << "[ figures  ] " << rate << " commands/s each of " << processes
              << " idle process(es), " << resident_kib(pools.living().front()) << " KiB\n";
    if (std::getenv("WORK_KEEP"))
        std::cout << s.server.ask("INFO commandstats");
    in_time(rate, 1.0);
}

INSTANTIATE_TEST_SUITE_P(, idle, testing::Values(1, 4), [](auto const& processes) {
    return "beside_" + std::to_string(processes.param - 1) + "_others";
});

TEST(many, jobs_in_flight_fit_into_memory)
{
    std::int64_t const jobs = long_run() ? 100'000 : 20'000;
    std::int64_t const us = long_run() ? 10'000'000 : 3'000'000;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = std::to_string(jobs);
    options["lease"] = "15000";
    s.enqueue("sleep", 0, jobs, us);
    fleet pools(s.server.directory(), options);
    ::pid_t const pid = pools.start();
    std::int64_t most = 0;
    ASSERT_TRUE(s.drained(60s, [&] { most = std::max(most, resident_kib(pid)); }));
    std::int64_t at_once = 0;
    std::int64_t running = 0;
    for (entry const& e : s.journal_entries()) {
        running += e.kind == '+' ? 1 : -1;
        at_once = std::max(at_once, running);
    }
    std::cout << "[ figures  ] " << at_once << " jobs at once: " << most / 1024 << " MiB\n";
    EXPECT_LE(at_once, jobs);
    happened(at_once == jobs, "all jobs began before the first one ended");
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LE(most, 400 * 1024);
#endif
}

}  // namespace
}  // namespace promises
