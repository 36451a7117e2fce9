// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Of a flow all jobs run or none, whenever its producer dies; and how much one may hold.

#include <work/flow.hpp>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "killing.hpp"
#include "looks.hpp"
#include "producing.hpp"
#include "scene.hpp"

namespace promises {
namespace {

struct begun
{
    std::int64_t first = 0, size = 0;
    std::string id;
    bool stored = false;  ///< its producer heard that it is
};

std::map<std::int64_t, begun> flows_of(std::vector<entry> const& journal)
{
    std::map<std::int64_t, begun> all;
    for (entry const& one : journal) {
        if (one.kind != 'f' && one.kind != 'F')
            continue;
        begun& of = all[one.fence];
        of.first = one.fence;
        of.size = one.index;
        of.id = one.id;
        of.stored = of.stored || one.kind == 'F';
    }
    return all;
}

// Of what flows keep while they are under way.
void expect_nothing_left(scene& s)
{
    for (std::string const& key : s.keys())
        for (char const* const kind :
             {"needs:", "then:", "given:", "waiting", "telling", "uncommitted"})
            EXPECT_FALSE(key.starts_with(kind)) << key << " is left";
}

TEST(flows, run_whole_or_not_at_all_when_their_producers_are_killed_between_parts)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 3; ++i)
        pools.start();
    options["produce"] = "flows";
    options["serve"] = "no";
    std::string const logs = s.server.directory() + "/producers";
    std::filesystem::create_directory(logs);
    fleet producers(logs, options);
    std::mt19937 chance(7);
    int seed = 0;
    auto const start = [&] {
        ++seed;
        producers.start(
            {{"seed", std::to_string(seed)}, {"first", std::to_string(seed * 1'000'000)}}
        );
    };
    start();
    start();
    std::int64_t const wanted = long_run() ? 100'000 : 10'000;
    std::int64_t jobs = 0, kills = 0;
    auto const until = std::chrono::steady_clock::now() + (long_run() ? 600s : 60s);
    std::map<std::int64_t, begun> flows;
    while (jobs < wanted && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100 + chance() % 300));
        producers.kill(producers.living().front());
        start();
        if (++kills % 3 == 0) {
            pools.kill(pools.living().front());
            pools.start();
        }
        flows = flows_of(s.journal_entries());
        jobs = 0;
        for (auto const& [first, one] : flows)
            jobs += one.size;
    }
    auto const kill_producers = [&] {
        for (::pid_t const pid : std::vector<::pid_t>(producers.living()))
            producers.kill(pid);
    };
    kill_producers();
    // One at least has died between two parts.
    for (int i = 0;
         look(s.server, "return redis.call('ZCARD', 'work:{t}:uncommitted')") == 0 && i != 100;
         ++i) {
        start();
        std::this_thread::sleep_for(std::chrono::milliseconds(100 + chance() % 300));
        kill_producers();
    }
    flows = flows_of(s.journal_entries());
    // What nobody will store the rest of is given up after 10 minutes: now.
    std::int64_t const cut = look(
        s.server,
        "local p = 'work:{t}:' local all = redis.call('ZRANGE', p .. 'uncommitted', 0, -1) "
        "for _, flow in ipairs(all) do redis.call('ZADD', p .. 'scheduled', 1, '{flow ' .. flow) "
        "end return #all"
    );
    s.enqueue("sleep", 0, 1, 0);
    ASSERT_TRUE(s.drained(90s));
    // When each job ran first, and ended.
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> ran;
    for (entry const& one : s.journal_entries()) {
        EXPECT_NE(one.kind, '?') << one.index << " got another result than " << one.reason;
        auto& of = ran[one.index];
        if (one.kind == '+' && of.first == 0)
            of.first = one.at_us;
        if (one.kind == '-' && of.second == 0)
            of.second = one.at_us;
    }
    std::map<std::int64_t, std::mt19937> drawn;
    std::int64_t whole = 0, none = 0;
    for (auto const& [first, one] : flows) {
        std::int64_t const of = first / 1'000'000;
        auto const at = drawn.try_emplace(of, static_cast<std::uint32_t>(of)).first;
        auto const needs = draw_flow(at->second);
        ASSERT_EQ(one.size, static_cast<std::int64_t>(needs.size()));
        std::int64_t ended = 0;
        for (std::int64_t i = 0; i != one.size; ++i) {
            auto const job = ran.find(first + i);
            if (job == ran.end())
                continue;
            ended += job->second.second != 0;
            for (std::int64_t const parent : needs[static_cast<std::size_t>(i)])
                EXPECT_GE(job->second.first, ran[first + parent].second)
                    << i << " of " << one.id << " ran before " << parent;
        }
        EXPECT_TRUE(ended == one.size || ended == 0)
            << ended << " of " << one.size << " jobs of " << one.id;
        EXPECT_TRUE(!one.stored || ended == one.size) << one.id << " was stored";
        ++(ended == 0 ? none : whole);
    }
    happened(jobs >= wanted, "enough was enqueued in its time");
    EXPECT_GT(cut, 0) << "no producer died between two parts";
    EXPECT_GE(none, cut);
    EXPECT_EQ(s.counts().dead, 0);
    std::cout << "[ figures  ] " << jobs << " jobs: " << whole << " flows ran, " << none
              << " did not, of which " << cut << " were stored in part; " << kills << " kills\n";
    expect_nothing_left(s);
}

// Flows are cancelled at any moment while pools die. Nothing of one starts after that, the others
// run whole, and all of them end.
TEST(flows, that_are_cancelled_while_pools_are_killed_end_and_leave_the_others_alone)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    fleet pools(s.server.directory(), options);
    std::mt19937 chance(7);
    std::int64_t const flows = long_run() ? 200 : 14;
    std::vector<begun> all;
    for (std::int64_t f = 0; f != flows; ++f) {
        work::flow one(s.client);
        std::vector<work::flow_job> jobs;
        auto const drawn = draw_flow(chance);
        begun next;
        next.first = f * 1'000;
        for (std::size_t i = 0; i != drawn.size(); ++i) {
            work::after others;
            for (std::int64_t const parent : drawn[i])
                others = others && work::after(jobs[static_cast<std::size_t>(parent)])
                                       .as(std::to_string(next.first + parent));
            std::int64_t const index = next.first + static_cast<std::int64_t>(i);
            jobs.push_back(one.add(work::make("step", index, 2'000), others));
        }
        next.size = static_cast<std::int64_t>(drawn.size());
        next.id = one.id();
        s.get(one.start());
        all.push_back(next);
    }
    std::map<std::int64_t, std::int64_t> cancelled_at;
    auto const cancel = [&](begun const& one) {
        s.get(s.inspector.cancel_flow(one.id));
        cancelled_at[one.first] = steady_us();
    };
    // Of one no job runs at all; the others are cancelled in the midst of it, or too late.
    cancel(all.front());
    for (int i = 0; i != 3; ++i)
        pools.start();
    killing storm(s, pools, 100ms);
    ASSERT_TRUE(s.drained(long_run() ? 300s : 90s, [&] {
        auto const one = all[chance() % all.size()];
        if (cancelled_at.size() < all.size() / 2 && !cancelled_at.contains(one.first))
            cancel(one);
        storm.go_on();
    }));
    std::map<std::int64_t, std::set<std::int64_t>> ended;
    std::int64_t latest_us = 0;
    for (entry const& one : s.journal_entries()) {
        EXPECT_NE(one.kind, '?') << one.index << " got another result than " << one.reason;
        std::int64_t const of = one.index / 1'000 * 1'000;
        auto const at = cancelled_at.find(of);
        // What a pool has claimed by then may be about to start.
        if (one.kind == '+' && at != cancelled_at.end())
            latest_us = std::max(latest_us, one.at_us - at->second);
        if (one.kind == '-')
            ended[of].insert(one.index);
    }
    in_time(latest_us, 1'000'000, "a start after its flow was cancelled");
    EXPECT_TRUE(ended[all.front().first].empty());
    std::int64_t cut = 0;
    for (begun const& one : all) {
        auto const n = static_cast<std::int64_t>(ended[one.first].size());
        if (cancelled_at.contains(one.first))
            cut += n < one.size;
        else
            EXPECT_EQ(n, one.size) << one.id;
    }
    EXPECT_GT(cut, 0);
    happened(cut > 1, "flows were cancelled while they ran");
    happened(storm.kills() > 1, "pools were killed meanwhile");
    EXPECT_EQ(s.counts().dead, 0);
    std::cout << "[ figures  ] " << cancelled_at.size() << " of " << flows << " flows cancelled, "
              << cut << " before their end; " << storm.kills() << " kills\n";
    expect_nothing_left(s);
}

// What it takes grows with their number, not with its square.
TEST(flows, of_very_many_jobs_and_one_that_needs_them_all_are_stored_and_run)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "1000";
    fleet pools(s.server.directory(), options);
    pools.start();
    std::int64_t const jobs = long_run() ? 100'000 : 20'000;
    auto const begun = steady_us();
    work::flow all(s.client, "all");
    for (std::int64_t i = 0; i != jobs; ++i)
        all.add(work::make("step", i, 0));
    std::string const last = all.on_complete(work::make("sleep", jobs, 0)).id();
    auto const made = steady_us();
    s.get(all.start(), 120s);
    auto const stored = steady_us();
    ASSERT_TRUE(s.drained(120s));
    std::int64_t before = 0, ends = 0;
    for (entry const& one : s.journal_entries()) {
        ends += one.kind == '-';
        if (one.id == last && one.kind == '+')
            before = ends;
    }
    EXPECT_EQ(before, jobs) << "so many had ended when the one began that needs them all";
    EXPECT_EQ(ends, jobs + 1);
    std::cout << "[ figures  ] " << jobs << " jobs: made in " << (made - begun) / 1000
              << " ms, stored in " << (stored - made) / 1000 << " ms\n";
    // With the square it took 28 s.
    in_time(made - begun, 10'000'000 * (jobs / 20'000));
}

}  // namespace
}  // namespace promises
