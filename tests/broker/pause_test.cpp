// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Queues and job names that are paused.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::admin_code;
using work::job_state;
using work::pause_kind;

class pause : public transitions
{
protected:
    work::pause_result set(
        pause_kind kind,
        std::string name,
        bool paused = true,
        std::int64_t for_ms = 0
    )
    {
        work::pause_request request;
        request.kind = kind;
        request.name = std::move(name);
        request.pause = paused;
        request.for_ms = for_ms;
        request.reason = "the bank is away";
        request.by = "ada";
        return b().pause(request);
    }
    work::pause_result queue(std::string name, bool paused = true, std::int64_t for_ms = 0)
    {
        return set(pause_kind::queue, std::move(name), paused, for_ms);
    }
    bool wakes(std::string const& what) { return b().take_wakeup(what); }
};

TEST_P(pause, keeps_what_is_there_and_what_comes_until_it_is_over)
{
    enqueue_many(3);
    EXPECT_TRUE(wakes("*a"));
    auto const paused = queue("a");
    EXPECT_EQ(paused.code, admin_code::done);
    ASSERT_TRUE(paused.info);
    EXPECT_EQ(paused.info->reason, "the bank is away");
    EXPECT_EQ(paused.info->by, "ada");
    EXPECT_EQ(paused.info->since_ms, b().now_ms());
    EXPECT_EQ(key("ready"), "-");
    EXPECT_EQ(ids(claim("A", 10)), "");
    enqueue({job("more"), job("first", "a", " p=5")});
    EXPECT_EQ(ids(claim("A", 10)), "");
    EXPECT_EQ(ids(exchange("A", {.fetch_order = {{"*a", 256, false}}, .chores = true})), "");
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "");
    EXPECT_EQ(state("more"), job_state::pending);
    auto const counts = b().counts();
    EXPECT_EQ(counts.pending, 5);
    ASSERT_EQ(counts.lists.size(), 1u);
    EXPECT_TRUE(counts.lists[0].paused);
    EXPECT_EQ(counts.paused, std::vector<work::pause_info>{*paused.info});
    EXPECT_EQ(b().pauses(), counts.paused);
    EXPECT_EQ(queue("a").code, admin_code::already);
    while (wakes("*a")) {
    }
    EXPECT_EQ(queue("a", false).code, admin_code::done);
    EXPECT_TRUE(wakes("*a"));
    EXPECT_EQ(ids(claim("A", 10)), "first j0 j1 j2 more");
    EXPECT_EQ(queue("a", false).code, admin_code::already);
    EXPECT_EQ(key("settings"), "-");
    EXPECT_EQ(key("side:a"), "-");
}

TEST_P(pause, of_a_list_that_nobody_used_yet_holds_and_wakes_nobody)
{
    exchange("A");
    queue("a");
    queue("q");
    enqueue({job("x"), job("y", "q:a"), job("z", "other:a")});
    EXPECT_EQ(key("ready"), "set\n  *a\n  other:a");
    EXPECT_EQ(ids(claim("A", 10)), "z");
    while (wakes("*a")) {
    }
    // One that holds nothing yet, with each of the ways to enqueue.
    enqueue({job("u", "q:b")});
    EXPECT_FALSE(wakes("*b"));
    enqueue({job("v", "q:c", " p=1")});
    EXPECT_FALSE(wakes("*c"));
    EXPECT_EQ(ids(exchange("A", {.discover = true, .chores = true})), "");
    queue("q", false);
    EXPECT_TRUE(wakes("*b"));
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "y u v");
}

// What comes into one that holds jobs already is not looked up beside it: in every way it can come,
// and to whoever waits.
TEST_P(pause, wakes_nobody_for_what_joins_jobs_that_are_there)
{
    enqueue({job("x", "q:a"), job("y", "q:a"), job("dead", "q:a"), job("z", "open:a")});
    auto const held = exchange("A", {.fetch_order = {{"q:a", 3, false}}, .want = 3});
    ASSERT_EQ(ids(held), "x y dead");
    enqueue({job("stays", "q:a")});
    queue("q");
    auto const nobody_after = [&](std::string const& what, auto&& comes) {
        SCOPED_TRACE(what);
        while (wakes("*a")) {
        }
        comes();
        EXPECT_FALSE(wakes("*a"));
        EXPECT_FALSE(wakes("q:a"));
    };
    nobody_after("a lone job", [&] { enqueue({job("u", "q:a")}); });
    nobody_after("a batch", [&] { enqueue({job("v", "q:a"), job("w", "q:a")}); });
    nobody_after("a priority", [&] { enqueue({job("first", "q:a", " p=1")}); });
    nobody_after("jobs that are given back", [&] {
        exchange(
            "A",
            {.outcomes = {{held.claim, "x", work::outcome_kind::release, 0, {}}}, .want = 0}
        );
    });
    EXPECT_EQ(state("x"), job_state::pending);
    while (wakes("*a")) {
    }
    enqueue({job("t", "q:a"), job("s", "open:a")});
    EXPECT_TRUE(wakes("*a")) << "one of the two is open";
}

TEST_P(pause, of_a_name_holds_in_every_queue_and_of_both_until_both_are_over)
{
    enqueue({job("x"), job("y", "q:a"), job("z", "q:b")});
    set(pause_kind::name, "a");
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "z");
    enqueue({job("w", "new:a")});
    EXPECT_EQ(ids(exchange("A", {.discover = true, .chores = true})), "");
    queue("q");
    set(pause_kind::name, "a", false);
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "x w");
    queue("q", false);
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "y");
}

TEST_P(pause, ends_by_itself_when_any_pool_comes)
{
    enqueue_many(2);
    EXPECT_EQ(queue("a", true, 60'000).info->until_ms, b().now_ms() + 60'000);
    EXPECT_EQ(b().counts().scheduled, 0);
    b().pass(59'000);
    EXPECT_EQ(ids(claim("A", 10)), "");
    b().pass(1'000);
    while (wakes("*a")) {
    }
    // Of another name, as it happens.
    auto const other = exchange("A", {.fetch_order = {{"*b", 256, false}}});
    EXPECT_EQ(ids(other), "");
    EXPECT_TRUE(wakes("*a"));
    EXPECT_EQ(ids(claim("A", 10)), "j0 j1");
    EXPECT_TRUE(b().counts().paused.empty());
    EXPECT_EQ(key("scheduled"), "-");
}

TEST_P(pause, whose_end_passed_unseen_leaves_no_job_with_a_priority_behind)
{
    exchange("A");
    for (std::string const list : {"a", "q:a"}) {
        enqueue({job("first" + list, list, " p=5")});
        queue(list == "a" ? "a" : "q", true, 1'000);
        b().pass(1'000);
        enqueue({job("plain" + list, list)});
        std::string got;
        for (int i = 0; i != 3; ++i)
            got += " " + ids(exchange("A", {.discover = true}));
        EXPECT_NE(got.find("first" + list), got.npos) << got;
        EXPECT_NE(got.find("plain" + list), got.npos) << got;
    }
}

TEST_P(pause, that_is_set_anew_has_the_new_end)
{
    enqueue_many(1);
    queue("a", true, 10'000);
    queue("a", true, 60'000);
    b().pass(20'000);
    EXPECT_EQ(ids(claim("A", 10)), "");
    queue("a");
    b().pass(100'000);
    EXPECT_EQ(ids(claim("A", 10)), "");
    EXPECT_EQ(key("scheduled"), "-");
    queue("a", true, 5'000);
    b().pass(5'000);
    claim("A", 10);
    EXPECT_EQ(ids(claim("A", 10)) + ids(claim("A", 10)), "");
    EXPECT_EQ(b().counts().active, 1);
}

TEST_P(pause, keeps_what_falls_due_comes_back_or_is_requeued)
{
    enqueue({job("x"), job("y"), job("z")});
    auto const a = claim("A", 2);
    ASSERT_EQ(ids(a), "x y");
    queue("a");
    exchange(
        "A",
        {.outcomes = {{.claim = a.claim, .id = "x", .kind = work::outcome_kind::release}}}
    );
    EXPECT_EQ(
        b().requeue({"z"}),
        std::vector<work::admin_result>({{admin_code::already, job_state::pending}})
    );
    EXPECT_EQ(b().cancel({"z"})[0].code, admin_code::done);
    EXPECT_EQ(ids(claim("B", 10)), "");
    EXPECT_EQ(state("x"), job_state::pending);
    EXPECT_EQ(state("y"), job_state::active);
    queue("a", false);
    EXPECT_EQ(ids(claim("B", 10)), "x");
}

TEST_P(pause, holds_suspects_as_well)
{
    enqueue_many(2);
    make_suspect();
    EXPECT_EQ(state("j0"), job_state::suspect);
    queue("a");
    EXPECT_EQ(ids(exchange("B", {.suspects = true, .discover = true})), "");
    queue("a", false);
    EXPECT_NE(ids(exchange("B", {.suspects = true, .discover = true})), "");
}

TEST_P(pause, of_odd_names_and_many_lists)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 600; ++i)
        jobs.push_back(job("j" + std::to_string(i), "an%20odd%2Fqueue:n" + std::to_string(i)));
    enqueue(std::move(jobs));
    enqueue({job("other", "b")});
    queue("an odd/queue");
    EXPECT_EQ(key("ready"), "set\n  b");
    EXPECT_EQ(b().counts().pending, 601);
    EXPECT_EQ(b().counts().paused[0].name, "an odd/queue");
    queue("an odd/queue", false);
    EXPECT_NE(key("ready").find("*n599\n"), std::string::npos);
}

TEST_P(pause, began_when_it_was_first_set)
{
    auto const first = queue("a", true, 10'000);
    b().pass(4'000);
    auto const second = queue("a");
    EXPECT_EQ(second.code, admin_code::already);
    EXPECT_EQ(second.info->since_ms, first.info->since_ms);
    EXPECT_EQ(second.info->until_ms, 0);
    queue("a", true, 1'000);
    b().pass(2'000);
    // It was over, though nobody had come to clear it away.
    EXPECT_EQ(queue("a").info->since_ms, b().now_ms());
}

TEST_P(pause, of_suspects_hides_no_others)
{
    // One each of its own group, and more of those than an exchange tries.
    enqueue({job("other", "c")});
    make_suspect("*c");
    for (int i = 0; i != 40; ++i) {
        for (char const* const name : {"a", "b"}) {
            std::string const id = name + std::to_string(i);
            enqueue({job(id, std::string("q:") + name)});
            make_suspect(std::string("*") + name);
            EXPECT_EQ(state(id), job_state::suspect);
        }
    }
    queue("q");
    EXPECT_EQ(ids(exchange("B", {.suspects = true, .discover = true})), "other");
}

// Lists that were there before are brought in line by a walk, some in a call.
class many_lists : public pause
{};

TEST_P(many_lists, are_paused_in_calls_that_hold_nobody_up)
{
    auto& redis = dynamic_cast<redis_subject&>(b());
    constexpr int lists = 1'500;
    std::vector<work::new_job> jobs;
    for (int i = 0; i != lists; ++i)
        jobs.push_back(job("j" + std::to_string(i), "q:n" + std::to_string(i)));
    enqueue(std::move(jobs));
    auto const count = [&](char const* from, char const* to) {
        return redis.connection().call("ZCOUNT", redis.prefix() + "lists", from, to).integer();
    };
    redis.walks = false;
    queue("q");
    auto const some = count("9007199254740991", "+inf");
    EXPECT_GT(some, 0);
    EXPECT_LT(some, 600);
    // A list that is new heeds it from the first, whatever the walk met so far.
    enqueue({job("late", "q:new")});
    EXPECT_EQ(redis.connection().call("SISMEMBER", redis.prefix() + "ready", "q:new").integer(), 0);
    // Whoever paused has died: pools go on with it, a step an exchange.
    b().pass(2'000);
    int exchanges = 0;
    while (exchanges != 200 && exchange("A", {.want = 0}).more)
        ++exchanges;
    EXPECT_GT(exchanges, 3);
    EXPECT_EQ(count("9007199254740991", "+inf"), lists + 1);
    EXPECT_EQ(redis.connection().call("EXISTS", redis.prefix() + "ready").integer(), 0);
    EXPECT_EQ(redis.connection().call("ZCARD", redis.prefix() + "scheduled").integer(), 0);
    // And the same back, by whoever resumes.
    redis.walks = true;
    queue("q", false);
    EXPECT_EQ(count("9007199254740991", "+inf"), 0);
    EXPECT_EQ(redis.connection().call("SCARD", redis.prefix() + "ready").integer(), 2 * lists + 2);
}

INSTANTIATE_TEST_SUITE_P(on, many_lists, testing::Values("redis"), side_name);
INSTANTIATE_TEST_SUITE_P(on, pause, both_sides, side_name);

}  // namespace
