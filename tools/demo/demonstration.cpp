// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "demo/demonstration.hpp"

#include <work/broker/broker.hpp>
#include <work/client/client_core.hpp>
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <utility>

#include "demo/forget_namespace.hpp"
#include "exit_code.hpp"
#include "print.hpp"
#include "reach.hpp"
#include "tls_for.hpp"

namespace work::tool {

BOOST_DESCRIBE_STRUCT(nap, (), (number, ms))

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string random_namespace()
{
    std::random_device device;
    return "work-demo-" + std::to_string(device() % 1'000'000'000);
}

pool_options half_of(int concurrency, bool first)
{
    pool_options o;
    o.concurrency = std::max(1, (concurrency + (first ? 1 : 0)) / 2);
    o.grace = 2s;
    o.name = first ? "demo 1" : "demo 2";
    return o;
}

}  // namespace

demonstration::demonstration(demo_options options)
    : options_(std::move(options)),
      url_(options_.url.empty() ? "memory:demo" : options_.url),
      ns_(random_namespace()),
      bar_(options_.jobs),
      front_(io_, url_, options_for_client()),
      clients_{client(io_, url_, options_for_client()), client(io_, url_, options_for_client())},
      pools_{
          worker_pool(clients_[0], half_of(options_.concurrency, true)),
          worker_pool(clients_[1], half_of(options_.concurrency, false))
      },
      signals_(io_, SIGINT, SIGTERM),
      runs_(static_cast<std::size_t>(options_.jobs), 0)
{
    for (worker_pool& pool : pools_)
        pool.handle<nap>([this](context& job, nap one) { return sleep_one(job, one); });
}

client_options demonstration::options_for_client()
{
    client_options o;
    o.ns = ns_;
    o.tls = tls_for(url_);
    o.logger = [this](log_level level, std::string_view line) {
        if (level >= log_level::warning)
            bar_.print(line);
    };
    return o;
}

int demonstration::run()
{
    await_signal();
    boost::asio::co_spawn(io_, act(), [this](std::exception_ptr failure) {
        signals_.cancel();
        front_.end_subscriptions();
        if (failure)
            std::rethrow_exception(failure);
    });
    io_.run();
    return code_;
}

task<void> demonstration::act()
{
    co_await reach(url_);
    co_await start_listening();
    co_await enqueue();
    started_ = steady_clock::now();
    if (!interrupted_) {
        for (worker_pool& pool : pools_)
            start(pool);
        co_await draw_until_ended();
        co_await hear_both_pools();
    }
    inspector look{front_};
    broker_counts const counts = co_await look.counts();
    code_ = report(counts.processed);
    co_await clean_up();
}

task<void> demonstration::enqueue()
{
    std::mt19937 random(std::random_device{}());
    std::uniform_int_distribution<std::int64_t> time(50, 500);
    std::vector<nap> naps;
    for (std::int64_t number = 0; number != options_.jobs; ++number)
        naps.push_back(nap{number, time(random)});
    enqueuer to{front_};
    std::vector<job_handle> const stored = co_await to.enqueue_bulk(naps);
    for (job_handle const& job : stored)
        ids_.push_back(job.id());
    std::string const where = options_.url.empty() ? "in memory" : front_.broker()->describe();
    bar_.print(std::to_string(stored.size()) + " jobs enqueued, " + where);
}

task<void> demonstration::sleep_one(context&, nap one)
{
    co_await pause(milliseconds(one.ms));
    slept_ms_ += one.ms;
    ++done_;
    auto& runs = runs_.at(static_cast<std::size_t>(one.number));
    runs = static_cast<std::uint8_t>(std::min(runs + 1, 255));
}

task<void> demonstration::pause(milliseconds time)
{
    boost::asio::steady_timer timer(io_, time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

void demonstration::start(worker_pool& pool)
{
    boost::asio::co_spawn(io_, pool.run_until_empty(), [this](std::exception_ptr failure) {
        ++pools_ended_;
        if (failure)
            std::rethrow_exception(failure);
    });
}

// What nobody hears is lost, so the pools start when the listener hears us.
task<void> demonstration::start_listening()
{
    auto const receive = [this](std::string_view message) { heard(message); };
    boost::asio::co_spawn(io_, front_.listen("pools", receive), [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    });
    while (!listening_ && !interrupted_) {
        std::string const probe = "{\"event\":\"demo\"}";
        co_await front_.publish("pools", probe);
        co_await pause(5ms);
    }
}

void demonstration::heard(std::string_view message)
{
    boost::json::error_code ec;
    boost::json::value const text = boost::json::parse(message, ec);
    bool const good = !ec && text.is_object();
    auto const* const event = good ? text.get_object().if_contains("event") : nullptr;
    if (!event || !event->is_string())
        return;
    if (event->get_string() == "demo")
        listening_ = true;
    if (event->get_string() != "finished")
        return;
    ++pools_heard_;
    auto const processed = text.get_object().at("processed").as_int64();
    processed_as_heard_ += processed;
    bar_.print(
        "heard: pool " + std::string(text.get_object().at("pool").as_string()) + " finished, " +
        std::to_string(processed) + " processed, " +
        std::to_string(text.get_object().at("failed").as_int64()) + " failed"
    );
}

task<void> demonstration::draw_until_ended()
{
    while (pools_ended_ < 2) {
        int const running = pools_[0].running() + pools_[1].running();
        bar_.draw(done_, std::to_string(running) + " running" + (interrupted_ ? ", stopping" : ""));
        co_await pause(50ms);
    }
    bar_.draw(done_, "2 pools");
    bar_.finish();
}

task<void> demonstration::hear_both_pools()
{
    auto const until = steady_clock::now() + 3s;
    while (pools_heard_ < 2 && steady_clock::now() < until)
        co_await pause(10ms);
}

int demonstration::report(std::int64_t counted_by_broker)
{
    auto const took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - started_);
    auto const missing = std::count(runs_.begin(), runs_.end(), 0);
    auto const twice = std::count_if(runs_.begin(), runs_.end(), [](int n) { return n > 1; });
    if (interrupted_) {
        bar_.print(
            "interrupted: " + std::to_string(done_) + " of " + std::to_string(options_.jobs) +
            " jobs done, the others are dropped"
        );
        return 130;
    }
    char seconds[64];
    std::snprintf(
        seconds,
        sizeof seconds,
        "%.2f s (%.1f s of sleep)",
        static_cast<double>(took.count()) / 1000,
        static_cast<double>(slept_ms_) / 1000
    );
    print_line(
        std::to_string(options_.jobs - missing) + " of " + std::to_string(options_.jobs) +
        " jobs done, " + (twice == 0 ? "none" : std::to_string(twice)) + " twice, in " + seconds
    );
    if (missing == 0 && twice == 0 && counted_by_broker == options_.jobs && pools_heard_ == 2 &&
        processed_as_heard_ == options_.jobs)
        return ok;
    print_error(
        "the demonstration is not complete: " + std::to_string(missing) + " jobs missing, " +
        std::to_string(twice) + " run twice; the broker counted " +
        std::to_string(counted_by_broker) + "; " + std::to_string(pools_heard_) +
        " of 2 pools were heard, with " + std::to_string(processed_as_heard_) + " jobs"
    );
    return failed;
}

// On a server: drops what is left, then the namespace itself.
task<void> demonstration::clean_up()
{
    if (options_.url.empty())
        co_return;
    std::exception_ptr failure;
    try {
        if (code_ != ok) {
            inspector steer{front_};
            co_await steer.cancel(ids_);
        }
        std::vector<std::string> pools;
        for (worker_pool const& pool : pools_)
            pools.push_back(pool.id());
        std::string producer = front_.core()->batcher->name();
        co_await forget_namespace(url_, ns_, "nap", std::move(pools), std::move(producer));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure)
        bar_.print("the namespace " + ns_ + " could not be removed; it is small and harms nobody");
}

void demonstration::await_signal()
{
    signals_.async_wait([this](boost::system::error_code ec, int signal) {
        if (ec)
            return;
        if (std::exchange(interrupted_, true)) {
            bar_.finish();
            std::_Exit(128 + signal);
        }
        for (worker_pool& pool : pools_)
            pool.stop();
        await_signal();
    });
}

}  // namespace work::tool
