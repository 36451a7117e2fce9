// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What becomes of a call whose coroutine is cancelled, at any moment and by any type.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using boost::asio::cancellation_type;
using namespace boost::asio::experimental::awaitable_operators;

bool is_abort(std::exception_ptr failure)
{
    try {
        if (failure)
            std::rethrow_exception(failure);
    } catch (boost::system::system_error const& e) {
        return e.code() == boost::asio::error::operation_aborted;
    } catch (...) {
    }
    return false;
}

constexpr cancellation_type types[] = {
    cancellation_type::terminal,
    cancellation_type::partial,
    cancellation_type::total,
    cancellation_type::all
};

struct cancelled_run : testing::TestWithParam<bool>
{
    work::task<void> run(work::worker_pool& pool) const
    {
        return GetParam() ? pool.run_until_empty() : pool.run();
    }
};

work::pool_options grace(std::chrono::milliseconds time)
{
    work::pool_options how;
    how.grace = time;
    return how;
}

/// Starts `run` so that it can be cancelled.
struct cancellable
{
    cancellable(bench& in, work::task<void> what) : b(in)
    {
        b.spawned = true;
        b.ended = false;
        boost::asio::co_spawn(
            b.io,
            std::move(what),
            boost::asio::bind_cancellation_slot(
                signal.slot(),
                [this](std::exception_ptr e) {
                    b.ended = true;
                    b.failure = e;
                }
            )
        );
    }
    bench& b;
    boost::asio::cancellation_signal signal;
};

// Within the grace running jobs end as they like, and what did not start is given back.
TEST_P(cancelled_run, is_a_stop_whatever_the_type)
{
    for (cancellation_type const type : types) {
        bench b(grace(10s));
        bool finish = false;
        int ran = 0;
        b.pool->handle("a", [&](work::context&) -> work::task<void> {
            ++ran;
            while (!finish)
                co_await wait_for(1ms);
        });
        b.enqueue("a");
        cancellable c(b, run(*b.pool));
        ASSERT_TRUE(b.until([&] { return ran == 1; }));
        c.signal.emit(type);
        EXPECT_FALSE(b.until([&] { return b.ended; }, 30ms)) << int(type);
        b.enqueue("a");
        EXPECT_FALSE(b.until([&] { return b.ended; }, 20ms)) << int(type);
        finish = true;
        ASSERT_TRUE(b.until([&] { return b.ended; })) << int(type);
        EXPECT_TRUE(is_abort(b.failure)) << b.error_of(b.failure);
        EXPECT_EQ(ran, 1);
        EXPECT_EQ(b.pool->processed(), 1);
        EXPECT_EQ(b.counts().pending, 1);
        EXPECT_EQ(b.logged("run() was cancelled"), 1);
        // It owns nothing afterwards.
        EXPECT_TRUE(work::testing::run_dry(b.io, 2s));
        b.drain();
        EXPECT_EQ(ran, 2);
    }
}

TEST_P(cancelled_run, twice_ends_the_grace)
{
    for (cancellation_type const type : types) {
        bench b(grace(1h));
        int ran = 0;
        b.pool->handle("a", [&](work::context&) -> work::task<void> {
            ++ran;
            co_await wait_for(1h);
        });
        std::string const id = b.enqueue("a");
        cancellable c(b, run(*b.pool));
        ASSERT_TRUE(b.until([&] { return ran == 1; }));
        c.signal.emit(type);
        EXPECT_FALSE(b.until([&] { return b.ended; }, 30ms));
        c.signal.emit(type);
        ASSERT_TRUE(b.until([&] { return b.ended; }, 5s));
        EXPECT_TRUE(is_abort(b.failure));
        EXPECT_EQ(b.job(id).state, work::job_state::pending);
        EXPECT_TRUE(work::testing::run_dry(b.io, 2s));
    }
}

// Nothing is lost, and nothing of the run is left, whenever it is cancelled.
TEST_P(cancelled_run, at_any_step_loses_nothing)
{
    for (int steps = 0; steps < 120; steps = steps < 50 ? steps + 1 : steps + 7) {
        bench b(grace(0ms));
        int done = 0;
        b.pool->handle("a", [&](work::context&) -> work::task<void> {
            co_await wait_for(1ms);
            ++done;
        });
        for (int i = 0; i != 12; ++i)
            b.enqueue("a");
        cancellable c(b, run(*b.pool));
        b.io.restart();
        for (int i = 0; i != steps && !b.ended; ++i)
            b.io.run_one_for(1ms);
        c.signal.emit(cancellation_type::terminal);
        ASSERT_TRUE(b.until([&] { return b.ended; }, 5s)) << steps;
        work::broker_counts const left = b.counts();
        // It may have ended by itself.
        bool const by_itself = !b.failure && left.pending == 0;
        EXPECT_TRUE(by_itself || is_abort(b.failure)) << steps << b.error_of(b.failure);
        EXPECT_EQ(left.pending, 12 - b.pool->processed()) << steps;
        EXPECT_EQ(left.active + left.retry + left.dead, 0) << steps;
        EXPECT_EQ(b.pool->running(), 0) << steps;
        EXPECT_TRUE(work::testing::run_dry(b.io, 2s)) << steps;
        if (left.pending > 0)
            b.drain();
        EXPECT_EQ(b.counts().pending, 0);
    }
}

// As people write it. The operand that lost ends before the expression does.
TEST_P(cancelled_run, by_an_operator_ends_it_before_the_next_line)
{
    for (bool const first : {false, true}) {
        bench b(grace(10ms));
        int running = 0;
        int started = 0;
        b.pool->handle("a", [&](work::context&) -> work::task<void> {
            struct count
            {
                int& n;
                explicit count(int& of) : n(of) { ++n; }
                ~count() { --n; }
            } const here(running);
            ++started;
            co_await wait_for(1h);
        });
        b.enqueue("a");
        int at_the_end = -1;
        auto const begun = [&]() -> work::task<void> {
            while (started == 0)
                co_await wait_for(1ms);
            co_await wait_for(20ms);
        };
        auto const program = [&]() -> work::task<void> {
            if (first)
                co_await (run(*b.pool) || begun());
            else
                co_await (begun() || run(*b.pool));
            at_the_end = running;
            // Its own awaits are as cancellable, or not, as before.
            co_await wait_for(1ms);
        };
        b.get(program());
        EXPECT_EQ(started, 1);
        EXPECT_EQ(at_the_end, 0);
        EXPECT_EQ(b.counts().pending, 1);
        b.enqueue("a");
        EXPECT_TRUE(work::testing::run_dry(b.io, 2s));
        EXPECT_EQ(started, 1);
        EXPECT_EQ(b.counts().pending, 2);
    }
}

// A coroutine that went on after a run may be cancelled as any other, and is not for types that
// Asio keeps from it.
TEST_P(cancelled_run, leaves_its_caller_with_the_default_filter)
{
    bench b;
    b.pool->handle("a", nothing);
    bool aborted = false;
    bool after = false;
    auto const program = [&]() -> work::task<void> {
        b.pool->stop();
        co_await run(*b.pool);
        after = true;
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
            aborted = true;
        }
    };
    cancellable c(b, program());
    ASSERT_TRUE(b.until([&] { return after; }));
    b.until([] { return false; }, 5ms);
    c.signal.emit(cancellation_type::total);
    EXPECT_FALSE(b.until([&] { return b.ended; }, 20ms));
    c.signal.emit(cancellation_type::terminal);
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_TRUE(aborted);
}

// Cancelled before its first step, it does not begin.
TEST_P(cancelled_run, before_it_begins_claims_nothing)
{
    bench b;
    int ran = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++ran;
        co_return;
    });
    b.enqueue("a");
    for (bool const throws : {true, false}) {
        boost::asio::cancellation_signal* mine = nullptr;
        auto const program = [&]() -> work::task<void> {
            co_await boost::asio::this_coro::throw_if_cancelled(throws);
            co_await wait_for(0ms);
            mine->emit(cancellation_type::terminal);
            co_await run(*b.pool);
        };
        cancellable c(b, program());
        mine = &c.signal;
        ASSERT_TRUE(b.until([&] { return b.ended; }));
        EXPECT_TRUE(is_abort(b.failure));
        EXPECT_EQ(ran, 0);
        EXPECT_EQ(b.counts().pending, 1);
    }
}

std::string which(testing::TestParamInfo<bool> const& of)
{
    return of.param ? "until_empty" : "until_stopped";
}

INSTANTIATE_TEST_SUITE_P(, cancelled_run, testing::Bool(), which);

// ------------------------------------------------------------------------------- other calls

struct one_number
{
    int number = 0;
};
BOOST_DESCRIBE_STRUCT(one_number, (), (number))

struct faces
{
    work::client& client;
    work::enqueuer enqueuer{client};
    work::inspector inspector{client};
};

work::task<void> enqueue_one(faces& on)
{
    co_await on.enqueuer.enqueue("a", 1);
}
work::task<void> enqueue_many(faces& on)
{
    std::vector<one_number> const jobs(600);
    co_await on.enqueuer.enqueue_bulk(jobs);
}
work::task<void> look_at_one(faces& on)
{
    std::string id = "none";
    co_await on.inspector.job(id);
}
work::task<void> look_at_all(faces& on)
{
    co_await on.inspector.counts();
    co_await on.inspector.pools();
    co_await on.inspector.strays();
}
work::task<void> steer(faces& on)
{
    std::vector<std::string> ids{"none", "neither"};
    co_await on.inspector.cancel(ids);
    co_await on.inspector.requeue(ids);
    co_await on.inspector.take_back(ids);
    co_await on.inspector.restore("none", "{}");
}
work::task<void> check(faces& on)
{
    co_await on.client.check();
}
work::task<void> publish(faces& on)
{
    co_await on.client.publish("news", "one");
}
work::task<void> listen(faces& on)
{
    co_await on.client.listen("news", [](std::string_view) {});
}

struct named_call
{
    char const* name;
    work::task<void> (*make)(faces&);
    int jobs = 0;
    /// It goes on to its end and may be told of the cancellation at its next step only.
    bool goes_on = false;
    bool endless = false;
};

constexpr named_call calls[] = {
    {"enqueue", enqueue_one, 1, true},
    {"enqueue_bulk", enqueue_many, 600, true},
    {"job", look_at_one},
    {"counts", look_at_all},
    {"steer", steer},
    {"check", check},
    {"publish", publish},
    {"listen", listen, 0, false, true}
};

/// Which call; Redis or memory; a context for one thread or for many.
struct cancelled_call : testing::TestWithParam<std::tuple<named_call, bool, bool>>
{};

TEST_P(cancelled_call, ends_at_any_step_and_the_client_goes_on)
{
    auto const& [call, on_redis, one_thread] = GetParam();
    std::optional<work::testing::redis_server> server;
    if (on_redis)
        server.emplace();
    int aborted = 0;
    int stored = 0;
    for (int steps = 0; steps < 30; ++steps) {
        boost::asio::io_context io{one_thread ? 1 : BOOST_ASIO_CONCURRENCY_HINT_DEFAULT};
        work::client client{io, on_redis ? server->url() : "memory:", {.logger = {}}};
        faces on{client};
        boost::asio::cancellation_signal signal;
        bool ended = false;
        std::exception_ptr failure;
        boost::asio::co_spawn(
            io,
            call.make(on),
            boost::asio::bind_cancellation_slot(
                signal.slot(),
                [&](std::exception_ptr e) {
                    ended = true;
                    failure = e;
                }
            )
        );
        for (int i = 0; i != steps && !ended; ++i)
            io.run_one_for(1ms);
        signal.emit(cancellation_type::terminal);
        auto const until = std::chrono::steady_clock::now() + 20s;
        while (!ended && std::chrono::steady_clock::now() < until)
            io.run_one_for(50ms);
        ASSERT_TRUE(ended) << steps;
        EXPECT_TRUE(!failure || is_abort(failure)) << steps;
        EXPECT_TRUE(failure || !call.endless) << steps;
        aborted += failure != nullptr;
        work::testing::run_task(io, on.enqueuer.enqueue("after"), 20s);
        auto const counts = work::testing::run_task(io, on.inspector.counts(), 20s);
        // All of a call's jobs are there, and nobody was told that they are not.
        stored = on_redis ? stored + 1 + call.jobs : 1 + call.jobs;
        EXPECT_EQ(counts.pending, stored) << steps;
    }
    if (call.goes_on) {
        EXPECT_EQ(aborted, 0);
    } else if (on_redis) {
        EXPECT_GT(aborted, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    cancelled_call,
    testing::Combine(testing::ValuesIn(calls), testing::Bool(), testing::Bool()),
    [](auto const& of) {
        return std::string(std::get<0>(of.param).name) +
               (std::get<1>(of.param) ? "_on_redis" : "_in_memory") +
               (std::get<2>(of.param) ? "" : "_on_a_strand");
    }
);

}  // namespace
}  // namespace pool_tests
