// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Flows: jobs that need others, a batch with callbacks, and jobs that are added while one runs.
// usage: example_2_features_9_flows [redis://host:port]
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

//[types
struct fetch
{
    std::string url;
};
BOOST_DESCRIBE_STRUCT(fetch, (), (url))

struct count_words
{};
BOOST_DESCRIBE_STRUCT(count_words, (), ())

struct tell
{
    std::string whom;
};
BOOST_DESCRIBE_STRUCT(tell, (), (whom))
//]

work::task<void> start_flows(work::client& client)
{
    //[flow
    work::flow report(client, "report");
    auto const page = report.add(fetch{"https://example.com"});
    auto const words = report.add(count_words{}, work::after(page).as("page"));
    report.add(tell{"ada"}, work::after(words).even_if_failed().as("words"));
    co_await report.start();
    //]

    //[batch
    work::flow batch(client, "albums");
    for (char const* const url : {"a", "b", "broken"})
        batch.add(fetch{url}, {.max_attempts = 1});
    batch.on_success(tell{"the customer"});
    batch.on_complete(tell{"the operator"});
    co_await batch.start();
    //]
}

void add_handlers(work::worker_pool& pool, work::client& client)
{
    pool.handle<fetch>([](work::context&, fetch what) -> work::task<std::string> {
        if (what.url == "broken")
            throw std::runtime_error("404");
        co_return "the words of " + what.url;
    });
    //[result_of
    pool.handle<count_words>([](work::context& job, count_words) -> work::task<std::int64_t> {
        auto const page = co_await job.result_of<std::string>("page");
        co_return std::count(page.begin(), page.end(), ' ') + 1;
    });
    //]
    //[given
    pool.handle<tell>([](work::context& job, tell what) -> work::task<void> {
        std::string text = "to " + what.whom + ":";
        std::vector<work::job_gift> const left = co_await job.given();
        for (work::job_gift const& one : left)
            text += " " + one.state + " " + (one.result.empty() ? one.reason : one.result);
        std::puts(text.c_str());
    });
    //]
    //[beside
    pool.handle("split", [&client](work::context& job) -> work::task<void> {
        work::flow more = work::flow::beside(client, job);
        for (int part = 0; part != 3; ++part)
            more.add(fetch{"part " + std::to_string(part)});
        co_await more.start();  // who waits for this job waits for the parts, too
    });
    //]
}

work::task<void> run(work::client& client)
{
    work::worker_pool pool(client, {.concurrency = 10});
    add_handlers(pool, client);
    co_await start_flows(client);
    work::flow parts(client, "parts");
    parts.add(work::make("split"));
    parts.on_success(tell{"whoever waits for all parts"});
    co_await parts.start();
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
