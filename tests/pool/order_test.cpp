// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// In which order jobs start.

#include <algorithm>

#include "bench.hpp"

namespace pool_tests {
namespace {

struct ordered
{
    explicit ordered(work::pool_options how) : b(std::move(how))
    {
        for (char const* name : {"a", "b", "c"})
            b.pool->handle(name, [this](work::context& job) -> work::task<void> {
                order += job.queue().empty() ? job.name() : job.queue();
                co_return;
            });
    }
    std::string run()
    {
        b.drain();
        return order;
    }
    bench b;
    std::string order;
};

TEST(order, of_one_queue_is_first_in_first_out)
{
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    std::vector<int> order;
    b.pool->handle("a", [&](work::context&, int i) -> work::task<void> {
        order.push_back(i);
        co_return;
    });
    for (int i = 0; i != 500; ++i)
        b.enqueue("a", i);
    b.drain();
    EXPECT_EQ(order.size(), 500u);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(order, of_priorities_is_higher_first)
{
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    std::vector<int> order;
    b.pool->handle("a", [&](work::context&, int priority) -> work::task<void> {
        order.push_back(priority);
        co_return;
    });
    for (int const priority : {0, -100, 5, 100, -5, 0, 50}) {
        work::enqueue_options o;
        o.priority = priority;
        b.enqueue_with(o, "a", priority);
    }
    b.drain();
    EXPECT_THAT(order, testing::ElementsAre(100, 50, 5, 0, 0, -5, -100));
}

TEST(order, strict_takes_a_later_queue_only_when_the_earlier_are_empty)
{
    work::pool_options how;
    how.concurrency = 1;
    how.order = work::queue_order::strict;
    how.queues = {{"high", 1}, {"low", 1}};
    bench b(how);
    std::string order;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        order += job.queue()[0];
        co_return;
    });
    work::enqueue_options low;
    low.queue = "low";
    work::enqueue_options high;
    high.queue = "high";
    work::enqueue_options other;
    other.queue = "other";
    b.enqueue_with(other, "a");
    for (int i = 0; i != 20; ++i) {
        b.enqueue_with(low, "a");
        b.enqueue_with(high, "a");
    }
    b.drain();
    EXPECT_EQ(order, std::string(20, 'h') + std::string(20, 'l'));
    EXPECT_EQ(b.counts().pending, 1);
}

TEST(order, weighted_gives_shares_by_weight)
{
    work::pool_options how;
    how.concurrency = 8;
    how.queues = {{"heavy", 9}, {"light", 1}};
    bench b(how);
    std::string order;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        order += job.queue()[0];
        co_await wait_for(1ms);
    });
    work::enqueue_options o;
    for (int i = 0; i != 400; ++i) {
        o.queue = "heavy";
        b.enqueue_with(o, "a");
        o.queue = "light";
        b.enqueue_with(o, "a");
    }
    b.drain();
    ASSERT_EQ(order.size(), 800u);
    auto const heavy = std::count(order.begin(), order.begin() + 300, 'h');
    EXPECT_GT(heavy, 200);
    EXPECT_LT(heavy, 299);
}

TEST(order, round_robin_serves_all_alike)
{
    work::pool_options how;
    how.concurrency = 6;
    how.order = work::queue_order::round_robin;
    bench b(how);
    std::string order;
    for (char const* name : {"a", "b", "c"})
        b.pool->handle(name, [&](work::context& job) -> work::task<void> {
            order += job.name();
            co_await wait_for(1ms);
        });
    for (char const* name : {"a", "b", "c"}) {
        for (int i = 0; i != 100; ++i)
            b.enqueue(name);
    }
    b.drain();
    ASSERT_EQ(order.size(), 300u);
    for (char const name : {'a', 'b', 'c'}) {
        auto const share = std::count(order.begin(), order.begin() + 150, name);
        EXPECT_GT(share, 30) << name;
        EXPECT_LT(share, 70) << name;
    }
}

TEST(order, queues_that_appear_later_are_found)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        co_return;
    });
    b.start();
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return runs == 1; }));
    for (int i = 0; i != 40; ++i) {
        std::string const queue = "queue" + std::to_string(i);
        work::enqueue_options o;
        o.queue = queue;
        b.enqueue_with(o, "a");
        ASSERT_TRUE(b.until([&] { return runs == 2 + i; }, 4s)) << i;
    }
    b.stop();
}

TEST(order, due_jobs_start_when_they_are_due)
{
    bench b;
    std::vector<int> order;
    b.pool->handle("a", [&](work::context&, int i) -> work::task<void> {
        order.push_back(i);
        co_return;
    });
    b.start();
    // In one batch, so that their times are reckoned at one moment.
    std::vector<work::new_job> some;
    for (int const i : {3, 1, 2})
        some.push_back(work::make("a", i).with({.in = i * 20ms}));
    b.get(b.enqueuer->enqueue(some));
    ASSERT_TRUE(b.until([&] { return order.size() == 3; }));
    b.stop();
    EXPECT_THAT(order, testing::ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace pool_tests
