// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Hooks are called when something happens to the pool or to one of its jobs.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <map>
#include <string>

using namespace std::chrono_literals;

struct charge_card
{
    std::int64_t order_id = 0;
};
BOOST_DESCRIBE_STRUCT(charge_card, (), (order_id))

work::task<void> charge(work::context& job, charge_card what)
{
    if (what.order_id == 0)
        throw work::fatal("order 0 does not exist");
    if (job.attempt() == 1)
        throw std::runtime_error("the bank does not answer");
    co_return;
}

// Stands for a table of a database.
class failure_table
{
public:
    work::task<void> insert(work::event_info const& e)
    {
        rows_[e.job] = e.name + e.args + ": " + e.failure->message;
        co_return;
    }
    void print() const
    {
        for (auto const& [job, text] : rows_)
            std::printf("in the table: %s\n", text.c_str());
    }
    std::size_t size() const { return rows_.size(); }

private:
    std::map<std::string, std::string> rows_;
};

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    co_await enqueuer.enqueue<charge_card>(0);
    co_await enqueuer.enqueue<charge_card>(7);
    work::inspector look{client};
    for (;;) {
        co_await pool.run_until_empty();  // and until its hooks are done
        work::broker_counts const counts = co_await look.counts();
        if (counts.retry == 0 && counts.pending == 0)
            break;
    }
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    pool.handle<charge_card>(charge, {.backoff = work::backoff::fixed(10ms)});

    // A line of JSON for each dead job would be: pool.on(work::event::dead,
    // work::failure_file{"dead.jsonl"}). A sink calls its store again when that throws.
    failure_table table;
    pool.on(work::event::dead, work::failure_sink{[&](work::event_info const& e) {
                return table.insert(e);
            }});
    pool.on(work::event::retry, [](work::event_info const& e) {
        std::printf(
            "job %s failed at attempt %d of %d: %s\n",
            e.name.c_str(),
            e.attempt,
            e.max_attempts,
            e.failure->message.c_str()
        );
    });

    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
    table.print();
    return table.size() == 1 ? 0 : 1;
}
