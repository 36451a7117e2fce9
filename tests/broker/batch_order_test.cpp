// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/redis/batch_order.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace {

using work::detail::batch_order;

struct batches : testing::Test
{
    struct sent
    {
        explicit sent(batch_order const& of) : pass(of) {}
        batch_order::pass pass;
    };
    /// Its name is added to `gone` when it goes.
    void send(std::string name, bool large)
    {
        under_way.push_back(std::make_unique<sent>(order));
        boost::asio::co_spawn(
            io,
            go(*under_way.back(), std::move(name), large),
            boost::asio::bind_cancellation_slot(
                signals.emplace_back().slot(),
                [](std::exception_ptr) {}
            )
        );
        run();
    }
    work::task<void> go(sent& one, std::string name, bool large)
    {
        co_await one.pass.enter(large);
        gone += name;
    }
    void stored(std::size_t index)
    {
        under_way.at(index).reset();
        run();
    }
    void run()
    {
        io.restart();
        io.poll();
    }

    boost::asio::io_context io{1};
    batch_order order{io.get_executor()};
    std::deque<std::unique_ptr<sent>> under_way;
    std::deque<boost::asio::cancellation_signal> signals;
    std::string gone;
};

TEST_F(batches, of_one_connection_go_at_once)
{
    send("a", false);
    send("b", false);
    EXPECT_EQ(gone, "ab");
    stored(0);
    stored(1);
    send("C", true);
    send("D", true);
    EXPECT_EQ(gone, "abCD");
}

TEST_F(batches, do_not_overtake_those_of_the_other)
{
    send("a", false);
    send("b", false);
    send("C", true);
    send("d", false);
    send("E", true);
    EXPECT_EQ(gone, "ab") << "behind a large one that waits";
    stored(0);
    EXPECT_EQ(gone, "ab");
    stored(1);
    EXPECT_EQ(gone, "abC");
    stored(2);
    EXPECT_EQ(gone, "abCd");
    stored(3);
    EXPECT_EQ(gone, "abCdE");
}

TEST_F(batches, that_give_up_hold_nobody_up)
{
    send("a", false);
    send("B", true);
    send("c", false);
    EXPECT_EQ(gone, "a");
    signals[1].emit(boost::asio::cancellation_type::terminal);
    run();
    EXPECT_EQ(gone, "ac");
    under_way.at(1).reset();
    stored(0);
    stored(2);
    send("D", true);
    EXPECT_EQ(gone, "acD");
}

}  // namespace
