// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Which pools and lists there are, and how they are forgotten.

#include <algorithm>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;

class registries : public transitions
{
protected:
    void chores(std::string const& pool = "beat") { exchange(pool, {.want = 0, .chores = true}); }
    static std::string count_text(work::broker_counts const& c)
    {
        return std::to_string(c.processed) + " " + std::to_string(c.failed) + " " +
               std::to_string(c.processed_today) + " " + std::to_string(c.failed_today);
    }
    void count(std::string_view list, std::int64_t processed, std::int64_t failed)
    {
        work::exchange_request r;
        r.pool = "counts";
        r.number = ++number_;
        r.lease_ms = lease_ms;
        r.counts = {{list, processed, failed}};
        r.serves = {{"*a", 0}};
        b().exchange(r);
    }
    void run_all(std::string const& pool = "A")
    {
        for (auto a = claim(pool); a.claim != 0; a = claim(pool)) {
            work::finished_jobs all;
            all.claim = a.claim;
            for (auto const& j : a.jobs)
                all.ids.push_back(j.id);
            exchange(pool, {.finished = {all}, .close = {a.claim}, .want = 0});
        }
    }
    std::int64_t number_ = 0;
};

TEST_P(registries, dead_pool_is_drawn_no_more_and_forgotten_an_hour_later)
{
    b().show("B");
    exchange("A", {.wait = true});
    exchange("B", {.wait = true});
    EXPECT_EQ(key("pools"), "set\n  A\n  B");
    chores("B");
    EXPECT_EQ(key("pools"), "set\n  B");
    EXPECT_NE(key("pool:A"), "-") << "its answers may be asked for again";
    b().pass(hour - 1);
    chores("B");
    EXPECT_NE(key("serves:A"), "-");
    b().pass(1);
    chores("B");
    for (char const* of_a : {"pool:A", "serves:A", "absent"})
        EXPECT_EQ(key(of_a), "-") << of_a;
}

TEST_P(registries, pool_that_was_dropped_hears_of_it_and_is_back_when_it_says_what_it_serves)
{
    b().show("B");
    exchange("A");
    exchange("B");
    chores("B");
    EXPECT_TRUE(exchange("A", {.want = 0, .chores = true}).forgotten);
    b().show("A");
    exchange_as("A", 100, {.want = 0});
    work::exchange_request again;
    again.pool = "A";
    again.number = 101;
    again.lease_ms = lease_ms;
    again.serves = {{"*a", 0}};
    b().exchange(again);
    EXPECT_FALSE(exchange_as("A", 102, {.want = 0, .chores = true}).forgotten);
    EXPECT_EQ(key("pools"), "set\n  A\n  B");
    EXPECT_EQ(key("absent"), "-");
}

TEST_P(registries, wakeup_reaches_the_living_beside_thousands_of_dead)
{
    for (int i = 0; i != 3'000; ++i) {
        work::exchange_request r;
        std::string const pool = "dead" + std::to_string(i);
        r.pool = pool;
        r.number = 1;
        r.lease_ms = lease_ms;
        r.serves = {{"*a", 0}};
        b().exchange(r);
    }
    b().show("L");
    exchange("L");
    work::new_job later = job("x");
    later.delay_ms = 1'000;
    enqueue({later});
    EXPECT_TRUE(b().take_wakeup("L"));
    EXPECT_EQ(key("pools"), "set\n  L");
}

TEST_P(registries, what_a_pool_says_after_it_left_is_forgotten)
{
    b().show("B");
    exchange("B");
    exchange("A");
    b().leave("A", {"*a"});
    exchange("A.heartbeat", {.want = 0, .chores = true});
    EXPECT_NE(key("pool:A.heartbeat"), "-");
    b().pass(hour);
    chores("B");
    EXPECT_EQ(key("pool:A.heartbeat"), "-");
    EXPECT_EQ(key("absent"), "-");
}

TEST_P(registries, list_is_forgotten_a_day_after_its_last_use_and_its_numbers_are_not)
{
    enqueue({job("x", "q:a"), job("y", "a")});
    run_all();
    count("q:a", 3, 1);
    count("a", 5, 0);
    EXPECT_EQ(count_text(b().counts()), "8 1 8 1");
    b().pass(day - hour);
    enqueue({job("z", "a")});  // used again
    run_all();
    b().pass(hour + 1);
    chores();
    auto const counts = b().counts();
    ASSERT_EQ(counts.lists.size(), 1u);
    EXPECT_EQ(counts.lists[0].list, "a");
    EXPECT_EQ(counts.processed, 8);
    EXPECT_EQ(counts.failed, 1);
    EXPECT_EQ(key("stats"), "hash\n  * failed => 1\n  * processed => 3\n  a processed => 5");
    b().pass(day);
    chores();
    EXPECT_EQ(key("lists"), "-");
    EXPECT_EQ(b().counts().processed, 8);
}

TEST_P(registries, list_that_holds_jobs_is_not_forgotten)
{
    enqueue({job("x", "q:a"), job("p", "r:a", " p=1")});
    for (int i = 0; i != 3; ++i) {
        b().pass(day + 1);
        chores();
        EXPECT_EQ(b().counts().lists.size(), 2u);
    }
    EXPECT_EQ(claim("A").jobs.size(), 2u);
}

TEST_P(registries, list_that_is_counted_late_is_known_again)
{
    enqueue({job("x", "q:a")});
    run_all();
    b().pass(2 * day);
    chores();
    count("q:a", 1, 0);
    EXPECT_EQ(b().counts().lists.size(), 1u);
    b().pass(2 * day);
    chores();
    EXPECT_EQ(key("stats"), "hash\n  * processed => 1");
}

TEST_P(registries, no_wakeup_stays_for_lists_that_are_gone)
{
    work::exchange_request r;
    r.pool = "R";
    r.number = 1;
    r.lease_ms = lease_ms;
    r.serves = {{"q:a", 0}};
    b().exchange(r);
    enqueue({job("x", "q:a"), job("y", "r:a")});
    run_all();
    b().pass(2 * day);
    chores();
    for (auto const& [name, text] : b().dump())
        EXPECT_FALSE(name.starts_with("wake:")) << name;
    EXPECT_EQ(key("lists"), "-");
}

TEST_P(registries, many_lists_are_forgotten_in_steps)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 600; ++i)
        jobs.push_back(job("j" + std::to_string(i), "u" + std::to_string(i) + ":a"));
    for (std::size_t at = 0; at < jobs.size(); at += 200)
        enqueue(
            {jobs.begin() + static_cast<std::ptrdiff_t>(at),
             jobs.begin() + static_cast<std::ptrdiff_t>(at) + 200}
        );
    run_all();
    b().pass(2 * day);
    for (int const left : {344, 88, 0}) {
        bool const more = exchange("beat", {.want = 0, .chores = true}).chores_left;
        EXPECT_EQ(more, left > 0);
        EXPECT_EQ(static_cast<int>(b().counts().lists.size()), left);
    }
}

INSTANTIATE_TEST_SUITE_P(on, registries, both_sides, side_name);

}  // namespace
