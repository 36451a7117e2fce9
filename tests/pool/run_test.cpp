// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Starting, stopping, and being destroyed at any moment.

#include "bench.hpp"

namespace pool_tests {
namespace {

TEST(run, twice_at_once_is_refused_and_one_after_the_other_is_not)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        co_return;
    });
    b.start();
    b.until([] { return false; }, 5ms);
    EXPECT_THROW(b.get(b.pool->run()), work::error);
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return runs == 1; }));
    b.stop();
    for (int i = 2; i != 6; ++i) {
        b.enqueue("a");
        b.drain();
        EXPECT_EQ(runs, i);
    }
    b.start();
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return runs == 6; }));
    b.stop();
}

TEST(run, of_a_pool_again_and_again_has_all_its_workers)
{
    for (int const workers : {1, 2, 7}) {
        work::pool_options how;
        how.concurrency = workers;
        bench b(how);
        int running = 0, most = 0, ended = 0;
        b.pool->handle("a", [&](work::context&) -> work::task<void> {
            most = std::max(most, ++running);
            // The first stay until all workers have one.
            while (most < workers)
                co_await wait_for(1ms);
            co_await wait_for(2ms);
            --running;
            ++ended;
        });
        for (int round = 1; round != 6; ++round) {
            most = 0;
            for (int i = 0; i != 3 * workers; ++i)
                b.enqueue("a");
            if (round % 2 == 0) {
                b.start();
                ASSERT_TRUE(b.until([&] { return ended == 3 * workers * round; }))
                    << "round " << round << " of a pool of " << workers;
                b.stop();
            } else {
                b.drain();
            }
            EXPECT_EQ(ended, 3 * workers * round);
            EXPECT_EQ(most, workers);
        }
    }
}

TEST(run, that_was_stopped_before_it_began_ends_alone)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        co_return;
    });
    b.enqueue("a");
    b.start();
    b.pool->stop();
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(runs, 0);
    b.until([] { return false; }, 5ms);
    b.drain();
    EXPECT_EQ(runs, 1) << "the next run is another";
}

TEST(run, without_handlers_is_refused)
{
    bench b;
    EXPECT_THROW(b.get(b.pool->run()), work::error);
}

TEST(run, until_empty_with_nothing_there_returns)
{
    bench b;
    b.pool->handle("a", nothing);
    b.drain();
    EXPECT_EQ(b.pool->processed(), 0);
}

TEST(run, until_empty_ignores_scheduled_jobs_and_names_of_others)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        if (++runs == 1)
            throw std::runtime_error("again tomorrow");
        co_return;
    });
    b.enqueue("a");
    b.enqueue("a");
    b.enqueue("somebody else's");
    b.get(b.enqueuer->enqueue_in(1h, "a"));
    b.drain();
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(b.counts().pending, 1);
    EXPECT_EQ(b.counts().scheduled, 1);
    EXPECT_EQ(b.counts().retry, 1);
}

TEST(run, until_empty_waits_for_jobs_that_enqueue_jobs)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&, int more) -> work::task<void> {
        ++runs;
        co_await wait_for(1ms);
        if (more > 0) {
            co_await b.enqueuer->enqueue("a", more - 1);
            co_await b.enqueuer->enqueue("a", more - 1);
        }
    });
    b.enqueue("a", 5);
    b.drain();
    EXPECT_EQ(runs, 63);
}

TEST(run, until_empty_waits_for_a_job_that_another_pool_runs)
{
    bench b;
    work::worker_pool other(*b.client);
    bool started = false;
    bool finish = false;
    other.handle("a", [&](work::context&) -> work::task<void> {
        started = true;
        while (!finish)
            co_await wait_for(1ms);
    });
    bool other_ended = false;
    boost::asio::co_spawn(b.io, other.run(), [&](std::exception_ptr) { other_ended = true; });
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return started; }));
    b.pool->handle("a", nothing);
    b.run(b.pool->run_until_empty());
    EXPECT_FALSE(b.until([&] { return b.ended; }, 200ms));
    finish = true;
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    other.stop();
    EXPECT_TRUE(b.until([&] { return other_ended; }));
}

// A claim's number is the fence of all its jobs.
TEST(run, never_claims_more_at_once_than_its_batch)
{
    work::pool_options how;
    how.concurrency = 100;
    how.batch = 7;
    bench b(how);
    std::map<std::int64_t, int> claimed;
    b.pool->handle("a", [&](work::context& job, int) -> work::task<void> {
        ++claimed[job.fence()];
        co_await wait_for(1ms);
    });
    for (int i = 0; i != 100; ++i)
        b.enqueue("a", i);
    b.get(b.pool->run_until_empty());
    int jobs = 0;
    int most = 0;
    for (auto const& [fence, count] : claimed) {
        jobs += count;
        most = std::max(most, count);
    }
    EXPECT_EQ(jobs, 100);
    EXPECT_EQ(most, 7);
}

TEST(run, refuses_a_batch_of_none_or_of_too_many)
{
    bench b;
    for (int const batch : {0, -1, 257}) {
        work::pool_options how;
        how.batch = batch;
        EXPECT_THAT(
            [&] { work::worker_pool(*b.client, how); },
            testing::Throws<work::error>(testing::Property(
                &work::error::what,
                testing::AllOf(
                    testing::HasSubstr("batch"),
                    testing::HasSubstr(std::to_string(batch)),
                    testing::HasSubstr("256")
                )
            ))
        );
    }
}

TEST(stop, twice_and_before_and_after_running_does_no_harm)
{
    bench b;
    b.pool->handle("a", nothing);
    b.pool->stop();
    b.until([] { return false; }, 2ms);
    b.start();
    b.until([] { return false; }, 5ms);
    b.pool->stop();
    b.pool->stop();
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    b.pool->stop();
    b.until([] { return false; }, 2ms);
    b.start();
    b.pool->stop();  // while it is starting
    ASSERT_TRUE(b.until([&] { return b.ended; }));
}

TEST(stop, gives_back_what_did_not_start_in_its_order_and_costs_no_attempt)
{
    work::pool_options how;
    how.concurrency = 2;
    how.grace = 10ms;
    bench b(how);
    int runs = 0;
    bool interrupted = false;
    b.pool->handle("a", [&](work::context& job, int) -> work::task<void> {
        ++runs;
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
            interrupted = job.stopping() == work::stop_reason::shutting_down;
            throw;
        }
    });
    std::vector<std::string> ids;
    for (int i = 0; i != 10; ++i)
        ids.push_back(b.enqueue("a", i));
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 2; }));
    b.stop();
    EXPECT_TRUE(interrupted);
    EXPECT_EQ(b.counts().pending, 10);
    EXPECT_EQ(b.counts().failed, 0);
    for (std::string const& id : ids)
        EXPECT_TRUE(b.job(id).failures.empty());
    std::vector<int> order;
    work::pool_options single;
    single.concurrency = 1;
    work::worker_pool again(*b.client, single);
    again.handle("a", [&](work::context& job, int i) -> work::task<void> {
        EXPECT_EQ(job.attempt(), 1);
        order.push_back(i);
        co_return;
    });
    b.get(again.run_until_empty());
    // Those that had started come first or last, the others keep their order.
    EXPECT_EQ(order.size(), 10u);
    std::erase_if(order, [](int i) { return i < 2; });
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(stop, leaves_a_handler_that_does_not_end_to_its_lease)
{
    work::pool_options how;
    how.grace = 5ms;
    bench b(how);
    bool release = false;
    bool started = false;
    bool gone = false;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        started = true;
        while (!release) {
            co_await boost::asio::this_coro::reset_cancellation_state();
            try {
                co_await wait_for(5ms);
            } catch (boost::system::system_error const&) {
            }
        }
        gone = true;
    });
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return started; }));
    b.stop();
    EXPECT_EQ(b.job(id).state, work::job_state::active);
    // It may even outlive the next run.
    b.start();
    b.until([] { return false; }, 10ms);
    release = true;
    EXPECT_TRUE(b.until([&] { return gone; }));
    b.stop();
}

TEST(quiet, claims_nothing_more_and_lets_running_jobs_go_on)
{
    bench b;
    int started = 0;
    bool finish = false;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++started;
        while (!finish)
            co_await wait_for(1ms);
    });
    b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return started == 1; }));
    b.pool->quiet();
    b.until([] { return false; }, 5ms);
    b.enqueue("a");
    EXPECT_FALSE(b.until([&] { return started == 2; }, 100ms));
    finish = true;
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 1; }));
    EXPECT_EQ(b.counts().pending, 1);
    b.stop();
}

TEST(two_pools, of_one_client_both_wake_up_at_once)
{
    // Without being woken they would look after 6 s.
    constexpr auto most_at_once = 4s;
    bench b;
    int first = 0;
    int second = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++first;
        co_return;
    });
    work::worker_pool other(*b.client);
    other.handle("b", [&](work::context&) -> work::task<void> {
        ++second;
        co_return;
    });
    bool other_ended = false;
    b.start();
    boost::asio::co_spawn(b.io, other.run(), [&](std::exception_ptr) { other_ended = true; });
    for (int i = 1; i != 20; ++i) {
        b.enqueue("b");
        ASSERT_TRUE(b.until([&] { return second == i; }, most_at_once));
        b.enqueue("a");
        ASSERT_TRUE(b.until([&] { return first == i; }, most_at_once));
    }
    other.stop();
    ASSERT_TRUE(b.until([&] { return other_ended; }));
    b.enqueue("a");
    ASSERT_TRUE(b.until([&] { return first == 20; }, most_at_once));
    b.stop();
}

// Everything goes at once, at the n-th step of the loop; nothing may leak or be touched afterwards.
class destroyed : public testing::TestWithParam<char const*>
{};

TEST_P(destroyed, at_any_step_leaks_and_touches_nothing)
{
    std::string const order = GetParam();
    for (int steps = 0; steps < 400; steps = steps < 60 ? steps + 1 : steps + 17) {
        auto b =
            std::make_unique<bench>(work::pool_options(), steps % 2 == 0 ? 1 : bench::many_threads);
        auto const living = std::make_shared<int>(0);
        b->pool->handle("waits", [living](work::context& job) -> work::task<void> {
            auto const held = living;
            co_await wait_for(std::chrono::milliseconds(1 + held.use_count() % 5));
            bool const stop = co_await job.checkin("x");
            if (stop)
                co_return;
            co_await wait_for(1h);
        });
        b->pool->handle("ends", [living](work::context&) -> work::task<void> {
            auto const held = living;
            co_return;
        });
        b->pool->handle("fails", [living](work::context&) -> work::task<void> {
            throw std::runtime_error("x");
            co_return;
        });
        for (int i = 0; i != 8; ++i) {
            b->enqueue("waits");
            b->enqueue("ends");
            b->enqueue("fails");
        }
        b->start();
        b->io.restart();
        for (int i = 0; i != steps; ++i)
            b->io.run_one_for(1ms);
        b->spawned = false;
        for (char const what : order) {
            if (what == 's')
                b->pool->stop();
            else if (what == 'p')
                b->pool.reset();
            else if (what == 'c')
                b->client.reset();
            else if (what == 'r')
                for (int i = 0; i != 50 && b->io.run_one_for(1ms) != 0; ++i) {
                }
        }
        b.reset();
        EXPECT_EQ(living.use_count(), 1) << order << " after " << steps << " steps";
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    destroyed,
    testing::Values("", "p", "pc", "prc", "cp", "crp", "spr", "sprcr", "pr"),
    [](auto const& how) { return std::string(*how.param ? how.param : "everything"); }
);

}  // namespace
}  // namespace pool_tests
