// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// A job that is enqueued every second: a cron entry, and a pool that fires it and runs its jobs.
// usage: example_2_features_6_cron_entries
// test:
#include <work/cron.hpp>
#include <work/values/time.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>

struct report
{
    std::string month;
};
BOOST_DESCRIBE_STRUCT(report, (), (month))

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    int written = 0;
    pool.handle<report>([&](report const& wanted) -> work::task<void> {
        std::printf("a report for %s\n", wanted.month.c_str());
        if (++written == 2)
            pool.stop();
        co_return;
    });
    //[entry
    work::cron cron{client};
    pool.beside(cron.duty());  // this pool fires entries; so may others, and work server
    auto setup = [&]() -> work::task<void> {
        report monthly{"May"};
        work::cron_options how;
        how.zone = "UTC";
        how.missed = work::missed::one;
        co_await cron.put("reports", "* * * * * *", monthly, how);

        std::vector<work::cron_entry> const all = co_await cron.list();
        for (work::cron_entry const& one : all)
            std::printf(
                "%s: %s, next %s\n",
                one.name.c_str(),
                one.words.c_str(),
                work::format_rfc3339(one.next_ms).c_str()
            );
    };
    //]
    boost::asio::co_spawn(io, setup(), work::rethrow);
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    io.run();
}
