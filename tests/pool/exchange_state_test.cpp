// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// When a pool exchanges with its broker, and what it asks for: all by numbers.

#include <work/pool/exchange_state.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "claims.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::detail;
using pool_tests::claimed;

struct exchanges : testing::Test
{
    exchanges()
    {
        options.concurrency = 10;
        types.add("mail", {});
        types.build_chains();
        queues.serve_all(now);
        state.begin_run(now, 0, true);
        load.claims = true;
        load.ready_limit = 1'000;
    }
    exchange_step decide(bool timers = true) { return state.decide(load, now, timers); }
    exchange_round build()
    {
        exchange_round round;
        state.build(round, load, now, now);
        return round;
    }
    void answer(exchange_round const& round, work::exchange_answer const& what)
    {
        state.returned(round);
        ledger.answered(round);
        state.learn(round, what, load, now, broker_ms);
    }
    /// The first exchange: nothing is there.
    void settle()
    {
        ASSERT_EQ(decide(), exchange_step::exchange);
        exchange_round const round = build();
        answer(round, {});
        ASSERT_EQ(decide(), exchange_step::sleep);
    }

    static constexpr std::int64_t broker_ms = 1'000'000;
    work::pool_options options;
    job_types types;
    claim_ledger ledger;
    queue_set queues{options, types, 1};
    exchange_state state{options, "p", ledger, queues};
    pool_load load;
    exchange_state::time_point now = exchange_state::time_point(1h);
};

TEST_F(exchanges, the_first_asks_for_all_there_is_room_for)
{
    ASSERT_EQ(decide(), exchange_step::exchange);
    exchange_round const round = build();
    EXPECT_EQ(round.request.pool, "p");
    EXPECT_EQ(round.request.want, 10);
    EXPECT_TRUE(round.request.will_wait);
    EXPECT_TRUE(round.request.take_suspects);
    EXPECT_TRUE(round.request.chores);
    EXPECT_EQ(round.request.serves.size(), 1u);
    EXPECT_EQ(decide(), exchange_step::sleep) << "its room is taken by what was asked for";
    EXPECT_FALSE(state.can_wait(load));
    answer(round, {});
    EXPECT_EQ(decide(), exchange_step::sleep);
    EXPECT_TRUE(state.can_wait(load));
    EXPECT_FALSE(state.reasons().any());
}

TEST_F(exchanges, a_full_claim_is_followed_by_another)
{
    load.running = 4;
    ASSERT_EQ(decide(), exchange_step::exchange);
    exchange_round const round = build();
    EXPECT_EQ(round.request.want, 6);
    auto const six = claimed(1, 6);
    answer(round, six);
    EXPECT_TRUE(state.reasons().has(claim_reason::full_claim));
    load.running = 10;
    EXPECT_EQ(decide(), exchange_step::sleep) << "no room";
    load.running = 9;
    EXPECT_EQ(decide(), exchange_step::exchange);
    EXPECT_EQ(build().request.want, 1);
}

TEST_F(exchanges, what_a_claim_left_is_asked_for_and_shared_with_requests_under_way)
{
    exchange_round const round = build();
    work::exchange_answer some;
    some.left = {{"*mail", 3}};
    answer(round, some);
    EXPECT_EQ(decide(), exchange_step::exchange);
    EXPECT_EQ(build().request.want, 10);
    EXPECT_EQ(decide(), exchange_step::sleep);
}

TEST_F(exchanges, spread_where_a_full_claim_is_to_be_had)
{
    EXPECT_FALSE(state.spreads(load, 2)) << "it is not known whether there are jobs";
    options.concurrency = 5'000;
    exchange_round const round = build();
    work::exchange_answer many;
    many.left = {{"*mail", 100'000}};
    answer(round, many);
    EXPECT_TRUE(state.spreads(load, 2));
    EXPECT_FALSE(state.spreads(load, 3)) << "as many as keep a near broker busy";
    many.more = true;
    answer(build(), many);
    EXPECT_FALSE(state.spreads(load, 2)) << "the broker ends leases with each of them";
    many.more = false;
    answer(build(), many);
    EXPECT_TRUE(state.spreads(load, 2));
    load.running = 5'000 - options.batch + 1;
    EXPECT_FALSE(state.spreads(load, 2)) << "no room for a full one";
    load.running = 0;
    load.ending = true;
    EXPECT_FALSE(state.spreads(load, 2));
    load.ending = false;
    many.left = {{"*mail", options.batch - 1}};
    answer(build(), many);
    EXPECT_FALSE(state.spreads(load, 2));
}

TEST_F(exchanges, a_wakeup_without_room_is_passed_on)
{
    settle();
    load.running = 10;
    state.woken(load);
    ASSERT_EQ(decide(false), exchange_step::exchange) << "by either stream";
    exchange_round const round = build();
    EXPECT_EQ(round.request.want, 0);
    ASSERT_EQ(round.request.fetch_order.size(), 1u);
    EXPECT_EQ(round.request.fetch_order[0].take, 0);
    load.running = 9;
    EXPECT_EQ(decide(), exchange_step::exchange) << "it is remembered until there is room";
}

TEST_F(exchanges, a_pool_that_is_quiet_or_stops_claims_nothing_and_reports)
{
    settle();
    load.claims = false;
    state.want(claim_reason::wakeup);
    EXPECT_EQ(state.capacity(load), 0);
    EXPECT_EQ(decide(), exchange_step::sleep);
    claim& c = ledger.add(claimed(1, 1));
    ledger.report_finished(c, work::detail::finished_apart{"a"}, "list");
    ASSERT_EQ(decide(false), exchange_step::exchange);
    EXPECT_EQ(build().request.want, 0);
    load.ending = load.stopped = true;
    EXPECT_EQ(decide(), exchange_step::end);
}

TEST_F(exchanges, an_appointed_alarm_and_a_lapse_bring_the_pool_back_in_time)
{
    exchange_round const round = build();
    work::exchange_answer what;
    what.alarm_ms = broker_ms + 250;
    what.next_lapse_ms = broker_ms + 3;
    answer(round, what);
    EXPECT_EQ(state.next_timer(load), now + 10ms) << "a lapse, but never a hot loop";
    now += 10ms;
    EXPECT_EQ(decide(false), exchange_step::sleep) << "the other stream keeps the timers";
    EXPECT_EQ(decide(), exchange_step::look);
    EXPECT_EQ(state.begin_look(load, now), std::optional<bool>(false));
    EXPECT_EQ(state.next_timer(load), now - 10ms + 250ms + 500us) << "late rather than early";
    now += 241ms;
    ASSERT_EQ(decide(), exchange_step::exchange);
    EXPECT_EQ(build().request.want, 10);
}

TEST_F(exchanges, an_idle_pool_looks_every_four_seconds_or_sooner_with_a_short_lease)
{
    settle();
    EXPECT_EQ(state.next_timer(load), now + 4s);
    EXPECT_TRUE(state.look_sooner(now)) << "a claim was left with the broker";
    EXPECT_EQ(state.next_timer(load), now + 2s);
    EXPECT_FALSE(state.look_sooner(now + 1s));
    options.lease = 1s;
    EXPECT_TRUE(state.look_sooner(now));
    EXPECT_EQ(state.next_timer(load), now + 400ms);
}

TEST_F(exchanges, a_look_asks_for_what_is_due_every_third_time)
{
    settle();
    std::vector<bool> asks;
    for (int i = 0; i != 6; ++i) {
        now = state.tick_at();
        ASSERT_EQ(decide(), exchange_step::look);
        auto const due = state.begin_look(load, now);
        ASSERT_TRUE(due.has_value());
        asks.push_back(*due);
        EXPECT_FALSE(state.looked({}, load, broker_ms));
        EXPECT_EQ(decide(), exchange_step::sleep);
    }
    EXPECT_EQ(asks, (std::vector<bool>{false, false, true, false, false, true}));
}

TEST_F(exchanges, a_look_with_claims_or_chores_is_an_exchange)
{
    settle();
    ledger.add(claimed(1, 1));
    now = state.tick_at();
    EXPECT_FALSE(state.begin_look(load, now).has_value());
    EXPECT_EQ(decide(), exchange_step::exchange);
}

TEST_F(exchanges, jobs_that_no_wakeup_told_of_put_the_connection_in_doubt_the_second_time)
{
    settle();
    work::exchange_answer there;
    there.more = true;
    EXPECT_FALSE(state.looked(there, load, broker_ms));
    ASSERT_EQ(decide(), exchange_step::exchange);
    exchange_round const round = build();
    answer(round, {});
    EXPECT_TRUE(state.looked(there, load, broker_ms));
    EXPECT_TRUE(state.reasons().has(claim_reason::looked));
}

TEST_F(exchanges, a_look_that_fails_asks_as_soon_as_it_can)
{
    settle();
    state.look_failed();
    EXPECT_EQ(decide(), exchange_step::exchange);
    EXPECT_EQ(state.reasons().text(), "unreachable");
}

TEST_F(exchanges, what_the_broker_forgot_is_announced_again)
{
    exchange_round const round = build();
    work::exchange_answer what;
    what.forgotten = true;
    answer(round, what);
    ASSERT_EQ(decide(false), exchange_step::exchange);
    EXPECT_EQ(build().request.serves.size(), 1u);
}

TEST_F(exchanges, renewals_are_the_heartbeats_until_it_fails_to)
{
    settle();
    ledger.add(claimed(5, 1));
    ledger.add(claimed(6, 1));
    state.want(claim_reason::wakeup);
    exchange_round good, late;
    state.build(good, load, now, now - options.lease / 2);
    EXPECT_TRUE(good.request.renew.empty());
    state.build(late, load, now, now - options.lease / 2 - 1ms);
    EXPECT_EQ(late.request.renew.size(), 2u);
}

TEST_F(exchanges, counts_go_once_a_second_or_with_the_last_reports)
{
    settle();
    met_list* const list = queues.find("mail");
    load.running = 1;
    now += 1s;
    queues.count_processed(*list);
    ASSERT_EQ(decide(), exchange_step::exchange) << "a second passed since the last";
    EXPECT_EQ(build().request.counts.size(), 1u);
    queues.count_processed(*list);
    EXPECT_EQ(decide(), exchange_step::sleep);
    EXPECT_EQ(state.next_timer(load), now + 1s);
    load.running = 0;
    EXPECT_EQ(decide(), exchange_step::sleep);
    load.until_empty = true;
    ASSERT_EQ(decide(), exchange_step::exchange) << "nobody would wait for the second";
    EXPECT_EQ(build().request.counts.size(), 1u);
}

TEST_F(exchanges, suspects_are_taken_one_group_at_a_time)
{
    exchange_round const round = build();
    auto group = claimed(1, 2);
    group.suspects = true;
    group.isolate = true;
    group.quarantine_ms = 500;
    answer(round, group);
    claim& c = ledger.add(group);
    state.accepted(c);
    EXPECT_EQ(state.capacity(load), 0) << "nothing runs beside an isolated job";
    EXPECT_EQ(decide(), exchange_step::sleep);
    c.unstarted = 0;
    EXPECT_FALSE(state.check_quarantine(now));
    EXPECT_EQ(state.next_timer(load), now + 500ms);
    now += 500ms;
    ASSERT_EQ(decide(), exchange_step::exchange);
    exchange_round const next = build();
    EXPECT_TRUE(next.request.take_suspects);
    EXPECT_TRUE(next.request.runs_suspects) << "the first ones still run";
    answer(next, {});
    EXPECT_EQ(decide(), exchange_step::sleep);
    ledger.settled(c);
    ledger.settled(c);
    ASSERT_EQ(decide(), exchange_step::exchange) << "the claim can be closed";
    exchange_round const last = build();
    EXPECT_EQ(last.request.close.size(), 1u);
    EXPECT_EQ(last.request.want, 10) << "and what waited for that is claimed with it";
    EXPECT_FALSE(last.request.runs_suspects);
}

TEST_F(exchanges, nothing_is_fetched_ahead_of_workers_where_a_crash_would_bury_it)
{
    for (bool const ahead : {true, false}) {
        state.begin_run(now, 0, ahead);
        std::int64_t finished = 0;
        for (int i = 0; i != 100; ++i) {
            state.speed().look(now += 10ms, finished += 100);
            state.speed().round_trip(2ms);
        }
        EXPECT_EQ(state.capacity(load) > options.concurrency, ahead);
    }
}

}  // namespace
