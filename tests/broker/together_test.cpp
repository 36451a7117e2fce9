// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the pools of a client do together: one look, one wait, one status.

#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/redis/redis_broker.hpp>

#include <boost/asio/steady_timer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>

#include "support/one_job.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "support/started.hpp"

namespace {

using namespace std::chrono_literals;
using work::testing::started;

class together : public testing::TestWithParam<bool>
{
protected:
    together()
    {
        if (!GetParam()) {
            broker =
                std::make_shared<work::memory_broker>(io.get_executor(), work::shared_memory(""));
            return;
        }
        server.emplace();
        work::redis_broker_options options;
        options.ns = "t";
        broker = work::make_redis_broker(
            io.get_executor(),
            work::redis::parse_url(server->url()),
            options
        );
    }

    template <typename T>
    T get(work::task<T> task)
    {
        return work::testing::run_task(io, std::move(task), 10s);
    }
    void enqueue(std::string name, int id)
    {
        work_test::one_job const job(std::to_string(id), name, 1'000);
        get(broker->enqueue(job.batch(id)));
    }
    work::wait_answer await(started<work::wait_answer>& waiting)
    {
        EXPECT_TRUE(work::testing::run_until(io, [&] { return waiting.ended(); }));
        return waiting.value();
    }
    void serve(std::string_view pool, std::string_view what)
    {
        work::exchange_request request;
        request.pool = pool;
        request.number = number++;
        request.serves.push_back(work::served_list{what, 0});
        get(broker->exchange(request));
    }
    std::set<std::string> shown()
    {
        std::set<std::string> texts;
        for (work::pool_status const& one : get(broker->pools()))
            texts.insert(one.pool + one.status);
        return texts;
    }

    boost::asio::io_context io;
    std::optional<work::testing::redis_server> server;
    std::shared_ptr<work::broker> broker;
    std::int64_t number = 0;
};

TEST_P(together, a_look_names_what_holds_jobs)
{
    EXPECT_FALSE(get(broker->peek_at({"*x", "q:y"}, true)).more);
    enqueue("x", 1);
    work::exchange_answer const seen = get(broker->peek_at({"*x", "*y", "q:x", "x"}, false));
    std::set<std::string> lists;
    for (work::list_left const& one : seen.left)
        lists.insert(one.list);
    EXPECT_EQ(lists, (std::set<std::string>{"*x", "x"}));
    EXPECT_TRUE(seen.more);
}

TEST_P(together, a_wait_says_what_the_wakeup_was_for)
{
    serve("P", "*x");
    serve("P", "*y");
    work::exchange_request const none;
    started<work::wait_answer> waiting(io, broker->wait("home", {"*y", "*x", "P"}, 60s, none));
    io.run_for(100ms);
    enqueue("x", 1);
    work::wait_answer const got = await(waiting);
    EXPECT_TRUE(got.woken);
    EXPECT_EQ(got.of, "*x");
    EXPECT_FALSE(got.claimed);
}

TEST_P(together, a_wait_is_begun_anew_without_losing_a_wakeup)
{
    work::exchange_request const none;
    started<work::wait_answer> waiting(io, broker->wait("home", {"*y"}, 20s, none));
    io.run_for(100ms);
    get(broker->wait_anew("home"));
    EXPECT_THAT(await(waiting).of, testing::AnyOf("", "home"));
    // Of another wait nothing is ended, and none of what comes then is lost.
    serve("P", "*y");
    started<work::wait_answer> next(io, broker->wait("home", {"*y"}, 20s, none));
    io.run_for(100ms);
    get(broker->wait_anew("other"));
    io.run_for(50ms);
    enqueue("y", 1);
    EXPECT_EQ(await(next).of, "*y");
}

TEST_P(together, statuses_are_shown_as_one)
{
    for (std::string_view const pool : {"P", "Q", "R"})
        serve(pool, "*x");
    auto const port = broker->make_lease_port(io.get_executor(), 15s);
    EXPECT_FALSE(get(port->heartbeat("R", "r", 15s)));
    work::shared_status all;
    all.home = "home";
    all.pools = {{"P", "a\nb"}, {"Q", ""}};
    all.joined = {"P", "Q"};
    get(port->heartbeat_together(all, 15s));
    EXPECT_EQ(shown(), (std::set<std::string>{"Pa\nb", "Q", "Rr"}));
    all.pools = {{"P", "c"}};
    all.joined.clear();
    all.left = {"Q"};
    EXPECT_TRUE(get(port->heartbeat_together(all, 15s)));
    EXPECT_EQ(shown(), (std::set<std::string>{"Pc", "Rr"}));
    // They are gone together.
    all.pools = {{"P", "d"}, {"Q", "e"}};
    all.joined = {"Q"};
    all.left.clear();
    EXPECT_TRUE(get(port->heartbeat_together(all, 100ms)));
    EXPECT_EQ(shown(), (std::set<std::string>{"Pd", "Qe", "Rr"}));
    bool over = false;
    boost::asio::steady_timer timer(io, 150ms);
    timer.async_wait([&](boost::system::error_code) { over = true; });
    EXPECT_TRUE(work::testing::run_until(io, [&] { return over; }));
    EXPECT_EQ(shown(), (std::set<std::string>{"Rr"}));
    all.joined.clear();
    EXPECT_FALSE(get(port->heartbeat_together(all, 15s)));
    get(broker->leave("P", {"*x"}, 1s));
    EXPECT_EQ(shown(), (std::set<std::string>{"Qe", "Rr"}));
}

INSTANTIATE_TEST_SUITE_P(, together, testing::Bool(), [](auto const& on_redis) {
    return on_redis.param ? "on_redis" : "in_memory";
});

}  // namespace
