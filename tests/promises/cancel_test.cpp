// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A cancelled job ends: at once where its handler waits, and whoever dies. It never runs again.

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "killing.hpp"
#include "scene.hpp"

namespace promises {
namespace {

class cancels : public testing::Test
{
protected:
    /// Sleep jobs for a minute, all of which have started.
    std::vector<std::string> asleep(std::int64_t jobs)
    {
        s.enqueue("sleep", 0, jobs, 60'000'000);
        auto const until = std::chrono::steady_clock::now() + 30s;
        std::set<std::string> ids;
        while (static_cast<std::int64_t>(ids.size()) < jobs &&
               std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(20ms);
            ids.clear();
            for (entry const& one : s.journal_entries())
                ids.insert(one.id);
        }
        EXPECT_EQ(ids.size(), static_cast<std::size_t>(jobs));
        return {ids.begin(), ids.end()};
    }
    /// How many entries of that kind, and the time of the last.
    std::pair<std::int64_t, std::int64_t> written(char kind) const
    {
        std::pair<std::int64_t, std::int64_t> all;
        for (entry const& one : s.journal_entries()) {
            if (one.kind != kind)
                continue;
            ++all.first;
            all.second = std::max(all.second, one.at_us);
        }
        return all;
    }

    scene s;
};

class cancels_of_all : public cancels, public testing::WithParamInterface<bool>
{};

TEST_P(cancels_of_all, two_thousand_sleeping_handlers_end_them_together)
{
    bool const full = GetParam();
    auto options = s.worker_options();
    options["concurrency"] = full ? "2000" : "2500";
    options["lease"] = "15000";
    fleet pools(s.server.directory(), options);
    pools.start();
    std::vector<std::string> const ids = asleep(2'000);
    auto const began = steady_us();
    auto const answers = s.get(s.inspector.cancel(ids));
    auto const said = steady_us();
    for (work::admin_result const& one : answers)
        EXPECT_EQ(one.state, work::job_state::active);
    ASSERT_TRUE(s.drained(30s));
    auto const drained = steady_us();
    auto const [interrupted, last] = written('!');
    EXPECT_EQ(interrupted, 2'000);
    EXPECT_EQ(written('-').first, 0);
    std::int64_t first = last;
    for (entry const& one : s.journal_entries()) {
        if (one.kind == '!') {
            ASSERT_EQ(one.reason, "cancelled");
            first = std::min(first, one.at_us);
        }
    }
    std::cout << "[ figures  ] cancelled in " << (said - began) / 1000 << " ms; heard "
              << (first - began) / 1000 << " ms after the beginning; the last handler ended "
              << (last - said) / 1000 << " ms after the call, and " << (drained - last) / 1000
              << " ms later none was active\n";
    // A quiet machine takes 60 ms for all of it. One that was not woken would hear with its next
    // look, after 4 s.
    in_time(last - said, 2'000'000);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(of, cancels_of_all, testing::Bool(), [](auto const& full) {
    return full.param ? "a_full_pool" : "a_pool_with_room";
});

TEST_F(cancels, of_jobs_whose_pools_die_at_any_moment_hold)
{
    auto options = s.worker_options();
    options["concurrency"] = "100";
    options["lease"] = "1000";
    fleet pools(s.server.directory(), options);
    for (int i = 0; i != 4; ++i)
        pools.start();
    std::int64_t const jobs = long_run() ? 20'000 : 1'200;
    s.enqueue("sleep", 0, jobs, 300'000);
    std::mt19937 chance(7);
    // What was said of each that somebody cancelled: gone says that it had ended.
    std::map<std::string, std::pair<work::admin_code, std::int64_t>> said;
    killing storm(s, pools, 150ms);
    ASSERT_TRUE(s.drained(long_run() ? 300s : 90s, [&] {
        std::map<std::string, char> last;
        for (entry const& one : s.journal_entries())
            last[one.id] = one.kind;
        std::vector<std::string> some;
        for (auto const& [id, kind] : last)
            if (kind == '+' && chance() % 8 == 0)
                some.push_back(id);
        if (!some.empty() && said.size() < static_cast<std::size_t>(jobs) / 2) {
            auto const answers = s.get(s.inspector.cancel(some));
            auto const at = steady_us();
            for (std::size_t i = 0; i != some.size(); ++i)
                said.emplace(some[i], std::pair(answers[i].code, at));
        }
        storm.go_on();
    }));
    happened(storm.kills() > 3, "pools were killed meanwhile");
    // One that was taken runs to no second start after that, and ends as cancelled or completed.
    std::int64_t latest_us = 0, completed = 0;
    std::map<std::string, bool> done;
    for (entry const& one : s.journal_entries()) {
        auto const at = said.find(one.id);
        if (at == said.end())
            continue;
        bool const taken = at->second.first != work::admin_code::gone;
        // A pool may have claimed it, and be about to write that it starts.
        if (taken && one.kind == '+')
            latest_us = std::max(latest_us, one.at_us - at->second.second);
        done[one.id] = done[one.id] || one.kind == '-';
    }
    std::int64_t cancelled = 0, unknown = 0;
    for (auto const& [id, how] : said) {
        work::job_state const state = s.get(s.inspector.job(id)).state;
        cancelled += state == work::job_state::cancelled;
        completed += done[id];
        if (how.first != work::admin_code::gone && !done[id])
            unknown += state != work::job_state::cancelled && state != work::job_state::unknown;
    }
    std::cout << "[ figures  ] " << said.size() << " cancelled, of which " << completed
              << " had completed and " << cancelled << " are kept as cancelled; " << storm.kills()
              << " kills\n";
    in_time(latest_us, 500'000, "a start after the job was cancelled");
    EXPECT_EQ(unknown, 0);
    happened(said.size() > 50, "jobs that ran were cancelled");
    EXPECT_EQ(s.counts().dead, 0);
    // What pools were told that died before they heard it goes with them, an hour later.
    auto const left = [&] {
        auto keys = s.job_keys();
        std::erase_if(keys, [](std::string const& key) { return key.starts_with("orders:"); });
        return keys;
    };
    work::testing::soon([&] { return left().empty(); }, 20s);
    EXPECT_THAT(left(), testing::IsEmpty());
}

}  // namespace
}  // namespace promises
