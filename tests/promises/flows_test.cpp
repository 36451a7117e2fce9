// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Every flow ends, each need is kept, and results arrive as they were left, whoever dies.

#include <map>
#include <random>
#include <string>
#include <vector>

#include "killing.hpp"
#include "scene.hpp"

namespace promises {
namespace {

struct node
{
    std::string id;
    std::vector<std::int64_t> needs;
    work::otherwise how = work::otherwise::cancel;
    bool fails = false;
};

/// What is to become of each: completed, dead or cancelled.
std::vector<char> expected(std::vector<node> const& all)
{
    std::vector<char> ends;
    for (node const& one : all) {
        bool runs = true;
        for (std::int64_t const parent : one.needs)
            runs = runs && (ends[static_cast<std::size_t>(parent)] == 'c' ||
                            one.how == work::otherwise::run);
        ends.push_back(!runs ? 'x' : one.fails ? 'd' : 'c');
    }
    return ends;
}

TEST(flows, of_thousands_of_jobs_end_as_they_are_to_while_pools_are_killed)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    options["lease"] = "1000";
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 4; ++i)
        pools.start();
    std::mt19937 chance(7);
    auto const drawn = [&](std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(0, most)(chance);
    };
    std::int64_t const flows = long_run() ? 20 : 6;
    std::int64_t const size = 500;  // two batches
    std::vector<node> all;
    for (std::int64_t f = 0; f != flows; ++f) {
        work::flow one(s.client, "flow " + std::to_string(f));
        std::int64_t const first = f * size;
        for (std::int64_t i = 0; i != size; ++i) {
            node next;
            next.fails = drawn(99) == 0;
            next.how = drawn(3) == 0 ? work::otherwise::run : work::otherwise::cancel;
            std::set<std::int64_t> needs;
            for (std::int64_t k = i == 0 ? 0 : drawn(3); k > 0; --k)
                needs.insert(first + drawn(i - 1));
            next.needs.assign(needs.begin(), needs.end());
            work::after others;
            for (std::int64_t const parent : next.needs)
                others = others && work::after(all[static_cast<std::size_t>(parent)].id)
                                       .as(std::to_string(parent));
            if (next.how == work::otherwise::run)
                others = std::move(others).even_if_failed();
            std::int64_t const us = next.fails ? -1 : 2'000;
            next.id = one.add(work::make("step", first + i, us), others).id();
            all.push_back(std::move(next));
        }
        s.get(one.start());
    }
    killing storm(s, pools, 80ms);
    ASSERT_TRUE(s.drained(120s, [&] {
        if (storm.kills() != 8)
            storm.go_on();
    }));
    happened(storm.kills() > 2, "pools were killed meanwhile");
    struct life
    {
        std::int64_t began = 0, ended = 0;
    };
    std::map<std::int64_t, life> lives;
    for (entry const& one : s.journal_entries()) {
        EXPECT_NE(one.kind, '?') << one.index << " got another result than " << one.reason
                                 << " left";
        life& of = lives[one.index];
        if (one.kind == '+' && of.began == 0)
            of.began = one.at_us;
        if (one.kind == '-' && of.ended == 0)
            of.ended = one.at_us;
    }
    std::vector<char> const ends = expected(all);
    std::map<char, int> counts;
    for (std::size_t i = 0; i != all.size(); ++i) {
        ++counts[ends[i]];
        auto const at = lives.find(static_cast<std::int64_t>(i));
        EXPECT_EQ(at != lives.end(), ends[i] != 'x') << i << " " << all[i].id;
        if (at == lives.end())
            continue;
        for (std::int64_t const parent : all[i].needs)
            if (ends[static_cast<std::size_t>(parent)] != 'x') {
                EXPECT_GE(at->second.began, lives[parent].ended) << i << " ran before " << parent;
            }
    }
    EXPECT_EQ(s.counts().dead, counts['d']);
    std::cout << "[ figures  ] " << all.size() << " jobs of " << flows << " flows: " << counts['c']
              << " completed, " << counts['d'] << " died, " << counts['x'] << " were cancelled, "
              << storm.kills() << " kills\n";
    for (std::string const& key : s.keys())
        for (char const* const kind : {"needs:", "then:", "waiting", "telling", "uncommitted"})
            EXPECT_FALSE(key.starts_with(kind)) << key << " is left";
}

}  // namespace
}  // namespace promises
