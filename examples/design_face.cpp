// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// The program of the design, section 6: it must compile as it stands there, but for the checkin,
// which g++ 12 compiles wrongly inside `if (...)`, and for the URL, which may be an argument.
#include <work/work.hpp>
using namespace std::chrono_literals;

struct send_email
{
    std::int64_t user_id;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

struct create_watch
{
    std::int64_t user_id;
    std::string email;
};
BOOST_DESCRIBE_STRUCT(create_watch, (), (user_id, email))

work::task<void> deliver(work::context& job, send_email)
{
    bool const stop = co_await job.checkin("connecting");
    if (stop)
        co_return;
    // ...
}

work::task<void> produce(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    work::job_handle job = co_await enqueuer.enqueue<send_email>(42, "ada@example.com");
    send_email later{43, "bob@example.com"};
    co_await enqueuer.enqueue(later);
    co_await enqueuer.enqueue_in(5min, later, {.max_attempts = 3});
    co_await enqueuer.enqueue("resize", 7, "cat.png");
    work::q named{{"user_id", 7}, {"email", "a@b.c"}};
    co_await enqueuer.enqueue("create_watch", named);
    co_await pool.run_until_empty();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:", {.ns = "shop"}};
    work::worker_pool pool{client, {.concurrency = 1000}};
    pool.use(work::log_jobs());
    pool.handle<send_email>(deliver, {.max_attempts = 10, .timeout = 30s});
    pool.handle<create_watch>([](work::context&, create_watch) -> work::task<void> { co_return; });
    pool.handle("resize", [](work::context&, std::int64_t, std::string) -> work::task<void> {
        co_return;
    });
    boost::asio::co_spawn(io, produce(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 4 ? 0 : 1;
}
