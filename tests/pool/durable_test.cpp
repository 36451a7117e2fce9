// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs that replicas of the server have: how many, and what is said where they have not.

#include <work/blocking_enqueuer.hpp>
#include <work/bounds.hpp>

#include <map>
#include <regex>

#include "bench.hpp"
#include "support/pause.hpp"
#include "support/proxy.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;
using work::testing::redis_server;

/// A server with two replicas.
struct durable : testing::Test
{
    durable()
    {
        for (redis_server* const one : {&first, &second})
            EXPECT_TRUE(work::testing::soon(
                [&] {
                    return one->ask("INFO replication").find("master_link_status:up") !=
                           std::string::npos;
                },
                60s
            ));
        EXPECT_EQ(replicas(), 2);
    }
    static std::vector<std::string> of(redis_server const& server)
    {
        return {"--replicaof", "127.0.0.1", std::to_string(server.port())};
    }
    int replicas()
    {
        std::string const told = primary.ask("INFO replication");
        return told[told.find("connected_slaves:") + 17] - '0';
    }
    int has(redis_server& server, std::string const& list)
    {
        std::string const told = server.ask("LLEN work:{work}:list:" + list);
        return std::stoi(told.substr(1));
    }
    int sent(std::string const& command)
    {
        std::string const told = primary.ask("INFO commandstats");
        auto const at = told.find("cmdstat_" + command + ":calls=");
        return at == told.npos ? 0 : std::stoi(told.substr(at + command.size() + 15));
    }

    // Little is buffered for a replica that was stopped, and it is asked for often.
    redis_server primary{{"--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0"}};
    redis_server first{of(primary)};
    redis_server second{of(primary)};
};

work::durability wanted(int replicas, std::chrono::milliseconds at_most = 60s)
{
    return {.replicas = replicas, .at_most = at_most};
}

TEST_F(durable, jobs_are_with_as_many_replicas_as_the_answer_says)
{
    bench b({}, bench::many_threads, primary.url());
    auto const stored = b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), wanted(2)));
    // At once, by what the replicas themselves say.
    EXPECT_EQ(has(first, "mail"), 1);
    EXPECT_EQ(has(second, "mail"), 1);
    EXPECT_TRUE(stored.enough);
    EXPECT_EQ(stored.replicas, 2);
    EXPECT_EQ(stored.trouble, "");
    EXPECT_FALSE(stored.on_disk);
    ASSERT_EQ(stored.jobs.size(), 1u);
    EXPECT_FALSE(stored.jobs[0].duplicate());
    EXPECT_EQ(b.job(stored.jobs[0].id()).state, work::job_state::pending);
}

TEST_F(durable, too_few_in_time_are_told_and_the_job_is_stored)
{
    bench b({}, bench::many_threads, primary.url());
    second.freeze();
    auto const one = b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), wanted(1)));
    EXPECT_TRUE(one.enough);
    EXPECT_EQ(one.replicas, 1);
    // Where the machine is slow, the first one has it later than after 300 ms.
    work::durable_jobs two;
    int stored = 1;
    for (auto at_most = 300ms; two.replicas == 0 && at_most < 30s; at_most *= 4) {
        auto const began = std::chrono::steady_clock::now();
        two = b.get(b.enqueuer->enqueue_durably(work::make("mail", 2), wanted(2, at_most)));
        auto const took = std::chrono::steady_clock::now() - began;
        ++stored;
        EXPECT_FALSE(two.enough);
        EXPECT_EQ(two.trouble, "");
        EXPECT_GE(took, at_most);
        EXPECT_LT(took, at_most + 10s);
    }
    EXPECT_EQ(two.replicas, 1);
    EXPECT_EQ(b.job(two.jobs.at(0).id()).state, work::job_state::pending);
    second.thaw();
    auto const three = b.get(b.enqueuer->enqueue_durably(work::make("mail", 3), wanted(2)));
    EXPECT_TRUE(three.enough);
    EXPECT_EQ(has(second, "mail"), stored + 1);
}

TEST_F(durable, many_wait_once)
{
    bench b({}, bench::many_threads, primary.url());
    std::vector<work::new_job> jobs;
    for (int i = 0; i != 1000; ++i)
        jobs.push_back(work::make("mail", i));
    jobs[7] = work::make("mail", 7).with({.id = "seven"});
    jobs[900] = work::make("mail", 7).with({.id = "seven"});
    auto const stored = b.get(b.enqueuer->enqueue_durably(jobs, wanted(2)));
    EXPECT_TRUE(stored.enough);
    EXPECT_EQ(has(first, "mail"), 999);
    EXPECT_EQ(sent("wait"), 1);
    ASSERT_EQ(stored.jobs.size(), 1000u);
    EXPECT_EQ(stored.jobs[7].id(), "seven");
    EXPECT_FALSE(stored.jobs[7].duplicate());
    EXPECT_TRUE(stored.jobs[900].duplicate());
    // So do a hundred coroutines that want the same at the same time.
    int ended = 0;
    for (int i = 0; i != 100; ++i)
        boost::asio::co_spawn(
            b.io,
            b.enqueuer->enqueue_durably(work::make("bill", i), wanted(2)),
            [&](std::exception_ptr failure, work::durable_jobs const& one) {
                EXPECT_FALSE(failure);
                EXPECT_TRUE(one.enough);
                EXPECT_EQ(one.jobs.size(), 1u);
                ++ended;
            }
        );
    EXPECT_TRUE(b.until([&] { return ended == 100; }));
    EXPECT_EQ(has(second, "bill"), 100);
    EXPECT_LE(sent("wait"), 4);
    EXPECT_EQ(sent("waitaof"), 0);
}

TEST_F(durable, nothing_of_it_is_used_by_others)
{
    bench b({}, bench::many_threads, primary.url());
    (void)b.enqueue("mail", 1);
    EXPECT_EQ(sent("wait"), 0);
    EXPECT_EQ(sent("getex"), 0);
    EXPECT_EQ(b.client->broker()->links().size(), 2u);
    (void)b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), wanted(1)));
    EXPECT_EQ(b.client->broker()->links().size(), 3u);
}

// Nothing that was written over the new connection could be waited for, were it not written anew.
TEST_F(durable, answers_that_are_lost_store_once_and_confirm_nothing_that_was_not_asked)
{
    work::testing::proxy between(primary.port(), 0.15, 7);
    bench b({}, bench::many_threads, between.url());
    std::map<std::string, int> ids;
    for (int i = 0; i != 60; ++i) {
        auto const stored = b.get(b.enqueuer->enqueue_durably(work::make("mail", i), wanted(2)));
        EXPECT_TRUE(stored.enough) << i << " " << stored.trouble;
        ++ids[stored.jobs.at(0).id()];
        EXPECT_EQ(has(first, "mail"), i + 1);
        EXPECT_EQ(has(second, "mail"), i + 1);
    }
    EXPECT_GE(between.cuts(), 3);
    EXPECT_EQ(ids.size(), 60u);
    // A replica that is behind is not counted on a connection that was made again, either.
    second.freeze();
    for (int i = 0; i != 10; ++i) {
        auto const stored =
            b.get(b.enqueuer->enqueue_durably(work::make("late", i), wanted(2, 200ms)));
        EXPECT_FALSE(stored.enough);
        EXPECT_LE(stored.replicas, 1);
    }
    second.thaw();
    EXPECT_EQ(has(primary, "late"), 10);
}

TEST_F(durable, a_server_that_went_away_while_it_was_waited_for_is_said)
{
    bench b({}, bench::many_threads, primary.url());
    (void)b.get(b.enqueuer->enqueue_durably(work::make("mail", 0), wanted(2)));
    second.freeze();
    work::durable_jobs stored;
    bool ended = false;
    boost::asio::co_spawn(
        b.io,
        b.enqueuer->enqueue_durably(work::make("mail", 1), wanted(2, 1s)),
        [&](std::exception_ptr failure, work::durable_jobs one) {
            EXPECT_FALSE(failure);
            stored = std::move(one);
            ended = true;
        }
    );
    EXPECT_TRUE(b.until([&] { return has(first, "mail") == 2; }));
    primary.kill();
    EXPECT_TRUE(b.until([&] { return ended; }));
    EXPECT_FALSE(stored.enough);
    EXPECT_NE(stored.trouble, "");
    EXPECT_EQ(stored.jobs.size(), 1u);
    second.thaw();
}

TEST_F(durable, a_full_queue_refuses_its_jobs_and_no_others)
{
    bench b({}, bench::many_threads, primary.url());
    work::bounds bounds{*b.client};
    work::bound_options how;
    how.most = 1;
    how.full = work::when_full::wait;
    (void)b.get(bounds.set("mail", how));
    EXPECT_TRUE(b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), wanted(2))).enough);
    std::vector<work::new_job> const jobs{work::make("bill", 1), work::make("mail", 2)};
    try {
        (void)b.get(b.enqueuer->enqueue_durably(jobs, wanted(2)));
        ADD_FAILURE() << "the full queue took it";
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::queue_full);
        EXPECT_THAT(e.what(), HasSubstr("queue \"mail\" is full"));
    }
    EXPECT_EQ(has(first, "mail"), 1);
    EXPECT_TRUE(work::testing::soon([&] { return has(second, "bill") == 1; }));
}

TEST_F(durable, threads_without_coroutines_have_it_too)
{
    work::blocking_enqueuer jobs{primary.url()};
    auto const one = jobs.enqueue_durably(work::make("mail", 1), wanted(2));
    EXPECT_TRUE(one.enough);
    auto const two = jobs.enqueue_durably({work::make("mail", 2), work::make("bill", 2)});
    EXPECT_TRUE(two.enough);
    EXPECT_EQ(two.jobs.size(), 2u);
}

std::string refused(bench& b, work::durability how)
{
    try {
        (void)b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), how));
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        return e.what();
    }
    return {};
}

TEST(durability, that_can_not_be_had_is_refused_before_anything_is_stored)
{
    bench memory;
    EXPECT_THAT(refused(memory, {.replicas = 1}), HasSubstr("jobs in memory can't be"));
    EXPECT_EQ(memory.counts().pending, 0);
    EXPECT_THAT(refused(memory, {.replicas = 0}), HasSubstr("0 replicas and no append-only file"));
    EXPECT_THAT(refused(memory, {.replicas = 1001}), HasSubstr("durability::replicas is 1001"));
    EXPECT_THAT(refused(memory, {.at_most = 0ms}), HasSubstr("durability::at_most"));
    EXPECT_THAT(refused(memory, {.at_most = 61s}), HasSubstr("durability::at_most"));

    redis_server server;
    bench b({}, bench::many_threads, server.url());
    std::string const said = refused(b, {.replicas = 0, .aof = true});
    bool const has_waitaof = server.ask("WAITAOF 0 0 1").find("ERR") == std::string::npos;
    EXPECT_THAT(said, HasSubstr(has_waitaof ? "which has none" : "can't say: WAITAOF came with"));
    EXPECT_THAT(said, HasSubstr("redis "));
    EXPECT_THAT(said, HasSubstr(std::to_string(server.port())));
    EXPECT_EQ(b.counts().pending, 0);
    auto const none =
        b.get(b.enqueuer->enqueue_durably(std::vector<work::new_job>(), {.replicas = 1}));
    EXPECT_TRUE(none.enough);
    auto const alone = b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), {.at_most = 50ms}));
    EXPECT_FALSE(alone.enough);
    EXPECT_EQ(alone.replicas, 0);
    EXPECT_EQ(b.counts().pending, 1);
}

// A server that has the command says how many have the batch in their files, itself first.
TEST(durability, of_the_file_is_what_the_server_says)
{
    struct told
    {
        char const* answer;
        int wanted;
        bool enough;
        bool on_disk;
        int replicas;
    };
    for (told const& one : {
             told{"1,0", 0, true, true, 0},
             told{"1,2", 2, true, true, 2},
             told{"1,1", 2, false, true, 1},
             told{"0,0", 0, false, false, 0},
             told{"0,1", 1, false, false, 1},
         }) {
        SCOPED_TRACE(one.answer);
        redis_server server({"--appendonly", "yes"});
        work::testing::proxy between(server.port(), 0, 1);
        std::string const text = std::string("return {") + one.answer + "}";
        between.rewrite([&](std::string_view piece) {
            static std::regex const waitaof(R"(\*4\r\n\$7\r\nWAITAOF\r\n(\$\d+\r\n\d+\r\n){3})");
            std::string const eval = "*3\r\n$$4\r\nEVAL\r\n$$" + std::to_string(text.size()) +
                                     "\r\n" + text + "\r\n$$1\r\n0\r\n";
            return std::regex_replace(std::string(piece), waitaof, eval);
        });
        bench b({}, bench::many_threads, between.url());
        auto const stored = b.get(b.enqueuer->enqueue_durably(
            work::make("mail", 1),
            {.replicas = one.wanted, .aof = true, .at_most = 200ms}
        ));
        EXPECT_EQ(stored.enough, one.enough);
        EXPECT_EQ(stored.on_disk, one.on_disk);
        EXPECT_EQ(stored.replicas, one.replicas);
        EXPECT_EQ(b.counts().pending, 1) << "whatever came of it";
    }
}

TEST(durability, of_the_file_is_heard_where_the_server_has_it)
{
    redis_server server({"--appendonly", "yes"});
    if (server.ask("WAITAOF 0 0 1").find("ERR") != std::string::npos)
        GTEST_SKIP() << "this server has no WAITAOF";
    bench b({}, bench::many_threads, server.url());
    auto const stored =
        b.get(b.enqueuer->enqueue_durably(work::make("mail", 1), {.replicas = 0, .aof = true}));
    EXPECT_TRUE(stored.enough);
    EXPECT_TRUE(stored.on_disk);
}

}  // namespace
}  // namespace pool_tests
