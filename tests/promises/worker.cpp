// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "worker.hpp"

#include <work/cron.hpp>
#include <work/work.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include "journal.hpp"
#include "producing.hpp"

namespace promises {
namespace {

using namespace std::chrono;

std::map<std::string, std::string> parse(int argc, char** argv)
{
    std::map<std::string, std::string> options;
    for (int i = 0; i != argc; ++i) {
        std::string const word = argv[i];
        auto const split = word.find('=');
        if (split != std::string::npos)
            options[word.substr(0, split)] = word.substr(split + 1);
    }
    return options;
}

work::task<void> sleep_job(journal& out, work::context& job, std::int64_t index, std::int64_t us)
{
    out.write('+', index, job.id(), job.fence(), job.attempt());
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(microseconds(us));
    boost::system::error_code interrupted;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, interrupted));
    if (interrupted) {
        auto const why = job.stopping();
        out.write(
            '!',
            index,
            job.id(),
            job.fence(),
            job.attempt(),
            why ? std::string(to_string(*why)).c_str() : "unknown"
        );
        throw boost::system::system_error(interrupted);
    }
    out.write('-', index, job.id(), job.fence(), job.attempt());
}

void spin_for(std::int64_t us)
{
    auto const end = steady_us() + us;
    while (us < 0 || steady_us() < end) {
        for (int i = 0; i != 200; ++i)
            asm volatile("" ::: "memory");
    }
}

void add_handlers(work::worker_pool& pool, journal& out, std::string names, bool once)
{
    auto const sleeper = [&out](work::context& job, std::int64_t index, std::int64_t us) {
        return sleep_job(out, job, index, us);
    };
    if (!names.empty()) {
        names += ',';
        for (std::size_t at = 0; at < names.size();) {
            auto const end = names.find(',', at);
            pool.handle(names.substr(at, end - at), sleeper);
            at = end + 1;
        }
        return;
    }
    work::job_options quick;
    quick.backoff = work::backoff::fixed(20ms);
    pool.handle("sleep", sleeper, quick);
    pool.handle(
        "spin",
        [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            spin_for(us);
            out.write('-', index, job.id(), job.fence(), job.attempt());
            co_return;
        }
    );
    // Looks whether it has what those that it needed left; below zero it fails for good.
    work::job_options once_only;
    once_only.max_attempts = 1;
    pool.handle(
        "step",
        [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<std::string> {
            std::vector<work::job_gift> const left = co_await job.given();
            for (work::job_gift const& one : left)
                if (one.state == "completed" && one.result != "\"r" + one.from + "\"")
                    out.write('?', index, job.id(), job.fence(), job.attempt(), one.from.c_str());
            co_await sleep_job(out, job, index, std::max<std::int64_t>(us, 0));
            if (us < 0)
                throw std::runtime_error("as it was told");
            std::string given = "r";
            given += std::to_string(index);
            co_return given;
        },
        once_only
    );
    // No cancellation reaches it.
    pool.handle(
        "deaf",
        [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(microseconds(us));
            co_await timer.async_wait(boost::asio::bind_cancellation_slot(
                boost::asio::cancellation_slot(),
                boost::asio::use_awaitable
            ));
            out.write('-', index, job.id(), job.fence(), job.attempt());
        }
    );
    // Blocks the thread once the pool waits again.
    pool.handle(
        "spin_later",
        [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(100ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            spin_for(us);
            out.write('-', index, job.id(), job.fence(), job.attempt());
        }
    );
    pool.handle(
        "abort",
        [&out](work::context& job, std::int64_t index, std::optional<std::int64_t>)
            -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            std::abort();
            co_return;
        }
    );
    // Dead after a crash. The first one keeps the thread for good.
    if (once) {
        work::job_options never_twice;
        never_twice.on_crash = work::on_crash::dead;
        pool.handle(
            "once",
            [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<void> {
                out.write('+', index, job.id(), job.fence(), job.attempt());
                if (index == 0)
                    spin_for(-1);
                boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
                timer.expires_after(microseconds(us));
                co_await timer.async_wait(boost::asio::use_awaitable);
                out.write('-', index, job.id(), job.fence(), job.attempt());
            },
            never_twice
        );
    }
    pool.handle(
        "abort_later",
        [&out](work::context& job, std::int64_t index, std::int64_t ms) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(milliseconds(ms));
            co_await timer.async_wait(boost::asio::use_awaitable);
            std::abort();
        }
    );
    pool.handle(
        "fail",
        [&out](work::context& job, std::int64_t index) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            throw std::runtime_error("it fails");
            co_return;
        },
        quick
    );
    // Sleeps, and fails the first two times.
    pool.handle(
        "flaky",
        [&out](work::context& job, std::int64_t index, std::int64_t us) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(microseconds(us));
            co_await timer.async_wait(boost::asio::use_awaitable);
            if (job.attempt() < 3)
                throw std::runtime_error("not yet");
            out.write('-', index, job.id(), job.fence(), job.attempt());
        },
        quick
    );
    pool.handle("tick", [&out](work::context& job) -> work::task<void> {
        out.write('+', 0, job.id(), job.fence(), job.attempt());
        co_return;
    });
    pool.handle(
        "forever",
        [&out](work::context& job, std::int64_t index) -> work::task<void> {
            out.write('+', index, job.id(), job.fence(), job.attempt());
            spin_for(-1);
            co_return;
        },
        quick
    );
}

int run(std::map<std::string, std::string> options)
{
    auto const number = [&](char const* name, int otherwise) {
        auto const found = options.find(name);
        return found == options.end() ? otherwise : std::stoi(found->second);
    };
    journal out(options.at("journal"));
    boost::asio::io_context io(1);
    work::client_options connection;
    connection.ns = options.at("ns");
    work::client client(io, options.at("url"), connection);
    work::pool_options how;
    how.concurrency = number("concurrency", 100);
    how.batch = number("batch", how.batch);
    how.lease = milliseconds(number("lease", 2000));
    how.grace = milliseconds(number("grace", 1000));
    work::worker_pool pool(client, how);
    add_handlers(pool, out, options["names"], options.contains("once"));
    work::cron cron(client);
    if (options.contains("crons"))
        pool.beside(cron.duty());
    producing what;
    what.kind = options["produce"];
    what.seed = static_cast<std::uint32_t>(number("seed", 1));
    what.keys = number("keys", 1);
    what.first = number("first", 0);
    if (!what.kind.empty())
        boost::asio::co_spawn(io, produce(client, out, what), work::rethrow);
    if (options["serve"] == "no") {
        io.run();
        return 0;
    }
    pool.stop_on_signals();
    // Handlers that nothing ends would hold up the exit.
    boost::asio::co_spawn(io, pool.run(), [&io](std::exception_ptr failure) {
        io.stop();
        work::rethrow(failure);
    });
    io.run();
    return 0;
}

}  // namespace

int worker_main(int argc, char** argv)
{
    try {
        return run(parse(argc, argv));
    } catch (std::exception const& e) {
        std::cerr << "worker: " << e.what() << std::endl;
        return 3;
    }
}

}  // namespace promises
