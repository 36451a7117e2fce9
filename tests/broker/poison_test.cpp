// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 7 in the time of the test: what kills its process is dead in the end, and nothing else.

#include <algorithm>
#include <cstdio>

#include "support/broker_fixture.hpp"
#include "support/simulated_fleet.hpp"

namespace {

using namespace work_test;

class poison : public transitions
{
protected:
    using fleet = simulated_fleet;

    bool dead(std::string const& id) { return state(id) == work::job_state::dead; }
    std::int64_t left()
    {
        auto const c = b().counts();
        return c.pending + c.active + c.suspect;
    }
    /// Until nothing is left, or so many steps.
    void run_out(fleet& pools, int steps)
    {
        for (int i = 0; i != steps; ++i) {
            pools.step();
            if (i % 8 == 0 && left() == 0)
                return;
        }
        ADD_FAILURE() << left() << " jobs are left";
    }
};

TEST_P(poison, of_any_delay_dies_alone_beside_sleepers_and_traffic)
{
    for (std::int64_t const delay : {1, 300, 5'000, 60'000, 600'000}) {
        SCOPED_TRACE(delay);
        fleet pools(b(), {});
        std::string const tag = std::to_string(delay) + "-";
        for (int i = 0; i != 25; ++i)
            pools.add(tag + "s" + std::to_string(i), 60'000);
        pools.add(tag + "poison", 0, delay);
        for (int i = 25; i != 50; ++i)
            pools.add(tag + "s" + std::to_string(i), 60'000);
        int more = 0;
        for (; !dead(tag + "poison") && more != 20'000; ++more) {
            if (more % 4 == 0)
                pools.add(tag + "t" + std::to_string(more), 2'000);
            pools.step();
        }
        run_out(pools, 20'000);
        std::printf(
            "[ figures  ] poison after %lld ms: %d crashes\n",
            static_cast<long long>(delay),
            pools.crashes
        );
        EXPECT_TRUE(dead(tag + "poison"));
        EXPECT_EQ(b().counts().dead, 1);
        EXPECT_LE(pools.crashes, 8);
        EXPECT_GE(pools.crashes, 4);
        b().remove({tag + "poison"});
        b().pass(100'000);
    }
}

TEST_P(poison, two_of_them_are_both_dead)
{
    for (std::int64_t const other : {1, 7'000, 90'000}) {
        SCOPED_TRACE(other);
        fleet pools(b(), {});
        std::string const tag = std::to_string(other) + "-";
        for (int i = 0; i != 50; ++i)
            pools.add(tag + "s" + std::to_string(i), 20'000);
        pools.add(tag + "one", 0, 300);
        pools.add(tag + "two", 0, other);
        run_out(pools, 20'000);
        EXPECT_TRUE(dead(tag + "one"));
        EXPECT_TRUE(dead(tag + "two"));
        EXPECT_EQ(b().counts().dead, 2);
        b().remove({tag + "one", tag + "two"});
        b().pass(100'000);
    }
}

TEST_P(poison, a_hundred_of_them_among_a_thousand_are_dead_and_no_other)
{
    bool const memory = std::string_view(GetParam()) == "memory";
    int const bad = memory ? 100 : 20, all = memory ? 1'000 : 200;
    for (int const processes : {1, 3}) {
        SCOPED_TRACE(processes);
        fleet pools(b(), {.lease_ms = 2'000, .step_ms = 160, .processes = processes});
        std::string const tag = std::to_string(processes) + "-";
        for (int i = 0; i != all; ++i)
            pools.add(tag + std::to_string(i), 500, i % (all / bad) == 3 ? i : -1);
        run_out(pools, 40'000);
        std::printf(
            "[ figures  ] %d poisons of %d, %d processes: %d crashes\n",
            bad,
            all,
            processes,
            pools.crashes
        );
        EXPECT_EQ(pools.done(), static_cast<std::size_t>(all - bad));
        EXPECT_EQ(b().counts().dead, bad);
        for (int i = 0; i != all; ++i) {
            if (i % (all / bad) == 3)
                b().remove({tag + std::to_string(i)});
        }
        b().pass(10'000);
    }
}

// An OOM killer, or a deploy loop: 127 kills in 33 s.
TEST_P(poison, a_storm_of_kills_buries_nobody)
{
    bool const memory = std::string_view(GetParam()) == "memory";
    int worst = 0;
    for (int const concurrency : {10, 50, 400}) {
        for (int round = 0; round != (memory ? 6 : 1); ++round) {
            SCOPED_TRACE(std::to_string(concurrency) + " " + std::to_string(round));
            std::int64_t const lease = round % 2 == 0 ? 2'000 : 1'000;
            fleet pools(
                b(),
                {.lease_ms = lease, .step_ms = 65, .processes = 3, .concurrency = concurrency}
            );
            std::string const tag = std::to_string(concurrency) + "-" + std::to_string(round) + "-";
            for (int i = 0; i != 3'000; ++i)
                pools.add(tag + std::to_string(i), 500);
            for (int i = 0; i != 127 * 4; ++i) {
                if (i % 4 == 0)
                    pools.kill(static_cast<std::size_t>(i / 4 + (i / 4 * 7 + round) % 5));
                pools.step();
            }
            worst = std::max(worst, static_cast<int>(b().counts().dead));
            run_out(pools, 40'000);
            EXPECT_EQ(b().counts().dead, 0);
            EXPECT_EQ(pools.done(), 3'000u);
            b().pass(100'000);
        }
    }
    std::printf("[ figures  ] at most %d buried\n", worst);
}

TEST_P(poison, in_a_storm_is_dead_soon_after_its_end)
{
    bool const memory = std::string_view(GetParam()) == "memory";
    for (std::int64_t const delay : {1, 300, 2'500}) {
        SCOPED_TRACE(delay);
        constexpr std::int64_t lease = 2'000;
        fleet pools(b(), {.lease_ms = lease, .step_ms = 65, .processes = 3, .concurrency = 50});
        std::string const tag = std::to_string(delay) + "-";
        int const jobs = memory ? 3'000 : 500;
        for (int i = 0; i != jobs; ++i) {
            if (i == jobs / 2)
                pools.add(tag + "poison", 0, delay);
            pools.add(tag + std::to_string(i), 500);
        }
        for (int i = 0; i != 127 * 4; ++i) {
            if (i % 4 == 0)
                pools.kill(static_cast<std::size_t>(i / 4 * 7 % 5));
            pools.step();
        }
        std::int64_t const end = b().now_ms();
        while (!dead(tag + "poison") && b().now_ms() < end + 100 * lease)
            pools.step();
        std::printf(
            "[ figures  ] poison after %lld ms: dead %.1f leases after the storm\n",
            static_cast<long long>(delay),
            static_cast<double>(b().now_ms() - end) / lease
        );
        EXPECT_LE(b().now_ms() - end, 10 * lease);
        run_out(pools, 40'000);
        EXPECT_EQ(b().counts().dead, 1);
        EXPECT_EQ(pools.done(), static_cast<std::size_t>(jobs));
        b().remove({tag + "poison"});
        b().pass(100'000);
    }
}

INSTANTIATE_TEST_SUITE_P(on, poison, both_sides, side_name);

}  // namespace
