// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Which concurrency should I set, here, with my Redis and my kind of jobs?
//
//     bench_tune [--redis URL] [--job noop,sleep,cpu] [--sleep-ms 5] [--cpu-us 100]
//                [--concurrency 1,2,4,...,4096] [--seconds 1] [--svg tune.svg] [--json]
//
// Without --redis it takes a private server, which says what this machine can do. For each kind of
// job and each concurrency, jobs are enqueued and drained for some seconds. The setting to take is
// the smallest concurrency within 5 % of the best. Everything is in a namespace of its own,
// work:{tune-…}, and removed at the end, also after Ctrl-C. Nothing else in Redis is touched; the
// look for what is left there goes over all keys in small steps (SCAN).
//
//   noop   does nothing: what the queue itself can do
//   sleep  waits without using the processor, as for a database or an HTTP call
//   cpu    computes; on one thread more of them at once can't help: that is what the curve shows

#include <work/redis/lane.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
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
    ~progress_bar()
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

struct point
{
    double rate = 0;
    double own = 0;    // µs a job
    double redis = 0;  // µs a job
};

/// Enqueues as fast as jobs finish, so that always more wait than can run.
work::task<void> keep_filled(work::client& client, long const& done, long ahead, bool const& over)
{
    work::enqueuer enqueuer{client};
    long sent = 0;
    while (!over) {
        long const missing = done + ahead - sent;
        if (missing < ahead / 4) {
            co_await bench::pause(microseconds(200));
            continue;
        }
        std::vector<bench::send_email> const some = bench::mails(sent, sent + missing);
        co_await enqueuer.enqueue_bulk(some);
        sent += missing;
    }
}

work::task<void> watch(
    work::worker_pool& pool,
    std::string url,
    long const& done,
    double seconds,
    point& p,
    bool& over
)
{
    co_await bench::pause(milliseconds(300));  // warm up
    long const before = done;
    double const own = bench::own_cpu();
    double const redis = bench::server_cpu(url);
    bench::clock::time_point const start = bench::clock::now();
    while (bench::seconds_since(start) < seconds && !interrupted)
        co_await bench::pause(milliseconds(20));
    auto const jobs = static_cast<double>(std::max(1l, done - before));
    p.rate = static_cast<double>(done - before) / bench::seconds_since(start);
    p.own = (bench::own_cpu() - own) * 1e6 / jobs;
    p.redis = (bench::server_cpu(url) - redis) * 1e6 / jobs;
    over = true;
    pool.stop();
}

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

point measure(
    std::string const& url,
    std::string const& ns,
    kind const& k,
    long concurrency,
    double seconds
)
{
    boost::asio::io_context io{1};
    work::client client{io, url, {.ns = ns}};
    // Jobs that are stopped half-way give up at once.
    work::worker_pool pool{
        client,
        {.concurrency = static_cast<int>(concurrency), .grace = milliseconds(k.sleep.count() + 500)}
    };
    long done = 0;
    bool over = false;
    pool.handle<bench::send_email>([&](bench::send_email) -> work::task<void> {
        if (k.cpu.count() > 0)
            spin(k.cpu);
        if (k.sleep.count() > 0)
            co_await bench::pause(k.sleep);
        ++done;
    });
    point p;
    long const ahead = std::min(20'000l, std::max(2'000l, 4 * concurrency));
    boost::asio::co_spawn(io, keep_filled(client, done, ahead, over), work::rethrow);
    boost::asio::co_spawn(io, watch(pool, url, done, seconds, p, over), work::rethrow);
    bench::run(io, pool.run());
    return p;
}

work::task<void> remove_all(work::redis::lane& lane, std::string pattern, long& removed)
{
    std::string cursor = "0";
    do {
        work::redis::command const scan("SCAN", cursor, "MATCH", pattern, "COUNT", 1000);
        work::redis::reply const found = co_await lane.execute_ref(scan);
        if (found.is_error())
            throw std::runtime_error("SCAN: " + std::string(found.text()));
        cursor = found[0].text();
        work::redis::command unlink;
        unlink.begin(1 + found[1].size()).arg("UNLINK");
        for (auto const& key : found[1])
            unlink.arg(key.text());
        if (!found[1].empty()) {
            work::redis::reply const gone = co_await lane.execute_ref(unlink);
            removed += gone.is_error() ? 0 : static_cast<long>(gone.integer());
        }
    } while (cursor != "0");
}

/// A namespace starts empty for each point, so that no point runs on what another left.
void clean(std::string const& url, std::string const& ns)
{
    boost::asio::io_context io{1};
    work::redis::lane lane(io.get_executor(), work::redis::parse_url(url));
    long removed = 0;
    bench::run(io, remove_all(lane, "work:{" + ns + "}:*", removed));
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

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    std::vector<kind> const jobs = kinds(args);
    std::vector<long> levels =
        args.numbers("concurrency", "1,2,4,8,16,32,64,128,256,512,1024,2048,4096");
    std::sort(levels.begin(), levels.end());
    if (levels.front() < 1)
        bench::fail("--concurrency: every number must be at least 1");
    double const seconds = std::atof(args.text("seconds", "1").c_str());
    bench::server server(args);
    std::string const ns = "tune-" + std::to_string(::getpid());
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });

    std::vector<bench::curve> curves;
    bench::report report(
        "tune",
        args,
        bench::with_server(
            server.url(),
            {{"seconds a point", args.text("seconds", "1")}, {"namespace", ns}}
        )
    );
    bool failed = false;
    {
        progress_bar bar(jobs.size() * levels.size());
        try {
            for (kind const& k : jobs) {
                bench::curve c;
                c.name = k.shown;
                for (long const level : levels) {
                    if (interrupted)
                        break;
                    bar.show(k.shown + ", concurrency " + std::to_string(level));
                    point const p = measure(server.url(), ns, k, level, seconds);
                    clean(server.url(), ns);
                    bar.step();
                    if (interrupted)
                        break;
                    c.points.emplace_back(static_cast<double>(level), p.rate);
                    std::string const what = k.name + ", concurrency " + std::to_string(level);
                    if (::isatty(2) && !args.flag("json"))
                        std::fprintf(stderr, "\r\033[K");
                    report.row(what, {p.rate}, "jobs/s");
                    if (args.flag("json")) {
                        report.row(what + ": our CPU a job", {p.own}, "us");
                        report.row(what + ": Redis CPU a job", {p.redis}, "us");
                    }
                }
                c.take = static_cast<double>(setting_to_take(c));
                if (!c.points.empty())
                    curves.push_back(std::move(c));
            }
        } catch (std::exception const& e) {
            std::fprintf(stderr, "\n%s\n", e.what());
            failed = true;
        }
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
    for (auto const& c : curves)
        report.row("take for a " + c.name, {c.take}, "workers");
    if (std::string const file = args.text("svg", beside_the_program("tune.svg"));
        !curves.empty() && !failed) {
        std::ofstream(file) << bench::plot_svg("Jobs per second by concurrency", curves);
        std::fprintf(stderr, "plot: %s\n", file.c_str());
    }
    return failed || interrupted ? 1 : 0;
}
