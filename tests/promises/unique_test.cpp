// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Pools that enqueue unique jobs themselves, and are killed while they do: of a key there is one
// job at any instant, each that was stored runs, and no lock is left.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "looks.hpp"
#include "scene.hpp"

namespace promises {
namespace {

struct told
{
    std::int64_t stored = 0, kept_out = 0, unknown = 0;
    std::set<std::string> ids;  ///< of those that were stored, as far as anybody heard
};

told told_by(std::vector<entry> const& journal)
{
    told all;
    for (entry const& one : journal) {
        all.stored += one.kind == 'e';
        all.kept_out += one.kind == 'k';
        all.unknown += one.kind == 'x';
        if (one.kind == 'e')
            all.ids.insert(one.id);
    }
    return all;
}

TEST(unique, of_pools_that_race_and_die_one_job_of_a_key_is_there_at_any_instant)
{
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "20";
    options["lease"] = "1000";
    options["produce"] = "unique";
    options["keys"] = "200";
    fleet pools(s.server.directory(), options);
    int seed = 0;
    auto const start = [&] { pools.start({{"seed", std::to_string(++seed)}}); };
    for (int i = 0; i != 16; ++i)
        start();
    std::int64_t const wanted = long_run() ? 400'000 : 10'000;
    auto const until = std::chrono::steady_clock::now() + (long_run() ? 600s : 60s);
    std::int64_t looks = 0, kills = 0, most = 0;
    told so_far;
    while (so_far.stored + so_far.kept_out < wanted && std::chrono::steady_clock::now() < until) {
        for (int i = 0; i != 10; ++i, ++looks) {
            most = std::max(most, most_of_a_key(s.server));
            std::this_thread::sleep_for(10ms);
        }
        pools.kill(pools.living().front());
        start();
        ++kills;
        so_far = told_by(s.journal_entries());
    }
    for (::pid_t const pid : std::vector<::pid_t>(pools.living()))
        pools.kill(pid);
    options.erase("produce");
    fleet others(s.server.directory(), options);
    for (int i = 0; i != 3; ++i)
        others.start();
    ASSERT_TRUE(s.drained(60s, [&] {
        most = std::max(most, most_of_a_key(s.server));
        ++looks;
    }));
    auto const journal = s.journal_entries();
    told const all = told_by(journal);
    EXPECT_EQ(most, 1);
    happened(all.stored + all.kept_out >= wanted, "enough was enqueued in its time");
    happened(kills > 3, "pools were killed meanwhile");
    EXPECT_EQ(all.unknown, 0);
    // Of each job the time from its first start to its end, under the last lease that it had: what
    // a handler says under an earlier one counts for nothing.
    struct life
    {
        std::int64_t began = 0, ended = 0, fence = 0;
    };
    std::map<std::int64_t, std::map<std::string, life>> lives;
    for (entry const& one : journal) {
        if (one.kind != '+' && one.kind != '-')
            continue;
        life& of = lives[one.index][one.id];
        if (of.began == 0)
            of.began = one.at_us;
        if (one.fence > of.fence)
            of.ended = 0;
        of.fence = std::max(of.fence, one.fence);
        if (one.kind == '-' && one.fence == of.fence)
            of.ended = one.at_us;
    }
    std::size_t ran = 0;
    std::set<std::string> unheard = all.ids;
    for (auto const& [key, of_key] : lives) {
        std::vector<std::pair<std::int64_t, std::int64_t>> spans;
        for (auto const& [id, of] : of_key) {
            EXPECT_NE(of.ended, 0) << id << " of key " << key;
            spans.emplace_back(of.began, of.ended);
            unheard.erase(id);
            ++ran;
        }
        std::sort(spans.begin(), spans.end());
        for (std::size_t i = 1; i < spans.size(); ++i)
            EXPECT_LE(spans[i - 1].second, spans[i].first) << "two of key " << key << " at once";
    }
    EXPECT_THAT(unheard, testing::IsEmpty()) << "stored, and never ran";
    std::cout << "[ figures  ] " << all.stored << " stored, " << all.kept_out << " kept out, "
              << ran << " ran, " << kills << " kills, " << looks << " looks\n";
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    for (std::string const& key : s.keys())
        EXPECT_FALSE(key.starts_with("unique:")) << key << " is left";
}

}  // namespace
}  // namespace promises
