// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Each event is told to its hooks, once it is stored, on both brokers where they have a part in it.

#include <work/broker/broker.hpp>
#include <work/work.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "pool/bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using work::event;
using work::event_info;

/// A pool that notes its events.
struct hooked : bench
{
    explicit hooked(work::pool_options how = {}, std::string const& url = "memory:")
        : bench(how, many_threads, url)
    {}
    void note(event what)
    {
        pool->on(what, [this](event_info const& e) { told.push_back(e); });
    }
    std::vector<event> events() const
    {
        std::vector<event> all;
        for (event_info const& one : told)
            all.push_back(one.event);
        return all;
    }
    bool until_told(std::size_t count)
    {
        return until([&] { return told.size() >= count; });
    }

    std::vector<event_info> told;
};

work::task<void> failing(work::context&, std::string)
{
    throw std::runtime_error("no luck");
    co_return;
}

struct hooks_on : testing::TestWithParam<bool>
{
    std::string url()
    {
        if (!GetParam())
            return "memory:";
        server.emplace();
        return server->url();
    }
    std::optional<work::testing::redis_server> server;
};

TEST_P(hooks_on, dead_job_is_told_after_it_is_stored_and_with_all_that_is_known)
{
    hooked b({.name = "mailer"}, url());
    b.pool->handle("mail", failing, at_once(2));
    b.note(event::retry);
    std::vector<work::job_state> seen;
    std::vector<event_info> dead;
    b.pool->on(event::dead, [&](event_info const& e) -> work::task<void> {
        std::string id = e.job;
        work::job_record const record = co_await b.client->broker()->job(std::move(id));
        seen.push_back(record.state);
        dead.push_back(e);
    });
    work::enqueue_options o;
    o.queue = "slow";
    std::string const id = b.enqueue_with(o, "mail", "ada@example.com");
    b.start();
    ASSERT_TRUE(b.until([&] { return !dead.empty(); }));
    b.stop();
    EXPECT_THAT(seen, ElementsAre(work::job_state::dead));
    EXPECT_THAT(b.events(), ElementsAre(event::retry));

    event_info const& first = b.told.at(0);
    EXPECT_EQ(first.attempt, 1);
    EXPECT_GE(first.next_at_ms, first.at_ms);
    EXPECT_LE(first.next_at_ms, first.at_ms + 10);
    event_info const& last = dead.at(0);
    EXPECT_EQ(last.event, event::dead);
    EXPECT_EQ(last.pool, b.pool->id());
    EXPECT_EQ(last.pool_name, "mailer");
    EXPECT_EQ(last.job, id);
    EXPECT_EQ(last.name, "mail");
    EXPECT_EQ(last.queue, "slow");
    EXPECT_EQ(last.attempt, 2);
    EXPECT_EQ(last.max_attempts, 2);
    EXPECT_GT(last.fence, first.fence);
    EXPECT_EQ(last.next_at_ms, 0);
    EXPECT_EQ(last.args, R"(["ada@example.com"])");
    ASSERT_TRUE(last.failure);
    EXPECT_EQ(last.failure->type, "std::runtime_error");
    EXPECT_EQ(last.failure->message, "no luck");
    EXPECT_EQ(last.failure->attempt, 2);
    EXPECT_EQ(last.at_ms, last.failure->at_ms);
    auto const record = work::decode_failure(b.job(id).failures.back());
    ASSERT_TRUE(record);
    EXPECT_EQ(record->at_ms, last.at_ms);
}

TEST_P(hooks_on, cancelled_and_killed_jobs_are_told_by_whom_and_why)
{
    hooked b({.grace = 100ms}, url());
    b.note(event::cancelled);
    b.note(event::dead);
    std::atomic<int> began = 0;
    b.pool->handle("slow", [&](work::context&) -> work::task<void> {
        ++began;
        co_await wait_for(1h);
    });
    std::string const one = b.enqueue("slow");
    std::string const two = b.enqueue("slow");
    b.start();
    ASSERT_TRUE(b.until([&] { return began == 2; }));
    b.get(b.inspector->cancel({one}, {.reason = "customer left", .by = "ada"}));
    ASSERT_TRUE(b.until_told(1));
    b.get(b.inspector->kill({two}, {.reason = "hopeless", .by = "ada"}));
    ASSERT_TRUE(b.until_told(2));
    b.stop();
    ASSERT_THAT(b.events(), ElementsAre(event::cancelled, event::dead));
    EXPECT_EQ(b.told[0].job, one);
    EXPECT_EQ(b.told[0].name, "slow");
    EXPECT_EQ(b.told[0].reason, "customer left, by ada");
    EXPECT_EQ(b.told[1].job, two);
    ASSERT_TRUE(b.told[1].failure);
    EXPECT_EQ(b.told[1].failure->type, "killed");
    EXPECT_EQ(b.told[1].args, "[]");
}

// The pool that reaps it stores that it is dead, and has never run it.
TEST_P(hooks_on, job_that_died_with_its_process_is_told_by_the_pool_that_found_out)
{
    hooked b({}, url());
    b.note(event::dead);
    work::job_options careful;
    careful.on_crash = work::on_crash::dead;
    b.pool->handle("pay", failing, careful);
    std::string const id = b.enqueue("pay", "100");
    work::wanted_list const wanted{"pay", 1, true};
    work::exchange_request claim;
    claim.pool = "ghost";
    claim.lease_ms = 60'000;
    claim.want = 1;
    claim.serves.push_back(work::served_list{"pay"});
    claim.fetch_order.push_back(wanted);
    auto const got = b.get(b.client->broker()->exchange(claim));
    ASSERT_EQ(got.jobs.size(), 1u);
    work::exchange_request starts;
    starts.pool = "ghost";
    starts.number = 1;
    starts.lease_ms = 50;
    starts.started.push_back(work::started_job{got.claim, id});
    starts.renew.push_back(got.claim);
    b.get(b.client->broker()->exchange(starts));
    b.start();
    ASSERT_TRUE(b.until_told(1));
    b.stop();
    ASSERT_THAT(b.events(), ElementsAre(event::dead));
    event_info const& e = b.told[0];
    EXPECT_EQ(e.job, id);
    EXPECT_EQ(e.name, "pay");
    EXPECT_EQ(e.queue, "pay");
    EXPECT_EQ(e.args, R"(["100"])");
    ASSERT_TRUE(e.failure);
    EXPECT_EQ(e.failure->type, "crash");
    EXPECT_EQ(b.logged("dead, as its process died: " + id), 1);
}

INSTANTIATE_TEST_SUITE_P(, hooks_on, testing::Bool(), [](auto const& which) {
    return which.param ? "redis" : "memory";
});

TEST(hooks, are_told_when_a_pool_starts_is_quieted_and_stops)
{
    hooked b;
    b.pool->handle("a", nothing);
    for (event const one : {event::started, event::quieted, event::stopped})
        b.note(one);
    b.start();
    ASSERT_TRUE(b.until_told(1));
    EXPECT_GT(b.told[0].at_ms, 0);
    b.pool->quiet();
    ASSERT_TRUE(b.until_told(2));
    b.stop();
    EXPECT_THAT(b.events(), ElementsAre(event::started, event::quieted, event::stopped));
    EXPECT_EQ(b.told[2].pool, b.pool->id());
}

TEST(hooks, of_other_events_are_left_alone)
{
    hooked b;
    b.pool->handle("a", failing, at_once(2));
    b.pool->handle("b", nothing);
    b.note(event::broker_away);
    b.note(event::cancelled);
    b.enqueue("a", "x");
    b.enqueue("b");
    b.drain();
    EXPECT_THAT(b.events(), IsEmpty());
    EXPECT_EQ(b.pool->processed(), 1);
}

TEST(hooks, are_told_of_jobs_whose_records_are_dropped_instead_of_kept_dead)
{
    hooked b;
    work::job_options o = at_once(1);
    o.skip_dead = true;
    b.pool->handle("a", failing, o);
    b.note(event::dead);
    std::string const id = b.enqueue("a", "x");
    b.drain();
    ASSERT_THAT(b.events(), ElementsAre(event::dead));
    EXPECT_EQ(b.told[0].args, R"(["x"])");
    EXPECT_THAT(b.told[0].reason, HasSubstr("skip_dead"));
    EXPECT_EQ(b.job(id).state, work::job_state::unknown);
}

TEST(hooks, of_one_event_all_run_whatever_the_others_throw_and_how_often_they_are_given)
{
    hooked b;
    b.pool->handle("a", failing, at_once(1));
    int first = 0, plain = 0, later = 0;
    b.pool->on(event::dead, [&](event_info const&) {
        ++plain;
        throw std::logic_error("at once");
    });
    auto const twice = [&](event_info const&) -> work::task<void> {
        ++first;
        co_await wait_for(1ms);
        throw std::logic_error("after a wait");
    };
    b.pool->on(event::dead, twice);
    b.pool->on(event::dead, twice);
    b.pool->on(event::dead, [&](event_info const&) -> work::task<void> {
        ++later;
        co_return;
    });
    std::string const id = b.enqueue("a", "x");
    std::string const other = b.enqueue("a", "y");
    b.drain();
    EXPECT_EQ(plain, 2);
    EXPECT_EQ(first, 4);
    EXPECT_EQ(later, 2);
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
    EXPECT_EQ(b.job(other).state, work::job_state::dead);
    EXPECT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_EQ(b.logged("a hook for dead threw at job " + id + ": std::logic_error: at once"), 1);
    EXPECT_EQ(b.logged("after a wait"), 2) << "once a minute for each hook";
}

TEST(hooks, may_use_the_pool_and_its_client)
{
    hooked b;
    std::vector<std::string> ran;
    b.pool->handle("a", failing, at_once(1));
    b.pool->handle("told", [&](work::context&, std::string of) -> work::task<void> {
        ran.push_back(std::move(of));
        b.pool->stop();
        co_return;
    });
    b.pool->on(event::dead, [&](event_info const& e) -> work::task<void> {
        std::string const id = e.job;
        co_await b.enqueuer->enqueue("told", id);
    });
    b.start();
    std::string const id = b.enqueue("a", "x");
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_THAT(ran, ElementsAre(id));
}

TEST(hooks, that_hang_hold_up_neither_jobs_nor_the_end_for_long)
{
    hooked b({.grace = 50ms});
    b.pool->handle("a", failing, at_once(1));
    int begun = 0, ended = 0, others = 0;
    b.pool->on(event::dead, [&](event_info const&) -> work::task<void> {
        ++begun;
        co_await wait_for(1h);
        ++ended;
    });
    b.pool->on(event::dead, [&](event_info const&) { ++others; });
    b.start();
    for (int i = 0; i != 5; ++i)
        b.enqueue("a", "x");
    EXPECT_TRUE(b.until([&] { return b.counts().dead == 5; })) << "jobs go on meanwhile";
    EXPECT_TRUE(b.until([&] { return begun == 1; }));
    b.pool->stop();
    EXPECT_TRUE(b.until([&] { return b.ended; }, 10s));
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(others, 0) << "it is dropped with the others";
    EXPECT_EQ(b.logged("the pool ends before its hooks: 5 event(s) are dropped"), 1);
    EXPECT_TRUE(work::testing::run_dry(b.io, 2s)) << "nothing of it is left";
}

TEST(hooks, are_waited_for_at_the_end_of_a_run)
{
    hooked b({.grace = 10s});
    b.pool->handle("a", failing, at_once(1));
    int ended = 0;
    b.pool->on(event::dead, [&](event_info const&) -> work::task<void> {
        co_await wait_for(20ms);
        ++ended;
    });
    for (int i = 0; i != 5; ++i)
        b.enqueue("a", "x");
    b.drain();
    EXPECT_EQ(ended, 5);
    // The next run begins with them again.
    b.enqueue("a", "x");
    b.drain();
    EXPECT_EQ(ended, 6);
}

TEST(hooks, are_registered_before_the_pool_runs_and_are_not_empty)
{
    hooked b;
    b.pool->handle("a", nothing);
    EXPECT_THROW(b.pool->on(event::dead, std::function<void(event_info const&)>()), work::error);
    void (*none)(event_info const&) = nullptr;
    EXPECT_THROW(b.pool->on(event::dead, none), work::error);
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->running() == 0; }, 100ms));
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 1; }));
    EXPECT_THROW(b.note(event::dead), work::error);
    b.stop();
    b.note(event::dead);
}

TEST(hooks, are_told_that_a_handler_kept_the_thread_and_of_the_job_that_was_given_up_meanwhile)
{
    hooked b({.grace = 0ms});
    b.note(event::stalled);
    b.note(event::dead);
    work::job_options o = at_once(1);
    o.timeout = 20ms;
    std::atomic<int> lines = 0;
    b.on_log = [&] {
        std::string const& line = b.lines.back();
        lines += line.find("has kept the pool's thread") != line.npos ||
                 line.find("is past its timeout") != line.npos;
    };
    b.pool->handle(
        "a",
        [&](work::context&) -> work::task<void> {
            // That the thread is blocked, and that the job is given up.
            auto const patience = std::chrono::steady_clock::now() + 20s;
            while (lines < 2 && std::chrono::steady_clock::now() < patience)
                std::this_thread::yield();
            co_return;
        },
        o
    );
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until_told(2));
    EXPECT_EQ(b.logged("has kept the pool's thread"), 1);
    EXPECT_EQ(b.logged("is past its timeout and blocks its thread"), 1);
    b.stop();
    ASSERT_THAT(b.events(), testing::UnorderedElementsAre(event::stalled, event::dead));
    bool const stalled_first = b.told[0].event == event::stalled;
    event_info const& stalled = b.told[stalled_first ? 0 : 1];
    EXPECT_GE(stalled.duration_ms, 2000);
    EXPECT_EQ(stalled.job, id);
    EXPECT_EQ(stalled.name, "a");
    EXPECT_THAT(stalled.reason, HasSubstr("in job " + id + " (a)"));
    event_info const& dead = b.told[stalled_first ? 1 : 0];
    EXPECT_EQ(dead.job, id);
    EXPECT_EQ(dead.max_attempts, 1);
    ASSERT_TRUE(dead.failure);
    EXPECT_EQ(dead.failure->type, "timed_out");
}

TEST(hooks, are_told_that_the_broker_is_away_and_back)
{
    work::testing::redis_server server;
    hooked b({}, server.url());
    b.pool->handle("a", nothing);
    b.note(event::broker_away);
    b.note(event::broker_back);
    b.start();
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 1; }));
    EXPECT_THAT(b.events(), IsEmpty());
    server.kill();
    ASSERT_TRUE(b.until_told(1));
    EXPECT_EQ(b.told[0].event, event::broker_away);
    EXPECT_THAT(b.told[0].reason, HasSubstr("onnection"));
    server.restart();
    ASSERT_TRUE(b.until_told(2));
    b.stop();
    EXPECT_THAT(b.events(), ElementsAre(event::broker_away, event::broker_back));
    EXPECT_EQ(b.told[1].reason, "");
}

TEST(event_info, is_one_line_of_json_whatever_is_in_it)
{
    event_info e;
    e.event = event::broker_away;
    e.job = "j";
    e.reason = "two\nlines and \xff";
    e.failure = work::failure{1, "t", std::string(10'000, 'm'), 7};
    std::string const line = work::encode_event(e);
    EXPECT_EQ(line.find('\n'), line.npos);
    EXPECT_THAT(line, HasSubstr(R"("event":"broker_away")"));
    EXPECT_THAT(line, HasSubstr(R"("failure":{"attempt":1,"type":"t","message":"mmm)"));
    EXPECT_LT(line.size(), 5'000u);
    EXPECT_EQ(to_string(event::lease_lost), "lease_lost");
}

}  // namespace
}  // namespace pool_tests
