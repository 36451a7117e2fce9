// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What happens while a flow is being stored: people act on its jobs, and the broker goes away.

#include <work/broker/forwarding_broker.hpp>
#include <work/flow.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

/// Looks at each batch before it goes on.
struct watched_broker : work::forwarding_broker
{
    using forwarding_broker::forwarding_broker;

    work::task<work::enqueue_answer> enqueue(work::enqueue_request request) override
    {
        ++batches;
        if (before_each)
            co_await before_each(batches);
        co_return co_await forwarding_broker::enqueue(std::move(request));
    }
    std::function<work::task<void>(int)> before_each;
    int batches = 0;
};

class flows_under_way : public either_broker
{
protected:
    flows_under_way() : between(std::make_shared<watched_broker>(client->broker()))
    {
        producer.emplace(io.get_executor(), between);
        pool.emplace(*client, work::pool_options{.concurrency = 20});
        pool->handle("note", [this](work::context&, std::string what) -> work::task<void> {
            ran.push_back(what);
            co_return;
        });
    }
    void drain()
    {
        auto const run = [&]() -> work::task<void> { co_await pool->run_until_empty(); };
        get(run());
    }
    work::flow of_three_batches()
    {
        work::flow large(*producer);
        first = large.add(work::make("note", "first")).id();
        return large;
    }
    static void fill(work::flow& large)
    {
        for (int i = 0; i != 300; ++i)
            large.add(work::make("note", std::to_string(i)));
    }

    std::shared_ptr<watched_broker> between;
    std::optional<work::client> producer;
    std::optional<work::worker_pool> pool;
    std::string first;
    std::vector<std::string> ran;
};

// A job that runs whatever becomes of the others of its flow runs when all of it is stored, and
// not when those are cancelled before.
TEST_P(flows_under_way, jobs_that_run_in_any_case_wait_for_the_rest)
{
    work::flow large = of_three_batches();
    std::string const careless =
        large.add(work::make("note", "careless"), work::after(first).even_if_failed()).id();
    std::string const careful = large.add(work::make("note", "careful"), work::after(first)).id();
    fill(large);
    between->before_each = [&](int batch) -> work::task<void> {
        if (batch != 2)
            co_return;
        std::vector<std::string> ids(1, first);
        auto const told = co_await inspector->cancel(std::move(ids));
        EXPECT_EQ(told.front().code, work::admin_code::done);
        work::job_info const one = co_await inspector->job(careless);
        EXPECT_EQ(one.state, work::job_state::waiting);
        work::job_info const other = co_await inspector->job(careful);
        EXPECT_EQ(other.state, work::job_state::cancelled);
    };
    get(large.start());
    EXPECT_GE(between->batches, 3);
    drain();
    EXPECT_THAT(ran, testing::Contains("careless"));
    EXPECT_EQ(ran.size(), 301u);
    EXPECT_EQ(get(inspector->counts()).waiting, 0);
}

// Whoever is refused says so, though the broker can't be told; started again, the flow is ended.
TEST_P(flows_under_way, one_that_was_refused_while_the_broker_went_away_is_ended_later)
{
    work::flow large = of_three_batches();
    fill(large);
    large.add(work::make("note", "refused"), work::after("never"));
    fill(large);
    int const last = 4;
    between->before_each = [&](int batch) -> work::task<void> {
        if (batch == last)
            throw work::error(work::errc::unavailable, "the broker is away");
        co_return;
    };
    std::vector<std::string> errors;
    for (int turn = 0; turn != 3; ++turn) {
        try {
            get(large.start());
            errors.emplace_back("none");
        } catch (work::error const& e) {
            errors.emplace_back(e.what());
        }
    }
    ASSERT_EQ(between->batches, last + 1) << "batches, the end in vain, the end";
    EXPECT_THAT(errors[0], testing::HasSubstr("the broker is away"));
    EXPECT_THAT(errors[1], testing::HasSubstr("needs never, which is not there"));
    EXPECT_EQ(errors[2], errors[1]);
    drain();
    EXPECT_THAT(ran, testing::IsEmpty());
    EXPECT_EQ(get(inspector->counts()).waiting, 0) << "what was stored has ended";
}

INSTANTIATE_TEST_SUITE_P(
    on,
    flows_under_way,
    testing::Values("memory", "redis"),
    [](auto const& which) { return std::string(which.param); }
);

}  // namespace
}  // namespace pool_tests
