// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 9 and 12 where each user has a queue: lone jobs start at once whatever their queue, and
// an empty pool is an empty one.

#include <algorithm>
#include <deque>
#include <random>

#include "scene.hpp"

namespace promises {
namespace {

double part_of(std::vector<double> values, double p)
{
    std::sort(values.begin(), values.end());
    auto const at = static_cast<std::size_t>(p * static_cast<double>(values.size()));
    return values.empty() ? 0 : values[std::min(values.size() - 1, at)];
}

/// Pools that serve `name0` and `name1`, in this process.
class idle_pools
{
public:
    explicit idle_pools(scene& s) : at_(s) {}
    ~idle_pools() { stop(); }

    void start(int pools, bool one_client, std::vector<work::queue_share> queues = {})
    {
        for (int i = 0; i != pools; ++i) {
            if (clients_.empty() || !one_client)
                clients_.emplace_back(at_.io, at_.server.url(), scene::quiet_options());
            work::pool_options how;
            how.concurrency = 10;
            how.queues = queues;
            work::worker_pool& pool = pools_.emplace_back(clients_.back(), how);
            for (char const* const name : {"name0", "name1"}) {
                pool.handle(name, [this](work::context&, std::int64_t job) -> work::task<void> {
                    started[job] = steady_us();
                    co_return;
                });
            }
            boost::asio::co_spawn(at_.io, pool.run(), [this](std::exception_ptr) { ++ended_; });
        }
        // To say that it serves 400 queues takes a pool a while.
        auto const until = std::chrono::steady_clock::now() + 20s;
        while (at_.get(at_.inspector.pools()).size() < pools_.size() &&
               std::chrono::steady_clock::now() < until)
            settle([] { return false; }, 20ms);
        settle([] { return false; }, 200ms);
    }
    void stop()
    {
        for (work::worker_pool& pool : pools_)
            pool.stop();
        settle([&] { return ended_ == pools_.size(); }, 10s);
        pools_.clear();
        clients_.clear();
        ended_ = 0;
    }
    bool settle(std::function<bool()> const& done, std::chrono::milliseconds patience)
    {
        at_.io.restart();
        auto const until = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < until)
            at_.io.run_one_for(10ms);
        return done();
    }
    /// How long a lone job takes to start, in ms; 30 000: it did not.
    double lone(std::string name, std::string queue)
    {
        std::int64_t const index = next_++;
        auto const before = steady_us();
        work::enqueue_options o;
        o.queue = queue;
        at_.get(at_.enqueuer.enqueue_with(o, name, index));
        if (!settle([&] { return started.contains(index); }, 30s))
            return 30'000;
        double const took = static_cast<double>(started[index] - before) / 1000;
        if (index % 4 == 0)
            settle([] { return false; }, 3ms);  // the pools go to sleep
        return took;
    }

    std::map<std::int64_t, std::int64_t> started;

private:
    scene& at_;
    std::deque<work::client> clients_;
    std::deque<work::worker_pool> pools_;
    std::size_t ended_ = 0;
    std::int64_t next_ = 0;
};

struct where
{
    char const* name;
    bool one_client;
    bool restricted;
};

class lone_jobs_in_queues : public testing::TestWithParam<where>
{};

TEST_P(lone_jobs_in_queues, start_at_once_whether_old_or_new)
{
    int const jobs = long_run() ? 3'000 : 150;
    scene s;
    idle_pools pools(s);
    std::vector<work::queue_share> queues;
    int used = 0;
    auto const some_queue = [&](bool fresh) {
        return "queue" + std::to_string(fresh && used < 400 ? used++ : used / 2);
    };
    if (GetParam().restricted) {
        for (int i = 0; i != 400; ++i)
            queues.push_back({"queue" + std::to_string(i), 1});
        queues.push_back({"name0", 1});
        queues.push_back({"name1", 1});
    }
    std::mt19937 random(11);
    std::map<std::string, std::vector<double>> took;
    for (int round = 0; round != 3; ++round) {  // fresh pools, old queues
        pools.start(3, GetParam().one_client, queues);
        for (int i = 0; i != jobs; ++i) {
            std::string const name = "name" + std::to_string(random() % 2);
            took["own"].push_back(pools.lone(name, name));
            took["new"].push_back(pools.lone(name, some_queue(true)));
            took["old"].push_back(pools.lone(name, some_queue(false)));
        }
        pools.stop();
    }
    for (auto const& [which, times] : took) {
        std::cout << "[ figures  ] " << which << ": p50 " << part_of(times, 0.5) << " ms, p99 "
                  << part_of(times, 0.99) << ", slowest " << part_of(times, 1) << "\n";
        in_time(part_of(times, 0.5), 3 * part_of(took["own"], 0.5) + 0.5, which);
        in_time(part_of(times, 0.99), long_run() ? 5 : 50, which);
        in_time(part_of(times, 1), long_run() ? 50 : 1000, which);
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    lone_jobs_in_queues,
    testing::Values(
        where{"of_one_client", true, false},
        where{"of_many_clients", false, false},
        where{"of_restricted_pools", false, true}
    ),
    [](auto const& param) { return std::string(param.param.name); }
);

class until_empty : public testing::TestWithParam<int>
{};

TEST_P(until_empty, leaves_nothing_for_any_number_of_queues)
{
    int const queues = GetParam();
    scene s;
    std::int64_t stored = 0, ran = 0;
    for (int i = 0; i != queues; ++i) {
        work::enqueue_options o;
        std::string const queue = "user" + std::to_string(i);
        o.queue = queue;
        boost::asio::co_spawn(
            s.io,
            s.enqueuer.enqueue_with(o, "job", std::int64_t(i)),
            [&](std::exception_ptr, work::job_handle) { ++stored; }
        );
        if (i % 512 == 511) {
            s.io.restart();
            while (stored <= i)
                s.io.run_one();
        }
    }
    s.io.restart();
    while (stored < queues)
        s.io.run_one();
    work::pool_options how;
    how.concurrency = 1000;
    work::worker_pool pool(s.client, how);
    // Jobs of one in 10 put another into a queue of its own.
    pool.handle("job", [&](work::context&, std::int64_t i) -> work::task<void> {
        ++ran;
        if (i >= 0 && i % 10 == 0) {
            work::enqueue_options o;
            std::string const queue = "born" + std::to_string(i);
            o.queue = queue;
            co_await s.enqueuer.enqueue_with(o, "job", std::int64_t(-1));
        }
    });
    auto const begun = std::chrono::steady_clock::now();
    s.get(pool.run_until_empty(), 120s);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
    std::cout << "[ figures  ] " << queues << " queues: " << ran << " jobs in " << took.count()
              << " s\n";
    EXPECT_EQ(ran, queues + (queues + 9) / 10);
    work::broker_counts const left = s.counts();
    EXPECT_EQ(left.pending, 0);
    EXPECT_EQ(left.active, 0);
}

INSTANTIATE_TEST_SUITE_P(of, until_empty, testing::Values(1, 2, 17, 300, 1'000, 20'000));

}  // namespace
}  // namespace promises
