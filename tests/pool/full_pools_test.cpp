// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A pool whose workers are all taken hears at once what it is told, and takes jobs as soon as one
// of them is free.

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "pool/bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using clock_type = std::chrono::steady_clock;

/// One or two pools of three workers on one client, whose handlers sleep.
class full_pools : public testing::TestWithParam<std::tuple<char const*, int>>
{
protected:
    full_pools()
    {
        std::string url = "memory:";
        if (std::get<0>(GetParam()) == std::string("redis"))
            url = server.emplace().url();
        work::pool_options how;
        how.concurrency = 3;
        how.grace = 100ms;
        b.emplace(how, bench::many_threads, url);
        pools.push_back(&*b->pool);
        if (std::get<1>(GetParam()) == 2)
            pools.push_back(&second.emplace(*b->client, how));
        for (work::worker_pool* pool : pools) {
            pool->handle("sleep", [this](work::context&) -> work::task<void> {
                ++sleeping;
                try {
                    co_await wait_for(60s);
                } catch (...) {
                    --sleeping;
                    throw;
                }
            });
            pool->handle("quick", [this](work::context&) -> work::task<void> {
                ++quick;
                co_return;
            });
        }
    }
    /// All workers taken, and nothing said for a while.
    std::vector<std::string> fill()
    {
        b->start();
        if (second)
            boost::asio::co_spawn(b->io, second->run(), [this](std::exception_ptr) {
                second_ended = true;
            });
        std::vector<std::string> ids;
        for (int i = 0; i != room(); ++i)
            ids.push_back(b->enqueue("sleep"));
        EXPECT_TRUE(b->until([&] { return sleeping == room(); }));
        auto const silent = clock_type::now() + 400ms;
        b->until([&] { return clock_type::now() >= silent; });
        return ids;
    }
    void end()
    {
        for (work::worker_pool* pool : pools)
            pool->stop();
        EXPECT_TRUE(b->until([&] { return b->ended && (!second || second_ended); }));
    }
    int room() const { return 3 * static_cast<int>(pools.size()); }

    std::optional<work::testing::redis_server> server;
    std::optional<bench> b;
    std::optional<work::worker_pool> second;
    std::vector<work::worker_pool*> pools;
    bool second_ended = false;
    int sleeping = 0;
    int quick = 0;
};

// Without being woken they would hear with their next look, more than five seconds later.
constexpr auto at_once = 4s;

TEST_P(full_pools, hear_of_a_cancel_at_once)
{
    std::vector<std::string> const ids = fill();
    auto const began = clock_type::now();
    b->get(b->inspector->cancel(ids));
    EXPECT_TRUE(b->until([&] { return sleeping == 0; }));
    EXPECT_LT(clock_type::now() - began, at_once);
    end();
}

TEST_P(full_pools, hear_that_they_are_to_stop_at_once)
{
    fill();
    auto const began = clock_type::now();
    for (work::worker_pool* pool : pools)
        b->get(b->inspector->order(pool->id(), work::told_order(work::pool_order::stop, 0)));
    EXPECT_TRUE(b->until([&] { return b->ended && (!second || second_ended); }));
    EXPECT_LT(clock_type::now() - began, at_once);
    EXPECT_EQ(b->counts().pending, room()) << "given back";
}

// Jobs that came meanwhile run as soon as a worker is free, and later ones at once.
TEST_P(full_pools, take_jobs_when_they_have_room_again)
{
    std::vector<std::string> const ids = fill();
    for (int i = 0; i != 10; ++i)
        b->enqueue("quick");
    EXPECT_EQ(quick, 0);
    b->get(b->inspector->cancel({ids.front()}));
    auto const began = clock_type::now();
    EXPECT_TRUE(b->until([&] { return quick == 10; }));
    for (int i = 11; i != 15; ++i) {
        auto const idle = clock_type::now() + 300ms;
        b->until([&] { return clock_type::now() >= idle; });
        b->enqueue("quick");
        EXPECT_TRUE(b->until([&] { return quick == i; }));
    }
    EXPECT_LT(clock_type::now() - began, 4 * 300ms + at_once);
    end();
}

INSTANTIATE_TEST_SUITE_P(
    on,
    full_pools,
    testing::Combine(testing::Values("memory", "redis"), testing::Values(1, 2)),
    [](auto const& which) {
        return std::string(std::get<0>(which.param)) +
               (std::get<1>(which.param) == 1 ? "_alone" : "_two");
    }
);

}  // namespace
}  // namespace pool_tests
