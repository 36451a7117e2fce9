// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// A commit: jobs, and writes to keys of your own, that happen if and only if an attempt completes.
// usage: example_2_features_9_commit [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <stdexcept>

using namespace std::chrono_literals;

struct charge
{
    int order;
    int cents;
};
BOOST_DESCRIBE_STRUCT(charge, (), (order, cents))

work::task<void> run(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    for (int i = 1; i <= 3; ++i)
        co_await enqueuer.enqueue(charge{i, 100 * i});
    work::broker_counts left;
    do {
        co_await pool.run_until_empty();
        left = co_await work::inspector(client).counts();
    } while (left.retry > 0);
    client.close();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    work::worker_pool pool{client, {.concurrency = 10}};
    int fails = 1;
    //[commit
    pool.handle<charge>(
        [&](work::context& job, charge of) -> work::task<int> {
            work::commit with_it{job};
            with_it.redis("HINCRBY", "example:paid", "2026-11", of.cents);
            with_it.redis("XADD", "example:payments", "MAXLEN", "~", 1'000, "*", "order", of.order);
            with_it.enqueue(work::make("receipt", of.order));
            if (fails-- > 0)
                throw std::runtime_error("the bank is away");  // then none of it happens
            co_return of.cents;
        },
        {.backoff = work::backoff::fixed(1ms)}
    );
    //]
    pool.handle("receipt", [](work::context&, int order) -> work::task<void> {
        std::printf("a receipt for order %d\n", order);
        co_return;
    });
    boost::asio::co_spawn(io, run(client, pool), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
