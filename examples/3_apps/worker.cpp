// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// test: --until-empty
// A worker process for production: the broker from the environment, stopped by signals.
//
//     WORK_REDIS_URL=redis://127.0.0.1:6379 WORK_NAMESPACE=shop WORK_METRICS_PORT=5041 worker
//
// With WORK_METRICS_PORT it serves /metrics, /healthz/live and /healthz/ready on loopback.
// Beside this file: a systemd unit, and a compose file with a Redis that keeps what it is given.
#include <work/web/server.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

namespace {

struct send_email
{
    std::int64_t user_id = 0;
    std::string address;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id, address))

work::task<void> deliver(work::context& job, send_email mail)
{
    bool const stop = co_await job.checkin("connecting to the mail server");
    if (stop)
        co_return;
    std::printf("a mail to %s\n", mail.address.c_str());
}

std::string from_environment(char const* name, char const* otherwise)
{
    char const* const value = std::getenv(name);
    return value && *value ? value : otherwise;
}

std::unique_ptr<work::web_server> serve_metrics(
    work::client& client,
    work::worker_pool const& pool,
    std::uint16_t port
)
{
    //[metrics
    work::web_options options;
    options.metrics_only = true;
    options.port = port;
    auto server = std::make_unique<work::web_server>(client, options);
    server->watch(pool);
    boost::asio::co_spawn(client.executor(), server->run(), work::rethrow);
    //]
    return server;
}

// A supervisor is told at once what can't come right by waiting: a password, a right, a version.
work::task<void> start(work::client& client, work::worker_pool& pool, bool until_empty)
{
    co_await client.check();
    if (until_empty)
        co_await pool.run_until_empty();
    else
        co_await pool.run();
}

int run(bool until_empty)
{
    boost::asio::io_context io{1};  // run by one thread: it needs no locks
    work::client_options client_options;
    client_options.ns = from_environment("WORK_NAMESPACE", "work");
    work::client client{io, from_environment("WORK_REDIS_URL", "memory:"), client_options};

    work::pool_options options;
    options.concurrency = 1000;
    options.grace = 20s;  // below TimeoutStopSec and stop_grace_period
    options.name = "mail worker";
    work::worker_pool pool{client, options};
    pool.stop_on_signals();
    pool.use(work::log_jobs());
    // Dead jobs, a line of JSON each: for people, and for what mends and requeues them.
    std::string const failures = from_environment("WORK_FAILURE_FILE", "dead.jsonl");
    pool.on(work::event::dead, work::failure_file{failures});
    work::job_options mail;
    mail.max_attempts = 10;
    mail.timeout = 30s;
    pool.handle<send_email>(deliver, mail);

    std::unique_ptr<work::web_server> metrics;
    std::string const port = from_environment("WORK_METRICS_PORT", "");
    if (!port.empty())
        metrics = serve_metrics(client, pool, static_cast<std::uint16_t>(std::stoi(port)));

    // When the pool has stopped, nothing holds up the exit: handlers that did not end when they
    // were cancelled are left to their leases.
    boost::asio::co_spawn(io, start(client, pool, until_empty), [&io](std::exception_ptr failure) {
        io.stop();
        work::rethrow(failure);
    });
    io.run();
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc > 1 && std::string_view(argv[1]) == "--until-empty");
    } catch (std::exception const& e) {
        std::fprintf(stderr, "worker: %s\n", e.what());
        return EXIT_FAILURE;
    }
}
