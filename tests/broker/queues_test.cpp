// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Lists of other queues than the name's own: they are found by name, and need not be known.

#include <algorithm>
#include <set>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;

class queues : public transitions
{
protected:
    /// A pool that is restricted to lists.
    work::exchange_answer restricted(
        std::string const& pool,
        std::vector<std::string_view> lists,
        std::vector<work::wanted_list> fetch_order = {},
        int want = 256,
        bool discover = false,
        bool serves_many = false
    )
    {
        work::exchange_request r;
        r.pool = pool;
        r.number = ++numbers_[pool];
        r.lease_ms = lease_ms;
        for (std::string_view const list : lists)
            r.serves.push_back({list, 0});
        r.fetch_order = std::move(fetch_order);
        r.want = want;
        r.discover = discover;
        r.serves_many = serves_many;
        return b().exchange(r);
    }
    std::set<std::string> taken(work::exchange_answer const& a)
    {
        std::set<std::string> lists;
        for (auto const& j : a.jobs)
            lists.insert(b().job(std::string(j.id)).envelope.substr(26, 4));
        return lists;
    }

private:
    std::map<std::string, std::int64_t> numbers_;
};

TEST_P(queues, of_a_served_name_are_claimed_though_nobody_knew_them)
{
    exchange("A");
    enqueue({job("x", "new:a"), job("y", "other:a"), job("z", "new:b"), job("u", "new:unserved")});
    EXPECT_EQ(key("queues:a"), "set\n  new:a\n  other:a");
    EXPECT_EQ(
        key("ready"),
        "set\n  *a\n  *b\n  *unserved\n  new:a\n  new:b\n  new:unserved\n  other:a"
    );
    auto const a = exchange("A", {.fetch_order = {{"*a", 256, false}}});
    EXPECT_EQ(a.jobs.size(), 2u);
    EXPECT_TRUE(a.left.empty());
    EXPECT_EQ(key("queues:a"), "-");
    EXPECT_EQ(ids(exchange("A", {.discover = true})), "z");
    EXPECT_EQ(state("u"), job_state::pending);
}

TEST_P(queues, and_the_own_queue_do_not_starve_each_other)
{
    enqueue_many(50, "a");
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 50; ++i)
        jobs.push_back(job("q" + std::to_string(i), "q:a"));
    enqueue(std::move(jobs));
    for (int const want : {1, 2, 7, 20}) {
        int own = 0, other = 0;
        for (int turn = 0; turn != 2; ++turn) {
            for (auto const& j : claim("A", want).jobs)
                ++(j.id.starts_with("q") ? other : own);
        }
        EXPECT_EQ(own, want) << want;
        EXPECT_EQ(other, want) << want;
    }
    // The rest goes to whoever has jobs.
    EXPECT_EQ(claim("A", 256).jobs.size(), 40u);
}

TEST_P(queues, beside_each_other_get_as_much_and_what_is_left_goes_to_the_long_ones)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 60; ++i)
        jobs.push_back(job("l" + std::to_string(i), "long:a"));
    for (int i = 0; i != 5; ++i)
        jobs.push_back(job("s" + std::to_string(i), "s" + std::to_string(i) + ":a"));
    enqueue(std::move(jobs));
    auto const a = claim("A", 30);
    EXPECT_EQ(a.jobs.size(), 30u);
    int of_long = 0;
    for (auto const& j : a.jobs)
        of_long += j.id.starts_with("l");
    EXPECT_EQ(of_long, 25);
    EXPECT_EQ(a.left, (std::vector<work::list_left>{{"*a", 1}}));
}

TEST_P(queues, with_priorities_and_dropped_jobs_keep_their_order)
{
    enqueue({job("old", "q:a")});
    b().pass(120'000);
    enqueue(
        {job("plain", "q:a"),
         job("low", "q:a", " p=-1"),
         job("high", "q:a", " p=1"),
         job("dropped", "q:a")}
    );
    b().cancel({"dropped"});
    EXPECT_EQ(ids(claim("A")), "old high plain low");
    EXPECT_EQ(key("ready"), "-");
    EXPECT_EQ(key("queues:a"), "-");
}

TEST_P(queues, wakeup_the_name_always_and_the_list_only_where_somebody_waits_for_it)
{
    restricted("R", {"q:a"});
    enqueue({job("x", "q:a"), job("y", "other:a")});
    EXPECT_TRUE(b().take_wakeup("*a"));
    EXPECT_TRUE(b().take_wakeup("q:a"));
    EXPECT_FALSE(b().take_wakeup("other:a"));
    EXPECT_FALSE(b().take_wakeup("a"));
}

TEST_P(queues, left_by_a_claim_are_woken_to_who_waits_as_the_claimer_does)
{
    restricted("R", {"q:a"});
    enqueue({job("1", "q:a"), job("2", "q:a"), job("3", "q:a"), job("4", "q:a")});
    for (char const* wakeup : {"*a", "q:a"})
        b().take_wakeup(wakeup);
    EXPECT_EQ(ids(restricted("R", {}, {{"q:a", 1, false}}, 1)), "1");
    EXPECT_TRUE(b().take_wakeup("q:a"));
    EXPECT_FALSE(b().take_wakeup("*a"));
    EXPECT_EQ(ids(claim("A", 1)), "2");
    EXPECT_TRUE(b().take_wakeup("*a"));
    EXPECT_FALSE(b().take_wakeup("q:a"));
}

TEST_P(queues, of_a_restricted_pool_are_all_that_it_gets)
{
    enqueue({job("x", "a"), job("y", "q:a"), job("z", "r:a")});
    EXPECT_EQ(ids(restricted("R", {"q:a", "q:b"}, {}, 256, true)), "y");
    EXPECT_EQ(key("ready"), "set\n  *a\n  a\n  r:a");
    EXPECT_EQ(ids(restricted("S", {"a"}, {{"a", 9, false}})), "x");
    EXPECT_EQ(key("ready"), "set\n  *a\n  r:a");
}

TEST_P(queues, of_a_type_that_is_dead_on_crash_are_buried)
{
    enqueue({job("x", "q:a")});
    auto const a = exchange("A", {.fetch_order = {{"*a", 9, true}}});
    exchange("A", {.started = {{a.claim, "x"}}, .want = 0});
    live_through(16'000);
    exchange("B", {.want = 0});
    EXPECT_EQ(state("x"), job_state::dead);
}

TEST_P(queues, that_are_suspect_go_to_who_serves_the_name_or_the_list)
{
    enqueue({job("x", "q:a"), job("y", "r:a")});
    make_suspect();
    restricted("R", {"q:a"});
    work::exchange_request r;
    r.pool = "R";
    r.number = 99;
    r.lease_ms = lease_ms;
    r.want = 9;
    r.take_suspects = true;
    EXPECT_EQ(ids(b().exchange(r)), "x");
    EXPECT_EQ(ids(exchange("B", {.suspects = true})), "y");
}

TEST_P(queues, count_as_outstanding)
{
    EXPECT_EQ(text_of(b().outstanding({"*a"})), "0 0");
    enqueue({job("x", "q:a"), job("y", "r:a"), job("z", "b"), job("u", "q:b")});
    EXPECT_EQ(text_of(b().outstanding({"*a"})), "2 0");
    EXPECT_EQ(text_of(b().outstanding({"q:a", "b"})), "2 0");
    claim("A");
    EXPECT_EQ(text_of(b().outstanding({"*a"})), "0 2");
    EXPECT_EQ(text_of(b().outstanding({"q:a"})), "0 1");
    EXPECT_EQ(text_of(b().outstanding({"*c"})), "0 0");
}

TEST_P(queues, by_the_thousand_are_claimed_256_at_a_time)
{
    int const many = 2'000;
    std::vector<work::new_job> jobs;
    for (int i = 0; i != many; ++i)
        jobs.push_back(job("j" + std::to_string(i), "u" + std::to_string(i) + ":a"));
    for (std::size_t at = 0; at < jobs.size(); at += 250)
        enqueue(
            {jobs.begin() + static_cast<std::ptrdiff_t>(at),
             jobs.begin() + static_cast<std::ptrdiff_t>(at) + 250}
        );
    std::set<std::string> got;
    for (int claims = 1; static_cast<int>(got.size()) < many && claims < 20; ++claims) {
        auto const a = claim("A");
        EXPECT_EQ(a.jobs.size(), std::min<std::size_t>(256, jobs.size() - got.size()));
        for (auto const& j : a.jobs)
            got.insert(std::string(j.id));
    }
    EXPECT_EQ(static_cast<int>(got.size()), many);
}

TEST_P(queues, of_thousands_that_are_served_are_found_whether_few_or_many_are_ready)
{
    int const many = 5'000;
    std::vector<std::string_view> lists;
    for (int i = 0; i != many; ++i)
        lists.push_back(keep("u" + std::to_string(i) + ":a"));
    restricted("R", lists, {}, 0);
    enqueue({job("few", std::string(lists[4'321])), job("other", "v:a")});
    EXPECT_EQ(ids(restricted("R", {}, {}, 256, true, true)), "few");
    std::vector<work::new_job> jobs;
    for (int i = 0; i != many; ++i)
        jobs.push_back(job("j" + std::to_string(i), "u" + std::to_string(i) + ":a"));
    for (std::size_t at = 0; at < jobs.size(); at += 250)
        enqueue(
            {jobs.begin() + static_cast<std::ptrdiff_t>(at),
             jobs.begin() + static_cast<std::ptrdiff_t>(at) + 250}
        );
    std::size_t got = 0;
    for (int claims = 0; got < jobs.size() && claims < 25; ++claims)
        got += restricted("R", {}, {}, 256, true, true).jobs.size();
    EXPECT_EQ(got, jobs.size());
}

TEST_P(queues, with_priorities_or_cancelled_jobs_are_served_in_their_order)
{
    enqueue({job("a1", "q:a"), job("a2", "q:a"), job("b1", "r:a")});
    EXPECT_EQ(key("ready"), "set\n  *a\n  q:a\n  r:a");
    enqueue({job("a3", "q:a", " p=5")});
    EXPECT_EQ(key("ready"), "set\n  !a\n  *a\n  q:a\n  r:a");
    auto const first = claim("A", 256);
    EXPECT_EQ(first.jobs.size(), 4u);
    EXPECT_EQ(key("ready"), "-") << "the last queue takes the mark with it";
    enqueue({job("c1", "q:a"), job("c2", "q:a")});
    EXPECT_EQ(key("ready"), "set\n  *a\n  q:a");
    b().cancel({"c1"});
    EXPECT_EQ(key("ready"), "set\n  !a\n  *a\n  q:a");
    auto const second = claim("A", 256);
    EXPECT_EQ(ids(second), "c2");
    EXPECT_TRUE(second.notes.empty());
    EXPECT_EQ(key("ready"), "-");
}

// Lua has room for 8 000 values on its stack.
TEST_P(queues, requests_of_any_length_are_understood)
{
    for (int const many : {10'000, 20'000}) {
        std::string const mark = std::to_string(many);
        std::vector<std::string_view> lists;
        std::vector<std::string> served;
        std::vector<work::wanted_list> fetch_order;
        for (int i = 0; i != many; ++i) {
            served.push_back("l" + mark + std::to_string(i));
            lists.push_back(keep(served.back()));
            fetch_order.push_back({lists.back(), 256, false});
        }
        auto const first = restricted("R" + mark, lists);
        EXPECT_EQ(first.claim, 0);
        std::vector<work::new_job> jobs;
        for (int i = 0; i != many; ++i)
            jobs.push_back(job("j" + mark + std::to_string(i), std::string(lists.back())));
        enqueue(std::move(jobs));
        auto const got = restricted("R" + mark, {}, fetch_order);
        EXPECT_EQ(got.jobs.size(), 256u);
        EXPECT_GE(b().outstanding(served).pending, many - 256);
        work::exchange_request r;
        r.pool = keep("R" + mark);
        r.number = 99;
        r.lease_ms = lease_ms;
        work::finished_jobs all;
        all.claim = got.claim;
        for (auto const& j : got.jobs)
            all.ids.push_back(j.id);
        for (int i = 0; i != many; ++i) {
            all.ids.push_back(keep("none" + std::to_string(i)));
            r.renew.push_back(i + 1);
        }
        r.finished = {std::move(all)};
        r.close = {got.claim};
        r.want = 0;
        auto const end = b().exchange(r);
        EXPECT_EQ(codes(end), "p");
        EXPECT_EQ(end.lost.size(), static_cast<std::size_t>(many));
        b().leave("R" + mark, served);
        EXPECT_TRUE(b().take_wakeup(std::string(lists.back())));
    }
}

INSTANTIATE_TEST_SUITE_P(on, queues, both_sides, side_name);

}  // namespace
