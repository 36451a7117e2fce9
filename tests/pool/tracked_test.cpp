// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The state of the jobs that one said one was interested in.

#include "bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

/// On either broker.
struct tracked : testing::TestWithParam<char const*>
{
    tracked()
    {
        std::string url = "memory:";
        if (GetParam() == std::string("redis"))
            url = server.emplace().url();
        b.emplace(work::pool_options(), bench::many_threads, url);
    }
    work::admin_code track(std::string const& id)
    {
        return b->get(b->inspector->track({id}, "ada")).at(0).code;
    }
    std::vector<work::tracked_job> all() { return b->get(b->inspector->tracked()); }
    work::tracked_job one(std::string const& id)
    {
        for (work::tracked_job const& job : all())
            if (job.id == id)
                return job;
        ADD_FAILURE() << id << " is not tracked";
        return {};
    }

    std::optional<work::testing::redis_server> server;
    std::optional<bench> b;
};

TEST_P(tracked, jobs_are_shown_where_they_are_until_they_are_untracked)
{
    std::string const first = b->enqueue("mail", 1);
    std::string const second = b->enqueue_with({.queue = "slow", .in = 1h}, "mail", 2);
    EXPECT_EQ(track(first), work::admin_code::done);
    EXPECT_EQ(track(second), work::admin_code::done);
    EXPECT_EQ(track(first), work::admin_code::already);
    EXPECT_EQ(track("nobody"), work::admin_code::gone);
    ASSERT_EQ(all().size(), 2u);
    work::tracked_job const job = one(second);
    EXPECT_EQ(job.state, work::job_state::scheduled);
    EXPECT_EQ(job.name, "mail");
    EXPECT_EQ(job.queue, "slow");
    EXPECT_EQ(job.by, "ada");
    EXPECT_TRUE(job.there);
    EXPECT_EQ(job.ended_ms, 0);
    EXPECT_GT(job.since_ms, 1'600'000'000'000);
    EXPECT_EQ(one(first).state, work::job_state::pending);

    auto const codes = b->get(b->inspector->untrack({first, "nobody"}, "ada"));
    EXPECT_EQ(
        codes,
        (std::vector<work::admin_code>{work::admin_code::done, work::admin_code::already})
    );
    ASSERT_EQ(all().size(), 1u);
    auto const audit = b->get(b->inspector->audit());
    ASSERT_GE(audit.entries.size(), 3u);
    EXPECT_EQ(audit.entries[0].action, "untrack");
    EXPECT_EQ(audit.entries[0].asked, 2);
    EXPECT_EQ(audit.entries[0].done, 1);
}

TEST_P(tracked, an_end_of_which_nothing_is_kept_is_known)
{
    // The first ten of a second are kept, so that people see success; one that is tracked is not.
    b->pool->handle("mail", [](work::context&, int) -> work::task<void> { co_return; });
    std::string id, other;
    // Again where another second began just before the last two.
    bool kept = true;
    for (int turn = 0; kept && turn != 20; ++turn) {
        if (turn != 0)
            (void)b->get(b->inspector->untrack({id}));
        for (int i = 0; i != 30; ++i)
            (void)b->enqueue("mail", i);
        id = b->enqueue("mail", 30);
        other = b->enqueue("mail", 31);
        EXPECT_EQ(track(id), work::admin_code::done);
        b->drain();
        work::tracked_job const job = one(id);
        EXPECT_EQ(job.state, work::job_state::completed);
        EXPECT_GE(job.ended_ms, job.since_ms);
        kept = job.there || b->job(other).state != work::job_state::unknown;
    }
    EXPECT_FALSE(kept);
    EXPECT_EQ(track(other), work::admin_code::gone);
    (void)b->get(b->inspector->untrack({id}));
    EXPECT_TRUE(all().empty());
}

TEST_P(tracked, one_that_was_dead_and_runs_again_is_followed_to_its_end)
{
    bool good = false;
    b->pool->handle("mail", [&](work::context&) -> work::task<void> {
        if (!good)
            throw work::fatal("no such address");
        co_return;
    });
    std::string const id = b->enqueue("mail");
    EXPECT_EQ(track(id), work::admin_code::done);
    b->drain();
    EXPECT_EQ(one(id).state, work::job_state::dead);
    EXPECT_TRUE(one(id).there);
    EXPECT_GT(one(id).ended_ms, 0);
    good = true;
    (void)b->get(b->inspector->requeue({id}));
    EXPECT_EQ(one(id).state, work::job_state::pending);
    b->drain();
    (void)b->get(b->inspector->remove({id}));
    EXPECT_EQ(one(id).state, work::job_state::completed);
    EXPECT_FALSE(one(id).there);
}

TEST_P(tracked, one_that_was_deleted_is_unknown)
{
    std::string const id = b->enqueue("mail");
    EXPECT_EQ(track(id), work::admin_code::done);
    (void)b->get(b->inspector->cancel({id}));
    EXPECT_EQ(one(id).state, work::job_state::cancelled);
    EXPECT_TRUE(one(id).there);
    (void)b->get(b->inspector->remove({id}));
    EXPECT_EQ(one(id).state, work::job_state::cancelled);
    EXPECT_FALSE(one(id).there);
}

TEST_P(tracked, one_that_was_dead_and_was_deleted_is_shown_as_dead)
{
    std::string const id = b->enqueue("mail");
    EXPECT_EQ(track(id), work::admin_code::done);
    (void)b->get(b->inspector->kill({id}));
    std::int64_t const died = one(id).ended_ms;
    EXPECT_GT(died, 0);
    (void)b->get(b->inspector->remove({id}));
    EXPECT_EQ(one(id).state, work::job_state::dead);
    EXPECT_FALSE(one(id).there);
    EXPECT_EQ(one(id).ended_ms, died);
    // One that lives again has not ended.
    std::string const other = b->enqueue("mail");
    EXPECT_EQ(track(other), work::admin_code::done);
    (void)b->get(b->inspector->kill({other}));
    (void)b->get(b->inspector->requeue({other}));
    EXPECT_EQ(one(other).state, work::job_state::pending);
    EXPECT_EQ(one(other).ended_ms, 0);
}

TEST_P(tracked, there_are_so_many_at_most)
{
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 1001; ++i)
        jobs.push_back(work::make("mail", i));
    std::vector<std::string> ids;
    for (work::job_handle const& one : b->get(b->enqueuer->enqueue(jobs)))
        ids.push_back(one.id());
    std::vector<std::string> const most(ids.begin(), ids.begin() + 1000);
    (void)b->get(b->inspector->track(most));
    EXPECT_EQ(all().size(), 1000u);
    try {
        (void)b->get(b->inspector->track({ids[0], ids[1000]}));
        ADD_FAILURE() << "one too many is tracked";
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::too_many);
        EXPECT_THAT(e.what(), testing::HasSubstr("1000 jobs are tracked"));
    }
    EXPECT_EQ(all().size(), 1000u);
    EXPECT_EQ(track(ids[0]), work::admin_code::already);
}

INSTANTIATE_TEST_SUITE_P(on, tracked, testing::Values("memory", "redis"));

}  // namespace
}  // namespace pool_tests
