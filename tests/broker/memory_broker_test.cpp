// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/memory/memory_broker.hpp>
#include <work/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <optional>
#include <thread>

namespace {

using namespace std::chrono_literals;

work::enqueue_request one_job(std::string_view id, std::int64_t number)
{
    work::new_job job;
    job.id = id;
    job.list = "a";
    job.envelope = "2 0000 0000 1790000000000 a\n\n{}";
    work::enqueue_request r;
    r.producer = "p";
    r.number = number;
    r.jobs.push_back(job);
    return r;
}

template <typename Start>
void run(boost::asio::io_context& io, Start start)
{
    boost::asio::co_spawn(io, start, work::rethrow);
    io.run_for(10s);
    EXPECT_TRUE(io.stopped()) << "something still waits";
}

TEST(memory_broker, idle_broker_holds_no_work)
{
    boost::asio::io_context io;
    work::memory_broker broker(io.get_executor(), work::shared_memory(""));
    EXPECT_EQ(io.run(), 0u);
}

TEST(memory_broker, shared_memory_of_one_name_is_one)
{
    auto const a = work::shared_memory("here");
    EXPECT_EQ(a, work::shared_memory("here"));
    EXPECT_NE(a, work::shared_memory("there"));
    EXPECT_NE(work::shared_memory(""), work::shared_memory(""));
}

TEST(memory_broker, wait_ends_by_the_wakeup_of_an_enqueue_on_another_thread)
{
    auto const store = work::shared_memory("");
    boost::asio::io_context io, other;
    work::memory_broker broker(io.get_executor(), store);
    work::memory_broker producer(other.get_executor(), store);
    std::optional<bool> woken;
    boost::asio::co_spawn(
        io,
        [&]() -> work::task<void> {
            std::vector<std::string> lists{"*a", "*b"};
            work::exchange_request none;
            work::wait_answer const answer = co_await broker.wait("pool", lists, 10s, none);
            woken = answer.woken;
        },
        work::rethrow
    );
    io.poll();  // it waits now
    std::thread thread([&] {
        run(other, [&]() -> work::task<void> {
            auto const request = one_job("x", 1);
            co_await producer.enqueue(request);
        });
    });
    io.run_for(10s);
    thread.join();
    EXPECT_EQ(woken, true);
}

TEST(memory_broker, wait_takes_a_wakeup_that_is_there)
{
    boost::asio::io_context io;
    work::memory_broker broker(io.get_executor(), work::shared_memory(""));
    run(io, [&]() -> work::task<void> {
        auto const request = one_job("x", 1);
        co_await broker.enqueue(request);
        std::vector<std::string> const lists(1, "*a");
        work::exchange_request none;
        work::wait_answer const first = co_await broker.wait("pool", lists, 10s, none);
        EXPECT_TRUE(first.woken);
        work::wait_answer const second = co_await broker.wait("pool", lists, 1ms, none);
        EXPECT_FALSE(second.woken) << "there was one wakeup";
    });
}

TEST(memory_broker, one_wakeup_wakes_one_waiter)
{
    auto const store = work::shared_memory("");
    boost::asio::io_context io;
    work::memory_broker first(io.get_executor(), store), second(io.get_executor(), store);
    int woken = 0;
    for (auto* const broker : {&first, &second})
        boost::asio::co_spawn(
            io,
            [&woken, broker]() -> work::task<void> {
                std::vector<std::string> lists(1, "*a");
                work::exchange_request none;
                work::wait_answer const answer = co_await broker->wait("pool", lists, 10s, none);
                woken += answer.woken;
            },
            work::rethrow
        );
    run(io, [&]() -> work::task<void> {
        auto const request = one_job("x", 1);
        co_await first.enqueue(request);
        boost::asio::steady_timer rest(io, 5ms);
        co_await rest.async_wait(boost::asio::use_awaitable);
        EXPECT_EQ(woken, 1);
        first.wake();
        second.wake();
    });
    EXPECT_EQ(woken, 1);
}

TEST(memory_broker, wake_and_close_end_a_wait)
{
    boost::asio::io_context io;
    work::memory_broker broker(io.get_executor(), work::shared_memory(""));
    std::vector<std::string> ends;
    for (int i = 0; i != 2; ++i) {
        boost::asio::co_spawn(
            io,
            [&]() -> work::task<void> {
                std::vector<std::string> lists;
                try {
                    work::exchange_request none;
                    work::wait_answer const answer = co_await broker.wait("pool", lists, 10s, none);
                    ends.push_back(answer.woken ? "wakeup" : "woken");
                } catch (work::error const& e) {
                    ends.push_back(e.code() == work::errc::closed ? "closed" : "else");
                }
            },
            work::rethrow
        );
        io.poll();
        if (i == 0)
            broker.wake();
        else
            broker.close();
        io.restart();
        io.run_for(10s);
        io.restart();
    }
    EXPECT_EQ(ends, (std::vector<std::string>{"woken", "closed"}));
}

TEST(memory_broker, published_text_reaches_subscribers_on_other_executors)
{
    auto const store = work::shared_memory("");
    boost::asio::io_context io, other;
    work::memory_broker broker(io.get_executor(), store);
    work::memory_broker listener(other.get_executor(), store);
    std::string heard;
    boost::asio::co_spawn(
        other,
        [&]() -> work::task<void> {
            std::function<void(std::string_view)> receive = [&](std::string_view text) {
                heard += text;
                listener.end_subscriptions();
            };
            co_await listener.subscribe("news", std::move(receive), {});
        },
        work::rethrow
    );
    other.poll();
    run(io, [&]() -> work::task<void> {
        co_await broker.publish("other", "no");
        co_await broker.publish("news", "yes");
    });
    other.restart();
    other.run_for(10s);
    EXPECT_TRUE(other.stopped());
    EXPECT_EQ(heard, "yes");
}

TEST(memory_broker, lease_port_works_from_another_thread)
{
    boost::asio::io_context io, heartbeat;
    work::memory_broker broker(io.get_executor(), work::shared_memory(""));
    auto const port = broker.make_lease_port(heartbeat.get_executor(), std::chrono::seconds(1));
    std::thread thread([&] {
        run(heartbeat, [&]() -> work::task<void> {
            for (int i = 1; i <= 1'000; ++i) {
                work::exchange_request r;
                r.pool = "pool.heartbeat";
                r.number = i;
                co_await port->exchange(r);
                co_await port->heartbeat("pool", "{\"i\":1}", std::chrono::seconds(15));
            }
            port->close();
        });
    });
    run(io, [&]() -> work::task<void> {
        for (int i = 1; i <= 1'000; ++i) {
            work::exchange_request r;
            r.pool = "pool";
            r.number = i;
            if (i == 1)
                r.serves.push_back({"*a", 0});
            co_await broker.exchange(r);
        }
    });
    thread.join();
    auto const shown = broker.store()->apply([](work::memory_state& state, std::int64_t us) {
        return state.pools(us);
    });
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].status, "{\"i\":1}");
}

TEST(memory_broker, destroyed_in_the_middle_of_a_wait_is_clean)
{
    auto const store = work::shared_memory("");
    {
        boost::asio::io_context io;
        {
            work::memory_broker broker(io.get_executor(), store);
            boost::asio::co_spawn(
                io,
                [&]() -> work::task<void> {
                    std::vector<std::string> lists(1, "*a");
                    work::exchange_request none;
                    co_await broker.wait("pool", lists, 10s, none);
                },
                boost::asio::detached
            );
            boost::asio::co_spawn(
                io,
                [&]() -> work::task<void> {
                    std::function<void(std::string_view)> receive = [](std::string_view) {};
                    co_await broker.subscribe("news", receive, {});
                },
                boost::asio::detached
            );
            io.poll();
        }
    }
    store->publish("news", "to nobody");
    store->apply([](work::memory_state& state, std::int64_t us) {
        return state.enqueue(one_job("x", 1), us);
    });
}

TEST(memory_broker, clock_of_the_store_decides)
{
    std::int64_t us = 1'790'000'000'000'000;
    auto const store =
        std::make_shared<work::memory_store>("", work::memory_store::clock([&] { return us; }));
    boost::asio::io_context io;
    work::memory_broker broker(io.get_executor(), store);
    run(io, [&]() -> work::task<void> {
        auto request = one_job("x", 1);
        request.jobs[0].delay_ms = 60'000;
        co_await broker.enqueue(request);
        EXPECT_EQ((co_await broker.job("x")).when_ms, us / 1'000 + 60'000);
        EXPECT_EQ((co_await broker.peek("pool", true)).next_due_ms, us / 1'000 + 60'000);
        us += 60'000'000;
        EXPECT_EQ(broker.now_ms(), us / 1'000);
        EXPECT_EQ((co_await broker.counts()).scheduled, 1);
    });
}

// As Redis does it: who was gone is not back because somebody sets the clock.
TEST(memory_broker, pool_that_was_gone_stays_gone_when_the_clock_goes_back)
{
    std::int64_t us = 1'790'000'000'000'000;
    auto const store =
        std::make_shared<work::memory_store>("", work::memory_store::clock([&] { return us; }));
    store->apply([](work::memory_state& state, std::int64_t now) {
        work::exchange_request serves;
        serves.pool = "early";
        serves.serves.push_back({"a", 0});
        state.exchange(serves, now);
        serves.pool = "late";
        state.exchange(serves, now);
        EXPECT_FALSE(state.heartbeat("early", "{}", now));
        return state.heartbeat("late", "{}", now, 40'000);
    });
    auto const shown = [&] {
        return store->apply([](work::memory_state& state, std::int64_t now) {
            return state.pools(now).size();
        });
    };
    EXPECT_EQ(shown(), 2u);
    us += 16'000'000;
    EXPECT_EQ(shown(), 1u);
    us -= 16'000'000;
    EXPECT_EQ(shown(), 1u);
    us += 39'000'000;
    EXPECT_EQ(shown(), 1u);
    us += 2'000'000;
    EXPECT_EQ(shown(), 0u);
    us -= 41'000'000;
    EXPECT_EQ(shown(), 0u);
    EXPECT_FALSE(store->apply([](work::memory_state& state, std::int64_t now) {
        return state.heartbeat("late", "{}", now);
    }));
    EXPECT_EQ(shown(), 1u);
}

}  // namespace
