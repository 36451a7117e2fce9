// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Ends of jobs that are waited for: pushed, asked for, lost on the way, and never coming.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <ctime>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

struct sum_up
{
    std::vector<std::int64_t> numbers;
};
BOOST_DESCRIBE_STRUCT(sum_up, (), (numbers))

class results : public either_broker
{
protected:
    results()
    {
        pool.emplace(*client, work::pool_options{.concurrency = 50});
        pool->handle<sum_up>([](work::context&, sum_up what) -> work::task<std::int64_t> {
            std::int64_t sum = 0;
            for (std::int64_t const n : what.numbers)
                sum += n;
            co_return sum;
        });
        pool->handle("quiet", [this](work::context&) -> work::task<void> {
            ++started;
            while (held)
                co_await pause(1ms);
        });
        pool->handle(
            "fails",
            [](work::context&, std::string what) -> work::task<void> {
                throw std::runtime_error(what);
                co_return;
            },
            {.max_attempts = 2, .backoff = work::backoff::fixed(1ms)}
        );
        pool->handle(
            "second",
            [](work::context& job) -> work::task<std::string> {
                if (job.attempt() == 1)
                    throw std::runtime_error("not yet");
                co_return "at last";
            },
            {.backoff = work::backoff::fixed(1ms)}
        );
    }
    static work::task<void> pause(std::chrono::milliseconds time)
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    /// Within the patience of `get`.
    static work::task<void> until(std::function<bool()> so)
    {
        while (!so())
            co_await pause(1ms);
    }
    /// Runs this while the pool does, which is stopped at its end.
    void while_it_runs(std::function<work::task<void>()> what)
    {
        std::exception_ptr failed;
        auto const both = [&]() -> work::task<void> {
            bool running = true;
            boost::asio::co_spawn(io, pool->run(), [&](std::exception_ptr) { running = false; });
            try {
                co_await what();
            } catch (...) {
                failed = std::current_exception();
            }
            held = false;
            pool->stop();
            while (running)
                co_await pause(1ms);
        };
        get(both());
        if (failed)
            std::rethrow_exception(failed);
    }
    template <typename T>
    static work::task<std::string> fault_of(work::task<T> waiting)
    {
        try {
            co_await std::move(waiting);
        } catch (work::error const& fault) {
            co_return std::string(
                fault.code() == work::errc::timed_out     ? "timed_out"
                : fault.code() == work::errc::job_failed  ? "job_failed"
                : fault.code() == work::errc::no_such_job ? "no_such_job"
                : fault.code() == work::errc::closed      ? "closed"
                                                          : "other"
            ) + ": " +
                fault.what();
        }
        co_return "none";
    }

    bool held = false;
    int started = 0;
    std::optional<work::worker_pool> pool;
};

TEST_P(results, are_waited_for_from_the_enqueue_on)
{
    while_it_runs([&]() -> work::task<void> {
        sum_up const numbers{{1, 2, 3}};
        std::int64_t const sum = co_await enqueuer->call<std::int64_t>(numbers, 60s);
        EXPECT_EQ(sum, 6);
        work::new_job quiet = work::make("quiet");
        co_await enqueuer->call(quiet, 60s);
        work::new_job second = work::make("second");
        std::string const said = co_await enqueuer->call<std::string>(second, 60s);
        EXPECT_EQ(said, "at last");
    });
}

TEST_P(results, are_there_already_or_come_later)
{
    while_it_runs([&]() -> work::task<void> {
        sum_up const numbers{{4, 5}};
        work::job_handle const job = co_await enqueuer->enqueue(numbers);
        co_await pause(50ms);
        std::int64_t const there = co_await job.result<std::int64_t>(60s);
        EXPECT_EQ(there, 9);
        work::job_handle const later = co_await enqueuer->enqueue(numbers, {.in = 300ms});
        std::int64_t const came = co_await later.result<std::int64_t>(60s);
        EXPECT_EQ(came, 9);
    });
}

TEST_P(results, of_jobs_that_do_not_complete_say_why)
{
    while_it_runs([&]() -> work::task<void> {
        work::new_job fails = work::make("fails", "no luck");
        std::string const dead = co_await fault_of(enqueuer->call<int>(fails, 60s));
        EXPECT_EQ(dead.substr(0, 10), "job_failed");
        EXPECT_NE(dead.find("no luck"), std::string::npos) << dead;
        work::job_handle const cancelled = co_await enqueuer->enqueue("nobody", 1);
        boost::asio::co_spawn(
            io,
            [](work::job_handle of) -> work::task<void> {
                co_await pause(50ms);
                co_await of.cancel("customer left");
            }(cancelled),
            [](std::exception_ptr) {}
        );
        std::string const why = co_await fault_of(cancelled.result<int>(60s));
        EXPECT_EQ(why.substr(0, 10), "job_failed");
        EXPECT_NE(why.find("customer left"), std::string::npos) << why;
        work::job_end const ended = co_await cancelled.end(60s);
        EXPECT_EQ(ended.state, work::job_state::cancelled);
        work::new_job wrong = work::make<sum_up>(std::vector<std::int64_t>{1});
        std::string const other = co_await fault_of(enqueuer->call<std::string>(wrong, 60s));
        EXPECT_EQ(other.substr(0, 5), "other") << other;
    });
}

TEST_P(results, that_do_not_come_in_time_leave_the_job_alone)
{
    held = true;
    while_it_runs([&]() -> work::task<void> {
        work::new_job quiet = work::make("quiet");
        std::string const late = co_await fault_of(enqueuer->call(quiet, 200ms));
        EXPECT_EQ(late.substr(0, 9), "timed_out");
        co_await until([&] { return started == 1; });
        auto const counts = co_await inspector->counts();
        EXPECT_EQ(counts.active, 1);
        work::job_handle const job = co_await enqueuer->enqueue("quiet");
        std::string const second = co_await fault_of(job.end(0ms));
        EXPECT_EQ(second.substr(0, 9), "timed_out");
    });
}

TEST_P(results, of_jobs_that_are_not_kept_are_heard_of_only_before_they_end)
{
    held = true;
    while_it_runs([&]() -> work::task<void> {
        // More than are sampled a second, so that the last leave nothing behind.
        std::vector<work::new_job> const many(30, work::make("quiet"));
        std::vector<work::job_handle> const handles = co_await enqueuer->enqueue(many);
        co_await until([&] { return started == 30; });
        work::job_handle const followed = handles.at(20);
        bool told = false;
        boost::asio::co_spawn(io, followed.end(60s), [&](std::exception_ptr e, work::job_end end) {
            told = !e && end.completed();
        });
        for (bool noted = false; !noted; co_await pause(1ms)) {
            std::string id(followed.id());
            work::job_record const record = co_await client->broker()->job(std::move(id));
            auto const flags = std::stoul(record.envelope.substr(2, 4), nullptr, 16);
            noted = (flags & work::envelope_flags::followed) != 0;
        }
        held = false;
        co_await until([&] { return told; });
        EXPECT_TRUE(told) << "a job that was followed while it ran, whose pool did not know";
        int unknown = 0;
        for (work::job_handle const& one : handles) {
            std::string const fault = co_await fault_of(one.end(60s));
            unknown += fault.starts_with("no_such_job");
        }
        EXPECT_GT(unknown, 0);
    });
}

TEST_P(results, of_many_are_waited_for_at_once)
{
    while_it_runs([&]() -> work::task<void> {
        int left = 500, right = 0;
        for (std::int64_t i = 0; i != 500; ++i) {
            sum_up const numbers{{i, 1}};
            auto waiting = i % 2 == 0
                               ? enqueuer->call<std::int64_t>(numbers, 60s)
                               : [](work::enqueuer& to, sum_up of) -> work::task<std::int64_t> {
                work::job_handle const job = co_await to.enqueue(of);
                co_return co_await job.result<std::int64_t>(60s);
            }(*enqueuer, numbers);
            boost::asio::co_spawn(
                io,
                std::move(waiting),
                [&, i](std::exception_ptr e, std::int64_t sum) {
                    --left;
                    right += !e && sum == i + 1;
                }
            );
        }
        while (left > 0)
            co_await pause(5ms);
        EXPECT_EQ(right, 500);
    });
}

TEST_P(results, of_a_unique_job_that_is_there_are_shared)
{
    held = true;
    while_it_runs([&]() -> work::task<void> {
        int ended = 0;
        for (int i = 0; i != 5; ++i) {
            work::new_job one = work::make("quiet").with({.unique = true});
            boost::asio::co_spawn(io, enqueuer->call(one, 60s), [&](std::exception_ptr e) {
                ended += !e;
            });
        }
        co_await until([&] { return started != 0; });
        co_await pause(100ms);
        held = false;
        co_await until([&] { return ended == 5; });
        EXPECT_EQ(started, 1);
    });
}

TEST_P(results, that_are_lost_on_the_way_cost_seconds)
{
    if (!server)
        GTEST_SKIP() << "nothing is lost in memory";
    held = true;
    while_it_runs([&]() -> work::task<void> {
        work::new_job quiet = work::make("quiet").with({.id = "mine"});
        bool ended = false;
        boost::asio::co_spawn(io, enqueuer->call(quiet, 60s), [&](std::exception_ptr e) {
            ended = !e;
        });
        co_await until([&] { return started != 0; });
        // It ends while nobody listens, nor can.
        server->ask("ACL SETUSER default resetchannels");
        server->ask("CLIENT KILL TYPE pubsub");
        EXPECT_EQ(server->ask("PUBSUB CHANNELS ended.*"), "*0\r\n");
        held = false;
        co_await until([&] { return pool->processed() == 1; });
        server->ask("ACL SETUSER default allchannels");
        co_await until([&] { return ended; });
    });
}

// The job has ended, and is not kept, before its caller hears that it was stored.
TEST_P(results, of_jobs_that_end_at_once_are_heard_by_a_busy_caller)
{
    if (!server)
        GTEST_SKIP() << "both are in one thread";
    boost::asio::io_context far{1};
    std::thread runs([&] {
        work::client own(far, server->url());
        work::worker_pool swift(own, {.concurrency = 50});
        swift.handle("swift", [](work::context&) -> work::task<void> { co_return; });
        swift.handle("last", [&](work::context&) -> work::task<void> {
            swift.stop();
            co_return;
        });
        boost::asio::co_spawn(far, swift.run(), [&](std::exception_ptr) { own.close(); });
        far.run();
    });
    int wrong = 0;
    std::string example;
    auto const calls = [&]() -> work::task<void> {
        for (int i = 0; i != 150; ++i) {
            work::new_job swift = work::make("swift");
            bool over = false;
            boost::asio::co_spawn(
                io,
                fault_of(enqueuer->call(swift, 60s)),
                [&](auto, std::string why) {
                    over = true;
                    wrong += why != "none";
                    example = why != "none" ? why : example;
                }
            );
            while (!over) {
                co_await pause(1ms);
                // It has other things to do.
                auto const busy = std::chrono::steady_clock::now() + 4ms;
                while (std::chrono::steady_clock::now() < busy) {
                }
            }
        }
        co_await enqueuer->enqueue("last");
    };
    get(calls());
    runs.join();
    EXPECT_EQ(wrong, 0) << example;
}

// Nobody spins while the broker is away.
TEST_P(results, that_are_waited_for_while_the_broker_is_away_cost_nothing)
{
    if (!server)
        GTEST_SKIP() << "memory is never away";
    auto const run = [&]() -> work::task<void> {
        work::job_handle const job = co_await enqueuer->enqueue("nobody", 1);
        server->ask("SHUTDOWN NOSAVE");
        int left = 5;
        for (int i = 0; i != 5; ++i)
            boost::asio::co_spawn(io, fault_of(job.end(1500ms)), [&](auto, std::string) {
                --left;
            });
        std::clock_t const before = std::clock();
        while (left > 0)
            co_await pause(50ms);
        EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.7);
    };
    get(run());
}

TEST_P(results, are_no_more_waited_for_when_the_client_is_closed_or_the_wait_is_cancelled)
{
    held = true;
    auto const run = [&]() -> work::task<void> {
        work::job_handle const job = co_await enqueuer->enqueue("quiet");
        boost::asio::cancellation_signal stop;
        std::optional<std::exception_ptr> cancelled;
        boost::asio::co_spawn(
            io,
            job.end(60s),
            boost::asio::bind_cancellation_slot(
                stop.slot(),
                [&](std::exception_ptr e, work::job_end) { cancelled = e; }
            )
        );
        int closed = 0;
        for (int i = 0; i != 5; ++i)
            boost::asio::co_spawn(
                io,
                fault_of(job.end(60s)),
                [&](std::exception_ptr, std::string why) {
                    ++closed;
                    EXPECT_NE(why, "none");
                }
            );
        co_await pause(100ms);
        stop.emit(boost::asio::cancellation_type::terminal);
        co_await until([&] { return cancelled.has_value(); });
        EXPECT_TRUE(*cancelled);
        EXPECT_EQ(closed, 0);
        client->close();
        co_await until([&] { return closed == 5; });
    };
    get(run());
}

INSTANTIATE_TEST_SUITE_P(on, results, testing::Values("memory", "redis"), [](auto const& which) {
    return std::string(which.param);
});

}  // namespace
}  // namespace pool_tests
