// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 1 on a store that goes back in time: what it keeps is run, whatever it forgot.

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
        ASSERT_TRUE(s.drained(30s));
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

}  // namespace
}  // namespace promises
