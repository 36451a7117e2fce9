// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 1 on a store that goes back in time: what it keeps is run, whatever it forgot.

#include <algorithm>
#include <string_view>

#include "scene.hpp"

namespace promises {
namespace {

struct regression
{
    int batch;
    int concurrency;
    std::int64_t longest_us;
};

class regressed : public testing::TestWithParam<regression>
{};

// Saved in mid-run, used on, killed, and started with what was saved: the pools live through it.
TEST_P(regressed, store_leaves_no_job_without_a_place)
{
    regression const how = GetParam();
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = std::to_string(how.concurrency);
    options["batch"] = std::to_string(how.batch);
    options["lease"] = "1500";
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    std::int64_t index = 0, given_back = 0;
    for (int const after_ms : {30, 120, 250, 60, 400}) {
        std::int64_t const first = index;
        for (int i = 0; i != 20; ++i) {
            s.enqueue(i % 2 ? "sleep" : "flaky", index, index + 6, how.longest_us * (i + 1) / 20);
            index += 6;
        }
        // Some are done by now, and claims that hold the others are open.
        std::this_thread::sleep_for(std::chrono::milliseconds(after_ms));
        ASSERT_EQ(s.server.ask("SAVE"), "+OK\r\n");
        std::this_thread::sleep_for(std::chrono::milliseconds(2 * after_ms));
        s.server.kill();
        s.server.start();
        ASSERT_TRUE(s.drained(60s));
        given_back = s.counts().forgotten;
        auto const all = by_job(s.journal_entries());
        for (std::int64_t i = first; i != index; ++i)
            EXPECT_TRUE(all.contains(i)) << i;
        EXPECT_THAT(s.orphans(), testing::IsEmpty()) << after_ms;
    }
    std::cout << "[ figures  ] " << index << " jobs, 5 restored copies: " << given_back
              << " given back\n";
    EXPECT_EQ(s.counts().dead, 0);
    for (::pid_t const pid : std::vector<::pid_t>(pools.living())) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 5s).in_time);
    }
}

std::string regression_name(testing::TestParamInfo<regression> const& info)
{
    return "in_batches_of_" + std::to_string(info.param.batch) + "_with_" +
           std::to_string(info.param.concurrency) + "_workers";
}

INSTANTIATE_TEST_SUITE_P(
    of,
    regressed,
    testing::Values(
        regression{1, 10, 400'000},
        regression{16, 40, 600'000},
        regression{256, 200, 800'000}
    ),
    regression_name
);

std::int64_t take_back_strays(scene& s)
{
    std::vector<std::string> found = s.get(s.inspector.strays());
    auto const codes = s.get(s.inspector.take_back(std::move(found)));
    return std::count(codes.begin(), codes.end(), work::admin_code::done);
}

work::task<void> enqueue_one(work::enqueuer& to, std::int64_t index, work::enqueue_options options)
{
    co_await to.enqueue_with(options, "sleep", index, std::int64_t(1'000));
}

// Each key that says where jobs are is deleted or overwritten, and they are found: by the pools
// themselves where they meet something else in its place, else when somebody asks.
TEST(strays, jobs_whose_keys_were_deleted_or_overwritten_are_found_and_run)
{
    for (char const* const key :
         {"list:sleep", "list:q:sleep", "prio:sleep", "scheduled", "leases", "ready"}) {
        for (bool const overwritten : {false, true}) {
            SCOPED_TRACE(std::string(key) + (overwritten ? " overwritten" : " deleted"));
            scene s;
            auto options = s.worker_options();
            options["lease"] = "1000";
            fleet pools(s.server.directory(), options);
            if (std::string_view(key) == "leases") {
                s.enqueue("sleep", 100, 120, 2'500'000);
                ::pid_t const first = pools.start();
                ASSERT_TRUE(work::testing::soon([&] { return s.journal_entries().size() >= 20; }));
                pools.kill(first);
            }
            for (std::int64_t i = 0; i != 60; ++i) {
                work::enqueue_options how;
                if (i % 4 == 1)
                    how.queue = "q";
                if (i % 4 == 2)
                    how.priority = 5;
                if (i % 4 == 3)
                    s.get(s.enqueuer.enqueue_in(1s, "sleep", i, std::int64_t(1'000)));
                else
                    s.get(enqueue_one(s.enqueuer, i, how));
            }
            std::string const name = std::string("work:{t}:") + key;
            s.server.ask((overwritten ? "SET " + name + " x" : "DEL " + name));
            pools.start();
            std::this_thread::sleep_for(1500ms);
            if (!overwritten)
                take_back_strays(s);
            ASSERT_TRUE(s.drained(40s)) << key;
            auto const all = by_job(s.journal_entries());
            std::size_t again = 0;
            for (std::int64_t i = 0; i != 60; ++i) {
                ASSERT_TRUE(all.contains(i)) << i;
                again += all.at(i).size() - 1;
            }
            // Under a lease of a second.
            in_time(again, 0, "second executions");
        }
    }
}

// What only moves is no stray, however often it is looked for.
TEST(strays, jobs_that_move_are_left_where_they_are)
{
    constexpr std::int64_t jobs = 20'000;
    scene s;
    auto options = s.worker_options();
    options["concurrency"] = "50";
    fleet pools(s.server.directory(), options);
    pools.start();
    pools.start();
    s.enqueue("flaky", 0, jobs, 2'000);
    std::int64_t looks = 0, moved = 0;
    ASSERT_TRUE(s.drained(60s, [&] {
        ++looks;
        moved += take_back_strays(s);
    }));
    std::cout << "[ figures  ] looked " << looks << " times\n";
    EXPECT_EQ(moved, 0);
    auto const all = by_job(s.journal_entries());
    for (std::int64_t i = 0; i != jobs; ++i)
        EXPECT_EQ(all.at(i).size(), 3u) << i;
}

}  // namespace
}  // namespace promises
