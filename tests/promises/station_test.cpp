// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promises 9 and 12 for many pools of one client: they cost no more than one when they are idle,
// and none of them waits for another.

#include <work/broker/broker.hpp>

#include <deque>
#include <optional>

#include "command_count.hpp"
#include "scene.hpp"

namespace promises {
namespace {

/// Pools of some clients in this process, which note when their jobs start and where.
class station : public testing::TestWithParam<bool>
{
protected:
    struct start
    {
        std::size_t pool;
        std::int64_t us;
    };

    station()
    {
        if (GetParam())
            server.emplace();
    }
    ~station() override
    {
        for (auto const& pool : pools)
            if (pool)
                pool->stop();
        run([&] { return ended == pools.size(); }, 10s);
    }

    work::client& add_client()
    {
        std::string const url = server ? server->url() : "memory:station";
        return clients.emplace_back(io, url, scene::quiet_options());
    }
    work::worker_pool& add_pool(work::client& of, std::string name, int concurrency = 10)
    {
        work::pool_options how;
        how.concurrency = concurrency;
        how.heartbeat = 100ms;
        std::size_t const number = pools.size();
        auto& pool = pools.emplace_back(std::make_unique<work::worker_pool>(of, how));
        pool->handle(
            std::move(name),
            [this, number](std::int64_t index, std::int64_t ms) -> work::task<void> {
                started[index] = start{number, steady_us()};
                boost::asio::steady_timer timer(io, std::chrono::milliseconds(ms));
                co_await timer.async_wait(boost::asio::use_awaitable);
            }
        );
        boost::asio::co_spawn(io, pool->run(), [this](std::exception_ptr) { ++ended; });
        return *pool;
    }
    bool run(std::function<bool()> const& done, std::chrono::milliseconds patience)
    {
        io.restart();
        auto const until = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < until)
            io.run_one_for(10ms);
        return done();
    }
    void rest(std::chrono::milliseconds time)
    {
        run([] { return false; }, time);
    }
    /// How long a lone job waits for its handler, in ms; a pool looks by itself every 4 s.
    double lone_job(work::client& from, std::string name, std::int64_t ms = 0)
    {
        std::int64_t const index = next_++;
        auto const before = steady_us();
        boost::asio::co_spawn(
            io,
            work::enqueuer(from).enqueue(name, index, ms),
            [](std::exception_ptr, work::job_handle) {}
        );
        EXPECT_TRUE(run([&] { return started.contains(index); }, 10s)) << name;
        last = started[index];
        return static_cast<double>(last.us - before) / 1000;
    }
    std::vector<std::string> shown(work::client& to)
    {
        std::vector<std::string> ids;
        work::inspector inspector(to);
        for (auto const& pool : work::testing::run_task(io, inspector.pools(), 10s))
            ids.push_back(pool.pool);
        return ids;
    }
    bool are_shown(work::client& to, std::vector<std::string> const& ids)
    {
        auto const until = std::chrono::steady_clock::now() + 20s;
        bool same = false;
        while (!same && std::chrono::steady_clock::now() < until) {
            rest(50ms);
            auto const now = shown(to);
            same = std::set(now.begin(), now.end()) == std::set(ids.begin(), ids.end());
        }
        return same;
    }

    boost::asio::io_context io;
    std::optional<work::testing::redis_server> server;
    std::deque<work::client> clients;
    std::deque<std::unique_ptr<work::worker_pool>> pools;
    std::map<std::int64_t, start> started;
    start last{};
    std::size_t ended = 0;

private:
    std::int64_t next_ = 0;
};

TEST_P(station, wakes_one_of_the_pools_that_serve_a_name)
{
    work::client& client = add_client();
    for (int i = 0; i != 8; ++i)
        add_pool(client, "a");
    rest(500ms);
    std::vector<double> took;
    std::set<std::size_t> served;
    for (int i = 0; i != (long_run() ? 5'000 : 300); ++i) {
        took.push_back(lone_job(client, "a"));
        served.insert(last.pool);
        if (i % 8 == 0)
            rest(3ms);
    }
    std::sort(took.begin(), took.end());
    std::cout << "[ figures  ] 8 pools of one name: enqueue to start p50 " << took[took.size() / 2]
              << " ms, slowest " << took.back() << "\n";
    in_time(took.back(), 500);
    happened(served.size() > 1, "more than one pool had a job");
}

TEST_P(station, hears_of_a_pool_that_comes_while_others_wait)
{
    work::client& client = add_client();
    add_pool(client, "a");
    add_pool(client, "b");
    rest(300ms);
    in_time(lone_job(client, "a"), 500);
    in_time(lone_job(client, "b"), 500);
    rest(100ms);
    add_pool(client, "c");
    rest(100ms);
    in_time(lone_job(client, "c"), 500);
    in_time(lone_job(client, "a"), 500);
    // And of one that goes.
    pools[0]->stop();
    ASSERT_TRUE(run([&] { return ended == 1; }, 20s));
    in_time(lone_job(client, "b"), 500);
    in_time(lone_job(client, "c"), 500);
    pools[2]->stop();
    ASSERT_TRUE(run([&] { return ended == 2; }, 20s));
    in_time(lone_job(client, "b"), 500);
    rest(100ms);
    in_time(lone_job(client, "b"), 500);
}

TEST_P(station, keeps_no_job_from_a_pool_with_room_while_another_is_full)
{
    work::client& client = add_client();
    work::client& other = add_client();
    add_pool(client, "a", 1);
    add_pool(client, "a", 1);
    add_pool(client, "b", 1);
    rest(300ms);
    in_time(lone_job(client, "a", 4000), 500);
    std::size_t const first = last.pool;
    in_time(lone_job(client, "a", 4000), 500);
    EXPECT_NE(last.pool, first);
    in_time(lone_job(client, "b", 4000), 500);
    add_pool(other, "a");
    rest(100ms);
    for (int i = 0; i != 4; ++i) {
        in_time(lone_job(other, "a"), 500);
        EXPECT_EQ(last.pool, 3U);
    }
    // Of a full pool the job waits, and no longer than that.
    in_time(lone_job(client, "b"), 4500);
    in_time(lone_job(client, "b"), 500);
}

TEST_P(station, shows_the_statuses_of_the_pools_that_run)
{
    work::client& client = add_client();
    work::client& other = add_client();
    std::vector<std::string> ids;
    ids.push_back(add_pool(client, "a").id());
    EXPECT_TRUE(are_shown(other, ids));
    ids.push_back(add_pool(client, "b").id());
    ids.push_back(add_pool(client, "c").id());
    ids.push_back(add_pool(other, "a").id());
    EXPECT_TRUE(are_shown(other, ids));
    // One leaves.
    pools[0]->stop();
    ASSERT_TRUE(run([&] { return ended == 1; }, 20s));
    ids.erase(ids.begin());
    EXPECT_TRUE(are_shown(other, ids));
    // One is destroyed while it runs, and takes no leave.
    pools[1].reset();
    ids.erase(ids.begin());
    EXPECT_TRUE(are_shown(other, ids));
    // One runs again, alone now.
    pools[2]->stop();
    ASSERT_TRUE(run([&] { return ended == 3; }, 20s));
    boost::asio::co_spawn(io, pools[2]->run(), [this](std::exception_ptr) { ++ended; });
    --ended;
    EXPECT_TRUE(are_shown(other, ids));
    in_time(lone_job(client, "c"), 500);
}

TEST_P(station, tells_the_store_again_when_it_forgot_all)
{
    if (!GetParam())
        GTEST_SKIP() << "nobody else can empty a store in memory";
    work::client& client = add_client();
    std::vector<std::string> ids;
    for (std::string const name : {"a", "b", "c"})
        ids.push_back(add_pool(client, name).id());
    EXPECT_TRUE(are_shown(client, ids));
    server->ask("FLUSHALL");
    EXPECT_TRUE(are_shown(client, ids));
    rest(200ms);
    in_time(lone_job(client, "b"), 5000);
    // Nothing stays when they are gone.
    for (auto const& pool : pools)
        pool->stop();
    ASSERT_TRUE(run([&] { return ended == 3; }, 20s));
    for (std::string const& id : ids)
        EXPECT_EQ(server->ask("EXISTS work:{t}:pool:" + id), ":0\r\n") << id;
}

INSTANTIATE_TEST_SUITE_P(, station, testing::Bool(), [](auto const& on_redis) {
    return on_redis.param ? "on_redis" : "in_memory";
});

struct many
{
    int pools;
    int dead;
};

class idle_client : public testing::TestWithParam<many>
{};

TEST_P(idle_client, sends_at_most_one_command_a_second)
{
    scene s;
    // What a storm left: pools that were known, and whose statuses are gone.
    for (int i = 0; i != GetParam().dead; ++i) {
        std::string const id = "dead" + std::to_string(i);
        s.server.ask("SADD work:{t}:pools " + id);
        s.server.ask("ZADD work:{t}:serves:" + id + " 0 *name0");
        s.server.ask("HSET work:{t}:pool:" + id + " home gone");
    }
    std::deque<work::worker_pool> pools;
    int ended = 0;
    for (int i = 0; i != GetParam().pools; ++i) {
        work::pool_options how;
        how.concurrency = 10;
        work::worker_pool& pool = pools.emplace_back(s.client, how);
        pool.handle("name" + std::to_string(i % 50), []() -> work::task<void> { co_return; });
        boost::asio::co_spawn(s.io, pool.run(), [&](std::exception_ptr) { ++ended; });
    }
    s.io.run_for(GetParam().dead > 0 ? 20s : 8s);
    int const seconds = long_run() ? 360 : 24;
    std::int64_t const before = commands(s.server);
    s.io.run_for(std::chrono::seconds(seconds));
    std::int64_t const sent = commands(s.server) - before - 1;
    double const rate = static_cast<double>(sent) / seconds;
    std::cout << "[ figures  ] " << rate << " commands/s of one idle client with "
              << GetParam().pools << " pool(s), after " << GetParam().dead << " dead ones\n";
    if (std::getenv("WORK_KEEP"))
        std::cout << s.server.ask("INFO commandstats");
    in_time(rate, 1.0);
    // All are known, and shown.
    EXPECT_EQ(s.get(s.inspector.pools()).size(), pools.size());
    for (work::worker_pool& pool : pools)
        pool.stop();
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (ended != GetParam().pools && std::chrono::steady_clock::now() < until)
        s.io.run_one_for(10ms);
    EXPECT_EQ(ended, GetParam().pools);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    idle_client,
    testing::Values(many{1, 0}, many{10, 0}, many{100, 0}, many{10, 1000}),
    [](auto const& of) {
        return "of_" + std::to_string(of.param.pools) + "_pools_after_" +
               std::to_string(of.param.dead) + "_dead";
    }
);

}  // namespace
}  // namespace promises
