// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>
#include <memory>

namespace work::detail {

/// Batches that go over one of two connections, and may not overtake each other: those over one
/// follow each other by themselves, those over the other wait until all before them are stored.
///
/// In the order in which `enter` is called; all calls on one executor.
class batch_order
{
    struct state
    {
        explicit state(boost::asio::any_io_executor const& executor)
            : moved(executor, boost::asio::steady_timer::time_point::max())
        {}
        boost::asio::steady_timer moved;
        std::list<bool> waiting;  // for each whether it goes over the connection for large ones
        int under_way = 0;
        bool large = false;
    };

public:
    explicit batch_order(boost::asio::any_io_executor const& executor)
        : state_(std::make_shared<state>(executor))
    {}

    /// A batch on its way, which has left when this goes. Not movable: one stands in each frame.
    class pass
    {
    public:
        explicit pass(batch_order const& of) : of_(of.state_) {}
        pass(pass const&) = delete;
        pass& operator=(pass const&) = delete;
        ~pass()
        {
            if (!entered_)
                return;
            --of_->under_way;
            of_->moved.cancel();
        }

        /// Returns when it may go.
        task<void> enter(bool large)
        {
            auto const of = of_;
            place const mine{*of, of->waiting.insert(of->waiting.end(), large)};
            while (mine.at != of->waiting.begin() || (of->under_way > 0 && of->large != large)) {
                boost::system::error_code ignored;
                co_await of->moved.async_wait(
                    boost::asio::redirect_error(boost::asio::use_awaitable, ignored)
                );
            }
            of->large = large;
            ++of->under_way;
            entered_ = true;
        }

    private:
        // Who gives up does not hold up those behind it.
        struct place
        {
            state& of;
            std::list<bool>::iterator at;
            ~place()
            {
                of.waiting.erase(at);
                of.moved.cancel();
            }
        };

        std::shared_ptr<state> of_;
        bool entered_ = false;
    };

private:
    std::shared_ptr<state> state_;
};

}  // namespace work::detail
