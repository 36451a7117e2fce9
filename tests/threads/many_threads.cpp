// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Client, pool and inspector on a context that several threads run.

#include <work/work.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/redis_server.hpp"

namespace {

using namespace std::chrono_literals;

work::task<void> wait_for(std::chrono::milliseconds time)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// A context that four threads run until the end of the test.
struct many_threads
{
    many_threads()
    {
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([this] { io.run(); });
    }
    ~many_threads() { join(); }
    many_threads(many_threads const&) = delete;
    many_threads& operator=(many_threads const&) = delete;

    void join()
    {
        busy.reset();
        for (std::thread& t : threads)
            t.join();
        threads.clear();
    }
    /// Runs it on any of the threads.
    template <typename T>
    std::future<T> start(work::task<T> what)
    {
        return boost::asio::co_spawn(io, std::move(what), boost::asio::use_future);
    }
    /// Looks every ms whether it is so; false when it takes too long.
    bool until(std::function<bool()> const& is_so)
    {
        for (int ms = 0; ms != 60'000 && !is_so(); ++ms)
            get(wait_for(1ms));
        return is_so();
    }
    template <typename T>
    T get(work::task<T> what)
    {
        std::future<T> end = start(std::move(what));
        if (end.wait_for(120s) != std::future_status::ready)
            throw std::runtime_error("it hangs");
        return end.get();
    }

    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy{io.get_executor()
    };
    std::vector<std::thread> threads;
};

/// On both brokers, with handlers on the client's executor and on one of their own.
class on_many_threads : public testing::TestWithParam<std::tuple<bool, bool>>
{
protected:
    on_many_threads()
    {
        if (std::get<0>(GetParam()))
            server.emplace();
    }
    std::string url() const { return server ? server->url() : "memory:" + std::to_string(++names); }
    bool apart() const { return std::get<1>(GetParam()); }
    work::pool_options options()
    {
        work::pool_options how;
        how.grace = 2s;
        if (apart())
            how.handler_executor = handlers.get_executor();
        return how;
    }

    static inline std::atomic<int> names{0};
    std::optional<work::testing::redis_server> server;
    boost::asio::thread_pool handlers{3};
};

// Everything at once: producers, bulk, looks, cancels and messages beside jobs that wait, fail,
// check in and return results.
TEST_P(on_many_threads, nothing_is_lost_and_nothing_is_done_twice)
{
    many_threads on;
    work::client client{on.io, url()};
    work::enqueuer enqueuer{client};
    work::inspector inspector{client};
    std::optional<work::worker_pool> pool(std::in_place, client, options());
    constexpr int producers = 8;
    constexpr int each = 250;
    std::vector<std::atomic<int>> ran(producers * each);
    std::atomic<int> at_once{0};
    std::atomic<int> most_at_once{0};
    int unguarded = 0;  // handlers of a client run one at a time
    pool->handle(
        "job",
        [&](work::context& job, int i) -> work::task<int> {
            int const now = ++at_once;
            int most = most_at_once;
            while (now > most && !most_at_once.compare_exchange_weak(most, now)) {
            }
            if (!apart())
                ++unguarded;
            bool const stop = co_await job.checkin("at " + std::to_string(i), i % 100);
            if (i % 3 == 0)
                co_await wait_for(std::chrono::milliseconds(i % 5));
            --at_once;
            if (i % 7 == 0 && job.attempt() == 1)
                throw std::runtime_error("once more");
            if (!stop)
                ++ran[static_cast<std::size_t>(i)];
            co_return i;
        },
        {.max_attempts = 3, .backoff = work::backoff::fixed(1ms)}
    );
    pool->use([&](work::context&, work::next go) -> work::task<void> { co_await go(); });
    std::atomic<int> heard{0};
    auto listening = on.start(client.listen("news", [&](std::string_view) { ++heard; }));
    std::future<void> running = on.start(pool->run());
    auto const produce = [&](int p) -> work::task<void> {
        for (int i = 0; i < each; i += 5) {
            int const at = p * each + i;
            co_await enqueuer.enqueue("job", at);
            for (int j = 1; j != 5; ++j)
                co_await enqueuer.enqueue("job", at + j);
            if (i % 50 == 0)
                co_await client.publish("news", "one");
        }
    };
    std::atomic<int> cancelled{0};
    auto const look = [&]() -> work::task<void> {
        for (int i = 0; i != 30; ++i) {
            work::broker_counts const counts = co_await inspector.counts();
            EXPECT_GE(counts.pending, 0);
            work::job_handle const later = co_await enqueuer.enqueue_in(1h, "job", 0);
            std::string id(later.id());
            work::job_info const job = co_await inspector.job(id);
            EXPECT_EQ(job.state, work::job_state::scheduled);
            std::vector<std::string> ids{id};
            auto const moved = co_await inspector.cancel(ids);
            if (moved.at(0).code == work::admin_code::done)
                ++cancelled;
            auto const pools = co_await inspector.pools();
            EXPECT_LE(pools.size(), 1u);
        }
    };
    std::vector<std::future<void>> parts;
    for (int p = 0; p != producers; ++p)
        parts.push_back(on.start(produce(p)));
    parts.push_back(on.start(look()));
    parts.push_back(on.start(look()));
    for (std::future<void>& part : parts)
        part.get();
    EXPECT_TRUE(on.until([&] { return pool->processed() == producers * each; }));
    pool->stop();
    running.get();
    client.end_subscriptions();
    listening.wait();
    for (std::size_t i = 0; i != ran.size(); ++i)
        EXPECT_EQ(ran[i], 1) << i;
    EXPECT_EQ(cancelled, 60);
    EXPECT_EQ(pool->processed(), producers * each);
    EXPECT_EQ(pool->running(), 0);
    if (apart())
        EXPECT_GT(most_at_once, 1);
    else
        EXPECT_GE(unguarded, producers * each);
    pool.reset();
}

// Handlers that wait are told to stop, wherever they run, and their jobs are pending again.
TEST_P(on_many_threads, stop_cancel_and_timeout_reach_handlers)
{
    for (int round = 0; round != 6; ++round) {
        many_threads on;
        work::client_options quietly;
        quietly.ns = "round" + std::to_string(round);
        quietly.logger = {};
        work::client client{on.io, url(), quietly};
        work::enqueuer enqueuer{client};
        work::inspector inspector{client};
        work::pool_options how = options();
        how.grace = 20ms;
        work::worker_pool pool(client, how);
        std::atomic<int> waiting{0};
        std::atomic<int> told[4]{};
        auto const handler = [&](work::context& job) -> work::task<void> {
            ++waiting;
            try {
                co_await wait_for(1h);
            } catch (...) {
                ++told[static_cast<int>(job.stopping().value())];
                throw;
            }
        };
        pool.handle("long", handler);
        pool.handle("short", handler, {.max_attempts = 1, .timeout = 30ms});
        std::future<void> running = on.start(pool.run());
        auto const fill = [&]() -> work::task<std::vector<std::string>> {
            std::vector<std::string> ids;
            for (int i = 0; i != 10; ++i) {
                work::job_handle const longer = co_await enqueuer.enqueue("long");
                ids.emplace_back(longer.id());
                co_await enqueuer.enqueue("short");
            }
            co_return ids;
        };
        std::vector<std::string> ids = on.get(fill());
        ASSERT_TRUE(on.until([&] { return waiting == 20; }));
        ids.resize(4);
        EXPECT_EQ(on.get(inspector.cancel(ids)).size(), 4u);
        ASSERT_TRUE(on.until([&] {
            return told[static_cast<int>(work::stop_reason::timed_out)] == 10 &&
                   told[static_cast<int>(work::stop_reason::cancelled)] == 4;
        }));
        pool.stop();
        running.get();
        EXPECT_EQ(told[static_cast<int>(work::stop_reason::shutting_down)], 6);
        work::broker_counts const counts = on.get(inspector.counts());
        EXPECT_EQ(counts.pending, 6);
        EXPECT_EQ(counts.dead, 10);
        EXPECT_EQ(counts.active, 0);
    }
}

// `run()` cancelled from another thread, and by an operator of the coroutine's own.
TEST_P(on_many_threads, cancelled_run_ends)
{
    using namespace boost::asio::experimental::awaitable_operators;
    for (int round = 0; round != 20; ++round) {
        many_threads on;
        work::client client{on.io, url(), {.logger = {}}};
        work::enqueuer enqueuer{client};
        work::worker_pool pool(client, options());
        std::atomic<int> ran{0};
        pool.handle("a", [&](work::context&) -> work::task<void> {
            ++ran;
            co_await wait_for(1ms);
        });
        auto const program = [&]() -> work::task<void> {
            for (int i = 0; i != 50; ++i)
                co_await enqueuer.enqueue("a");
            co_await (pool.run() || wait_for(std::chrono::milliseconds(round)));
        };
        boost::asio::cancellation_signal signal;
        auto const strand = boost::asio::make_strand(on.io);
        std::promise<void> ended;
        boost::asio::co_spawn(
            strand,
            program(),
            boost::asio::bind_cancellation_slot(
                signal.slot(),
                [&](std::exception_ptr) { ended.set_value(); }
            )
        );
        if (round % 2 == 0)
            boost::asio::post(strand, [&] { signal.emit(boost::asio::cancellation_type::all); });
        ended.get_future().wait();
        EXPECT_EQ(pool.running(), 0);
    }
}

// Objects that go while everything runs.
TEST_P(on_many_threads, closed_and_destroyed_from_anywhere)
{
    for (int round = 0; round != 20; ++round) {
        many_threads on;
        std::optional<work::client>
            client(std::in_place, on.io, url(), work::client_options{.logger = {}});
        work::enqueuer enqueuer{*client};
        work::inspector inspector{*client};
        work::pool_options how = options();
        how.grace = 20ms;
        std::optional<work::worker_pool> pool(std::in_place, *client, how);
        std::atomic<int> ran{0};
        pool->handle("a", [&](work::context&) -> work::task<void> {
            ++ran;
            co_await wait_for(1ms);
        });
        std::future<void> running = on.start(pool->run());
        auto const store = [&]() -> work::task<void> {
            for (int i = 0; i != 100; ++i) {
                co_await enqueuer.enqueue("a");
                work::broker_counts const counts = co_await inspector.counts();
                EXPECT_GE(counts.pending, 0);
            }
        };
        std::future<void> storing = on.start(store());
        ASSERT_TRUE(on.until([&] { return ran >= round; }));
        if (round % 2 == 0)
            client->close();
        else
            client.reset();
        EXPECT_ANY_THROW(running.get());
        storing.wait();
        pool.reset();
        on.join();
    }
}

// A context made for one thread has no strand, and hands calls on directly.
TEST(one_thread, needs_no_strand)
{
    boost::asio::io_context one{1};
    work::client client{one, "memory:"};
    EXPECT_EQ(client.executor(), boost::asio::any_io_executor(one.get_executor()));
    boost::asio::io_context many;
    work::client other{many, "memory:"};
    EXPECT_NE(other.executor(), boost::asio::any_io_executor(many.get_executor()));
}

INSTANTIATE_TEST_SUITE_P(
    ,
    on_many_threads,
    testing::Combine(testing::Bool(), testing::Bool()),
    [](auto const& of) {
        return std::string(std::get<0>(of.param) ? "redis" : "memory") +
               (std::get<1>(of.param) ? "_handlers_apart" : "");
    }
);

}  // namespace
