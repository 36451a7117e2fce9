// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// No script holds a server up, whatever it keeps: the aim is 5 ms, of which the slow log is asked.
// Bounds have slack for a busy machine; without these bounds each of these took 20 to 900 ms.

#include <cstdio>
#include <deque>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "premise.hpp"
#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;

// Wall time, a busy machine included; what this is about took 330 ms and more.
constexpr double bound_ms = 50;

class script_time : public testing::Test
{
protected:
    script_time() : b_(std::make_shared<private_redis>())
    {
        b_.connection().call("CONFIG", "SET", "slowlog-log-slower-than", "200");
        b_.connection().call("CONFIG", "SET", "slowlog-max-len", "100000");
    }

    redis_subject& b() { return b_; }
    std::string key(std::string const& name) { return b_.prefix() + name; }

    /// Prints and checks the longest command since the last call.
    void expect_short(char const* what)
    {
        auto const log = b_.connection().call("SLOWLOG", "GET", "100000");
        std::int64_t longest = 0;
        std::string name;
        for (work::redis::value const entry : log.root()) {
            if (entry[2].integer() > longest) {
                longest = entry[2].integer();
                name = entry[3][0].text();
            }
        }
        double const ms = static_cast<double>(longest) / 1000;
        std::printf("[ figures  ] %s: the longest call %.2f ms %s\n", what, ms, name.c_str());
        promises::in_time(ms, bound_ms, what);
        b_.connection().call("SLOWLOG", "RESET");
    }
    void forget_log() { b_.connection().call("SLOWLOG", "RESET"); }

    work::new_job job(std::string const& id, std::string const& list, std::size_t bytes)
    {
        char head[40];
        std::snprintf(
            head,
            sizeof head,
            "2 0000 0000 %013lld ",
            static_cast<long long>(b_.now_ms())
        );
        work::new_job j;
        j.id = texts_.emplace_back(id);
        j.list = texts_.emplace_back(list);
        j.envelope = texts_.emplace_back(head + list + "\n\n" + std::string(bytes, 'x'));
        return j;
    }
    void enqueue(std::vector<work::new_job> jobs)
    {
        work::enqueue_request r;
        r.producer = "p";
        r.number = ++batch_;
        r.jobs = std::move(jobs);
        b_.enqueue(r);
        texts_.clear();
    }
    /// `count` jobs `<name><i>`.
    void enqueue_many(
        std::string const& name,
        int count,
        std::size_t bytes,
        std::int64_t delay_ms = 0
    )
    {
        std::vector<work::new_job> some;
        std::size_t size = 0;
        for (int i = 0; i != count; ++i) {
            some.push_back(job(name + std::to_string(i), "a", bytes));
            some.back().delay_ms = delay_ms;
            size += bytes + 100;
            if (some.size() == 256 || size > 900'000 || i + 1 == count) {
                enqueue(std::exchange(some, {}));
                size = 0;
            }
        }
    }
    work::exchange_answer exchange(work::exchange_request r)
    {
        r.pool = "P";
        r.number = ++number_;
        r.lease_ms = 3'600'000;
        if (number_ == 1)
            r.serves = {{"a", 0}};
        return b_.exchange(r);
    }
    work::exchange_answer claim(int want)
    {
        work::exchange_request r;
        r.want = want;
        r.fetch_order = {{"a", want, false}};
        return exchange(std::move(r));
    }

private:
    redis_subject b_;
    std::deque<std::string> texts_;
    std::int64_t batch_ = 0;
    std::int64_t number_ = 0;
};

constexpr std::size_t mib = 1 << 20;

TEST_F(script_time, large_jobs_behind_small_ones_are_not_read_to_be_put_back)
{
    enqueue_many("small", 84, 50);
    enqueue_many("large", 172, mib);
    expect_short("172 jobs of 1 MiB enqueued");
    std::size_t claimed = 0;
    while (claimed != 84 + 172)
        claimed += claim(256).jobs.size();
    expect_short("172 jobs of 1 MiB behind 84 small ones claimed");
}

TEST_F(script_time, jobs_below_the_limit_of_whole_records_behind_small_ones_are_read_in_steps)
{
    enqueue_many("small", 84, 50);
    enqueue_many("large", 172, work::max_whole_envelope - 100);
    forget_log();
    claim(256);
    expect_short("172 jobs of 8 KiB behind 84 small ones, first claim");
}

TEST_F(script_time, large_jobs_due_at_once_are_moved_by_their_heads)
{
    enqueue_many("due", 256, mib, 1'000);
    forget_log();
    b().pass(1'000);
    claim(1);
    expect_short("256 jobs of 1 MiB due at once");
    enqueue_many("mid", 256, work::max_whole_envelope - 100, 1'000);
    forget_log();
    b().pass(1'000);
    claim(1);
    expect_short("256 jobs of 8 KiB due at once");
}

TEST_F(script_time, two_thousand_large_jobs_live_through_all_states_in_short_scripts)
{
    constexpr int jobs = 2'000;
    enqueue_many("j", jobs, mib / 2);
    expect_short("2 000 jobs of 0.5 MiB enqueued");
    int ended = 0;
    while (ended != jobs) {
        auto const a = claim(256);
        ASSERT_NE(a.claim, 0);
        work::exchange_request r;
        for (auto const& j : a.jobs)
            r.outcomes.push_back({a.claim, j.id, work::outcome_kind::retry, 1'000, "{}"});
        r.close = {a.claim};
        exchange(std::move(r));
        ended += static_cast<int>(a.jobs.size());
        b().pass(0);
    }
    expect_short("claimed and failed");
    b().pass(1'000);
    for (ended = 0; ended != jobs;) {
        auto const a = claim(256);
        if (a.claim == 0)
            continue;
        work::exchange_request r;
        for (auto const& j : a.jobs)
            r.outcomes.push_back({a.claim, j.id, work::outcome_kind::complete, 0, "{\"k\":1}"});
        r.close = {a.claim};
        exchange(std::move(r));
        ended += static_cast<int>(a.jobs.size());
    }
    expect_short("due, claimed again and completed");
}

TEST_F(script_time, jobs_are_found_cancelled_and_requeued_beside_a_hundred_thousand_lone_claims)
{
    constexpr int claims = 100'000;
    constexpr int most = 200;
    enqueue_many("lone", claims + most, 20);
    for (int i = 0; i != claims; ++i)
        claim(1);
    forget_log();
    std::vector<std::string> active, pending;
    for (int i = 0; i != most; ++i) {
        active.push_back("lone" + std::to_string(i * 400));
        pending.push_back("lone" + std::to_string(claims + i));
        ASSERT_EQ(b().job(active.back()).state, work::job_state::active);
        ASSERT_EQ(b().job(pending.back()).state, work::job_state::pending);
    }
    expect_short("job beside 100 000 lone claims");
    b().requeue(active);
    b().requeue(pending);
    b().cancel(active);
    b().cancel(pending);
    expect_short("cancel and requeue of 400 beside 100 000 lone claims");
}

TEST_F(script_time, jobs_are_found_beside_a_hundred_thousand_active_in_batches)
{
    constexpr int batches = 400;
    enqueue_many("j", batches * 256 + 200, 20);
    for (int i = 0; i != batches; ++i)
        ASSERT_EQ(claim(256).jobs.size(), 256u);
    forget_log();
    std::vector<std::string> some;
    for (int i = 0; i < batches * 256; i += 500)
        some.push_back("j" + std::to_string(i));
    for (std::string const& id : some)
        ASSERT_EQ(b().job(id).state, work::job_state::active) << id;
    ASSERT_EQ(b().job("j102450").state, work::job_state::pending);
    expect_short("job beside 102 400 active in batches");
    b().requeue(some);
    b().cancel(some);
    expect_short("cancel and requeue of 205 of them");
}

TEST_F(script_time, counts_of_a_hundred_thousand_lists)
{
    constexpr int lists = 100'000;
    for (int i = 0; i != lists; i += 250) {
        std::vector<work::new_job> some;
        for (int j = i; j != i + 250; ++j)
            some.push_back(job("c" + std::to_string(j), "list" + std::to_string(j), 20));
        enqueue(std::move(some));
    }
    forget_log();
    EXPECT_EQ(b().totals().active, lists) << "pending or active";
    expect_short("totals of 100 000 lists");
}

TEST_F(script_time, a_million_expired_traces_are_trimmed_in_steps)
{
    for (int i = 0; i != 1'000'000; i += 500) {
        work::redis::command add;
        add.begin(2 + 2 * 500).arg("ZADD").arg(key("traces"));
        for (int j = i; j != i + 500; ++j)
            add.arg(std::to_string(j)).arg("t" + std::to_string(j));
        b().connection().call_all(add);
    }
    forget_log();
    for (int i = 0; i != 20; ++i) {
        work::exchange_request r;
        r.chores = true;
        EXPECT_TRUE(exchange(std::move(r)).more);
    }
    expect_short("a million expired traces");
}

}  // namespace
