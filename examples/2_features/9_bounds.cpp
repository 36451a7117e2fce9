// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Bounds: how many jobs may wait in a queue, and what a producer sees when it is full.
// usage: example_2_features_9_bounds [redis://host:port]
#include <work/bounds.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdio>
#include <vector>

using namespace std::chrono_literals;

struct resize
{
    std::int64_t image = 0;
};
BOOST_DESCRIBE_STRUCT(resize, (), (image))

int done = 0;

work::task<void> produce(work::client& client, work::worker_pool& pool)
{
    work::bounds bounds{client};
    work::enqueuer enqueuer{client};
    std::vector<resize> ten;
    for (int i = 1; i <= 10; ++i)
        ten.push_back({i});

    //[refuse
    work::bound_options how;
    how.most = 3;
    co_await bounds.set("resize", how);
    try {
        co_await enqueuer.enqueue(ten);
    } catch (work::error const& full) {
        std::printf("%s\n", full.what());
    }
    //]

    //[wait
    how.full = work::when_full::wait;
    co_await bounds.set("resize", how);
    co_await enqueuer.enqueue(ten);  // goes on when the pool has made room for the last of them
    //]

    //[look
    std::vector<work::bound_state> const all = co_await bounds.list();
    for (work::bound_state const& one : all)
        std::printf(
            "%s: %lld of %lld wait\n",
            one.queue.c_str(),
            static_cast<long long>(one.pending),
            static_cast<long long>(one.most)
        );
    //]
    co_await bounds.remove("resize");
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    while (done < 13) {
        pause.expires_after(5ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
    pool.stop();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    work::worker_pool pool{client};
    pool.handle<resize>([](resize) -> work::task<void> {
        ++done;
        co_return;
    });
    auto const rethrow = [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    };
    boost::asio::co_spawn(io, produce(client, pool), rethrow);
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr failed) {
        client.close();
        rethrow(failed);
    });
    io.run();
    return done == 13 ? 0 : 1;
}
