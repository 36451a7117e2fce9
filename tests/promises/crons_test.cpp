// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Each time of a cron entry fires once, however many processes fire it and die while they do.
// (tests/cron/fleet.cpp: 32 schedulers, a thousand times, changes of clocks.)

#include <work/cron.hpp>

#include <map>
#include <random>
#include <set>
#include <string>

#include "scene.hpp"

namespace promises {
namespace {

TEST(crons, of_each_second_fire_once_while_those_who_fire_them_are_killed)
{
    scene s;
    auto options = s.worker_options();
    options["lease"] = "1000";
    options["crons"] = "1";
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 8; ++i)
        pools.start();
    work::cron cron{s.client};
    work::cron_options all;
    all.missed = work::missed::all;
    all.most_missed = 256;
    std::string const names[] = {"a", "b", "c", "d", "e"};
    for (std::string const& name : names)
        s.get(cron.put(name, "* * * * * *", work::make("tick"), all));
    std::mt19937 chance(7);
    int kills = 0;
    auto const until = std::chrono::steady_clock::now() + (long_run() ? 300s : 6s);
    while (std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + chance() % 180));
        pools.kill(pools.living().at(chance() % 8));
        pools.start();
        ++kills;
        // Now and then nobody is there.
        if (kills % 15 == 0) {
            for (::pid_t const pid : std::vector<::pid_t>(pools.living()))
                pools.kill(pid);
            std::this_thread::sleep_for(1'500ms);
            for (int i = 0; i != 8; ++i)
                pools.start();
        }
    }
    std::this_thread::sleep_for(1s);
    for (std::string const& name : names)
        s.get(cron.pause(name));
    ASSERT_TRUE(s.drained(30s));
    // One that ran twice did so after a kill, under its one id.
    std::map<std::string, std::set<std::int64_t>> fired;
    for (entry const& one : s.journal_entries()) {
        auto const colon = one.id.rfind(':');
        ASSERT_EQ(one.id.substr(0, 5), "cron:") << one.id;
        fired[one.id.substr(5, colon - 5)].insert(std::stoll(one.id.substr(colon + 1)));
    }
    std::int64_t times = 0;
    for (std::string const& name : names) {
        std::set<std::int64_t> const& of = fired[name];
        ASSERT_GT(of.size(), 5u) << name;
        times += static_cast<std::int64_t>(of.size());
        EXPECT_EQ(*of.rbegin() - *of.begin(), 1000 * static_cast<std::int64_t>(of.size() - 1))
            << "some seconds of " << name << " are missing";
        std::vector<work::cron_fired> const history = s.get(cron.history(name));
        std::set<std::int64_t> due;
        for (work::cron_fired const& one : history)
            EXPECT_TRUE(due.insert(one.due_ms).second) << name << " at " << one.due_ms << " twice";
    }
    happened(kills > 10, "pools were killed meanwhile");
    std::cout << "[ figures  ] " << times << " times of 5 entries, " << kills << " kills\n";
    EXPECT_EQ(s.counts().dead, 0);
}

}  // namespace
}  // namespace promises
