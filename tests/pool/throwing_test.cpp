// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Functions of the user's may throw wherever they are called: the job goes on, its worker is free.

#include <stdexcept>

#include "bench.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

[[noreturn]] void no()
{
    throw std::runtime_error("no");
}

// ---- backoff and logger, at each place where a job fails or a line is logged

/// Which job it is, and how many of them may go on.
struct turn_of
{
    int mine;
    int const& released;
    bool is_over() const { return mine <= released; }
};

struct place
{
    char const* name;
    work::task<void> (*handler)(work::context&, turn_of mine);
    std::chrono::milliseconds timeout;
};

work::task<void> throws(work::context&, turn_of)
{
    no();
    co_return;
}
work::task<void> throws_without_a_coroutine(work::context&, turn_of)
{
    no();
}
work::task<void> times_out(work::context&, turn_of)
{
    co_await wait_for(1h);
}
work::task<void> swallows_its_timeout(work::context&, turn_of)
{
    try {
        co_await wait_for(1h);
    } catch (boost::system::system_error const&) {
    }
}
work::task<void> ignores_its_timeout(work::context&, turn_of mine)
{
    while (!mine.is_over()) {
        co_await boost::asio::this_coro::reset_cancellation_state();
        try {
            co_await wait_for(5ms);
        } catch (boost::system::system_error const&) {
        }
    }
}

place const places[] = {
    {"throws", throws, 1h},
    {"throws_without_a_coroutine", throws_without_a_coroutine, 1h},
    {"times_out", times_out, 10ms},
    {"swallows_its_timeout", swallows_its_timeout, 10ms},
    {"ignores_its_timeout", ignores_its_timeout, 10ms},
};

class failing : public testing::TestWithParam<std::tuple<int, std::string>>
{};

TEST_P(failing, job_whose_hook_throws_comes_again_and_its_worker_is_free)
{
    place const& where = places[std::get<0>(GetParam())];
    std::string const& hooks = std::get<1>(GetParam());
    work::pool_options how;
    how.concurrency = 1;
    how.grace = 20ms;
    bench b(how);
    int started = 0;
    int released = 0;
    int asked = 0;
    work::job_options type;
    type.timeout = where.timeout;
    if (hooks.find('b') != hooks.npos)
        type.backoff = work::backoff_policy([&](int) -> std::chrono::milliseconds {
            ++asked;
            no();
        });
    if (hooks.find('l') != hooks.npos)
        b.on_log = [] { no(); };
    b.pool->handle(
        "job",
        [&](work::context& job) {
            turn_of const turn{++started, released};
            return where.handler(job, turn);
        },
        type
    );
    b.pool->handle("next", nothing);
    std::string const id = b.enqueue("job");
    std::string const twin = b.enqueue("job");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 1; }));
    released = 1;
    ASSERT_TRUE(b.until([&] { return b.pool->failed() == 2; }));
    released = 2;
    std::string const next = b.enqueue("next");
    ASSERT_TRUE(b.until([&] { return b.job(next).state == work::job_state::completed; }));
    EXPECT_EQ(b.pool->running(), 0);
    for (std::string const& each : {id, twin}) {
        EXPECT_EQ(b.job(each).state, work::job_state::retry);
        EXPECT_EQ(b.job(each).failures.size(), 1u);
    }
    if (hooks.find('b') != hooks.npos) {
        EXPECT_EQ(asked, 2);
        // The default: about a minute.
        EXPECT_GT(b.job(id).when_ms, b.job(id).now_ms + 10'000);
        EXPECT_EQ(b.logged("the backoff function of job threw"), 1);
    }
    b.stop();
}

INSTANTIATE_TEST_SUITE_P(
    ,
    failing,
    testing::Combine(testing::Range(0, 5), testing::Values("b", "l", "bl")),
    [](auto const& which) {
        return std::string(places[std::get<0>(which.param)].name) + "_" + std::get<1>(which.param);
    }
);

// ---- what stands around a handler, at each place where it may throw

class around : public testing::TestWithParam<std::tuple<std::string, bool>>
{};

TEST_P(around, job_whose_hook_throws_fails_and_comes_again_with_its_worker_free)
{
    std::string const& where = std::get<0>(GetParam());
    work::pool_options how;
    how.concurrency = 1;
    bench b(how);
    if (std::get<1>(GetParam()))
        b.on_log = [] { no(); };
    bool throwing = true;
    int handled = 0;
    b.pool->provide<int>([&](work::context& job) {
        if (throwing && where == "provider" && job.name() == "job")
            no();
        return std::make_shared<int>(1);
    });
    if (where == "layer_without_a_coroutine")
        b.pool->use("job", [&](work::context&, work::next go) -> work::task<void> {
            if (throwing)
                no();
            return go();
        });
    b.pool->use("job", [&](work::context&, work::next go) -> work::task<void> {
        if (throwing && where == "layer_before")
            no();
        co_await go();
        if (throwing && where == "layer_after")
            no();
    });
    b.pool->use(work::log_jobs([&](work::log_level, std::string_view) {
        if (std::get<1>(GetParam()))
            no();
    }));
    b.pool->handle(
        "job",
        [&](work::context&) -> work::task<void> {
            ++handled;
            if (throwing && where == "handler")
                no();
            co_return;
        },
        at_once(50)
    );
    b.pool->handle("next", nothing);
    std::string const id = b.enqueue("job");
    b.start();
    ASSERT_TRUE(b.until([&] { return b.pool->failed() > 2; }));
    std::string const next = b.enqueue("next");
    ASSERT_TRUE(b.until([&] { return b.job(next).state == work::job_state::completed; }));
    throwing = false;
    ASSERT_TRUE(b.until([&] { return b.job(id).state == work::job_state::completed; }));
    EXPECT_EQ(b.pool->running(), 0);
    EXPECT_GE(handled, 1);
    b.stop();
}

INSTANTIATE_TEST_SUITE_P(
    ,
    around,
    testing::Combine(
        testing::Values(
            "provider",
            "layer_before",
            "layer_after",
            "layer_without_a_coroutine",
            "handler"
        ),
        testing::Bool()
    ),
    [](auto const& which) {
        return std::get<0>(which.param) + (std::get<1>(which.param) ? "_and_the_logger" : "");
    }
);

struct layer_that_throws_when_copied
{
    explicit layer_that_throws_when_copied(bool const& set) : throws(&set) {}
    layer_that_throws_when_copied(layer_that_throws_when_copied const& other) : throws(other.throws)
    {
        if (*throws)
            no();
    }
    work::task<void> operator()(work::context&, work::next go) const { return go(); }

    bool const* throws;
};

TEST(run, whose_layer_throws_when_it_is_copied_throws_and_may_be_called_again)
{
    bench b;
    bool throwing = false;
    b.pool->use(layer_that_throws_when_copied(throwing));
    b.pool->handle("job", nothing);
    std::string const id = b.enqueue("job");
    throwing = true;
    EXPECT_THROW(b.get(b.pool->run()), std::runtime_error);
    throwing = false;
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::completed);
}

TEST(receiver, that_throws_is_logged_once_and_hears_on)
{
    bench b;
    int heard = 0;
    b.run(b.client->listen("news", [&](std::string_view) {
        ++heard;
        no();
    }));
    b.until([] { return false; }, 5ms);
    for (int i = 0; i != 3; ++i)
        b.get(b.client->publish("news", "x"));
    EXPECT_TRUE(b.until([&] { return heard == 3; }));
    EXPECT_EQ(b.logged("the receiver of channel news threw"), 1);
    b.client->end_subscriptions();
    EXPECT_TRUE(b.until([&] { return b.ended; }));
    b.spawned = false;
}

}  // namespace
}  // namespace pool_tests
