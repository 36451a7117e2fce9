// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Lines that handlers log, kept with their jobs.

#include <work/broker/broker.hpp>
#include <work/values/job_log.hpp>
#include <work/work.hpp>

#include <boost/asio/thread_pool.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "pool/bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(work::job_log const& log)
{
    std::vector<std::string> all;
    for (work::job_log_line const& line : log.lines)
        all.push_back(line.text);
    return all;
}

struct job_logs : testing::TestWithParam<bool>
{
    job_logs()
    {
        std::string url = "memory:";
        if (GetParam())
            url = server.emplace().url();
        b.emplace(work::pool_options(), bench::many_threads, url);
    }
    work::job_log log_of(std::string const& id) { return b->get(b->inspector->logs(id)); }

    std::optional<work::testing::redis_server> server;
    std::optional<bench> b;
};

TEST_P(job_logs, are_seen_while_the_job_runs_and_stay_with_one_that_is_dead)
{
    bool go_on = false;
    b->pool->handle(
        "send",
        [&](work::context& job) -> work::task<void> {
            job.log("attempt {} sends {} of {}", job.attempt(), 3, 9);
            while (!go_on)
                co_await wait_for(1ms);
            job.log("it failed");
            throw std::runtime_error("no luck");
        },
        at_once(2)
    );
    std::string const id = b->enqueue("send");
    b->start();
    ASSERT_TRUE(b->until([&] { return !log_of(id).lines.empty(); }));
    auto const first = log_of(id);
    EXPECT_THAT(texts(first), ElementsAre("attempt 1 sends 3 of 9"));
    EXPECT_GT(first.lines[0].at_ms, 0);
    EXPECT_EQ(first.id, id);
    go_on = true;
    ASSERT_TRUE(b->until([&] { return b->job(id).state == work::job_state::dead; }));
    auto const log = log_of(id);
    EXPECT_THAT(
        texts(log),
        ElementsAre("attempt 1 sends 3 of 9", "it failed", "attempt 2 sends 3 of 9", "it failed")
    );
    EXPECT_EQ(log.lost, 0);
    EXPECT_EQ(log.lines[3].attempt, 2);
    EXPECT_EQ(log.lines[3].number, 2);
    b->stop();
    b->get(b->inspector->remove({id}));
    EXPECT_THAT(log_of(id).lines, IsEmpty()) << "it goes with the job";
}

TEST_P(job_logs, of_completed_jobs_stay_as_long_as_these_are_kept)
{
    int const jobs = 60;  // ten of a second are kept
    b->pool->handle("a", [](work::context& job, int n) -> work::task<void> {
        job.log("this is {}", n);
        co_return;
    });
    std::vector<std::string> ids;
    for (int i = 0; i != jobs; ++i)
        ids.push_back(b->enqueue("a", i));
    b->drain();
    int kept = 0, gone = 0;
    for (std::string const& id : ids) {
        bool const known = b->job(id).state == work::job_state::completed;
        EXPECT_EQ(log_of(id).lines.size(), known ? 1u : 0u) << id;
        known ? ++kept : ++gone;
    }
    EXPECT_GE(kept, 10);
    EXPECT_GT(gone, 0);
    b->get(b->inspector->remove(ids));
    for (std::string const& id : ids)
        EXPECT_THAT(log_of(id).lines, IsEmpty());
}

TEST_P(job_logs, hold_the_last_hundred_lines_and_say_how_many_are_lost)
{
    b->pool->handle("a", [](work::context& job) -> work::task<void> {
        for (int i = 1; i <= 130; ++i)
            job.log("line {}", i);
        job.log(std::string(2000, 'x'));
        throw work::fatal("enough");
        co_return;
    });
    std::string const id = b->enqueue("a");
    b->drain();
    auto const log = log_of(id);
    ASSERT_EQ(log.lines.size(), 100u);
    EXPECT_EQ(log.lost, 31);
    EXPECT_EQ(log.lines[0].text, "line 32");
    EXPECT_EQ(log.lines[98].text, "line 130");
    EXPECT_LE(log.lines[99].text.size(), work::max_job_log_line);
    EXPECT_THAT(log.lines[99].text, HasSubstr("(2000 bytes)"));
}

// As a check-in is: of a claim whose lease is lost nothing is taken.
TEST_P(job_logs, are_fenced)
{
    auto const& broker = b->client->broker();
    std::string const id = b->enqueue("a");
    work::exchange_request claim;
    claim.pool = "p";
    claim.want = 1;
    claim.serves.push_back(work::served_list{"a"});
    claim.fetch_order.push_back(work::wanted_list{"a", 1});
    auto const got = b->get(broker->exchange(claim));
    ASSERT_EQ(got.jobs.size(), 1u);
    auto const say = [&](std::int64_t number, work::claim_number of) {
        work::exchange_request words;
        words.pool = "p";
        words.number = number;
        words.logs.push_back(work::job_log_lines{of, id, {"a line", "another"}});
        b->get(broker->exchange(words));
    };
    say(1, got.claim + 2);
    EXPECT_THAT(b->get(broker->logs(id)), IsEmpty());
    say(2, got.claim);
    say(2, got.claim);  // a repeated number changes nothing
    EXPECT_THAT(b->get(broker->logs(id)), ElementsAre("a line", "another"));
    work::exchange_request ends;
    ends.pool = "p";
    ends.number = 3;
    ends.outcomes = {{got.claim, id, work::outcome_kind::retry, 60'000, "{}"}};
    b->get(broker->exchange(ends));
    say(4, got.claim);
    EXPECT_THAT(b->get(broker->logs(id)), ElementsAre("a line", "another"));
}

INSTANTIATE_TEST_SUITE_P(, job_logs, testing::Bool(), [](auto const& which) {
    return which.param ? "redis" : "memory";
});

TEST(job_log, of_handlers_elsewhere_is_taken_on_the_pools_thread)
{
    boost::asio::thread_pool elsewhere(2);
    {
        work::pool_options how;
        how.handler_executor = elsewhere.get_executor();
        bench b(how);
        b.pool->handle("a", [](work::context& job) -> work::task<void> {
            job.log("from {}", "elsewhere");
            co_await job.checkin("on its way");
            throw work::fatal("enough");
        });
        std::string const id = b.enqueue("a");
        b.drain();
        EXPECT_THAT(texts(b.get(b.inspector->logs(id))), ElementsAre("from elsewhere"));
    }
    elsewhere.join();
}

TEST(job_log, is_filled_in_whatever_does_not_fit)
{
    using work::detail::fill_in;
    EXPECT_EQ(fill_in("{} of {}", {"3", "9"}), "3 of 9");
    EXPECT_EQ(fill_in("{{}} {}", {"3"}), "{} 3");
    EXPECT_EQ(fill_in("{} {}", {"3"}), "3 {}");
    EXPECT_EQ(fill_in("all", {"3", "9"}), "all 3 9");
    EXPECT_EQ(fill_in("{0} {", {}), "{0} {");
    EXPECT_EQ(work::detail::log_text(true), "true");
    EXPECT_EQ(work::detail::log_text(-7), "-7");
    EXPECT_EQ(work::detail::log_text(2.5), "2.5");
    EXPECT_EQ(work::detail::log_text('c'), "c");
    EXPECT_EQ(work::detail::log_text("text"), "text");
}

TEST(job_log, tells_gaps_and_shows_what_it_can_not_read)
{
    auto const line = [](int attempt, int number) {
        return work::encode_log_line({7, attempt, number, "x"});
    };
    auto const log =
        work::read_job_log("j", {line(1, 3), line(1, 4), line(1, 9), "no json", line(2, 1)});
    EXPECT_EQ(log.lost, 2 + 4);
    ASSERT_EQ(log.lines.size(), 5u);
    EXPECT_EQ(log.lines[3].text, "no json");
    EXPECT_EQ(log.lines[4].attempt, 2);
}

}  // namespace
}  // namespace pool_tests
