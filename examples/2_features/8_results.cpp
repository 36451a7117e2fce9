// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Results: taken at once, taken later, and what is thrown when there is none.
// usage: example_2_features_8_results [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;

struct sum_up
{
    std::vector<std::int64_t> numbers;
};
BOOST_DESCRIBE_STRUCT(sum_up, (), (numbers))

work::task<void> ask(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    sum_up numbers{{1, 2, 3}};

    //[at_once
    auto const at_once = co_await enqueuer.call<std::int64_t>(numbers, 30s);
    //]
    std::printf("the sum: %lld\n", static_cast<long long>(at_once));

    //[later
    work::job_handle const job = co_await enqueuer.enqueue(numbers);
    // …
    auto const sum = co_await job.result<std::int64_t>(30s);
    //]
    std::printf("once more, later: %lld\n", static_cast<long long>(sum));

    try {
        work::new_job order = work::make("ship", 7);
        co_await enqueuer.call(order, 30s);
    } catch (work::error const& fault) {
        std::printf("%s\n", fault.what());
    }

    work::job_handle const late = co_await enqueuer.enqueue(numbers, {.in = 1h});
    co_await late.cancel("customer left");
    work::job_end const end = co_await late.end(1s);
    std::printf("%s: %s\n", std::string(to_string(end.state)).c_str(), end.ending.reason.c_str());
    pool.stop();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    work::worker_pool pool{client, {.concurrency = 10}};
    pool.handle<sum_up>([](work::context&, sum_up what) -> work::task<std::int64_t> {
        std::int64_t sum = 0;
        for (std::int64_t const n : what.numbers)
            sum += n;
        co_return sum;
    });
    pool.handle(
        "ship",
        [](work::context&, int) -> work::task<void> {
            throw std::runtime_error("there is no ship");
            co_return;
        },
        {.max_attempts = 1}
    );
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { client.close(); });
    boost::asio::co_spawn(io, ask(client, pool), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
