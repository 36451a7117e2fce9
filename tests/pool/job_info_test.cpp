// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What the inspector tells of a job.

#include <work/broker/broker.hpp>

#include <stdexcept>

#include "bench.hpp"

struct parcel
{
    std::int64_t number = 0;
    std::string to;
};
BOOST_DESCRIBE_STRUCT(parcel, (), (number, to))

namespace pool_tests {
namespace {

using testing::HasSubstr;

work::job_info look(bench& b, std::string const& id)
{
    return b.get(b.inspector->job(id));
}

std::string thrown_by(std::function<void()> const& call)
{
    try {
        call();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_arguments);
        return e.what();
    }
    return "nothing";
}

TEST(job_info, of_a_job_that_never_was_is_unknown)
{
    bench b;
    work::job_info const job = look(b, "nope");
    EXPECT_EQ(job.id, "nope");
    EXPECT_EQ(job.state, work::job_state::unknown);
    EXPECT_THAT(work::to_json(job), HasSubstr("\"state\":\"unknown\""));
}

TEST(job_info, has_options_arguments_and_names)
{
    bench b;
    work::enqueue_options how;
    how.queue = "out:going";
    how.priority = -3;
    how.max_attempts = 4;
    how.tags = {"a"};
    parcel const sent{9'007'199'254'740'993, "Ada"};
    std::string const id = b.get(b.enqueuer->enqueue(sent, how)).id();
    work::job_info const job = look(b, id);
    EXPECT_EQ(job.state, work::job_state::pending);
    EXPECT_EQ(job.name, "parcel");
    EXPECT_EQ(job.queue, "out:going");
    EXPECT_EQ(job.priority, -3);
    EXPECT_GT(job.created_ms, 0);
    EXPECT_EQ(job.args, R"({"number":9007199254740993,"to":"Ada"})");
    EXPECT_EQ(job.args_as<parcel>().number, sent.number);
    EXPECT_EQ(job.args_as<parcel>().to, "Ada");
    auto const options = work::decode_options(job.options.text);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->max_attempts, 4);
    EXPECT_THAT(options->tags, testing::ElementsAre("a"));
    EXPECT_THAT(thrown_by([&] { job.result_as<int>(); }), HasSubstr("has no result that is kept"));
    // Options stand in JSON as they are, arguments as text.
    std::string const json = work::to_json(job);
    EXPECT_THAT(json, HasSubstr("\"options\":{\"priority\":-3,"));
    EXPECT_THAT(json, HasSubstr(R"("args":"{\"number\":9007199254740993,)"));
    EXPECT_THAT(json, HasSubstr("\"progress\":null,\"unique\":null,\"bound\":null,\"ended\":null"));
}

TEST(job_info, of_a_completed_job_gives_its_result_as_a_value)
{
    bench b;
    b.pool->handle<parcel>([](work::context&, parcel p) -> work::task<parcel> {
        p.number += 1;
        co_return p;
    });
    b.pool->handle("plain", nothing);
    std::string const id = b.get(b.enqueuer->enqueue<parcel>(9'007'199'254'740'993, "Ada")).id();
    std::string const plain = b.enqueue("plain");
    b.drain();
    work::job_info const job = look(b, id);
    EXPECT_EQ(job.state, work::job_state::completed);
    ASSERT_TRUE(job.ended);
    EXPECT_EQ(job.ended->outcome, "done");
    EXPECT_EQ(job.ended->attempt, 1);
    EXPECT_EQ(job.ended->pool, b.pool->id());
    EXPECT_GT(job.ended->at_ms, 0);
    EXPECT_EQ(job.result_as<parcel>().number, 9'007'199'254'740'994);
    EXPECT_THAT(thrown_by([&] { job.result_as<int>(); }), HasSubstr("parcel: result"));
    EXPECT_EQ(look(b, plain).result, "");
}

TEST(job_info, of_arguments_that_were_cut_says_so)
{
    bench b;
    b.pool->handle<parcel>([](work::context&, parcel) -> work::task<void> { co_return; });
    std::string const id = b.get(b.enqueuer->enqueue<parcel>(1, std::string(20'000, 'x'))).id();
    b.drain();
    work::job_info const job = look(b, id);
    ASSERT_EQ(job.state, work::job_state::completed);
    EXPECT_GT(job.cut_from, 20'000);
    EXPECT_THAT(thrown_by([&] { job.args_as<parcel>(); }), HasSubstr("only the beginning"));
}

TEST(job_info, of_a_dead_job_has_its_failures_in_order)
{
    bench b;
    b.pool->handle(
        "bad",
        [](work::context& job) -> work::task<void> {
            throw std::runtime_error("attempt " + std::to_string(job.attempt()));
            co_return;
        },
        at_once(3)
    );
    std::string const id = b.enqueue("bad");
    b.start();
    ASSERT_TRUE(b.until([&] { return look(b, id).state == work::job_state::dead; }));
    work::job_info const job = look(b, id);
    ASSERT_EQ(job.failures.size(), 3u);
    for (int i = 0; i != 3; ++i) {
        work::failure const& one = job.failures[static_cast<std::size_t>(i)];
        EXPECT_EQ(one.attempt, i + 1);
        EXPECT_EQ(one.type, "std::runtime_error");
        EXPECT_EQ(one.message, "attempt " + std::to_string(i + 1));
        EXPECT_EQ(one.pool, b.pool->id());
        EXPECT_TRUE(one.run_ms);
        EXPECT_EQ(one.wait_ms.has_value(), i == 0) << "of retries nobody knows it";
    }
    EXPECT_GT(job.when_ms, 0);
}

TEST(job_info, of_a_record_that_cannot_be_read_shows_its_bytes)
{
    work::job_record record;
    record.state = work::job_state::set_aside;
    record.envelope = "no\xff record";
    record.failures = {"{", R"({"attempt":1,"type":"a","message":"b","at_ms":2})"};
    record.progress = "half";
    record.kept = "[]";
    work::job_info const job = work::read_record("x", record);
    EXPECT_NE(job.unreadable, "");
    EXPECT_THAT(job.bytes, testing::StartsWith("no"));
    EXPECT_FALSE(job.progress);
    EXPECT_FALSE(job.ended);
    ASSERT_EQ(job.failures.size(), 2u);
    EXPECT_EQ(job.failures[0].type, "unreadable");
    EXPECT_EQ(job.failures[1].message, "b");
    EXPECT_THAT(work::to_json(job), HasSubstr("\"state\":\"set_aside\""));
}

TEST(job_info, of_a_running_job_has_its_pool_and_checkin)
{
    bench b;
    b.pool->handle("a", [](work::context& job) -> work::task<void> {
        co_await job.checkin("half", 50);
        co_await wait_for(1h);
    });
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return look(b, id).progress.has_value(); }));
    work::job_info const job = look(b, id);
    EXPECT_EQ(job.state, work::job_state::active);
    EXPECT_EQ(job.pool, b.pool->id());
    EXPECT_GT(job.fence, 0);
    EXPECT_EQ(job.progress->message, "half");
    EXPECT_EQ(job.progress->percent, 50.0);
    EXPECT_EQ(b.get(b.inspector->cancel({id})).at(0).code, work::admin_code::done);
}

TEST(pools, are_told_as_they_showed_themselves)
{
    bench b;
    b.pool->handle("a", nothing);
    b.start();
    std::vector<work::pool_info> pools;
    ASSERT_TRUE(b.until([&] {
        pools = b.get(b.inspector->pools());
        return !pools.empty();
    }));
    EXPECT_EQ(pools[0].pool, b.pool->id());
    EXPECT_EQ(pools[0].pid, ::getpid());
    EXPECT_EQ(pools[0].state, "running");
    EXPECT_THAT(pools[0].job_names, testing::ElementsAre("a"));
    EXPECT_GT(pools[0].heartbeat_at_ms, 0);
}

}  // namespace
}  // namespace pool_tests
