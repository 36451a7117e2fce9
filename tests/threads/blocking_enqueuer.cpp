// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/blocking_enqueuer.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

struct add_one
{
    std::int64_t number = 0;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(add_one, (), (number, text))

// Many threads share one blocking enqueuer; every job is stored once and runs once.
TEST(blocking_enqueuer, many_threads_store_each_job_once)
{
    std::string const url = "memory:blocking";
    work::blocking_enqueuer jobs(url);
    constexpr int threads = 8;
    constexpr int each = 200;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&jobs, t] {
            for (int i = 0; i < each; ++i)
                jobs.enqueue<add_one>(t * each + i, "x");
        });
    }
    for (std::thread& t : all)
        t.join();

    boost::asio::io_context io;
    work::client client{io, url};
    work::worker_pool pool{client};
    std::multiset<std::int64_t> seen;
    pool.handle<add_one>([&seen](add_one job) -> work::task<void> {
        seen.insert(job.number);
        co_return;
    });
    boost::asio::co_spawn(io, pool.run_until_empty(), work::rethrow);
    io.run();
    ASSERT_EQ(seen.size(), std::size_t(threads * each));
    for (std::int64_t i = 0; i < threads * each; ++i)
        EXPECT_EQ(seen.count(i), 1u);
}

// A coroutine enqueuer may be used from a thread that does not run the client's loop.
TEST(enqueuer, other_threads_loop_stores_and_resumes_there)
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::enqueuer enqueuer{client};
    auto const busy = boost::asio::make_work_guard(io);
    std::thread loop([&io] { io.run(); });

    std::atomic<int> stored{0};
    std::atomic<bool> right_thread{true};
    boost::asio::io_context mine;
    auto const store = [&]() -> work::task<void> {
        auto const here = std::this_thread::get_id();
        for (int i = 0; i < 100; ++i) {
            co_await enqueuer.enqueue("add_one", i, "y");
            right_thread = right_thread && std::this_thread::get_id() == here;
            ++stored;
        }
    };
    for (int c = 0; c < 4; ++c)
        boost::asio::co_spawn(mine, store(), work::rethrow);
    mine.run();
    EXPECT_EQ(stored, 400);
    EXPECT_TRUE(right_thread);
    io.stop();
    loop.join();
}

// What is wrong with a call is thrown to the caller, and the enqueuer goes on.
TEST(blocking_enqueuer, bad_option_throws_and_next_call_works)
{
    work::blocking_enqueuer jobs("memory:");
    EXPECT_THROW(jobs.enqueue(add_one{1, "a"}, {.max_attempts = 0}), work::error);
    EXPECT_EQ(jobs.enqueue("add_one", 1, "a").id().size(), 22u);
}

}  // namespace
