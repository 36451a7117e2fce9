// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Connections that die without a word: nothing runs twice, and nothing waits long.

#include "scene.hpp"
#include "support/proxy.hpp"

namespace promises {
namespace {

struct closing_case
{
    int lease_ms;
    int before_the_end_ms;  ///< when the link dies
};

class command_link : public testing::TestWithParam<closing_case>
{};

// The claim that is about to close stays renewed until the broker has answered, and the request
// goes out anew well within its lease.
TEST_P(command_link, that_dies_before_a_job_ends_repeats_nothing)
{
    closing_case const how = GetParam();
    scene s;
    work::testing::proxy proxy(s.server.port(), 0, 1);
    auto options = s.worker_options();
    options["lease"] = std::to_string(how.lease_ms);
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start({{"url", proxy.url()}});
    std::int64_t const runs_us = 2'500'000;
    s.enqueue("sleep", 0, 10, runs_us);
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < 10 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(2ms);
    auto const started = steady_us();
    ::pid_t const second = pools.start();
    std::this_thread::sleep_for(
        std::chrono::microseconds(started + runs_us - how.before_the_end_ms * 1000 - steady_us())
    );
    proxy.stall("work:commands");
    ASSERT_TRUE(s.drained(30s));
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * how.lease_ms));
    auto const all = by_job(s.journal_entries());
    for (std::int64_t i = 0; i != 10; ++i) {
        ASSERT_EQ(all.at(i).size(), 1u) << i;
        EXPECT_EQ(all.at(i)[0].start.pid, first);
    }
    EXPECT_EQ(s.counts().processed, 10);
    for (::pid_t const pid : {first, second}) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 10s).in_time);
    }
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    ,
    command_link,
    testing::Values(
        closing_case{1500, 20},
        closing_case{1500, 700},
        closing_case{2000, 20},
        closing_case{2000, 700},
        closing_case{3000, 700},
        closing_case{3000, 1500}
    ),
    [](auto const& how) {
        return std::to_string(how.param.before_the_end_ms) + "_ms_before_with_lease_" +
               std::to_string(how.param.lease_ms);
    }
);

}  // namespace
}  // namespace promises
