// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/memory/memory_broker.hpp>

#include <atomic>

#include "bench.hpp"

namespace pool_tests {
namespace {

class status : public testing::TestWithParam<int>
{};

// By the broker's clock, which stands still but for what the test adds.
TEST_P(status, is_shown_for_three_heartbeats_and_at_least_15_s)
{
    std::chrono::seconds const heartbeat(GetParam());
    std::atomic<std::int64_t> us = 1'000'000'000'000'000;
    boost::asio::io_context io;
    auto const store = std::make_shared<work::memory_store>("", [&us] { return us.load(); });
    auto const broker = std::make_shared<work::memory_broker>(io.get_executor(), store);
    work::client client(io.get_executor(), broker, {.logger = {}});
    work::inspector inspector(client);
    work::pool_options how;
    how.heartbeat = heartbeat;
    work::worker_pool pool(client, how);
    pool.handle("a", nothing);
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    auto const shown = [&] {
        io.restart();
        return !work::testing::run_task(io, inspector.pools(), 20s).empty();
    };
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (!shown() && std::chrono::steady_clock::now() < until)
        io.run_one_for(1ms);
    auto const lives = std::max<std::chrono::seconds>(3 * heartbeat, 15s);
    us += std::chrono::microseconds(lives - 500ms).count();
    EXPECT_TRUE(shown());
    // Another beat may have come meanwhile, but none of these is due in real time.
    if (heartbeat > 20s) {
        us += 1'000'000;
        EXPECT_FALSE(shown());
    }
    pool.stop();
    io.restart();
    while (!ended && std::chrono::steady_clock::now() < until)
        io.run_one_for(1ms);
}

INSTANTIATE_TEST_SUITE_P(, status, testing::Values(5, 16, 30, 60));

}  // namespace
}  // namespace pool_tests
