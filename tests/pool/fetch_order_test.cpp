// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The parts of a pool that are plain functions: what to claim, and what becomes of a failure.

#include <work/pool/fetch_order.hpp>
#include <work/pool/retry_policy.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using work::detail::fetch_order;
using work::detail::pool_queue;

struct lists
{
    explicit lists(std::vector<int> weights)
    {
        type.name = "t";
        for (std::size_t i = 0; i != weights.size(); ++i) {
            owned.push_back(std::make_unique<pool_queue>());
            owned.back()->what = "list" + std::to_string(i);
            owned.back()->type = &type;
            owned.back()->weight = weights[i];
            owned.back()->rank = static_cast<std::int64_t>(i);
            all.push_back(owned.back().get());
        }
    }
    std::vector<work::wanted_list> fill(fetch_order& fetch_order, int want)
    {
        std::vector<work::wanted_list> out;
        fetch_order.fill(all, want, out);
        return out;
    }
    work::detail::job_type type;
    std::vector<std::unique_ptr<pool_queue>> owned;
    std::vector<pool_queue*> all;
};

TEST(fetch_order, of_one_list_takes_all_from_it)
{
    lists l({3});
    fetch_order fetch_order(work::queue_order::weighted, 1);
    auto const out = l.fill(fetch_order, 100);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].take, 100);
}

TEST(fetch_order, strict_goes_by_rank_whatever_is_known_to_be_empty)
{
    lists l({1, 1, 1});
    l.all[0]->length = 0;
    std::swap(l.all[0], l.all[2]);
    fetch_order fetch_order(work::queue_order::strict, 1);
    auto const out = l.fill(fetch_order, 10);
    ASSERT_EQ(out.size(), 3u);
    EXPECT_EQ(out[0].list, "list0");
    EXPECT_EQ(out[1].list, "list1");
    EXPECT_EQ(out[2].list, "list2");
    EXPECT_EQ(out[0].take, 10);
}

TEST(fetch_order, weighted_is_first_as_often_as_its_weight_says)
{
    lists l({3, 1});
    for (pool_queue* s : l.all)
        s->length = 1000;
    fetch_order fetch_order(work::queue_order::weighted, 42);
    int first = 0;
    std::int64_t taken = 0;
    for (int i = 0; i != 4000; ++i) {
        auto const out = l.fill(fetch_order, 100);
        first += out[0].list == "list0";
        for (std::size_t k = 0; k != 2; ++k)
            taken += out[k].list == "list0" ? out[k].take : 0;
    }
    EXPECT_NEAR(first, 3000, 150);
    EXPECT_EQ(taken, 4000 * 75);
}

TEST(fetch_order, weighted_of_many_lists_gives_each_its_share_in_the_long_run)
{
    lists l({1, 2, 3, 4, 5, 6, 7, 8, 9, 15});
    for (pool_queue* s : l.all)
        s->length = 1000;
    for (int const want : {256, 3}) {
        fetch_order fetch_order(work::queue_order::weighted, 44);
        std::map<std::string, int> taken;
        constexpr int rounds = 4000;
        for (int i = 0; i != rounds; ++i) {
            int left = want;
            for (work::wanted_list const& w : l.fill(fetch_order, want)) {
                int const jobs = std::min(left, w.take);
                taken[std::string(w.list)] += jobs;
                left -= jobs;
            }
            EXPECT_EQ(left, 0);
        }
        for (pool_queue* s : l.all) {
            int const expected = want * rounds * s->weight / 60;
            EXPECT_NEAR(taken[s->what], expected, expected / 5) << want << " of " << s->what;
        }
    }
}

TEST(fetch_order, one_job_wanted_goes_by_weight_too)
{
    lists l({9, 1});
    for (pool_queue* s : l.all)
        s->length = 1000;
    fetch_order fetch_order(work::queue_order::weighted, 43);
    int first = 0;
    for (int i = 0; i != 2000; ++i) {
        auto const out = l.fill(fetch_order, 1);
        EXPECT_EQ(out[0].take, 1);
        first += out[0].list == "list0";
    }
    EXPECT_NEAR(first, 1800, 80);
}

TEST(fetch_order, round_robin_starts_one_further_each_time)
{
    lists l({1, 1, 1});
    fetch_order fetch_order(work::queue_order::round_robin, 1);
    std::map<std::string, int> first;
    for (int i = 0; i != 9; ++i)
        ++first[std::string(l.fill(fetch_order, 3)[0].list)];
    EXPECT_EQ(first["list0"], 3);
    EXPECT_EQ(first["list1"], 3);
    EXPECT_EQ(first["list2"], 3);
}

TEST(fetch_order, puts_empty_lists_last_and_gives_their_room_away)
{
    lists l({1, 1, 1});
    l.all[0]->length = 0;
    l.all[1]->length = 5;
    l.all[2]->length = 0;
    fetch_order fetch_order(work::queue_order::weighted, 1);
    auto const out = l.fill(fetch_order, 10);
    EXPECT_EQ(out[0].list, "list1");
    EXPECT_EQ(out[0].take, 10);
}

TEST(fetch_order, names_no_more_lists_than_one_claim_may)
{
    lists l(std::vector<int>(100, 1));
    for (auto const order :
         {work::queue_order::weighted, work::queue_order::strict, work::queue_order::round_robin}) {
        fetch_order fetch_order(order, 1);
        std::map<std::string, int> seen;
        for (int i = 0; i != 2000; ++i) {
            auto const out = l.fill(fetch_order, 16);
            std::map<std::string, int> here;
            for (auto const& w : out) {
                ++seen[std::string(w.list)];
                ++here[std::string(w.list)];
            }
            EXPECT_LE(here.size(), fetch_order::most_lists);
        }
        if (order != work::queue_order::strict) {
            EXPECT_EQ(seen.size(), 100u);
        }
    }
}

work::detail::retry_decision decide_retry(
    work::job_options const& type,
    int before,
    bool fatal = false,
    std::int64_t now_ms = 1000
)
{
    work::detail::failed_attempt attempt;
    attempt.attempts_before = before;
    attempt.created_ms = 1000;
    attempt.now_ms = now_ms;
    attempt.fatal = fatal;
    attempt.random = 99;
    return work::detail::decide_retry(type, nullptr, attempt);
}

TEST(decide_retry, gives_exactly_max_attempts)
{
    work::job_options type;
    type.max_attempts = 3;
    type.backoff = work::backoff::fixed(7ms);
    EXPECT_EQ(decide_retry(type, 0).kind, work::outcome_kind::retry);
    EXPECT_EQ(decide_retry(type, 0).delay_ms, 7);
    EXPECT_EQ(decide_retry(type, 1).kind, work::outcome_kind::retry);
    EXPECT_EQ(decide_retry(type, 2).kind, work::outcome_kind::dead);
    type.max_attempts = 1;
    EXPECT_EQ(decide_retry(type, 0).kind, work::outcome_kind::dead);
}

TEST(decide_retry, one_that_does_not_count_is_never_the_last_but_for_a_deadline_or_too_many_snoozes)
{
    work::job_options type;
    type.max_attempts = 1;
    type.backoff = work::backoff::fixed(1s);
    work::detail::failed_attempt attempt;
    attempt.created_ms = 1000;
    attempt.now_ms = 2000;
    attempt.counts = false;
    attempt.snoozes = 7;
    auto const decided = [&] { return work::detail::decide_retry(type, nullptr, attempt); };
    EXPECT_EQ(decided().kind, work::outcome_kind::uncounted);
    EXPECT_EQ(decided().delay_ms, 1000);
    attempt.in_ms = 5;
    EXPECT_EQ(decided().delay_ms, 5);
    type.max_snoozes = 8;
    EXPECT_EQ(decided().kind, work::outcome_kind::uncounted);
    type.max_snoozes = 7;
    EXPECT_EQ(decided().kind, work::outcome_kind::dead) << "it counts by now, and is the last";
    type.max_attempts = 2;
    EXPECT_EQ(decided().kind, work::outcome_kind::retry);
    type.max_snoozes = std::nullopt;
    type.deadline = 1'004ms;
    EXPECT_EQ(decided().kind, work::outcome_kind::dead);
    type.deadline = std::nullopt;
    attempt.fatal = true;
    EXPECT_EQ(decided().kind, work::outcome_kind::dead);
}

TEST(decide_retry, fatal_and_late_are_the_end)
{
    work::job_options type;
    EXPECT_EQ(decide_retry(type, 0, true).kind, work::outcome_kind::dead);
    type.skip_dead = true;
    EXPECT_EQ(decide_retry(type, 0, true).kind, work::outcome_kind::discard);
    type.skip_dead = false;
    type.backoff = work::backoff::fixed(1s);
    type.deadline = 5s;
    EXPECT_EQ(decide_retry(type, 0, false, 4999).kind, work::outcome_kind::retry);
    EXPECT_EQ(decide_retry(type, 0, false, 5001).kind, work::outcome_kind::dead);
}

TEST(decide_retry, the_jobs_own_options_win)
{
    work::job_options type;
    type.max_attempts = 25;
    work::stored_options own;
    own.max_attempts = 1;
    own.skip_dead = true;
    work::detail::failed_attempt attempt;
    EXPECT_EQ(work::detail::decide_retry(type, &own, attempt).kind, work::outcome_kind::discard);
    EXPECT_EQ(work::detail::max_attempts(type, &own), 1);
    EXPECT_EQ(work::detail::max_attempts(type, nullptr), 25);
    own.max_attempts = 2;
    own.backoff = work::backoff::fixed(3ms);
    EXPECT_EQ(work::detail::decide_retry(type, &own, attempt).delay_ms, 3);
}

}  // namespace
