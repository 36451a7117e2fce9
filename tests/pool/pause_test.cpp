// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Pools beside queues that are paused.

#include <atomic>
#include <random>

#include "bench.hpp"

namespace pool_tests {
namespace {

struct pausing : testing::TestWithParam<int>
{};

// Paused and resumed at random moments, while jobs of two queues run and come.
TEST_P(pausing, under_load_nothing_runs_meanwhile_and_nothing_is_lost)
{
    work::pool_options how;
    how.concurrency = 16;
    bench b(how);
    std::mt19937 chance(static_cast<unsigned>(GetParam()));
    std::atomic<int> ran = 0, other = 0;
    b.pool->handle("slow", [&](work::context& at) -> work::task<void> {
        ++(at.queue() == "q" ? ran : other);
        co_return;
    });
    b.start();
    int stored = 0;
    work::enqueue_options to_q;
    to_q.queue = "q";
    for (int round = 0; round != 6; ++round) {
        int const some = std::uniform_int_distribution(1, 40)(chance);
        for (int i = 0; i != some; ++i) {
            b.enqueue_with(to_q, "slow");
            b.enqueue("slow");
        }
        stored += some;
        if (chance() % 2 == 0) {
            EXPECT_TRUE(b.until([&] { return ran == stored; }));
        }
        b.get(b.inspector->pause(work::pause_kind::queue, "q"));
        // What was claimed before may still run.
        auto const active = [&] {
            auto const counts = b.counts();
            for (auto const& list : counts.lists)
                if (list.queue == "q")
                    return list.active;
            return std::int64_t(0);
        };
        EXPECT_TRUE(b.until([&] { return active() == 0; }));
        int const at_pause = ran;
        for (int i = 0; i != 10; ++i)
            b.enqueue_with(to_q, "slow");
        stored += 10;
        int const before = other;
        for (int i = 0; i != 20; ++i)
            b.enqueue("slow");
        // Jobs of the other queue run beside: the pool did look.
        EXPECT_TRUE(b.until([&] { return other == before + 20; }));
        EXPECT_EQ(ran, at_pause);
        b.get(b.inspector->resume(work::pause_kind::queue, "q"));
    }
    EXPECT_TRUE(b.until([&] { return ran == stored; }));
    b.stop();
    EXPECT_EQ(b.counts().pending, 0);
}

INSTANTIATE_TEST_SUITE_P(, pausing, testing::Range(1, 5));

TEST(pause, ends_by_itself_while_a_pool_waits)
{
    bench b;
    std::atomic<int> ran = 0;
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        ++ran;
        co_return;
    });
    b.start();
    b.enqueue("slow");
    EXPECT_TRUE(b.until([&] { return ran == 1; }));
    // Again with a longer pause, where it ended before anybody had looked.
    bool seen = false;
    for (auto lasting = 300ms; !seen && lasting < 30s; lasting *= 4) {
        b.get(b.inspector->pause(work::pause_kind::name, "slow", {.lasting = lasting}));
        b.enqueue("slow");
        int const before = ran;
        seen = !b.counts().paused.empty();
        if (seen) {
            EXPECT_EQ(before, 1);
        }
        EXPECT_TRUE(b.until([&] { return ran == 2; }));
        if (!seen)
            ran = 1;
    }
    EXPECT_TRUE(seen);
    b.stop();
    EXPECT_TRUE(b.counts().paused.empty());
}

TEST(pause, of_what_can_not_be_paused_is_refused)
{
    bench b;
    using kind = work::pause_kind;
    auto const refused = [&](auto&& call) {
        try {
            b.get(call());
            return std::string();
        } catch (work::error const& e) {
            bool const of_name =
                std::string_view(e.what()).find("can't be used") != std::string::npos;
            EXPECT_EQ(e.code(), of_name ? work::errc::invalid_name : work::errc::invalid_option);
            return std::string(e.what());
        }
    };
    EXPECT_NE(refused([&] { return b.inspector->pause(kind::queue, ""); }), "");
    EXPECT_NE(refused([&] { return b.inspector->resume(kind::name, std::string(300, 'x')); }), "");
    EXPECT_THAT(
        refused([&] { return b.inspector->pause(kind::queue, "q", {.lasting = -1ms}); }),
        testing::HasSubstr("lasting")
    );
    EXPECT_NE(
        refused([&] { return b.inspector->pause(kind::queue, "q", {.lasting = 9000h}); }),
        ""
    );
}

}  // namespace
}  // namespace pool_tests
