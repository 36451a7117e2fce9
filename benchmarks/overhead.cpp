// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What does a job cost inside the process, where no Redis is?
//
//     bench_overhead [--jobs 200000] [--calls 1000000] [--runs 5] [--json]
//
//   decode      the arguments of the two-field job from their JSON text
//   pool        a no-op job's whole way through a worker pool: taken from a claim, decoded, run,
//               timed, its completion said; by a broker that answers at once, from a table; with
//               0, 1 and 3 middleware
//   memory      the same with the memory broker, and what enqueuing into it costs
//   on a strand the last two on a context that any number of threads may run
//
// Allocations are counted at malloc, on this thread.

#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>

#include <deque>
#include <memory>

#include "support/allocations.hpp"
#include "support/bench.hpp"
#include "support/recording_broker.hpp"

namespace {

struct measured
{
    std::vector<double> ns, allocations;
};

class stopwatch
{
public:
    void stop(measured& into, long count) const
    {
        double const seconds = bench::own_cpu() - start_;
        double const made = static_cast<double>(bench::allocations() - before_);
        into.ns.push_back(seconds * 1e9 / static_cast<double>(count));
        into.allocations.push_back(made / static_cast<double>(count));
    }

private:
    std::uint64_t before_ = bench::allocations();
    double start_ = bench::own_cpu();
};

void print(bench::report& to, std::string const& what, measured const& m)
{
    to.row(what, m.ns, "ns");
    to.row(what + ": allocations", m.allocations, "allocs");
}

work::task<void> enqueue_one(work::client& client)
{
    work::enqueuer enqueuer{client};
    bench::send_email const job = bench::mail(42);
    co_await enqueuer.enqueue(job);
}

void decode(long calls, measured& into)
{
    std::string const text = work::to_json(bench::mail(42));
    work::args_parser parser;
    std::size_t sum = 0;
    stopwatch const watch;
    for (long i = 0; i < calls; ++i)
        sum += work::decode_job<bench::send_email>(parser.parse(text)).address.size();
    watch.stop(into, calls);
    if (sum != static_cast<std::size_t>(calls) * bench::mail(42).address.size())
        bench::fail("the arguments were not decoded");
}

// ---------------------------------------------------------------- a pool over a table of answers

/// Hands out `jobs` copies of one job, 256 a claim, and takes every word about them. Each of its
/// answers costs next to nothing, so that what is measured is the pool.
class table_broker final : public bench::recording_broker
{
public:
    table_broker(
        std::shared_ptr<work::broker> to,
        std::string list,
        std::string envelope,
        long jobs
    )
        : recording_broker(std::move(to)),
          list_(std::move(list)),
          envelope_(std::move(envelope)),
          left_(jobs)
    {
        for (int i = 0; i < 256; ++i)
            ids_.push_back("0123456789abcdefghij" + std::to_string(1000 + i));
    }

    long done = 0;

    work::task<work::exchange_answer> exchange(work::exchange_request r) override
    {
        for (auto const& f : r.finished)
            done += static_cast<long>(f.ids.size());
        done += static_cast<long>(r.outcomes.size());
        work::exchange_answer answer;
        answer.now_ms = now_ms();
        answer.finished.assign(r.finished.size(), work::outcome_code::ok);
        answer.outcomes.assign(r.outcomes.size(), work::outcome_code::ok);
        long const count = std::min<long>({r.want, left_, 256});
        if (count > 0) {
            answer.claim = ++claim_;
            answer.bytes = keep_;
            answer.jobs.reserve(static_cast<std::size_t>(count));
            for (long i = 0; i < count; ++i)
                answer.jobs.push_back({ids_[static_cast<std::size_t>(i)], envelope_});
            left_ -= count;
        }
        if (left_ > 0)
            answer.left.push_back({"*" + list_, left_});
        co_await boost::asio::post(
            co_await boost::asio::this_coro::executor,
            boost::asio::use_awaitable
        );
        co_return answer;
    }
    work::task<work::outstanding_jobs> outstanding(std::vector<std::string>) override
    {
        work::outstanding_jobs o;
        o.pending = left_;
        co_return o;
    }

private:
    std::string list_;
    std::string envelope_;
    long left_;
    std::deque<std::string> ids_;
    work::claim_number claim_ = 1'000'000;
    std::shared_ptr<void const> keep_ = std::make_shared<int>(0);
};

/// Takes the job's envelope as a real broker got it, and the list it went to.
class listening_broker final : public bench::recording_broker
{
public:
    using recording_broker::recording_broker;
    std::string list, envelope;
    work::task<work::enqueue_answer> enqueue(work::enqueue_request r) override
    {
        list = r.jobs.front().list;
        envelope = r.jobs.front().envelope;
        return recording_broker::enqueue(std::move(r));
    }
};

long count_mails(
    work::client& client,
    boost::asio::io_context& io,
    int layers,
    measured& into,
    long jobs
)
{
    work::worker_pool pool{client, {.concurrency = 1000}};
    for (int i = 0; i < layers; ++i)
        pool.use([](work::context&, work::next rest) -> work::task<void> { co_await rest(); });
    long ran = 0;
    pool.handle<bench::send_email>([&ran](bench::send_email) -> work::task<void> {
        ++ran;
        co_return;
    });
    stopwatch const watch;
    bench::run(io, pool.run_until_empty());
    watch.stop(into, jobs);
    return ran;
}

void through_pool(long jobs, int threads_hint, int layers, measured& into)
{
    boost::asio::io_context io{threads_hint};
    work::client plain{io, "memory:"};
    auto const executor = plain.executor();
    auto const listener = std::make_shared<listening_broker>(plain.broker());
    work::client first{executor, listener};
    bench::run(io, enqueue_one(first));
    auto const table =
        std::make_shared<table_broker>(plain.broker(), listener->list, listener->envelope, jobs);
    work::client client{executor, table};
    long const ran = count_mails(client, io, layers, into, jobs);
    if (ran != jobs || table->done != jobs)
        bench::fail(
            std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran, " +
            std::to_string(table->done) + " were acknowledged"
        );
}

void through_memory(long jobs, int threads_hint, measured& in, measured& out)
{
    boost::asio::io_context io{threads_hint};
    work::client client{
        io,
        "memory:",
        {.max_buffered_jobs = 10'000'000, .max_buffered_bytes = std::size_t(1) << 32}
    };
    std::vector<bench::send_email> const all = bench::mails(0, jobs);
    auto const fill = [&]() -> work::task<void> {
        work::enqueuer enqueuer{client};
        co_await enqueuer.enqueue_bulk(all);
    };
    stopwatch const watch;
    bench::run(io, fill());
    watch.stop(in, jobs);
    long const ran = count_mails(client, io, 0, out, jobs);
    if (ran != jobs)
        bench::fail(std::to_string(ran) + " of " + std::to_string(jobs) + " jobs ran");
}

constexpr int many_threads = BOOST_ASIO_CONCURRENCY_HINT_DEFAULT;

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = args.number("jobs", 200'000);
    long const calls = args.number("calls", 1'000'000);
    measured pool[3], arguments, in, out, pool_strand, in_strand, out_strand;
    int const layers[] = {0, 1, 3};
    for (long run = 0; run < args.number("runs", 5); ++run) {
        for (int i = 0; i < 3; ++i)
            through_pool(jobs, 1, layers[i], pool[i]);
        decode(calls, arguments);
        through_pool(jobs, many_threads, 0, pool_strand);
        through_memory(jobs, 1, in, out);
        through_memory(jobs, many_threads, in_strand, out_strand);
    }
    bench::report report(
        "overhead",
        args,
        {{"jobs", std::to_string(jobs)}, {"calls", std::to_string(calls)}}
    );
    for (int i = 0; i < 3; ++i)
        print(
            report,
            "pool, over a table of answers, " + std::to_string(layers[i]) + " middleware",
            pool[i]
        );
    print(report, "decode the arguments alone", arguments);
    print(report, "memory broker, enqueue in bulk", in);
    print(report, "memory broker, claim to complete", out);
    print(report, "on a strand: pool, over a table of answers", pool_strand);
    print(report, "on a strand: memory broker, enqueue in bulk", in_strand);
    print(report, "on a strand: memory broker, claim to complete", out_strand);
}
