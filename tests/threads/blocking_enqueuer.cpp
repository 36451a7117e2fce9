// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/blocking_enqueuer.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
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

// The answers of a bulk come on the caller's executor, whose threads take them side by side.
TEST(enqueuer, bulk_on_an_executor_of_many_threads_gets_every_answer)
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::enqueuer enqueuer{client};
    auto const busy = boost::asio::make_work_guard(io);
    std::thread loop([&io] { io.run(); });
    std::vector<add_one> jobs;
    for (int i = 0; i < 2'000; ++i)
        jobs.push_back(add_one{i, "z"});
    std::atomic<int> good{0};
    std::atomic<int> failed{0};
    boost::asio::thread_pool many(4);
    auto const store = [&]() -> work::task<void> {
        for (int i = 0; i < 5; ++i) {
            auto const stored = co_await enqueuer.enqueue_bulk(jobs);
            std::set<std::string> ids;
            for (work::job_handle const& job : stored)
                ids.insert(std::string(job.id()));
            good += ids.size() == jobs.size();
        }
    };
    // Refused at once, in many places, by a client that is closed.
    boost::asio::io_context other;
    work::client shut{other, "memory:"};
    shut.close();
    work::enqueuer nowhere{shut};
    auto const still_busy = boost::asio::make_work_guard(other);
    std::thread other_loop([&other] { other.run(); });
    auto const fail = [&]() -> work::task<void> {
        for (int i = 0; i < 5; ++i) {
            bool thrown = false;
            try {
                co_await nowhere.enqueue_bulk(jobs);
            } catch (work::error const&) {
                thrown = true;
            }
            failed += thrown;
        }
    };
    for (int c = 0; c < 4; ++c) {
        boost::asio::co_spawn(many, store(), work::rethrow);
        boost::asio::co_spawn(many, fail(), work::rethrow);
    }
    many.join();
    EXPECT_EQ(good, 20);
    EXPECT_EQ(failed, 20);
    io.stop();
    other.stop();
    loop.join();
    other_loop.join();
}

// Calls take what those of `enqueuer` take.
TEST(blocking_enqueuer, every_form_of_enqueue_stores_a_job)
{
    using namespace std::chrono_literals;
    work::blocking_enqueuer jobs("memory:");
    add_one const one{1, "a"};
    work::q const named{{"number", 1}, {"text", "a"}};
    auto const soon = std::chrono::system_clock::now() + 1h;
    std::set<std::string> ids;
    for (work::job_handle const& job :
         {jobs.enqueue(one),
          jobs.enqueue(one, {.priority = 1}),
          jobs.enqueue<add_one>(1, "a"),
          jobs.enqueue("add_one", 1, "a"),
          jobs.enqueue("add_one", named),
          jobs.enqueue("add_one", named, {.priority = 1}),
          jobs.enqueue_with({.priority = 1}, "add_one", 1, "a"),
          jobs.enqueue_json("add_one", "[1,\"a\"]"),
          jobs.enqueue_json("add_one", "[1,\"a\"]", {.priority = 1, .in = 1h}),
          jobs.enqueue(work::make(one)),
          jobs.enqueue(add_one{2, "b"}),
          jobs.enqueue_in(1h, one),
          jobs.enqueue_in(1h, one, {.priority = 1}),
          jobs.enqueue_in<add_one>(1h, 1, "a"),
          jobs.enqueue_in(1h, "add_one", 1, "a"),
          jobs.enqueue_in(1h, "add_one", named),
          jobs.enqueue_in(1h, "add_one", named, {.priority = 1}),
          jobs.enqueue_at(soon, one),
          jobs.enqueue_at(soon, one, {.priority = 1}),
          jobs.enqueue_at(soon, "add_one", named),
          jobs.enqueue_at(soon, "add_one", named, {.priority = 1})})
        ids.insert(std::string(job.id()));
    EXPECT_EQ(ids.size(), 21u);
    std::vector<add_one> const many(3, one);
    EXPECT_EQ(jobs.enqueue_bulk(many).size(), 3u);
    EXPECT_EQ(jobs.enqueue(many, {.priority = 1}).size(), 3u);
    std::vector<work::new_job> const mixed{work::make(one), work::make("other", 1)};
    EXPECT_EQ(jobs.enqueue(mixed).size(), 2u);
}

// What is wrong with a call is thrown to the caller, and the enqueuer goes on.
TEST(blocking_enqueuer, bad_option_throws_and_next_call_works)
{
    work::blocking_enqueuer jobs("memory:");
    EXPECT_THROW(jobs.enqueue(add_one{1, "a"}, {.max_attempts = 0}), work::error);
    EXPECT_EQ(jobs.enqueue("add_one", 1, "a").id().size(), 22u);
}

}  // namespace
