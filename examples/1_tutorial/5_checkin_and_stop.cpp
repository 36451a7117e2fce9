// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// A long job shows how far it is, and stops when it is told to; it runs again from the start.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>

using namespace std::chrono_literals;

struct import_file
{
    std::string path;
};
BOOST_DESCRIBE_STRUCT(import_file, (), (path))

work::task<void> pause(boost::asio::any_io_executor executor, std::chrono::milliseconds time)
{
    boost::asio::steady_timer timer(executor, time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

work::task<void> import_lines(work::context& job, import_file file)
{
    auto const executor = co_await boost::asio::this_coro::executor;
    for (int line = 0; line != 1000; ++line) {
        // Not `if (co_await ...)`: g++ 12 compiles that wrongly.
        bool const stop = co_await job.checkin("importing", line / 10.0);
        if (stop) {
            std::printf(
                "%s: told to stop at line %d: %s\n",
                file.path.c_str(),
                line,
                work::to_string(*job.stopping()).data()
            );
            co_return;  // it looked, and gave up: the job goes back, and no attempt is counted
        }
        co_await pause(executor, 5ms);
    }
}

work::task<void> produce_and_stop(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    work::job_handle const job = co_await enqueuer.enqueue<import_file>("orders.csv");
    co_await pause(client.executor(), 1500ms);  // check-ins are shown once a second
    work::inspector look{client};
    work::job_info const running = co_await look.job(job.id());
    std::printf(
        "%s, %s\n",
        work::to_string(running.state).data(),
        running.progress ? running.progress->message.c_str() : "no progress"
    );
    pool.stop();
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client, {.grace = 1s}};
    pool.handle<import_file>(import_lines);
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    boost::asio::co_spawn(io, produce_and_stop(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 0 && pool.failed() == 0 ? 0 : 1;
}
