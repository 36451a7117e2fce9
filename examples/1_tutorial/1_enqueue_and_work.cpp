// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>

struct send_email
{
    std::int64_t user_id;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

work::task<void> deliver(work::context& job, send_email mail)
{
    std::printf("attempt %d: a mail to %s\n", job.attempt(), mail.address.c_str());
    co_return;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue<send_email>(42, "ada@example.com");
    co_await enqueuer.enqueue<send_email>(43, "bob@example.com");
    co_await pool.run_until_empty();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};  // or redis://127.0.0.1:6379
    work::worker_pool pool{client, {.concurrency = 1000}};
    pool.handle<send_email>(deliver, {.max_attempts = 10});
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
}
