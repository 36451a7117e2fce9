// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "load/measured.hpp"

#include <work/client.hpp>
#include <work/context.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/make.hpp>
#include <work/redis/connection.hpp>
#include <work/values/name.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <exception>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "tls_for.hpp"

namespace work::tool {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::int64_t stored_at_once = 1'000;

volatile std::sig_atomic_t signal_seen = 0;

double seconds_since(steady_clock::time_point begin)
{
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

double clock_s(::clockid_t which)
{
    std::timespec now{};
    ::clock_gettime(which, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void compute(std::chrono::microseconds length)
{
    double const end =
        clock_s(CLOCK_THREAD_CPUTIME_ID) + std::chrono::duration<double>(length).count();
    while (clock_s(CLOCK_THREAD_CPUTIME_ID) < end) {
    }
}

task<void> rest_for(steady_clock::duration time)
{
    auto const on = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(on, time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// One client and one pool in this thread, and what they have done.
class load
{
public:
    load(load_place const& at, int concurrency, load_job const& job)
        : job_(job),
          client_(io_, at.url, how(at)),
          pool_(client_, options(concurrency, job)),
          store_(client_)
    {
        pool_.handle("bench", [this](context&) { return one(); });
    }

    drained drain(std::int64_t jobs, std::chrono::milliseconds longest)
    {
        auto const began = steady_clock::now();
        until_ = began + longest / 2;  // the rest is for running them
        drained went;
        run(store_all(jobs));
        went.stored = stored_;
        went.store_s = seconds_since(began);
        until_ = began + longest;
        double const cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);
        boost::asio::co_spawn(io_, stop_in_time(), [](std::exception_ptr) {});
        run(pool_.run_until_empty());
        went.done = done_;
        went.drain_s = std::chrono::duration<double>(last_ - first_).count();
        if (done_ > 0)
            went.cpu_us =
                (clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / static_cast<double>(done_);
        return went;
    }

    double speed(int concurrency, std::chrono::milliseconds lasting)
    {
        until_ = steady_clock::now() + lasting + 10s;
        boost::asio::co_spawn(io_, keep_filled(concurrency), [this](std::exception_ptr failure) {
            failed(std::move(failure));
        });
        boost::asio::co_spawn(io_, look(lasting), [this](std::exception_ptr failure) {
            failed(std::move(failure));
        });
        run(pool_.run());
        if (failure_)
            std::rethrow_exception(failure_);
        return speed_;
    }

private:
    static client_options how(load_place const& at)
    {
        client_options o;
        o.ns = at.ns;
        o.tls = tls_for(at.url);
        o.max_buffered_jobs = 1'000'000;
        o.logger = [](log_level, std::string_view) {};
        return o;
    }
    static pool_options options(int concurrency, load_job const& job)
    {
        pool_options o;
        o.concurrency = concurrency;
        // What is cut off gives up at once.
        o.grace = job.sleep + 500ms;
        return o;
    }

    task<void> one()
    {
        if (first_ == steady_clock::time_point())
            first_ = steady_clock::now();
        if (job_.cpu.count() > 0)
            compute(job_.cpu);
        if (job_.sleep.count() > 0)
            co_await rest_for(job_.sleep);
        ++done_;
        last_ = steady_clock::now();
    }
    bool over() const { return over_ || signal_seen != 0 || steady_clock::now() >= until_; }

    task<void> store_some(std::int64_t count)
    {
        std::vector<new_job> jobs;
        jobs.reserve(static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i != count; ++i)
            jobs.push_back(make_json("bench", "[]", {}));
        co_await store_.enqueue(std::move(jobs));
        stored_ += count;
    }
    task<void> store_all(std::int64_t jobs)
    {
        while (stored_ < jobs && !over())
            co_await store_some(std::min(jobs - stored_, stored_at_once));
    }
    // As fast as they are run, so that always more wait than can run.
    task<void> keep_filled(int concurrency)
    {
        std::int64_t const ahead = std::clamp<std::int64_t>(4 * concurrency, 2'000, 20'000);
        while (!over()) {
            std::int64_t const missing = done_ + ahead - stored_;
            if (missing < ahead / 4)
                co_await rest_for(500us);
            else
                co_await store_some(std::min(missing, stored_at_once));
        }
    }
    task<void> look(std::chrono::milliseconds lasting)
    {
        co_await rest_for(300ms);  // until it runs evenly
        std::int64_t const before = done_;
        auto const began = steady_clock::now();
        while (seconds_since(began) < std::chrono::duration<double>(lasting).count() && !over())
            co_await rest_for(10ms);
        speed_ = static_cast<double>(done_ - before) / seconds_since(began);
        over_ = true;
        pool_.stop();
    }
    task<void> stop_in_time()
    {
        while (!over())
            co_await rest_for(20ms);
        pool_.stop();
    }
    void failed(std::exception_ptr failure)
    {
        if (!failure)
            return;
        failure_ = std::move(failure);
        over_ = true;
        pool_.stop();
    }
    /// To its end; what else was begun ends with the next turn.
    void run(task<void> what)
    {
        std::exception_ptr failure;
        bool ended = false;
        boost::asio::co_spawn(io_, std::move(what), [&](std::exception_ptr thrown) {
            failure = std::move(thrown);
            ended = true;
        });
        io_.restart();
        while (!ended && io_.run_one() != 0) {
        }
        if (failure)
            std::rethrow_exception(failure);
    }

    load_job job_;
    boost::asio::io_context io_{1};
    client client_;
    worker_pool pool_;
    enqueuer store_;
    std::int64_t stored_ = 0;
    std::int64_t done_ = 0;
    steady_clock::time_point first_{};
    steady_clock::time_point last_{};
    steady_clock::time_point until_{};
    double speed_ = 0;
    bool over_ = false;
    std::exception_ptr failure_;
};

task<void> scan_and_unlink(redis::connection& to, std::string pattern, std::int64_t& removed)
{
    std::string cursor = "0";
    do {
        redis::command scan("SCAN", cursor, "MATCH", pattern, "COUNT", 1000);
        redis::reply const found = co_await to.execute(std::move(scan));
        if (found.is_error())
            throw error(errc::refused, "SCAN: " + std::string(found.text()));
        cursor = found[0].text();
        if (found[1].empty())
            continue;
        redis::command unlink;
        unlink.begin(1 + found[1].size()).arg("UNLINK");
        for (auto const& key : found[1])
            unlink.arg(key.text());
        redis::reply const gone = co_await to.execute(std::move(unlink));
        removed += gone.is_error() ? 0 : gone.integer();
    } while (cursor != "0");
}

}  // namespace

std::string own_namespace(char const* what)
{
    std::random_device device;
    return std::string("work-") + what + "-" + std::to_string(device() % 1'000'000'000);
}

drained drain(
    load_place const& at,
    std::int64_t jobs,
    int concurrency,
    load_job const& job,
    std::chrono::milliseconds longest
)
{
    return load(at, concurrency, job).drain(jobs, longest);
}

double speed(
    load_place const& at,
    int concurrency,
    load_job const& job,
    std::chrono::milliseconds lasting
)
{
    return load(at, concurrency, job).speed(concurrency, lasting);
}

load_signals::load_signals()
{
    for (int const one : {SIGINT, SIGTERM})
        std::signal(one, [](int number) { signal_seen = number; });
}

load_signals::~load_signals()
{
    for (int const one : {SIGINT, SIGTERM})
        std::signal(one, SIG_DFL);
}

int load_signals::seen() noexcept
{
    return signal_seen;
}

std::int64_t remove_namespace(load_place const& at)
{
    if (at.url.starts_with("memory:"))
        return 0;
    boost::asio::io_context io{1};
    redis::connection to(io.get_executor(), redis::parse_url(at.url), connection_for(at.url));
    std::int64_t removed = 0;
    std::exception_ptr failure;
    boost::asio::co_spawn(
        io,
        scan_and_unlink(to, "work:{" + encode_name(at.ns) + "}:*", removed),
        [&](std::exception_ptr thrown) {
            failure = std::move(thrown);
            to.close();
        }
    );
    io.run();
    if (failure)
        std::rethrow_exception(failure);
    return removed;
}

}  // namespace work::tool
