// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What can this machine do at all? A reliable list, one command a step, nothing above the socket.
//
//     bench_ceiling [--jobs 200000] [--deep 1000] [--runs 3] [--redis URL | --unix] [--json]
//
// Each job is fetched with RPOPLPUSH and done with LREM, `deep` jobs under way on one connection:
// as soon as a job's fetch is answered its LREM is sent, and its answer sends the next fetch. The
// client decodes nothing, so it has no more work than to keep Redis busy. LREM looks from the tail,
// where the oldest of the list is (count -1); from the head (count 1), as older systems say it, it
// walks over everything that is under way. A job is a distinct record of 130 bytes.

#include <cstdlib>

#include "support/bench.hpp"
#include "support/raw_client.hpp"

namespace {

struct measured
{
    std::vector<double> rate, redis, own;
};

struct stopwatch
{
    std::string url;
    double redis = bench::server_cpu(url);
    double own = bench::own_cpu();
    bench::clock::time_point start = bench::clock::now();

    void stop(measured& into, long jobs) const
    {
        double const seconds = bench::seconds_since(start);
        double const mine = bench::own_cpu() - own;
        into.rate.push_back(static_cast<double>(jobs) / seconds);
        into.own.push_back(mine * 1e6 / static_cast<double>(jobs));
        into.redis.push_back((bench::server_cpu(url) - redis) * 1e6 / static_cast<double>(jobs));
    }
};

std::string record(long i)
{
    std::string text = std::to_string(1'000'000'000 + i);
    text.resize(130, 'x');
    return text;
}

void push_singly(bench::raw_client& redis, std::string const& list, long jobs, long deep)
{
    long sent = 0;
    for (long answered = 0; answered < jobs; ++answered) {
        // Refilled in halves, so that Redis works on one while we write the other.
        if (sent - answered <= deep / 2)
            for (; sent < jobs && sent - answered < deep; ++sent)
                redis.command("LPUSH", list, record(sent));
        redis.next();
    }
}

void push_in_hundreds(bench::raw_client& redis, std::string const& list, long jobs)
{
    long sent = 0;
    for (long answered = 0; answered < jobs; answered += 100) {
        for (; sent < jobs && sent - answered < 1000; sent += 100) {
            redis.begin(102);
            redis.word("LPUSH");
            redis.word(list);
            for (long i = 0; i < 100; ++i)
                redis.word(record(sent + i));
        }
        redis.next();
    }
}

// Both answers of a connection come in the order of the questions, so a queue of flags tells them
// apart.
void drain(
    bench::raw_client& redis,
    std::string const& list,
    std::string const& taken,
    long jobs,
    long deep,
    std::string_view from
)
{
    std::vector<char> asked;  // 'f' a fetch, 'd' a job done
    asked.reserve(static_cast<std::size_t>(2 * jobs));
    long fetched = 0;
    long done = 0;
    auto const fetch = [&] {
        redis.command("RPOPLPUSH", list, taken);
        asked.push_back('f');
        ++fetched;
    };
    while (fetched < std::min(jobs, deep))
        fetch();
    for (std::size_t at = 0; done < jobs; ++at) {
        std::string_view const answer = redis.next();
        if (asked[at] == 'f') {
            if (answer.size() != 130)
                bench::fail("a job was missing");
            redis.command("LREM", taken, from, answer);
            asked.push_back('d');
        } else {
            if (answer != "1")
                bench::fail("a job was not where it should be");
            ++done;
            if (fetched < jobs)
                fetch();
        }
        // What is in hand is answered before we wait again; Redis gets it while it still has work.
        if (at % 256 == 255)
            redis.send();
    }
}

void print(bench::report& to, std::string const& what, measured const& m)
{
    to.row(what, m.rate, "jobs/s");
    to.row(what + ": Redis CPU a job", m.redis, "us");
    to.row(what + ": our CPU a job", m.own, "us");
}

}  // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    long const jobs = (args.number("jobs", 200'000) + 99) / 100 * 100;
    long const deep = std::max(2l, args.number("deep", 1000));
    bench::server server(args);
    bench::raw_client redis(work::redis::parse_url(server.url()));
    std::string const list = bench::own_namespace("ceiling");
    std::string const taken = list + "-taken";
    measured singly, hundreds, tail, head;
    for (long run = 0; run < args.number("runs", 3); ++run) {
        stopwatch watch{server.url()};
        push_singly(redis, list, jobs, deep);
        watch.stop(singly, jobs);
        watch = stopwatch{server.url()};
        drain(redis, list, taken, jobs, deep, "-1");
        watch.stop(tail, jobs);

        watch = stopwatch{server.url()};
        push_in_hundreds(redis, list, jobs);
        watch.stop(hundreds, jobs);
        watch = stopwatch{server.url()};
        drain(redis, list, taken, jobs, deep, "1");
        watch.stop(head, jobs);
    }
    redis.command("EXISTS", list, taken);
    if (redis.next() != "0")
        bench::fail("something was left in the lists");
    bench::report report(
        "ceiling",
        args,
        bench::with_server(
            server.url(),
            {{"jobs", std::to_string(jobs)}, {"deep", std::to_string(deep)}}
        )
    );
    print(report, "LPUSH, one job each, pipelined", singly);
    print(report, "LPUSH, 100 jobs each, pipelined", hundreds);
    print(report, "RPOPLPUSH + LREM -1, pipelined", tail);
    print(report, "RPOPLPUSH + LREM 1, pipelined", head);
}
