// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Handlers that send their job on to a next stage, and jobs that follow upon one.

#include <boost/asio/co_spawn.hpp>

#include <set>
#include <stdexcept>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

class stages : public either_broker
{
protected:
    stages() { pool.emplace(*client, work::pool_options{.concurrency = 4}); }

    std::string enqueue(work::new_job job) { return get(enqueuer->enqueue(std::move(job))).id(); }
    /// Retries too, which are due at once.
    void drain()
    {
        work::broker_counts left;
        do {
            get(pool->run_until_empty());
            left = get(inspector->counts());
        } while (left.retry + left.pending > 0);
    }
    work::job_info job(std::string const& id) { return get(inspector->job(id)); }

    std::optional<work::worker_pool> pool;
};

TEST_P(stages, a_job_goes_on_as_another_type_under_its_id)
{
    std::vector<std::string> seen;
    auto const note = [&](work::context& in) {
        seen.push_back(
            std::string(in.id()) + " " + std::string(in.name()) + " " + std::string(in.queue()) +
            " " + std::string(in.arguments()) + " stage " + std::to_string(in.stages()) +
            " attempt " + std::to_string(in.attempt()) + "/" + std::to_string(in.max_attempts()) +
            " " + std::string(in.header("h"))
        );
    };
    pool->handle(
        "fetch",
        [&](work::context& in) -> work::task<work::outcome> {
            note(in);
            if (in.attempt() == 1)
                throw std::runtime_error("not yet");
            co_return work::next_stage(work::make("resize", 7).with({.max_attempts = 3}));
        },
        {.backoff = work::backoff::fixed(1ms)}
    );
    pool->handle("resize", [&](work::context& in, int) -> work::task<work::outcome> {
        note(in);
        if (in.queue() != "gpu")
            co_return work::next_stage("gpu");
        co_return work::done();
    });
    work::new_job first = work::make("fetch").with({.id = "x", .headers = {{"h", "v"}}});
    EXPECT_EQ(enqueue(first), "x");
    drain();
    EXPECT_EQ(
        seen,
        (std::vector<std::string>{
            "x fetch fetch [] stage 0 attempt 1/25 v",
            "x fetch fetch [] stage 0 attempt 2/25 v",
            "x resize resize [7] stage 1 attempt 1/3 v",
            "x resize gpu [7] stage 2 attempt 1/3 v"
        })
    );
    work::job_info const ended = job("x");
    EXPECT_EQ(ended.state, work::job_state::completed);
    EXPECT_EQ(ended.stages, 2);
    EXPECT_EQ(get(inspector->counts()).processed, 3);
}

TEST_P(stages, a_stage_may_come_later)
{
    pool->handle("a", [](work::context&) -> work::task<work::outcome> {
        co_return work::next_stage(work::make("b").with({.in = 1h}));
    });
    std::string const id = enqueue(work::make("a"));
    drain();
    work::job_info const waits = job(id);
    EXPECT_EQ(waits.state, work::job_state::scheduled);
    EXPECT_EQ(waits.name, "b");
    EXPECT_NEAR(static_cast<double>(waits.when_ms - waits.now_ms), 3.6e6, 60e3);
}

TEST_P(stages, jobs_follow_upon_what_completes_and_upon_nothing_else)
{
    int runs = 0;
    std::multiset<int> followed;
    pool->handle(
        "a",
        [&](work::context& in) -> work::task<work::outcome> {
            work::outcome end = work::done();
            end.then(work::make("after", in.attempt()))
                .then(work::make("after", 10 * in.attempt()));
            if (++runs == 1)
                throw std::runtime_error("with what would have followed");
            co_return end;
        },
        {.backoff = work::backoff::fixed(1ms)}
    );
    pool->handle("drop", [](work::context&) -> work::task<work::outcome> {
        co_return work::discard("not wanted").then(work::make("after", 3));
    });
    pool->handle("after", [&](work::context&, int which) -> work::task<void> {
        followed.insert(which);
        co_return;
    });
    enqueue(work::make("a"));
    enqueue(work::make("drop"));
    drain();
    EXPECT_EQ(followed, (std::multiset<int>{2, 3, 20}));
}

TEST_P(stages, a_job_with_a_chosen_id_follows_once)
{
    pool->handle("a", [](work::context&) -> work::task<work::outcome> {
        co_return work::done().then(work::make("after").with({.id = "only"}));
    });
    int ran = 0;
    pool->handle("after", [&](work::context& in) -> work::task<void> {
        EXPECT_EQ(in.id(), "only");
        ++ran;
        co_return;
    });
    for (int i = 0; i != 5; ++i)
        enqueue(work::make("a"));
    drain();
    EXPECT_EQ(ran, 1);
}

TEST_P(stages, what_cannot_be_enqueued_fails_the_attempt)
{
    pool->handle(
        "a",
        [](work::context&, std::string how) -> work::task<work::outcome> {
            work::new_job large = work::make("after", std::string(2 << 20, 'x'));
            if (how == "then")
                co_return work::done().then(large);
            if (how == "stage")
                co_return work::next_stage(large);
            if (how == "snooze")
                co_return work::snooze(1ms).then(work::make("after"));
            if (how == "id")
                co_return work::next_stage(work::make("after").with({.id = "x"}));
            work::outcome many = work::done();
            for (int i = 0; i != 257; ++i)
                many.then(work::make("after", i));
            co_return many;
        },
        {.max_attempts = 1}
    );
    for (std::string const how : {"then", "stage", "snooze", "id", "many"}) {
        std::string const id = enqueue(work::make("a", how));
        drain();
        work::job_info const dead = job(id);
        EXPECT_EQ(dead.state, work::job_state::dead) << how;
        ASSERT_EQ(dead.failures.size(), 1u) << how;
        bool const late = how == "then" || how == "stage";
        EXPECT_EQ(dead.failures[0].type, late ? "bad_follow_up" : "work::error") << how;
        EXPECT_FALSE(dead.failures[0].message.empty());
    }
    EXPECT_EQ(get(inspector->counts()).pending, 0);
}

INSTANTIATE_TEST_SUITE_P(on, stages, testing::Values("memory", "redis"), [](auto const& which) {
    return std::string(which.param);
});

}  // namespace
}  // namespace pool_tests
