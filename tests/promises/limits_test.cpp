// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Under a limit never more jobs have leases than there are slots, whatever is done to pools, jobs
// and the limit itself; and what the broker says of slots is what runs, at every look.

#include <work/limits.hpp>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "looks.hpp"
#include "scene.hpp"

namespace promises {
namespace {

class limited : public testing::Test
{
protected:
    void set(std::int64_t slots)
    {
        work::limit_options how;
        how.slots = slots;
        how.scope = work::limit_scope{{}, {"sleep", "flaky"}};
        auto const code = s.get(limits.set("some", how));
        EXPECT_TRUE(code == work::limit_code::done || code == work::limit_code::already);
    }
    std::int64_t held() const
    {
        return look(s.server, "return redis.call('HLEN', 'work:{t}:held:some')");
    }
    /// Looks again and again for so long.
    void watch(std::chrono::milliseconds time)
    {
        auto const until = std::chrono::steady_clock::now() + time;
        do {
            std::int64_t const now = jobs_under_leases(s.server);
            most = std::max(most, now);
            full += now == 7;
            ++looks;
            // Without this all looks fall into the same part of a round.
            std::this_thread::sleep_for(std::chrono::microseconds(chance() % 9'000));
        } while (std::chrono::steady_clock::now() < until);
    }
    std::map<std::string, std::string> options() const
    {
        auto all = s.worker_options();
        all["concurrency"] = "20";
        all["lease"] = "1000";
        all["grace"] = "300";
        return all;
    }
    struct recovery
    {
        std::size_t kills = 0;  ///< after which seven ran that lived on
        std::int64_t slowest_us = 0;
        std::size_t jobs = 0;
        int peak = 0;
    };
    /// Of attempts that ended by themselves it is known from when until when they ran.
    recovery recovered(std::vector<std::int64_t> const& kills) const
    {
        std::map<std::pair<std::string, std::int64_t>, std::int64_t> began;
        std::vector<std::pair<std::int64_t, int>> changes;
        for (entry const& one : s.journal_entries()) {
            auto const attempt = std::pair(one.id, one.fence);
            if (one.kind == '+') {
                began[attempt] = one.at_us;
            } else if (one.kind == '-' && began.contains(attempt)) {
                changes.emplace_back(began[attempt], 1);
                changes.emplace_back(one.at_us, -1);
            }
        }
        std::sort(changes.begin(), changes.end());
        recovery seen;
        seen.jobs = changes.size() / 2;
        int running = 0;
        for (auto const& [at, change] : changes) {
            seen.peak = std::max(seen.peak, running += change);
            for (; running == 7 && seen.kills != kills.size() && kills[seen.kills] <= at;
                 ++seen.kills)
                seen.slowest_us = std::max(seen.slowest_us, at - kills[seen.kills]);
        }
        return seen;
    }
    void expect_all_free()
    {
        EXPECT_EQ(held(), 0);
        EXPECT_THAT(s.orphans(), testing::IsEmpty());
        for (std::string const& key : s.keys())
            for (char const* const kind : {"held:", "waits:", "limited:"})
                EXPECT_FALSE(key.starts_with(kind)) << key << " is left";
    }

    scene s;
    work::limits limits{s.client};
    std::mt19937 chance{7};
    std::int64_t most = 0, full = 0, looks = 0;
};

TEST_F(limited, seven_of_eight_pools_that_are_killed_are_seven_again_within_a_lease)
{
    set(7);
    fleet pools(s.server.directory(), options());
    for (int i = 0; i != 8; ++i)
        pools.start();
    auto const time = long_run() ? 300s : 10s;
    // More than can be done in that time, and in what the last kills add to it.
    s.enqueue("sleep", 0, long_run() ? 100'000 : 6'000, 30'000);
    auto const end = std::chrono::steady_clock::now() + time;
    std::vector<std::int64_t> kills;
    while (std::chrono::steady_clock::now() < end) {
        watch(std::chrono::milliseconds(100 + chance() % 2'500));
        // One that has slots, most of the time: who frees one gets the next.
        ::pid_t victim = pools.living().at(chance() % 8);
        bool const any = chance() % 4 == 0;
        auto const journal = s.journal_entries();
        for (auto one = journal.rbegin(); !any && one != journal.rend(); ++one) {
            auto const& all = pools.living();
            if (std::find(all.begin(), all.end(), one->pid) != all.end()) {
                victim = one->pid;
                break;
            }
        }
        kills.push_back(steady_us());
        pools.kill(victim);
        pools.start();
    }
    watch(1s);
    // Until as many end that began after the last kill as prove that all slots were taken.
    recovery seen;
    work::testing::soon([&] { return (seen = recovered(kills)).kills == kills.size(); }, 20s);
    EXPECT_EQ(most, 7);
    happened(full > looks / 4, "slots leak, or nobody is woken for those that are free");
    EXPECT_EQ(seen.kills, kills.size()) << "never full again";
    EXPECT_LE(seen.peak, 7);
    std::cout << "[ figures  ] " << kills.size() << " kills, " << looks << " looks, full in "
              << full << ", " << seen.jobs << " jobs, seven again after " << seen.slowest_us / 1000
              << " ms at the latest\n";
    // With slack for a busy machine.
    in_time(seen.slowest_us, 1'000'000 + 1'500'000);
    ASSERT_TRUE(s.get(limits.remove("some")));
    ASSERT_TRUE(s.drained(long_run() ? 300s : 60s));
    expect_all_free();
}

TEST_F(limited, jobs_never_exceed_their_slots_whatever_people_and_accidents_do)
{
    set(7);
    fleet pools(s.server.directory(), options());
    for (int i = 0; i != 6; ++i)
        pools.start();
    std::int64_t const jobs = long_run() ? 6'000 : 500;
    s.enqueue("sleep", 0, jobs, 20'000);
    s.enqueue("flaky", jobs, 2 * jobs, 5'000);
    std::vector<::pid_t> frozen;
    auto const thaw = [&] {
        for (::pid_t const pid : frozen)
            pools.signal(pid, SIGCONT);
        frozen.clear();
    };
    auto const one_that_runs = [&]() -> std::string {
        auto const state = s.get(limits.get("some"));
        return state && !state->holders.empty() ? state->holders.front() : "none";
    };
    std::map<int, int> done;
    int const times = long_run() ? 600 : 40;
    for (int i = 0; i != times; ++i) {
        int const what = static_cast<int>(chance() % 10);
        ++done[what];
        auto const pool = pools.living().at(chance() % pools.living().size());
        switch (what) {
        case 0:
            pools.kill(pool);
            pools.start();
            break;
        case 1:  // for longer than its lease: others run its jobs, and then it goes on
            pools.signal(pool, SIGSTOP);
            frozen.push_back(pool);
            watch(1'300ms);
            thaw();
            break;
        case 2:
            pools.signal(pool, SIGTERM);
            pools.wait(pool, 5s);
            pools.start();
            break;
        case 3: set(static_cast<std::int64_t>(chance() % 7)); break;
        case 4: set(7); break;
        case 5: s.get(s.inspector.pause(work::pause_kind::name, "sleep")); break;
        case 6: s.get(s.inspector.resume(work::pause_kind::name, "sleep")); break;
        case 7: s.get(s.inspector.cancel({one_that_runs()})); break;
        case 8: s.get(s.inspector.requeue({one_that_runs()})); break;
        default: s.get(s.inspector.kill({one_that_runs()})); break;
        }
        watch(std::chrono::milliseconds(chance() % 200));
    }
    set(7);
    s.get(s.inspector.resume(work::pause_kind::name, "sleep"));
    ASSERT_TRUE(s.drained(long_run() ? 300s : 60s, [&] { watch(0ms); }));
    EXPECT_LE(most, 7);
    happened(most >= 6, "nearly all slots were taken at once");
    std::string text;
    for (auto const& [what, count] : done)
        text += " " + std::to_string(what) + ":" + std::to_string(count);
    std::cout << "[ figures  ] " << looks << " looks, at most " << most << ", full in " << full
              << "; done" << text << "\n";
    work::limit_leaks const leaks = s.get(s.client.broker()->look_for_leaks(false));
    EXPECT_TRUE(leaks.holders.empty() && leaks.lists.empty());
    // The dead are those that were killed.
    EXPECT_LE(s.counts().dead, done[9]);
    EXPECT_EQ(held(), 0);
}

}  // namespace
}  // namespace promises
