// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs that were made first and are enqueued later, alone or together.

#include <work/enqueuer.hpp>

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "pool/bench.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

struct parcel
{
    int number = 0;
    std::string to = "nobody";
};
BOOST_DESCRIBE_STRUCT(parcel, (), (number, to))

class made_jobs : public testing::Test
{
protected:
    made_jobs()
    {
        b.pool->handle<parcel>([this](work::context& job, parcel one) -> work::task<void> {
            ran[std::string(job.name())].push_back(one.number);
            co_return;
        });
        b.pool->handle("count", [this](work::context& job, int n) -> work::task<void> {
            ran[std::string(job.name())].push_back(n);
            co_return;
        });
    }

    bench b;
    std::map<std::string, std::vector<int>> ran;
};

TEST_F(made_jobs, of_many_types_are_stored_by_one_call)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 600; ++i) {
        if (i % 3 == 0)
            jobs.push_back(work::make<parcel>(i));
        else if (i % 3 == 1)
            jobs.push_back(work::make("count", i));
        else
            jobs.push_back(work::make("count", i).with({.in = 1h}));
    }
    auto const stored = b.get(b.enqueuer->enqueue(jobs));
    ASSERT_EQ(stored.size(), 600u);
    EXPECT_EQ(b.job(stored[2].id()).state, work::job_state::scheduled);
    EXPECT_EQ(b.job(stored[3].id()).state, work::job_state::pending);
    b.drain();
    EXPECT_EQ(ran["parcel"].size(), 200u);
    EXPECT_EQ(ran["count"].size(), 200u);
    EXPECT_EQ(b.counts().scheduled, 200);
}

TEST_F(made_jobs, are_copied_and_each_copy_is_a_job)
{
    work::new_job const job = work::make<parcel>(1, "ada");
    b.get(b.enqueuer->enqueue(job));
    b.get(b.enqueuer->enqueue(job));
    std::list<work::new_job> const more(3, job);
    b.get(b.enqueuer->enqueue(more));
    work::new_job const mine = work::make<parcel>(2).with({.id = "mine"});
    EXPECT_FALSE(b.get(b.enqueuer->enqueue(mine)).duplicate());
    EXPECT_TRUE(b.get(b.enqueuer->enqueue(mine)).duplicate());
    b.drain();
    EXPECT_EQ(ran["parcel"], (std::vector<int>{1, 1, 1, 1, 1, 2}));
}

// Whatever the form, whatever the time is given by.
TEST_F(made_jobs, are_due_however_that_is_said)
{
    parcel const one{1, "ada"};
    work::q const named{{"number", 1}};
    auto& to = *b.enqueuer;
    auto const soon = std::chrono::system_clock::now() + 1h;
    work::enqueue_options const in{.in = 1h};
    work::enqueue_options const at{.at = soon};
    work::enqueue_options const high{.priority = 2};
    std::vector<parcel> const two(2, one);
    for (work::enqueue_options const& o : {in, at}) {
        b.get(to.enqueue(one, o));
        b.get(to.enqueue("parcel", named, o));
        b.get(to.enqueue(work::make("count", 1).with(o)));
        b.get(to.enqueue(work::make<parcel>(1).with(o)));
        b.get(to.enqueue_with(o, "count", 1));
        b.get(to.enqueue_json("count", "[1]", o));
        b.get(to.enqueue(two, o));
    }
    EXPECT_EQ(b.counts().scheduled, 16);
    b.get(to.enqueue_at<parcel>(soon, 1, "ada"));
    b.get(to.enqueue_at(soon, "count", 1));
    b.get(to.enqueue_in(1h, work::make("count", 1)));
    b.get(to.enqueue_at(soon, work::make("count", 1)));
    b.get(to.enqueue_in(1h, one, high));
    b.get(to.enqueue_at(soon, "parcel", named, high));
    EXPECT_EQ(b.counts().scheduled, 22);
    b.drain();
    EXPECT_TRUE(ran.empty());
}

TEST_F(made_jobs, are_refused_before_any_of_them_is_stored)
{
    std::vector<work::new_job> jobs(3, work::make("count", 1));
    auto const refused = [&](work::errc why) {
        try {
            b.get(b.enqueuer->enqueue(jobs));
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), why) << e.what();
            return true;
        }
        return false;
    };
    jobs[2] = work::new_job();
    EXPECT_TRUE(refused(work::errc::invalid_name));
    jobs[2] = work::make("count", 1).with({.in = 24h * 365 * 11});
    EXPECT_TRUE(refused(work::errc::invalid_option));
    jobs[2] = work::make("count", std::string(17 << 20, 'x'));
    EXPECT_TRUE(refused(work::errc::payload_too_large));
    EXPECT_EQ(b.counts().pending, 0);
    EXPECT_THROW(
        (void)b.enqueuer->enqueue_in(1s, work::make("count", 1).with({.in = 1s})),
        work::error
    );
    EXPECT_TRUE(b.get(b.enqueuer->enqueue(std::vector<work::new_job>())).empty());
}

}  // namespace
}  // namespace pool_tests
