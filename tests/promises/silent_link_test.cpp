// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Connections that die without a word: nothing runs twice, and nothing waits long.

#include <algorithm>
#include <deque>

#include "scene.hpp"
#include "support/proxy.hpp"

namespace promises {
namespace {

struct closing_case
{
    int lease_ms;
    int before_the_end_ms;  ///< when the link dies
};

class command_link : public testing::TestWithParam<closing_case>
{};

// The claim that is about to close stays renewed until the broker has answered, and the request
// goes out anew well within its lease.
TEST_P(command_link, that_dies_before_a_job_ends_repeats_nothing)
{
    closing_case const how = GetParam();
    scene s;
    work::testing::proxy proxy(s.server.port(), 0, 1);
    auto options = s.worker_options();
    options["lease"] = std::to_string(how.lease_ms);
    fleet pools(s.server.directory(), options);
    ::pid_t const first = pools.start({{"url", proxy.url()}});
    std::int64_t const runs_us = 2'500'000;
    s.enqueue("sleep", 0, 10, runs_us);
    auto const until = std::chrono::steady_clock::now() + 20s;
    while (s.journal_entries().size() < 10 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(2ms);
    auto const started = steady_us();
    ::pid_t const second = pools.start();
    std::this_thread::sleep_for(
        std::chrono::microseconds(started + runs_us - how.before_the_end_ms * 1000 - steady_us())
    );
    proxy.stall("work:commands");
    ASSERT_TRUE(s.drained(30s));
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * how.lease_ms));
    auto const all = by_job(s.journal_entries());
    std::size_t again = 0;
    for (std::int64_t i = 0; i != 10; ++i) {
        again += all.at(i).size() - 1;
        EXPECT_EQ(all.at(i)[0].start.pid, first);
    }
    in_time(again, 0, "second executions");
    EXPECT_EQ(s.processed(10), 10);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
    for (::pid_t const pid : {first, second}) {
        pools.signal(pid, SIGTERM);
        EXPECT_TRUE(pools.wait(pid, 10s).in_time);
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    command_link,
    testing::Values(
        closing_case{1500, 20},
        closing_case{1500, 700},
        closing_case{2000, 20},
        closing_case{2000, 700},
        closing_case{3000, 700},
        closing_case{3000, 1500}
    ),
    [](auto const& how) {
        return std::to_string(how.param.before_the_end_ms) + "_ms_before_with_lease_" +
               std::to_string(how.param.lease_ms);
    }
);

/// A pool behind a proxy of its own, in a namespace of its own, that had a job and then idles.
struct idle_pool
{
    idle_pool(boost::asio::io_context& io, work::testing::redis_server const& server, int number)
        : ns("n" + std::to_string(number)),
          proxy(server.port(), 0, 1),
          client(io, proxy.url(), options()),
          direct(io, server.url(), options()),
          enqueuer(direct),
          pool(client)
    {
        pool.handle("lone", [this](work::context& job, std::int64_t index) -> work::task<void> {
            started[index].push_back(steady_us());
            pools.push_back(job.fence());
            co_return;
        });
        boost::asio::co_spawn(io, pool.run(), [this](std::exception_ptr) { ended = true; });
    }
    work::client_options options() const
    {
        work::client_options o;
        o.ns = ns;
        o.logger = [](work::log_level, std::string_view) {};
        return o;
    }
    work::task<void> go(std::chrono::milliseconds idle_for, std::string links)
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        co_await enqueuer.enqueue("lone", std::int64_t(0));
        while (!started.contains(0)) {
            timer.expires_after(1ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        timer.expires_after(idle_for);
        co_await timer.async_wait(boost::asio::use_awaitable);
        proxy.stall(links);
        timer.expires_after(20ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
        enqueued_us = steady_us();
        co_await enqueuer.enqueue("lone", std::int64_t(1));
    }

    std::string ns;
    work::testing::proxy proxy;
    work::client client;
    work::client direct;
    work::enqueuer enqueuer;
    work::worker_pool pool;
    std::map<std::int64_t, std::vector<std::int64_t>> started;
    std::vector<std::int64_t> pools;
    std::int64_t enqueued_us = 0;
    bool ended = false;
};

class idle_links : public testing::TestWithParam<std::string>
{};

// A job that comes when they are silent is found by a look over another link, or over a new one.
TEST_P(idle_links, that_die_at_any_of_20_moments_delay_a_job_by_seconds_and_repeat_none)
{
    std::string const links = GetParam() == "all" ? "" : "work:" + GetParam();
    work::testing::redis_server server;
    boost::asio::io_context io;
    std::deque<idle_pool> all;
    for (int i = 0; i != 20; ++i)
        all.emplace_back(io, server, i);
    for (int i = 0; i != 20; ++i)
        boost::asio::co_spawn(
            io,
            all[static_cast<std::size_t>(i)].go(std::chrono::milliseconds(50 + 450 * i), links),
            work::rethrow
        );
    auto const until = std::chrono::steady_clock::now() + 60s;
    auto const done = [&] {
        return std::all_of(all.begin(), all.end(), [](idle_pool const& p) {
            return p.started.contains(1);
        });
    };
    while (!done() && std::chrono::steady_clock::now() < until)
        io.run_one_for(20ms);
    ASSERT_TRUE(done());
    io.run_for(3s);
    std::vector<double> late;
    for (idle_pool const& p : all) {
        late.push_back(static_cast<double>(p.started.at(1)[0] - p.enqueued_us) / 1000);
        EXPECT_EQ(p.started.at(1).size(), 1u);
    }
    double const slowest = *std::max_element(late.begin(), late.end());
    std::cout << "[ figures  ] started after";
    for (double const ms : late)
        std::cout << ' ' << static_cast<int>(ms);
    std::cout << " ms\n";
    // A link that is silent is given up after 3 s.
    bool const only_the_wait = GetParam() == "wait";
    in_time(slowest, only_the_wait ? 5'000 + 500 : 5'000 + 3'000 + 500);
    for (idle_pool& p : all)
        p.pool.stop();
    auto const patience = std::chrono::steady_clock::now() + 20s;
    auto const stopped = [&] {
        return std::all_of(all.begin(), all.end(), [](idle_pool const& p) { return p.ended; });
    };
    while (!stopped() && std::chrono::steady_clock::now() < patience)
        io.run_one_for(20ms);
    EXPECT_TRUE(stopped());
}

INSTANTIATE_TEST_SUITE_P(
    ,
    idle_links,
    testing::Values("wait", "commands", "heartbeat", "all"),
    [](auto const& which) { return which.param; }
);

// After a FLUSHALL nobody knows the pool: it says again what it serves.
TEST(flushed_server, is_told_again_and_a_job_in_a_new_queue_starts)
{
    scene s;
    work::client client(s.io, s.server.url(), scene::quiet_options());
    work::worker_pool pool(client);
    int started = 0;
    pool.handle("lone", [&](work::context&, std::int64_t) -> work::task<void> {
        ++started;
        co_return;
    });
    bool ended = false;
    boost::asio::co_spawn(s.io, pool.run(), [&](std::exception_ptr) { ended = true; });
    auto const until = [&](auto const& is_so, std::chrono::milliseconds patience) {
        s.io.restart();
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            s.io.run_one_for(20ms);
        return is_so();
    };
    s.get(s.enqueuer.enqueue("lone", std::int64_t(0)));
    ASSERT_TRUE(until([&] { return started == 1; }, 20s));
    for (int i = 0; i != 6; ++i) {
        until([] { return false; }, std::chrono::milliseconds(200 + 700 * i));
        if (i % 2 == 0)
            s.server.ask("FLUSHALL");
        else
            s.server.restart();
        auto const before = steady_us();
        work::enqueue_options how;
        std::string const queue = "new" + std::to_string(i);
        how.queue = queue;
        s.get(s.enqueuer.enqueue_with(how, "lone", std::int64_t(i)));
        EXPECT_TRUE(until([&] { return started == i + 2; }, 20s)) << i;
        double const took = static_cast<double>(steady_us() - before) / 1000;
        std::cout << "[ figures  ] started after " << took << " ms\n";
        in_time(took, 5'000 + 500);
    }
    pool.stop();
    EXPECT_TRUE(until([&] { return ended; }, 20s));
}

}  // namespace
}  // namespace promises
