// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Promise 5 while the server is away: a stop takes no longer than with it, and says what was left.

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <sys/resource.h>
#include <sys/time.h>

#include "scene.hpp"

namespace promises {
namespace {

enum class away { frozen, killed, never_there };
enum class load { idle, obedient, deaf };

std::string log_of(scene const& s, int worker)
{
    std::ostringstream text;
    text << std::ifstream(s.server.directory() + "/worker." + std::to_string(worker) + ".log")
                .rdbuf();
    return text.str();
}

double cpu_of_children()
{
    ::rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    auto const seconds = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

class away_stop : public testing::TestWithParam<std::tuple<away, load>>
{};

TEST_P(away_stop, by_a_signal_ends_in_time_with_0_and_says_what_is_left)
{
    auto const [how, what] = GetParam();
    scene s;
    auto options = s.worker_options();
    options["grace"] = "300";
    options["lease"] = "15000";
    if (how == away::never_there)
        options["url"] = "redis://127.0.0.1:1";
    fleet pools(s.server.directory(), options);
    ::pid_t const pid = pools.start();
    if (how == away::never_there) {
        std::this_thread::sleep_for(500ms);
    } else {
        auto const until = std::chrono::steady_clock::now() + 20s;
        while (s.get(s.inspector.pools()).empty() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(5ms);
        if (what == load::obedient)
            s.enqueue("sleep", 0, 10, 60'000'000);
        else if (what == load::deaf)
            s.enqueue("deaf", 0, 10, 60'000'000);
        while (what != load::idle && s.journal_entries().size() < 10 &&
               std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(5ms);
        std::this_thread::sleep_for(200ms);
    }
    if (how == away::frozen)
        s.server.freeze();
    else if (how == away::killed)
        s.server.kill();
    double const before = cpu_of_children();
    pools.signal(pid, SIGTERM);
    auto const told = steady_us();
    ended const end = pools.wait(pid, 30s);
    double const took = static_cast<double>(steady_us() - told) / 1000;
    EXPECT_TRUE(end.in_time);
    EXPECT_EQ(end.signal, 0);
    EXPECT_EQ(end.code, 0);
    in_time(took, 300 + 1000 + 300);
    // All that the process ever used.
    double const cpu = cpu_of_children() - before;
    in_time(cpu, 1.0);
    std::string const log = log_of(s, 1);
    if (how != away::never_there) {
        EXPECT_THAT(log, testing::HasSubstr("left to the lease of 15000 ms: ")) << log;
    }
    EXPECT_THAT(log, testing::Not(testing::HasSubstr("thread is blocked")));
    if (what == load::obedient) {
        EXPECT_THAT(log, testing::HasSubstr("10 job(s) that ended")) << log;
    }
    if (what == load::deaf) {
        EXPECT_THAT(log, testing::HasSubstr("10 job(s) that did not end")) << log;
    }
    std::cout << "[ figures  ] " << took << " ms with a grace of 300, " << cpu << " s of CPU\n";
    if (how == away::frozen)
        s.server.thaw();
}

INSTANTIATE_TEST_SUITE_P(
    ,
    away_stop,
    testing::Values(
        std::tuple(away::frozen, load::idle),
        std::tuple(away::frozen, load::obedient),
        std::tuple(away::frozen, load::deaf),
        std::tuple(away::killed, load::idle),
        std::tuple(away::killed, load::obedient),
        std::tuple(away::killed, load::deaf),
        std::tuple(away::never_there, load::idle)
    ),
    [](auto const& which) {
        away const how = std::get<0>(which.param);
        load const what = std::get<1>(which.param);
        return std::string(
                   how == away::frozen   ? "frozen"
                   : how == away::killed ? "killed"
                                         : "never_there"
               ) +
               (what == load::idle       ? "_idle"
                : what == load::obedient ? "_busy"
                                         : "_busy_with_deaf_jobs");
    }
);

/// A pool in this process.
struct pool_here
{
    explicit pool_here(std::string const& url, std::chrono::milliseconds lease)
    {
        work::client_options o;
        o.ns = "t";
        o.logger = [this](work::log_level, std::string_view line) {
            std::lock_guard const lock(mutex);
            lines.emplace_back(line);
        };
        client.emplace(io, url, o);
        work::pool_options how;
        how.grace = 200ms;
        how.lease = lease;
        pool.emplace(*client, how);
        pool->handle(
            "sleep",
            [this](work::context&, std::int64_t, std::int64_t us) -> work::task<void> {
                ++started;
                boost::asio::steady_timer timer(io);
                timer.expires_after(std::chrono::microseconds(us));
                co_await timer.async_wait(boost::asio::use_awaitable);
                ++done;
            }
        );
    }
    void start()
    {
        ended = false;
        boost::asio::co_spawn(io, pool->run(), [this](std::exception_ptr e) {
            ended = true;
            failure = e;
        });
    }
    template <typename Condition>
    bool until(Condition const& is_so, std::chrono::milliseconds patience = 20s)
    {
        io.restart();
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(20ms);
        return is_so();
    }
    std::string text()
    {
        std::lock_guard const lock(mutex);
        std::string all;
        for (std::string const& line : lines)
            all += line + "\n";
        return all;
    }
    bool logged(std::string_view text)
    {
        std::lock_guard const lock(mutex);
        return std::any_of(lines.begin(), lines.end(), [&](std::string const& line) {
            return line.find(text) != line.npos;
        });
    }

    std::mutex mutex;
    std::vector<std::string> lines;
    boost::asio::io_context io;
    std::optional<work::client> client;
    std::optional<work::worker_pool> pool;
    int started = 0;
    int done = 0;
    bool ended = false;
    std::exception_ptr failure;
};

class away_stop_by_hand : public testing::TestWithParam<std::tuple<away, bool>>
{};

TEST_P(away_stop_by_hand, ends_in_time_and_leaves_nothing_running)
{
    auto const [how, busy] = GetParam();
    scene s;
    pool_here here(how == away::never_there ? "redis://127.0.0.1:1" : s.server.url(), 15s);
    here.start();
    if (busy) {
        s.enqueue("sleep", 0, 10, 60'000'000);
        ASSERT_TRUE(here.until([&] { return here.started == 10; }));
    }
    here.until([] { return false; }, 300ms);
    if (how == away::frozen)
        s.server.freeze();
    else if (how == away::killed)
        s.server.kill();
    here.until([] { return false; }, 100ms);
    here.pool->stop();
    auto const told = steady_us();
    ASSERT_TRUE(here.until([&] { return here.ended; }));
    in_time(steady_us() - told, (200 + 1000 + 300) * 1000);
    EXPECT_FALSE(here.failure);
    // Then the context has nothing left to do.
    here.io.restart();
    here.io.run_for(10s);
    EXPECT_TRUE(here.io.stopped());
    double const took = static_cast<double>(steady_us() - told) / 1000;
    in_time(took, 200 + 1000 + 500);
    std::cout << "[ figures  ] " << took << " ms with a grace of 200\n";
    if (how == away::frozen)
        s.server.thaw();
}

INSTANTIATE_TEST_SUITE_P(
    ,
    away_stop_by_hand,
    testing::Values(
        std::tuple(away::frozen, false),
        std::tuple(away::frozen, true),
        std::tuple(away::killed, false),
        std::tuple(away::killed, true),
        std::tuple(away::never_there, false)
    ),
    [](auto const& which) {
        away const how = std::get<0>(which.param);
        return std::string(
                   how == away::frozen   ? "frozen"
                   : how == away::killed ? "killed"
                                         : "never_there"
               ) +
               (std::get<1>(which.param) ? "_busy" : "_idle");
    }
);

// The heartbeat's exchanges are numbered on, so that the answers of the first run, which a stop
// without a server left behind, are not taken for those of the second.
TEST(second_run, renews_its_leases_though_the_first_could_not_leave)
{
    scene s;
    pool_here here(s.server.url(), 1s);
    here.start();
    s.enqueue("sleep", 0, 1, 1'200'000);
    ASSERT_TRUE(here.until([&] { return here.done == 1; }));
    s.server.freeze();
    here.pool->stop();
    ASSERT_TRUE(here.until([&] { return here.ended; }));
    s.server.thaw();
    here.start();
    s.enqueue("sleep", 1, 2, 3'500'000);
    ASSERT_TRUE(here.until([&] { return here.done == 2; }));
    EXPECT_EQ(here.started, 2);
    EXPECT_FALSE(here.logged("lost with")) << here.text();
    here.pool->stop();
    ASSERT_TRUE(here.until([&] { return here.ended; }));
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

class closed_client : public testing::TestWithParam<std::tuple<bool, bool>>
{};

TEST_P(closed_client, ends_its_pool_and_releases_what_ran_if_the_server_answers)
{
    auto const [busy, server_away] = GetParam();
    scene s;
    pool_here here(s.server.url(), 2s);
    here.start();
    if (busy) {
        s.enqueue("sleep", 0, 10, 60'000'000);
        ASSERT_TRUE(here.until([&] { return here.started == 10; }));
    }
    here.until([] { return false; }, 300ms);
    if (server_away)
        s.server.freeze();
    here.client->close();
    auto const closed = steady_us();
    ASSERT_TRUE(here.until([&] { return here.ended; }));
    in_time(steady_us() - closed, (200 + 1000 + 300) * 1000);
    try {
        if (here.failure)
            std::rethrow_exception(here.failure);
        ADD_FAILURE() << "no exception";
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::closed);
    }
    if (server_away) {
        s.server.thaw();
    } else if (busy) {
        EXPECT_EQ(s.counts().pending, 10);
    }
    if (!busy)
        return;
    // Nobody renews what was left: it lapses, and another pool runs it.
    pool_here other(s.server.url(), 2s);
    other.start();
    EXPECT_TRUE(other.until([&] { return other.started == 10; }, 15s));
    other.pool->stop();
    EXPECT_TRUE(other.until([&] { return other.ended; }));
}

INSTANTIATE_TEST_SUITE_P(
    ,
    closed_client,
    testing::Combine(testing::Bool(), testing::Bool()),
    [](auto const& which) {
        return std::string(std::get<0>(which.param) ? "busy" : "idle") +
               (std::get<1>(which.param) ? "_while_the_server_is_frozen" : "");
    }
);

// 20 000 claims of one job each, all lost at once. The loop serves others meanwhile.
TEST(lost_claims, by_the_thousand_do_not_hold_up_the_loop)
{
    std::int64_t const jobs = long_run() ? 20'000 : 5'000;
    scene s;
    pool_here here(s.server.url(), 3s);
    work::pool_options how;
    how.lease = 3s;
    how.concurrency = static_cast<int>(jobs);
    how.batch = 1;
    work::worker_pool pool(*here.client, how);
    int started = 0;
    int interrupted = 0;
    pool.handle("lone", [&](work::context&, std::int64_t, std::int64_t) -> work::task<void> {
        ++started;
        boost::asio::steady_timer timer(here.io);
        timer.expires_after(1h);
        boost::system::error_code failure;
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, failure));
        ++interrupted;
    });
    bool ended = false;
    boost::asio::co_spawn(here.io, pool.run(), [&](std::exception_ptr) { ended = true; });
    s.enqueue("lone", 0, jobs, 0);
    ASSERT_TRUE(here.until([&] { return started == jobs; }, 60s));
    // How long the loop stands at most.
    std::int64_t longest_us = 0;
    auto const tick = [&]() -> work::task<void> {
        boost::asio::steady_timer timer(here.io);
        while (interrupted < jobs) {
            auto const before = steady_us();
            timer.expires_after(1ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            longest_us = std::max(longest_us, steady_us() - before - 1000);
        }
    };
    s.server.ask("FLUSHALL");
    boost::asio::co_spawn(here.io, tick(), boost::asio::detached);
    auto const flushed = steady_us();
    EXPECT_TRUE(here.until([&] { return interrupted == jobs; }, 60s));
    std::cout << "[ figures  ] " << jobs << " claims lost: all were told after "
              << (steady_us() - flushed) / 1000 << " ms, the loop stood for "
              << static_cast<double>(longest_us) / 1000 << " ms at most\n";
    in_time(longest_us, 500'000);
    EXPECT_TRUE(here.logged("claims ("));
    pool.stop();
    EXPECT_TRUE(here.until([&] { return ended; }));
}

// What the heartbeat's exchanges meet is logged like what the pool's own meet.
TEST(heartbeat, logs_what_the_broker_noted)
{
    scene s;
    pool_here here(s.server.url(), 1s);
    std::atomic<bool> blocked{false};
    std::atomic<bool> go_on{false};
    here.pool->handle("block", [&](work::context&, std::int64_t, std::int64_t) -> work::task<void> {
        blocked = true;
        go_on.wait(false);
        co_return;
    });
    here.start();
    s.enqueue("block", 0, 1, 0);
    std::thread loop([&] { here.until([&] { return blocked.load(); }); });
    auto const until = std::chrono::steady_clock::now() + 10s;
    while (!blocked && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(1ms);
    s.server.ask("DEL work:{t}:leases");
    s.server.ask("SET work:{t}:leases mistake");
    while (!here.logged("aside: leases") && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(here.logged("aside: leases"));
    go_on = true;
    go_on.notify_all();
    loop.join();
    here.pool->stop();
    EXPECT_TRUE(here.until([&] { return here.ended; }));
}

}  // namespace
}  // namespace promises
