// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A context that four threads run, and handlers that compute side by side on threads of their own.

#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/describe.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

struct count_primes
{
    std::int64_t from = 0;
    std::int64_t to = 0;
};
BOOST_DESCRIBE_STRUCT(count_primes, (), (from, to))

std::atomic<std::int64_t> total{0};  // handlers run side by side: what they share is atomic

work::task<std::int64_t> count(work::context&, count_primes range)
{
    std::int64_t primes = 0;
    for (std::int64_t n = range.from; n < range.to; ++n) {
        bool prime = n > 1;
        for (std::int64_t d = 2; prime && d * d <= n; ++d)
            prime = n % d != 0;
        primes += prime;
    }
    total += primes;
    co_return primes;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    for (std::int64_t from = 0; from < 100'000; from += 1'000)
        co_await enqueuer.enqueue<count_primes>(from, from + 1'000);
    co_await pool.run_until_empty();
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    boost::asio::thread_pool cores(2);
    work::pool_options options;
    options.concurrency = 2;
    options.handler_executor = cores.get_executor();
    work::worker_pool pool{client, options};
    pool.handle<count_primes>(count);
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([&io] { io.run(); });
    for (std::thread& thread : threads)
        thread.join();
    cores.join();
    std::printf("%lld primes below 100 000\n", static_cast<long long>(total));
    return total == 9'592 ? 0 : 1;
}
