// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/forwarding_broker.hpp>
#include <work/web/spending.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// The broker as what people start reaches it: searches, operations, the doctor's walk. One call at
/// a time, in the order in which they came, and none before the broker's time was saved for it.
///
/// A call is charged with how long it took, but with no more than the broker ever needs for it: on
/// a machine that is busy itself, waiting costs the broker nothing.
///
/// \par Thread safety none; all on the executor, which runs one thing at a time.
class paced_broker final : public forwarding_broker
{
public:
    paced_broker(std::shared_ptr<broker> to, boost::asio::any_io_executor on)
        : forwarding_broker(std::move(to)),
          executor_(std::move(on))
    {}

    task<found_jobs> look(look_request request) override
    {
        auto const most = microseconds(300 + 12 * std::max(request.count, 0));
        return in_turn(forwarding_broker::look(std::move(request)), most);
    }
    task<std::vector<admin_result>> act(admin_request request) override
    {
        auto const most = microseconds(300 + 60 * static_cast<std::int64_t>(request.ids.size()));
        return in_turn(forwarding_broker::act(std::move(request)), most);
    }
    task<std::vector<admin_code>> take_back(std::vector<std::string> ids) override
    {
        auto const most = microseconds(300 + 300 * static_cast<std::int64_t>(ids.size()));
        return in_turn(forwarding_broker::take_back(std::move(ids)), most);
    }
    task<std::vector<std::string>> forget_lists(std::vector<std::string> lists) override
    {
        auto const most = microseconds(300 + 1'500 * static_cast<std::int64_t>(lists.size()));
        return in_turn(forwarding_broker::forget_lists(std::move(lists)), most);
    }
    task<broker_counts> counts() override
    {
        return in_turn(forwarding_broker::counts(), microseconds(100'000));
    }
    task<job_record> job(std::string id) override
    {
        return in_turn(forwarding_broker::job(std::move(id)), microseconds(5'000));
    }
    /// It leaves room by itself, for seven times as long as each of its parts took.
    task<std::vector<std::string>> strays() override
    {
        walk const mine(money_);
        std::vector<std::string> found = co_await forwarding_broker::strays();
        co_return found;
    }
    // They are of whoever is passed on to.
    void end_subscriptions() override {}
    void close() override {}

private:
    using timer = boost::asio::steady_timer;
    using clock = spending::clock;
    using microseconds = std::chrono::microseconds;

    class walk
    {
    public:
        explicit walk(spending& money) : money_(money) { money_.walk_begins(clock::now()); }
        ~walk() { money_.walk_ends(clock::now()); }
        walk(walk const&) = delete;
        walk& operator=(walk const&) = delete;

    private:
        spending& money_;
    };
    /// Among those that wait, until it goes.
    class place
    {
    public:
        explicit place(paced_broker& in)
            : in_(in),
              mine_(std::make_shared<timer>(in.executor_, timer::time_point::max()))
        {
            in_.queue_.push_back(mine_);
        }
        ~place()
        {
            std::erase(in_.queue_, mine_);
            if (!in_.queue_.empty())
                in_.queue_.front()->cancel();
        }
        place(place const&) = delete;
        place& operator=(place const&) = delete;

        bool is_first() const { return in_.queue_.front() == mine_; }
        task<void> wait(clock::time_point until) const
        {
            boost::system::error_code ended;
            mine_->expires_at(until);
            co_await mine_->async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ended)
            );
            auto const state = co_await boost::asio::this_coro::cancellation_state;
            if (state.cancelled() != boost::asio::cancellation_type::none)
                throw boost::system::system_error(boost::asio::error::operation_aborted, "pace");
        }

    private:
        paced_broker& in_;
        std::shared_ptr<timer> mine_;
    };

    /// What a call comes to, charged once it has ended, however it did.
    class bill
    {
    public:
        bill(spending& money, microseconds most) : money_(money), most_(most) {}
        ~bill()
        {
            auto const now = clock::now();
            money_.spent(std::min<clock::duration>(now - from_, most_), now);
        }
        bill(bill const&) = delete;
        bill& operator=(bill const&) = delete;

    private:
        spending& money_;
        microseconds most_;
        clock::time_point from_ = clock::now();
    };

    template <typename Result>
    task<Result> in_turn(task<Result> call, microseconds most)
    {
        place const mine(*this);
        while (!mine.is_first())
            co_await mine.wait(timer::time_point::max());
        for (;;) {
            auto const pause = money_.wait(clock::now());
            if (pause <= clock::duration::zero())
                break;
            co_await mine.wait(clock::now() + pause);
        }
        bill const to_pay(money_, most);
        Result result = co_await std::move(call);
        co_return result;
    }

    boost::asio::any_io_executor executor_;
    spending money_;
    std::deque<std::shared_ptr<timer>> queue_;
};

}  // namespace work::web
