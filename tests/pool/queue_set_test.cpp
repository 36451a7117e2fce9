// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a pool serves, and what it learns of it.

#include <work/pool/queue_set.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace work::detail;

struct queues_test : testing::Test
{
    queue_set& serve(std::vector<std::string> names, work::pool_options how = {})
    {
        options = std::move(how);
        for (std::string& name : names)
            types.add(std::move(name), {});
        types.build_chains();
        set.emplace(options, types, 1);
        set->serve_all(now);
        return *set;
    }

    work::pool_options options;
    job_types types;
    std::optional<queue_set> set;
    queue_set::time_point now{};
};

TEST_F(queues_test, are_names_in_any_queue_or_the_lists_of_some)
{
    EXPECT_EQ(serve({"mail"}).ids(), std::vector<std::string>{"*mail"});
    work::pool_options some;
    some.queues = {{"high", 3}, {"mail", 1}};
    types = job_types();
    queue_set& lists = serve({"mail"}, some);
    EXPECT_EQ(lists.ids(), (std::vector<std::string>{"high:mail", "mail"}));
}

TEST_F(queues_test, are_announced_in_parts_and_again_after_six_hours)
{
    std::vector<std::string> names;
    for (int i = 0; i != 1'500; ++i)
        names.push_back("n" + std::to_string(i));
    queue_set& q = serve(names);
    std::vector<std::size_t> parts;
    while (q.unannounced()) {
        work::exchange_request r;
        q.take_announcements(r, now);
        parts.push_back(r.serves.size());
    }
    EXPECT_EQ(parts, (std::vector<std::size_t>{1'000, 500}));
    EXPECT_FALSE(q.announce_due(now + 5h));
    work::exchange_request r;
    q.take_announcements(r, now + 6h);
    EXPECT_EQ(r.serves.size(), 1'000u);
}

TEST_F(queues_test, learn_what_a_claim_left)
{
    work::pool_options some;
    some.queues = {{"x", 1}, {"y", 1}};
    queue_set& q = serve({"mail"}, some);
    work::exchange_request r;
    r.want = 10;
    q.order_fetch(r);
    EXPECT_EQ(r.fetch_order.size(), 4u) << "a share of each, then what is left over";
    EXPECT_FALSE(r.discover);
    work::exchange_answer answer;
    answer.left = {{"y:mail", 7}};
    EXPECT_EQ(q.learn(r, answer), 7);
    work::exchange_request next;
    next.want = 10;
    q.order_fetch(next);
    EXPECT_EQ(next.fetch_order.front().list, "y:mail") << "of x it is known that it is empty";
}

TEST_F(queues_test, of_many_only_some_are_named_and_the_broker_looks_for_the_others)
{
    std::vector<std::string> names;
    for (int i = 0; i != 40; ++i)
        names.push_back("n" + std::to_string(i));
    queue_set& q = serve(names);
    work::exchange_request r;
    r.want = 100;
    q.order_fetch(r);
    EXPECT_TRUE(r.discover);
    EXPECT_LE(r.fetch_order.size(), 2 * fetch_order::few_lists);
    work::exchange_request wake;
    EXPECT_FALSE(q.name_for_wake(wake)) << "too many for a claim that waits";
    work::exchange_answer rich;
    for (int i = 0; i != 10; ++i)
        rich.left.push_back({"*n" + std::to_string(i), 1'000});
    EXPECT_EQ(q.learn(r, rich), 10'000);
    work::exchange_request next;
    next.want = 100;
    q.order_fetch(next);
    EXPECT_FALSE(next.discover) << "enough are known to hold jobs";
}

TEST_F(queues_test, of_a_type_that_is_dead_after_a_crash_take_no_claim_on_wake)
{
    work::job_options fragile;
    fragile.on_crash = work::on_crash::dead;
    types.add("fragile", fragile);
    queue_set& q = serve({});
    EXPECT_TRUE(types.all_dead_on_crash());
    work::exchange_request r;
    EXPECT_FALSE(q.name_for_wake(r));
    EXPECT_TRUE(r.fetch_order.empty());
}

// What was counted and then refused goes out of the histories, too: out of what is not written yet,
// else out of what comes.
TEST_F(queues_test, take_refused_counts_out_of_histories)
{
    queue_set& q = serve({"mail"});
    met_list& mail = *q.find("mail");
    for (int i = 0; i != 5; ++i)
        q.count_processed(mail);
    q.count_failed(mail);
    q.take_back("mail", counted_as::processed, 2);
    q.take_back("mail", counted_as::nothing, 7);
    q.take_back("unknown", counted_as::processed, 1);
    auto rows = q.take_history();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].counts.done, 3u);
    EXPECT_EQ(rows[0].counts.failed, 1u);
    // These are written already.
    q.take_back("mail", counted_as::processed, 3);
    q.take_back("mail", counted_as::failed, 1);
    EXPECT_TRUE(q.take_history().empty()) << "a count is never below zero";
    q.count_processed(mail);
    EXPECT_TRUE(q.take_history().empty());
    for (int i = 0; i != 4; ++i)
        q.count_processed(mail);
    q.count_failed(mail);
    rows = q.take_history();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].counts.done, 2u) << "5 more less 3";
    EXPECT_EQ(rows[0].counts.failed, 0u);
}

TEST_F(queues_test, count_jobs_by_list_and_report_each_once)
{
    queue_set& q = serve({"mail"});
    EXPECT_EQ(q.find("other"), nullptr);
    EXPECT_EQ(q.find("%zz"), nullptr);
    EXPECT_EQ(q.find("x:mail"), q.find("x:mail"));
    for (int i = 0; i != 300; ++i) {
        met_list* const list = q.find("q" + std::to_string(i) + ":mail");
        ASSERT_TRUE(list);
        q.count_processed(*list);
        q.count_processed(*list);
        q.count_failed(*list);
    }
    EXPECT_EQ(q.processed(), 600);
    EXPECT_EQ(q.failed(), 300);
    exchange_round first, second;
    EXPECT_TRUE(q.take_counts(first)) << "more are to follow";
    q.count_processed(*q.find("q0:mail"));
    EXPECT_FALSE(q.take_counts(second)) << "what is counted since waits for its second";
    EXPECT_EQ(first.request.counts.size(), 256u);
    EXPECT_EQ(second.request.counts.size(), 44u);
    EXPECT_EQ(first.request.counts[0].list, "q0:mail");
    EXPECT_EQ(first.request.counts[0].processed, 2);
    EXPECT_EQ(first.request.counts[0].failed, 1);
    EXPECT_TRUE(q.counts_waiting());
}

TEST_F(queues_test, are_forgotten_when_nothing_uses_them)
{
    queue_set& q = serve({"mail"});
    for (int i = 0; i != 2'000; ++i)
        ASSERT_TRUE(q.find("q" + std::to_string(i) + ":mail"));
    EXPECT_TRUE(q.crowded());
    met_list* const used = q.find("q7:mail");
    used->in_use = true;
    met_list* const counted = q.find("q8:mail");
    q.count_failed(*counted);
    q.forget_unused();
    EXPECT_FALSE(q.crowded());
    EXPECT_EQ(q.find("q7:mail"), used);
    EXPECT_EQ(q.find("q8:mail"), counted);
    q.forget_unused();
    exchange_round round;
    q.take_counts(round);
    ASSERT_EQ(round.request.counts.size(), 1u);
    EXPECT_EQ(round.request.counts[0].list, "q8:mail");
}

}  // namespace
