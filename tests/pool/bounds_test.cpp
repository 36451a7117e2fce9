// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Bounds of queues through the public face: what producers see when a queue is full.

#include <work/blocking_enqueuer.hpp>
#include <work/bounds.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <gmock/gmock.h>
#include <thread>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

struct bounded_mail
{
    std::int64_t to = 0;
};
BOOST_DESCRIBE_STRUCT(bounded_mail, (), (to))

class bounds : public either_broker
{
protected:
    work::bound_code set(std::int64_t most, work::when_full full = work::when_full::refuse)
    {
        work::bounds all{*client};
        work::bound_options how;
        how.most = most;
        how.full = full;
        how.by = "ada";
        return get(all.set("bounded_mail", how));
    }
    work::bound_state now()
    {
        work::bounds all{*client};
        return get(all.get("bounded_mail")).value_or(work::bound_state());
    }
    /// Of an enqueue that is to fail.
    std::string refusal(work::enqueuer& from)
    {
        try {
            get(from.enqueue<bounded_mail>(1));
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), work::errc::queue_full);
            return e.what();
        }
        return "";
    }
    /// With a client of other options, on the same broker or a new one in memory.
    void begin(std::chrono::milliseconds full_queue_wait)
    {
        work::client_options options;
        options.full_queue_wait = full_queue_wait;
        inspector.reset();
        enqueuer.reset();
        client.reset();
        client.emplace(io, server ? server->url() : "memory:", options);
        enqueuer.emplace(*client);
        inspector.emplace(*client);
    }
    /// A pool runs so many jobs.
    void work_off(int jobs)
    {
        int done = 0;
        work::worker_pool pool{*client};
        pool.handle<bounded_mail>([&](bounded_mail) -> work::task<void> {
            if (++done == jobs)
                pool.stop();
            co_return;
        });
        get(pool.run());
        EXPECT_EQ(done, jobs);
    }
};

TEST_P(bounds, tell_a_producer_that_its_queue_is_full)
{
    EXPECT_EQ(set(2), work::bound_code::done);
    EXPECT_EQ(set(2), work::bound_code::already);
    get(enqueuer->enqueue<bounded_mail>(1));
    get(enqueuer->enqueue<bounded_mail>(2));
    std::string const said = refusal(*enqueuer);
    EXPECT_THAT(
        said,
        testing::StartsWith("queue \"bounded_mail\" is full: its bound lets 2 jobs wait")
    );
    EXPECT_THAT(said, testing::HasSubstr("was not stored"));
    EXPECT_EQ(now().pending, 2);
    EXPECT_EQ(now().refused, 1);
    EXPECT_EQ(now().who, "ada");
    work_off(2);
    get(enqueuer->enqueue<bounded_mail>(3));
}

TEST_P(bounds, of_a_bulk_store_what_fits_and_say_so)
{
    set(3);
    std::vector<bounded_mail> many(10);
    EXPECT_THROW(get(enqueuer->enqueue(many)), work::error);
    EXPECT_EQ(now().pending, 3);
    EXPECT_EQ(now().refused, 7);
}

TEST_P(bounds, hold_a_producer_up_until_there_is_room)
{
    set(2, work::when_full::wait);
    std::vector<bounded_mail> many(7);
    std::size_t stored = 0;
    boost::asio::co_spawn(
        io,
        [&]() -> work::task<void> {
            auto const handles = co_await enqueuer->enqueue(many);
            stored = handles.size();
        },
        boost::asio::detached
    );
    work_off(7);
    EXPECT_EQ(stored, 7u);
    EXPECT_GT(now().refused, 0);
}

TEST_P(bounds, are_waited_for_so_long_and_no_longer)
{
    begin(120ms);
    set(1, work::when_full::wait);
    get(enqueuer->enqueue<bounded_mail>(1));
    // At once, after 50 ms, and at the end: but where the machine slept through the middle.
    std::int64_t tries = 0;
    for (int i = 0; i != 20 && tries != 3; ++i) {
        std::int64_t const before = now().refused;
        auto const from = std::chrono::steady_clock::now();
        EXPECT_THAT(
            refusal(*enqueuer),
            testing::HasSubstr("waited 120 ms for room and was not stored")
        );
        EXPECT_GE(std::chrono::steady_clock::now() - from, 120ms);
        tries = now().refused - before;
        EXPECT_THAT(tries, testing::AnyOf(2, 3));
    }
    EXPECT_EQ(tries, 3);
}

TEST_P(bounds, end_with_the_client_that_waits_for_room)
{
    set(1, work::when_full::wait);
    get(enqueuer->enqueue<bounded_mail>(1));
    work::errc why{};
    boost::asio::co_spawn(
        io,
        [&]() -> work::task<void> {
            try {
                co_await enqueuer->enqueue<bounded_mail>(2);
            } catch (work::error const& e) {
                why = static_cast<work::errc>(e.code().value());
            }
        },
        boost::asio::detached
    );
    while (now().refused == 0) {
    }
    client->close();
    io.restart();
    io.run();
    EXPECT_EQ(why, work::errc::closed);
}

TEST_P(bounds, drop_what_is_oldest)
{
    set(2, work::when_full::drop_oldest);
    auto const first = get(enqueuer->enqueue<bounded_mail>(1));
    get(enqueuer->enqueue<bounded_mail>(2));
    get(enqueuer->enqueue<bounded_mail>(3));
    work::job_info const info = get(inspector->job(first.id()));
    EXPECT_EQ(info.state, work::job_state::cancelled);
    EXPECT_EQ(now().dropped, 1);
    work_off(2);
}

TEST_P(bounds, that_make_no_sense_are_refused)
{
    work::bounds all{*client};
    EXPECT_THROW(get(all.set("mail", {})), work::error);
    EXPECT_THROW(get(all.set("", {.most = 1})), work::error);
    EXPECT_FALSE(get(all.remove("mail")));
    EXPECT_FALSE(get(all.get("mail")).has_value());
    EXPECT_TRUE(get(all.list()).empty());
}

INSTANTIATE_TEST_SUITE_P(on, bounds, testing::Values("memory", "redis"), [](auto const& side) {
    return std::string(side.param);
});

}  // namespace
}  // namespace pool_tests
