// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 7 where kills go on while the last jobs remain: whoever dies without a job leaves no
// lapsed claim, and is missed all the same.

#include <cstdio>

#include "support/broker_actors.hpp"
#include "support/broker_fixture.hpp"
#include "support/simulated_fleet.hpp"

namespace {

using namespace work_test;

struct storm_case
{
    std::int64_t lease_ms;
    std::int64_t pause_ms;  ///< between two kills
    int processes;
    int concurrency;
};

class storm : public transitions
{
protected:
    using fleet = simulated_fleet;

    bool in_memory() const { return std::string_view(GetParam()) == "memory"; }
    std::int64_t left()
    {
        auto const c = b().counts();
        return c.pending + c.active + c.suspect;
    }
    bool dead() { return state("poison") == work::job_state::dead; }
    /// How many of its processes a job kills until it is dead, while `beside` happens.
    int crashes_of_poison(std::int64_t lease, auto beside)
    {
        fleet pools(
            b(),
            {.lease_ms = lease, .step_ms = lease / 12, .processes = 4, .concurrency = 10}
        );
        pools.add("poison", 0, 300);
        for (int i = 0; i != 12 * 60 && !dead(); ++i) {
            pools.step();
            beside(pools, i);
        }
        EXPECT_TRUE(dead());
        b().remove({"poison"});
        b().pass(100'000);
        return pools.crashes;
    }
    /// 127 kills by lot, over jobs of 500 ms; how many of these are dead.
    std::int64_t blow(storm_case const& how, std::uint64_t seed, int jobs)
    {
        dice chance(seed);
        fleet pools(
            b(),
            {.lease_ms = how.lease_ms,
             .step_ms = how.pause_ms / 4,
             .processes = how.processes,
             .concurrency = how.concurrency}
        );
        std::string const tag = std::to_string(b().now_ms()) + "-";
        for (int i = 0; i != jobs; ++i)
            pools.add(tag + std::to_string(i), 500);
        for (int i = 0; i != 127 * 4; ++i) {
            if (i % 4 == 0)
                pools.kill(static_cast<std::size_t>(chance.between(0, how.processes - 1)));
            pools.step();
        }
        for (int i = 0; i != 40'000 && left() != 0; ++i)
            pools.step();
        EXPECT_EQ(left(), 0);
        std::int64_t const dead = b().counts().dead;
        EXPECT_EQ(pools.done() + static_cast<std::size_t>(dead), static_cast<std::size_t>(jobs));
        for (int i = 0; i != jobs && dead != 0; ++i) {
            if (!pools.ran(tag + std::to_string(i)))
                b().remove({tag + std::to_string(i)});
        }
        b().pass(100'000);
        return dead;
    }
};

TEST_P(storm, that_outlives_the_jobs_buries_nobody)
{
    std::uint64_t const seeds = in_memory() ? 12 : 1;
    int runs = 0, runs_with_dead = 0;
    std::int64_t dead = 0;
    for (auto const& [lease, pause] :
         {std::pair(1'000, 260), std::pair(15'000, 260), std::pair(15'000, 3'900)}) {
        for (int const processes : {3, 8}) {
            for (int const concurrency : {10, 50, 400}) {
                std::int64_t here = 0;
                for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                    std::int64_t const found =
                        blow({lease, pause, processes, concurrency}, seed, 100);
                    ++runs;
                    runs_with_dead += found > 0 ? 1 : 0;
                    here += found;
                }
                EXPECT_EQ(here, 0)
                    << lease << " " << pause << " " << processes << " " << concurrency;
                dead += here;
            }
        }
    }
    std::printf(
        "[ figures  ] storms that outlive their jobs: %lld buried, in %d of %d\n",
        static_cast<long long>(dead),
        runs_with_dead,
        runs
    );
}

TEST_P(storm, is_none_where_pools_live_or_leave)
{
    for (std::int64_t const lease : {1'000, 2'000, 15'000}) {
        SCOPED_TRACE(lease);
        // As many as where nobody looks for pools that vanished.
        int const crashes = lease == 15'000 ? 5 : 4;
        EXPECT_EQ(crashes_of_poison(lease, [](fleet&, int) {}), crashes);
        int left = 0;
        auto const leaves = [&](fleet& pools, int step) {
            left += step % 3 == 0 && pools.stop(static_cast<std::size_t>(step)) ? 1 : 0;
        };
        EXPECT_EQ(crashes_of_poison(lease, leaves), crashes);
        EXPECT_GE(left, 10);
    }
}

// Those that are killed have no job, so that it alone seems to die.
TEST_P(storm, of_pools_without_a_job_is_seen_and_soon_over)
{
    constexpr std::int64_t lease = 2'000;
    fleet pools(b(), {.lease_ms = lease, .step_ms = 160, .processes = 6, .concurrency = 10});
    pools.add("poison", 0, 300);
    std::int64_t const begin = b().now_ms();
    for (int i = 0; b().now_ms() < begin + 40 * lease; ++i) {
        if (i % 3 == 0)
            pools.kill_idle(static_cast<std::size_t>(i / 3));
        pools.step();
        ASSERT_FALSE(dead()) << b().now_ms() - begin;
    }
    EXPECT_GE(pools.kills, 100);
    std::int64_t const end = b().now_ms();
    while (!dead() && b().now_ms() < end + 40 * lease)
        pools.step();
    EXPECT_TRUE(dead());
    EXPECT_LE(b().now_ms() - end, 10 * lease);
}

INSTANTIATE_TEST_SUITE_P(on, storm, both_sides, side_name);

}  // namespace
