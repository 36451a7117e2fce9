// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/inspector.hpp>
#include <work/operation.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace work::web {

/// What is asked for, with texts of its own.
struct operation_order
{
    bool repair = false;  ///< jobs that are in no place are put back, and `action` is none
    admin_action action = admin_action::cancel;
    kept_job_filter filter;
    std::string id;
    std::string queue;
    std::string reason;
    std::string by;
    std::int64_t seen_ms = 0;
    std::int64_t expected = -1;
    std::int64_t counted = -1;
    std::int64_t at_most = 0;

    operation_options options() const
    {
        operation_options how;
        how.expected = expected;
        how.counted = counted;
        how.seen_ms = seen_ms;
        how.at_most = at_most;
        how.all = true;
        how.queue = queue;
        how.reason = reason;
        how.by = by;
        how.id = id;
        return how;
    }
};

/// The operations that this server runs: a few at a time. They end with it.
/// Thread safety: none; all on the executor, which runs one thing at a time.
class operation_room : public std::enable_shared_from_this<operation_room>
{
public:
    static constexpr std::size_t most = 4;

    operation_room(boost::asio::any_io_executor on, inspector look)
        : executor_(std::move(on)),
          look_(std::move(look))
    {}

    std::size_t running() const noexcept { return running_; }
    bool full() const noexcept { return running_ >= most; }
    /// Begins it, and answers how it stands as soon as it is kept.
    task<operation_info> begin(std::shared_ptr<operation_order const> order)
    {
        auto const one = std::make_shared<open_operation>(shared_from_this(), std::move(order));
        ++running_;
        boost::asio::co_spawn(executor_, run(one), [one](std::exception_ptr failure) {
            --one->room->running_;
            one->failure = failure;
            one->ended = true;
            one->news.cancel();
        });
        boost::system::error_code ignored;
        while (one->seen.started_ms == 0 && !one->ended) {
            one->news.expires_at(boost::asio::steady_timer::time_point::max());
            co_await one->news.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored)
            );
        }
        if (one->failure)
            std::rethrow_exception(one->failure);
        co_return one->seen;
    }
    /// Those that run stop behind what is under way.
    void stop() noexcept { stopped_ = true; }

private:
    struct open_operation final : operation_watch
    {
        open_operation(
            std::shared_ptr<operation_room> in,
            std::shared_ptr<operation_order const> what
        )
            : room(std::move(in)),
              order(std::move(what)),
              news(room->executor_)
        {}
        bool goes_on(operation_info const& now) override
        {
            seen = now;
            news.cancel();
            return !room->stopped_;
        }

        std::shared_ptr<operation_room> room;
        std::shared_ptr<operation_order const> order;
        boost::asio::steady_timer news;
        operation_info seen;
        std::exception_ptr failure;
        bool ended = false;
    };

    static task<void> run(std::shared_ptr<open_operation> one)
    {
        operation_options how = one->order->options();
        how.watch = one.get();
        if (one->order->repair)
            one->seen = co_await one->room->look_.repair(how);
        else
            one->seen = co_await one->room->look_
                            .act_on_all(one->order->action, one->order->filter.view(), how);
    }

    boost::asio::any_io_executor executor_;
    inspector look_;
    std::size_t running_ = 0;
    bool stopped_ = false;
};

}  // namespace work::web
