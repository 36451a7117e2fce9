// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Versions of arguments: what an older program stored is brought up to date before it runs.
// usage: example_2_features_9_versions [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdio>

//[type
struct charge
{
    std::int64_t cents = 0;
    std::string currency;

    static constexpr int args_version = 3;

    // 1: {"amount":12}   2: {"cents":1200}   3: {"cents":1200,"currency":"EUR"}
    static void upcast(int from, boost::json::value& arguments)
    {
        boost::json::object& all = arguments.as_object();
        if (from < 2) {
            all["cents"] = all.at("amount").as_int64() * 100;
            all.erase("amount");
        }
        if (from < 3)
            all["currency"] = "EUR";
    }
};
BOOST_DESCRIBE_STRUCT(charge, (), (cents, currency))
//]

work::task<void> run(work::client& client)
{
    work::enqueuer enqueuer{client};
    // What the first program stored, the second, and this one.
    co_await enqueuer.enqueue_json("charge", R"({"amount":12})");
    //[by_name
    co_await enqueuer.enqueue_json("charge", R"({"cents":1300})", {.args_version = 2});
    co_await enqueuer.enqueue<charge>(1400, "USD");  // of version 3, since its type says so
    //]

    //[handler
    work::job_options resizing;
    resizing.args_version = 2;  // by name, the options say it
    resizing.upcast = [](int, boost::json::value& arguments) {
        arguments.as_array().emplace_back("webp");
    };
    work::worker_pool pool{client, {.concurrency = 1}};
    pool.handle(
        "resize",
        [](std::int64_t id, std::string format) -> work::task<void> {
            std::printf("resize %lld to %s\n", static_cast<long long>(id), format.c_str());
            co_return;
        },
        resizing
    );
    //]
    pool.handle<charge>([](work::context& job, charge what) -> work::task<void> {
        std::printf(
            "charge %lld %s, stored as version %d\n",
            static_cast<long long>(what.cents),
            what.currency.c_str(),
            job.args_version()
        );
        co_return;
    });
    co_await enqueuer.enqueue("resize", 7);
    co_await pool.run_until_empty();
    client.close();
}

int main(int argc, char** argv)
{
    boost::asio::io_context io;
    work::client client{io, argc > 1 ? argv[1] : "memory:"};
    boost::asio::co_spawn(io, run(client), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
