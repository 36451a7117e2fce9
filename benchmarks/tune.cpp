// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Which concurrency, batch and number of connections should I set, here, with my Redis and my kind
// of jobs?
//
//     bench_tune [--redis URL] [--job noop,sleep,cpu] [--sleep-ms 5] [--cpu-us 100]
//                [--concurrency 1,2,4,...,4096] [--batch 1,4,16,64,256] [--threads 1,2,4]
//                [--seconds 1] [--svg tune.svg] [--json]
//
// Without --redis it takes a private server, which says what this machine can do. For each kind of
// job, jobs are enqueued and drained for some seconds at each setting: first the concurrency is
// swept, then the batch at the concurrency that was found, then the number of threads at both, each
// with a client (so, connections) and a pool of its own, which share the concurrency. The setting
// to take is the smallest within 5 % of the best. Everything is in a namespace of its own,
// work:{tune-…}, and removed at the end, also after Ctrl-C. Nothing else in Redis is touched; the
// look for what is left there goes over all keys in small steps (SCAN).
//
//   noop   does nothing: what the queue itself can do
//   sleep  waits without using the processor, as for a database or an HTTP call
//   cpu    computes; on one thread more of them at once can't help: that is what the curve shows

#include <work/redis/connection.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <thread>
#include <unistd.h>

#include "support/bench.hpp"
#include "support/plot.hpp"

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct kind
{
    std::string name;
    std::string shown;
    milliseconds sleep{0};
    microseconds cpu{0};
};

/// How far we are, on one line of stderr; nothing when that is no terminal.
class progress_bar
{
public:
    explicit progress_bar(std::size_t steps) : steps_(steps), shown_(::isatty(2) == 1) {}
    void hide() const
    {
        if (shown_)
            std::fprintf(stderr, "\r\033[K");
    }
    void show(std::string const& what)
    {
        if (!shown_)
            return;
        constexpr std::size_t width = 30;
        std::size_t const full = width * done_ / steps_;
        std::string const bar = std::string(full, '#') + std::string(width - full, '.');
        std::fprintf(stderr, "\r\033[K[%s] %zu/%zu  %s", bar.c_str(), done_, steps_, what.c_str());
    }
    void step() { ++done_; }

private:
    std::size_t steps_;
    std::size_t done_ = 0;
    bool shown_;
};

volatile std::sig_atomic_t interrupted = 0;

struct setting
{
    long concurrency = 1;
    long batch = 256;
    long threads = 1;
};

struct point
{
    double rate = 0;
    double own = 0;    // µs a job
    double redis = 0;  // µs a job
};

void spin(microseconds length)
{
    std::timespec t{};
    auto const now = [&t] {
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return t.tv_sec * 1'000'000'000 + t.tv_nsec;
    };
    auto const end = now() + length.count() * 1000;
    while (now() < end) {
    }
}

/// A thread that enqueues and drains, over connections of its own.
class lane_of_work
{
public:
    lane_of_work(std::string const& url, std::string const& ns, kind const& k, setting const& s)
        : kind_(k),
          client_(io_, url, {.ns = ns}),
          pool_(client_, options(k, s)),
          ahead_(std::clamp(4 * s.concurrency / s.threads, 2'000l, 20'000l))
    {
        pool_.handle<bench::send_email>([this](bench::send_email) { return one_job(); });
        thread_ = std::thread([this] { run(); });
    }
    lane_of_work(lane_of_work const&) = delete;
    lane_of_work& operator=(lane_of_work const&) = delete;
    ~lane_of_work() { join(); }

    long done() const noexcept { return done_.load(std::memory_order_relaxed); }
    bool failed() const noexcept { return over_ && failure_; }
    /// Throws what went wrong.
    void stop()
    {
        over_ = true;
        pool_.stop();
        join();
        if (failure_)
            std::rethrow_exception(failure_);
    }

private:
    static work::pool_options options(kind const& k, setting const& s)
    {
        work::pool_options o;
        o.concurrency = static_cast<int>(std::max(1l, s.concurrency / s.threads));
        o.batch = static_cast<int>(s.batch);
        // Jobs that are stopped half-way give up at once.
        o.grace = milliseconds(k.sleep.count() + 500);
        return o;
    }

    work::task<void> one_job()
    {
        if (kind_.cpu.count() > 0)
            spin(kind_.cpu);
        if (kind_.sleep.count() > 0)
            co_await bench::pause(kind_.sleep);
        done_.store(done() + 1, std::memory_order_relaxed);
    }

    /// Enqueues as fast as jobs finish, so that always more wait than can run.
    work::task<void> keep_filled()
    {
        work::enqueuer enqueuer{client_};
        long sent = 0;
        while (!over_) {
            long const missing = done() + ahead_ - sent;
            if (missing < ahead_ / 4) {
                co_await bench::pause(microseconds(200));
                continue;
            }
            std::vector<bench::send_email> const some = bench::mails(sent, sent + missing);
            co_await enqueuer.enqueue_bulk(some);
            sent += missing;
        }
    }

    void run()
    {
        try {
            boost::asio::co_spawn(io_, keep_filled(), work::rethrow);
            boost::asio::co_spawn(io_, pool_.run(), work::rethrow);
            io_.run();
        } catch (...) {
            failure_ = std::current_exception();
            over_ = true;
        }
    }
    void join()
    {
        if (thread_.joinable())
            thread_.join();
    }

    kind const& kind_;
    boost::asio::io_context io_{1};
    work::client client_;
    work::worker_pool pool_;
    long ahead_;
    std::atomic<long> done_{0};
    std::atomic<bool> over_{false};
    std::exception_ptr failure_;
    std::thread thread_;
};

point measure(
    std::string const& url,
    std::string const& ns,
    kind const& k,
    setting const& s,
    double seconds
)
{
    std::vector<std::unique_ptr<lane_of_work>> lanes;
    for (long i = 0; i < s.threads; ++i)
        lanes.push_back(std::make_unique<lane_of_work>(url, ns, k, s));
    auto const done = [&lanes] {
        long sum = 0;
        for (auto const& lane : lanes)
            sum += lane->done();
        return sum;
    };
    auto const wait = [&lanes](double length) {
        bench::clock::time_point const start = bench::clock::now();
        while (bench::seconds_since(start) < length && !interrupted) {
            for (auto const& lane : lanes)
                if (lane->failed())
                    return;
            std::this_thread::sleep_for(milliseconds(20));
        }
    };
    wait(0.3);  // warm up
    long const before = done();
    double const own = bench::own_cpu();
    double const redis = bench::server_cpu(url);
    bench::clock::time_point const start = bench::clock::now();
    wait(seconds);
    point p;
    long const after = done();
    auto const jobs = static_cast<double>(std::max(1l, after - before));
    p.rate = static_cast<double>(after - before) / bench::seconds_since(start);
    p.own = (bench::own_cpu() - own) * 1e6 / jobs;
    p.redis = (bench::server_cpu(url) - redis) * 1e6 / jobs;
    for (auto const& lane : lanes)
        lane->stop();
    return p;
}

work::task<void> remove_all(work::redis::connection& to, std::string pattern, long& removed)
{
    std::string cursor = "0";
    do {
        work::redis::command const scan("SCAN", cursor, "MATCH", pattern, "COUNT", 1000);
        work::redis::reply const found = co_await to.execute_ref(scan);
        if (found.is_error())
            throw std::runtime_error("SCAN: " + std::string(found.text()));
        cursor = found[0].text();
        work::redis::command unlink;
        unlink.begin(1 + found[1].size()).arg("UNLINK");
        for (auto const& key : found[1])
            unlink.arg(key.text());
        if (!found[1].empty()) {
            work::redis::reply const gone = co_await to.execute_ref(unlink);
            removed += gone.is_error() ? 0 : static_cast<long>(gone.integer());
        }
    } while (cursor != "0");
}

/// A namespace starts empty for each point, so that no point runs on what another left.
void clean(std::string const& url, std::string const& ns)
{
    boost::asio::io_context io{1};
    work::redis::connection to(io.get_executor(), work::redis::parse_url(url));
    long removed = 0;
    bench::run(io, remove_all(to, "work:{" + ns + "}:*", removed));
}

std::string beside_the_program(std::string const& file)
{
    char path[4096];
    auto const size = ::readlink("/proc/self/exe", path, sizeof path);
    std::string const program(path, size > 0 ? static_cast<std::size_t>(size) : 0);
    return program.substr(0, program.rfind('/') + 1) + file;
}

long setting_to_take(bench::curve const& c)
{
    double best = 0;
    for (auto const& [x, y] : c.points)
        best = std::max(best, y);
    for (auto const& [x, y] : c.points)
        if (y >= best * 0.95)
            return static_cast<long>(x);
    return 0;
}

std::vector<kind> kinds(bench::arguments const& args)
{
    std::string const wanted = "," + args.text("job", "noop,sleep,cpu") + ",";
    milliseconds const sleep(std::max(1l, args.number("sleep-ms", 5)));
    microseconds const cpu(std::max(1l, args.number("cpu-us", 100)));
    std::vector<kind> all;
    all.push_back({"noop", "no-op job", milliseconds(0), microseconds(0)});
    all.push_back(
        {"sleep", "job that sleeps " + std::to_string(sleep.count()) + " ms", sleep, microseconds(0)
        }
    );
    all.push_back(
        {"cpu", "job that computes " + std::to_string(cpu.count()) + " us", milliseconds(0), cpu}
    );
    std::erase_if(all, [&](kind const& k) {
        return wanted.find("," + k.name + ",") == wanted.npos;
    });
    if (all.empty())
        bench::fail("--job takes noop, sleep and cpu, separated by commas");
    return all;
}

std::vector<long> levels_of(bench::arguments const& args, char const* name, char const* otherwise)
{
    std::vector<long> levels = args.numbers(name, otherwise);
    std::sort(levels.begin(), levels.end());
    if (levels.empty() || levels.front() < 1)
        bench::fail("--" + std::string(name) + ": every number must be at least 1");
    return levels;
}

/// All that is measured, in order; stops early at Ctrl-C.
class sweeps
{
public:
    sweeps(bench::arguments const& args, std::string url, std::string ns, bench::report& to)
        : url_(std::move(url)),
          ns_(std::move(ns)),
          jobs_(kinds(args)),
          concurrency_(levels_of(args, "concurrency", "1,2,4,8,16,32,64,128,256,512,1024,2048,4096")
          ),
          batch_(levels_of(args, "batch", "1,4,16,64,256")),
          threads_(levels_of(args, "threads", "1,2,4")),
          seconds_(std::atof(args.text("seconds", "1").c_str())),
          json_(args.flag("json")),
          report_(to),
          bar_(jobs_.size() * (concurrency_.size() + batch_.size() + threads_.size()))
    {}

    void run()
    {
        for (kind const& k : jobs_) {
            setting s;
            s.concurrency = sweep(k, "concurrency", concurrency_, s, &setting::concurrency);
            s.batch = sweep(k, "batch", batch_, s, &setting::batch);
            s.threads = sweep(k, "threads", threads_, s, &setting::threads);
            if (interrupted)
                return;
            found_.emplace_back(k.shown, s);
        }
    }
    void hide_bar() const { bar_.hide(); }
    std::vector<bench::curve> const& curves() const noexcept { return curves_; }
    /// The settings to take, by kind of job.
    std::vector<std::pair<std::string, setting>> const& found() const noexcept { return found_; }

private:
    long sweep(
        kind const& k,
        char const* what,
        std::vector<long> const& levels,
        setting s,
        long setting::* member
    )
    {
        bench::curve c;
        c.name = k.shown;
        c.axis = what;
        if (member != &setting::concurrency)
            c.name += ", concurrency " + std::to_string(s.concurrency);
        if (member == &setting::threads)
            c.name += ", batch " + std::to_string(s.batch);
        for (long const level : levels) {
            if (interrupted)
                break;
            std::string const row = k.name + ", " + what + " " + std::to_string(level);
            bar_.show(row);
            s.*member = level;
            point const p = measure(url_, ns_, k, s, seconds_);
            clean(url_, ns_);
            bar_.step();
            if (interrupted)
                break;
            c.points.emplace_back(static_cast<double>(level), p.rate);
            if (!json_)
                bar_.hide();
            report_.row(row, {p.rate}, "jobs/s");
            if (json_) {
                report_.row(row + ": our CPU a job", {p.own}, "us");
                report_.row(row + ": Redis CPU a job", {p.redis}, "us");
            }
        }
        long const take = setting_to_take(c);
        if (c.points.size() > 1 && take == levels.back() && member != &setting::batch) {
            bar_.hide();
            std::fprintf(
                stderr,
                "%s: the most that was tried is the best; try more with --%s\n",
                c.name.c_str(),
                what
            );
        }
        c.take = static_cast<double>(take);
        if (!c.points.empty())
            curves_.push_back(std::move(c));
        return take;
    }

    std::string url_;
    std::string ns_;
    std::vector<kind> jobs_;
    std::vector<long> concurrency_;
    std::vector<long> batch_;
    std::vector<long> threads_;
    double seconds_;
    bool json_;
    bench::report& report_;
    progress_bar bar_;
    std::vector<bench::curve> curves_;
    std::vector<std::pair<std::string, setting>> found_;
};

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    bench::server server(args);
    std::string const ns = "tune-" + std::to_string(::getpid());
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });

    bench::report report(
        "tune",
        args,
        bench::with_server(
            server.url(),
            {{"seconds a point", args.text("seconds", "1")}, {"namespace", ns}}
        )
    );
    bool failed = false;
    sweeps all(args, server.url(), ns, report);
    try {
        all.run();
        all.hide_bar();
    } catch (std::exception const& e) {
        all.hide_bar();
        std::fprintf(stderr, "%s\n", e.what());
        failed = true;
    }
    if (!server.is_private()) {
        try {
            clean(server.url(), ns);
        } catch (std::exception const& e) {
            std::fprintf(
                stderr,
                "what is left in work:{%s}: could not be removed: %s\n",
                ns.c_str(),
                e.what()
            );
            failed = true;
        }
    }
    for (auto const& [job, s] : all.found()) {
        report.row("take for a " + job, {static_cast<double>(s.concurrency)}, "workers");
        report.row("  with batch", {static_cast<double>(s.batch)}, "jobs");
        report.row("  on", {static_cast<double>(s.threads)}, "threads");
    }
    if (std::string const file = args.text("svg", beside_the_program("tune.svg"));
        !all.curves().empty() && !failed) {
        std::ofstream(file) << bench::plot_svg("Jobs per second by setting", all.curves());
        std::fprintf(stderr, "plot: %s\n", file.c_str());
    }
    return failed || interrupted ? 1 : 0;
}
