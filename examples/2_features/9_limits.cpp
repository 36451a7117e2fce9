// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Limits: how many jobs of a type, of a queue, or of several together run at a time.
// usage: example_2_features_9_limits [redis://host:port]
#include <work/limits.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace std::chrono_literals;

struct charge
{
    std::int64_t account = 0;
};
BOOST_DESCRIBE_STRUCT(charge, (), (account))

struct refund
{
    std::int64_t account = 0;
};
BOOST_DESCRIBE_STRUCT(refund, (), (account))

int running = 0, most = 0, done = 0;

work::task<void> call_the_bank()
{
    most = std::max(most, ++running);
    boost::asio::steady_timer answer(co_await boost::asio::this_coro::executor, 10ms);
    co_await answer.async_wait(boost::asio::use_awaitable);
    --running;
    ++done;
}

work::task<void> run(work::client& client, work::worker_pool& pool)
{
    //[set
    work::limits limits{client};
    work::limit_options how;
    how.slots = 3;
    how.scope = work::limit_scope{{}, {"charge", "refund"}};
    how.by = "ada";
    co_await limits.set("bank", how);
    //]

    work::enqueuer enqueuer{client};
    for (int i = 1; i <= 10; ++i) {
        co_await enqueuer.enqueue<charge>(i);
        co_await enqueuer.enqueue<refund>(i);
    }
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    while (done < 20) {
        pause.expires_after(5ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
    std::printf("20 jobs of two types ran, at most %d at a time\n", most);

    //[look
    std::vector<work::limit_state> const all = co_await limits.list();
    for (work::limit_state const& one : all)
        std::printf(
            "%s: %lld of %lld\n",
            one.name.c_str(),
            static_cast<long long>(one.held),
            static_cast<long long>(one.slots)
        );
    //]
    pool.stop();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    work::worker_pool pool{client};
    //[handler
    pool.handle<charge>(
        [](work::context&, charge) { return call_the_bank(); },
        {.max_concurrency = 2}
    );
    //]
    pool.handle<refund>([](work::context&, refund) { return call_the_bank(); });
    auto const rethrow = [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    };
    boost::asio::co_spawn(io, run(client, pool), rethrow);
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr failed) {
        client.close();
        rethrow(failed);
    });
    io.run();
    return most <= 3 ? 0 : 1;
}
