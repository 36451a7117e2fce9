// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/task.hpp>
#include <work/values/text.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace work::web {

/// What somebody starts that looks at many jobs: one at a time, in the order in which they came,
/// so that they cost the broker no more together than one of them. Of a user one may be under way
/// and `waiting_of_a_user` wait.
/// Thread safety: none; all on the executor, which runs one thing at a time.
class search_turns : public std::enable_shared_from_this<search_turns>
{
    using timer = boost::asio::steady_timer;

public:
    static constexpr std::size_t waiting_of_a_user = 4;

    explicit search_turns(boost::asio::any_io_executor on) : executor_(std::move(on)) {}

    /// A place in the queue, until it goes.
    class turn
    {
    public:
        turn(std::shared_ptr<search_turns> in, std::string user)
            : in_(std::move(in)),
              user_(std::move(user)),
              mine_(std::make_shared<timer>(in_->executor_, timer::time_point::max()))
        {
            ++in_->users_[user_];
            in_->queue_.push_back(mine_);
        }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        ~turn()
        {
            auto const count = in_->users_.find(user_);
            if (--count->second == 0)
                in_->users_.erase(count);
            std::erase(in_->queue_, mine_);
            if (!in_->queue_.empty())
                in_->queue_.front()->cancel();
        }

    private:
        friend search_turns;
        std::shared_ptr<search_turns> in_;
        std::string user_;
        std::shared_ptr<timer> mine_;
    };

    /// Waits for it.
    /// \par Errors `problem` 429 too-many: as many of the user's are there as may be
    task<std::unique_ptr<turn>> take(std::string user)
    {
        auto const self = shared_from_this();
        if (users_.contains(user) && users_[user] > waiting_of_a_user)
            throw problem(
                429,
                "too-many",
                "Of what looks at many jobs, " + std::to_string(users_[user]) + " requests of " +
                    detail::quote(user) + " are under way or wait: try again."
            )
                .with("Retry-After", "1");
        auto place = std::make_unique<turn>(self, std::move(user));
        while (queue_.front() != place->mine_) {
            boost::system::error_code ended;
            co_await place->mine_->async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ended)
            );
            auto const state = co_await boost::asio::this_coro::cancellation_state;
            if (state.cancelled() != boost::asio::cancellation_type::none)
                throw boost::system::system_error(boost::asio::error::operation_aborted, "search");
        }
        co_return place;
    }
    std::size_t size() const noexcept { return queue_.size(); }

private:
    boost::asio::any_io_executor executor_;
    std::deque<std::shared_ptr<timer>> queue_;
    std::map<std::string, std::size_t> users_;
};

}  // namespace work::web
