// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What happens with the end of an attempt, and with nothing else: jobs and writes of a `commit`.

#include <work/broker/memory/store.hpp>

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;
using work::event;
using work::event_info;

class commits : public either_broker
{
protected:
    commits()
    {
        if (!server) {
            // One that the test can look into.
            client.emplace(io, "memory:commits");
            enqueuer.emplace(*client);
            inspector.emplace(*client);
        }
        pool.emplace(*client, work::pool_options{.concurrency = 4});
        for (event const what : {event::retry, event::dead})
            pool->on(what, [this](event_info const& e) { told.push_back(e); });
    }

    std::string enqueue(work::new_job job) { return get(enqueuer->enqueue(std::move(job))).id(); }
    void drain() { get(pool->run_until_empty()); }
    work::job_info job(std::string const& id) { return get(inspector->job(id)); }
    /// What is in a hash of one's own: `field=value …`, by field.
    std::string hash(std::string const& key)
    {
        std::map<std::string, std::string> fields;
        if (server) {
            std::istringstream lines(server->ask("HGETALL " + key));
            std::vector<std::string> words;
            for (std::string line; std::getline(lines, line);) {
                line.erase(line.find_last_not_of('\r') + 1);
                if (!line.starts_with('*') && !line.starts_with('$'))
                    words.push_back(line);
            }
            for (std::size_t i = 0; i + 1 < words.size(); i += 2)
                fields[words[i]] = words[i + 1];
        } else {
            boost::json::object const written = work::shared_memory("commits/work")->written();
            if (auto const* const of = written.if_contains(key))
                for (auto const& [field, value] : of->as_object())
                    fields[std::string(field)] = std::string(value.as_string());
        }
        std::string all;
        for (auto const& [field, value] : fields)
            all.append(all.empty() ? "" : " ").append(field).append("=").append(value);
        return all;
    }

    std::vector<event_info> told;
    std::optional<work::worker_pool> pool;
};

TEST_P(commits, happen_with_a_result)
{
    int followed = 0;
    pool->handle("pay", [](work::context& in, int cents) -> work::task<int> {
        work::commit with_it{in};
        with_it.enqueue(work::make("receipt", cents)).redis("HINCRBY", "paid", "2026-11", cents);
        work::commit{in}.redis("HINCRBY", "paid", "count", 1);
        co_return cents * 2;
    });
    pool->handle("receipt", [&](work::context&, int cents) -> work::task<void> {
        followed += cents;
        co_return;
    });
    std::vector<std::string> ids;
    for (int i = 1; i <= 20; ++i)
        ids.push_back(enqueue(work::make("pay", i)));
    drain();
    EXPECT_EQ(followed, 210);
    EXPECT_EQ(hash("paid"), "2026-11=210 count=20");
    EXPECT_EQ(job(ids.back()).result, "40");
    EXPECT_EQ(pool->processed(), 40);
}

TEST_P(commits, go_with_outcomes_and_stages)
{
    pool->handle("a", [](work::context& in) -> work::task<work::outcome> {
        work::commit{in}.redis("HINCRBY", "seen", "commit", 1);
        if (in.queue() != "gpu")
            co_return work::next_stage("gpu").write("HINCRBY", "seen", "stage", 1);
        co_return work::done().write("HINCRBY", "seen", "done", 1);
    });
    pool->handle("b", [](work::context& in) -> work::task<work::outcome> {
        work::commit{in}.redis("HINCRBY", "seen", "discard", 1);
        co_return work::discard("not wanted");
    });
    enqueue(work::make("a"));
    enqueue(work::make("b"));
    drain();
    EXPECT_EQ(hash("seen"), "commit=2 discard=1 done=1 stage=1");
}

TEST_P(commits, do_nothing_where_the_attempt_does_not_complete)
{
    int runs = 0;
    pool->handle(
        "a",
        [&](work::context& in) -> work::task<work::outcome> {
            work::commit with_it{in};
            with_it.redis("HINCRBY", "seen", "run", ++runs).enqueue(work::make("after", runs));
            if (runs == 1)
                throw std::runtime_error("not yet");
            if (runs == 2)
                co_return work::snooze(1ms);
            co_return work::done();
        },
        {.backoff = work::backoff::fixed(1ms)}
    );
    std::vector<int> followed;
    pool->handle("after", [&](work::context&, int which) -> work::task<void> {
        followed.push_back(which);
        co_return;
    });
    enqueue(work::make("a"));
    work::broker_counts left;
    do {
        drain();
        left = get(inspector->counts());
    } while (left.retry + left.scheduled + left.pending > 0);
    EXPECT_EQ(hash("seen"), "run=3");
    EXPECT_EQ(followed, std::vector<int>{3});
}

// None of it happens, the attempt has failed, and everybody is told so.
TEST_P(commits, that_would_be_refused_fail_the_attempt)
{
    pool->handle("set", [](work::context& in) -> work::task<void> {
        work::commit{in}.redis("HSET", "busy", "a", "1");
        co_return;
    });
    pool->handle(
        "wrong",
        [](work::context& in) -> work::task<int> {
            work::commit with_it{in};
            with_it.redis("HSET", "other", "a", "1").redis("SADD", "busy", "x");
            with_it.enqueue(work::make("set"));
            co_return 7;
        },
        {.max_attempts = 2, .backoff = work::backoff::fixed(1ms)}
    );
    enqueue(work::make("set"));
    drain();
    std::string const id = enqueue(work::make("wrong"));
    work::job_info ended;
    do {
        drain();
        ended = job(id);
    } while (ended.state == work::job_state::retry || ended.state == work::job_state::pending);
    EXPECT_EQ(ended.state, work::job_state::dead);
    ASSERT_EQ(ended.failures.size(), 2u);
    for (work::failure const& one : ended.failures) {
        EXPECT_EQ(one.type, "write_refused");
        EXPECT_EQ(one.message, "write 2 (SADD): its key has a hash");
    }
    EXPECT_EQ(hash("other"), "");
    EXPECT_EQ(pool->processed(), 1);
    EXPECT_EQ(pool->failed(), 2);
    auto const counts = get(inspector->counts());
    EXPECT_EQ(counts.processed, 1);
    EXPECT_EQ(counts.failed, 2);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].event, event::retry);
    EXPECT_EQ(told[1].event, event::dead);
    for (event_info const& e : told) {
        ASSERT_TRUE(e.failure);
        EXPECT_EQ(e.failure->type, "write_refused");
        EXPECT_EQ(e.failure->message, "write 2 (SADD): its key has a hash");
    }
}

TEST_P(commits, that_are_too_much_fail_the_attempt)
{
    pool->handle(
        "a",
        [](work::context& in, std::string how) -> work::task<work::outcome> {
            work::commit with_it{in};
            for (int i = 0; i != 40; ++i)
                with_it.redis("HINCRBY", "seen", "f", 1);
            work::outcome end = how == "snooze" ? work::snooze(1ms) : work::done();
            if (how == "bytes")
                end.write("HSET", "seen", "g", std::string(65'000, 'x'));
            for (int i = 0; i != 30; ++i)
                end.write("HINCRBY", "seen", "f", 1);
            co_return end;
        },
        {.max_attempts = 1}
    );
    for (std::string const how : {"count", "bytes", "snooze"}) {
        std::string const id = enqueue(work::make("a", how));
        drain();
        work::job_info const dead = job(id);
        EXPECT_EQ(dead.state, work::job_state::dead) << how;
        ASSERT_EQ(dead.failures.size(), 1u) << how;
        EXPECT_THAT(
            dead.failures[0].message,
            testing::HasSubstr(how == "snooze" ? "a snooze is no end" : "at most 64 writes")
        ) << how;
    }
    EXPECT_EQ(hash("seen"), "");
}

INSTANTIATE_TEST_SUITE_P(on, commits, testing::Values("memory", "redis"), [](auto const& which) {
    return std::string(which.param);
});

}  // namespace
}  // namespace pool_tests
