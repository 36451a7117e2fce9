// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How many requests of a pool and of a producer are under way, by how far the broker is and how
// much there is to do.

#include <work/broker/forwarding_broker.hpp>
#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/policy.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using pool_tests::wait_for;

/// What is under way of one kind of request.
struct traffic
{
    int now = 0;
    int most = 0;
    int sent = 0;
    std::vector<std::int64_t> numbers{};

    void begins(std::int64_t number)
    {
        ++sent;
        most = std::max(most, ++now);
        numbers.push_back(number);
    }
};

/// A broker that is `far` away, and of which each `lossy`th answer is lost.
class distant_broker final : public work::forwarding_broker
{
public:
    using forwarding_broker::forwarding_broker;

    /// Longer than any machine takes for what one request brings.
    std::chrono::milliseconds far = 100ms;
    int lossy = 0;
    traffic exchanges, batches;
    std::size_t claimed = 0;
    std::size_t most_bytes = 0;

    work::task<work::enqueue_answer> enqueue(work::enqueue_request request) override
    {
        batches.begins(request.number);
        co_await wait_for(far);
        auto answer = co_await forwarding_broker::enqueue(std::move(request));
        --batches.now;
        co_return answer;
    }
    work::task<work::exchange_answer> exchange(work::exchange_request request) override
    {
        exchanges.begins(request.number);
        asked_ += request.max_bytes;
        most_bytes = std::max(most_bytes, static_cast<std::size_t>(asked_));
        std::int64_t const bytes = request.max_bytes;
        co_await wait_for(far);
        auto answer = co_await forwarding_broker::exchange(std::move(request));
        --exchanges.now;
        asked_ -= bytes;
        claimed += answer.jobs.size();
        // Of the answers, not of what was sent: 14 requests that are repeated together would all be
        // a seventh again, for ever.
        if (lossy > 0 && ++answered_ % lossy == 0)
            throw work::error(work::errc::outcome_unknown, "the answer was lost");
        co_return answer;
    }

private:
    std::int64_t asked_ = 0;
    int answered_ = 0;
};

struct in_flight : testing::Test
{
    in_flight() : far(std::make_shared<distant_broker>(near.broker()))
    {
        work::client_options o;
        o.logger = nullptr;
        client.emplace(io, far, o);
    }
    template <typename T>
    T get(work::task<T> task)
    {
        io.restart();
        return work::testing::run_task(io, std::move(task), 60s);
    }
    void fill(int jobs)
    {
        work::enqueuer enqueuer(*client);
        std::vector<work::new_job> some;
        for (int i = 0; i != jobs; ++i)
            some.push_back(work::make("note", i));
        get(enqueuer.enqueue(some));
    }
    void drain(work::worker_pool& pool)
    {
        pool.handle("note", [this](int i) -> work::task<void> {
            ++ran[i];
            order.push_back(i);
            co_return;
        });
        get(pool.run_until_empty());
    }
    /// One for each stream of the numbers, in which each is greater than the one before.
    static void expect_streams(traffic const& of, std::int64_t streams)
    {
        std::map<std::int64_t, std::int64_t> last;
        for (std::int64_t const number : of.numbers) {
            auto const [at, fresh] = last.emplace(number % streams, number);
            if (!fresh) {
                EXPECT_LE(at->second, number);
                at->second = number;
            }
        }
    }

    boost::asio::io_context io{1};
    work::client near{io, "memory:"};
    std::shared_ptr<distant_broker> far;
    std::optional<work::client> client;
    std::map<int, int> ran;
    std::vector<int> order;
};

TEST_F(in_flight, a_distant_broker_is_kept_busy)
{
    constexpr int jobs = 40'000;
    fill(jobs);
    EXPECT_GT(far->batches.most, 3);
    EXPECT_LE(far->batches.most, work::policy::stored_batches);
    expect_streams(far->batches, work::policy::stored_batches);
    work::worker_pool pool(*client, {.concurrency = 4'000});
    drain(pool);
    EXPECT_GT(far->exchanges.most, 3);
    EXPECT_LT(far->exchanges.most, work::policy::stored_answers);
    EXPECT_LE(far->most_bytes, 8u << 20);
    expect_streams(far->exchanges, work::policy::stored_answers);
    EXPECT_EQ(ran.size(), std::size_t(jobs));
    EXPECT_EQ(order.size(), std::size_t(jobs));
    auto const sorted = std::is_sorted_until(order.begin(), order.end());
    EXPECT_TRUE(sorted == order.end())
        << "first in, first out: " << *sorted << " ran after " << *(sorted - 1);
}

TEST_F(in_flight, jobs_that_come_one_by_one_take_no_more_requests_than_before)
{
    far->far = 5ms;
    work::worker_pool pool(*client);
    pool.handle("note", [this](int i) -> work::task<void> {
        ++ran[i];
        co_return;
    });
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    work::enqueuer enqueuer(*client);
    for (int i = 0; i != 50; ++i)
        get(enqueuer.enqueue("note", i));
    ASSERT_TRUE(work::testing::run_until(io, [&] { return ran.size() == 50; }));
    EXPECT_LE(far->exchanges.most, 2);
    EXPECT_LE(far->batches.most, 1);
    pool.stop();
    ASSERT_TRUE(work::testing::run_until(io, [&] { return ended; }));
}

TEST_F(in_flight, lost_answers_double_nothing)
{
    constexpr int jobs = 20'000;
    fill(jobs);
    far->lossy = 7;
    work::worker_pool pool(*client, {.concurrency = 4'000});
    drain(pool);
    EXPECT_GT(far->exchanges.most, 2);
    EXPECT_EQ(order.size(), std::size_t(jobs));
    EXPECT_EQ(ran.size(), std::size_t(jobs));
}

TEST_F(in_flight, a_stop_amid_many_requests_gives_back_what_they_bring)
{
    constexpr int jobs = 40'000;
    fill(jobs);
    work::worker_pool pool(*client, {.concurrency = 4'000});
    pool.handle("note", [&](int i) -> work::task<void> {
        ++ran[i];
        if (ran.size() == 10'000)
            pool.stop();
        co_return;
    });
    get(pool.run());
    EXPECT_EQ(far->exchanges.now, 0);
    work::inspector inspector(near);
    auto const totals = get(inspector.counts());
    EXPECT_EQ(totals.active, 0);
    EXPECT_EQ(static_cast<std::size_t>(totals.pending) + ran.size(), std::size_t(jobs));
    for (auto const& [i, times] : ran)
        ASSERT_EQ(times, 1) << i;
    // What came last went back first.
    std::size_t const before = ran.size();
    work::worker_pool rest(near);
    drain(rest);
    EXPECT_EQ(order.size() + before, std::size_t(jobs));
    auto const sorted = std::is_sorted_until(order.begin(), order.end());
    EXPECT_TRUE(sorted == order.end()) << *sorted << " was put before " << *(sorted - 1);
}

}  // namespace
