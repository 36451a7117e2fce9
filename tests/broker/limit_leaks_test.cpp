// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What is seen of limits at lists, and what they keep though they should not.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;

class limited_lists : public transitions
{};

work::limit_change limit_of_a(std::string name, std::int64_t slots)
{
    work::limit_change change;
    change.name = std::move(name);
    change.slots = slots;
    change.scope = work::limit_scope{{}, {"a"}};
    return change;
}

TEST_P(limited_lists, are_counted_with_their_limits_and_where_they_wait)
{
    b().change_limit(limit_of_a("x", 1));
    b().change_limit(limit_of_a("name:a", 5));
    enqueue_many(2);
    claim("A", 5);
    auto const counts = b().counts();
    ASSERT_EQ(counts.lists.size(), 1u);
    EXPECT_EQ(counts.lists[0].limited, (std::vector<std::string>{"name:a", "x"}));
    EXPECT_EQ(counts.lists[0].waits_at, "x");
    EXPECT_TRUE(b().look_for_leaks(true).none());
    b().change_limit(limit_of_a("x", 2));
    EXPECT_EQ(b().counts().lists.at(0).waits_at, "");
}

TEST_P(limited_lists, are_seen_with_all_of_more_limits_than_are_shown_at_once)
{
    for (int i = 0; i != 200; ++i) {
        work::limit_change change = limit_of_a("l" + std::to_string(1000 + i), 1);
        change.scope = work::limit_scope{{}, {"n" + std::to_string(i)}};
        b().change_limit(change);
    }
    auto const all = b().limits({}).limits;
    ASSERT_EQ(all.size(), 200u);
    EXPECT_EQ(all.front().name, "l1000");
    EXPECT_EQ(all.back().name, "l1199");
}

INSTANTIATE_TEST_SUITE_P(on, limited_lists, both_sides, side_name);

// A job that runs holds its slot; one that was written there by hand, or a list that waits where no
// limit knows of it, is found, and mended when that is asked for.
TEST(limit_leaks_on_redis, are_found_and_mended)
{
    auto const server = std::make_shared<private_redis>();
    redis_connection by_hand(*server);
    redis_subject b(server);
    b.change_limit(limit_of_a("x", 2));
    work::enqueue_request stored;
    stored.producer = "p";
    stored.number = 1;
    for (char const* const id : {"j0", "j1"}) {
        work::new_job job;
        job.id = id;
        job.list = "a";
        job.envelope = "2 0000 0000 1790000000000 a\n\n{}";
        stored.jobs.push_back(job);
    }
    b.enqueue(stored);
    work::exchange_request r;
    r.pool = "A";
    r.number = 1;
    r.want = 1;
    r.fetch_order = {{"*a", 1, false}};
    ASSERT_EQ(b.exchange(r).jobs.size(), 1u);
    by_hand.call("HSET", "work:{t}:held:x", "leaked", "1790000000000000");
    by_hand.call("HSET", "work:{t}:side:a", "{parked", "nowhere");
    by_hand.call("ZREM", "work:{t}:ready", "a");
    work::limit_leaks const expected{{{"x", "leaked"}}, {"a"}};
    EXPECT_EQ(b.look_for_leaks(false), expected);
    EXPECT_EQ(b.limits({}).limits.at(0).held, 2) << "it only looked";
    EXPECT_EQ(b.look_for_leaks(true), expected);
    EXPECT_TRUE(b.look_for_leaks(false).none());
    EXPECT_EQ(b.limits({}).limits.at(0).held, 1);
    r.number = 2;
    EXPECT_EQ(b.exchange(r).jobs.size(), 1u) << "what waited is claimed";
}

}  // namespace
