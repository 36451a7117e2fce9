// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Whose clock dates a job: the broker's, from a process's first job on.

#include <work/broker/redis/redis_broker.hpp>
#include <work/values/envelope.hpp>
#include <work/work.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace {

using namespace std::chrono_literals;
using work::task;
using work::testing::redis_server;
using work::testing::run_task;

struct numbered
{
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(numbered, (), (number))

/// A client of a server whose clock is wrong, or right when ours is wrong.
struct dates : testing::TestWithParam<std::int64_t>
{
    dates()
    {
        work::redis_broker_options o;
        o.ns = "t";
        o.test_clock = true;
        auto broker = work::make_redis_broker(io.get_executor(), server.config(), o);
        client.emplace(io.get_executor(), std::move(broker));
        server.ask("SET work:{t}:test:clock " + std::to_string(clock_ms * 1000));
    }
    std::int64_t created(std::string const& id)
    {
        std::string const envelope = run_task(io, client->broker()->job(id)).envelope;
        auto const record = work::decode_envelope(envelope);
        return record ? record->created_ms : -1;
    }
    static std::int64_t wall()
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch()
        )
            .count();
    }

    redis_server server;
    std::int64_t const clock_ms = wall() + GetParam();
    boost::asio::io_context io;
    std::optional<work::client> client;
};

TEST_P(dates, first_job_has_the_brokers_time)
{
    work::enqueuer to{*client};
    auto const first = run_task(io, to.enqueue("x", 1));
    EXPECT_EQ(created(std::string(first.id())), clock_ms);
    auto const second = run_task(io, to.enqueue("x", 2));
    EXPECT_NEAR(
        static_cast<double>(created(std::string(second.id()))),
        static_cast<double>(clock_ms),
        20'000
    );
    auto const deadline = run_task(io, to.enqueue(numbered{3}, {.priority = 3, .deadline = 1h}));
    EXPECT_EQ(created(std::string(deadline.id())), clock_ms);
}

// More than the first two batches hold: those that go out later are dated before they do.
TEST_P(dates, first_bulk_has_the_brokers_time)
{
    work::enqueuer to{*client};
    std::vector<numbered> const many(2'000);
    auto const stored = run_task(io, to.enqueue_bulk(many, {.priority = 1}));
    for (std::size_t i = 0; i < stored.size(); i += 97)
        EXPECT_NEAR(
            static_cast<double>(created(std::string(stored[i].id()))),
            static_cast<double>(clock_ms),
            20'000
        ) << i;
    std::vector<numbered> const plain(1'000);
    boost::asio::io_context other;
    work::redis_broker_options o;
    o.ns = "t";
    o.test_clock = true;
    auto const executor = other.get_executor();
    work::client fresh{executor, work::make_redis_broker(executor, server.config(), o)};
    work::enqueuer also{fresh};
    auto const more = run_task(other, also.enqueue_bulk(plain));
    for (std::size_t i = 0; i < more.size(); i += 97)
        EXPECT_NEAR(
            static_cast<double>(created(std::string(more[i].id()))),
            static_cast<double>(clock_ms),
            20'000
        ) << i;
}

INSTANTIATE_TEST_SUITE_P(off_by, dates, testing::Values(0, 3'600'000, -3'600'000));

}  // namespace
