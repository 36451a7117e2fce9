// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Timeouts, deadlines, expiry, and who is told to stop.

#include "bench.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

work::enqueue_options with_timeout(std::chrono::milliseconds time, int attempts = 1)
{
    work::enqueue_options o;
    o.timeout = time;
    o.max_attempts = attempts;
    o.backoff = work::backoff::fixed(1ms);
    return o;
}

/// Catches whatever would end it, until it is released.
work::task<void> go_on_until(bool const& released)
{
    while (!released) {
        co_await boost::asio::this_coro::reset_cancellation_state();
        try {
            co_await wait_for(5ms);
        } catch (boost::system::system_error const&) {
        }
    }
}

TEST(timeout, cancels_what_the_handler_waits_for_and_fails_the_job)
{
    bench b;
    std::optional<work::stop_reason> seen;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const& e) {
            EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
            seen = job.stopping();
            throw;
        }
    });
    std::string const id = b.enqueue_with(with_timeout(20ms), "a");
    b.drain();
    EXPECT_EQ(seen, work::stop_reason::timed_out);
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
    EXPECT_THAT(b.job(id).failures.at(0), HasSubstr("timed_out"));
    EXPECT_THAT(b.job(id).failures.at(0), HasSubstr("ran longer than its timeout (20ms) and was"));
}

TEST(timeout, of_a_handler_that_swallows_it_is_a_failure_nevertheless)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
        }
    });
    std::string const id = b.enqueue_with(with_timeout(10ms, 2), "a");
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 2; }));
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 2; }));
    b.stop();
    EXPECT_EQ(b.job(id).failures.size(), 2u);
}

TEST(timeout, that_a_job_leaves_behind_spares_the_next_job_of_its_worker)
{
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    int done = 0;
    b.pool->handle("late", [&](work::context&) -> work::task<void> { co_await wait_for(1h); });
    b.pool->handle("next", [&](work::context&) -> work::task<void> {
        co_await wait_for(30ms);
        ++done;
    });
    b.enqueue_with(with_timeout(10ms), "late");
    b.enqueue_with(with_timeout(10s), "next");
    b.drain();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(b.counts().dead, 1);
}

TEST(timeout, of_a_handler_that_goes_on_gives_its_job_up_and_keeps_its_slot)
{
    work::pool_options how;
    how.concurrency = 1;
    how.grace = 20ms;
    bench b(how);
    bool release = false;
    int runs = 0;
    b.pool->handle("stubborn", [&](work::context& job) -> work::task<void> {
        ++runs;
        co_await go_on_until(release);
        EXPECT_EQ(job.stopping(), work::stop_reason::timed_out);
    });
    b.pool->handle("other", nothing);
    std::string const id = b.enqueue_with(with_timeout(20ms), "stubborn");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 1; }));
    std::string const other = b.enqueue("other");
    ASSERT_TRUE(b.until([&] { return b.job(id).state == work::job_state::dead; }));
    EXPECT_EQ(b.pool->running(), 1);
    EXPECT_EQ(b.pool->processed(), 0);
    release = true;
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 1; }));
    b.stop();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(b.job(other).state, work::job_state::completed);
    EXPECT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_EQ(b.counts().failed, 1);
}

/// A handler that nothing ends until it is released.
class stubborn : public testing::TestWithParam<bool>
{
protected:
    explicit stubborn(std::chrono::milliseconds grace = 20ms) : b(options(grace))
    {
        b.pool->handle("stubborn", [this](work::context& job) -> work::task<void> {
            ++runs;
            co_await go_on_until(release);
            seen = job.stopping();
            why = job.why();
        });
        b.pool->handle("other", nothing);
    }
    static work::pool_options options(std::chrono::milliseconds grace)
    {
        work::pool_options how;
        how.concurrency = 1;
        how.grace = grace;
        return how;
    }

    bench b;
    bool release = false;
    int runs = 0;
    std::optional<work::stop_reason> seen;
    std::string why;
};

// With a timeout that is far, and without one.
TEST_P(stubborn, handler_of_a_cancelled_job_is_given_up_and_keeps_its_worker)
{
    std::string const id =
        GetParam() ? b.enqueue_with(with_timeout(1h), "stubborn") : b.enqueue("stubborn");
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 1; }));
    std::string const other = b.enqueue("other");
    b.get(b.inspector->cancel({id}, {.reason = "not wanted"}));
    ASSERT_TRUE(b.until([&] { return b.job(id).state == work::job_state::cancelled; }));
    EXPECT_EQ(b.pool->running(), 1);
    EXPECT_EQ(b.job(other).state, work::job_state::pending) << "its worker is taken";
    EXPECT_EQ(b.logged("did not end after it was cancelled; it is given up"), 1);
    // It is told again and again, and given up once.
    b.get(b.inspector->cancel({id}, {.reason = "not wanted at all"}));
    release = true;
    ASSERT_TRUE(b.until([&] { return b.job(other).state == work::job_state::completed; }));
    b.stop();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(seen, work::stop_reason::cancelled);
    EXPECT_EQ(why, "not wanted");
    EXPECT_EQ(b.job(id).state, work::job_state::cancelled);
    EXPECT_EQ(b.pool->failed(), 0);
}

/// The grace is longer than a machine stops for.
class obedient : public stubborn
{
protected:
    static constexpr auto grace = 1'500ms;
    obedient() : stubborn(grace) {}
};

// One that ends in time is not spoken of, and its worker's next job has all its time.
TEST_P(obedient, handler_that_ends_in_time_is_not_given_up)
{
    b.pool->handle("waits", [](work::context&) -> work::task<void> { co_await wait_for(1h); });
    int done = 0;
    b.pool->handle("next", [&](work::context&) -> work::task<void> {
        co_await wait_for(grace + 200ms);
        ++done;
    });
    std::string const id =
        GetParam() ? b.enqueue_with(with_timeout(1h), "waits") : b.enqueue("waits");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->running() == 1; }));
    b.get(b.inspector->cancel({id}));
    b.enqueue("next");
    ASSERT_TRUE(b.until([&] { return done == 1; }));
    b.stop();
    EXPECT_EQ(b.job(id).state, work::job_state::cancelled);
    EXPECT_EQ(b.logged("given up"), 0);
}

std::string with_or_without(testing::TestParamInfo<bool> const& with)
{
    return with.param ? "with_a_timeout" : "without";
}
INSTANTIATE_TEST_SUITE_P(pool, stubborn, testing::Bool(), with_or_without);
INSTANTIATE_TEST_SUITE_P(pool, obedient, testing::Bool(), with_or_without);

TEST(expiry, drops_a_job_that_was_not_started_in_time)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        co_return;
    });
    work::enqueue_options o;
    o.expires_in = 1ms;
    std::string const id = b.enqueue_with(o, "a");
    b.until([] { return false; }, 10ms);
    o.expires_in = 1h;
    b.enqueue_with(o, "a");
    b.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_THAT(b.job(id).kept, HasSubstr("expired"));
}

TEST(deadline, ends_attempts_that_would_come_too_late)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        throw std::runtime_error("x");
        co_return;
    });
    work::enqueue_options o;
    o.deadline = 10s;
    o.backoff = work::backoff::fixed(1h);
    std::string const id = b.enqueue_with(o, "a");
    b.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
}

TEST(checkin, shows_progress_and_says_when_to_stop)
{
    work::pool_options how;
    how.grace = 10s;
    bench b(how);
    int looked = 0;
    bool stopped = false;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        for (;;) {
            bool const stop = co_await job.checkin("at \"work\"", 12.5);
            ++looked;
            if (stop) {
                stopped = true;
                co_return;
            }
            co_await wait_for(1ms);
        }
    });
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return looked > 1 && !b.job(id).progress.empty(); }));
    EXPECT_EQ(b.job(id).progress, "{\"message\":\"at \\\"work\\\"\",\"percent\":12.5}");
    EXPECT_EQ(b.job(id).state, work::job_state::active);
    EXPECT_EQ(b.job(id).pool, b.pool->id());
    b.stop();
    // It looked, saw that it should stop, and returned: that is no success.
    EXPECT_TRUE(stopped);
    EXPECT_EQ(b.job(id).state, work::job_state::pending);
    EXPECT_EQ(b.pool->processed(), 0);
    EXPECT_EQ(b.counts().failed, 0);
}

TEST(checkin, not_looked_at_a_job_that_ends_within_the_grace_is_done)
{
    bench b;
    bool started = false;
    bool finish = false;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        started = true;
        while (!finish)
            co_await wait_for(1ms);
        work::checkin_result const ignored = co_await job.checkin("nearly");
        static_cast<void>(ignored);
    });
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return started; }));
    b.pool->stop();
    b.until([] { return false; }, 5ms);
    finish = true;
    ASSERT_TRUE(b.until([&] { return b.ended; }));
    EXPECT_EQ(b.job(id).state, work::job_state::completed);
}

TEST(cancel, of_a_running_job_cancels_its_awaits_and_leaves_nothing)
{
    bench b;
    std::optional<work::stop_reason> seen;
    std::string why;
    bool started = false;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        started = true;
        EXPECT_EQ(job.why(), "");
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
            seen = job.stopping();
            why = job.why();
            throw;
        }
    });
    std::string const id = b.enqueue("a");
    b.start();
    ASSERT_TRUE(b.until([&] { return started; }));
    EXPECT_EQ(
        b.get(b.inspector->cancel({id}, {.reason = "not wanted"})).at(0).code,
        work::admin_code::done
    );
    ASSERT_TRUE(b.until([&] { return seen.has_value(); }));
    b.stop();
    EXPECT_EQ(seen, work::stop_reason::cancelled);
    EXPECT_EQ(why, "not wanted");
    EXPECT_EQ(b.job(id).state, work::job_state::cancelled);
    EXPECT_EQ(b.counts().active + b.counts().pending + b.counts().retry + b.counts().dead, 0);
    EXPECT_EQ(b.pool->failed(), 0);
}

TEST(cancel, of_jobs_in_all_other_places)
{
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    bool finish = false;
    int runs = 0;
    b.pool->handle("a", [&](work::context&) -> work::task<void> {
        ++runs;
        while (!finish)
            co_await wait_for(1ms);
    });
    b.enqueue("a");
    std::string const waiting = b.enqueue("a");
    std::string const later = b.get(b.enqueuer->enqueue_in(1h, "a")).id();
    b.start();
    ASSERT_TRUE(b.until([&] { return runs == 1; }));
    auto const codes = b.get(b.inspector->cancel({waiting, later, "never-was"}));
    EXPECT_EQ(codes.at(0).code, work::admin_code::done);
    EXPECT_EQ(codes.at(1).code, work::admin_code::done);
    EXPECT_EQ(codes.at(2).code, work::admin_code::gone);
    finish = true;
    b.stop();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(b.counts().pending + b.counts().scheduled, 0);
}

TEST(chosen_id, stores_one_job_also_after_it_finished)
{
    bench b;
    int runs = 0;
    b.pool->handle("a", [&](work::context& job) -> work::task<void> {
        EXPECT_EQ(job.id(), "invoice-7");
        ++runs;
        co_return;
    });
    work::enqueue_options o;
    o.id = "invoice-7";
    EXPECT_FALSE(b.get(b.enqueuer->enqueue_with(o, "a")).duplicate());
    EXPECT_TRUE(b.get(b.enqueuer->enqueue_with(o, "a")).duplicate());
    b.drain();
    EXPECT_TRUE(b.get(b.enqueuer->enqueue_with(o, "a")).duplicate());
    b.drain();
    EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace pool_tests
