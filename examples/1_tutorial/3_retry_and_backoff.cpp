// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// What a handler throws makes the job run again, later and later, until its attempts are used up.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <stdexcept>

using namespace std::chrono_literals;

struct charge_card
{
    std::int64_t order_id = 0;
};
BOOST_DESCRIBE_STRUCT(charge_card, (), (order_id))

struct broken_job
{
    std::int64_t order_id = 0;
};
BOOST_DESCRIBE_STRUCT(broken_job, (), (order_id))

work::task<void> charge(work::context& job, charge_card card)
{
    std::printf(
        "order %lld, attempt %d of %d\n",
        static_cast<long long>(card.order_id),
        job.attempt(),
        job.max_attempts()
    );
    if (job.attempt() < 3)
        throw std::runtime_error("the bank does not answer");
    co_return;
}

work::task<void> never(broken_job)
{
    throw work::fatal("no such order");  // dead at once, whatever attempts are left
    co_return;
}

work::task<void> produce(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue<charge_card>(1);
    work::job_handle const broken = co_await enqueuer.enqueue<broken_job>(2);

    work::inspector look{client};
    for (;;) {
        // run_until_empty() does not wait for retries, so this looks at the counts.
        co_await pool.run_until_empty();
        work::broker_counts const counts = co_await look.counts();
        if (counts.retry == 0 && counts.pending == 0)
            break;
    }
    work::job_info const dead = co_await look.job(broken.id());
    std::printf(
        "job %s is %s: %s\n",
        broken.id().c_str(),
        work::to_string(dead.state).data(),
        dead.failures.back().message.c_str()
    );
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    work::job_options options;
    options.max_attempts = 5;
    options.backoff = work::backoff::exponential(10ms);  // 10, 20, 40 ms ...
    pool.handle<charge_card>(charge, options);
    pool.handle<broken_job>(never);
    boost::asio::co_spawn(io, produce(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 1 && pool.failed() == 3 ? 0 : 1;
}
