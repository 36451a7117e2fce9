// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A claim that stands with the server while a pool waits.

#include <work/broker/policy.hpp>
#include <work/broker/redis/redis_broker.hpp>
#include <work/error.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>

#include <chrono>
#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/one_job.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using work::testing::run_task;
using work::testing::run_until;
using work::testing::started;

class claim_on_wake : public testing::Test
{
protected:
    claim_on_wake()
    {
        work::exchange_request hello;
        hello.pool = "P";
        hello.number = 0;
        hello.serves = {{"*a", 0}, {"*b", 1}};
        hello.want = 1;
        hello.fetch_order = {{"*a", 1, false}};
        get(broker->exchange(hello));
        // The lists are known from now on, and the first wakeups are gone.
        for (char const* list : {"a", "b"})
            enqueue(std::string("first") + list, list);
        hello.number = 1;
        hello.want = 10;
        hello.fetch_order = {{"*a", 10, false}, {"*b", 10, false}};
        work::exchange_answer const got = get(broker->exchange(hello));
        EXPECT_EQ(got.jobs.size(), 2u);
        redis.ask("FLUSHALL");
        redis.ask("ZADD work:{t}:lists 9999999999999 a 9999999999999 b");
        redis.ask("HSET work:{t}:broker fence 1 last_exchange 1");
        alive();
    }
    static work::redis_broker_options options()
    {
        work::redis_broker_options o;
        o.ns = "t";
        return o;
    }
    template <typename T>
    T get(work::task<T> task)
    {
        return run_task(io, std::move(task), 20s);
    }
    void alive() { redis.ask("SET work:{t}:status:P {} PX 15000"); }
    void enqueue(std::string const& id, std::string const& list)
    {
        std::string const padded = (id + "00GENER00AA0000000000").substr(0, 22);
        work_test::one_job const job(padded, list, 1'790'000'000'000);
        get(producer->enqueue(job.batch(++batch)));
    }
    static work::exchange_request claim(std::int64_t number)
    {
        work::exchange_request r;
        r.pool = "P";
        r.number = number;
        r.want = 2;
        r.fetch_order = {{"*a", 1, false}, {"*b", 1, false}};
        return r;
    }
    /// Asks for a claim's answer, or makes it void.
    static work::exchange_request settling(std::int64_t number)
    {
        work::exchange_request r = claim(number);
        r.want = 0;
        r.fetch_order.clear();
        return r;
    }
    started<work::wait_answer> wait(work::exchange_request on_wake)
    {
        std::vector<std::string> lists{"*a", "*b"};
        started<work::wait_answer> waiting(
            io,
            broker->wait("P", std::move(lists), 10s, std::move(on_wake))
        );
        EXPECT_TRUE(run_until(io, [&] { return blocked() == 1 || waiting.ended(); }));
        return waiting;
    }
    int blocked() const
    {
        std::string const info = redis.ask("INFO clients");
        auto const at = info.find("blocked_clients:");
        return std::stoi(info.substr(at + 16));
    }
    long long exists(std::string const& key) const
    {
        return std::stoll(redis.ask("EXISTS work:{t}:" + key).substr(1));
    }

    work::testing::redis_server redis;
    boost::asio::io_context io;
    std::shared_ptr<work::broker> broker =
        work::make_redis_broker(io.get_executor(), redis.config(), options());
    std::shared_ptr<work::broker> producer =
        work::make_redis_broker(io.get_executor(), redis.config(), options());
    std::int64_t batch = 0;
};

TEST_F(claim_on_wake, brings_a_lone_job_with_the_wakeup)
{
    for (std::int64_t const number : {2, 5}) {
        auto waiting = wait(claim(number));
        enqueue("job" + std::to_string(number), "b");
        ASSERT_TRUE(run_until(io, [&] { return waiting.ended(); }));
        work::wait_answer const got = waiting.value();
        EXPECT_FALSE(got.woken) << "the claim answered it";
        EXPECT_FALSE(got.unsure);
        ASSERT_TRUE(got.claimed);
        ASSERT_EQ(got.claimed->jobs.size(), 1u);
        EXPECT_EQ(got.claimed->jobs[0].id.substr(0, 4), "job" + std::to_string(number));
        EXPECT_EQ(exists("claim:" + std::to_string(got.claimed->claim)), 1);
        work::exchange_answer const again = get(broker->exchange(claim(number)));
        EXPECT_TRUE(again.repeated);
        EXPECT_EQ(again.claim, got.claimed->claim);
    }
}

TEST_F(claim_on_wake, leaves_more_than_one_job_and_a_wakeup_to_the_pool_to_an_exchange)
{
    auto first = wait(claim(2));
    redis.ask("RPUSH work:{t}:wake:P 1");
    ASSERT_TRUE(run_until(io, [&] { return first.ended(); }));
    EXPECT_TRUE(first.value().woken);
    EXPECT_FALSE(first.value().claimed);

    enqueue("one", "a");
    redis.ask("DEL work:{t}:wake:*a");
    auto second = wait(claim(5));
    redis.ask("RPUSH work:{t}:wake:P 1");
    ASSERT_TRUE(run_until(io, [&] { return second.ended(); }));
    EXPECT_TRUE(second.value().woken) << "it may be about more than the job";
    EXPECT_TRUE(second.value().claimed);

    enqueue("two", "a");
    enqueue("three", "a");
    auto third = wait(claim(8));
    ASSERT_TRUE(run_until(io, [&] { return third.ended(); }));
    EXPECT_TRUE(third.value().woken);
    EXPECT_FALSE(third.value().claimed);
    EXPECT_FALSE(third.value().unsure);
}

TEST_F(claim_on_wake, of_nothing_still_tells_of_jobs_whose_wakeup_was_lost)
{
    redis.ask("ZADD work:{t}:serves:P 0 a 0 *a 1 b 1 *b");
    work::exchange_request const nothing = settling(0);
    std::vector<std::string> const lists{"*a", "*b"};
    EXPECT_FALSE(get(broker->wait("P", lists, 50ms, nothing)).woken);
    enqueue("one", "b");
    enqueue("two", "b");
    redis.ask("DEL work:{t}:wake:*b");
    work::wait_answer const got = get(broker->wait("P", lists, 50ms, nothing));
    EXPECT_TRUE(got.woken);
    EXPECT_FALSE(got.claimed);
}

TEST_F(claim_on_wake, whose_answer_lay_unread_for_long_is_in_doubt)
{
    work::exchange_request brief = claim(2);
    brief.lease_ms = 300;
    auto waiting = wait(brief);
    redis.ask("SADD work:{t}:ready a");
    redis.ask("HSET work:{t}:jobs:AA 0000GENER00AA000000001 '2 0000 0000 1790000000000 a\\n\\n[]'");
    redis.ask("RPUSH work:{t}:list:a 0000GENER00AA000000001");
    redis.ask("RPUSH work:{t}:wake:*a 1");
    redis.ask("BLPOP nothing 0.15");  // nobody reads what came
    ASSERT_TRUE(run_until(io, [&] { return waiting.ended(); }));
    EXPECT_FALSE(waiting.value().claimed);
    EXPECT_TRUE(waiting.value().unsure);
    EXPECT_EQ(exists("list:a"), 0) << "it was claimed";
    work::exchange_request settle = settling(2);
    settle.lease_ms = 300;
    EXPECT_EQ(get(broker->exchange(settle)).jobs.size(), 1u);
}

TEST_F(claim_on_wake, is_not_left_when_it_was_woken_before_it_was_sent)
{
    std::shared_ptr<work::broker> const fresh =
        work::make_redis_broker(io.get_executor(), redis.config(), options());
    started<work::wait_answer> waiting(io, fresh->wait("P", {"*a"}, 10s, claim(2)));
    io.poll();
    fresh->wake();
    EXPECT_TRUE(run_until(io, [&] { return waiting.ended(); }, 2s));
    EXPECT_TRUE(waiting.value().woken);
    EXPECT_EQ(blocked(), 0);
}

TEST_F(claim_on_wake, is_void_once_its_number_was_used)
{
    auto waiting = wait(claim(2));
    work::exchange_answer const settled = get(broker->exchange(settling(2)));
    EXPECT_FALSE(settled.repeated);
    enqueue("job", "a");
    ASSERT_TRUE(run_until(io, [&] { return waiting.ended(); }));
    EXPECT_TRUE(waiting.value().woken);
    EXPECT_FALSE(waiting.value().claimed);
    EXPECT_EQ(exists("list:a"), 1);
}

TEST_F(claim_on_wake, of_a_pool_whose_heartbeat_is_silent_is_not_carried_out)
{
    redis.ask("DEL work:{t}:status:P");
    auto waiting = wait(claim(2));
    enqueue("job", "a");
    ASSERT_TRUE(run_until(io, [&] { return waiting.ended(); }));
    EXPECT_TRUE(waiting.value().woken);
    EXPECT_FALSE(waiting.value().claimed);
    EXPECT_EQ(exists("list:a"), 1);
}

TEST_F(claim_on_wake, is_in_doubt_when_the_wait_is_ended)
{
    auto waiting = wait(claim(2));
    broker->wake();
    ASSERT_TRUE(run_until(io, [&] { return waiting.ended(); }));
    EXPECT_TRUE(waiting.value().unsure);
    auto next = wait(claim(5));
    redis.ask("CLIENT KILL TYPE normal");
    ASSERT_TRUE(run_until(io, [&] { return next.ended(); }));
    EXPECT_THROW(next.value(), work::error);
}

TEST_F(claim_on_wake, is_loaded_again_when_the_server_forgot_it)
{
    wait(claim(2));
    broker->wake();
    redis.ask("SCRIPT FLUSH");
    auto forgotten = wait(claim(5));
    enqueue("one", "a");
    ASSERT_TRUE(run_until(io, [&] { return forgotten.ended(); }));
    EXPECT_TRUE(forgotten.value().woken);
    EXPECT_FALSE(forgotten.value().unsure) << "certainly not carried out";
    work::exchange_request rest = claim(3);
    rest.want = 10;
    get(broker->exchange(rest));
    auto loaded = wait(claim(8));
    enqueue("two", "b");
    ASSERT_TRUE(run_until(io, [&] { return loaded.ended(); }));
    EXPECT_TRUE(loaded.value().claimed);
}

struct note
{
    std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))

// The room that was there when the claim was left may be gone when it is carried out.
TEST(claim_on_wake_pool, gives_a_job_back_that_it_has_no_room_for)
{
    work::testing::redis_server redis;
    boost::asio::io_context io;
    work::client_options o;
    o.logger = [](work::log_level, std::string_view) {};
    work::client client(io, redis.url(), o);
    work::enqueuer enqueuer(client);
    work::inspector inspector(client);
    work::worker_pool pool(client);
    int ran = 0;
    pool.handle<note>([&](note) -> work::task<void> {
        ++ran;
        co_return;
    });
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    auto const enqueue = [&](char const* text) {
        note one{text};
        return run_task(io, enqueuer.enqueue(one), 20s).id();
    };
    enqueue("the list is known from now on");
    ASSERT_TRUE(run_until(io, [&] { return ran == 1; }));
    auto const waits = [&] {
        return redis.ask("INFO clients").find("blocked_clients:1") != std::string::npos;
    };
    auto const calls = [&] {
        return redis.ask(
            "HGET work:{work}:pool:" + std::string(pool.id()) + " x" +
            std::to_string(work::policy::stored_answers - 1)
        );
    };
    std::string before;
    auto const carried_out = [&] {
        std::string const now = calls();
        return now != before && now.find("||") != std::string::npos;
    };
    // On a busy machine a pool may wait without a claim just then.
    std::string id;
    int others = 0;
    for (int i = 0; i != 20; ++i) {
        ASSERT_TRUE(run_until(io, waits));
        pool.quiet();
        before = calls();
        id = enqueue("nobody has room for it");
        if (run_until(io, carried_out, 1s))
            break;
        pool.resume();
        ++others;
        ASSERT_TRUE(run_until(io, [&] { return ran == 1 + others; }));
    }
    ASSERT_TRUE(carried_out()) << calls();
    ASSERT_TRUE(run_until(io, [&] {
        return run_task(io, inspector.job(id), 20s).state == work::job_state::pending;
    }));
    work::job_info const record = run_task(io, inspector.job(id), 20s);
    EXPECT_EQ(record.failures.size(), 0u);
    EXPECT_EQ(ran, 1 + others);
    pool.stop();
    ASSERT_TRUE(run_until(io, [&] { return ended; }));
}

}  // namespace
