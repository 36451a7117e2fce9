// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A broker of somebody's own between client and broker: it sees all calls, and may fail them.

#include <work/broker/forwarding_broker.hpp>
#include <work/broker/memory/memory_broker.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "support/run_task.hpp"

namespace {

using namespace std::chrono_literals;

/// Counts what passes, and loses the answer of every third request that changes something.
class lossy_broker final : public work::forwarding_broker
{
public:
    using forwarding_broker::forwarding_broker;

    work::task<work::enqueue_answer> enqueue(work::enqueue_request request) override
    {
        auto answer = co_await forwarding_broker::enqueue(std::move(request));
        ++calls["enqueue"];
        co_return answer;
    }
    work::task<work::exchange_answer> exchange(work::exchange_request request) override
    {
        bool const lost = ++calls["exchange"] % 3 == 0;
        auto answer = co_await forwarding_broker::exchange(std::move(request));
        if (lost)
            throw work::error(work::errc::outcome_unknown, "the answer was lost");
        co_return answer;
    }
    std::unique_ptr<work::lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override
    {
        class counting_port final : public work::forwarding_lease_port
        {
        public:
            counting_port(std::unique_ptr<work::lease_port> to, std::atomic<int>& shown)
                : forwarding_lease_port(std::move(to)),
                  shown_(shown)
            {}
            work::task<bool> heartbeat(
                std::string pool,
                std::string status,
                std::chrono::milliseconds shown_for
            ) override
            {
                ++shown_;
                return forwarding_lease_port::heartbeat(
                    std::move(pool),
                    std::move(status),
                    shown_for
                );
            }

        private:
            std::atomic<int>& shown_;
        };
        return std::make_unique<counting_port>(
            forwarding_broker::make_lease_port(std::move(executor), lease),
            shown
        );
    }

    std::map<std::string, int> calls;
    std::atomic<int> shown{0};
};

TEST(forwarding_broker, passes_on_what_it_sees_and_may_lose_answers)
{
    boost::asio::io_context io{1};
    auto const memory =
        std::make_shared<work::memory_broker>(io.get_executor(), work::shared_memory(""));
    auto const lossy = std::make_shared<lossy_broker>(memory);
    work::client_options options;
    options.logger = [](work::log_level, std::string_view) {};
    work::client client(io.get_executor(), lossy, options);
    work::enqueuer enqueuer{client};
    work::inspector inspector{client};
    work::worker_pool pool{client, {.concurrency = 4, .batch = 4}};
    std::multiset<int> ran;
    pool.handle("count", [&](work::context&, int n) -> work::task<void> {
        ran.insert(n);
        // The heartbeat has a thread of its own.
        boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
        while (n == 19 && lossy->shown == 0) {
            pause.expires_after(1ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
        }
    });
    auto const all = [&]() -> work::task<void> {
        for (int i = 0; i != 20; ++i)
            co_await enqueuer.enqueue("count", i);
        co_await pool.run_until_empty();
    };
    work::testing::run_task(io, all(), 30s);
    EXPECT_EQ(ran.size(), 20u) << "a lost answer runs nothing twice";
    EXPECT_EQ(std::set<int>(ran.begin(), ran.end()).size(), 20u);
    EXPECT_GT(lossy->calls["enqueue"], 0);
    EXPECT_GT(lossy->calls["exchange"], 5);
    EXPECT_GT(lossy->shown.load(), 0);
    EXPECT_EQ(client.broker()->describe(), memory->describe());
    auto const counts = work::testing::run_task(io, inspector.counts(), 30s);
    EXPECT_EQ(counts.pending, 0);
    EXPECT_EQ(counts.active, 0);
}

}  // namespace
