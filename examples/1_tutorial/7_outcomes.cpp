// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// A handler can end otherwise than done or failed, and can have a result.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>

using namespace std::chrono_literals;

struct await_shipment
{
    std::int64_t order_id = 0;
};
BOOST_DESCRIBE_STRUCT(await_shipment, (), (order_id))

struct sum_up
{
    std::vector<std::int64_t> numbers;
};
BOOST_DESCRIBE_STRUCT(sum_up, (), (numbers))

class warehouse
{
public:
    work::task<work::outcome> look(await_shipment order)
    {
        if (order.order_id == 0)
            co_return work::discard("order 0 does not exist");  // dropped: neither done nor failed
        if (++looks_ < 3)
            co_return work::snooze(20ms);  // again later; no attempt is counted
        std::printf(
            "order %lld was shipped, seen at look %d\n",
            static_cast<long long>(order.order_id),
            looks_
        );
        co_return work::done();
    }

private:
    int looks_ = 0;
};

work::task<std::int64_t> add(sum_up what)
{
    std::int64_t sum = 0;
    for (std::int64_t const n : what.numbers)
        sum += n;
    co_return sum;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue<await_shipment>(0);
    co_await enqueuer.enqueue<await_shipment>(7);
    sum_up numbers;
    numbers.numbers = {1, 2, 39};
    work::job_handle const sum = co_await enqueuer.enqueue(numbers);

    work::inspector look{client};
    for (;;) {
        co_await pool.run_until_empty();
        work::broker_counts const counts = co_await look.counts();
        if (counts.scheduled == 0 && counts.pending == 0)
            break;
    }
    work::job_info const done = co_await look.job(sum.id());
    std::printf(
        "job %s is %s: %lld\n",
        sum.id().c_str(),
        work::to_string(done.state).data(),
        static_cast<long long>(done.result_as<std::int64_t>())
    );
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    warehouse stock;
    pool.handle<await_shipment>([&stock](await_shipment order) { return stock.look(order); });
    pool.handle<sum_up>(add);
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
    return pool.failed() == 0 ? 0 : 1;
}
