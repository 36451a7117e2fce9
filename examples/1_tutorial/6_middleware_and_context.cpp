// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// What every job needs stands around the handlers, or is made for each job.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

struct greet
{
    std::string name;
};
BOOST_DESCRIBE_STRUCT(greet, (), (name))

/// An object of your own: a database session, say. One is made for each job.
class session
{
public:
    explicit session(std::string_view job) : job_(job) {}
    void say(std::string const& text) { std::printf("[%s] %s\n", job_.c_str(), text.c_str()); }

private:
    std::string job_;
};

work::task<void> only_for_tenants(work::context& job, work::next go)
{
    if (job.header("tenant").empty())
        throw work::fatal("a job without a tenant is refused");
    co_await go();
}

work::task<void> take_time(work::context& job, work::next go)
{
    auto const start = std::chrono::steady_clock::now();
    co_await go();
    using std::chrono::microseconds;
    auto const took =
        std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - start);
    job.get<session>().say("took " + std::to_string(took.count()) + " us");
}

work::task<void> say_hello(work::context& job, greet who)
{
    job.get<session>().say("hello " + who.name + " of " + std::string(job.header("tenant")));
    co_return;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    greet const ada{"Ada"};
    // With a name of its own: g++ 12 can't compile braces in braces in a co_await statement.
    work::enqueue_options const acme{.headers = {{"tenant", "acme"}}};
    co_await enqueuer.enqueue(ada, acme);
    greet const nobody{"nobody"};
    co_await enqueuer.enqueue(nobody);  // no tenant: dead at once
    co_await pool.run_until_empty();
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    pool.provide<session>([](work::context& job) { return std::make_shared<session>(job.id()); });
    pool.use(work::log_jobs());  // the outermost
    pool.use(only_for_tenants);
    pool.use("greet", take_time);  // around this job name alone
    pool.handle<greet>(say_hello);
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 1 && pool.failed() == 1 ? 0 : 1;
}
