// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// While workers are updated one after the other, the old ones meet records of the new ones: those
// wait in sight for who can read them, and hold up nobody.

#include <work/broker/broker.hpp>
#include <work/inspector.hpp>
#include <work/work.hpp>

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

struct newer_records : either_broker
{
    /// As a newer program stores it.
    void store(std::string const& id, std::string_view head)
    {
        std::string const envelope = std::string(head) + " 0000 1790000000000 mail\n\n[]";
        work::new_job job;
        job.id = id;
        job.list = "mail";
        job.envelope = envelope;
        work::enqueue_request request;
        request.producer = "newer";
        request.number = ++number;
        request.jobs.push_back(std::move(job));
        get(client->broker()->enqueue(std::move(request)));
    }
    /// Runs until nothing is pending.
    void run()
    {
        work::worker_pool pool(*client, work::pool_options());
        pool.handle("mail", [this]() -> work::task<void> {
            ++ran;
            co_return;
        });
        get(pool.run_until_empty());
    }
    /// An exchange with chores of a pool that knows this.
    void comes(work::record_reader reader)
    {
        work::exchange_request request;
        request.pool = "newer";
        request.number = ++number;
        request.chores = true;
        request.reads = reader;
        get(client->broker()->exchange(std::move(request)));
    }

    std::int64_t number = 0;
    int ran = 0;
};

TEST_P(newer_records, wait_in_sight_and_hold_up_nobody)
{
    for (int i = 0; i != 3; ++i)
        store("new" + std::to_string(i), i == 0 ? "3 0000" : "2 4000");
    for (int i = 0; i != 5; ++i)
        get(enqueuer->enqueue("mail"));
    run();
    EXPECT_EQ(ran, 5);
    work::broker_counts const counts = get(inspector->counts());
    EXPECT_EQ(counts.waiting, 3);
    EXPECT_EQ(counts.unsupported, 3);
    EXPECT_EQ(counts.set_aside, 0);
    EXPECT_EQ(counts.dead, 0);
    work::job_info const job = get(inspector->job("new0"));
    EXPECT_EQ(job.state, work::job_state::waiting);
    EXPECT_EQ(job.name, "mail");
    EXPECT_EQ(job.unreadable, "it is of format 3, this program knows 2");
    EXPECT_FALSE(job.bound) << "it needs no job";
    work::explanation const why = get(inspector->explain("new1"));
    EXPECT_EQ(why.reasons.at(0).gate, "reader");
    EXPECT_THAT(why.text(), HasSubstr("this program does not know its features 4000"));
    work::diagnosis const found = get(inspector->doctor());
    EXPECT_TRUE(std::any_of(found.findings.begin(), found.findings.end(), [](auto const& one) {
        return one.check == "unsupported" && one.level == "warning" &&
               one.sentence.starts_with("3 jobs wait for a newer program");
    }));
    // One that knows the features comes; here they are met by one that does not, again.
    comes({2, 0x4000});
    EXPECT_EQ(get(inspector->counts()).pending, 2);
    run();
    EXPECT_EQ(get(inspector->counts()).unsupported, 3);
    EXPECT_EQ(get(inspector->job("new1")).failed_attempts, 0) << "however often";
    EXPECT_EQ(ran, 5);
}

TEST_P(newer_records, are_found_by_pages_and_can_be_cancelled)
{
    store("new", "3 0000");
    run();
    work::job_filter filter;
    filter.states = work::job_states{work::job_state::waiting};
    work::job_page const page = get(inspector->find(filter));
    ASSERT_EQ(page.jobs.size(), 1u);
    EXPECT_EQ(page.jobs[0].name, "mail");
    EXPECT_THAT(page.jobs[0].unreadable, HasSubstr("of format 3"));
    EXPECT_EQ(get(inspector->cancel({"new"})).at(0).code, work::admin_code::done);
    EXPECT_EQ(get(inspector->counts()).unsupported, 0);
    EXPECT_EQ(get(inspector->job("new")).state, work::job_state::cancelled);
}

INSTANTIATE_TEST_SUITE_P(on, newer_records, testing::Values("memory", "redis"), [](auto const& on) {
    return on.param;
});

}  // namespace
}  // namespace pool_tests
