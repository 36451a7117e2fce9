// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a child made by fork() can do with what its parent made, and what it can't do to the parent.

#include <work/blocking_enqueuer.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/in_child.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace {

using namespace std::chrono_literals;
using work::errc;
using work::task;
using work::testing::child;
using work::testing::redis_server;
using work::testing::run_task;

/// What a call comes to: the id it returned, or its error's name.
std::string outcome(boost::asio::io_context& io, task<work::job_handle> call)
{
    try {
        return std::string(run_task(io, std::move(call), 20s).id());
    } catch (work::error const& e) {
        return e.code() == errc::forked ? "forked" : std::string("error: ") + e.what();
    }
}

struct forked : testing::TestWithParam<bool>
{
    /// As Asio wants it; a program that forgets it is served as well.
    void tell(boost::asio::io_context& of) const
    {
        if (GetParam())
            of.notify_fork(boost::asio::execution_context::fork_child);
    }
    void told_before(boost::asio::io_context& of) const
    {
        if (GetParam())
            of.notify_fork(boost::asio::execution_context::fork_prepare);
    }
    void told_after(boost::asio::io_context& of) const
    {
        if (GetParam())
            of.notify_fork(boost::asio::execution_context::fork_parent);
    }
    std::int64_t pending()
    {
        boost::asio::io_context own;
        work::client look{own, server.url()};
        return run_task(own, work::inspector{look}.counts()).pending;
    }
    task<std::string> all(work::enqueuer& to, int from, int count)
    {
        std::string ids;
        for (int i = from; i != from + count; ++i) {
            work::job_handle const job = co_await to.enqueue("x", i);
            ids += std::string(job.id()) + ' ';
        }
        co_return ids;
    }

    redis_server server;
    boost::asio::io_context io;
};

TEST_P(forked, children_of_a_client_that_never_connected_store_their_own_jobs)
{
    work::client client{io, server.url()};
    work::enqueuer to{client};
    told_before(io);
    auto const enqueue_some = [&] {
        tell(io);
        return run_task(io, all(to, 0, 5), 20s);
    };
    child first(enqueue_some);
    child second(enqueue_some);
    told_after(io);
    std::string const ids = first.said() + second.said() + run_task(io, all(to, 0, 5));
    std::set<std::string> distinct;
    std::istringstream words(ids);
    for (std::string id; words >> id;)
        distinct.insert(id);
    EXPECT_EQ(distinct.size(), 15u) << ids;
    EXPECT_EQ(pending(), 15);
}

TEST_P(forked, grandchild_stores_its_own_jobs)
{
    work::client client{io, server.url()};
    work::enqueuer to{client};
    child first([&] {
        tell(io);
        child second([&] {
            tell(io);
            return outcome(io, to.enqueue("x", 1));
        });
        std::string const below = second.said();
        return below + ' ' + outcome(io, to.enqueue("x", 1));
    });
    std::string const said = first.said();
    EXPECT_EQ(said.find("forked"), std::string::npos) << said;
    EXPECT_EQ(said.size(), 45u) << said;
    EXPECT_EQ(pending(), 2);
}

TEST_P(forked, child_of_a_client_that_connected_is_refused_and_harms_nobody)
{
    work::client client{io, server.url()};
    work::enqueuer to{client};
    work::inspector look{client};
    run_task(io, all(to, 0, 3));
    std::string const before = server.ask("CLIENT LIST");
    {
        child one([&] {
            tell(io);
            std::string said = outcome(io, to.enqueue("x", 1)) + ' ' + outcome(io, to.enqueue("x"));
            try {
                run_task(io, look.counts(), 20s);
                said += " counted";
            } catch (work::error const& e) {
                said += e.code() == errc::forked ? " forked" : e.what();
            }
            client.close();
            return said;
        });
        EXPECT_EQ(one.said(), "forked forked forked");
    }
    {
        // Its end, with all destructors of what it shares, is none of the parent's.
        auto own = std::make_unique<boost::asio::io_context>(1);
        auto shared = std::make_unique<work::client>(*own, server.url());
        run_task(*own, all(to, 0, 0));
        work::enqueuer also{*shared};
        run_task(*own, all(also, 0, 1));
        child two([&] {
            shared.reset();
            own.reset();
            return std::string("ended");
        });
        EXPECT_EQ(two.said(), "ended");
        EXPECT_NE(outcome(*own, also.enqueue("x", 1)), "forked");
    }
    EXPECT_EQ(run_task(io, look.counts()).pending, 5);
    EXPECT_EQ(server.ask("INFO clients").find("connected_clients:0"), std::string::npos);
    std::string const stats = server.ask("INFO stats");
    auto const at = stats.find("total_connections_received:");
    ASSERT_NE(at, std::string::npos);
    EXPECT_NE(outcome(io, to.enqueue("x", 1)), "forked");
    EXPECT_EQ(server.ask("INFO stats").substr(at, 29).substr(0, 27), stats.substr(at, 27));
}

// Batches are on their way, others wait: each job is stored once, by the parent.
TEST_P(forked, fork_during_batches_stores_each_job_once)
{
    work::client client{io, server.url()};
    work::enqueuer to{client};
    run_task(io, all(to, 0, 1));
    for (int step = 0; step < 12; ++step) {
        constexpr int count = 2'000;
        int stored = 0;
        int failed = 0;
        int refused = 0;
        for (int i = 0; i < count; ++i)
            boost::asio::co_spawn(
                io,
                to.enqueue("y", i),
                [&](std::exception_ptr e, work::job_handle) {
                    stored += !e;
                    failed += e != nullptr;
                    try {
                        if (e)
                            std::rethrow_exception(e);
                    } catch (work::error const& why) {
                        refused += why.code() == errc::forked;
                    }
                }
            );
        io.restart();
        for (int turn = 0; turn < step * 3; ++turn)
            io.run_one();
        int const by_parent = stored;
        told_before(io);
        child one([&] {
            tell(io);
            std::string const own = outcome(io, to.enqueue("x", 1));
            for (int turn = 0; turn < 100'000 && stored + failed < count; ++turn)
                io.run_one_for(10ms);
            return own + ' ' + std::to_string(stored - by_parent) + ' ' +
                   std::to_string(stored + refused == count);
        });
        EXPECT_EQ(one.said(), "forked 0 1") << "step " << step;
        told_after(io);
        while (stored + failed < count && io.run_one_for(20s) != 0) {
        }
        EXPECT_EQ(stored, count) << "step " << step;
        EXPECT_EQ(pending(), 1 + count * (step + 1));
    }
}

TEST_P(forked, pools_refuse_to_run_in_a_child)
{
    work::client client{io, server.url()};
    work::worker_pool idle{client};
    idle.handle("x", [](std::int64_t) -> task<void> { co_return; });
    child one([&] {
        tell(io);
        try {
            run_task(io, idle.run(), 20s);
        } catch (work::error const& e) {
            return std::string(e.code() == errc::forked ? "forked" : e.what());
        }
        return std::string("ran");
    });
    EXPECT_EQ(one.said(), "forked");
}

TEST_P(forked, running_pool_goes_on_in_the_parent_alone)
{
    work::client client{io, server.url()};
    work::enqueuer to{client};
    work::worker_pool pool{client};
    int ran = 0;
    pool.handle("x", [&](std::int64_t) -> task<void> {
        ++ran;
        co_return;
    });
    pool.stop_on_signals();
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    run_task(io, all(to, 0, 10));
    while (ran < 10 && io.run_one_for(10s) != 0) {
    }
    child one([&] {
        tell(io);
        std::string const said = outcome(io, to.enqueue("x", 1));
        io.restart();
        io.run_for(1s);
        pool.stop();
        io.run_for(300ms);
        return said + ' ' + std::to_string(ran);
    });
    EXPECT_EQ(one.said(), "forked 10");
    child two([&] {
        tell(io);
        outcome(io, to.enqueue("x", 1));
        ::raise(SIGTERM);
        return std::string("survived");
    });
    EXPECT_EQ(two.said(), "died");
    run_task(io, all(to, 0, 10));
    io.restart();
    while (ran < 20 && io.run_one_for(10s) != 0) {
    }
    EXPECT_EQ(ran, 20);
    EXPECT_FALSE(ended);
    pool.stop();
    while (!ended && io.run_one_for(10s) != 0) {
    }
    EXPECT_TRUE(ended);
}

TEST_P(forked, blocking_enqueuer_begins_anew_in_a_child_unless_it_was_used)
{
    work::blocking_enqueuer jobs(server.url());
    child one([&] { return std::string(jobs.enqueue("x", 1).id()); });
    child two([&] { return std::string(jobs.enqueue("x", 1).id()); });
    std::string const first = one.said();
    std::string const second = two.said();
    EXPECT_EQ(first.size(), 22u) << first;
    EXPECT_EQ(second.size(), 22u) << second;
    EXPECT_NE(first, second);
    EXPECT_EQ(jobs.enqueue("x", 1).id().size(), 22u);
    EXPECT_EQ(pending(), 3);
    child late([&] {
        try {
            jobs.enqueue("x", 1);
        } catch (work::error const& e) {
            return std::string(e.code() == errc::forked ? "forked" : e.what());
        }
        return std::string("stored");
    });
    EXPECT_EQ(late.said(), "forked");
    EXPECT_EQ(jobs.enqueue("x", 1).id().size(), 22u);
    EXPECT_EQ(pending(), 4);
    child destroys([&] {
        jobs.~blocking_enqueuer();
        return std::string("ended");
    });
    EXPECT_EQ(destroys.said(), "ended");
}

TEST_P(forked, memory_client_is_private_to_each_process)
{
    work::client client{io, "memory:"};
    work::enqueuer to{client};
    auto const enqueue_one = [&] {
        tell(io);
        return outcome(io, to.enqueue("x", 1));
    };
    child one(enqueue_one);
    child two(enqueue_one);
    std::set<std::string> const ids{one.said(), two.said(), outcome(io, to.enqueue("x", 1))};
    EXPECT_EQ(ids.size(), 3u);
    for (std::string const& id : ids)
        EXPECT_EQ(id.size(), 22u) << id;
    EXPECT_EQ(run_task(io, work::inspector{client}.counts()).pending, 1);
}

std::string notice(testing::TestParamInfo<bool> const& of)
{
    return of.param ? "with_notice" : "without_notice";
}

INSTANTIATE_TEST_SUITE_P(, forked, testing::Bool(), notice);

}  // namespace
