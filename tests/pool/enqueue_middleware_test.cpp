// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What stands between an enqueuer and the store.

#include <work/blocking_enqueuer.hpp>
#include <work/enqueuer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "pool/either_broker.hpp"

namespace {

struct guarded : pool_tests::either_broker
{
    work::job_info stored(work::new_job job)
    {
        return get(inspector->job(get(enqueuer->enqueue(std::move(job))).id()));
    }
    /// What the call says; "" when it takes the job.
    std::string refused(work::new_job job)
    {
        try {
            get(enqueuer->enqueue(std::move(job)));
        } catch (work::error const& fault) {
            EXPECT_EQ(fault.code(), work::errc::vetoed) << fault.what();
            return fault.what();
        }
        return {};
    }
};

TEST_P(guarded, layers_see_a_job_in_their_order_and_change_what_is_stored)
{
    std::vector<std::string> seen;
    enqueuer->use([&](work::new_job& job) {
        seen.push_back("first " + job.name() + std::string(job.arguments()));
        job.set_header("trace", "7").set_header("tenant", "acme");
        job.set_arguments("[1,2]");
    });
    enqueuer->use([&](work::new_job& job) {
        seen.push_back("then " + job.queue() + std::string(job.arguments()));
        work::stored_options how = job.options();
        how.max_attempts = 3;
        how.tags = {"seen"};
        how.priority = 4;
        job.set_options(how);
    });
    work::enqueue_options asked;
    asked.queue = "slow";
    asked.id = "mine";
    asked.headers = {{"tenant", "nobody"}, {"kept", "yes"}};
    auto const job = stored(work::make("resize", 7).with(asked));
    EXPECT_EQ(seen, (std::vector<std::string>{"first resize[7]", "then slow[1,2]"}));
    EXPECT_EQ(job.id, "mine");
    EXPECT_EQ(job.queue, "slow");
    EXPECT_EQ(job.args, "[1,2]");
    auto const options = work::decode_options(job.options.text);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->max_attempts, 3);
    EXPECT_EQ(options->priority, 4);
    EXPECT_EQ(options->tags, std::vector<std::string>{"seen"});
    using header = std::pair<std::string, std::string>;
    EXPECT_THAT(
        options->headers,
        testing::UnorderedElementsAre(
            header("tenant", "acme"),
            header("kept", "yes"),
            header("trace", "7")
        )
    );
    EXPECT_EQ(get(inspector->find({.tag = "seen"}, {})).jobs.size(), 1u);
}

TEST_P(guarded, a_veto_reaches_the_caller_and_nothing_is_stored)
{
    enqueuer->use([](work::new_job& job) {
        if (job.options().headers.empty())
            throw work::veto(job.name() + " has no tenant");
    });
    EXPECT_EQ(refused(work::make("mail", 1)), "mail has no tenant");
    work::enqueue_options of_acme;
    of_acme.headers = {{"tenant", "acme"}};
    std::vector<work::new_job> jobs{work::make("mail", 1).with(of_acme), work::make("mail", 2)};
    EXPECT_THROW(get(enqueuer->enqueue(jobs)), work::veto);
    EXPECT_EQ(get(inspector->counts()).pending, 0) << "none of a call that is refused is stored";
    EXPECT_EQ(refused(work::make("mail", 1).with(of_acme)), "");
    EXPECT_EQ(get(inspector->counts()).pending, 1);
}

TEST_P(guarded, what_a_job_is_unique_by_is_known_after_the_layers)
{
    enqueuer->use([](work::new_job& job) { job.set_arguments("[0]"); });
    work::enqueue_options once;
    once.unique = true;
    auto const first = get(enqueuer->enqueue(work::make("mail", 1).with(once)));
    auto const second = get(enqueuer->enqueue(work::make("mail", 2).with(once)));
    EXPECT_TRUE(second.duplicate());
    EXPECT_EQ(second.id(), first.id());
}

TEST_P(guarded, layers_that_ask_for_what_can_not_be_hear_it)
{
    EXPECT_THROW(enqueuer->use({}), work::error);
    auto const fails = [](auto what) {
        work::new_job job = work::make("mail", 1);
        try {
            what(job);
        } catch (work::error const& fault) {
            EXPECT_EQ(job.arguments(), "[1]") << "it was changed all the same";
            return std::string(work::error_category().message(fault.code().value()));
        }
        return std::string();
    };
    EXPECT_NE(fails([](work::new_job& job) { job.set_arguments("7"); }), "");
    EXPECT_NE(fails([](work::new_job& job) { job.set_arguments("[1"); }), "");
    EXPECT_NE(fails([](work::new_job& job) { job.set_header("a\nb", "1"); }), "");
    EXPECT_NE(
        fails([](work::new_job& job) {
            work::stored_options how;
            how.priority = 101;
            job.set_options(how);
        }),
        ""
    );
}

TEST(blocking_enqueuer_middleware, sees_jobs_and_refuses_them)
{
    work::blocking_enqueuer jobs("memory:");
    int seen = 0;
    jobs.use([&](work::new_job& job) {
        if (++seen == 2)
            throw work::veto("the second " + job.name());
    });
    EXPECT_FALSE(jobs.enqueue("mail", 1).id().empty());
    EXPECT_THROW(jobs.enqueue("mail", 2), work::veto);
}

INSTANTIATE_TEST_SUITE_P(on, guarded, testing::Values("memory", "redis"), [](auto const& of) {
    return std::string(of.param);
});

}  // namespace
