// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The small parts of a pool, each alone: no broker, no clock, no thread.

#include <work/pool/claim_reasons.hpp>
#include <work/pool/claimed_jobs.hpp>
#include <work/pool/lifecycle.hpp>
#include <work/pool/quarantine.hpp>
#include <work/pool/starts.hpp>
#include <work/values/pace.hpp>

#include <gtest/gtest.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "claims.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::detail;
using pool_tests::claimed;

TEST(lifecycle, ends_once_it_stops_and_begins_again_after_its_end)
{
    using enum phase;
    std::set<std::pair<phase, phase>> const allowed{
        {stopped, running},
        {running, quiet},
        {running, stopping},
        {running, stopped},
        {quiet, running},
        {quiet, stopping},
        {quiet, stopped},
        {stopping, stopped},
    };
    for (phase const from : {stopped, running, quiet, stopping}) {
        for (phase const to : {stopped, running, quiet, stopping})
            EXPECT_EQ(lifecycle::may_follow(from, to), allowed.contains({from, to}))
                << lifecycle::text(from) << " to " << lifecycle::text(to);
    }
    lifecycle life;
    EXPECT_FALSE(life.to(stopping));
    EXPECT_TRUE(life.stopped());
    EXPECT_TRUE(life.to(running));
    EXPECT_TRUE(life.claims());
    EXPECT_TRUE(life.to(quiet));
    EXPECT_FALSE(life.claims());
    EXPECT_FALSE(life.ending());
    EXPECT_TRUE(life.to(running)) << "what is quiet may go on";
    EXPECT_TRUE(life.claims());
    EXPECT_TRUE(life.to(stopping));
    EXPECT_FALSE(life.to(running)) << "what stops does not";
    EXPECT_FALSE(life.to(quiet));
    EXPECT_TRUE(life.ending());
    EXPECT_FALSE(life.stopped());
}

TEST(pace, fetches_ahead_what_ends_during_a_round_trip)
{
    pace p;
    pace::time_point now{};
    p.begin(now, 100);
    EXPECT_EQ(p.ahead(256), 0);
    std::int64_t finished = 100;
    for (int i = 0; i != 200; ++i) {
        now += 10ms;
        finished += 500;  // 50 000 a second
        p.look(now, finished);
        p.round_trip(2ms);
    }
    EXPECT_NEAR(p.ahead(256), 100, 1);
    EXPECT_EQ(p.ahead(64), 64);
    EXPECT_NEAR(static_cast<double>(p.round_trip_us()), 2000, 1);
    for (int i = 0; i != 200; ++i)
        p.look(now += 10ms, finished);
    EXPECT_EQ(p.ahead(256), 0) << "nothing ends any more";
    p.look(now + 1ms, finished + 1'000'000);
    EXPECT_EQ(p.ahead(256), 0) << "too short a time to judge by";
}

TEST(pace, sends_as_many_requests_as_end_on_a_journey_and_three_more)
{
    pace p;
    pace::time_point now{};
    p.begin(now, 0);
    EXPECT_EQ(p.in_flight(256, 15), 3) << "nothing is known";
    std::int64_t finished = 0;
    auto const run = [&](std::int64_t a_second, std::chrono::microseconds took) {
        for (int i = 0; i != 200; ++i) {
            now += 10ms;
            finished += a_second / 100;
            p.look(now, finished);
            p.round_trip(took);
        }
    };
    run(256'000, 200us);
    EXPECT_EQ(p.in_flight(256, 15), 3);
    run(256'000, 2ms);
    EXPECT_EQ(p.in_flight(256, 15), 5);
    run(256'000, 100ms);
    EXPECT_EQ(p.in_flight(256, 15), 15);
    EXPECT_NEAR(p.ahead(100'000), 12'800, 1) << "no more than 50 ms of work";
    run(256, 2ms);
    EXPECT_EQ(p.in_flight(256, 15), 3);
    // A queue before the broker is no journey.
    for (int i = 0; i != 200; ++i) {
        now += 10ms;
        finished += 2'560;
        p.look(now, finished);
        p.round_trip(i % 16 == 0 ? 1ms : 50ms);
    }
    EXPECT_EQ(p.in_flight(256, 15), 4);
}

TEST(claim_reasons, are_named)
{
    claim_reasons why;
    EXPECT_FALSE(why.any());
    why.add(claim_reason::wakeup);
    why.add(claim_reason::quarantine_ended);
    EXPECT_TRUE(why.has(claim_reason::wakeup));
    EXPECT_FALSE(why.has(claim_reason::started));
    EXPECT_EQ(why.text(), "wakeup, quarantine ended");
    why.clear();
    EXPECT_EQ(why.text(), "");
}

TEST(claimed_jobs, of_which_few_start_in_time_are_limited)
{
    claim_ledger ledger;
    claimed_jobs jobs;
    claimed_jobs::time_point now{};
    auto const claim_of = [&](int n) {
        claim& c = ledger.add(claimed(ledger.added() + 1, n));
        for (int i = 0; i != n; ++i)
            jobs.push_back(held_job{&c, "id", {}, nullptr});
        c.received = now;
        c.ready_then = static_cast<std::int64_t>(jobs.size());
    };
    claim_of(100);
    while (!jobs.empty())
        static_cast<void>(jobs.take([&] { return now + 500ms; }));
    now += 500ms;
    EXPECT_EQ(jobs.limit(), 10) << "as many as start in 50 ms";
    claim_of(10);
    while (!jobs.empty())
        static_cast<void>(jobs.take([&] { return now + 200ms; }));
    now += 200ms;
    EXPECT_EQ(jobs.limit(), 8) << "never fewer";
    claim_of(8);
    while (!jobs.empty())
        static_cast<void>(jobs.take([&] { return now + 8ms; }));
    EXPECT_EQ(jobs.limit(), 16) << "they are fast again";
}

TEST(claimed_jobs, are_taken_from_both_ends_and_out_of_the_middle)
{
    claim_ledger ledger;
    claim& c = ledger.add(claimed(1, 5));
    claimed_jobs jobs;
    auto const never = [] { return claimed_jobs::time_point(); };
    for (std::string_view const id : {"c", "d", "e"})
        jobs.push_back(held_job{&c, id, {}, nullptr});
    jobs.push_front({held_job{&c, "a", {}, nullptr}, held_job{&c, "b", {}, nullptr}});
    auto const middle = jobs.take_if([](held_job const& job) { return job.id == "c"; });
    ASSERT_EQ(middle.size(), 1u);
    EXPECT_EQ(c.unstarted, 4);
    EXPECT_EQ(jobs.take(never).id, "a");
    EXPECT_EQ(jobs.take_back().id, "e");
    EXPECT_EQ(jobs.take(never).id, "b");
    EXPECT_EQ(jobs.take(never).id, "d");
    EXPECT_TRUE(jobs.empty());
    EXPECT_EQ(c.unstarted, 0);
}

TEST(quarantine, lasts_from_the_start_of_the_last_suspect)
{
    claim_ledger ledger;
    auto answer = claimed(7, 2);
    answer.suspects = true;
    answer.isolate = true;
    answer.quarantine_ms = 1000;
    claim& c = ledger.add(answer);
    quarantine q;
    quarantine::time_point now{};
    EXPECT_FALSE(q.look(ledger, now));
    q.begin(c);
    EXPECT_TRUE(q.isolates());
    EXPECT_FALSE(q.look(ledger, now += 1h)) << "one of them did not start yet";
    c.unstarted = 0;
    EXPECT_FALSE(q.look(ledger, now));
    EXPECT_EQ(q.until(), now + 1s);
    EXPECT_FALSE(q.look(ledger, now + 999ms));
    EXPECT_TRUE(q.look(ledger, now + 1s));
    EXPECT_FALSE(q.isolates());
    EXPECT_TRUE(q.empty());

    q.begin(c);
    ledger.settled(c);
    EXPECT_FALSE(q.look(ledger, now));
    ledger.settled(c);
    EXPECT_TRUE(q.look(ledger, now)) << "all of them ended";

    q.begin(c);
    q.end();
    EXPECT_TRUE(q.empty());
}

struct no_checkins : checkin_port
{
    void checked_in(worker&, std::string, double) override {}
    void logged(worker&, std::string) override {}
    std::string why(worker&) override { return {}; }
    work::task<std::vector<work::job_gift>> given(worker&) override
    {
        co_return std::vector<work::job_gift>();
    }
};

TEST(starts, are_reported_one_at_a_time)
{
    claim_ledger ledger;
    claim& c = ledger.add(claimed(3, 2));
    pool_log log([](work::log_level, std::string_view) {}, "p");
    handler_tools tools(log, false);
    no_checkins port;
    worker first(tools, port), second(tools, port);
    job_type type;
    met_list list;
    list.type = &type;
    first.begin(held_job{&c, "a", {}, &list}, nullptr, 1);
    second.begin(held_job{&c, "b", {}, &list}, nullptr, 1);

    starts s;
    EXPECT_FALSE(s.waiting());
    s.report(first);
    s.report(second);
    exchange_round round;
    ledger.take(round);
    s.take(round, ledger);
    ASSERT_EQ(round.request.started.size(), 1u);
    EXPECT_EQ(round.request.started[0].id, "a");
    EXPECT_EQ(round.reported, std::vector<claim*>{&c}) << "it is not closed before the answer";
    EXPECT_FALSE(s.waiting()) << "one is on its way";
    work::exchange_answer answer;
    answer.started.push_back(work::outcome_code::ok);
    s.answered(round, answer);
    ASSERT_TRUE(s.startable());
    EXPECT_EQ(&s.next(), &first);
    EXPECT_EQ(first.start_code, static_cast<char>(work::outcome_code::ok));
    EXPECT_FALSE(s.waiting()) << "it did not run up to its first wait yet";
    s.ran();
    EXPECT_TRUE(s.waiting());
    s.give_back();
    EXPECT_FALSE(s.waiting());
    ASSERT_TRUE(s.startable());
    EXPECT_EQ(&s.next(), &second);
    EXPECT_EQ(second.start_code, worker::no_answer);
    first.end();
    second.end();
}

}  // namespace
