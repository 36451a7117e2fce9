// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Whether a handler that returned knew that it should stop, and what becomes of its job.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>

#include "bench.hpp"

namespace pool_tests {
namespace {

/// A wait that no cancellation reaches.
work::task<void> deaf_wait(std::chrono::milliseconds time)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(time);
    co_await timer.async_wait(boost::asio::bind_cancellation_slot(
        boost::asio::cancellation_slot(),
        boost::asio::use_awaitable
    ));
}

/// A job was cancelled that began behind all others, so that these are cancelled as well.
bool all_were_told = false;

/// Until then, and no cancellation reaches it.
work::task<void> deaf_until_told()
{
    while (!all_were_told)
        co_await deaf_wait(1ms);
}

enum class end { stop, timeout, cancel };

struct manner
{
    char const* name;
    work::task<work::outcome> (*handler)(work::context&);
    bool done;  ///< or to be run again
};

work::task<work::outcome> deaf(work::context&)
{
    co_await deaf_until_told();
    work::outcome plain;
    co_return plain;
}
work::task<work::outcome> deaf_in_steps(work::context&)
{
    for (int i = 0; i != 20 || !all_were_told; i = std::min(i + 1, 20))
        co_await deaf_wait(1ms);
    work::outcome plain;
    co_return plain;
}
work::task<work::outcome> deaf_then_says_done(work::context& job)
{
    co_await deaf_until_told();
    bool const stop = co_await job.checkin("x");
    EXPECT_TRUE(stop);
    co_return work::done();
}
work::task<work::outcome> told_by_checkin(work::context& job)
{
    co_await deaf_until_told();
    bool const stop = co_await job.checkin("x");
    EXPECT_TRUE(stop);
    work::outcome plain;
    co_return plain;
}
work::task<work::outcome> told_by_stopping(work::context& job)
{
    co_await deaf_until_told();
    EXPECT_TRUE(job.stopping());
    work::outcome plain;
    co_return plain;
}
work::task<work::outcome> takes_the_error(work::context&)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(1h);
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const [error] = co_await timer.async_wait(token);
    EXPECT_EQ(error, boost::asio::error::operation_aborted);
    work::outcome plain;
    co_return plain;
}
work::task<work::outcome> takes_the_error_and_says_done(work::context&)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(1h);
    auto const token = boost::asio::as_tuple(boost::asio::use_awaitable);
    auto const [error] = co_await timer.async_wait(token);
    EXPECT_EQ(error, boost::asio::error::operation_aborted);
    co_return work::done();
}
work::task<work::outcome> swallows_a_later_one(work::context&)
{
    co_await deaf_until_told();
    for (int i = 0; i != 3; ++i) {
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
        }
    }
    work::outcome plain;
    co_return plain;
}
// What it does with a state of its own nobody knows.
work::task<work::outcome> has_a_state_of_its_own(work::context&)
{
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    while (!all_were_told)
        co_await wait_for(1ms);
    work::outcome plain;
    co_return plain;
}

manner const manners[] = {
    {"deaf", deaf, true},
    {"deaf_in_steps", deaf_in_steps, true},
    {"deaf_then_says_done", deaf_then_says_done, true},
    {"told_by_checkin", told_by_checkin, false},
    {"told_by_stopping", told_by_stopping, false},
    {"takes_the_error", takes_the_error, false},
    {"takes_the_error_and_says_done", takes_the_error_and_says_done, true},
    {"swallows_a_later_one", swallows_a_later_one, false},
    {"has_a_state_of_its_own", has_a_state_of_its_own, false},
};

class returned : public testing::TestWithParam<std::tuple<int, end>>
{};

TEST_P(returned, job_is_done_unless_its_handler_was_reached)
{
    manner const& how = manners[std::get<0>(GetParam())];
    end const why = std::get<1>(GetParam());
    work::pool_options options;
    options.grace = why == end::stop ? 20ms : 60s;
    all_were_told = false;
    bench b(options);
    int started = 0;
    int returns = 0;
    work::job_options type;
    type.backoff = work::backoff::fixed(1h);
    if (why == end::timeout)
        type.timeout = 20ms;
    b.pool->handle(
        "job",
        [&](work::context& job) -> work::task<work::outcome> {
            ++started;
            work::outcome out = co_await how.handler(job);
            ++returns;
            co_return out;
        },
        type
    );
    bool witness_began = false;
    b.pool->handle(
        "witness",
        [&](work::context&) -> work::task<void> {
            witness_began = true;
            try {
                co_await wait_for(1h);
            } catch (boost::system::system_error const&) {
                all_were_told = true;
                throw;
            }
        },
        type
    );
    std::vector<std::string> ids;
    for (int i = 0; i != 20; ++i)
        ids.push_back(b.enqueue("job"));
    b.start();
    ASSERT_TRUE(b.until([&] { return started == 20; }));
    ids.push_back(b.enqueue("witness"));
    ASSERT_TRUE(b.until([&] { return witness_began; }));
    if (why == end::cancel) {
        EXPECT_EQ(b.get(b.inspector->cancel(ids)).at(0).code, work::admin_code::done);
        ASSERT_TRUE(b.until([&] { return returns == 20; }));
        b.stop();
    } else if (why == end::timeout) {
        ASSERT_TRUE(b.until([&] { return b.pool->processed() + b.pool->failed() == 21; }));
        b.stop();
    } else {
        b.stop();
    }
    EXPECT_EQ(started, 20);
    EXPECT_EQ(returns, 20);
    auto const after = how.done             ? work::job_state::completed
                       : why == end::cancel ? work::job_state::cancelled
                       : why == end::stop   ? work::job_state::pending
                                            : work::job_state::retry;
    // Of those that are completed ten are kept, whichever were first.
    ids.resize(20);
    auto const there = std::count_if(ids.begin(), ids.end(), [&](std::string const& id) {
        return b.job(id).state == after;
    });
    EXPECT_GE(there, how.done ? 10 : 20);
    work::broker_counts const c = b.counts();
    EXPECT_EQ(c.active, 0);
    // The witness is never done.
    EXPECT_EQ(c.pending, (after == work::job_state::pending ? 20 : 0) + (why == end::stop));
    EXPECT_EQ(c.retry, (after == work::job_state::retry ? 20 : 0) + (why == end::timeout));
    EXPECT_EQ(c.processed, how.done ? 20 : 0);
    EXPECT_EQ(c.failed, (after == work::job_state::retry ? 20 : 0) + (why == end::timeout));
}

INSTANTIATE_TEST_SUITE_P(
    ,
    returned,
    testing::Combine(
        testing::Range(0, static_cast<int>(std::size(manners))),
        testing::Values(end::stop, end::timeout, end::cancel)
    ),
    [](auto const& which) {
        end const why = std::get<1>(which.param);
        return std::string(manners[std::get<0>(which.param)].name) +
               (why == end::stop      ? "_at_a_stop"
                : why == end::timeout ? "_after_its_timeout"
                                      : "_cancelled");
    }
);

// Of the next job of the same worker nothing is left behind.
TEST(cancellation, that_a_handler_turned_off_is_on_for_the_next_job)
{
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    int interrupted = 0;
    b.pool->handle("off", [&](work::context&) -> work::task<void> {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        co_await wait_for(1ms);
    });
    work::job_options late = at_once(1);
    late.timeout = 10ms;
    b.pool->handle(
        "late",
        [&](work::context&) -> work::task<void> {
            co_await deaf_wait(30ms);
            try {
                co_await wait_for(1h);
            } catch (boost::system::system_error const&) {
                ++interrupted;
            }
            co_await wait_for(1h);  // throws at once
        },
        late
    );
    b.enqueue("off");
    std::string const id = b.enqueue("late");
    b.drain();
    EXPECT_EQ(interrupted, 1);
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
}

}  // namespace
}  // namespace pool_tests
