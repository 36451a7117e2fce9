// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What pools are told from outside: to be quiet, to go on, to stop.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::admin_code;
using work::pool_order;

class orders : public transitions
{
protected:
    using told = std::vector<work::told_order>;

    admin_code tell(std::string const& pool, work::told_order what)
    {
        return b().order(pool, what);
    }
    said asks(int want = 10) const { return {.fetch_order = {{"*a", 10, false}}, .want = want}; }
};

TEST_P(orders, reach_the_pool_and_nothing_is_given_before_it_heard)
{
    exchange("A");
    enqueue_many(3);
    EXPECT_EQ(tell("A", pool_order::quiet), admin_code::done);
    EXPECT_TRUE(b().take_wakeup("A"));
    auto const first = exchange("A", asks());
    EXPECT_EQ(ids(first), "");
    EXPECT_TRUE(first.left.empty());
    EXPECT_EQ(first.orders, told{pool_order::quiet});
    EXPECT_EQ(ids(exchange("A", {.suspects = true, .discover = true})), "");
    // It heard: what it claims from now on is its own affair.
    said heard = asks();
    heard.orders_seen = first.orders;
    auto const second = exchange("A", heard);
    EXPECT_TRUE(second.orders.empty());
    EXPECT_EQ(ids(second), "j0 j1 j2");
}

TEST_P(orders, are_of_one_pool)
{
    exchange("A");
    exchange("B");
    enqueue_many(1);
    tell("A", pool_order::stop);
    EXPECT_EQ(ids(exchange("A", asks())), "");
    EXPECT_EQ(ids(exchange("B", asks())), "j0");
}

TEST_P(orders, of_which_the_last_counts)
{
    exchange("A");
    EXPECT_EQ(tell("A", pool_order::quiet), admin_code::done);
    EXPECT_EQ(tell("A", pool_order::quiet), admin_code::already);
    EXPECT_EQ(tell("A", pool_order::stop), admin_code::done);
    EXPECT_EQ(tell("A", pool_order::resume), admin_code::done);
    enqueue_many(1);
    auto const answer = exchange("A", asks());
    EXPECT_EQ(answer.orders, told{pool_order::resume});
    EXPECT_EQ(ids(answer), "j0");
    exchange("A", {.orders_seen = answer.orders, .want = 0});
    EXPECT_EQ(key("orders:A"), "-");
}

TEST_P(orders, to_stop_carry_a_grace)
{
    exchange("A");
    enqueue_many(1);
    EXPECT_EQ(tell("A", pool_order::quiet), admin_code::done);
    EXPECT_EQ(tell("A", {pool_order::stop, 5'000}), admin_code::done);
    EXPECT_EQ(tell("A", {pool_order::stop, 5'000}), admin_code::already);
    EXPECT_EQ(tell("A", {pool_order::stop, 0}), admin_code::done);
    auto const answer = exchange("A", asks());
    EXPECT_EQ(answer.orders, (told{{pool_order::stop, 0}}));
    EXPECT_EQ(ids(answer), "") << "it is to stop";
    EXPECT_EQ(tell("A", pool_order::stop), admin_code::done);
    said heard{.want = 0};
    heard.orders_seen = answer.orders;
    EXPECT_EQ(exchange("A", heard).orders, told{pool_order::stop}) << "said since";
    heard.orders_seen = {pool_order::stop};
    EXPECT_TRUE(exchange("A", heard).orders.empty());
    EXPECT_EQ(key("orders:A"), "-");
}

TEST_P(orders, stand_beside_cancelled_jobs)
{
    enqueue_many(1);
    auto const claimed = exchange("A", asks());
    ASSERT_EQ(ids(claimed), "j0");
    b().cancel({"j0"});
    tell("A", pool_order::quiet);
    auto const answer = exchange("A", {.want = 0});
    ASSERT_EQ(answer.cancels.size(), 1u);
    EXPECT_EQ(answer.cancels[0].id, "j0");
    EXPECT_EQ(answer.orders, told{pool_order::quiet});
    // Its heartbeat hears both, and may say so.
    auto const heartbeat = exchange("A.heartbeat", {.want = 0});
    EXPECT_EQ(heartbeat.orders, told{pool_order::quiet});
    exchange(
        "A.heartbeat",
        {.cancels_seen = answer.cancels, .orders_seen = answer.orders, .want = 0}
    );
    EXPECT_EQ(key("orders:A"), "-");
}

TEST_P(orders, for_nobody_are_refused_and_go_with_their_pool)
{
    EXPECT_EQ(tell("A", pool_order::quiet), admin_code::gone);
    EXPECT_EQ(key("orders:A"), "-");
    exchange("A");
    tell("A", pool_order::quiet);
    b().leave("A", {"*a"});
    EXPECT_EQ(key("orders:A"), "-");
    EXPECT_EQ(tell("A", pool_order::resume), admin_code::gone);
}

TEST_P(orders, are_no_answer_to_a_repeated_request)
{
    exchange("A");
    enqueue_many(2);
    auto const claimed = exchange_as("A", 7, asks(1));
    EXPECT_EQ(ids(claimed), "j0");
    tell("A", pool_order::quiet);
    auto const again = exchange_as("A", 7, asks(1));
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(ids(again), "j0");
    EXPECT_EQ(again.orders, told{pool_order::quiet});
}

INSTANTIATE_TEST_SUITE_P(on, orders, both_sides, side_name);

}  // namespace
