// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What pools measure, and what the inspector tells of it.

#include <work/broker/forwarding_broker.hpp>
#include <work/pool/history_writer.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <unistd.h>

#include "bench.hpp"
#include "either_broker.hpp"
#include "support/in_child.hpp"
#include "support/one_job.hpp"
#include "support/redis_server.hpp"
#include "support/started.hpp"

namespace pool_tests {
namespace {

using work::history_counts;

std::int64_t runs_of(work::job_stats const& of)
{
    std::int64_t all = 0;
    for (auto const& point : of.points)
        all += point.run ? point.run->count : 0;
    return all;
}
std::int64_t waits_of(work::job_stats const& of)
{
    std::int64_t all = 0;
    for (auto const& point : of.points)
        all += point.wait ? point.wait->count : 0;
    return all;
}
std::int64_t done_of(work::job_stats const& of)
{
    std::int64_t all = 0;
    for (auto const& point : of.points)
        all += point.done;
    return all;
}
std::int64_t failed_of(work::job_stats const& of)
{
    std::int64_t all = 0;
    for (auto const& point : of.points)
        all += point.failed;
    return all;
}

struct histories : either_broker
{
    work::job_stats stats(std::string_view name = {}, std::string_view queue = {})
    {
        return get(inspector->stats({.name = name, .queue = queue}));
    }
    /// Retries too, which are due at once.
    void drain(work::worker_pool& pool)
    {
        do {
            get(pool.run_until_empty());
        } while (get(inspector->counts()).retry > 0);
    }
};

TEST_P(histories, are_equal_to_what_ran)
{
    work::pool_options how;
    how.heartbeat = std::chrono::milliseconds(500);
    work::worker_pool pool(*client, how);
    int failures = 0;
    pool.handle("good", [](work::context&) -> work::task<void> { co_return; });
    pool.handle(
        "bad",
        [&failures](work::context& job) -> work::task<void> {
            if (job.attempt() < 3) {
                ++failures;
                throw std::runtime_error("not yet");
            }
            co_return;
        },
        at_once(5)
    );
    pool.handle("slow", [](work::context&) -> work::task<void> { co_await wait_for(120ms); });
    for (int i = 0; i != 300; ++i)
        get(enqueuer->enqueue("good"));
    for (int i = 0; i != 20; ++i)
        get(enqueuer->enqueue("bad"));
    for (int i = 0; i != 5; ++i)
        get(enqueuer->enqueue_with({.queue = "calm"}, "slow"));
    drain(pool);
    EXPECT_EQ(failures, 40);
    auto const all = stats();
    EXPECT_EQ(done_of(all), pool.processed());
    EXPECT_EQ(failed_of(all), pool.failed());
    EXPECT_EQ(done_of(all), 325);
    EXPECT_EQ(failed_of(all), 40);
    EXPECT_EQ(runs_of(all), 365) << "each attempt";
    EXPECT_EQ(waits_of(all), 325) << "first attempts";
    EXPECT_EQ(all.step_ms, 60'000);
    EXPECT_EQ(done_of(stats("good")), 300);
    EXPECT_EQ(runs_of(stats("bad")), 60);
    EXPECT_EQ(done_of(stats("", "calm")), 5);
    EXPECT_EQ(done_of(stats("slow", "calm")), 5);
    EXPECT_EQ(done_of(stats("slow", "slow")), 0);
    EXPECT_TRUE(stats("nobody").points.empty());
    auto const slow = stats("slow");
    ASSERT_FALSE(slow.points.empty());
    EXPECT_GT(slow.points.back().run->p50_ms, 64);
    EXPECT_LE(slow.points.back().run->p99_ms, 4'096);

    auto const names = get(inspector->name_stats());
    ASSERT_EQ(names.names.size(), 3u);
    EXPECT_EQ(names.names[0].name, "good");
    EXPECT_EQ(names.names[1].name, "bad");
    EXPECT_EQ(names.names[1].failed, 40);
    EXPECT_EQ(names.names[2].name, "slow");
    ASSERT_EQ(names.names[2].run.buckets.size(), 24u);
    EXPECT_EQ(
        std::accumulate(names.names[2].run.buckets.begin(), names.names[2].run.buckets.end(), 0),
        5
    );
    EXPECT_EQ(get(inspector->name_stats(std::chrono::hours(24), 1)).names.size(), 1u);
}

TEST_P(histories, count_the_wait_from_when_a_job_was_due)
{
    // Both were created an hour ago, so that no machine is too slow to tell them apart.
    auto const& broker = client->broker();
    std::int64_t const created_ms = get(broker->ask_now_ms()) - 3'600'000;
    work_test::one_job const first("j1", "now", created_ms);
    work_test::one_job const second("j2", "later", created_ms);
    get(broker->enqueue(first.batch(1)));
    get(broker->enqueue(second.batch(2, 50)));
    work::worker_pool pool(*client, {});
    pool.handle("now", nothing);
    pool.handle("later", nothing);
    do
        drain(pool);
    while (waits_of(stats("later")) == 0);
    auto const now = stats("now");
    auto const later = stats("later");
    ASSERT_EQ(waits_of(now), 1);
    ASSERT_EQ(waits_of(later), 1);
    EXPECT_GT(now.points.back().wait->p50_ms, 2'000'000);
    EXPECT_LT(later.points.back().wait->p50_ms, 200'000) << "it was due a moment ago";
}

TEST_P(histories, refuse_what_is_not_kept)
{
    auto const refused = [&](std::chrono::milliseconds range, std::chrono::milliseconds step) {
        try {
            get(inspector->stats({.range = range, .step = step}));
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), work::errc::invalid_option);
            return std::string(e.what());
        }
        return std::string("it is given");
    };
    EXPECT_THAT(refused(1min, 0ms), testing::HasSubstr("range is 1m, it must be 15m to 90d"));
    EXPECT_THAT(refused(91 * 24h, 0ms), testing::HasSubstr("it must be 15m to 90d"));
    EXPECT_THAT(refused(3h, 1min), testing::HasSubstr("step is 1m, of which 2h are kept"));
    EXPECT_THAT(refused(1h, 2min), testing::HasSubstr("step is 2m, it must be 1m, 10m, 1h or 1d"));
    EXPECT_THAT(refused(1h, 24h), testing::HasSubstr("longer than the range of 1h"));
    EXPECT_EQ(refused(2h, 1min), "it is given");
    EXPECT_EQ(refused(90 * 24h, 0ms), "it is given");
    EXPECT_THROW(get(inspector->stats({.name = "a\nb"})), work::error);
    EXPECT_THROW(get(inspector->name_stats(std::chrono::hours(1), 0)), work::error);
}

TEST_P(histories, that_have_no_room_are_told_by_the_doctor)
{
    auto const finding = [&] {
        for (auto const& one : get(inspector->doctor({.strays = false})).findings)
            if (one.check == "histories")
                return one;
        return work::finding();
    };
    EXPECT_EQ(finding().level, "ok");
    work::history_write what;
    what.writer = "w";
    what.at_ms = client->broker()->now_ms() + 1'000'000;
    for (int i = 0; i != 501; ++i) {
        work::history_row row;
        row.list = "name" + std::to_string(i);
        row.counts.done = 1;
        what.rows.push_back(row);
        if (what.rows.size() == work::history_write::most_rows || i == 500) {
            ++what.number;
            get(client->broker()->write_history(what));
            what.rows.clear();
        }
    }
    EXPECT_EQ(finding().level, "warning");
    EXPECT_THAT(finding().sentence, testing::HasSubstr("500 lists"));
    EXPECT_EQ(finding().runbook, "operations.md#doctor-histories");
    auto const names = get(inspector->name_stats(std::chrono::hours(1), 1'000)).names;
    EXPECT_EQ(names.size(), 501u);
    EXPECT_EQ(names.back().done, 1);
    EXPECT_EQ(
        std::count_if(
            names.begin(),
            names.end(),
            [](auto const& one) { return one.name == "other" && one.done == 1; }
        ),
        1
    );
    EXPECT_EQ(done_of(stats()), 501);
}

INSTANTIATE_TEST_SUITE_P(both, histories, testing::Values("memory", "redis"), [](auto const& side) {
    return std::string(side.param);
});

// An answer of each third write is lost, though it was done; one of each fifth is not done at all.
struct losing : work::forwarding_broker
{
    using forwarding_broker::forwarding_broker;
    work::task<void> write_history(work::history_write what) override
    {
        ++calls;
        if (calls % 5 == 0)
            throw work::error(work::errc::unavailable, "it is away");
        co_await forwarding_broker::write_history(std::move(what));
        if (calls % 3 == 0)
            throw work::error(work::errc::outcome_unknown, "the answer is lost");
    }
    int calls = 0;
};

TEST(history_writer, counts_once_whatever_is_lost)
{
    boost::asio::io_context io;
    work::client memory(io, "memory:");
    auto const broker = std::make_shared<losing>(memory.broker());
    work::detail::history_writer writer(*broker, "w");
    std::uint64_t sent = 0;
    auto const write = [&] {
        io.restart();
        return work::testing::run_task(io, writer.write(3s), 20s);
    };
    for (int round = 0; round != 50; ++round) {
        std::vector<work::history_row> rows;
        for (int i = 0; i != 40; ++i) {
            work::history_row& row = rows.emplace_back();
            row.list = "list" + std::to_string(i);
            row.counts.done = 1;
            ++sent;
        }
        writer.add(std::move(rows), broker->now_ms());
        write();
    }
    while (!write()) {
    }
    EXPECT_EQ(writer.waiting(), 0u);
    EXPECT_GT(broker->calls, 100);
    work::history_request request;
    request.step = work::history_step::day;
    request.first = broker->now_ms() / 86'400'000 - 1;
    request.periods = 2;
    request.lists.emplace_back(work::history_of_all);
    io.restart();
    history_counts all;
    for (auto const& cell : work::testing::run_task(io, broker->read_history(request), 20s))
        all.add(cell.counts);
    EXPECT_EQ(all.done, sent);
}

TEST(history_writer, puts_minutes_together_while_nobody_takes_them)
{
    boost::asio::io_context io;
    work::client memory(io, "memory:");
    work::detail::history_writer writer(*memory.broker(), "w");
    for (int minute = 0; minute != 100; ++minute) {
        std::vector<work::history_row> rows;
        for (int i = 0; i != 100; ++i) {
            work::history_row& row = rows.emplace_back();
            row.list = "list" + std::to_string(i);
            row.counts.done = 1;
        }
        writer.add(std::move(rows), memory.broker()->now_ms() - (100 - minute) * 60'000);
    }
    EXPECT_LE(writer.waiting(), work::detail::history_writer::most_waiting);
    EXPECT_TRUE(work::testing::run_task(io, writer.write(10s), 20s));
    work::inspector inspector(memory);
    io.restart();
    auto const told =
        work::testing::run_task(io, inspector.stats({.range = std::chrono::hours(2)}), 20s);
    EXPECT_EQ(done_of(told), 10'000);
    EXPECT_GT(told.points.size(), 30u);
    EXPECT_LT(told.points.size(), 50u);
}

TEST(history_figures, are_guessed_within_a_bucket)
{
    using work::detail::percentile_ms;
    history_counts::histogram of{};
    EXPECT_EQ(percentile_ms(of, 0.5), 0);
    EXPECT_FALSE(work::detail::figures_of(of));
    of[0] = 100;
    EXPECT_EQ(percentile_ms(of, 0.99), 1);
    of[0] = 50;
    of[10] = 50;
    EXPECT_EQ(percentile_ms(of, 0.5), 1);
    EXPECT_EQ(percentile_ms(of, 0.75), 768);
    EXPECT_EQ(percentile_ms(of, 1.0), 1'024);
    of = {};
    of[23] = 1;
    EXPECT_EQ(percentile_ms(of, 0.5), 8'388'608);
}

// Of what is idle nothing is written.
struct counting : work::forwarding_broker
{
    using forwarding_broker::forwarding_broker;
    work::task<void> write_history(work::history_write what) override
    {
        ++writes;
        rows += what.rows.size();
        for (work::history_row const& row : what.rows)
            done += row.counts.done;
        return forwarding_broker::write_history(std::move(what));
    }
    std::atomic<int> writes = 0;
    std::atomic<std::size_t> rows = 0;
    std::atomic<std::uint64_t> done = 0;
};

TEST(histories_of_a_pool, are_written_with_its_heartbeat_where_anything_changed)
{
    boost::asio::io_context io;
    work::client memory(io, "memory:");
    auto const broker = std::make_shared<counting>(memory.broker());
    work::client client(io, broker);
    work::enqueuer enqueuer(client);
    work::pool_options how;
    how.heartbeat = 500ms;
    work::worker_pool pool(client, how);
    pool.handle("a", nothing);
    pool.handle("b", nothing);
    bool ended = false;
    boost::asio::co_spawn(io, pool.run(), [&](std::exception_ptr) { ended = true; });
    auto const pass = [&](std::chrono::milliseconds time) {
        io.restart();
        io.run_for(time);
    };
    auto const until = [&](auto const& so) { return work::testing::run_until(io, so); };
    pass(1'300ms);
    EXPECT_EQ(broker->writes, 0);
    for (int i = 0; i != 50; ++i)
        boost::asio::co_spawn(io, enqueuer.enqueue("a"), [](std::exception_ptr, work::job_handle) {
        });
    // With one heartbeat, or with some where the machine is slow.
    ASSERT_TRUE(until([&] { return broker->done == 50; }));
    EXPECT_EQ(pool.processed(), 50);
    int const before = broker->writes;
    EXPECT_LT(before, 50);
    pass(1'300ms);
    EXPECT_EQ(broker->writes, before);
    boost::asio::co_spawn(io, enqueuer.enqueue("b"), [](std::exception_ptr, work::job_handle) {});
    ASSERT_TRUE(until([&] { return pool.processed() == 51; }));
    pool.stop();
    ASSERT_TRUE(until([&] { return ended; }));
    EXPECT_EQ(broker->writes, before + 1) << "with the next heartbeat, or at its end";
    EXPECT_EQ(broker->done, 51u);
    EXPECT_EQ(broker->rows, static_cast<std::size_t>(before) + 1);
}

// The write behind the one that it is told of is carried out, and its answer does not come.
struct hanging : work::forwarding_broker
{
    using forwarding_broker::forwarding_broker;
    work::task<void> write_history(work::history_write what) override
    {
        bool const last = std::exchange(hangs, false);
        std::int64_t done = 0;
        for (work::history_row const& row : what.rows)
            done += static_cast<std::int64_t>(row.counts.done);
        written += done;
        co_await forwarding_broker::write_history(std::move(what));
        if (!last)
            co_return;
        hung = done;
        co_await wait_for(1h);
    }
    bool hangs = false;
    std::int64_t hung = 0;
    std::int64_t written = 0;
};

TEST(histories_of_a_pool, that_goes_while_a_write_hangs_count_each_job_once)
{
    boost::asio::io_context io;
    work::client memory(io, "memory:");
    auto const broker = std::make_shared<hanging>(memory.broker());
    work::client client(io, broker);
    work::enqueuer enqueuer(client);
    work::pool_options how;
    how.heartbeat = 500ms;
    auto const until = [&](auto const& so) { return work::testing::run_until(io, so); };
    auto const enqueue = [&](int jobs) {
        for (int i = 0; i != jobs; ++i)
            boost::asio::co_spawn(io, enqueuer.enqueue("a"), [](auto, auto) {});
    };
    std::optional<work::worker_pool> pool(std::in_place, client, how);
    pool->handle("a", nothing);
    boost::asio::co_spawn(io, pool->run(), [](std::exception_ptr) {});
    enqueue(30);
    ASSERT_TRUE(until([&] { return broker->written == 30; }));
    broker->hangs = true;
    enqueue(12);
    ASSERT_TRUE(until([&] { return broker->hung != 0 && pool->processed() == 42; }));
    enqueue(3);
    ASSERT_TRUE(until([&] { return pool->processed() == 45; }));
    pool.reset();
    io.restart();
    io.run_for(100ms);

    work::worker_pool next(client, how);
    next.handle("a", nothing);
    enqueue(5);
    io.restart();
    work::testing::run_task(io, next.run_until_empty(), 20s);
    work::inspector inspector(client);
    io.restart();
    auto const told = work::testing::run_task(io, inspector.stats(), 20s);
    EXPECT_EQ(done_of(told), 45 + 5);
    EXPECT_EQ(broker->written, 45 + 5 + broker->hung)
        << "what hung was said again, and not counted again";
}

// Whenever a process is killed, no more is told than what ran.
TEST(histories_of_a_pool, that_is_killed_never_tell_of_more_than_ran)
{
    work::testing::redis_server server;
    std::string const journal = testing::TempDir() + "ran-" + std::to_string(::getpid());
    for (int round = 0; round != 6; ++round) {
        work::testing::child const killed([&] {
            boost::asio::io_context io{1};
            work::client client(io, server.url());
            work::enqueuer enqueuer(client);
            work::pool_options how;
            how.heartbeat = 500ms;
            how.concurrency = 2;
            work::worker_pool pool(client, how);
            pool.handle("a", [&](work::context&) -> work::task<void> {
                std::ofstream(journal, std::ios::app) << '.';
                co_await wait_for(2ms);
            });
            for (int i = 0; i != 2'000; ++i)
                boost::asio::co_spawn(io, enqueuer.enqueue("a"), [](auto, auto) {});
            boost::asio::co_spawn(io, pool.run(), [](std::exception_ptr) {});
            io.run();
            return std::string("ended");
        });
        boost::asio::io_context io;
        boost::asio::steady_timer(io, std::chrono::milliseconds(900 + 97 * round)).wait();
        // Once there is something to count twice, it is killed at any moment.
        work::client look(io, server.url());
        auto const until = std::chrono::steady_clock::now() + 60s;
        while (runs_of(work::testing::run_task(io, work::inspector(look).stats())) == 0 &&
               std::chrono::steady_clock::now() < until)
            boost::asio::steady_timer(io, 10ms).wait();
    }
    auto const ran = static_cast<std::int64_t>(std::filesystem::file_size(journal));
    std::filesystem::remove(journal);
    boost::asio::io_context io;
    work::client client(io, server.url());
    work::inspector inspector(client);
    auto const told = work::testing::run_task(io, inspector.stats(), 20s);
    EXPECT_GT(runs_of(told), 0);
    EXPECT_LE(runs_of(told), ran);
    EXPECT_EQ(done_of(told), runs_of(told));
}

}  // namespace
}  // namespace pool_tests
