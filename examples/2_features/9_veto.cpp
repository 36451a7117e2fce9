// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// What sees jobs before they are stored: it adds what all of them need, and refuses some.
// usage: example_2_features_9_veto [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <string>

struct invoice
{
    std::string customer;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(invoice, (), (customer, amount))

struct tenant
{
    std::string name;
};

// The tenant on whose behalf this service works just now; a web service has it from the request.
tenant current_tenant;

int sent = 0;

work::task<void> produce(work::client& client)
{
    work::enqueuer enqueuer{client};
    //[veto
    enqueuer.use([](work::new_job& job) {
        if (current_tenant.name.empty())
            throw work::veto(job.name() + " has no tenant");  // errc::vetoed, in the caller
        job.set_header("tenant", current_tenant.name);        // travels with the job
    });
    //]
    try {
        co_await enqueuer.enqueue<invoice>("ada", 12.5);
    } catch (work::error const& e) {
        std::printf("refused: %s\n", e.what());
    }
    current_tenant.name = "acme";
    co_await enqueuer.enqueue<invoice>("ada", 12.5);
}

work::task<void> run(work::client& client, work::worker_pool& pool)
{
    co_await produce(client);
    co_await pool.run_until_empty();
    client.close();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    work::worker_pool pool{client};
    pool.handle<invoice>([](work::context& job, invoice what) -> work::task<void> {
        std::printf(
            "%s owes %.2f to %s\n",
            what.customer.c_str(),
            what.amount,
            std::string(job.header("tenant")).c_str()
        );
        ++sent;
        co_return;
    });
    boost::asio::co_spawn(io, run(client, pool), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
    return sent == 1 ? 0 : 1;
}
