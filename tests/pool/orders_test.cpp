// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Pools that are told from elsewhere to be quiet, to go on, to stop.

#include <atomic>
#include <random>

#include "bench.hpp"

namespace pool_tests {
namespace {

using work::admin_code;
using work::pool_order;

struct told : bench
{
    explicit told(work::pool_options how = {}) : bench(how)
    {
        pool->handle("quick", [this](work::context&) -> work::task<void> {
            ++ran;
            co_return;
        });
    }
    admin_code tell(work::told_order what) { return get(inspector->order(pool->id(), what)); }
    std::string state()
    {
        for (work::pool_info const& one : get(inspector->pools()))
            if (one.pool == pool->id())
                return one.state;
        return "";
    }

    std::atomic<int> ran = 0;
};

TEST(orders, make_an_idle_pool_quiet_at_once_and_let_it_go_on)
{
    told b;
    b.start();
    b.enqueue("quick");
    ASSERT_TRUE(b.until([&] { return b.ran == 1; }));
    EXPECT_EQ(b.tell(pool_order::quiet), admin_code::done);
    EXPECT_TRUE(b.until([&] { return b.logged("quiet: claims nothing any more") > 0; }));
    for (int i = 0; i != 5; ++i)
        b.enqueue("quick");
    EXPECT_EQ(b.ran, 1);
    EXPECT_EQ(b.counts().pending, 5);
    EXPECT_EQ(b.tell(pool_order::resume), admin_code::done);
    EXPECT_TRUE(b.until([&] { return b.ran == 6; }));
    b.stop();
}

TEST(orders, stop_a_pool_as_stop_does)
{
    told b;
    std::atomic<bool> began = false, ended = false;
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        began = true;
        co_await wait_for(50ms);
        ended = true;
    });
    b.start();
    b.enqueue("slow");
    ASSERT_TRUE(b.until([&] { return began.load(); }));
    EXPECT_EQ(b.tell(pool_order::stop), admin_code::done);
    // It hears of it with its next word, which is about the job that runs.
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_TRUE(ended);
    EXPECT_EQ(b.counts().pending + b.counts().active, 0);
    EXPECT_EQ(b.get(b.inspector->order(b.pool->id(), pool_order::quiet)), admin_code::gone);
}

TEST(orders, to_stop_may_shorten_the_grace)
{
    work::pool_options how;
    how.grace = 10min;
    told b(how);
    bool began = false;
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        began = true;
        co_await wait_for(10min);
    });
    b.enqueue("slow");
    b.start();
    ASSERT_TRUE(b.until([&] { return began; }));
    EXPECT_EQ(b.tell({pool_order::stop, 0}), admin_code::done);
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.logged("told to stop, within 0 ms"), 1);
    EXPECT_EQ(b.counts().pending, 1) << "it was cancelled, and runs again elsewhere";
}

TEST(orders, to_stop_may_shorten_the_grace_of_a_pool_that_stops)
{
    work::pool_options how;
    how.grace = 10min;
    told b(how);
    bool began = false;
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        began = true;
        co_await wait_for(10min);
    });
    b.enqueue("slow");
    b.start();
    ASSERT_TRUE(b.until([&] { return began; }));
    EXPECT_EQ(b.tell(pool_order::stop), admin_code::done);
    ASSERT_TRUE(b.until([&] { return b.state() == "stopping"; }));
    EXPECT_EQ(b.tell({pool_order::stop, 20}), admin_code::done);
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.counts().pending, 1);
}

TEST(orders, with_a_grace_that_can_not_be_are_refused)
{
    bench b;
    auto const tell = [&](work::told_order what) { return b.get(b.inspector->order("p", what)); };
    EXPECT_EQ(tell({pool_order::stop, work::most_told_grace_ms}), admin_code::gone);
    EXPECT_THROW(tell({pool_order::stop, work::most_told_grace_ms + 1}), work::error);
    EXPECT_THROW(tell({pool_order::stop, -2}), work::error);
    EXPECT_THROW(tell({pool_order::quiet, 5}), work::error);
}

TEST(orders, of_the_program_itself_are_the_same)
{
    told b;
    b.start();
    b.enqueue("quick");
    ASSERT_TRUE(b.until([&] { return b.ran == 1; }));
    b.pool->quiet();
    EXPECT_TRUE(b.until([&] { return b.logged("quiet") > 0; }));
    b.enqueue("quick");
    EXPECT_EQ(b.counts().pending, 1);
    b.pool->resume();
    EXPECT_TRUE(b.until([&] { return b.ran == 2; }));
    b.pool->resume();
    b.stop();
}

struct orders_at_random : testing::TestWithParam<unsigned>
{};

// Whatever it is told and when, every job runs once, and what it does in the end is what it was
// told last.
TEST_P(orders_at_random, lose_nothing)
{
    work::pool_options how;
    how.concurrency = 8;
    told b(how);
    std::mt19937 chance(GetParam());
    b.start();
    int stored = 0;
    for (int round = 0; round != 40; ++round) {
        int const some = static_cast<int>(chance() % 30);
        for (int i = 0; i != some; ++i)
            b.enqueue("quick");
        stored += some;
        switch (chance() % 5) {
        case 0: b.tell(pool_order::quiet); break;
        case 1: b.tell(pool_order::resume); break;
        case 2: b.pool->quiet(); break;
        case 3: b.pool->resume(); break;
        default: {
            int const seen = b.ran;
            static_cast<void>(b.until([&] { return b.ran > seen; }, 5ms));
            break;
        }
        }
    }
    b.tell(pool_order::resume);
    b.pool->resume();
    EXPECT_TRUE(b.until([&] { return b.ran == stored; }));
    b.tell(pool_order::stop);
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.ran, stored);
}

INSTANTIATE_TEST_SUITE_P(, orders_at_random, testing::Range(1u, 6u));

TEST(orders, for_no_pool_are_refused)
{
    bench b;
    EXPECT_EQ(b.get(b.inspector->order("nobody", pool_order::stop)), admin_code::gone);
    EXPECT_THROW(b.get(b.inspector->order("", pool_order::stop)), work::error);
}

}  // namespace
}  // namespace pool_tests
